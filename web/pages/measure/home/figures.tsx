import { useMemo } from 'react';
import { useAddress } from '#web/address.ts';
import { compact, count, money } from '#web/format.ts';
import type { Home } from '#web/pages/measure/home.tsx';
import { KpiStrip } from '#web/parts/kpi-strip.tsx';
import { OtherCurrencies } from '#web/parts/other-currencies.tsx';
import { TrendChart } from '#web/parts/trend-chart.tsx';

type Key = keyof Home['kpis'];
const labels: Record<Key, string> = {
  visitors: 'Visitors',
  signups: 'Signups',
  newMrr: 'New MRR',
  impressions: 'Impressions',
  followers: 'Followers',
};
const keys = Object.keys(labels) as Key[];

/** The key figures, and the chosen one over time with a ring where something was posted. */
export function Figures({ home, rangeLabel }: { home: Home; rangeLabel: string }) {
  const [asked, choose] = useAddress('figure', 'visitors');
  const chosen = keys.find((key) => key === asked) ?? 'visitors';
  const figure = home.kpis[chosen];
  const { currency, days } = home;
  const inMoney = (value: number) => money(Math.round(value), currency, { whole: true });
  const write: Record<Key, (value: number) => string> = {
    visitors: count,
    signups: count,
    newMrr: inMoney,
    impressions: compact,
    followers: count,
  };
  const markers = useMemo(() => home.markers.map(({ day, title }) => ({ day, text: title })), [home.markers]);
  return (
    <div className="card">
      <KpiStrip
        chosen={chosen}
        onChoose={choose}
        items={keys.map((key) => ({
          id: key,
          label: labels[key],
          value: write[key](home.kpis[key].value),
          change: home.kpis[key].change,
        }))}
      />
      <TrendChart
        label={labels[chosen]}
        days={days}
        current={figure.series}
        previous={figure.previous}
        previousLabel={`Previous ${rangeLabel}`}
        markers={markers}
        format={write[chosen]}
      />
      <OtherCurrencies amounts={home.otherCurrencies.map(paidOrPromised)} suggested={home.suggestedCurrency} />
    </div>
  );
}

/** What was paid; where nothing was yet, as in a trial, what a month of it will be. */
function paidOrPromised({ currency, minor, newMrrMinor }: Home['otherCurrencies'][number]) {
  return { currency, minor: BigInt(minor) === 0n ? newMrrMinor : minor };
}
