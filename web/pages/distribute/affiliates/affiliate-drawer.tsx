import { Drawer, TextInput } from '@mantine/core';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, day, money } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { AffiliateForm } from './affiliate-form.tsx';
import { type Affiliate, affiliatesKey, ruleWords } from './queries.ts';
import '#web/pages/distribute/links/links.css';

/** One affiliate: link, code, numbers, what is due. */
export function AffiliateDrawer({
  appId,
  affiliate,
  onClose,
}: {
  appId: string;
  affiliate: Affiliate | undefined;
  onClose: () => void;
}) {
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size={480}
      title={affiliate?.name ?? 'Affiliate'}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      {affiliate ? (
        <InFull appId={appId} affiliate={affiliate} />
      ) : (
        <Notice title="There is no such affiliate">Close this and choose one from the list.</Notice>
      )}
    </Drawer>
  );
}

function InFull({ appId, affiliate }: { appId: string; affiliate: Affiliate }) {
  const { timeZone: zone } = useHouse();
  const [changing, setChanging] = useState(false);
  const setting = useChange(api.affiliates.update, { refreshes: [affiliatesKey], says: 'Saved' });
  const set = (status: Affiliate['status']) => setting.mutate({ affiliateId: affiliate.id, status });
  return (
    <div className="stack" data-gap="large">
      <div className="line">
        <StatusBadge
          status={affiliate.status === 'ended' ? 'withdrawn' : affiliate.status}
          word={affiliate.status === 'ended' ? 'Ended' : undefined}
        />
        <Button size="small" onClick={() => setChanging(true)}>
          Change
        </Button>
        {affiliate.status === 'active' ? (
          <Button size="small" busy={setting.isPending} onClick={() => set('paused')}>
            Pause
          </Button>
        ) : (
          <Button size="small" busy={setting.isPending} onClick={() => set('active')}>
            Go on
          </Button>
        )}
        {affiliate.status !== 'ended' && (
          <Button size="small" look="danger" busy={setting.isPending} onClick={() => set('ended')}>
            End
          </Button>
        )}
      </div>
      {setting.error && <ErrorNotice title="Not saved" error={setting.error} />}
      {affiliate.link && <CopyField label="affiliate link" value={affiliate.link.url} />}
      <dl className="link-facts">
        <Fact name="Code">
          <code>{affiliate.code}</code>
        </Fact>
        <Fact name="Earns">
          {ruleWords(affiliate)}
          {affiliate.months === null ? ', for good' : `, for ${counted(affiliate.months, 'month')}`}
        </Fact>
        {affiliate.email && <Fact name="E-mail">{affiliate.email}</Fact>}
        <Fact name="Since">{day(affiliate.createdAt, zone)}</Fact>
        {affiliate.endedAt && <Fact name="Ended">{day(affiliate.endedAt, zone)}</Fact>}
        <Fact name="Brought">
          {counted(affiliate.clicks, 'click')}, {counted(affiliate.signups, 'signup')},{' '}
          {counted(affiliate.customers, 'customer')}
        </Fact>
      </dl>
      {affiliate.amounts.map((amounts) => (
        <PayOut key={amounts.currency} affiliate={affiliate} amounts={amounts} />
      ))}
      <section className="stack" data-gap="small" aria-label="Codes">
        <h3>Without the link</h3>
        <p className="sub">
          The code counts, too, when your app tells of it: send it as <code>affiliate</code> in the props of the signup
          event, or put <code>fanfare_affiliate</code> into the metadata of the payment.
        </p>
      </section>
      {changing && <AffiliateForm appId={appId} affiliate={affiliate} onClose={() => setChanging(false)} />}
    </div>
  );
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className="num">{children}</dd>
    </div>
  );
}

function PayOut({ affiliate, amounts }: { affiliate: Affiliate; amounts: Affiliate['amounts'][number] }) {
  const [asking, setAsking] = useState(false);
  const [note, setNote] = useState('');
  const paying = useChange(api.commissions.markPaid, {
    refreshes: [affiliatesKey],
    says: 'Marked as paid out',
    after: () => setAsking(false),
  });
  const due = BigInt(amounts.due);
  return (
    <section className="pay-out" aria-label={`In ${amounts.currency}`}>
      <div className="num">
        <strong>{money(amounts.due, amounts.currency)}</strong>
        <span className="sub">
          due
          {amounts.flagged !== '0' && `, ${money(amounts.flagged, amounts.currency)} held`}
          {`, ${money(amounts.paid, amounts.currency)} paid out so far`}
        </span>
      </div>
      {due > 0n && (
        <Button size="small" look="primary" onClick={() => setAsking(true)}>
          Mark as paid
        </Button>
      )}
      {due < 0n && <p className="sub">Refunds after a payout; the next commissions are set off against it.</p>}
      <ConfirmDialog
        opened={asking}
        title={`Mark ${money(amounts.due, amounts.currency)} as paid out to ${affiliate.name}`}
        confirm="Mark as paid"
        busy={paying.isPending}
        error={paying.error}
        onConfirm={() =>
          paying.mutate({
            affiliateId: affiliate.id,
            currency: amounts.currency,
            ...(note.trim() ? { note: note.trim() } : {}),
          })
        }
        onClose={() => setAsking(false)}
      >
        <div className="stack">
          <p>Send the money yourself first. This only notes that it was sent, and cannot be taken back.</p>
          <TextInput
            label="Note"
            placeholder="Bank transfer, 1 December"
            maxLength={500}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
          />
        </div>
      </ConfirmDialog>
    </section>
  );
}
