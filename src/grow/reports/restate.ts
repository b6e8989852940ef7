import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { minorUnits } from '#src/outside/payments/currency.ts';
import { eachApp } from '#src/understand/apps/each.ts';
import type { ReportContent } from './content.ts';
import { numbersOf, watchedOf } from './numbers.ts';
import { type ReportKind, reportKinds } from './periods.ts';
import { readReport } from './read.ts';
import { valueWords } from './words.ts';

/** How many reports of each kind are counted again, the newest first: about the time in which refunds and imports come. */
const LOOKED_AT: Record<ReportKind, number> = { weekly: 8, monthly: 4, quarterly: 2, annual: 1 };

/** The rule, as page and documents state it. */
export const tolerance =
  'A number is restated when counting it again gives more than 1% and at least 1 (for money: one whole unit of the currency) more or less.';

export const restated = z.object({
  key: z.string(),
  label: z.string(),
  unit: z.enum(['count', 'money', 'rate', 'months']),
  currency: z.string().nullable(),
  /** Null = it was not counted when the report was written. */
  was: z.string().nullable(),
  now: z.string(),
});
export type Restated = z.infer<typeof restated>;

/** For the clock: counts the newest reports again and dates what differs beyond the tolerance. Returns how many did. */
export async function restateReports(context: Context): Promise<number> {
  let count = 0;
  const restate = async (appId: string) => {
    for (const kind of reportKinds)
      for (const { id } of await newest(context, appId, kind))
        if (await transaction(context, (inside) => restateReport(inside, id))) count += 1;
  };
  await eachApp(context, restate, { active: true });
  return count;
}

/** The frozen report stays; beside it stands since when which number is another. True when something was restated. */
export async function restateReport(inside: Inside, reportId: string): Promise<boolean> {
  // Two processes would write the same correction twice.
  await inside.tx.selectFrom('reports').select('id').where('id', '=', reportId).forUpdate().execute();
  const report = await readReport(inside, reportId);
  const { content } = report;
  const numbers = await numbersOf(inside, report.appId, { from: report.periodStartsOn, until: report.periodEndsOn });
  // With other days or another currency every number is another, and none of them was wrong.
  if (numbers.timeZone !== content.timeZone || numbers.currency !== content.currency) return false;
  const changes = differences(await lastKnown(inside, reportId, content.watched), watchedOf(numbers), content.currency);
  if (changes.length === 0) return false;
  const words = ({ label, unit, currency, was, now }: Restated) =>
    `${label} ${was === null ? 'not counted' : valueWords(was, unit, currency)} → ${valueWords(now, unit, currency)}`;
  await inside.tx
    .insertInto('reportCorrections')
    .values({
      workspaceId: inside.workspaceId,
      reportId,
      source: 'recount',
      changes: JSON.stringify(changes),
      text: `Counted again: ${changes.map(words).join('; ')}.`,
      correctedAt: inside.clock.now(),
    })
    .execute();
  await record(inside, 'report.restated', { subjectId: reportId, detail: { appId: report.appId, kind: report.kind } });
  return true;
}

/** What differs beyond the tolerance. */
export function differences(
  known: ReportContent['watched'],
  counted: ReportContent['watched'],
  currency: string,
): Restated[] {
  return known.flatMap(({ key, label, unit, value: was }) => {
    const now = counted.find((each) => each.key === key)?.value;
    if (now === undefined || now === null) return [];
    const least = unit === 'money' ? 10 ** minorUnits(currency) : 1;
    const by = Math.abs(Number(now) - Number(was ?? 0));
    if (by < least || by <= 0.01 * Math.abs(Number(was ?? 0))) return [];
    return [{ key, label, unit, currency: unit === 'money' ? currency : null, was, now }];
  });
}

/** The watched numbers with what earlier recounts made of them. */
async function lastKnown(
  { tx }: Inside,
  reportId: string,
  watched: ReportContent['watched'],
): Promise<ReportContent['watched']> {
  const rows = await tx
    .selectFrom('reportCorrections')
    .select('changes')
    .where('reportId', '=', reportId)
    .where('source', '=', 'recount')
    .orderBy('correctedAt')
    .orderBy('id')
    .execute();
  const latest = new Map(
    rows.flatMap(({ changes }) => z.array(restated).parse(changes)).map(({ key, now }) => [key, now]),
  );
  return watched.map((each) => ({ ...each, value: latest.get(each.key) ?? each.value }));
}

function newest(context: Context, appId: string, kind: ReportKind) {
  return transaction(context, ({ tx }) =>
    tx
      .selectFrom('reports')
      .select('id')
      .where('appId', '=', appId)
      .where('kind', '=', kind)
      .orderBy('periodStartsOn', 'desc')
      .limit(LOOKED_AT[kind])
      .execute(),
  );
}
