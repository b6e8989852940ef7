import { sql } from 'kysely';
import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { emailAddress } from '#src/distribute/newsletter/csv.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn } from '#src/plan/times.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { drawSvg } from './charts.ts';
import { reportContent } from './content.ts';
import { reportPdf } from './pdf.ts';
import { dueAt, nameOf, periodAround, periodBefore, type ReportKind, reportKinds } from './periods.ts';
import { readReport } from './read.ts';
import { addRecipient, recipientsOf, removeRecipient } from './recipients.ts';
import { restated, tolerance } from './restate.ts';
import { sendTo } from './send.ts';
import { sendMinuteOf, writeReport } from './write.ts';

const kind = z.enum(reportKinds);
const listed = z.object({
  id,
  appId: id,
  kind,
  periodStartsOn: z.string(),
  periodEndsOn: z.string(),
  title: z.string(),
  frozenAt: z.date(),
});
const columns = ['id', 'appId', 'kind', 'periodStartsOn', 'periodEndsOn', 'title', 'frozenAt'] as const;
const state = z.enum(['prepared', 'sent', 'confirmed', 'unknown', 'failed', 'skipped']);
const recipientInput = z.strictObject({ appId: id, kind, address: emailAddress });
const reportInput = z.strictObject({ reportId: id });

export const reportOperations = {
  list: operation({
    summary: 'List the reports of an app, newest first.',
    route: 'GET /reports',
    access: 'read',
    input: z.strictObject({ appId: id, kind: kind.optional(), limit: z.int().min(1).max(200).default(50) }),
    output: z.object({
      reports: z.array(
        listed.extend({
          headline: z.string(),
          corrections: z.int(),
          /** Its mails, by how they stand. */
          mails: z.object({ confirmed: z.int(), waiting: z.int(), unknown: z.int(), failed: z.int() }),
        }),
      ),
    }),
    run: (context, asked) => transaction(context, (inside) => listReports(inside, asked)),
  }),
  get: operation({
    summary: 'Show a report as it was frozen, with the corrections made since and how its mails ended.',
    route: 'GET /reports/{reportId}',
    access: 'read',
    input: reportInput,
    output: listed.extend({
      content: reportContent,
      /** When a number is restated, in words. */
      tolerance: z.string(),
      corrections: z.array(
        z.object({
          text: z.string(),
          correctedAt: z.date(),
          /** recount: the same numbers counted again; person: written by hand. */
          source: z.enum(['person', 'recount']),
          changes: z.array(restated),
        }),
      ),
      mails: z.array(
        z.object({
          address: z.string(),
          state,
          reason: z.string().nullable(),
          sentAt: z.date().nullable(),
          messageId: z.string().nullable(),
        }),
      ),
    }),
    run: (context, { reportId }) => transaction(context, (inside) => showReport(inside, reportId)),
  }),
  charts: operation({
    summary: 'Draw the charts of a report as SVG.',
    route: 'GET /reports/{reportId}/charts',
    access: 'read',
    input: reportInput.extend({
      scheme: z.enum(['light', 'dark']).default('light'),
      width: z.enum(['wide', 'narrow']).default('wide'),
    }),
    output: z.object({ charts: z.array(z.object({ key: z.string(), svg: z.string() })) }),
    run: async (context, { reportId, scheme, width }) => {
      const { content } = await transaction(context, (inside) => readReport(inside, reportId));
      const charts = [];
      for (const { wide, blocks } of content.sections)
        for (const block of blocks)
          if (block.type === 'chart') {
            const fits = width === 'wide' && !wide ? 'half' : width;
            charts.push({ key: block.key, svg: await drawSvg(block, { scheme, width: fits }) });
          }
      return { charts };
    },
  }),
  pdf: operation({
    summary: 'Draw a report as a PDF document.',
    route: 'GET /reports/{reportId}/pdf',
    access: 'read',
    input: reportInput,
    output: z.object({ name: z.string(), base64: z.string() }),
    run: async (context, { reportId }) => {
      const report = await transaction(context, (inside) => readReport(inside, reportId));
      const pdf = await reportPdf(report);
      return { name: `${report.kind}-${report.periodStartsOn}.pdf`, base64: pdf.toString('base64') };
    },
  }),
  write: operation({
    summary: 'Write the report of a week, month, quarter or year that is over; one that exists stays as it is.',
    route: 'POST /reports',
    access: 'write',
    long: true,
    input: z.strictObject({ appId: id, kind, periodStartsOn: day.optional() }),
    output: z.object({ id, isNew: z.boolean() }),
    run: (context, { appId, kind, periodStartsOn }) => writeReport(context, appId, kind, periodStartsOn),
  }),
  correct: operation({
    summary: 'Add a dated correction to a report; the report itself stays frozen.',
    route: 'POST /reports/{reportId}/corrections',
    access: 'write',
    input: reportInput.extend({ text: z.string().trim().min(1).max(4000) }),
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
  send: operation({
    summary: 'Send a report to a recipient who did not get it, or may not have.',
    route: 'POST /reports/{reportId}/send',
    access: 'destructive',
    role: 'editor',
    input: reportInput.extend({ address: emailAddress }),
    output: done,
    run: (context, { reportId, address }) =>
      transaction(context, async (inside) => {
        await sendTo(inside, reportId, address);
        await audit(inside, { operation: 'reports.send', subject: reportId, after: { address } });
        return { done: true };
      }),
  }),
  schedule: operation({
    summary: 'Show when the next report of each kind goes out, and to whom.',
    route: 'GET /apps/{appId}/reports/schedule',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      timeZone: z.string(),
      /** Whether a mail server is set; without one mails wait. */
      canMail: z.boolean(),
      kinds: z.array(
        z.object({
          kind,
          next: z.object({ name: z.string(), periodStartsOn: z.string(), periodEndsOn: z.string(), dueAt: z.date() }),
          /** Local, `08:00`. */
          time: z.string(),
          recipients: z.array(
            z.object({
              address: z.string(),
              isMember: z.boolean(),
              addedAt: z.date(),
              /** They unsubscribed by the link in a mail. */
              leftAt: z.date().nullable(),
            }),
          ),
        }),
      ),
    }),
    run: (context, { appId }) => transaction(context, (inside) => showSchedule(inside, appId)),
  }),
  setTime: operation({
    summary: 'Set the local time at which a kind of report is written and sent.',
    route: 'PUT /apps/{appId}/reports/schedule/{kind}',
    access: 'write',
    input: z.strictObject({
      appId: id,
      kind,
      time: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'A time is written 08:00.'),
    }),
    output: done,
    run: (context, { appId, kind, time }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const [hours = 0, minutes = 0] = time.split(':').map(Number);
        const sendMinute = hours * 60 + minutes;
        await inside.tx
          .insertInto('reportSchedules')
          .values({ workspaceId: inside.workspaceId, appId, kind, sendMinute })
          .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'kind']).doUpdateSet({ sendMinute }))
          .execute();
        await audit(inside, { operation: 'reports.setTime', subject: appId, after: { kind, time } });
        return { done: true };
      }),
  }),
  addRecipient: operation({
    summary: 'Send a kind of report to an address from the next one on.',
    route: 'POST /apps/{appId}/reports/recipients',
    access: 'write',
    input: recipientInput,
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => {
        await addRecipient(inside, input);
        return { done: true };
      }),
  }),
  removeRecipient: operation({
    summary: 'Send a kind of report to an address no more.',
    route: 'DELETE /apps/{appId}/reports/recipients/{kind}/{address}',
    access: 'destructive',
    input: recipientInput,
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => {
        await removeRecipient(inside, input);
        return { done: true };
      }),
  }),
};

async function listReports(
  inside: Inside,
  { appId, kind, limit }: { appId: string; kind?: ReportKind | undefined; limit: number },
) {
  await appOf(inside, appId);
  const rows = await inside.tx
    .selectFrom('reports')
    .select(columns)
    .select((eb) => [
      sql<string>`content ->> 'headline'`.as('headline'),
      eb
        .selectFrom('reportCorrections as c')
        .select((own) => own.fn.countAll<number>().as('n'))
        .whereRef('c.reportId', '=', 'reports.id')
        .as('corrections'),
    ])
    .where('appId', '=', appId)
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind as ReportKind))
    .orderBy('periodEndsOn', 'desc')
    .orderBy('kind')
    .limit(limit)
    .execute();
  const ids = rows.map((row) => row.id);
  const mails =
    ids.length === 0
      ? []
      : await inside.tx
          .selectFrom('reportDeliveries')
          .select(['reportId', 'state'])
          .where('reportId', 'in', ids)
          .execute();
  return {
    reports: rows.map((row) => {
      const own = mails.filter(({ reportId }) => reportId === row.id);
      const count = (...states: string[]) => own.filter((mail) => states.includes(mail.state)).length;
      return {
        ...row,
        corrections: row.corrections ?? 0,
        mails: {
          confirmed: count('confirmed'),
          waiting: count('prepared', 'sent'),
          unknown: count('unknown'),
          failed: count('failed'),
        },
      };
    }),
  };
}

async function showReport(inside: Inside, reportId: string) {
  const report = await readReport(inside, reportId);
  const corrections = await inside.tx
    .selectFrom('reportCorrections')
    .select(['text', 'correctedAt', 'source', 'changes'])
    .where('reportId', '=', reportId)
    .orderBy('correctedAt')
    .orderBy('id')
    .execute();
  const mails = await inside.tx
    .selectFrom('reportDeliveries')
    .select(['address', 'state', 'reason', 'sentAt', 'messageId'])
    .where('reportId', '=', reportId)
    .orderBy('address')
    .execute();
  const { id, appId, kind, periodStartsOn, periodEndsOn, title, frozenAt, content } = report;
  return {
    ...{ id, appId, kind, periodStartsOn, periodEndsOn, title, frozenAt, content, tolerance, mails },
    corrections: corrections.map((each) => ({ ...each, changes: z.array(restated).parse(each.changes) })),
  };
}

async function showSchedule(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const { timeZone } = await workspaceOf(inside);
  const now = inside.clock.now();
  const mail = await inside.tx.selectFrom('mailSettings').select('host').executeTakeFirst();
  const kinds = [];
  for (const kind of reportKinds) {
    const minute = await sendMinuteOf(inside, appId, kind);
    const current = periodAround(kind, dayIn(timeZone, now));
    const last = periodBefore(kind, current);
    // On the morning after a period, before the hour, it is that one which goes out next.
    const span = dueAt(timeZone, last, minute) > now ? last : current;
    kinds.push({
      kind,
      next: {
        name: nameOf(kind, span),
        periodStartsOn: span.from,
        periodEndsOn: span.until,
        dueAt: dueAt(timeZone, span, minute),
      },
      time: `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`,
      recipients: await recipientsOf(inside, appId, kind),
    });
  }
  return { timeZone, canMail: mail !== undefined, kinds };
}
