import { NativeSelect, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useQuery } from '@tanstack/react-query';
import { api } from '#web/api.ts';
import { useHouse } from '#web/app.tsx';
import { useChange } from '#web/change.ts';
import { counted, money } from '#web/format.ts';
import { minorOf, unitOf } from '#web/pages/plan/strategy/campaign-form.tsx';
import { type Audience, knowledgeKey, measuredQuery } from '#web/pages/understand/knowledge/queries.ts';
import { Button } from '#web/parts/button.tsx';
import { Card } from '#web/parts/card.tsx';
import { ErrorNotice } from '#web/parts/error-notice.tsx';
import { Loaded } from '#web/parts/loaded.tsx';
import { moneyWords, type SegmentRow, segmentWords, verdictWords } from './words.ts';

/** Lifetime value and acquisition cost: what was estimated beside what is measured, and by which rule. */
export function WorthCard({ appId, audience }: { appId: string; audience: Audience }) {
  const measured = useQuery(measuredQuery(appId));
  return (
    <Card title="What they are worth" sub="Estimated against measured" padded>
      <div className="stack">
        <Loaded query={measured} title="The measurement did not load">
          {({ rows, currency, horizonMonths }) => {
            const row = rows.find(({ key }) => key === audience.id);
            if (!row) return <p className="sub">Retired audiences are not measured.</p>;
            return (
              <>
                <Compared
                  name={`Lifetime value, ${horizonMonths} months`}
                  figure={row.lifetimeValue}
                  against={row.against?.lifetimeValue}
                  currency={currency}
                />
                <Compared
                  name="Cost to win a customer"
                  figure={row.acquisitionCost}
                  against={row.against?.acquisitionCost}
                  currency={currency}
                />
                <p className="sub num">
                  {counted(row.customers, 'customer')}, who paid {money(row.earnedMinor, currency)} so far.
                  {row.ltvToCac.value !== null && ` LTV to CAC ${row.ltvToCac.value.toFixed(1)}.`}
                </p>
              </>
            );
          }}
        </Loaded>
        <Estimates appId={appId} audience={audience} />
        <Rule appId={appId} audience={audience} />
      </div>
    </Card>
  );
}

function Compared({
  name,
  figure,
  against,
  currency,
}: {
  name: string;
  figure: SegmentRow['lifetimeValue'];
  against: NonNullable<SegmentRow['against']>['lifetimeValue'] | undefined;
  currency: string;
}) {
  const estimated = against?.estimated;
  return (
    <dl className="audience-figures">
      <div>
        <dt>{name}</dt>
        <dd className="num">{moneyWords(figure, currency)}</dd>
      </div>
      <div>
        <dt>Estimated</dt>
        <dd className="num">
          {estimated ? money(estimated.minor, estimated.currency) : 'No estimate'}
          {against?.verdict && (
            <span className="tag" data-tone={against.verdict === 'within' ? 'pos' : 'warn'}>
              {verdictWords[against.verdict]}
            </span>
          )}
        </dd>
      </div>
    </dl>
  );
}

function Estimates({ appId, audience }: { appId: string; audience: Audience }) {
  const { currency } = useHouse();
  const { lifetimeValue, acquisitionCost } = audience.estimated;
  const own = lifetimeValue?.currency ?? acquisitionCost?.currency ?? currency;
  const unit = unitOf(own);
  const shown = (amount: { minor: string } | null) => (amount ? String(Number(amount.minor) / unit) : '');
  const amount = (value: string) => (/^\s*(\d+(\.\d{1,2})?)?\s*$/.test(value) ? null : 'An amount, such as 120.00');
  const form = useForm({
    initialValues: { ltv: shown(lifetimeValue), cac: shown(acquisitionCost) },
    validate: { ltv: amount, cac: amount },
  });
  const saving = useChange(
    ({ ltv, cac }: typeof form.values) => {
      const of = (text: string) => (text.trim() === '' ? null : { minor: minorOf(text.trim(), unit), currency: own });
      return api.audiences.update({ audienceId: audience.id, estimatedLtv: of(ltv), estimatedCac: of(cac) });
    },
    { refreshes: [knowledgeKey(appId)], says: 'Estimates saved' },
  );
  return (
    <form className="audience-estimates" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <TextInput label={`Your estimate of lifetime value, ${own}`} {...form.getInputProps('ltv')} />
      <TextInput label={`Your estimate of cost to win, ${own}`} {...form.getInputProps('cac')} />
      <Button type="submit" busy={saving.isPending} disabled={!form.isDirty()}>
        Save
      </Button>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
    </form>
  );
}

const columns = ['country', 'channel', 'source', 'plan', 'entry', 'utm_campaign'] as const;

function Rule({ appId, audience }: { appId: string; audience: Audience }) {
  const form = useForm({
    initialValues: {
      by: audience.segment?.by ?? ('' as '' | NonNullable<Audience['segment']>['by']),
      values: audience.segment?.values.join(', ') ?? '',
    },
    validate: { values: (value, { by }) => (by === '' || value.trim() ? null : 'Type at least one value') },
  });
  const saving = useChange(
    ({ by, values }: typeof form.values) =>
      api.audiences.update({
        audienceId: audience.id,
        segment:
          by === ''
            ? null
            : {
                by,
                values: values
                  .split(',')
                  .map((value) => value.trim())
                  .filter((value) => value !== ''),
              },
      }),
    { refreshes: [knowledgeKey(appId)], says: 'Rule saved' },
  );
  const { by } = form.values;
  return (
    <form className="audience-estimates" noValidate onSubmit={form.onSubmit((values) => saving.mutate(values))}>
      <NativeSelect
        label="Which customers are theirs"
        data={[
          { value: '', label: 'By the campaigns that address them' },
          ...columns.map((value) => ({ value, label: `By ${segmentWords[value].toLowerCase()}` })),
          ...(audience.segment?.by === 'campaign' ? [{ value: 'campaign', label: 'By campaign' }] : []),
        ]}
        {...form.getInputProps('by')}
      />
      {by === '' ? (
        <p className="sub">
          {audience.campaigns.length === 0
            ? 'No campaign addresses them yet.'
            : `Now: ${audience.campaigns.map(({ name }) => name).join(', ')}.`}
        </p>
      ) : (
        <TextInput label="Is one of" placeholder="DE, AT, CH" {...form.getInputProps('values')} />
      )}
      <Button type="submit" busy={saving.isPending} disabled={!form.isDirty()}>
        Save
      </Button>
      {saving.error && <ErrorNotice title="Not saved" error={saving.error} />}
    </form>
  );
}
