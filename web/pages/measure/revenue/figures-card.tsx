import { useQuery } from '@tanstack/react-query';
import { change, money } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { KpiStrip } from '#web/parts/kpi-strip.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';
import { MovementBars } from './movement-bars.tsx';
import { type Figures, lifetimeQuery, type Period } from './queries.ts';
import { rateWords } from './words.ts';

/** The key figures, MRR over the range, and what moved it. */
export function FiguresCard({
  appId,
  figures,
  label,
  against,
  onPick,
}: {
  appId: string;
  figures: Figures;
  label: string;
  against: string | null;
  onPick: (period: Period) => void;
}) {
  const { total, previous, currency } = figures;
  const lifetime = useQuery(lifetimeQuery(appId)).data?.subscriptions;
  const written = (minor: string | number) => money(minor, currency, { whole: true });
  const compared = (now: string | null, before: string | null | undefined) =>
    previous === null || now === null ? {} : { change: before == null ? null : change(Number(now), Number(before)) };
  return (
    <ChartCard
      title="Recurring revenue"
      sub={`ARR ${written(total.arrMinor)}`}
      file={`revenue-${figures.from}-to-${figures.until}`}
      range={label}
      zone={figures.timeZone}
      rows={() => ({ columns: ['day', 'mrr_minor'], rows: figures.days.map((day, at) => [day, figures.mrr[at]]) })}
    >
      <KpiStrip
        chosen=""
        against={against ? `vs ${against.toLowerCase()}` : ''}
        items={[
          {
            id: 'mrr',
            label: 'MRR',
            value: written(total.closingMinor),
            ...compared(total.closingMinor, previous?.closingMinor),
          },
          {
            id: 'net',
            label: 'Net new MRR',
            value: written(total.netNewMinor),
            note: `${total.customers.closing} ${total.customers.closing === 1 ? 'customer' : 'customers'}`,
          },
          {
            id: 'arpu',
            label: 'ARPU',
            value: total.arpuMinor === null ? '–' : money(total.arpuMinor, currency),
            ...compared(total.arpuMinor, previous?.arpuMinor),
          },
          {
            id: 'churn',
            label: 'Revenue churn',
            value: rateWords(total.grossChurn),
            note: total.enough
              ? `net ${rateWords(total.netChurn)}, customers ${rateWords(total.logoChurn)}`
              : `${total.customers.opening} of 30 customers`,
          },
          {
            id: 'ltv',
            label: 'Lifetime value',
            value: lifetime?.enough ? written(lifetime.valueMinor) : '–',
            note: lifetime?.enough
              ? `${written(lifetime.lowMinor)} to ${written(lifetime.highMinor)}`
              : 'not enough data',
          },
        ]}
      />
      <TrendChart
        label="MRR"
        days={figures.days}
        current={figures.mrr.map(Number)}
        previous={figures.previousMrr?.map(Number)}
        {...(against ? { previousLabel: against } : {})}
        format={written}
      />
      <MovementBars figures={figures} onPick={onPick} />
      <Waiting figures={figures} />
    </ChartCard>
  );
}

/** Money that is in none of the numbers, as there is no exchange rate of its day. */
function Waiting({ figures: { waiting } }: { figures: Figures }) {
  if (waiting.length === 0) return null;
  const named = waiting.map(({ currency, minor, mrrMinor }) =>
    BigInt(minor) === 0n ? `${money(mrrMinor, currency)} of MRR` : money(minor, currency),
  );
  return (
    <p className="money-note sub num">
      {new Intl.ListFormat('en-GB').format(named)} {waiting.length === 1 ? 'waits' : 'wait'} for a rate: no exchange
      rate of {waiting.length === 1 ? 'its' : 'their'} day is known yet.
    </p>
  );
}
