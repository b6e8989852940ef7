/**
 * A webhook of one's own: each post is sent as signed JSON to an address, for whatever stands there (a site generator,
 * an automation, a bot). Signed by Standard Webhooks (https://www.standardwebhooks.com). `webhook-id` is the same for
 * every attempt at a post and the receiver has to leave out an id it has seen: that is why an attempt whose answer was
 * lost may simply be made again.
 */
import { createHash, randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { refused } from '#src/outside/failures.ts';
import { type ApiAnswer, isNoAnswer, type NoAnswer, saidBy, secretsOf } from '#src/outside/http.ts';
import type {
  Failure,
  Grant,
  Keys,
  Outcome,
  OutgoingPart,
  Platform,
  Profile,
  PublishedPart,
} from '#src/outside/platform.ts';
import type { Web } from '#src/outside/web.ts';

const LENGTH = 100_000;

/** The adapter. `web` guards the address, which a person gives. */
export function openWebhook(web: Web) {
  return {
    id: 'webhook',
    name: 'Webhook',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: true,
      firstReply: true,
      // Files are named by their address, not sent.
      media: {
        images: 20,
        gifs: 20,
        videos: 20,
        mixed: true,
        imageBytes: 100_000_000,
        imageTypes: ['image/jpeg', 'image/png', 'image/webp'],
        gifBytes: 100_000_000,
        videoBytes: 1_000_000_000,
        videoTypes: ['video/mp4', 'video/quicktime', 'video/webm'],
        videoMilliseconds: [0, 86_400_000],
      },
      altTextLength: 2_000,
      poll: null,
      replySettings: [],
      community: null,
      title: { length: 300, required: false },
      rates: [],
    },
    measureText: (text) => ({ length: text.length, valid: text.isWellFormed() }),
    comparable: (text) => text,
    priceOf: () => [],
    oauth: null,
    keys: keysOf(web),
    refresh: null,
    profile: async (grant) => ({ ok: true, value: profileOf(openKey(grant.token).url) }),
    upload: null,
    uploadState: null,
    publish: (grant, part) => publish(web, grant, part),
    idempotentFor: Number.POSITIVE_INFINITY,
    ownPosts: null,
    metrics: null,
    mentions: null,
    repost: null,
    remove: null,
  } satisfies Platform;
}

function keysOf(web: Web): Keys {
  return {
    fields: [
      {
        name: 'url',
        label: 'Address',
        help: 'Where each post is sent by POST. It must answer with a status from 200 to 299; a test is sent now.',
        secret: true,
        example: 'https://example.com/hooks/fanfare',
      },
      {
        name: 'secret',
        label: 'Signing secret',
        help: 'With it the receiver checks that a post is yours: “whsec_” and at least 24 bytes in base64. Make one with: echo whsec_$(openssl rand -base64 32)',
        secret: true,
        example: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      },
    ],
    async open({ url = '', secret = '' }) {
      if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
        return refused('bad_address', 'This is not a web address. It begins with https://.');
      if (!/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/.test(secret))
        return refused('bad_secret', 'A signing secret is “whsec_” and at least 24 bytes in base64.');
      const token = `${secret} ${url}`;
      const body = { type: 'fanfare.connected', timestamp: new Date().toISOString(), data: {} };
      const answer = await send(web, token, `test_${randomBytes(12).toString('hex')}`, body);
      if (isNoAnswer(answer) || answer.status < 200 || answer.status > 299)
        return { ok: false, failure: failureOf(answer) };
      const tokens = { access: token, refresh: null, expiresIn: null, scopes: [] };
      return { ok: true, value: { tokens, profile: profileOf(url), apiUrl: new URL(url).origin } };
    },
  };
}

async function publish(web: Web, grant: Grant, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  if (part.media.some((media) => media.publicUrl === null))
    return refused(
      'no_public_address',
      'A webhook fetches pictures from here, and this server has no public address. Set PUBLIC_URL, or remove the pictures.',
    );
  const now = new Date();
  const body = { type: 'post.published', timestamp: now.toISOString(), data: dataOf(part) };
  const answer = await send(web, grant.token, part.idempotencyKey, body);
  const key = openKey(grant.token);
  const said = saidBy(answer, [key.secret, ...secretsOf(key.url)]);
  if (isNoAnswer(answer) || answer.status < 200 || answer.status > 299)
    return { ok: false, failure: failureOf(answer), said };
  // The receiver may say where it put it; else we can name the receiver only.
  const told = receipt.safeParse(answer.json());
  const url = (told.success && told.data.url) || new URL(key.url).origin;
  return { ok: true, said, value: { platformId: part.idempotencyKey, url, publishedAt: now } };
}

const receipt = z.object({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_000)
    .optional(),
});

function dataOf({ idempotencyKey, text, title, tags, canonicalUrl, replyTo, media }: OutgoingPart) {
  return {
    id: idempotencyKey,
    text,
    title,
    tags,
    link: canonicalUrl,
    reply_to: replyTo,
    media: media.map((one) => ({
      kind: one.kind,
      type: one.mediaType,
      url: one.publicUrl,
      alt: one.altText,
      width: one.width,
      height: one.height,
    })),
  };
}

function send(web: Web, token: string, id: string, body: object): Promise<ApiAnswer | NoAnswer> {
  const { secret, url } = openKey(token);
  const payload = JSON.stringify(body);
  // Of this attempt, not of the first: a receiver refuses what is older than five minutes.
  const at = new Date();
  return web.call({
    method: 'POST',
    url,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
      'webhook-signature': new Webhook(secret).sign(id, at, payload),
    },
    body: payload,
  });
}

function failureOf(answer: ApiAnswer | NoAnswer, now = new Date()): Failure {
  if (isNoAnswer(answer))
    return answer.neverSent
      ? { kind: 'later', until: new Date(now.getTime() + 60_000), code: 'unreachable', reason: answer.reason }
      : { kind: 'unknown', code: 'no_answer', reason: answer.reason };
  const { status } = answer;
  const wait = waitOf(answer.headers.get('retry-after'), now);
  if (status === 429 || (status === 503 && wait !== null)) {
    const until = new Date(now.getTime() + (wait ?? 60_000));
    return { kind: 'later', until, code: 'rate_limited', reason: `The webhook asks to wait (HTTP ${status}).` };
  }
  if (status === 410)
    return {
      kind: 'refused',
      code: 'gone',
      reason: 'The webhook says that it is gone for good (HTTP 410). Disconnect it, or set it up again.',
    };
  if (status >= 300 && status < 400)
    return {
      kind: 'refused',
      code: 'redirect',
      reason: `The webhook leads to another address (HTTP ${status}). Connect that one instead.`,
    };
  if (status >= 400 && status < 500 && status !== 408)
    return { kind: 'refused', code: `http_${status}`, reason: `The webhook refused this (HTTP ${status}).` };
  return {
    kind: 'unknown',
    code: `http_${status}`,
    reason: `The webhook answered with HTTP ${status}; it is sent once more under the same id.`,
  };
}

/** Milliseconds that a Retry-After header asks for: seconds, or a date. */
function waitOf(header: string | null, now: Date): number | null {
  if (header === null) return null;
  const wait = /^\d+$/.test(header) ? Number(header) * 1_000 : new Date(header).getTime() - now.getTime();
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 1_000), 86_400_000) : null;
}

/** Both stand in the sealed key: an address with a secret in its path is nobody else's business. */
function openKey(token: string): { secret: string; url: string } {
  const [secret = '', url = ''] = token.split(' ');
  return { secret, url };
}

function profileOf(url: string): Profile {
  const { host } = new URL(url);
  return {
    platformUserId: createHash('sha256').update(url).digest('hex').slice(0, 32),
    handle: host,
    name: `Webhook at ${host}`,
    avatarUrl: null,
    followers: null,
    following: null,
    posts: null,
    longPosts: false,
  };
}
