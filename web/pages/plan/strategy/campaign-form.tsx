import { Modal, MultiSelect, NativeSelect, NumberInput, TagsInput, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useChange } from '#web/change.ts';
import { audiencesQuery } from '#web/pages/understand/knowledge/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { type CampaignInFull, campaignsKey } from './queries.ts';
import { goalWords, objectiveWords } from './words.ts';

type Metric = CampaignInFull['goals'][number]['metric'];
const metrics = Object.keys(goalWords) as Metric[];

/** ISO 3166: a country, or a part of one. */
const REGION = /^[A-Z]{2}(-[A-Z0-9]{1,3})?$/;

/** Name, dates, budget, goals, for whom and where. Money is typed in whole units and kept in minor ones. */
export function CampaignForm({ campaign, onClose }: { campaign: CampaignInFull; onClose: () => void }) {
  const { currency } = campaign.spent;
  const unit = unitOf(currency);
  const form = useForm({
    initialValues: {
      name: campaign.name,
      objective: campaign.objective,
      description: campaign.description,
      startsOn: campaign.startsOn ?? '',
      endsOn: campaign.endsOn ?? '',
      budget: (campaign.budget ? Number(campaign.budget.minor) / unit : '') as number | string,
      pacing: campaign.pacing,
      audienceIds: campaign.audiences.map((audience) => audience.id),
      regions: campaign.regions,
      goals: Object.fromEntries(
        metrics.map((metric) => {
          const target = campaign.goals.find((goal) => goal.metric === metric)?.target;
          return [metric, target === undefined ? '' : Number(target) / (metric === 'revenue' ? unit : 1)];
        }),
      ) as Record<Metric, number | string>,
    },
    validate: {
      name: (value) => (value.trim() ? null : 'Type a name'),
      regions: (value) =>
        value.every((region) => REGION.test(region)) ? null : 'A region is a code such as DE, or US-CA for a state',
      endsOn: (value, { startsOn }) =>
        value && startsOn && value < startsOn ? 'The last day comes before the first' : null,
    },
  });
  const audiences = useQuery(audiencesQuery(campaign.appId));
  const saving = useChange(api.campaigns.update, { refreshes: [campaignsKey], says: 'Campaign saved', after: onClose });
  return (
    <Modal
      opened
      onClose={onClose}
      title="Edit campaign"
      centered
      size={560}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="stack"
        noValidate
        onSubmit={form.onSubmit(({ goals, budget, startsOn, endsOn, ...values }) =>
          saving.mutate({
            campaignId: campaign.id,
            ...values,
            startsOn: startsOn || null,
            endsOn: endsOn || null,
            budget: budget === '' ? null : { minor: minorOf(budget, unit), currency },
            goals: metrics
              .filter((metric) => Number(goals[metric]) > 0)
              .map((metric) => ({ metric, target: minorOf(goals[metric], metric === 'revenue' ? unit : 1) })),
          }),
        )}
      >
        <TextInput label="Name" data-autofocus {...form.getInputProps('name')} />
        <div className="pair">
          <NativeSelect
            label="Aim"
            data={Object.entries(objectiveWords).map(([value, label]) => ({ value, label }))}
            {...form.getInputProps('objective')}
          />
          <NativeSelect
            label="Pace"
            data={[
              { value: 'even', label: 'Evenly spread' },
              { value: 'front', label: 'More at the beginning' },
              { value: 'none', label: 'By hand' },
            ]}
            {...form.getInputProps('pacing')}
          />
          <TextInput label="First day" type="date" {...form.getInputProps('startsOn')} />
          <TextInput label="Last day" type="date" {...form.getInputProps('endsOn')} />
        </div>
        <NumberInput label={`Budget, ${currency}`} min={0} hideControls {...form.getInputProps('budget')} />
        <div className="pair">
          <MultiSelect
            label="Audiences"
            placeholder={form.values.audienceIds.length > 0 ? '' : 'Everyone'}
            data={(audiences.data ?? campaign.audiences).map((audience) => ({
              value: audience.id,
              label: audience.name,
            }))}
            error={audiences.error ? 'The audiences did not load' : undefined}
            {...form.getInputProps('audienceIds')}
          />
          <TagsInput
            label="Regions"
            placeholder={form.values.regions.length > 0 ? '' : 'Everywhere; DE, US-CA …'}
            splitChars={[',', ' ']}
            {...form.getInputProps('regions')}
            onChange={(regions) => form.setFieldValue('regions', [...new Set(regions.map((one) => one.toUpperCase()))])}
          />
        </div>
        <fieldset className="goals-form">
          <legend>Goals</legend>
          <div className="pair">
            {metrics.map((metric) => (
              <NumberInput
                key={metric}
                label={metric === 'revenue' ? `${goalWords[metric]}, ${currency}` : goalWords[metric]}
                placeholder="None"
                min={0}
                hideControls
                allowDecimal={metric === 'revenue'}
                thousandSeparator=","
                {...form.getInputProps(`goals.${metric}`)}
              />
            ))}
          </div>
        </fieldset>
        <Textarea label="Description" autosize minRows={2} {...form.getInputProps('description')} />
        {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
        <div className="dialog-actions">
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" look="primary" busy={saving.isPending}>
            Save campaign
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What was typed, in minor units: `minorOf('12.5', 100)` → `1250`. */
export function minorOf(amount: number | string, unit: number): string {
  return String(Math.round(Number(amount) * unit));
}

/** How many minor units make one of the currency: 100 for USD, 1 for JPY. */
export function unitOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return 10 ** (maximumFractionDigits ?? 2);
}
