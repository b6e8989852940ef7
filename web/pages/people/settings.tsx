import { Link, useParams } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Notice } from '#web/parts/error-notice.tsx';
import { Page } from '#web/parts/page.tsx';
import { AccountsSection } from './settings/accounts.tsx';
import { AiSection } from './settings/ai.tsx';
import { AuditSection } from './settings/audit.tsx';
import { BackupsSection } from './settings/backups.tsx';
import { HealthSection } from './settings/health.tsx';
import { KeysSection } from './settings/keys.tsx';
import { MailSection } from './settings/mail.tsx';
import { MembersSection } from './settings/members.tsx';
import { PaymentsSection } from './settings/payments.tsx';
import { PrivacySection } from './settings/privacy.tsx';
import { SpendSection } from './settings/spend.tsx';
import { TrackingSection } from './settings/tracking.tsx';
import { TransfersSection } from './settings/transfers.tsx';
import { WebhooksSection } from './settings/webhooks.tsx';
import { WorkspaceSection } from './settings/workspace.tsx';
import { YouSection } from './settings/you.tsx';
import '#web/styles/forms.css';
import './settings/settings.css';

/** The sections by the last part of their address. */
const sections: { id: string; label: string; show: () => ReactNode }[] = [
  { id: 'account', label: 'Your account', show: YouSection },
  { id: 'members', label: 'Members', show: MembersSection },
  { id: 'accounts', label: 'Accounts', show: AccountsSection },
  { id: 'spend', label: 'Spend', show: SpendSection },
  { id: 'tracking', label: 'Tracking', show: TrackingSection },
  { id: 'payments', label: 'Payments', show: PaymentsSection },
  { id: 'mail', label: 'Mail', show: MailSection },
  { id: 'ai', label: 'AI', show: AiSection },
  { id: 'keys', label: 'API keys', show: KeysSection },
  { id: 'webhooks', label: 'Webhooks', show: WebhooksSection },
  { id: 'transfers', label: 'Import and export', show: TransfersSection },
  { id: 'backups', label: 'Backups', show: BackupsSection },
  { id: 'workspace', label: 'Workspace', show: WorkspaceSection },
  { id: 'privacy', label: 'Privacy', show: PrivacySection },
  { id: 'audit', label: 'Audit log', show: AuditSection },
  { id: 'health', label: 'Health', show: HealthSection },
];

export function SettingsPage() {
  const { section } = useParams({ from: '/inside/settings/$section' });
  const chosen = sections.find((each) => each.id === section);
  const Section = chosen?.show;
  return (
    <Page title={chosen ? `Settings: ${chosen.label}` : 'Settings'}>
      <div className="settings">
        <nav className="settings-nav" aria-label="Sections of the settings">
          {sections.map((each) => (
            <Link
              key={each.id}
              to="/settings/$section"
              params={{ section: each.id }}
              activeProps={{ 'aria-current': 'page' }}
            >
              {each.label}
            </Link>
          ))}
        </nav>
        <div className="stack">
          {Section ? <Section /> : <Notice title="There is no such section">Choose one from the list.</Notice>}
        </div>
      </div>
    </Page>
  );
}
