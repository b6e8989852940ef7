/**
 * Two kinds of incoming webhooks that take a message and have no account behind them: Slack's
 * (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks, read November 2026) and one's own, signed by
 * Standard Webhooks (https://www.standardwebhooks.com). The address is the key: it stands in no reason and in nothing said.
 */
import { Webhook } from 'standardwebhooks';
import { randomToken } from '#src/secrets.ts';
import { later, no, retryAfter, usualFailure } from './failures.ts';
import { type ApiAnswer, isNoAnswer, type NoAnswer, saidBy, secretsOf } from './http.ts';
import type { Outcome } from './platform.ts';
import { mrkdwn } from './platforms/slack/text.ts';
import type { Web } from './web.ts';

/** What a Slack message may have at best. */
export const slackHookLength = 4_000;

const hookTimeoutMs = 20_000;

/** Posts a text into the channel the webhook was made for. Nothing in it becomes a mention. */
export async function postToSlackHook(web: Web, address: string, text: string, now: Date): Promise<Outcome<null>> {
  const answer = await web.call({
    method: 'POST',
    url: address,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ text: mrkdwn(text), unfurl_links: false }),
    timeoutMs: hookTimeoutMs,
  });
  const said = saidBy(answer, secretsOf(address));
  if (!isNoAnswer(answer) && answer.status === 200) return { ok: true, value: null, said };
  const words = isNoAnswer(answer) ? '' : (slackWords[answer.text.trim()] ?? answer.text.slice(0, 100));
  // The hook, its app or its channel is no more: https://docs.slack.dev lists no_service, no_team, channel_is_archived.
  if (!isNoAnswer(answer) && [403, 404, 410].includes(answer.status))
    return {
      ok: false,
      said,
      failure: {
        kind: 'reconnect',
        code: `http_${answer.status}`,
        reason: `Slack no longer takes messages by this address: ${words || 'it is not known'}.`,
      },
    };
  return { ok: false, said, failure: usualFailure('Slack', 'create', answer, words, now) };
}

const slackWords: Record<string, string> = {
  no_service: 'the webhook was removed or switched off',
  no_service_id: 'the webhook was removed or switched off',
  no_team: 'the Slack workspace is gone',
  channel_not_found: 'the channel is gone',
  channel_is_archived: 'the channel is archived',
  action_prohibited: 'an administrator does not allow it',
  invalid_token: 'the address is not complete',
};

/** A note to an address of one's own. */
export type Signed = {
  address: string;
  /** `whsec_…`; it is signed with each, so that a receiver may change over in its own time. */
  secrets: readonly string[];
  /** Goes along as `webhook-id`, the same for every attempt: the receiver leaves out one it has seen. */
  id: string;
  /** The body as it is signed: JSON. */
  payload: string;
  /** Milliseconds for the whole call. Default 20,000. */
  timeoutMs?: number;
};

/** Makes one attempt and tells the answer, whatever it is, with what is fit for a receipt. Redirects are not followed. */
export async function sendSigned(
  web: Web,
  { address, secrets, id, payload, timeoutMs = hookTimeoutMs }: Signed,
): Promise<{ answer: ApiAnswer | NoAnswer; said: string }> {
  const at = new Date();
  const answer = await web.call({
    method: 'POST',
    url: address,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(id, at, payload)).join(' '),
    },
    body: payload,
    timeoutMs,
  });
  return { answer, said: saidBy(answer, [...secrets, ...secretsOf(address)]) };
}

/** What a receiver checks signatures with: 256 random bits, as Standard Webhooks writes them. */
export function newSigningSecret(): string {
  return `whsec_${Buffer.from(randomToken(32), 'base64url').toString('base64')}`;
}

/** `sendSigned` as one call of an adapter. An attempt whose answer was lost is simply made again. */
export async function postSigned(
  web: Web,
  { address, secret, id }: { address: string; secret: string; id: string },
  body: object,
  now: Date,
): Promise<Outcome<null>> {
  const { answer, said } = await sendSigned(web, { address, secrets: [secret], id, payload: JSON.stringify(body) });
  if (!isNoAnswer(answer) && answer.status >= 200 && answer.status < 300) return { ok: true, value: null, said };
  return { ok: false, said, failure: signedFailure(answer, now) };
}

function signedFailure(answer: ApiAnswer | NoAnswer, now: Date) {
  if (!isNoAnswer(answer) && answer.status === 410)
    return {
      kind: 'reconnect' as const,
      code: 'gone',
      reason: 'The webhook says that it is gone for good (HTTP 410).',
    };
  if (!isNoAnswer(answer) && answer.status >= 300 && answer.status < 400)
    return no('The webhook', `it points elsewhere (HTTP ${answer.status}); enter the address it leads to`, 'redirect');
  if (isNoAnswer(answer) || answer.status >= 500 || answer.status === 408) {
    const wait = isNoAnswer(answer) ? undefined : retryAfter(answer, now);
    const reason = isNoAnswer(answer) ? answer.reason : `The webhook answered with HTTP ${answer.status}.`;
    return later(wait ?? 60_000, 'unavailable', reason, now);
  }
  return usualFailure('The webhook', 'create', answer, '', now);
}
