import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn } from '#src/plan/times.ts';
import { eachApp } from '#src/understand/apps/each.ts';
import { appOf } from '#src/understand/apps.ts';
import { composeReport } from './compose.ts';
import {
  dueAt,
  nameOf,
  periodAround,
  periodBefore,
  periodFrom,
  type ReportKind,
  reportKinds,
  type Span,
  USUAL_MINUTE,
} from './periods.ts';
import { recipientsOf } from './recipients.ts';

const PURPOSE: Record<ReportKind, string> = {
  weekly: 'marketing summary',
  monthly: 'growth report',
  quarterly: 'business review',
  annual: 'strategic plan',
};

/** After a long time off no more than so many reports of a kind are written at once. */
const MOST = 12;

/**
 * Writes the report of one period and freezes it: one that is there is returned as it is. Without `periodStartsOn` the
 * period that ended last, by the workspace's days; one that is not over is refused.
 */
export function writeReport(
  context: Context,
  appId: string,
  kind: ReportKind,
  periodStartsOn?: string,
): Promise<{ id: string; isNew: boolean }> {
  return transaction(context, async (inside) => {
    const { timeZone } = await workspaceOf(inside);
    const today = dayIn(timeZone, inside.clock.now());
    const span =
      periodStartsOn === undefined
        ? periodBefore(kind, periodAround(kind, today))
        : periodFrom(kind, periodStartsOn, today);
    return freeze(inside, appId, kind, span);
  });
}

/**
 * For the clock: the reports whose time has come, of every active app. Of the period that ended last the mails are
 * prepared, once; those of earlier periods, when the server was off, are written and not mailed. Safe to run twice, also
 * at once. Returns how many were written.
 */
export async function writeDueReports(context: Context): Promise<number> {
  let written = 0;
  const write = async (appId: string) => {
    for (const kind of reportKinds)
      for (const [index, span] of (await duePeriods(context, appId, kind)).entries())
        written += await transaction(context, async (inside) => {
          const report = await freeze(inside, appId, kind, span);
          if (index === 0) await prepareMails(inside, { reportId: report.id, appId, kind });
          return report.isNew ? 1 : 0;
        });
  };
  await eachApp(context, write, { active: true });
  return written;
}

/** The minute of the local day on which a kind is written and sent. */
export async function sendMinuteOf({ tx }: Inside, appId: string, kind: ReportKind): Promise<number> {
  const row = await tx
    .selectFrom('reportSchedules')
    .select('sendMinute')
    .where('appId', '=', appId)
    .where('kind', '=', kind)
    .executeTakeFirst();
  return row?.sendMinute ?? USUAL_MINUTE;
}

/** Periods that are due and unwritten, or written and not looked at for mails; the newest first. */
function duePeriods(context: Context, appId: string, kind: ReportKind): Promise<Span[]> {
  return transaction(context, async (inside) => {
    const { timeZone } = await workspaceOf(inside);
    const { createdAt } = await inside.tx
      .selectFrom('apps')
      .select('createdAt')
      .where('id', '=', appId)
      .executeTakeFirstOrThrow();
    const began = dayIn(timeZone, createdAt);
    const now = inside.clock.now();
    const last = await inside.tx
      .selectFrom('reports')
      .select(['periodStartsOn', 'preparedAt'])
      .where('appId', '=', appId)
      .where('kind', '=', kind)
      .orderBy('periodStartsOn', 'desc')
      .limit(1)
      .executeTakeFirst();
    let span = periodBefore(kind, periodAround(kind, dayIn(timeZone, now)));
    if (dueAt(timeZone, span, await sendMinuteOf(inside, appId, kind)) > now) span = periodBefore(kind, span);
    const due: Span[] = [];
    while (due.length < MOST && span.until >= began && (!last || span.from > last.periodStartsOn)) {
      due.push(span);
      span = periodBefore(kind, span);
    }
    if (due.length === 0 && last?.preparedAt === null && last.periodStartsOn === span.from && span.until >= began)
      return [span];
    return due;
  });
}

async function freeze(
  inside: Inside,
  appId: string,
  kind: ReportKind,
  span: Span,
): Promise<{ id: string; isNew: boolean }> {
  const app = await appOf(inside, appId);
  const known = await reportFrom(inside, appId, kind, span);
  if (known) return { id: known.id, isNew: false };
  const content = await composeReport(inside, appId, kind, span);
  const row = await inside.tx
    .insertInto('reports')
    .values({
      workspaceId: inside.workspaceId,
      appId,
      kind,
      periodStartsOn: span.from,
      periodEndsOn: span.until,
      title: `${app.name} ${PURPOSE[kind]}: ${nameOf(kind, span)}`,
      content: JSON.stringify(content),
      frozenAt: inside.clock.now(),
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'kind', 'periodStartsOn']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) {
    const other = await reportFrom(inside, appId, kind, span);
    if (!other) throw new Error('A report that stands in the way of another one is there.');
    return { id: other.id, isNew: false };
  }
  await record(inside, 'report.written', { subjectId: row.id, detail: { appId, kind } });
  return { id: row.id, isNew: true };
}

function reportFrom({ tx }: Inside, appId: string, kind: ReportKind, span: Span) {
  return tx
    .selectFrom('reports')
    .select('id')
    .where('appId', '=', appId)
    .where('kind', '=', kind)
    .where('periodStartsOn', '=', span.from)
    .executeTakeFirst();
}

/** One mail for each recipient; the mark on the report makes it once, whoever comes second. */
async function prepareMails(
  inside: Inside,
  { reportId, appId, kind }: { reportId: string; appId: string; kind: ReportKind },
): Promise<void> {
  const now = inside.clock.now();
  const marked = await inside.tx
    .updateTable('reports')
    .set({ preparedAt: now })
    .where('id', '=', reportId)
    .where('preparedAt', 'is', null)
    .returning('id')
    .executeTakeFirst();
  if (!marked) return;
  const recipients = (await recipientsOf(inside, appId, kind)).filter(({ leftAt }) => leftAt === null);
  for (const { address } of recipients) await prepareMail(inside, reportId, address);
}

/** The row a mail is claimed by: one for each report and recipient. */
export async function prepareMail(inside: Inside, reportId: string, address: string): Promise<void> {
  const now = inside.clock.now();
  await inside.tx
    .insertInto('reportDeliveries')
    .values({ workspaceId: inside.workspaceId, reportId, address, state: 'prepared', dueAt: now, preparedAt: now })
    .onConflict((oc) => oc.columns(['workspaceId', 'reportId', 'address']).doNothing())
    .execute();
}
