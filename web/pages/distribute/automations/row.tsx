import { Switch } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { counted, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { EditRule } from './form.tsx';
import { Preview } from './preview.tsx';
import { type Automation, automationsKey } from './queries.ts';
import { costOf, kinds, sentenceOf } from './words.ts';

/** One rule: what it does, whether it is on, what it did. */
export function RuleRow({ automation }: { automation: Automation }) {
  const { id: automationId, rule, account, on } = automation;
  const [open, setOpen] = useState<'edit' | 'on' | 'remove'>();
  const close = () => setOpen(undefined);
  const options = { refreshes: [automationsKey], after: close };
  const switching = useChange(api.automations.switch, options);
  const removing = useChange(api.automations.remove, { ...options, says: 'Removed' });
  const Icon = kinds[rule.kind].icon;
  return (
    <li className="rule">
      <div className="rule-head">
        <Icon size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="rule-name">
          <strong>{automation.name}</strong>
          <p>{sentenceOf(rule)}</p>
          <span className="sub num">{factsOf(automation)}</span>
        </div>
        <Switch
          checked={on}
          disabled={switching.isPending}
          aria-label={`${automation.name}: on`}
          onChange={() => (on ? switching.mutate({ automationId, on: false }) : setOpen('on'))}
        />
      </div>
      {automation.lastError && (
        <Notice title="Its feed cannot be read" tone="warn">
          {automation.lastError} Tried {counted(automation.failures, 'time')} in a row; it is tried again every hour.
        </Notice>
      )}
      {switching.error && open !== 'on' && <ErrorNotice title="Not switched" error={switching.error} />}
      <div className="line rule-actions">
        <Button size="small" onClick={() => setOpen('edit')}>
          Change
        </Button>
        <Button size="small" look="quiet" onClick={() => setOpen('remove')} aria-label={`Remove ${automation.name}`}>
          Remove
        </Button>
      </div>
      {open === 'edit' && <EditRule automation={automation} onClose={close} />}
      <ConfirmDialog
        opened={open === 'on'}
        title={`Switch on “${automation.name}”`}
        confirm="Switch on"
        danger={rule.kind === 'auto_delete'}
        busy={switching.isPending}
        error={switching.error}
        onConfirm={() => switching.mutate({ automationId, on: true })}
        onClose={close}
      >
        <p className="rule-ask">
          {sentenceOf(rule)} {automation.micros > 0 && `It costs ${costOf(automation.micros)}.`}
        </p>
        {open === 'on' && (
          <Preview automationId={automationId} appId={automation.appId} accountId={account?.id ?? null} rule={rule} />
        )}
      </ConfirmDialog>
      <ConfirmDialog
        opened={open === 'remove'}
        title={`Remove “${automation.name}”`}
        confirm="Remove rule"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ automationId })}
        onClose={close}
      >
        It stops at once. What it did stays in the history.
      </ConfirmDialog>
    </li>
  );
}

function factsOf({ rule, account, micros, acted, actedAt, lookedAt, on }: Automation): string {
  const feed = rule.kind === 'rss_to_draft' || rule.kind === 'release_to_draft';
  const where = feed ? [] : [account ? `@${account.handle}` : 'All accounts', costOf(micros)];
  const did = actedAt ? `${counted(acted, 'time')} in 30 days, most recently ${relative(actedAt)}` : 'did nothing yet';
  const looked = on && lookedAt ? [`last look ${relative(lookedAt)}`] : [];
  const facts = [...where, did, ...looked].join(', ');
  return facts[0]!.toUpperCase() + facts.slice(1);
}
