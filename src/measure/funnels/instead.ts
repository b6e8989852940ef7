import { sql } from 'kysely';
import { z } from 'zod';
import type { Context, Inside } from '#src/context.ts';
import { type Asked, assertCountable, previewAsked } from '#src/measure/funnels/answer.ts';
import { type Funnel, journeysOf, prepare, visitsIn } from '#src/measure/funnels/count.ts';
import { words } from '#src/measure/funnels/saved.ts';
import { answering, type Scope, scopeOf } from '#src/measure/traffic/question.ts';

/** So many visits are looked at; of more every second, third … is, chosen by whose it is. */
const LOOKED_AT = 60_000;
const SHOWN = 5;

export const insteadAsked = previewAsked.omit({ breakdown: true, compare: true });

export const insteadShown = z.object({
  /** 1 = everybody was looked at; 4 = every fourth. */
  oneIn: z.int(),
  steps: z.array(
    z.object({
      /** Of those looked at: who came to this step and not to the next. */
      stopped: z.int(),
      /** Of them: who did nothing more within the window. */
      left: z.int(),
      /** What the others did right after: a page or an event. */
      next: z.array(z.object({ what: z.string(), times: z.int() })),
    }),
  ),
});

/** Where those who did not go on went instead: the first other thing each did after the step they stopped at. */
export function whereInstead(
  context: Context,
  {
    appId,
    steps,
    windowMinutes,
    by,
    strict,
    ...asked
  }: Omit<Asked, 'breakdown' | 'compare'> & Funnel & { appId: string },
): Promise<z.output<typeof insteadShown>> {
  return answering(context, async (inside) => {
    const funnel = { steps, windowMinutes, by, strict };
    assertCountable(funnel);
    const scope = await scopeOf(inside, { appId, ...asked, compare: 'none' });
    await words(inside, appId, steps);
    const oneIn = Math.max(1, Math.ceil((await visitsIn(inside, scope)) / LOOKED_AT));
    const rows = await nextOf(inside, scope, funnel, oneIn);
    return {
      oneIn,
      steps: steps.map((_, index) => {
        const own = rows.filter((row) => row.depth === index + 1 && index + 1 < steps.length);
        return {
          stopped: own.reduce((sum, row) => sum + row.times, 0),
          left: own.find((row) => row.what === null)?.times ?? 0,
          next: own
            .flatMap(({ what, times }) => (what === null ? [] : [{ what, times }]))
            .sort((a, b) => b.times - a.times)
            .slice(0, SHOWN),
        };
      }),
    };
  });
}

async function nextOf(inside: Inside, scope: Scope, funnel: Funnel, oneIn: number) {
  await prepare(inside);
  const { rows } = await sql<{ depth: number; what: string | null; times: number }>`
    ${journeysOf(inside, scope, scope.current, funnel, { oneIn, everything: true })},
    since as (
      select units.who, units.depth, array_agg(happened.what order by happened.at, happened.id) as done
      from units
      join happened on happened.who = units.who and happened.at >= units.last
        and happened.at <= units.last + make_interval(mins => ${sql.lit(funnel.windowMinutes)})
      where units.depth < ${sql.lit(funnel.steps.length)}
      group by units.who, units.depth
    ),
    -- The first of it is the step itself: told once more, by the server or by a reload, it is nothing else.
    gone as (
      select depth, (select what from unnest(done) with ordinality one (what, place)
        where what is distinct from done[1] order by place limit 1) as what
      from since
    )
    select depth, what, count(*)::int as times from gone group by depth, what
  `.execute(inside.tx);
  return rows;
}
