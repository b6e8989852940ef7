import { NativeSelect, NumberInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { called, counted, dateTime, money, relative } from '#web/format.ts';
import { Avatar } from '#web/parts/avatar.tsx';
import { Button } from '#web/parts/button.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { type Account, accountsKey } from './account-queries.ts';
import { Reconnect } from './reconnect.tsx';
import { Slots } from './slots.tsx';

/** One account: how it is, what waits on it, and what happens when something is late. */
export function AccountRow({ account }: { account: Account }) {
  const { timeZone } = useHouse();
  const [leaving, setLeaving] = useState(false);
  const [open, setOpen] = useState(false);
  const accountId = account.id;
  const options = { refreshes: [accountsKey] };
  const pausing = useChange(api.accounts.pause, { ...options, says: 'Paused. Its queue waits.' });
  const resuming = useChange(api.accounts.resume, { ...options, says: 'Publishing goes on' });
  const disconnecting = useChange(api.accounts.disconnect, {
    ...options,
    says: 'Disconnected',
    after: () => setLeaving(false),
  });
  const error = pausing.error ?? resuming.error;
  const again = account.status === 'reconnect' || endsSoon(account);
  return (
    <li className="account">
      <div className="account-head">
        <Avatar name={account.name} url={account.avatarUrl} size={32} />
        <div className="account-name">
          <strong>
            {account.name}
            <PlatformIcon platform={account.platform} size={12} />
          </strong>
          <span className="sub num">
            {called(account.handle)}
            {account.serverUrl && ` at ${new URL(account.serverUrl).host}`}, {waitingWords(account, timeZone)}
          </span>
        </div>
        <StatusBadge status={account.status} />
        {account.status === 'connected' && (
          <Button
            size="small"
            busy={pausing.isPending}
            onClick={() => pausing.mutate({ accountId, reason: 'Paused by hand.' })}
            aria-label={`Pause @${account.handle}`}
          >
            <Pause size={13} aria-hidden="true" />
            Pause
          </Button>
        )}
        {account.status === 'paused' && (
          <Button
            size="small"
            busy={resuming.isPending}
            onClick={() => resuming.mutate({ accountId })}
            aria-label={`Resume @${account.handle}`}
          >
            <Play size={13} aria-hidden="true" />
            Resume
          </Button>
        )}
        {again && <Reconnect account={account} />}
      </div>
      {account.accessEndsAt && !again && (
        <p className="sub account-note num">
          {account.platformName} ends the access {dateTime(account.accessEndsAt, timeZone)}; connect again before.
        </p>
      )}
      {account.statusReason && <p className="sub account-note">{account.statusReason}</p>}
      {account.lastError && account.lastError !== account.statusReason && isNews(account) && (
        <p className="account-note down">
          {account.lastError}
          {account.lastErrorAt && <span className="sub"> {relative(account.lastErrorAt)}</span>}
        </p>
      )}
      {error && <ErrorNotice error={error} />}
      <details className="account-more" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>Queue, late posts and budget</summary>
        {open && (
          <div className="stack">
            <Slots account={account} />
            <Policy account={account} />
            <div className="line">
              <Button size="small" look="danger" onClick={() => setLeaving(true)}>
                Disconnect
              </Button>
              <span className="sub num">
                Connected {relative(account.connectedAt)}
                {account.lastSyncedAt && `, last in touch ${relative(account.lastSyncedAt)}`}
              </span>
            </div>
          </div>
        )}
      </details>
      <ConfirmDialog
        opened={leaving}
        title={`Disconnect @${account.handle}`}
        confirm="Disconnect"
        danger
        busy={disconnecting.isPending}
        error={disconnecting.error}
        onConfirm={() => disconnecting.mutate({ accountId })}
        onClose={() => setLeaving(false)}
      >
        Its tokens are forgotten. What is scheduled waits, and goes on when you connect it again.
      </ConfirmDialog>
    </li>
  );
}

function Policy({ account }: { account: Account }) {
  const form = useForm({
    initialValues: {
      missedPolicy: account.missedPolicy,
      missedAfterMinutes: account.missedAfterMinutes as number | string,
      budget: (account.monthlyBudgetMicros === null ? '' : account.monthlyBudgetMicros / 1e6) as number | string,
    },
  });
  const saving = useChange(api.accounts.setPolicy, {
    refreshes: [accountsKey],
    says: 'Saved',
    after: () => form.resetDirty(),
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ missedPolicy, missedAfterMinutes, budget }) =>
        saving.mutate({
          accountId: account.id,
          missedPolicy,
          missedAfterMinutes: Number(missedAfterMinutes) || 0,
          monthlyBudgetMicros: budget === '' ? null : Math.round(Number(budget) * 1e6),
        }),
      )}
    >
      <div className="pair">
        <NativeSelect
          label="A post that is late"
          description="After the server was off, for example"
          data={[
            { value: 'ask', label: 'asks me first' },
            { value: 'publish', label: 'goes out all the same' },
            { value: 'skip', label: 'is left out' },
          ]}
          {...form.getInputProps('missedPolicy')}
        />
        <NumberInput
          label="Late means"
          description="Minutes after its time"
          min={0}
          max={525_600}
          hideControls
          {...form.getInputProps('missedAfterMinutes')}
        />
      </div>
      <NumberInput
        label="Budget a month"
        description={`What ${account.platformName} may charge, in US dollars. ${money(
          String(account.spentMicros / 10_000),
          'USD',
        )} so far. At the limit posts wait. Empty: no limit.`}
        prefix="$"
        min={0}
        decimalScale={2}
        hideControls
        {...form.getInputProps('budget')}
      />
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div>
        <Button type="submit" busy={saving.isPending} disabled={!form.isDirty()}>
          Save
        </Button>
      </div>
    </form>
  );
}

function waitingWords(account: Account, timeZone: string): string {
  if (account.waiting === 0) return account.slots === 0 ? 'no queue slots yet' : 'nothing waits';
  const next = account.nextAt ? `, next ${dateTime(account.nextAt, timeZone)}` : '';
  return `${counted(account.waiting, 'post')} waiting${next}`;
}

/** The last ten days of an access that only a person can renew. */
function endsSoon({ accessEndsAt }: Account): boolean {
  return accessEndsAt !== null && accessEndsAt.getTime() - Date.now() < 10 * 86_400_000;
}

/** What went wrong matters until the platform was reached again. */
function isNews({ lastErrorAt, lastSyncedAt }: Account): boolean {
  return !lastSyncedAt || !lastErrorAt || lastErrorAt >= lastSyncedAt;
}
