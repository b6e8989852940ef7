import { againstUsual, sum } from '#src/grow/comparison.ts';
import {
  count,
  type Detector,
  dayOf,
  daysBefore,
  type Judgement,
  lacking,
  times,
  weekMs,
  written,
} from './detector.ts';
import { noTracker } from './measured-posts.ts';

const weeksCompared = 8;
const weeksNeeded = 4;

export type Week = { startsAt: Date; visits: number };

export const weeklyVisits: Detector = {
  name: 'weekly_visits',
  question: 'Were there more or fewer visits last week than in the weeks before?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    // The week in which the tracker came is not a whole one.
    const measured = Math.floor((frame.until.getTime() - frame.measuredSince.getTime()) / weekMs);
    const length = Math.min(weeksCompared + 1, Math.max(0, measured));
    const hours = await inside.tx
      .selectFrom('trafficHours')
      .select(['hour', 'visits'])
      .where('appId', '=', frame.appId)
      .where('hour', '>=', daysBefore(frame.until, length * 7))
      .where('hour', '<', frame.until)
      .execute();
    const weeks = Array.from({ length }, (_, index) => {
      const startsAt = daysBefore(frame.until, (length - index) * 7);
      const inWeek = hours.filter(({ hour }) => {
        const since = hour.getTime() - startsAt.getTime();
        return since >= 0 && since < weekMs;
      });
      return { startsAt, visits: sum(inWeek.map(({ visits }) => visits)) };
    });
    return judgeWeeklyVisits(weeks);
  },
};

/** The last of the weeks given against those before it; oldest first. */
export function judgeWeeklyVisits(weeks: readonly Week[]): Judgement {
  const [before, last] = [weeks.slice(0, -1), weeks.at(-1)];
  if (!last || before.length < weeksNeeded)
    return lacking(`Not enough data: ${before.length} of the ${weeksNeeded} whole weeks before last week needed.`);
  const usual = before.map(({ visits }) => visits);
  if (sum(usual) + last.visits < 10)
    return lacking(`Not enough data: ${sum(usual) + last.visits} of the 10 visits needed.`);
  const found = againstUsual(usual, last.visits);
  if (!found) return lacking('Not enough data: too few whole weeks.');
  const effect = { ratio: found.estimate, ...found.interval };
  return {
    missing: null,
    candidates: [
      {
        subject: 'visits',
        sentence:
          `The week from ${written(last.startsAt)} had ${count(last.visits)} visits, ${times(effect.ratio)} what is usual ` +
          `(${usual.length} weeks compared).`,
        direction: effect.ratio > 1 ? 'up' : 'down',
        p: found.p,
        effect,
        sampleBefore: sum(usual),
        sampleAfter: last.visits,
        startsAt: last.startsAt,
        endsAt: new Date(last.startsAt.getTime() + weekMs),
        evidence: weeks.map(({ startsAt, visits }) => ({
          label: `Visits in the week from ${dayOf(startsAt)}`,
          table: 'traffic_hours',
          rowId: null,
          value: visits,
        })),
      },
    ],
  };
}
