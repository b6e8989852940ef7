import { sql } from 'kysely';
import { z } from 'zod';
import { asSystem, type Inside, shared, transaction, type World } from '#src/context.ts';
import { isOneSender, openLimit } from '#src/measure/events/limits.ts';
import { breakdown } from '#src/measure/traffic/breakdown.ts';
import { series } from '#src/measure/traffic/series.ts';
import { breakdownShown, type Dimension, dimensions, seriesShown, totalsShown } from '#src/measure/traffic/shapes.ts';
import { totals } from '#src/measure/traffic/totals.ts';
import { type Caller, openOperation } from '#src/operation.ts';
import { Refusal, refuse } from '#src/refusal.ts';
import { hashToken } from '#src/secrets.ts';
import { assertSharable, type Sharable } from './shares.ts';

/** A page reads once when it is opened; a link that many have is read often. */
const A_MINUTE = 240;
const FROM_ONE_ADDRESS = 60;
const SHOWN: readonly Dimension[] = ['path', 'source', 'channel', 'campaign', 'country', 'device', 'browser'];

const figure = totalsShown.shape.figures.shape.visits;
const row = breakdownShown.shape.rows.element;

/** Only what the page draws; money is null where the link does not show it. */
const sharedShown = z.object({
  name: z.string(),
  app: z.object({ name: z.string() }),
  page: z.literal('analytics'),
  /** As fixed by whoever shared it. */
  range: z.string(),
  compare: z.string(),
  filters: z.array(z.object({ dimension: z.string(), operator: z.string(), values: z.array(z.string()) })),
  withMoney: z.boolean(),
  expiresAt: z.date().nullable(),
  timeZone: z.string(),
  currency: z.string(),
  days: totalsShown.shape.days,
  previousDays: totalsShown.shape.previousDays,
  visitorsAre: totalsShown.shape.visitorsAre,
  floor: z.int(),
  figures: z.object({ ...totalsShown.shape.figures.shape, revenue: figure.nullable() }),
  by: seriesShown.shape.by,
  points: seriesShown.shape.points,
  series: seriesShown.shape.series,
  breakdowns: z.array(
    z.object({
      dimension: z.enum(dimensions),
      sort: breakdownShown.shape.sort,
      count: z.int(),
      rows: z.array(row.omit({ revenue: true, before: true }).extend({ revenue: z.number().nullable() })),
    }),
  ),
});

const ended = () =>
  refuse('not_found', 'no_such_link', 'This link leads nowhere, or no longer. Ask whoever sent it for a new one.');
const tooMany = () =>
  refuse('too_many', 'too_many', 'This link is read too often at the moment. Try again in a minute.');
const limit = openLimit(FROM_ONE_ADDRESS);

export const sharedOperation = openOperation({
  summary:
    'Read a shared view by the token of its link: its numbers with the filters it was shared with, nothing else.',
  // Not in the address: there it would stand in logs.
  route: 'POST /shared-view',
  access: 'read',
  reach: 'everyone',
  input: z.strictObject({ token: z.string().min(1).max(200) }),
  output: sharedShown,
  run: readShared,
});

async function readShared(caller: Caller, { token }: { token: string }): Promise<z.output<typeof sharedShown>> {
  const { world, address } = caller;
  if (isOneSender(address) && !limit.allows(address, world.clock.now().getTime())) throw tooMany();
  const link = await open(world, token);
  if (!link) throw ended();
  if (link.reads > A_MINUTE) throw tooMany();
  const context = asSystem(world, link.workspaceId, 'shared view');
  const { view, asked } = await transaction(context, async (inside) => {
    const found = await inside.tx
      .selectFrom('savedViews')
      .select(['name', 'page', 'settings'])
      .where('id', '=', link.savedViewId)
      .executeTakeFirst();
    if (!found) throw ended();
    const question = await assertSharable(inside, found).catch((error: unknown) => {
      // Its app is gone, or it was saved by another version: to the reader that is all the same.
      throw error instanceof Refusal ? ended() : error;
    });
    return { view: found, asked: question };
  });
  const numbers = () => transaction(context, (inside) => numbersOf(inside, asked, link.withMoney));
  const key = JSON.stringify([link.workspaceId, link.withMoney, asked]);
  return {
    name: view.name,
    page: 'analytics' as const,
    ...fixed(asked),
    withMoney: link.withMoney,
    expiresAt: link.expiresAt,
    ...(asked.filters.length === 0 ? await numbers() : await kept(key, world.clock.now().getTime(), numbers)),
  };
}

type Numbers = Awaited<ReturnType<typeof numbersOf>>;

/** Who reads a link with filters within so many milliseconds gets the same numbers; so many links are remembered. */
const SAME_FOR = 30_000;
const MOST_KEPT = 100;
const answers = new Map<string, { until: number; numbers: Promise<Numbers> }>();

/**
 * With filters the single visits are read, which may take seconds: whoever has a link must not keep the database busy
 * with one question, asked over and over.
 */
function kept(key: string, now: number, numbers: () => Promise<Numbers>): Promise<Numbers> {
  const known = answers.get(key);
  if (known && known.until > now && known.until <= now + SAME_FOR) return known.numbers;
  const fresh = { until: now + SAME_FOR, numbers: numbers() };
  answers.delete(key);
  answers.set(key, fresh);
  if (answers.size > MOST_KEPT) answers.delete(answers.keys().next().value ?? '');
  fresh.numbers.catch(() => answers.delete(key));
  return fresh.numbers;
}

/** What the view asks for, without the money where it is not to be shown. */
async function numbersOf(inside: Inside, asked: Sharable, withMoney: boolean) {
  const app = await inside.tx.selectFrom('apps').select('name').where('id', '=', asked.appId).executeTakeFirstOrThrow();
  const { measure, ...question } = asked;
  const wanted = measure === 'revenue' && !withMoney ? 'visitors' : measure;
  const { figures, ...head } = await totals(inside, question);
  const line = await series(inside, { ...question, measures: [wanted], by: 'auto' });
  return {
    app,
    timeZone: head.timeZone,
    currency: head.currency,
    days: head.days,
    previousDays: head.previousDays,
    visitorsAre: head.visitorsAre,
    floor: head.floor,
    figures: { ...figures, revenue: withMoney ? figures.revenue : null },
    by: line.by,
    points: line.points,
    series: line.series,
    breakdowns: await breakdownsOf(inside, question, withMoney),
  };
}

async function breakdownsOf(inside: Inside, question: Omit<Sharable, 'measure'>, withMoney: boolean) {
  const all = [];
  for (const dimension of SHOWN) {
    const { sort, count, rows } = await breakdown(inside, {
      ...question,
      dimension,
      sort: 'auto',
      order: 'most',
      limit: 10,
    });
    all.push({
      dimension,
      sort,
      count,
      rows: rows.map(({ before: _, revenue, ...own }) => ({ ...own, revenue: withMoney ? revenue : null })),
    });
  }
  return all;
}

function fixed({ range, compare, filters }: Sharable) {
  return { range, compare, filters };
}

/** The link of a token while it is open, with how often it was read in its present minute, this time included. */
async function open(world: World, token: string) {
  const now = world.clock.now();
  const { rows } = await shared(world, (tx) =>
    sql<{ workspaceId: string; savedViewId: string; expiresAt: Date | null; withMoney: boolean; reads: number }>`
      update shared_views set last_read_at = ${now},
        reads = case when reads_began_at > ${now}::timestamptz - interval '1 minute' then reads + 1 else 1 end,
        reads_began_at = case when reads_began_at > ${now}::timestamptz - interval '1 minute' then reads_began_at else ${now} end
      where token_hash = ${hashToken(token)} and revoked_at is null and (expires_at is null or expires_at > ${now})
      returning workspace_id, saved_view_id, expires_at, with_money, reads
    `.execute(tx),
  );
  return rows[0] ?? null;
}
