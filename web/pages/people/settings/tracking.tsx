import { NativeSelect, NumberInput, TagsInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { type App, useAppChoice } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { relative } from '#web/format.ts';
import { Button, LinkButton } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { CopyField } from '#web/parts/copy-field.tsx';
import { EmptyState } from '#web/parts/empty-state.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { SkeletonCard } from '#web/parts/skeleton.tsx';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import { OwnTimeCard } from './own-time.tsx';
import { AgentsCard, RecountsCard, RefusalsCard } from './tracking-found.tsx';

type Tracking = Awaited<ReturnType<typeof api.tracking.get>>;

/** Asked again every few seconds until the first event is there. */
const trackingQuery = (appId: string) =>
  ({
    queryKey: ['tracking.get', appId],
    queryFn: () => api.tracking.get({ appId }),
    refetchInterval: ({ state }: { state: { data?: Tracking } }) => (state.data?.firstEventAt ? false : 3000),
  }) as const;

export function TrackingSection() {
  const { app } = useAppChoice();
  return app ? <TrackingOf key={app.id} app={app} /> : <NoApp />;
}

/** These settings belong to an app. */
export function NoApp() {
  return (
    <Card>
      <EmptyState
        title="There is no app yet"
        ghost={false}
        action={
          <LinkButton to="/welcome" look="primary">
            Add your app
          </LinkButton>
        }
      >
        These settings belong to an app. Add yours first.
      </EmptyState>
    </Card>
  );
}

function TrackingOf({ app }: { app: App }) {
  const tracking = useQuery(trackingQuery(app.id));
  return (
    <Loaded query={tracking} title="The settings did not load" skeleton={<SkeletonCard height={420} />}>
      {(data) => (
        <>
          <Card
            title={`Script for ${app.name}`}
            sub={
              data.firstEventAt ? (
                <StatusBadge status="connected" word="Receiving" />
              ) : (
                <StatusBadge status="unknown" word="Waiting" />
              )
            }
            padded
          >
            <div className="stack" data-gap="small">
              <p>
                Put this line into the head of every page. It sets no cookie, and its name is this installation’s own.
              </p>
              <CopyField label="tracker script" value={data.snippet} />
              {data.firstEventAt ? (
                <p className="sub">
                  First visit recorded {relative(data.firstEventAt)}
                  {data.lastVisitAt && `, the latest ${relative(data.lastVisitAt)}`}.
                </p>
              ) : (
                <div className="waiting" role="status">
                  <i />
                  Waiting for the first visit
                </div>
              )}
            </div>
          </Card>
          <Card title="How visits are counted" padded>
            <TrackingForm appId={app.id} tracking={data} />
          </Card>
          <OwnTimeCard appId={app.id} hourlyRateMinor={data.hourlyRateMinor} />
          <AgentsCard appId={app.id} tracking={data} refreshes={[[...trackingQuery(app.id).queryKey]]} />
          <RefusalsCard tracking={data} />
          <RecountsCard appId={app.id} tracking={data} refreshes={[[...trackingQuery(app.id).queryKey]]} />
        </>
      )}
    </Loaded>
  );
}

function TrackingForm({ appId, tracking }: { appId: string; tracking: Tracking }) {
  const form = useForm({
    initialValues: {
      hosts: tracking.hosts,
      scriptUrl: tracking.scriptUrl ?? '',
      burstVisits: (tracking.burstVisits ?? '') as number | string,
      privacyTier: tracking.privacyTier,
      keptQueryParameters: tracking.keptQueryParameters,
      attributionWindowDays: tracking.attributionWindowDays as number | string,
      attributionModel: tracking.attributionModel as Model,
      decayHalfLifeDays: tracking.decayHalfLifeDays as number | string,
      positionFirstPercent: tracking.positionFirstPercent as number | string,
      positionLastPercent: tracking.positionLastPercent as number | string,
      markovOrder: String(tracking.markovOrder),
    },
  });
  const saving = useChange(api.tracking.set, {
    refreshes: [trackingQuery(appId).queryKey],
    says: 'Saved',
    after: () => form.resetDirty(),
  });
  return (
    <form
      className="form"
      noValidate
      onSubmit={form.onSubmit(({ attributionWindowDays, ...values }) =>
        saving.mutate({
          appId,
          ...values,
          scriptUrl: values.scriptUrl.trim() === '' ? null : values.scriptUrl.trim(),
          burstVisits: values.burstVisits === '' ? null : Number(values.burstVisits),
          attributionWindowDays: Number(attributionWindowDays) || 30,
          decayHalfLifeDays: Number(values.decayHalfLifeDays) || 7,
          positionFirstPercent: Number(values.positionFirstPercent),
          positionLastPercent: Number(values.positionLastPercent),
          markovOrder: Number(values.markovOrder),
        }),
      )}
    >
      <TagsInput
        label="Hosts"
        description={`Whose visits count. Empty: ${tracking.ownHosts.join(', ') || 'the app’s own'} and subdomains.`}
        placeholder={form.values.hosts.length === 0 ? 'docs.outpost.example' : undefined}
        {...form.getInputProps('hosts')}
      />
      <NativeSelect
        label="Privacy"
        data={[
          { value: 'anonymous', label: 'Anonymous: nobody is known again the next day' },
          { value: 'consented', label: 'With consent: returning visitors are known' },
        ]}
        {...form.getInputProps('privacyTier')}
      />
      <div className="pair">
        <NativeSelect
          label="Credit goes to"
          data={(Object.keys(modelWords) as Model[]).map((value) => ({ value, label: modelWords[value] }))}
          {...form.getInputProps('attributionModel')}
        />
        <NumberInput
          label="Looking back, days"
          min={1}
          max={365}
          hideControls
          {...form.getInputProps('attributionWindowDays')}
        />
      </div>
      {form.values.attributionModel === 'time_decay' && (
        <NumberInput
          label="A touch weighs half after so many days"
          min={1}
          max={365}
          hideControls
          {...form.getInputProps('decayHalfLifeDays')}
        />
      )}
      {form.values.attributionModel === 'position' && (
        <div className="pair">
          <NumberInput
            label="The first touch gets, percent"
            min={0}
            max={100}
            hideControls
            {...form.getInputProps('positionFirstPercent')}
          />
          <NumberInput
            label="The last touch gets, percent"
            min={0}
            max={100}
            hideControls
            {...form.getInputProps('positionLastPercent')}
          />
        </div>
      )}
      {form.values.attributionModel === 'markov' && (
        <NativeSelect
          label="How many channels back it remembers"
          data={['1', '2', '3']}
          {...form.getInputProps('markovOrder')}
        />
      )}
      <TagsInput
        label="Address parameters to keep"
        description="Besides utm_ ones; everything else in an address is dropped"
        {...form.getInputProps('keptQueryParameters')}
      />
      <TextInput
        label="Script from your own domain"
        description={`A path of your site that is passed on to ${tracking.scriptPath} here: blockers do not know it. How: docs/tracking.md.`}
        placeholder={`https://${tracking.ownHosts[0] ?? 'example.com'}/hello.js`}
        {...form.getInputProps('scriptUrl')}
      />
      <NumberInput
        label="Look for bursts of bots from so many visits on"
        description="Alike, to one page, within ten minutes, none of whom looks further. Empty: never."
        min={10}
        max={10000}
        hideControls
        {...form.getInputProps('burstVisits')}
      />
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
      <div>
        <Button type="submit" look="primary" busy={saving.isPending} disabled={!form.isDirty()}>
          Save
        </Button>
      </div>
    </form>
  );
}

type Model = NonNullable<Parameters<typeof api.tracking.set>[0]['attributionModel']>;
const modelWords: Record<Model, string> = {
  last_non_direct: 'The last touch that was not direct',
  last: 'The last touch',
  first: 'The first touch',
  linear: 'All touches alike',
  time_decay: 'Later touches more',
  position: 'First and last most',
  markov: 'What would be missing without it (Markov)',
  shapley: 'Fair share (Shapley)',
};
