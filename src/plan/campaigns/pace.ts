import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';

const verdict = z.enum(['on', 'ahead', 'behind']);

export const shownPace = z.object({
  /** Parts of the budget; null without budget, dates or a pacing. */
  spend: z.object({ planned: z.number(), used: z.number(), verdict, reason: z.string() }).nullable(),
  /** Posts that were to be out by now, and those that are; null while none has a moment. */
  posts: z.object({ due: z.int(), out: z.int(), verdict: z.enum(['on', 'behind']), reason: z.string() }).nullable(),
});
export type Pace = z.output<typeof shownPace>;

/** More than a tenth of the budget off its plan is worth a word. */
const OFF = 0.1;

type Paced = {
  budget: { minor: string } | null;
  spent: { minor: string };
  startsOn: string | null;
  endsOn: string | null;
  pacing: 'even' | 'front' | 'none';
};

/**
 * How the budget goes: which part should be spent by the end of today and which is. `front` spends two thirds in the
 * first half of its days, as its posts are twice as dense there. Null without a budget, dates or a pacing.
 */
export function spendingPace({ budget, spent, startsOn, endsOn, pacing }: Paced, today: string): Pace['spend'] {
  if (!budget || BigInt(budget.minor) <= 0n || !startsOn || !endsOn || pacing === 'none') return null;
  const used = Number(spent.minor) / Number(budget.minor);
  const planned = plannedBy(startsOn, endsOn, pacing, today);
  const off = used - planned;
  const said = off > OFF ? 'ahead' : off < -OFF ? 'behind' : 'on';
  const part = (share: number) => `${Math.round(share * 100)}%`;
  const reason = `${part(used)} of the budget is spent, ${part(planned)} would be by today.`;
  return { planned, used, verdict: said, reason };
}

/** Which part of the budget should be spent by the end of a day, 0 to 1. */
export function plannedBy(startsOn: string, endsOn: string, pacing: 'even' | 'front', today: string): number {
  const at = (day: string) => Date.parse(`${day}T00:00:00Z`) / 86_400_000;
  const days = at(endsOn) - at(startsOn) + 1;
  const gone = Math.min(1, Math.max(0, (at(today) - at(startsOn) + 1) / days));
  if (pacing === 'even') return gone;
  return gone <= 0.5 ? (gone * 4) / 3 : 2 / 3 + ((gone - 0.5) * 2) / 3;
}

/** How the posts go, by campaign: those whose moment has come against those that are out. */
export async function postingPace(inside: Inside, campaignIds: readonly string[]): Promise<Map<string, Pace['posts']>> {
  const rows = await inside.tx
    .selectFrom('posts')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('publications')
          .select(sql<Date>`min(due_at)`.as('at'))
          .whereRef('publications.postId', '=', 'posts.id')
          .where('publications.state', '<>', 'withdrawn')
          .as('going'),
      (join) => join.onTrue(),
    )
    .select(['posts.campaignId', 'posts.status'])
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('posts.campaignId', 'in', [...campaignIds])
    .where('posts.status', '<>', 'withdrawn')
    .where(sql<Date>`coalesce(going.at, posts.proposed_for)`, '<=', inside.clock.now())
    .groupBy(['posts.campaignId', 'posts.status'])
    .execute();
  const dated = new Map<string, Pace['posts']>();
  for (const [campaignId, own] of Map.groupBy(rows, (row) => row.campaignId)) {
    if (campaignId === null) continue;
    const due = own.reduce((sum, row) => sum + Number(row.count), 0);
    const out = own.reduce((sum, row) => sum + (row.status === 'published' ? Number(row.count) : 0), 0);
    const words: Record<string, string> = { draft: 'a draft', in_review: 'in review', failed: 'failed' };
    const late = own.flatMap((row) =>
      row.status === 'published' ? [] : [`${row.count} ${words[row.status] ?? row.status}`],
    );
    const reason =
      late.length === 0
        ? `All ${due} posts whose moment has come are out.`
        : `${due - out} of ${due} posts whose moment has come are not out: ${late.join(', ')}.`;
    dated.set(campaignId, { due, out, verdict: out < due ? 'behind' : 'on', reason });
  }
  return dated;
}
