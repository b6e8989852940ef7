/** Posts, files and notifications, with the rules and the words of Mastodon 4.5. */
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { z } from 'zod';
import { lengthOf, render } from './html.ts';
import { type Author, type FakeStatus, MAYA, type State } from './state.ts';

const HOUR = 3_600_000;

/** What Mastodon says no with. */
export class Problem extends Error {
  status: ContentfulStatusCode;
  constructor(status: ContentfulStatusCode, message: string) {
    super(message);
    this.status = status;
  }
}

const posted = z.object({
  status: z.string().default(''),
  visibility: z.enum(['public', 'unlisted', 'private', 'direct']).default('public'),
  in_reply_to_id: z.string().nullish(),
  media_ids: z.array(z.string()).default([]),
  poll: z.object({ options: z.array(z.string()), expires_in: z.number() }).nullish(),
});

/** The routes of the API. Whoever asks is Maya. */
export function apiRoutes(state: State, server: () => string, now: () => number): Hono {
  const app = new Hono();
  const shown = (post: FakeStatus) => showStatus(state, server(), post);
  const statusAt = (id: string) => {
    const found = state.statuses.find((one) => one.id === id);
    if (!found) throw new Problem(404, 'Record not found');
    return found;
  };

  app.get('/api/v2/instance', (c) =>
    c.json({ domain: 'social.example', configuration: { statuses: { max_characters: state.maxCharacters } } }),
  );

  app.get('/api/v1/accounts/verify_credentials', (c) =>
    c.json({
      ...MAYA,
      avatar: 'https://cdn.example/maya.png',
      following_count: 7,
      statuses_count: state.statuses.length,
    }),
  );

  app.post('/api/v1/statuses', async (c) => {
    const asked = posted.parse(await c.req.json());
    const key = c.req.header('idempotency-key');
    const before = key ? state.keys.get(key) : undefined;
    if (before && before.at > now() - HOUR) {
      if (state.repeatsFail) throw new Problem(500, 'Internal Server Error');
      return c.json(shown(statusAt(before.statusId)));
    }
    const made = addStatus(state, now(), asked, MAYA);
    if (key) state.keys.set(key, { statusId: made.id, at: now() });
    return c.json(shown(made));
  });

  app.get('/api/v1/statuses', (c) => {
    if (state.onlySingles) throw new Problem(404, 'The page you were looking for does not exist.');
    const ids = (c.req.queries('id[]') ?? []).slice(0, 20);
    return c.json(state.statuses.filter((one) => ids.includes(one.id)).map(shown));
  });
  app.get('/api/v1/statuses/:id', (c) => c.json(shown(statusAt(c.req.param('id')))));
  app.delete('/api/v1/statuses/:id', (c) => {
    const found = statusAt(c.req.param('id'));
    state.statuses.splice(state.statuses.indexOf(found), 1);
    return c.json({ ...shown(found), text: found.text });
  });
  app.post('/api/v1/statuses/:id/reblog', (c) => {
    const found = statusAt(c.req.param('id'));
    state.reblogged.add(found.id);
    return c.json({ ...shown(found), id: `${found.id}9`, reblog: shown(found) });
  });

  app.get('/api/v1/accounts/:id/statuses', (c) => {
    const limit = Math.min(Number(c.req.query('limit') ?? 20), 40);
    const own = state.statuses.filter((one) => one.accountId === c.req.param('id')).toReversed();
    return c.json(after(own, c.req.query('max_id')).slice(0, limit).map(shown));
  });

  app.get('/api/v1/notifications', (c) => {
    const types = c.req.queries('types[]') ?? [];
    const asked = state.notifications.filter((one) => types.length === 0 || types.includes(one.type)).toReversed();
    const page = after(asked, c.req.query('max_id')).slice(0, 2);
    return c.json(
      page.map(({ id, type, at, author, statusId, quotes }) => ({
        id,
        type,
        created_at: new Date(at).toISOString(),
        account: author,
        status: {
          ...shown(statusAt(statusId)),
          account: author,
          ...(quotes ? { quote: { state: 'accepted', quoted_status: shown(statusAt(quotes)) } } : {}),
        },
      })),
    );
  });

  app.post('/api/v2/media', async (c) => {
    const { file, description } = await c.req.parseBody();
    if (!(file instanceof File)) throw new Problem(422, "Validation failed: File can't be blank");
    if (!/^(image|video)\//.test(file.type))
      throw new Problem(422, 'Validation failed: File content type is invalid, File is invalid');
    const id = String(300 + state.media.size);
    const readyAfter = file.type.startsWith('video/') ? 2 : 0;
    const kept = typeof description === 'string' ? description : null;
    state.media.set(id, { id, bytes: file.size, type: file.type, description: kept, readyAfter });
    return readyAfter > 0 ? c.json({ id, url: null }, 202) : c.json({ id, url: `https://cdn.example/${id}` });
  });
  app.get('/api/v1/media/:id', (c) => {
    const found = state.media.get(c.req.param('id'));
    if (!found) throw new Problem(404, 'Record not found');
    found.readyAfter -= 1;
    return found.readyAfter > 0
      ? c.json({ id: found.id, url: null }, 206)
      : c.json({ id: found.id, url: 'https://cdn.example/v' });
  });
  return app;
}

/** A post by somebody, after the server's rules. Ids grow with time, as Mastodon's do. */
export function addStatus(state: State, at: number, asked: z.input<typeof posted>, author: Author): FakeStatus {
  const { status, visibility, in_reply_to_id, media_ids, poll } = posted.parse(asked);
  const text = status.trim();
  if (text === '' && media_ids.length === 0) throw new Problem(422, "Validation failed: Text can't be blank");
  if (lengthOf(text) > state.maxCharacters)
    throw new Problem(422, `Validation failed: Text character limit of ${state.maxCharacters} exceeded`);
  if (in_reply_to_id && !state.statuses.some((one) => one.id === in_reply_to_id))
    throw new Problem(404, 'The post you are trying to reply to does not appear to exist.');
  const files = media_ids.map((id) => state.media.get(id));
  if (files.some((file) => file && file.readyAfter > 0))
    throw new Problem(422, 'Cannot attach files that have not finished processing. Try again in a moment!');
  if (media_ids.length > 4) throw new Problem(422, 'Cannot attach more than 4 files');
  if (media_ids.length > 1 && files.some((file) => file?.type.startsWith('video/')))
    throw new Problem(422, 'Cannot attach a video to a post that already contains images');
  if (poll && poll.expires_in < 300) throw new Problem(422, 'Validation failed: Expires at is too soon');
  const made: FakeStatus = {
    id: String((BigInt(at) << 16n) + BigInt(state.statuses.length)),
    at,
    text,
    accountId: author.id,
    replyTo: in_reply_to_id ?? null,
    visibility: visibility ?? 'public',
    mediaIds: media_ids,
    poll: poll ?? null,
    counts: { favourites: 0, reblogs: 0, replies: 0, quotes: 0 },
  };
  state.statuses.push(made);
  return made;
}

function showStatus(state: State, server: string, post: FakeStatus) {
  const parent = state.statuses.find((one) => one.id === post.replyTo);
  return {
    id: post.id,
    uri: `${server}/users/maya/statuses/${post.id}`,
    url: `${server}/@maya/${post.id}`,
    created_at: new Date(post.at).toISOString(),
    content: render(post.text, server, state.known),
    visibility: post.visibility,
    in_reply_to_id: post.replyTo,
    in_reply_to_account_id: parent?.accountId ?? null,
    favourites_count: post.counts.favourites,
    reblogs_count: post.counts.reblogs,
    replies_count: post.counts.replies,
    quotes_count: post.counts.quotes,
    account: MAYA,
    media_attachments: post.mediaIds.map((id) => ({ id, description: state.media.get(id)?.description ?? null })),
    poll: post.poll,
  };
}

function after<T extends { id: string }>(newestFirst: T[], id: string | undefined): T[] {
  return id === undefined ? newestFirst : newestFirst.slice(newestFirst.findIndex((one) => one.id === id) + 1);
}
