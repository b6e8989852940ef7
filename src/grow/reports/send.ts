import { createHash } from 'node:crypto';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { linkToken } from '#src/distribute/newsletter/tokens.ts';
import { enqueue } from '#src/jobs.ts';
import type { Letter, MailOutcome } from '#src/outside/mail.ts';
import { type Mailbox, mailboxOf, messageIdFor } from '#src/people/mail.ts';
import { notify, settleNotice } from '#src/people/notices.ts';
import { refuse } from '#src/refusal.ts';
import { drawPng } from './charts.ts';
import { chartsOf, type Report } from './content.ts';
import { letterHtml, letterText } from './letter.ts';
import { readReport } from './read.ts';
import { recipientsOf } from './recipients.ts';
import { prepareMail, writeDueReports } from './write.ts';

/** The line of the flow that does it; asking for a mail wakes it too. */
export const REPORTING = 'write and send the reports that are due';

const BATCH = 50;
const MINUTE = 60_000;
/** After how many minutes a mail that was certainly not taken is tried again; then it is given up. */
const AGAIN = [5, 30, 120, 480, 1_440];
/** A mail that is `sent` for longer without an answer belongs to a process that died. */
const LOST = 10 * MINUTE;
const NO_SERVER = 'reports-mail-server';

/** Writes what is due, then sends what is prepared. Safe to run twice, also at once. */
export async function runReports(context: Context): Promise<void> {
  await writeDueReports(context);
  await sendReports(context);
}

/**
 * Sends the prepared mails, one after another. Each is claimed as `sent` and committed before a byte leaves, so that it
 * leaves once whatever stops: one that has no answer is `unknown` and said, never repeated by itself. SMTP cannot be
 * asked afterwards whether it took a mail; the message id stays the same, so that a reader knows a second one. Returns
 * how many the server took.
 */
export async function sendReports(context: Context): Promise<number> {
  // Of the demo nothing leaves the machine.
  if (context.demo) return 0;
  await transaction(context, giveUpLost);
  const waiting = await transaction(context, dueMails);
  if (waiting.length === 0) return 0;
  const mailbox = await transaction(context, mailboxOf);
  if (!mailbox) {
    await transaction(context, tellToSetMail);
    return 0;
  }
  const line = context.mail.open(mailbox.server);
  const drawn = new Map<string, Drawn>();
  let confirmed = 0;
  try {
    for (const { id, reportId } of waiting.slice(0, Math.min(BATCH, mailbox.perMinute))) {
      // Before it is claimed: what fails in drawing has not left.
      const ready = drawn.get(reportId) ?? (await draw(context, reportId));
      drawn.set(reportId, ready);
      const letter = await transaction(context, (inside) => claim(inside, { id, mailbox, drawn: ready }));
      if (!letter) continue;
      const outcome = await line.send(letter);
      if (outcome.kind === 'accepted') confirmed += 1;
      await transaction(context, (inside) => settle(inside, { id, report: ready.report }, outcome));
    }
  } finally {
    line.close();
  }
  return confirmed;
}

/** A mail to a recipient who did not get this report, or may not have: asked for by a person. */
export async function sendTo(inside: Inside, reportId: string, address: string): Promise<void> {
  if (inside.demo) throw refuse('conflict', 'demo', 'The demo sends no mail. Start Fanfare itself to try this.');
  const report = await readReport(inside, reportId);
  const known = (await recipientsOf(inside, report.appId, report.kind)).find((one) => one.address === address);
  if (!known || known.leftAt !== null)
    throw refuse('invalid', 'recipient', `${address} is no recipient of this report. Add the address first.`);
  const delivery = await inside.tx
    .selectFrom('reportDeliveries')
    .select(['id', 'state'])
    .where('reportId', '=', reportId)
    .where('address', '=', address)
    .forUpdate()
    .executeTakeFirst();
  if (delivery?.state === 'confirmed')
    throw refuse('conflict', 'sent', `The mail server took this report for ${address} already.`);
  if (delivery?.state === 'sent') throw refuse('conflict', 'sending', 'This mail is on its way at the moment.');
  if (delivery)
    await inside.tx
      .updateTable('reportDeliveries')
      .set({ state: 'prepared', dueAt: inside.clock.now(), tries: 0, reason: null })
      .where('id', '=', delivery.id)
      .execute();
  else await prepareMail(inside, reportId, address);
  const { workspaceId } = inside;
  await enqueue(inside, 'clock', { workspaceId, reaction: REPORTING }, { key: `${workspaceId}:${REPORTING}` });
}

type Drawn = { report: Report & { appId: string }; pictures: NonNullable<Letter['inline']> };

async function draw(context: Context, reportId: string): Promise<Drawn> {
  const report = await transaction(context, (inside) => readReport(inside, reportId));
  const pictures = [];
  for (const chart of chartsOf(report.content)) {
    const { png } = await drawPng(chart);
    pictures.push({ cid: cidOf(report.id, chart.key), name: `${chart.key}.png`, type: 'image/png', content: png });
  }
  return { report, pictures };
}

function cidOf(reportId: string, key: string): string {
  return `${key}.${reportId}@fanfare`;
}

async function dueMails({ tx, clock }: Inside) {
  return tx
    .selectFrom('reportDeliveries')
    .select(['id', 'reportId'])
    .where('state', '=', 'prepared')
    .where('dueAt', '<=', clock.now())
    .orderBy('dueAt')
    .orderBy('id')
    .limit(BATCH)
    .execute();
}

/** Takes a prepared mail for itself, and writes it; null when another process was faster or nobody wants it any more. */
async function claim(
  inside: Inside,
  { id, mailbox, drawn: { report, pictures } }: { id: string; mailbox: Mailbox; drawn: Drawn },
): Promise<Letter | null> {
  const { tx, clock, publicUrl, secrets, workspaceId } = inside;
  const row = await tx
    .selectFrom('reportDeliveries')
    .select(['address'])
    .where('id', '=', id)
    .where('state', '=', 'prepared')
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (!row) return null;
  const recipient = (await recipientsOf(inside, report.appId, report.kind)).find((one) => one.address === row.address);
  if (!recipient || recipient.leftAt !== null) {
    await ended(inside, id, { state: 'skipped', reason: 'The address was taken off the list before this was sent.' });
    return null;
  }
  const messageId = messageIdOf(mailbox.from.address, report.id, row.address);
  await tx
    .updateTable('reportDeliveries')
    .set({ state: 'sent', sentAt: clock.now(), messageId })
    .where('id', '=', id)
    .execute();
  const leaveUrl = recipient.isMember
    ? null
    : `${publicUrl}/letters/report/${linkToken(secrets, 'report', workspaceId, recipient.id)}`;
  const around = { readUrl: `${publicUrl}/reports/${report.id}`, leaveUrl };
  return {
    from: mailbox.from,
    to: row.address,
    replyTo: null,
    subject: `${report.content.headline} (${report.title})`,
    text: letterText(report, around),
    html: letterHtml(report, around, ({ key }) => cidOf(report.id, key)),
    messageId,
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(leaveUrl === null
        ? {}
        : { 'List-Unsubscribe': `<${leaveUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    },
    inline: pictures,
  };
}

/** The same for a report and its recipient, however often it is tried. */
export function messageIdOf(from: string, reportId: string, address: string): string {
  const digest = createHash('sha256').update(`${reportId} ${address}`).digest('hex');
  return messageIdFor(from, `report.${digest.slice(0, 32)}`);
}

async function settle(
  inside: Inside,
  { id, report }: { id: string; report: Report },
  outcome: MailOutcome,
): Promise<void> {
  const now = inside.clock.now();
  if (outcome.kind === 'accepted') {
    await ended(inside, id, { state: 'confirmed', confirmedAt: now, reason: null });
    await settleNotice(inside, NO_SERVER);
    return;
  }
  if (outcome.kind === 'unknown') {
    await ended(inside, id, { state: 'unknown', reason: `${outcome.reason} ${MAYBE}` });
    await tellUnknown(inside, report);
    return;
  }
  if (outcome.kind === 'refused') {
    await ended(inside, id, { state: 'failed', reason: outcome.reason });
    await tellFailed(inside, report, outcome.reason);
    return;
  }
  const { tries } = await inside.tx
    .selectFrom('reportDeliveries')
    .select('tries')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const wait = AGAIN[tries];
  if (wait === undefined) {
    await ended(inside, id, { state: 'failed', reason: `Put off too often. ${outcome.reason}` });
    await tellFailed(inside, report, outcome.reason);
    return;
  }
  const dueAt = new Date(now.getTime() + wait * MINUTE);
  await ended(inside, id, { state: 'prepared', dueAt, tries: tries + 1, reason: outcome.reason });
}

const MAYBE = 'It may have arrived, so it is not sent again by itself.';

type Ending = {
  state: 'prepared' | 'confirmed' | 'unknown' | 'failed' | 'skipped';
  reason: string | null;
  confirmedAt?: Date;
  dueAt?: Date;
  tries?: number;
};

/** Writes how a mail ended; one that was given up meanwhile is left as it is unless the server took it. */
async function ended({ tx }: Inside, id: string, ending: Ending): Promise<void> {
  await tx.updateTable('reportDeliveries').set(ending).where('id', '=', id).execute();
}

/** A process that died may have handed over what it had claimed. */
async function giveUpLost(inside: Inside): Promise<void> {
  const lost = await inside.tx
    .updateTable('reportDeliveries')
    .set({ state: 'unknown', reason: `The server stopped while this was being handed over. ${MAYBE}` })
    .where('state', '=', 'sent')
    .where('sentAt', '<=', new Date(inside.clock.now().getTime() - LOST))
    .returning('reportId')
    .execute();
  for (const reportId of new Set(lost.map((row) => row.reportId)))
    await tellUnknown(inside, await readReport(inside, reportId));
}

async function tellUnknown(inside: Inside, { id, title }: { id: string; title: string }): Promise<void> {
  await notify(inside, {
    kind: 'report_mail',
    title: 'A report may not have arrived',
    body: `${title}: nobody knows whether the mail server took it. Ask the recipient, then send it again from the report if it is missing.`,
    path: `/reports/${id}`,
    dedupe: `report-unknown:${id}`,
  });
}

async function tellFailed(inside: Inside, { id, title }: { id: string; title: string }, reason: string): Promise<void> {
  await notify(inside, {
    kind: 'report_mail',
    title: 'A report was not delivered',
    body: `${title}: ${reason} Correct the address, or send it again from the report.`,
    path: `/reports/${id}`,
    dedupe: `report-failed:${id}`,
  });
}

async function tellToSetMail(inside: Inside): Promise<void> {
  await notify(inside, {
    kind: 'mail_server',
    title: 'Reports wait for a mail server',
    body: 'Set the server by which they go out; then they are sent.',
    path: '/settings/mail',
    dedupe: NO_SERVER,
  });
}
