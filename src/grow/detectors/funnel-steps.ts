import { countFunnel } from '#src/measure/funnels/count.ts';
import { savedFunnel, words } from '#src/measure/funnels/saved.ts';
import type { Period } from '#src/measure/range.ts';
import { scopeOf } from '#src/measure/traffic/question.ts';
import { compareShares, enoughToCompare, type Share } from '#src/measure/uncertainty.ts';
import { addDays, dayIn } from '#src/plan/times.ts';
import { type Candidate, count, type Detector, type Judgement, lacking, percent, written } from './detector.ts';

const days = 28;
const mostFunnels = 5;

export type CountedFunnel = {
  funnelId: string;
  name: string;
  steps: string[];
  startsAt: Date;
  before: number[];
  after: number[];
};

export const funnelSteps: Detector = {
  name: 'funnel_steps',
  question: 'Do more or fewer people go on at a step of a funnel?',
  async look(inside, frame) {
    const kept = await inside.tx
      .selectFrom('funnels')
      .select('id')
      .where('appId', '=', frame.appId)
      .orderBy('createdAt')
      .limit(mostFunnels)
      .execute();
    if (kept.length === 0) return lacking('No funnel is kept yet; the page Funnels makes one.');
    const today = dayIn(frame.timeZone, frame.now);
    const counted: CountedFunnel[] = [];
    for (const { id: funnelId } of kept) {
      const { steps, windowMinutes, by, strict, name } = await savedFunnel(inside, funnelId);
      // Who began must have had the whole time to come to the end.
      const ripe = addDays(today, -Math.min(days, Math.ceil(windowMinutes / 1440)));
      const scope = await scopeOf(inside, {
        appId: frame.appId,
        range: 'custom',
        from: addDays(ripe, -days),
        until: addDays(ripe, -1),
        compare: 'previous',
      });
      const reached = async (period: Period) =>
        (await countFunnel(inside, scope, period, { steps, windowMinutes, by, strict }))[0]?.reached ??
        steps.map(() => 0);
      counted.push({
        funnelId,
        name,
        steps: await words(inside, frame.appId, steps),
        startsAt: scope.current.from,
        before: scope.previous ? await reached(scope.previous) : steps.map(() => 0),
        after: await reached(scope.current),
      });
    }
    return judgeFunnels(counted);
  },
};

/** Each step's share of those who took the one before: four weeks against the four before them. */
export function judgeFunnels(funnels: readonly CountedFunnel[]): Judgement {
  const candidates = funnels.flatMap((funnel) =>
    funnel.steps.slice(1).flatMap((_, index) => judgeStep(funnel, index + 1)),
  );
  if (candidates.length > 0) return { candidates, missing: null };
  const most = Math.max(0, ...funnels.map(({ after }) => after[0] ?? 0));
  return lacking(
    `Not enough data: 30 people at a step in each of two times four weeks are needed, 5 of whom go on and 5 do not; at most ${most} began one.`,
  );
}

function judgeStep({ funnelId, name, steps, startsAt, before, after }: CountedFunnel, step: number): Candidate[] {
  const share = (reached: readonly number[]): Share => ({ successes: reached[step]!, trials: reached[step - 1]! });
  const [old, late] = [share(before), share(after)];
  const found = enoughToCompare(old, late).enough ? compareShares(old, late) : null;
  if (!found) return [];
  const [from, to] = [old.successes / old.trials, late.successes / late.trials];
  // The ratio with Katz's interval (1978); the test is that of the difference.
  const error = Math.sqrt((1 - from) / old.successes + (1 - to) / late.successes);
  const ratio = to / from;
  const row = (label: string, value: number) => ({ label, table: 'events', rowId: null, value });
  return [
    {
      kind: 'change',
      metric: 'funnel',
      severity: ratio < 0.8 ? 'high' : 'low',
      subject: `funnel:${funnelId}:${step}`,
      sentence:
        `In the funnel “${name}” ${percent(to)} went on from “${steps[step - 1]}” to “${steps[step]}” in the four weeks from ` +
        `${written(startsAt)}, ${percent(from)} in the four before (${count(late.successes)} of ${count(late.trials)} against ` +
        `${count(old.successes)} of ${count(old.trials)}).`,
      direction: ratio > 1 ? 'up' : 'down',
      p: found.p,
      effect: { ratio, low: ratio * Math.exp(-1.96 * error), high: ratio * Math.exp(1.96 * error) },
      sampleBefore: old.trials,
      sampleAfter: late.trials,
      startsAt,
      endsAt: null,
      evidence: [
        row(`Took “${steps[step - 1]}” before`, old.trials),
        row(`Went on before`, old.successes),
        row(`Took “${steps[step - 1]}” since`, late.trials),
        row(`Went on since`, late.successes),
      ],
    },
  ];
}
