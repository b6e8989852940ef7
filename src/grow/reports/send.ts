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
  try {
    await writeDueReports(context);
  } finally {
    // A report that cannot be written keeps no other from being sent.
    await sendReports(context);
  }
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
  const drawn = new Map<string, Drawn | null>();
  const failures: unknown[] = [];
  let confirmed = 0;
  try {
    for (const { id, reportId } of waiting.slice(0, Math.min(BATCH, mailbox.perMinute))) {
      // Before it is claimed: what fails in drawing has not left, and keeps no other report from leaving.
      if (!drawn.has(reportId))
        try {
          drawn.set(reportId, await draw(context, reportId));
        } catch (error) {
          failures.push(error);
          drawn.set(reportId, null);
        }
      const ready = drawn.get(reportId);
      if (!ready) continue;
      const claimed = await transaction(context, (inside) => claim(inside, { id, mailbox, drawn: ready }));
      if (!claimed) continue;
      const outcome = await line.send(claimed.letter);
      if (outcome.kind === 'accepted') confirmed += 1;
      await transaction(context, (inside) => settle(inside, { id, ...claimed, report: ready.report }, outcome));
    }
  } finally {
    line.close();
  }
  if (failures.length > 0) throw new AggregateError(failures, `${failures.length} reports could not be drawn.`);
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
    const { png } = await drawPng(chart, 'mail');
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
): Promise<{ letter: Letter; sentAt: Date } | null> {
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
    await tx
      .updateTable('reportDeliveries')
      .set({ state: 'skipped', reason: 'The address was taken off the list before this was sent.' })
      .where('id', '=', id)
      .execute();
    return null;
  }
  const messageId = messageIdOf(mailbox.from.address, report.id, row.address);
  const sentAt = clock.now();
  await tx.updateTable('reportDeliveries').set({ state: 'sent', sentAt, messageId }).where('id', '=', id).execute();
  const leaveUrl = recipient.isMember
    ? null
    : `${publicUrl}/letters/report/${linkToken(secrets, 'report', workspaceId, recipient.id)}`;
  const around = { readUrl: `${publicUrl}/reports/${report.id}`, leaveUrl };
  const letter = {
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
  return { letter, sentAt };
}

/** The same for a report and its recipient, however often it is tried. */
export function messageIdOf(from: string, reportId: string, address: string): string {
  const digest = createHash('sha256').update(`${reportId} ${address}`).digest('hex');
  return messageIdFor(from, `report.${digest.slice(0, 32)}`);
}

async function settle(
  inside: Inside,
  { id, sentAt, report }: { id: string; sentAt: Date; report: Report },
  outcome: MailOutcome,
): Promise<void> {
  const now = inside.clock.now();
  const claim = { id, sentAt };
  if (outcome.kind === 'accepted') {
    await ended(inside, claim, { state: 'confirmed', confirmedAt: now, reason: null });
    await settleNotice(inside, NO_SERVER);
    return;
  }
  if (outcome.kind === 'unknown') {
    if (await ended(inside, claim, { state: 'unknown', reason: `${outcome.reason} ${MAYBE}` }))
      await tellUnknown(inside, report);
    return;
  }
  const { tries } = await inside.tx
    .selectFrom('reportDeliveries')
    .select('tries')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  const wait = outcome.kind === 'later' ? AGAIN[tries] : undefined;
  if (wait !== undefined) {
    const dueAt = new Date(now.getTime() + wait * MINUTE);
    await ended(inside, claim, { state: 'prepared', dueAt, tries: tries + 1, reason: outcome.reason });
    return;
  }
  const reason = outcome.kind === 'later' ? `Put off too often. ${outcome.reason}` : outcome.reason;
  if (await ended(inside, claim, { state: 'failed', reason })) await tellFailed(inside, report, outcome.reason);
}

const MAYBE = 'It may have arrived, so it is not sent again by itself.';

type Ending = {
  state: 'prepared' | 'confirmed' | 'unknown' | 'failed';
  reason: string | null;
  confirmedAt?: Date;
  dueAt?: Date;
  tries?: number;
};

/**
 * Writes how a claimed mail ended. One that was given up meanwhile is left as it is unless the server took it, and one
 * that somebody asked for again belongs to who claimed it then. Whether it was written.
 */
async function ended({ tx }: Inside, { id, sentAt }: { id: string; sentAt: Date }, ending: Ending): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('reportDeliveries')
    .set(ending)
    .where('id', '=', id)
    .where('sentAt', '=', sentAt)
    .where('state', 'in', ending.state === 'confirmed' ? ['sent', 'unknown', 'prepared'] : ['sent'])
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** A process that died may have handed over what it had claimed. */
async function giveUpLost(inside: Inside): Promise<void> {
  const now = inside.clock.now().getTime();
  const lost = await inside.tx
    .updateTable('reportDeliveries')
    .set({ state: 'unknown', reason: `The server stopped while this was being handed over. ${MAYBE}` })
    .where('state', '=', 'sent')
    // Or later than now by as much: the clock was wrong when it was claimed.
    .where((eb) => eb.or([eb('sentAt', '<=', new Date(now - LOST)), eb('sentAt', '>=', new Date(now + LOST))]))
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
