import { Modal, NativeSelect, NumberInput, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, day } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import { ErrorNotice, errorWords } from '#web/parts/error-notice.tsx';
import type { Rule, RuleInput } from './queries.ts';
import {
  inMoney,
  type Metric,
  metricValueWords,
  metricWords,
  ofMoment,
  opportunityWords,
  severityWords,
  weightWords,
} from './words.ts';

type Values = {
  kind: RuleInput['kind'];
  name: string;
  severity: NonNullable<RuleInput['severity']>;
  metric: Metric;
  comparison: 'above' | 'below';
  value: number | string;
  releaseValue: number | string;
  windowDays: number | string;
  opportunity: keyof typeof opportunityWords;
  least: keyof typeof weightWords;
};

const kindWords = {
  threshold: 'A number passes a threshold',
  anomaly: 'A number leaves what is usual',
  opportunity: 'An opportunity',
  competitor: 'A competitor makes a move',
} as const;
const choices = <Value extends string>(words: Record<Value, string>) =>
  (Object.entries(words) as [Value, string][]).map(([value, label]) => ({ value, label }));
const usualNumbers = { posts: 3, mentions: 10_000, payback: 1, keywords: '', changes: '' } as const;

/** Makes or changes a rule, and says while one types how often it would have spoken in the last 60 days. */
export function RuleDialog({ appId, rule, onClose }: { appId: string; rule: Rule | null; onClose: () => void }) {
  const { currency } = useHouse();
  const form = useForm<Values>({
    initialValues: valuesOf(rule, currency),
    validate: {
      name: (name) => (name.trim() ? null : 'Give it a name; it is the title of its alerts'),
      value: (value, { kind }) => (kind === 'threshold' && value === '' ? 'Type a number' : null),
    },
  });
  const refreshes = [['alert-rules'], ['alerts']];
  const creating = useChange(api.alertRules.create, { refreshes, says: 'Rule made', after: onClose });
  const changing = useChange(api.alertRules.change, { refreshes, says: 'Rule changed', after: onClose });
  const { kind, metric, opportunity } = form.values;
  const number = opportunityWords[opportunity][1];
  const unit = inMoney.includes(metric) ? `, ${currency}` : '';
  return (
    <Modal
      opened
      onClose={onClose}
      title={rule ? 'Change rule' : 'New rule'}
      size={520}
      closeButtonProps={{ 'aria-label': 'Close' }}
      overlayProps={{ color: 'var(--overlay)', backgroundOpacity: 1 }}
    >
      <form
        className="form"
        noValidate
        onSubmit={form.onSubmit((values) => {
          const input = inputOf(values, currency);
          if (rule) changing.mutate({ ruleId: rule.id, ...input });
          else creating.mutate({ appId, ...input });
        })}
      >
        <TextInput label="Name" maxLength={200} data-autofocus {...form.getInputProps('name')} />
        <div className="pair">
          <NativeSelect label="When" data={choices(kindWords)} {...form.getInputProps('kind')} />
          <NativeSelect label="How much it matters" data={choices(severityWords)} {...form.getInputProps('severity')} />
        </div>
        {kind === 'threshold' && (
          <>
            <div className="pair">
              <NativeSelect label="Number" data={choices(metricWords)} {...form.getInputProps('metric')} />
              {!ofMoment.includes(metric) && (
                <NumberInput
                  label="Over days"
                  min={1}
                  max={28}
                  allowDecimal={false}
                  hideControls
                  {...form.getInputProps('windowDays')}
                />
              )}
            </div>
            <div className="pair">
              <NativeSelect
                label="Is"
                data={[
                  { value: 'above', label: 'above' },
                  { value: 'below', label: 'below' },
                ]}
                {...form.getInputProps('comparison')}
              />
              <NumberInput label={`Threshold${unit}`} min={0} hideControls {...form.getInputProps('value')} />
            </div>
            <NumberInput
              label={`Ends at${unit}`}
              description="On the calm side of the threshold, so that it does not flap; empty: a tenth away"
              min={0}
              hideControls
              {...form.getInputProps('releaseValue')}
            />
          </>
        )}
        {kind === 'opportunity' && (
          <div className="pair">
            <NativeSelect
              label="What to look for"
              data={(Object.keys(opportunityWords) as Values['opportunity'][]).map((value) => ({
                value,
                label: opportunityWords[value][0],
              }))}
              value={opportunity}
              onChange={(event) => {
                const chosen = event.currentTarget.value as Values['opportunity'];
                form.setValues({ opportunity: chosen, value: usualNumbers[chosen] });
              }}
            />
            {number && <NumberInput label={number} min={0} hideControls {...form.getInputProps('value')} />}
          </div>
        )}
        {(kind === 'anomaly' || kind === 'competitor') && (
          <NativeSelect label="How large" data={choices(weightWords)} {...form.getInputProps('least')} />
        )}
        <Preview appId={appId} values={form.values} />
        {(creating.error ?? changing.error) && (
          <ErrorNotice title="Not saved" error={creating.error ?? changing.error} />
        )}
        <div className="form-foot">
          <Button type="submit" look="primary" busy={creating.isPending || changing.isPending}>
            {rule ? 'Save rule' : 'Make rule'}
          </Button>
          <Button look="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

function Preview({ appId, values }: { appId: string; values: Values }) {
  const { currency } = useHouse();
  const [settled] = useDebouncedValue(values, 400);
  const isAsked = settled.kind !== 'threshold' || settled.value !== '';
  const asked = { ...inputOf({ ...settled, name: settled.name || 'Preview' }, currency) };
  const query = useQuery({
    queryKey: ['alert-preview', appId, { ...asked, name: '' }],
    queryFn: () => api.alertRules.preview({ appId, ...asked }),
    enabled: isAsked,
    retry: false,
  });
  if (!isAsked) return <p className="sub">Type a number to see how often it would have spoken.</p>;
  if (query.error) return <p className="sub down">{errorWords(query.error)}</p>;
  if (!query.data)
    return (
      <p className="sub" role="status">
        Looking through the last 60 days…
      </p>
    );
  const { fired, isOpen, missing } = query.data;
  return (
    <div className="alert-preview" role="status">
      <p>
        {missing ??
          (fired.length === 0
            ? 'It would not have spoken in the last 60 days.'
            : `It would have spoken ${fired.length === 1 ? 'once' : counted(fired.length, 'time')} in the last 60 days${isOpen ? ' and be open now' : ''}.`)}
      </p>
      {fired.length > 0 && (
        <ul className="sub">
          {fired.slice(-5).map(({ day: on, value, what }) => (
            <li key={`${on} ${what}`}>
              {day(on)}
              {value !== null && `: ${metricValueWords(settled.metric, value, currency)}`}
              {what && `: ${what}`}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function valuesOf(rule: Rule | null, currency: string): Values {
  const metric = rule?.metric ?? 'visits';
  const shown = (value: number | null | undefined) =>
    value === null || value === undefined
      ? ''
      : rule?.metric && inMoney.includes(rule.metric)
        ? value / perMajor(currency)
        : value;
  return {
    kind: rule?.kind ?? 'threshold',
    name: rule?.name ?? '',
    severity: rule?.severity ?? 'warning',
    metric,
    comparison: rule?.comparison ?? 'below',
    value: shown(rule?.value),
    releaseValue: shown(rule?.releaseValue),
    windowDays: rule?.windowDays ?? 7,
    opportunity: rule?.opportunity ?? 'posts',
    least: rule?.least ?? 'medium',
  };
}

/** What the operation takes; money goes in minor units. */
function inputOf(values: Values, currency: string): Omit<RuleInput, 'appId'> {
  const { kind, name, severity, metric, comparison, opportunity, least } = values;
  const base = { kind, name: name.trim(), severity };
  const factor = kind === 'threshold' && inMoney.includes(metric) ? perMajor(currency) : 1;
  const number = (value: number | string) =>
    value === '' ? undefined : Math.round(Number(value) * factor * 1e6) / 1e6;
  if (kind === 'threshold')
    return {
      ...base,
      metric,
      comparison,
      value: number(values.value),
      releaseValue: number(values.releaseValue),
      windowDays: ofMoment.includes(metric) ? undefined : Number(values.windowDays) || 7,
    };
  if (kind === 'opportunity')
    return { ...base, opportunity, value: opportunityWords[opportunity][1] ? number(values.value) : undefined };
  return { ...base, least };
}

function perMajor(currency: string): number {
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return 10 ** maximumFractionDigits;
}
