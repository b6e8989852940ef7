import { PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { CreditCard } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useAppChoice } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, relative } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { NoApp } from './tracking.tsx';

type Source = Awaited<ReturnType<typeof api.paymentSources.list>>['sources'][number];

const sourcesKey = ['paymentSources.list'];

/** Where the money is heard of: payment providers that send webhooks. */
export function PaymentsSection() {
  const { app } = useAppChoice();
  return app ? <PaymentsOf key={app.id} appId={app.id} /> : <NoApp />;
}

function PaymentsOf({ appId }: { appId: string }) {
  const sources = useQuery({
    queryKey: [...sourcesKey, appId],
    queryFn: async () => (await api.paymentSources.list({ appId })).sources,
    refetchInterval: 5000,
  });
  const adding = useChange(api.paymentSources.create, { refreshes: [sourcesKey] });
  const add = (look: 'plain' | 'primary') => (
    <Button look={look} busy={adding.isPending} onClick={() => adding.mutate({ appId, provider: 'stripe' })}>
      {look === 'primary' ? 'Add Stripe' : 'Add another Stripe account'}
    </Button>
  );
  return (
    <Card title="Payments">
      <Loaded
        query={sources}
        title="The list did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={5} />
          </div>
        }
      >
        {(all) =>
          all.length === 0 ? (
            <EmptyState title="No payment provider yet" ghost={false} action={add('primary')}>
              With Stripe connected you see which post brought which revenue. Stripe sends each payment here; Fanfare
              never charges anybody.
            </EmptyState>
          ) : (
            <>
              <ul>
                {all.map((source) => (
                  <SourceRow key={source.id} source={source} />
                ))}
              </ul>
              <div className="card-body">{add('plain')}</div>
            </>
          )
        }
      </Loaded>
      {adding.error && (
        <div className="card-body">
          <ErrorNotice title="Not added" error={adding.error} />
        </div>
      )}
    </Card>
  );
}

function SourceRow({ source }: { source: Source }) {
  const [leaving, setLeaving] = useState(false);
  const [changing, setChanging] = useState(!source.hasSigningSecret);
  const removing = useChange(api.paymentSources.remove, {
    refreshes: [sourcesKey],
    says: 'Disconnected',
    after: () => setLeaving(false),
  });
  return (
    <li className="account">
      <div className="account-head">
        <CreditCard size={16} strokeWidth={1.75} aria-hidden="true" />
        <div className="account-name">
          <strong>{source.name}</strong>
          <span className="sub num">
            {source.lastEventAt
              ? `${counted(source.events, 'event')}, last ${relative(source.lastEventAt)}`
              : 'No event yet'}
          </span>
        </div>
        <StatusBadge
          status={source.lastEventAt ? 'connected' : source.hasSigningSecret ? 'unknown' : 'review'}
          word={source.lastEventAt ? 'Receiving' : source.hasSigningSecret ? 'Waiting' : 'Secret missing'}
        />
      </div>
      <div className="stack account-body">
        <Replay source={source} />
        <ol className="how">
          <li>
            In Stripe, under Developers, Webhooks, add an endpoint with this address:
            <CopyField label="webhook address" value={source.webhookUrl} />
          </li>
          <li>
            Send it these events:
            <p className="events">
              {source.eventTypes.map((type) => (
                <code key={type}>{type}</code>
              ))}
            </p>
          </li>
          <li>
            Copy the signing secret it then shows to here.
            {changing ? (
              <SecretForm source={source} onSaved={() => setChanging(false)} />
            ) : (
              <p className="line sub">
                A secret is stored.
                <Button size="small" look="quiet" onClick={() => setChanging(true)}>
                  Replace it
                </Button>
              </p>
            )}
          </li>
        </ol>
        <div>
          <Button size="small" look="danger" onClick={() => setLeaving(true)}>
            Disconnect
          </Button>
        </div>
      </div>
      <ConfirmDialog
        opened={leaving}
        title={`Disconnect ${source.name}`}
        confirm="Disconnect"
        danger
        busy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate({ sourceId: source.id })}
        onClose={() => setLeaving(false)}
      >
        Its address stops answering. What it told so far stays.
      </ConfirmDialog>
    </li>
  );
}

/** What was heard and could not be counted, with a way to try it once more; nothing when all of it was. */
function Replay({ source }: { source: Source }) {
  const replaying = useChange(api.paymentSources.replay, { refreshes: [sourcesKey, ['dashboards']] });
  const tried = replaying.data?.replayed;
  if (source.failed === 0 && tried === undefined) return null;
  return (
    <>
      {source.failed > 0 && (
        <Notice
          title={`${counted(source.failed, 'event')} could not be processed`}
          tone="warn"
          action={
            <Button size="small" busy={replaying.isPending} onClick={() => replaying.mutate({ sourceId: source.id })}>
              Process again
            </Button>
          }
        >
          Nothing is lost: they are kept as they came, and none is counted twice.
        </Notice>
      )}
      {tried !== undefined && (
        <p className="sub num" role="status">
          {counted(tried, 'event')} tried again,{' '}
          {source.failed === 0 ? 'and all of it went through.' : `${source.failed} could still not be processed.`}
        </p>
      )}
      {replaying.error && <ErrorNotice title="Not processed" error={replaying.error} />}
    </>
  );
}

function SecretForm({ source, onSaved }: { source: Source; onSaved: () => void }) {
  const form = useForm({
    initialValues: { signingSecret: '' },
    validate: { signingSecret: (value) => (value.trim().length >= 8 ? null : 'It begins with whsec_') },
  });
  const saving = useChange(api.paymentSources.update, {
    refreshes: [sourcesKey],
    says: 'Secret stored',
    after: onSaved,
  });
  return (
    <form
      className="inline-form secret"
      noValidate
      onSubmit={form.onSubmit((values) => saving.mutate({ sourceId: source.id, ...values }))}
    >
      <PasswordInput
        aria-label="Signing secret"
        placeholder="whsec_…"
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show secret' }}
        {...form.getInputProps('signingSecret')}
      />
      <Button type="submit" busy={saving.isPending}>
        Save secret
      </Button>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
    </form>
  );
}
