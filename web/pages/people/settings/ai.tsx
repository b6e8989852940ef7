import { NativeSelect, PasswordInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { count, counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ConfirmDialog } from '#web/parts/confirm-dialog.tsx';
import { ErrorNotice, Notice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { CallsCard } from './ai-calls.tsx';
import { LimitsCard } from './ai-limits.tsx';
import { type Ai, aiQuery, dollars, providers } from './ai-queries.ts';

type Provider = NonNullable<Ai['provider']>;

export function AiSection() {
  const ai = useQuery(aiQuery);
  return (
    <Loaded query={ai} skeleton={<SkeletonCard height={420} />}>
      {(data) => (
        <>
          <Card title="Who reads and writes" padded>
            <dl className="facts-line">
              <div>
                <dt>Now</dt>
                <dd>{data.model ? `${data.model} (${providers[data.provider ?? 'openai']})` : 'Built-in analysis'}</dd>
              </div>
              <div>
                <dt>Asked this month</dt>
                <dd className="num">{count(data.calls)}</dd>
              </div>
              <div>
                <dt>Spent this month</dt>
                <dd className="num">
                  {dollars(data.spentMicros)}
                  {data.monthlyBudgetMicros !== null && ` of ${dollars(data.monthlyBudgetMicros)}`}
                  {data.unpriced > 0 && `, and ${counted(data.unpriced, 'call')} at a price nobody knows`}
                </dd>
              </div>
            </dl>
          </Card>
          {data.source === 'none' && (
            <Notice title="The built-in analysis is at work">
              It reads pages, finds facts with their quotes and drafts posts on this machine, without a key and for
              free. A model writes more varied drafts and finds more between the lines. If it fails, the built-in
              analysis stands in and says so.
            </Notice>
          )}
          {data.source === 'environment' && (
            <Notice title="This model comes from the server’s environment">
              It is set by AI_PROVIDER and AI_MODEL. What you save here comes first.
            </Notice>
          )}
          <Card title={data.source === 'workspace' ? 'Model' : 'Use a model'} padded>
            <AiForm ai={data} />
          </Card>
          <LimitsCard key={data.model ?? 'none'} ai={data} />
          <CallsCard />
        </>
      )}
    </Loaded>
  );
}

function AiForm({ ai }: { ai: Ai }) {
  const [clearing, setClearing] = useState(false);
  const own = ai.source === 'workspace';
  const form = useForm({
    initialValues: {
      provider: (ai.provider ?? 'openai') as Provider,
      baseUrl: ai.baseUrl ?? '',
      model: ai.model ?? '',
      apiKey: '',
    },
    validate: {
      model: (value) => (value.trim() ? null : 'Type the model’s name as its provider writes it'),
      baseUrl: (value, { provider }) =>
        provider === 'openai-compatible' && !/^https?:\/\//.test(value)
          ? 'Type its address, such as http://localhost:11434/v1'
          : null,
      apiKey: (value, { provider, baseUrl }) =>
        value || keeps(ai, provider, baseUrl) || provider === 'openai-compatible'
          ? null
          : 'Paste the key from your provider',
    },
  });
  const saving = useChange(api.ai.set, {
    refreshes: [aiQuery.queryKey],
    says: 'Model saved',
    after: () => form.setFieldValue('apiKey', ''),
  });
  const leaving = useChange(api.ai.clear, {
    refreshes: [aiQuery.queryKey],
    says: 'Back to the built-in analysis',
    after: () => setClearing(false),
  });
  const trial = () => {
    const { provider, baseUrl, model, apiKey } = form.values;
    return { provider, ...(model ? { model } : {}), ...(baseUrl ? { baseUrl } : {}), ...(apiKey ? { apiKey } : {}) };
  };
  const testing = useChange(() => api.ai.test(trial()), { refreshes: [['ai.show'], ['ai.calls'], ['ai.months']] });
  const listing = useMutation({ mutationFn: () => api.ai.models(trial()) });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ provider, baseUrl, model, apiKey }) =>
        saving.mutate({
          provider,
          model,
          ...(baseUrl ? { baseUrl } : {}),
          ...(apiKey ? { apiKey } : {}),
        }),
      )}
    >
      <div className="pair">
        <NativeSelect
          label="Provider"
          data={Object.entries(providers).map(([value, label]) => ({ value, label }))}
          {...form.getInputProps('provider')}
        />
        <TextInput label="Model" list="models-offered" autoComplete="off" {...form.getInputProps('model')} />
        <datalist id="models-offered">
          {listing.data?.models.map((name) => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </div>
      <TextInput
        label="Base address"
        description={
          form.values.provider === 'openai-compatible'
            ? 'Where your server answers, for example a local one'
            : 'Leave empty to use the provider’s own'
        }
        type="url"
        {...form.getInputProps('baseUrl')}
      />
      <PasswordInput
        label="Key"
        description={
          keeps(ai, form.values.provider, form.values.baseUrl)
            ? 'A key is stored. Leave empty to keep it.'
            : 'Stored sealed, never shown again'
        }
        autoComplete="off"
        visibilityToggleButtonProps={{ 'aria-label': 'Show key' }}
        {...form.getInputProps('apiKey')}
      />
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      {testing.error && <ErrorNotice title="The model was not asked" error={testing.error} />}
      {testing.data && (
        <Notice title={testing.data.ok ? 'It works' : 'It does not work'} tone={testing.data.ok ? undefined : 'neg'}>
          {testing.data.message} {testing.data.ok && `It took ${count(testing.data.milliseconds)} milliseconds.`}
        </Notice>
      )}
      {listing.error && <ErrorNotice title="The models were not listed" error={listing.error} />}
      {listing.data && (
        <p className="sub" role="status">
          {listing.data.models.length > 0
            ? `${counted(listing.data.models.length, 'model')}: ${listing.data.models.slice(0, 12).join(', ')}${listing.data.models.length > 12 ? ', and more in the list of the field above' : ''}.`
            : 'This server offers no models.'}
        </p>
      )}
      <div className="form-foot">
        <Button type="submit" look="primary" busy={saving.isPending}>
          Save model
        </Button>
        <Button busy={testing.isPending} onClick={() => testing.mutate(undefined)}>
          Test connection
        </Button>
        <Button look="quiet" busy={listing.isPending} onClick={() => listing.mutate()}>
          List models
        </Button>
        {own && (
          <Button look="quiet" onClick={() => setClearing(true)}>
            Stop using this model
          </Button>
        )}
      </div>
      <ConfirmDialog
        opened={clearing}
        title="Stop using this model"
        confirm="Stop using it"
        danger
        busy={leaving.isPending}
        error={leaving.error}
        onConfirm={() => leaving.mutate({})}
        onClose={() => setClearing(false)}
      >
        The stored key is removed. The built-in analysis, or the model of the server’s environment, takes over.
      </ConfirmDialog>
    </form>
  );
}

/** Whether the stored key stays: with another provider or address than it was given for it does not. */
function keeps(ai: Ai, provider: Provider, baseUrl: string): boolean {
  return ai.source === 'workspace' && ai.keyIsSet && provider === ai.provider && baseUrl === (ai.baseUrl ?? '');
}
