import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { annotationsIn } from '#src/measure/annotations.ts';
import { addDays, dayIn, momentOf } from '#src/plan/times.ts';

/** Days before and after the beginning that are looked at. */
const around = 2;
/** More than these would be a list, not a hint; the nearest to the day come first. */
const most = 8;

export type Coincidence = {
  kind: 'post' | 'release' | 'campaign' | 'note' | 'competitor' | 'price';
  day: string;
  title: string;
  table: string;
  rowId: string | null;
};

/**
 * What is known to have happened within two days of a moment: posts, releases, campaigns begun, own notes, what competitors
 * changed, new own prices. Nearest first. That they come together is all it says.
 */
export async function coincidencesAround(
  inside: Inside,
  { appId, timeZone }: { appId: string; timeZone: string },
  at: Date,
): Promise<Coincidence[]> {
  const middle = dayIn(timeZone, at);
  const days = Array.from({ length: 2 * around + 1 }, (_, index) => addDays(middle, index - around));
  const period = {
    days,
    from: momentOf(timeZone, days[0]!, '00:00'),
    until: momentOf(timeZone, addDays(middle, around + 1), '00:00'),
  };
  const own = (await annotationsIn(inside, appId, period, timeZone)).map((one): Coincidence => {
    const [table, rowId] =
      one.kind === 'note'
        ? ['annotations', one.noteId]
        : one.kind === 'campaign'
          ? ['campaigns', one.campaignId]
          : one.kind === 'post'
            ? ['posts', one.postId]
            : ['automation_runs', null];
    return { kind: one.kind, day: one.day, title: one.title, table: table!, rowId: rowId ?? null };
  });
  const { rows } = await sql<{
    kind: 'competitor' | 'price';
    at: Date;
    title: string;
    table: string;
    rowId: string | null;
  }>`
    select 'competitor' as kind, h.found_at as at, h.id as row_id, 'competitor_changes' as table,
      c.name || ': ' || h.kind || case when h.before is not null and h.after is not null
        then ', ' || left(h.before, 60) || ' → ' || left(h.after, 60) else coalesce(', ' || left(h.after, 90), '') end as title
    from competitor_changes h join competitors c on c.workspace_id = h.workspace_id and c.id = h.competitor_id
    where c.app_id = ${appId} and h.found_at >= ${period.from} and h.found_at < ${period.until}
    union all
    select 'price', min(s.started_at), null, 'subscriptions', 'First subscription to the plan ' || s.plan
    from subscriptions s where s.app_id = ${appId} and s.plan is not null
    group by s.plan having min(s.started_at) >= ${period.from} and min(s.started_at) < ${period.until}`.execute(
    inside.tx,
  );
  const others = rows.map(({ at: when, ...row }): Coincidence => ({ ...row, day: dayIn(timeZone, when) }));
  const unique = [...new Map([...own, ...others].map((one) => [`${one.kind}:${one.day}:${one.title}`, one])).values()];
  const distance = ({ day }: Coincidence) => Math.abs(Date.parse(day) - Date.parse(middle));
  return unique.sort((a, b) => distance(a) - distance(b)).slice(0, most);
}
