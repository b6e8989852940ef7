import { day } from '#web/format.ts';
import { StatusBadge } from '#web/parts/status-badge.tsx';
import type { Detail } from './detail.tsx';

type Result = Detail['results'][number];

const verdicts = {
  better: 'Better',
  worse: 'Worse',
  no_difference: 'No difference seen',
  not_enough_data: 'Not enough data',
};

/** Expected against measured, each as an interval on one line; or what is still missing. */
export function ResultCard({ result }: { result: Result }) {
  const { verdict, expectedLow, expected, expectedHigh, effectLow, effect, effectHigh } = result;
  const bars = [
    ...(expectedLow !== null && expected !== null && expectedHigh !== null
      ? [{ name: 'Expected', low: expectedLow, mid: expected, high: expectedHigh }]
      : []),
    ...(effectLow !== null && effect !== null && effectHigh !== null
      ? [{ name: 'Measured', low: effectLow, mid: effect, high: effectHigh }]
      : []),
  ];
  const from = Math.min(0.8, ...bars.map(({ low }) => low));
  const to = Math.max(1.25, ...bars.map(({ high }) => high));
  const at = (ratio: number) => (Math.log(Math.min(to, Math.max(from, ratio)) / from) / Math.log(to / from)) * 100;
  return (
    <div className="result">
      <p className="result-head">
        <strong>{metricWords(result.metric)}</strong>
        <StatusBadge
          status={verdict === 'better' ? 'done' : verdict === 'worse' ? 'failed' : 'unknown'}
          word={verdicts[verdict]}
        />
      </p>
      {bars.map(({ name, low, mid, high }) => (
        <p className="result-bar num" key={name}>
          <span className="sub">{name}</span>
          <span className="result-track" aria-hidden="true">
            <i style={{ left: `${at(1)}%` }} data-one />
            <b style={{ left: `${at(low)}%`, width: `${at(high) - at(low)}%` }} />
            <i style={{ left: `${at(mid)}%` }} />
          </span>
          <span>
            {signed(mid)}{' '}
            <span className="sub">
              ({signed(low)} to {signed(high)})
            </span>
          </span>
        </p>
      ))}
      {result.reason && <p className="sub">{result.reason}</p>}
      {result.method && (
        <p className="sub num">
          {result.weeks.filter(({ isAfter }) => !isAfter).length} weeks before against{' '}
          {result.weeks.filter(({ isAfter }) => isAfter).length} after,{' '}
          {result.control ? `beside ${result.control}` : 'beside its own trend'}. 90% intervals.
          {!result.settled && result.closesOn && ` Measured again until ${day(result.closesOn)}.`}
        </p>
      )}
    </div>
  );
}

/** `signup_rate_by_path` → `Signups per visit, by path`. */
export function metricWords(metric: string): string {
  const [of, by] = metric.split('_by_');
  const words: Record<string, string> = {
    visits: 'Visits',
    signups: 'Signups',
    signup_rate: 'Signups per visit',
    churn: 'Subscriptions that ended',
    subscribers: 'New subscribers',
    replies: 'Replies and mentions',
  };
  return `${words[of ?? ''] ?? metric.replaceAll('_', ' ')}${by ? `, by ${by}` : ''}`;
}

function signed(ratio: number): string {
  const part = Math.round((ratio - 1) * 100);
  return part < 0 ? `−${-part}%` : `+${part}%`;
}
