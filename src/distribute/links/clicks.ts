import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays, dayIn, momentOf } from '#src/plan/times.ts';

const SOURCES = 20;

/** Clicks of a link in the last `days` days of the workspace's zone: by day, by where they came from, by what followed. */
export async function clicksOf(inside: Inside, linkId: string, days: number) {
  const { timeZone } = await workspaceOf(inside);
  const today = dayIn(timeZone, inside.clock.now());
  const first = addDays(today, 1 - days);
  const rows = inside.tx
    .selectFrom('clicks')
    .where('linkId', '=', linkId)
    .where('occurredAt', '>=', momentOf(timeZone, first, '00:00'));
  const people = sql<number>`count(*) filter (where agent_class in ('human', 'unsure'))`;
  const byDay = await rows
    .select([
      sql<string>`to_char(occurred_at at time zone ${timeZone}, 'YYYY-MM-DD')`.as('day'),
      people.as('people'),
      sql<number>`count(*)`.as('all'),
    ])
    .groupBy(sql`1`)
    .execute();
  const sources = await rows
    .select(['referrerHost as host', sql<number>`count(*)`.as('clicks')])
    .where('agentClass', 'in', ['human', 'unsure'])
    .groupBy('referrerHost')
    .orderBy(sql`2`, 'desc')
    .limit(SOURCES)
    .execute();
  const others = await rows
    .select(['agentName as name', sql<number>`count(*)`.as('clicks')])
    .where('agentClass', 'in', ['bot', 'preview'])
    .groupBy('agentName')
    .orderBy(sql`2`, 'desc')
    .limit(SOURCES)
    .execute();
  const { visitors } = await rows
    .select(sql<number>`count(distinct visitor)`.as('visitors'))
    .where('agentClass', 'in', ['human', 'unsure'])
    .executeTakeFirstOrThrow();
  return {
    days: Array.from({ length: days }, (_, index) => {
      const day = addDays(first, index);
      const row = byDay.find((one) => one.day === day);
      return { day, people: row?.people ?? 0, others: (row?.all ?? 0) - (row?.people ?? 0) };
    }),
    visitors,
    sources,
    others,
  };
}
