import { sql } from 'kysely';
import { Temporal } from 'temporal-polyfill';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type AnyModel, allModels } from '#src/measure/attribution/settings.ts';
import { creditModels, defaultCreditModel } from '#src/measure/credit.ts';
import { type Period, periodsFor, type RangeAsked } from '#src/measure/range.ts';
import type { Filter } from '#src/measure/traffic/shapes.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** A question with all that its answer depends on. */
export type Scope = {
  appId: string;
  timeZone: string;
  currency: string;
  model: AnyModel;
  /** Visitors are known again on another day. */
  consented: boolean;
  /** The first local day with traffic; null = none yet. */
  began: string | null;
  current: Period;
  previous: Period | null;
  filters: readonly Filter[];
  /** Local days of which it is written down which visits saw a page; read only where a filter asks for pages. */
  closedDays: ReadonlySet<string>;
};

const settings = z.object({
  timeZone: z.string(),
  currency: z.string(),
  attributionModel: z.string().nullable(),
  privacyTier: z.string().nullable(),
});

/**
 * Totals are read by their index, whatever the planner thinks of disks; visits are read whole, by every processor. Both
 * are done before a statement could be compiled.
 */
async function tune({ tx }: Inside, filtered: boolean): Promise<void> {
  await sql`select set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true),
    set_config('max_parallel_workers_per_gather', ${filtered ? '2' : '0'}, true),
    set_config('work_mem', ${filtered ? '64MB' : '16MB'}, true)`.execute(tx);
}

/** No statement of a question runs longer, in milliseconds: whoever asked has gone, and the others wait. */
const LONGEST = 20_000;

/**
 * Runs a question in its transaction. What takes too long is stopped and refused in words; inside a transaction that is
 * somebody else's it takes what it takes.
 */
export async function answering<T>(
  context: Context,
  run: (inside: Inside) => Promise<T>,
  longest: number = LONGEST,
): Promise<T> {
  if (context.tx) return transaction(context, run);
  try {
    return await transaction(context, async (inside) => {
      await sql`select set_config('statement_timeout', ${String(longest)}, true)`.execute(inside.tx);
      return run(inside);
    });
  } catch (error) {
    if ((error as { code?: string }).code !== STOPPED) throw error;
    throw refuse(
      'unavailable',
      'question_too_long',
      `This question took longer than ${Math.round(longest / 1000)} seconds and was stopped. Ask for fewer days or with fewer filters.`,
    );
  }
}

/** PostgreSQL's code for a statement that was cancelled. */
const STOPPED = '57014';

/** What a question is about: its app (refused when there is none), its days in the workspace's zone, its currency. */
export async function scopeOf(
  inside: Inside,
  asked: { appId: string; filters?: readonly Filter[] } & RangeAsked,
): Promise<Scope> {
  const { tx, workspaceId, clock } = inside;
  await tune(inside, (asked.filters ?? []).length > 0);
  const row = await tx
    .selectFrom('apps')
    .innerJoin('workspaces', 'workspaces.id', 'apps.workspaceId')
    .leftJoin('trackingSettings', (join) =>
      join
        .onRef('trackingSettings.workspaceId', '=', 'apps.workspaceId')
        .onRef('trackingSettings.appId', '=', 'apps.id'),
    )
    .select(['workspaces.timeZone', 'workspaces.currency', 'attributionModel', 'privacyTier'])
    .select((eb) =>
      eb
        .selectFrom('trafficDays')
        .select((own) => own.fn.min('day').as('day'))
        .where('trafficDays.workspaceId', '=', workspaceId)
        .where('trafficDays.appId', '=', asked.appId)
        .where('trafficDays.dimension', '=', 'total')
        .as('began'),
    )
    .select((eb) =>
      eb
        .selectFrom('attributionModels')
        .select((own) => own.fn.max('version').as('version'))
        .whereRef('attributionModels.appId', '=', 'apps.id')
        .whereRef('attributionModels.model', '=', 'trackingSettings.attributionModel')
        .as('learnt'),
    )
    .where('apps.id', '=', asked.appId)
    .where('apps.workspaceId', '=', workspaceId)
    .executeTakeFirst();
  if (!row) throw notFound('app');
  const { timeZone, currency, attributionModel, privacyTier } = settings.parse(row);
  return {
    appId: asked.appId,
    timeZone,
    currency,
    model: modelOf(attributionModel, row.learnt !== null),
    consented: privacyTier === 'consented',
    began: row.began,
    ...periodsFor(asked, clock.now(), timeZone, row.began),
    filters: asked.filters ?? [],
    closedDays: await closedDaysOf(inside, asked),
  };
}

async function closedDaysOf(
  { tx, workspaceId }: Inside,
  { appId, filters = [] }: { appId: string; filters?: readonly Filter[] },
): Promise<ReadonlySet<string>> {
  if (!filters.some(({ dimension }) => dimension === 'path')) return new Set();
  const rows = await tx
    .selectFrom('trafficClosed')
    .select('firstDay')
    .where('workspaceId', '=', workspaceId)
    .where('appId', '=', appId)
    .where('span', '=', 'day')
    .where('state', '=', 'closed')
    .execute();
  return new Set(rows.map((row) => row.firstDay));
}

/** The app's own model; one that is still to be learnt from its journeys gives no credit yet. */
function modelOf(wanted: string | null, learnt: boolean): AnyModel {
  const models: readonly AnyModel[] = learnt ? allModels : creditModels;
  return models.find((model) => model === wanted) ?? defaultCreditModel;
}

/** What stands at the head of every answer. */
export function headOf(scope: Scope, visitorsAre: 'daily' | 'distinct' = 'daily') {
  return {
    timeZone: scope.timeZone,
    currency: scope.currency,
    days: boundsOf(scope.current),
    previousDays: scope.previous === null ? null : boundsOf(scope.previous),
    visitorsAre,
    countedFrom: scope.filters.length === 0 ? ('totals' as const) : ('visits' as const),
  };
}

function boundsOf({ days }: Period) {
  return { from: days[0] ?? '', until: days.at(-1) ?? '' };
}

/** The instants at which the local days of a period begin, and the one at which the last ends. */
export function startsOf(period: Period, timeZone: string): Date[] {
  return [...period.days.map((day) => startOf(day, timeZone)), period.until];
}

function startOf(day: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds);
}
