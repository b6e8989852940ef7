/** The fake's uploads: in pieces or at once, converted for a while, described, and forgotten after a day. */
import { createHash } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import { charge } from './ledger.ts';
import { invalid, notFound, Problem } from './problems.ts';
import { type FakeMedia, nextId, type State, type User } from './state.ts';

const MB = 1024 * 1024;
const MOST: Record<string, number> = { tweet_image: 5 * MB, tweet_gif: 15 * MB, tweet_video: 512 * MB };
const MOST_AT_ONCE = 5 * MB;
/** Seconds; X says 86,400 or more. */
const KEPT = 86_400;
const KEY_PREFIX: Record<string, number> = { tweet_image: 3, tweet_gif: 16, tweet_video: 13 };

const category = z.enum(['tweet_image', 'tweet_gif', 'tweet_video']);
const begin = z.object({ media_type: z.string(), media_category: category, total_bytes: z.number().int().positive() });
const piece = z.object({ media: z.instanceof(Uint8Array), segment_index: z.coerce.number().int().min(0).max(999) });
const whole = z.object({ media: z.instanceof(Uint8Array), media_category: category });
const metadata = z.object({
  id: z.string(),
  metadata: z.object({ alt_text: z.object({ text: z.string().max(1000) }).optional() }).optional(),
});

/** What became of a file: `pending` until it is finalized, then by its conversion. */
export function stateOfMedia(
  media: FakeMedia,
  now: number,
): 'pending' | 'in_progress' | 'succeeded' | 'failed' | 'gone' {
  if (now >= media.expiresAt) return 'gone';
  if (media.readyAt === null) return 'pending';
  if (now < media.readyAt) return 'in_progress';
  return media.failure === null ? 'succeeded' : 'failed';
}

/** Routes under /2/media. `userOf` says who calls, or throws a 401. */
export function mediaRoutes(state: State, now: () => number, userOf: (c: Context, scope: string) => User): Hono {
  const routes = new Hono();
  const mediaOf = (user: User, id: string): FakeMedia => {
    const found = state.media.find((one) => one.id === id && one.userId === user.id);
    if (!found || stateOfMedia(found, now()) === 'gone') throw new Problem(404, notFound(id, 'media', 'media_id'));
    return found;
  };
  const add = (user: User, about: { category: FakeMedia['category']; type: string; bytes: number }): FakeMedia => {
    const most = MOST[about.category] ?? 0;
    if (about.bytes > most) throw invalid('total_bytes', `File size exceeds ${most} bytes.`);
    const media: FakeMedia = {
      id: nextId(state, now()),
      userId: user.id,
      ...about,
      pieces: [],
      readyAt: null,
      failure: null,
      expiresAt: now() + KEPT * 1000,
      altText: null,
    };
    state.media.push(media);
    return media;
  };
  const finish = (media: FakeMedia) => {
    const converts = media.category !== 'tweet_image';
    media.readyAt = now() + (converts ? state.conversion.ms : 0);
    media.failure = converts ? state.conversion.failure : null;
  };

  routes.post('/2/media/upload/initialize', async (c) => {
    const user = userOf(c, 'media.write');
    const { media_type, media_category, total_bytes } = parsed(begin, await c.req.json().catch(() => null));
    const media = add(user, { category: media_category, type: media_type, bytes: total_bytes });
    return c.json({ data: { id: media.id, media_key: keyOf(media), expires_after_secs: KEPT } });
  });

  routes.post('/2/media/upload/:id/append', async (c) => {
    const media = mediaOf(userOf(c, 'media.write'), c.req.param('id'));
    const given = parsed(piece, await bodyOf(c));
    if (given.media.byteLength > MOST_AT_ONCE)
      throw new Problem(413, { title: 'Payload Too Large', detail: 'The piece is too large.', type: 'about:blank' });
    media.pieces = media.pieces.filter((one) => one.index !== given.segment_index);
    const sha256 = createHash('sha256').update(given.media).digest('hex');
    media.pieces.push({ index: given.segment_index, bytes: given.media.byteLength, sha256 });
    return c.json({ data: { expires_at: Math.floor(media.expiresAt / 1000) } });
  });

  routes.post('/2/media/upload/:id/finalize', (c) => {
    const media = mediaOf(userOf(c, 'media.write'), c.req.param('id'));
    const came = media.pieces.reduce((sum, one) => sum + one.bytes, 0);
    if (came !== media.bytes || media.pieces.some((one) => one.index >= media.pieces.length))
      throw invalid('media_id', 'Segments do not add up to provided total file size.');
    if (media.readyAt === null) finish(media);
    return c.json(shown(state, media, now()));
  });

  routes.get('/2/media/upload', (c) => {
    const media = mediaOf(userOf(c, 'media.write'), c.req.query('media_id') ?? '');
    return c.json(shown(state, media, now()));
  });

  routes.post('/2/media/upload', async (c) => {
    const user = userOf(c, 'media.write');
    const given = parsed(whole, await bodyOf(c));
    const bytes = given.media.byteLength;
    const media = add(user, { category: given.media_category, type: 'application/octet-stream', bytes });
    media.pieces = [{ index: 0, bytes, sha256: createHash('sha256').update(given.media).digest('hex') }];
    finish(media);
    return c.json(shown(state, media, now()));
  });

  routes.post('/2/media/metadata', async (c) => {
    const user = userOf(c, 'media.write');
    const given = parsed(metadata, await c.req.json().catch(() => null));
    const media = mediaOf(user, given.id);
    media.altText = given.metadata?.alt_text?.text ?? media.altText;
    charge(state, now(), user, 'media_metadata');
    return c.json({ data: { id: media.id, associated_metadata: given.metadata ?? {} } });
  });

  return routes;
}

/**
 * Why a conversion failed stands beside the data; before 2026 it stood in it (draftbit/twitter-lite#124), where the
 * document of today has no place for it.
 */
function shown(state: State, media: FakeMedia, now: number) {
  const standing = stateOfMedia(media, now);
  const old = state.vocabulary === 'old';
  const failed = standing === 'failed' ? (media.failure ?? '') : '';
  return {
    data: {
      id: media.id,
      media_key: keyOf(media),
      size: media.bytes,
      expires_after_secs: Math.ceil((media.expiresAt - now) / 1000),
      ...(media.category === 'tweet_image'
        ? {}
        : {
            processing_info: {
              state: standing,
              ...(standing === 'in_progress' ? { check_after_secs: 1, progress_percent: 50 } : {}),
              ...(failed && old ? { error: { code: 1, name: 'InvalidMedia', message: failed } } : {}),
            },
          }),
    },
    ...(failed && !old
      ? {
          errors: [
            {
              title: 'Invalid Request',
              detail: failed,
              type: 'https://api.x.com/2/problems/invalid-request',
            },
          ],
        }
      : {}),
  };
}

function keyOf(media: FakeMedia): string {
  return `${KEY_PREFIX[media.category]}_${media.id}`;
}

/** The bytes stand raw in a form, or as base64 in JSON. */
async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  if (/json/.test(c.req.header('content-type') ?? '')) {
    const json = z.looseObject({ media: z.string() }).safeParse(await c.req.json().catch(() => null));
    return json.success ? { ...json.data, media: Buffer.from(json.data.media, 'base64') } : {};
  }
  const fields = Object.fromEntries(await c.req.formData());
  const { media } = fields;
  return media instanceof Blob ? { ...fields, media: new Uint8Array(await media.arrayBuffer()) } : fields;
}

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (!result.success) throw invalid('body', z.prettifyError(result.error));
  return result.data;
}
