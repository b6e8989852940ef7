import { useQuery } from '@tanstack/react-query';
import { count, percent } from '#web/format.ts';
import { ChartCard } from '#web/parts/chart-card.tsx';
import { NotEnough } from '#web/parts/not-enough.tsx';
import { type Answer, insteadQuery } from './queries.ts';
import { bounds, lasting } from './words.ts';

type Instead = Awaited<ReturnType<NonNullable<ReturnType<typeof insteadQuery>['queryFn']>>>;

/** Step by step: how many came, which share with its bounds, how long it took, where the others went. */
export function FunnelResult({
  title,
  answer,
  asked,
  range,
}: {
  title: string;
  answer: Answer;
  asked: Parameters<typeof insteadQuery>[0];
  range: string;
}) {
  const { steps, floor } = answer;
  const instead = useQuery({ ...insteadQuery(asked), enabled: (steps[0]?.reached ?? 0) > 0 });
  const most = Math.max(1, steps[0]?.reached ?? 0);
  return (
    <ChartCard
      title={title}
      sub={answer.rate ? `${percent(answer.rate.value)} came through` : undefined}
      file="funnel"
      picture={false}
      range={range}
      zone={answer.timeZone}
      padded
      rows={() => ({
        columns: ['step', 'name', 'reached', 'of_all', 'low', 'high', 'of_last', 'median_seconds'],
        rows: steps.map((step, index) => [
          index + 1,
          step.name,
          step.reached,
          step.ofAll?.value ?? null,
          step.ofAll?.interval.low ?? null,
          step.ofAll?.interval.high ?? null,
          step.ofLast?.value ?? null,
          step.seconds?.median ?? null,
        ]),
      })}
    >
      <ol className="walk">
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place; two may have one name.
          <li key={index}>
            <div className="walk-head">
              <span className="clip">
                <span className="walk-place num">{index + 1}</span> {step.name}
              </span>
              <b className="num">{count(step.reached)}</b>
            </div>
            <div className="walk-track" aria-hidden="true">
              <i style={{ width: `${(step.reached / most) * 100}%` }} />
              {index > 0 && step.ofAll && (
                <em
                  style={{
                    left: `${step.ofAll.interval.low * 100}%`,
                    width: `${(step.ofAll.interval.high - step.ofAll.interval.low) * 100}%`,
                  }}
                />
              )}
            </div>
            <p className="walk-note num">{noteOf(answer, index, floor)}</p>
            {index < steps.length - 1 && <Left answer={answer} index={index} instead={instead.data} />}
          </li>
        ))}
      </ol>
      {answer.rate === null && (
        <NotEnough missing={[{ what: 'who took the first step', have: steps[0]?.reached ?? 0, need: floor }]}>
          Rates stand here once enough people began.
        </NotEnough>
      )}
      <p className="sub" style={{ marginTop: 14 }}>
        {answer.open > 0 && `${count(answer.open)} of those who began still have time to come through. `}
        {changeWords(answer)}
        Bands are 95% intervals.
      </p>
    </ChartCard>
  );
}

function noteOf({ steps }: Answer, index: number, floor: number): string {
  const step = steps[index];
  if (!step) return '';
  const before = step.before === null ? '' : `, ${count(step.before)} in the time before`;
  if (index === 0) return `Began here${before}`;
  const share = step.ofAll
    ? `${percent(step.ofAll.value)} of all (${bounds(step.ofAll.interval)})`
    : `Not enough data: ${count(steps[0]?.reached ?? 0)} of ${floor} began`;
  const last = index > 1 && step.ofLast ? `, ${percent(step.ofLast.value)} of the step before` : '';
  const took = step.seconds
    ? `, after ${lasting(step.seconds.median)} in the middle (half: ${lasting(step.seconds.lower)} to ${lasting(step.seconds.upper)})`
    : '';
  return `${share}${last}${took}${before}`;
}

/** Who did not go on from here, and what they did instead. */
function Left({ answer, index, instead }: { answer: Answer; index: number; instead: Instead | undefined }) {
  const gone = (answer.steps[index]?.reached ?? 0) - (answer.steps[index + 1]?.reached ?? 0);
  if (gone === 0) return null;
  const told = instead?.steps[index];
  const of = Math.max(1, told?.stopped ?? 1);
  return (
    <div className="walk-left">
      <span className="num">{count(gone)} did not go on</span>
      {told && told.stopped > 0 && (
        <ul aria-label="What they did instead">
          <li className="num">
            nothing more <b>{percent(told.left / of)}</b>
          </li>
          {told.next.map(({ what, times }) => (
            <li key={what} className="num">
              <span className="clip">{what}</span> <b>{percent(times / of)}</b>
            </li>
          ))}
          {instead.oneIn > 1 && <li>one in {count(instead.oneIn)} looked at</li>}
        </ul>
      )}
    </div>
  );
}

function changeWords({ change, rate, rateBefore }: Answer): string {
  if (!change || !rate || !rateBefore) return '';
  const points = (value: number) => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)}`;
  const sure = change.interval.low > 0 || change.interval.high < 0;
  return `Against ${percent(rateBefore.value)} in the time before: ${points(change.difference)} points (${points(change.interval.low)} to ${points(change.interval.high)})${sure ? '' : ', which may be chance'}. `;
}
