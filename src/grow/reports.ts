import { sql } from 'kysely';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { activeApps } from '#src/grow/active-apps.ts';
import { dayMs, dayOf, weekStart } from '#src/grow/detectors/detector.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type CountMetric, countFigure, type Figure, figure, moneyFigures, readCounts, readMoney } from './numbers.ts';

const kinds = ['weekly', 'monthly'] as const;
export type ReportKind = (typeof kinds)[number];

const content = z.object({
  sentences: z.array(z.string()),
  figures: z.array(figure),
  posts: z.array(z.object({ id, title: z.string(), visits: z.int(), signups: z.int() })),
  insights: z.array(z.object({ id, sentence: z.string() })),
  suggestions: z.array(z.object({ id, title: z.string(), state: z.string() })),
});
export type ReportContent = z.infer<typeof content>;

const shownCounts: CountMetric[] = ['visits', 'signups', 'posts', 'impressions', 'engagement', 'followers', 'replies'];

/**
 * Writes the report of one period and freezes it: a report that is there is returned as it is, later corrections are
 * dated rows beside it. Periods are whole weeks (from Monday) or months in UTC; one that is not over is refused.
 */
export function writeReport(
  context: Context,
  appId: string,
  kind: ReportKind,
  periodStartsOn?: string,
): Promise<{ id: string; isNew: boolean }> {
  return transaction(context, async (inside) => {
    const app = await appOf(inside, appId);
    const period = periodOf(kind, periodStartsOn, inside.clock.now());
    const known = await inside.tx
      .selectFrom('reports')
      .select('id')
      .where('appId', '=', appId)
      .where('kind', '=', kind)
      .where('periodStartsOn', '=', dayOf(period.from))
      .executeTakeFirst();
    if (known) return { id: known.id, isNew: false };
    const last = dayOf(new Date(period.until.getTime() - dayMs));
    const row = await inside.tx
      .insertInto('reports')
      .values({
        workspaceId: inside.workspaceId,
        appId,
        kind,
        periodStartsOn: dayOf(period.from),
        periodEndsOn: last,
        title: `${app.name}: ${kind === 'weekly' ? 'the week' : 'the month'} from ${dayOf(period.from)} to ${last}`,
        content: JSON.stringify(await contentOf(inside, appId, period)),
        frozenAt: inside.clock.now(),
      })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'kind', 'periodStartsOn']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) return writeReport(inside, appId, kind, periodStartsOn);
    await record(inside, 'report.written', { subjectId: row.id, detail: { appId, kind } });
    return { id: row.id, isNew: true };
  });
}

/** For the clock: the report of the period that ended last, for every active app. Safe to run twice. */
export async function writeReports(context: Context, kind: ReportKind): Promise<void> {
  for (const app of await activeApps(context)) await writeReport(context, app.id, kind);
}

type Period = { before: Date; from: Date; until: Date };

function periodOf(kind: ReportKind, startsOn: string | undefined, now: Date): Period {
  const current = startOf(kind, now);
  const from = startsOn ? new Date(`${startsOn}T00:00:00Z`) : startOf(kind, new Date(current.getTime() - 1));
  if (startOf(kind, from).getTime() !== from.getTime())
    throw refuse(
      'invalid',
      'period',
      kind === 'weekly' ? 'A week begins on a Monday. Name one.' : 'A month begins on its first day. Name that day.',
    );
  if (from >= current)
    throw refuse('conflict', 'period_open', 'This period is not over yet. Its report can be written afterwards.');
  return { from, until: nextStart(kind, from), before: startOf(kind, new Date(from.getTime() - 1)) };
}

function startOf(kind: ReportKind, at: Date): Date {
  return kind === 'weekly' ? weekStart(at) : new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1));
}

function nextStart(kind: ReportKind, from: Date): Date {
  return kind === 'weekly'
    ? new Date(from.getTime() + 7 * dayMs)
    : new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
}

async function contentOf(inside: Inside, appId: string, { before, from, until }: Period): Promise<ReportContent> {
  const { currency } = await workspaceOf(inside);
  const [counts, countsBefore] = [
    await readCounts(inside, appId, from, until),
    await readCounts(inside, appId, before, from),
  ];
  const [money, moneyBefore] = [
    await readMoney(inside, appId, from, until),
    await readMoney(inside, appId, before, from),
  ];
  const figures = [
    ...shownCounts.map((metric) => countFigure(metric, counts, countsBefore)),
    ...(['paid', 'newMrr', 'mrr'] as const).flatMap((metric) => moneyFigures(metric, money, moneyBefore, currency)),
  ];
  const { rows: posts } = await sql<ReportContent['posts'][number]>`
    select p.id, p.title, sum(d.visits)::int as visits, sum(d.signups)::int as signups
    from traffic_days d join posts p on p.workspace_id = d.workspace_id and p.id::text = d.value
    where d.app_id = ${appId} and d.dimension = 'post' and d.day >= ${dayOf(from)}::date and d.day < ${dayOf(until)}::date
    group by p.id, p.title order by sum(d.visits) desc, p.title limit 5`.execute(inside.tx);
  const insights = await inside.tx
    .selectFrom('insights')
    .select(['id', 'sentence'])
    .where('appId', '=', appId)
    .where('foundAt', '>=', from)
    .where('foundAt', '<', until)
    .orderBy('foundAt')
    .limit(20)
    .execute();
  const suggestions = await inside.tx
    .selectFrom('suggestions as s')
    .innerJoin('suggestionDecisions as d', 'd.suggestionId', 's.id')
    .select(['s.id', 's.title', 'd.toState as state'])
    .where('s.appId', '=', appId)
    .where('d.decidedAt', '>=', from)
    .where('d.decidedAt', '<', until)
    .where('d.toState', 'in', ['accepted', 'done'])
    .orderBy('d.decidedAt')
    .execute();
  return {
    figures,
    posts,
    insights,
    suggestions,
    sentences: [...figures.slice(0, 3).map(sentenceOf), ...bestPost(posts)],
  };
}

function sentenceOf({ label, value, before, reason }: Figure): string {
  if (value === null) return `${label}: ${reason ?? 'not counted.'}`;
  if (before === null) return `${label}: ${value}; the period before was not counted.`;
  if (value === before) return `${label}: ${value}, as many as the period before.`;
  return `${label}: ${value}, ${BigInt(value) > BigInt(before) ? 'up' : 'down'} from ${before} the period before.`;
}

function bestPost(posts: ReportContent['posts']): string[] {
  const best = posts[0];
  return best && best.visits > 0 ? [`“${best.title}” brought the most visits: ${best.visits}.`] : [];
}

const listed = z.object({
  id,
  appId: id,
  kind: z.enum([...kinds, 'quarterly', 'annual']),
  periodStartsOn: z.string(),
  periodEndsOn: z.string(),
  title: z.string(),
  frozenAt: z.date(),
});
const columns = ['id', 'appId', 'kind', 'periodStartsOn', 'periodEndsOn', 'title', 'frozenAt'] as const;

export const reportOperations = {
  list: operation({
    summary: 'List the reports of an app, newest first.',
    route: 'GET /reports',
    access: 'read',
    input: z.strictObject({ appId: id, limit: z.int().min(1).max(200).default(50) }),
    output: z.object({ reports: z.array(listed) }),
    run: (context, { appId, limit }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        return {
          reports: await inside.tx
            .selectFrom('reports')
            .select(columns)
            .where('appId', '=', appId)
            .orderBy('periodEndsOn', 'desc')
            .orderBy('kind')
            .limit(limit)
            .execute(),
        };
      }),
  }),
  get: operation({
    summary: 'Show a report as it was frozen, with the corrections made since.',
    route: 'GET /reports/{reportId}',
    access: 'read',
    input: z.strictObject({ reportId: id }),
    output: listed.extend({ content, corrections: z.array(z.object({ text: z.string(), correctedAt: z.date() })) }),
    run: (context, { reportId }) =>
      transaction(context, async ({ tx }) => {
        const report = await tx
          .selectFrom('reports')
          .select([...columns, 'content'])
          .where('id', '=', reportId)
          .executeTakeFirst();
        if (!report) throw notFound('report');
        const corrections = await tx
          .selectFrom('reportCorrections')
          .select(['text', 'correctedAt'])
          .where('reportId', '=', reportId)
          .orderBy('correctedAt')
          .execute();
        return { ...report, content: report.content as ReportContent, corrections };
      }),
  }),
  write: operation({
    summary: 'Write the report of a week or month that is over; one that exists stays as it is.',
    route: 'POST /reports',
    access: 'write',
    input: z.strictObject({ appId: id, kind: z.enum(kinds), periodStartsOn: day.optional() }),
    output: z.object({ id, isNew: z.boolean() }),
    run: (context, { appId, kind, periodStartsOn }) => writeReport(context, appId, kind, periodStartsOn),
  }),
  correct: operation({
    summary: 'Add a dated correction to a report; the report itself stays frozen.',
    route: 'POST /reports/{reportId}/corrections',
    access: 'write',
    input: z.strictObject({ reportId: id, text: z.string().trim().min(1).max(4000) }),
    output: done,
    run: (context, { reportId, text }) =>
      transaction(context, async (inside) => {
        const report = await inside.tx.selectFrom('reports').select('id').where('id', '=', reportId).executeTakeFirst();
        if (!report) throw notFound('report');
        await inside.tx
          .insertInto('reportCorrections')
          .values({ workspaceId: inside.workspaceId, reportId, text, correctedAt: inside.clock.now() })
          .execute();
        await audit(inside, { operation: 'reports.correct', subject: reportId, after: { text } });
        return { done: true };
      }),
  }),
};
