import { sql } from 'kysely';
import { growthAgainstUsual } from '#src/grow/comparison.ts';
import {
  type Candidate,
  count,
  type Detector,
  dayOf,
  daysBefore,
  type Judgement,
  lacking,
  weekMs,
  written,
} from './detector.ts';

const weeksCompared = 8;
const weeksNeeded = 4;
const followersNeeded = 20;

/** Followers of one account at the end of each week, oldest first. */
export type AccountWeeks = { accountId: string; handle: string; followers: { at: Date; count: number }[] };

export const followers: Detector = {
  name: 'followers',
  question: 'Did an account gain or lose followers otherwise than usual?',
  async look(inside, frame) {
    const ends = Array.from({ length: weeksCompared + 2 }, (_, index) =>
      dayOf(daysBefore(frame.until, (weeksCompared + 1 - index) * 7)),
    );
    // The snapshot of the day itself, or the nearest of the three days before it.
    const { rows } = await sql<{ accountId: string; handle: string; day: string; count: number }>`
      select a.id as account_id, a.handle, e.day::text as day, s.followers::int as count
      from accounts a cross join unnest(${ends}::date[]) as e(day)
      cross join lateral (
        select followers from account_snapshots s
        where s.workspace_id = a.workspace_id and s.account_id = a.id and s.day <= e.day and s.day > e.day - 4 and followers is not null
        order by s.day desc limit 1
      ) s
      where a.status <> 'removed' order by a.id, e.day`.execute(inside.tx);
    const accounts = [...new Set(rows.map(({ accountId }) => accountId))].map((accountId) => {
      const own = rows.filter((row) => row.accountId === accountId);
      return {
        accountId,
        handle: own[0]?.handle ?? '',
        followers: own.map(({ day, count }) => ({ at: new Date(`${day}T00:00:00Z`), count })),
      };
    });
    return judgeFollowers(accounts);
  },
};

/** Last week's growth factor of each account against those of its weeks before. */
export function judgeFollowers(accounts: readonly AccountWeeks[]): Judgement {
  const candidates = accounts.flatMap(compare);
  if (candidates.length > 0) return { candidates, missing: null };
  if (accounts.length === 0) return lacking('Not enough data: no connected account has a follower count yet.');
  const weeks = Math.max(...accounts.map((account) => Math.max(0, account.followers.length - 1)));
  return lacking(
    `Not enough data: ${weeksNeeded + 1} whole weeks of follower counts without a gap and ${followersNeeded} followers are needed; ` +
      `the longest series has ${weeks} ${weeks === 1 ? 'week' : 'weeks'}.`,
  );
}

function compare({ accountId, handle, followers: counts }: AccountWeeks): Candidate[] {
  const gapless = counts
    .slice(1)
    .every((each, index) => each.at.getTime() - (counts[index]?.at.getTime() ?? 0) === weekMs);
  const factors = counts.slice(1).map((each, index) => each.count / Math.max(1, counts[index]?.count ?? 1));
  const [before, last] = [counts.at(-2), counts.at(-1)];
  if (!before || !last || !gapless || factors.length < weeksNeeded + 1 || before.count < followersNeeded) return [];
  const found = growthAgainstUsual(factors.slice(0, -1), factors.at(-1) ?? 1, before.count);
  if (!found) return [];
  const effect = { ratio: found.estimate, ...found.interval };
  const change = last.count - before.count;
  return [
    {
      subject: `account:${accountId}`,
      sentence:
        `@${handle} went from ${count(before.count)} to ${count(last.count)} followers in the week from ${written(before.at)} ` +
        `(${change < 0 ? '−' : '+'}${count(Math.abs(change))}), ${effect.ratio > 1 ? 'more' : 'fewer'} than its usual growth explains ` +
        `(${factors.length - 1} weeks compared).`,
      direction: effect.ratio > 1 ? 'up' : 'down',
      p: found.p,
      effect,
      sampleBefore: before.count,
      sampleAfter: last.count,
      startsAt: before.at,
      endsAt: last.at,
      evidence: counts.map(({ at, count: value }) => ({
        label: `Followers on ${dayOf(at)}`,
        table: 'account_snapshots',
        rowId: accountId,
        value,
      })),
    },
  ];
}
