import { PasswordInput, Select } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { CreditCard } from 'lucide-react';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useAppChoice } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, relative } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonLines } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { History } from './payment-history.tsx';
import { NoApp } from './tracking.tsx';

export type Source = Awaited<ReturnType<typeof api.paymentSources.list>>['sources'][number];
export type Provider = Awaited<ReturnType<typeof api.paymentSources.providers>>['providers'][number];
type ProviderId = Parameters<typeof api.paymentSources.create>[0]['provider'];

export const sourcesKey = ['paymentSources.list'];
const RECORDED = 'api';

/** Where the money is heard of: payment providers that send webhooks, or the app itself. */
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
  const providers = useQuery({
    queryKey: ['paymentSources.providers'],
    queryFn: async () => (await api.paymentSources.providers({})).providers,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const both = {
    data: sources.data && providers.data ? { all: sources.data, known: providers.data } : undefined,
    error: sources.error ?? providers.error,
    refetch: () => Promise.all([sources.refetch(), providers.refetch()]),
  };
  return (
    <Card title="Payments">
      <Loaded
        query={both}
        title="The list did not load"
        skeleton={
          <div className="card-body">
            <SkeletonLines lines={5} />
          </div>
        }
      >
        {({ all, known }) =>
          all.length === 0 ? (
            <EmptyState
              title="No payment provider yet"
              ghost={false}
              action={<AddSource appId={appId} providers={known} />}
            >
              With a provider connected you see which post brought which revenue. It sends each payment here; Fanfare
              never charges anybody.
            </EmptyState>
          ) : (
            <>
              <ul>
                {all.map((source) => (
                  <SourceRow
                    key={source.id}
                    source={source}
                    provider={known.find((each) => each.id === source.provider)}
                  />
                ))}
              </ul>
              <div className="card-body">
                <AddSource appId={appId} providers={known} />
              </div>
            </>
          )
        }
      </Loaded>
    </Card>
  );
}

function AddSource({ appId, providers }: { appId: string; providers: Provider[] }) {
  const [chosen, choose] = useState<string>('stripe');
  const adding = useChange(api.paymentSources.create, { refreshes: [sourcesKey] });
  return (
    <div className="stack" data-gap="small">
      <div className="inline-form">
        <Select
          aria-label="Payment provider"
          data={[
            ...providers.map(({ id, name }) => ({ value: id, label: name })),
            { value: RECORDED, label: 'My own app, by the API' },
          ]}
          value={chosen}
          onChange={(value) => choose(value ?? 'stripe')}
          allowDeselect={false}
        />
        <Button
          look="primary"
          busy={adding.isPending}
          onClick={() => adding.mutate({ appId, provider: chosen as ProviderId })}
        >
          Add
        </Button>
      </div>
      {adding.error && <ErrorNotice title="Not added" error={adding.error} />}
    </div>
  );
}

function SourceRow({ source, provider }: { source: Source; provider: Provider | undefined }) {
  const [leaving, setLeaving] = useState(false);
  const removing = useChange(api.paymentSources.remove, {
    refreshes: [sourcesKey],
    says: 'Disconnected',
    after: () => setLeaving(false),
  });
  const ready = source.hasSigningSecret || source.provider === RECORDED;
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
          status={source.lastEventAt ? 'connected' : ready ? 'unknown' : 'review'}
          word={source.lastEventAt ? 'Receiving' : ready ? 'Waiting' : 'Secret missing'}
        />
      </div>
      <div className="stack account-body">
        <Replay source={source} />
        {provider ? <Steps source={source} provider={provider} /> : <Recorded source={source} />}
        {provider && <History source={source} provider={provider} />}
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

/** What is to be done at the provider, in its own words. */
function Steps({ source, provider }: { source: Source; provider: Provider }) {
  const [changing, setChanging] = useState(!source.hasSigningSecret);
  return (
    <ol className="how">
      {provider.setup.map((step) => (
        <li key={step}>
          {step.replaceAll('{url}', 'this address')}
          {step.includes('{url}') && <CopyField label="webhook address" value={source.webhookUrl} />}
        </li>
      ))}
      {source.eventTypes.length > 0 && (
        <li>
          Have it send these events:
          <p className="events">
            {source.eventTypes.map((type) => (
              <code key={type}>{type}</code>
            ))}
          </p>
        </li>
      )}
      <li>
        {provider.webhookSecret.label}: {provider.webhookSecret.help}
        {changing ? (
          <SecretForm
            source={source}
            name="signingSecret"
            label={provider.webhookSecret.label}
            example={provider.webhookSecret.example}
            onSaved={() => setChanging(false)}
          />
        ) : (
          <p className="line sub">
            It is stored.
            <Button size="small" look="quiet" onClick={() => setChanging(true)}>
              Replace it
            </Button>
          </p>
        )}
      </li>
    </ol>
  );
}

/** For apps without a provider: they tell of their payments themselves. */
function Recorded({ source }: { source: Source }) {
  return (
    <ol className="how">
      <li>
        Have your server send each payment to this address, with your own id of it as its reference:
        <CopyField label="address of payments" value={source.webhookUrl} />
      </li>
      <li>
        It signs in with a key of this workspace that may write.{' '}
        <LinkButton size="small" to="/settings/$section" params={{ section: 'keys' }}>
          Make a key
        </LinkButton>
      </li>
      <li>The same reference again changes nothing, so it may send as often as it likes.</li>
    </ol>
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

export function SecretForm({
  source,
  name,
  label,
  example,
  onSaved,
}: {
  source: Source;
  name: 'signingSecret' | 'apiKey';
  label: string;
  example: string;
  onSaved: () => void;
}) {
  const form = useForm({
    initialValues: { value: '' },
    validate: { value: (value) => (value.trim().length >= 8 ? null : `It looks like ${example}`) },
  });
  const saving = useChange(api.paymentSources.update, { refreshes: [sourcesKey], says: 'Stored', after: onSaved });
  return (
    <form
      className="inline-form secret"
      noValidate
      onSubmit={form.onSubmit(({ value }) => saving.mutate({ sourceId: source.id, [name]: value }))}
    >
      <PasswordInput
        aria-label={label}
        placeholder={example}
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': `Show ${label.toLowerCase()}` }}
        {...form.getInputProps('value')}
      />
      <Button type="submit" busy={saving.isPending}>
        {name === 'apiKey' ? 'Save key' : 'Save secret'}
      </Button>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
    </form>
  );
}
