import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { letterHtml, letterText } from '#src/distribute/newsletter/letter.ts';
import { endSubscription } from '#src/distribute/newsletter/subscribe.ts';
import { linkToken } from '#src/distribute/newsletter/tokens.ts';
import { wakeSending } from '#src/distribute/newsletter/wake.ts';
import type { Letter, MailOutcome } from '#src/outside/mail.ts';
import { mailboxOf, messageIdFor } from '#src/people/mail.ts';
import { notify, settleNotice } from '#src/people/notices.ts';

/** At most so many in one job, so that stopping the server does not wait for a whole list. */
const BATCH = 50;
const MINUTE = 60_000;
/** After how many minutes a mail that the recipient's side put off is tried again; then it is given up. */
const AGAIN = [5, 30, 120, 480, 1_440];
/** A server that takes nothing is tried again after this, for at most so many days. */
const SERVER_AGAIN = 5 * MINUTE;
const GIVE_UP = 3 * 86_400_000;
/** One that is `sending` for longer belongs to a process that died. */
const LOST = 10 * MINUTE;
const NOT_TAKEN = 'mail-server';

/**
 * Sends mails that are due, one after another, as many as the server takes in a minute. Each is marked `sending` and
 * committed before it leaves, and sent once more only when the server certainly did not take it. Safe to run twice, also
 * at once and in several processes: together they keep to the pace. Returns how many were handed over.
 */
export async function sendDue(context: Context): Promise<number> {
  // Of the demo nothing leaves the machine.
  if (context.demo) return 0;
  const { mailbox, most } = await transaction(context, async (inside) => {
    await giveUpLost(inside);
    const found = await mailboxOf(inside);
    if (!found) await tellToSetMail(inside);
    return { mailbox: found, most: found ? found.perMinute - (await handedOver(inside)) : 0 };
  });
  if (!mailbox) return 0;
  const line = context.mail.open(mailbox.server);
  let sent = 0;
  let stopped = false;
  try {
    for (let count = 0; count < Math.min(most, BATCH) && !stopped; count++) {
      const taken = await transaction(context, (inside) => take(inside, mailbox.perMinute));
      if (!taken) break;
      if (taken === 'skipped') continue;
      const outcome = await line.send(taken.letter);
      if (outcome.kind === 'accepted') sent += 1;
      stopped = await transaction(context, (inside) => settle(inside, taken, outcome));
    }
  } finally {
    line.close();
  }
  await transaction(context, async (inside) => {
    const now = inside.clock.now();
    if (sent > 0) await settleNotice(inside, NOT_TAKEN);
    const next = await inside.tx
      .selectFrom('mailDeliveries')
      .select((eb) => eb.fn.min('dueAt').as('at'))
      .where('state', '=', 'due')
      .executeTakeFirst();
    if (!next?.at) return;
    const soonest = new Date(now.getTime() + MINUTE);
    if (most > BATCH && !stopped && next.at <= now) await wakeSending(inside);
    else await wakeSending(inside, next.at > soonest ? next.at : soonest);
  });
  return sent;
}

type Taken = { id: string; subscriberId: string; tries: number; createdAt: Date; letter: Letter };

/**
 * The next mail that is due, marked as leaving; confirmations first, since somebody waits for them. Null when none is due
 * or the minute is full; those who take at once count one after another.
 */
async function take(inside: Inside, perMinute: number): Promise<Taken | 'skipped' | null> {
  const { tx, clock, workspaceId } = inside;
  const now = clock.now();
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fanfare.letters ${workspaceId}`}, 0))`.execute(tx);
  if ((await handedOver(inside)) >= perMinute) return null;
  const row = await tx
    .selectFrom('mailDeliveries')
    .selectAll()
    .where('state', '=', 'due')
    .where('dueAt', '<=', now)
    .orderBy('kind')
    .orderBy('dueAt')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (!row) return null;
  const subscriber = row.subscriberId
    ? await tx
        .selectFrom('subscribers')
        .innerJoin('mailingLists', 'mailingLists.id', 'subscribers.mailingListId')
        .select(['subscribers.id', 'subscribers.state'])
        .select(['mailingLists.id as listId', 'mailingLists.name', 'fromAddress', 'replyTo', 'postalAddress'])
        .where('subscribers.id', '=', row.subscriberId)
        .executeTakeFirst()
    : undefined;
  if (!subscriber || subscriber.state !== (row.kind === 'letter' ? 'confirmed' : 'pending')) {
    await settled(inside, row.id, { state: 'skipped', reason: 'The subscription ended before this was sent.' });
    return 'skipped';
  }
  const about = { ...subscriber, deliveryId: row.id, publicationId: row.publicationId, subject: row.subject };
  const words = row.kind === 'letter' ? await letterFor(inside, about) : confirmationFor(inside, about);
  if (!words) {
    await settled(inside, row.id, { state: 'skipped', reason: 'The post was deleted before this was sent.' });
    return 'skipped';
  }
  const messageId = messageIdFor(subscriber.fromAddress, row.id);
  await tx
    .updateTable('mailDeliveries')
    .set({ state: 'sending', takenAt: now, messageId })
    .where('id', '=', row.id)
    .execute();
  const letter: Letter = {
    from: { name: subscriber.name, address: subscriber.fromAddress },
    to: row.address,
    replyTo: subscriber.replyTo,
    subject: row.subject,
    messageId,
    ...words,
  };
  return { id: row.id, subscriberId: subscriber.id, tries: row.tries, createdAt: row.createdAt, letter };
}

type About = {
  id: string;
  listId: string;
  name: string;
  postalAddress: string;
  deliveryId: string;
  publicationId: string | null;
  subject: string;
};
type Words = Pick<Letter, 'text' | 'html' | 'headers'>;

async function letterFor(inside: Inside, about: About): Promise<Words | null> {
  const { tx, secrets, workspaceId, publicUrl } = inside;
  const part = await tx
    .selectFrom('publicationParts')
    .select(['text', 'publicationId'])
    .where('publicationId', '=', about.publicationId)
    .where('position', '=', 0)
    .executeTakeFirst();
  if (!part) return null;
  const leaveUrl = `${publicUrl}/letters/leave/${linkToken(secrets, 'leave', workspaceId, about.deliveryId)}`;
  const words = {
    subject: about.subject,
    text: part.text,
    listName: about.name,
    postalAddress: about.postalAddress,
    readUrl: readUrlOf(inside, part.publicationId),
    leaveUrl,
  };
  return {
    text: letterText(words),
    html: letterHtml(words),
    headers: {
      // One-click unsubscribing (RFC 8058), which large mailboxes ask of whoever writes to many.
      'List-Unsubscribe': `<${leaveUrl}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'List-Id': `<${about.listId}.${new URL(publicUrl).hostname}>`,
      Precedence: 'bulk',
    },
  };
}

function confirmationFor({ secrets, workspaceId, publicUrl }: Inside, about: About): Words {
  const url = `${publicUrl}/letters/confirm/${linkToken(secrets, 'confirm', workspaceId, about.id)}`;
  const text = `Somebody, probably you, entered this address to get letters from ${about.name}.

Confirm here and they begin:
${url}

The link is good for a week. If it was not you, do nothing: no further mail comes.

-- 
${about.postalAddress}
`;
  return { text, html: null, headers: { 'Auto-Submitted': 'auto-generated' } };
}

/** Where everyone can read a letter. */
export function readUrlOf({ secrets, workspaceId, publicUrl }: Context, publicationId: string): string {
  return `${publicUrl}/letters/read/${linkToken(secrets, 'read', workspaceId, publicationId)}`;
}

/** Writes how a mail ended. True when nothing more should be handed to this server for now. */
async function settle(inside: Inside, taken: Taken, outcome: MailOutcome): Promise<boolean> {
  const now = inside.clock.now();
  const again = (milliseconds: number) => new Date(now.getTime() + milliseconds);
  const { id, tries } = taken;
  if (outcome.kind === 'accepted') {
    await settled(inside, id, { state: 'sent', sentAt: now, reason: null });
    return false;
  }
  const { reason } = outcome;
  if (outcome.kind === 'unknown') {
    await settled(inside, id, { state: 'unknown', reason: `${reason} It may have arrived, so it is not sent again.` });
    return false;
  }
  if (outcome.kind === 'refused' && outcome.about !== 'sender') {
    const bounced = outcome.about === 'recipient';
    await settled(inside, id, { state: bounced ? 'bounced' : 'failed', reason });
    if (bounced) await endSubscription(inside, taken.subscriberId, 'bounced', reason);
    return false;
  }
  if (outcome.kind === 'later' && outcome.about === 'recipient') {
    const wait = AGAIN[tries];
    if (wait === undefined) await settled(inside, id, { state: 'failed', reason: `Put off too often. ${reason}` });
    else await settled(inside, id, { state: 'due', dueAt: again(wait * MINUTE), tries: tries + 1, reason });
    return false;
  }
  if (now.getTime() - taken.createdAt.getTime() > GIVE_UP) await settled(inside, id, { state: 'failed', reason });
  else await settled(inside, id, { state: 'due', dueAt: again(SERVER_AGAIN), tries, reason });
  await notify(inside, {
    kind: 'mail_server',
    title: 'The mail server takes no letters',
    body: `${reason} What is due waits and is tried again for three days. Look at the mail settings.`,
    path: '/settings/mail',
    dedupe: NOT_TAKEN,
  });
  return true;
}

async function tellToSetMail(inside: Inside): Promise<void> {
  const waiting = await inside.tx
    .selectFrom('mailDeliveries')
    .select('id')
    .where('state', '=', 'due')
    .executeTakeFirst();
  if (!waiting) return;
  await notify(inside, {
    kind: 'mail_server',
    title: 'Mails wait for a mail server',
    body: 'Set the server by which they go out; then they are sent.',
    path: '/settings/mail',
    dedupe: NOT_TAKEN,
  });
}

type Ending = {
  state: 'due' | 'sent' | 'bounced' | 'failed' | 'skipped' | 'unknown';
  reason: string | null;
  sentAt?: Date;
  dueAt?: Date;
  tries?: number;
};

async function settled({ tx }: Inside, deliveryId: string, ending: Ending): Promise<void> {
  await tx.updateTable('mailDeliveries').set(ending).where('id', '=', deliveryId).execute();
}

/** A process that died may have handed over what it was sending: such a mail is not sent again. */
async function giveUpLost({ tx, clock }: Inside): Promise<void> {
  await tx
    .updateTable('mailDeliveries')
    .set({
      state: 'unknown',
      reason: 'The server stopped while this was being handed over. It may have arrived, so it is not sent again.',
    })
    .where('state', '=', 'sending')
    .where('takenAt', '<=', new Date(clock.now().getTime() - LOST))
    .execute();
}

/** How many mails the server was given within the minute, by whichever process, and is being given. */
async function handedOver({ tx, clock }: Inside): Promise<number> {
  const count = () => tx.selectFrom('mailDeliveries').select((eb) => eb.fn.countAll<number>().as('count'));
  const sent = await count()
    .where('sentAt', '>', new Date(clock.now().getTime() - MINUTE))
    .executeTakeFirstOrThrow();
  const leaving = await count().where('state', '=', 'sending').executeTakeFirstOrThrow();
  return sent.count + leaving.count;
}
