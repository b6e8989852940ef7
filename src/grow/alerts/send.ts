import { type Context, transaction } from '#src/context.ts';
import { postSigned, postToSlackHook, slackHookLength } from '#src/outside/hooks.ts';
import type { MailOutcome } from '#src/outside/mail.ts';
import type { Failure, Grant } from '#src/outside/platform.ts';
import { mailboxOf, messageIdFor } from '#src/people/mail.ts';
import { htmlOf, subjectOf, type Telling, textOf } from './words.ts';

/** How a target is reached; sealed as it is, but for `app`. */
export type Way =
  | { by: 'app' }
  | { by: 'email'; to: string }
  | { by: 'slackHook'; address: string }
  | { by: 'webhook'; address: string; secret: string }
  | { by: 'platform'; platform: 'slack' | 'discord' | 'telegram'; grant: Grant };

/** How one call ended. `said` is for the receipt and holds no secret. */
export type Sent = { ok: true; said: string } | { ok: false; failure: Failure; said: string };

/** Longest message of each platform, in characters; a little less, since some count otherwise. */
const lengths = { slack: 3_800, discord: 1_900, telegram: 4_000 };

/** Whether a message whose answer was lost may be sent again: the receiver leaves out an id it has seen. */
export function mayRepeat(way: Way): boolean {
  return way.by === 'webhook';
}

/** Makes one call. `id` is the same for every try at a message. Never throws for what the other side does. */
export async function sendTo(context: Context, way: Way, telling: Telling, id: string): Promise<Sent> {
  switch (way.by) {
    case 'app':
      throw new Error('What is told in the app is written, not sent.');
    case 'email':
      return sendByMail(context, way.to, telling, id);
    case 'slackHook':
      return settled(
        await postToSlackHook(context.web, way.address, textOf(telling, slackHookLength - 200), context.clock.now()),
      );
    case 'webhook':
      return settled(
        await postSigned(
          context.web,
          { address: way.address, secret: way.secret, id },
          bodyOf(telling, context.clock.now()),
          context.clock.now(),
        ),
      );
    case 'platform': {
      const platform = context.platforms.get(way.platform);
      if (!platform)
        return { ok: false, said: '', failure: { kind: 'refused', reason: `${way.platform} is not available here.` } };
      const part = {
        text: textOf(telling, lengths[way.platform]),
        replyTo: null,
        idempotencyKey: id,
        firstTriedAt: context.clock.now(),
        media: [],
        poll: null,
        title: subjectOf(telling),
        tags: [],
        canonicalUrl: null,
        community: null,
        replySettings: null,
      };
      return settled(await platform.publish(way.grant, part));
    }
  }
}

async function sendByMail(context: Context, to: string, telling: Telling, id: string): Promise<Sent> {
  const mailbox = await transaction(context, mailboxOf);
  if (!mailbox) {
    const until = new Date(context.clock.now().getTime() + 3_600_000);
    return { ok: false, said: '', failure: { kind: 'later', until, reason: 'No mail server is set any more.' } };
  }
  const line = context.mail.open(mailbox.server);
  try {
    const outcome = await line.send({
      from: mailbox.from,
      to,
      replyTo: null,
      subject: subjectOf(telling),
      text: `${textOf(telling)}\n`,
      html: htmlOf(telling),
      messageId: messageIdFor(mailbox.from.address, `alert.${id}`),
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return mailed(outcome, context.clock.now());
  } finally {
    line.close();
  }
}

function mailed(outcome: MailOutcome, now: Date): Sent {
  if (outcome.kind === 'accepted') return { ok: true, said: outcome.said };
  const { reason } = outcome;
  const said = 'code' in outcome && outcome.code !== null ? `SMTP ${outcome.code} ${reason}` : reason;
  if (outcome.kind === 'later') {
    const until = new Date(now.getTime() + 60_000);
    return { ok: false, said, failure: { kind: 'later', until, reason } };
  }
  if (outcome.kind === 'unknown') return { ok: false, said, failure: { kind: 'unknown', reason } };
  return { ok: false, said, failure: { kind: outcome.about === 'recipient' ? 'reconnect' : 'refused', reason } };
}

function settled(outcome: { ok: true; said?: string } | { ok: false; failure: Failure; said?: string }): Sent {
  return { ...outcome, said: outcome.said ?? '' };
}

/** What a webhook of one's own gets; docs/alerts.md shows it. */
function bodyOf(telling: Telling, now: Date) {
  const { kind, alerts, publicUrl } = telling;
  return {
    type: kind === 'test' ? 'alerts.test' : kind === 'digest' ? 'alerts.digest' : 'alerts.raised',
    timestamp: now.toISOString(),
    data: {
      summary: subjectOf(telling),
      alerts: alerts.map(({ id, appName, severity, title, body, usual, advice, since, endedAt, rows }) => ({
        id,
        app: appName,
        severity,
        title,
        body,
        usual,
        advice,
        since: since.toISOString(),
        ended_at: endedAt?.toISOString() ?? null,
        rows,
        url: `${publicUrl}/alerts?alert=${id}`,
      })),
    },
  };
}
