import { z } from 'zod';
import { readElements } from '#src/measure/transfers/text.ts';
import type { Part, Zip } from '#src/measure/transfers/zip-read.ts';
import { refuse } from '#src/refusal.ts';

const account = z.object({
  account: z.object({
    accountId: z.string().max(40),
    username: z.string().max(100),
    accountDisplayName: z.string().max(200).optional(),
  }),
});
const count = z.coerce.number().int().min(0).catch(0);
const tweet = z.object({
  tweet: z.object({
    id_str: z.string().regex(/^\d{1,25}$/),
    full_text: z.string(),
    created_at: z.string(),
    favorite_count: count,
    retweet_count: count,
    in_reply_to_status_id_str: z.string().nullish(),
    in_reply_to_user_id_str: z.string().nullish(),
    entities: z
      .object({
        urls: z.array(z.object({ url: z.string(), expanded_url: z.string() })).catch([]),
        media: z.array(z.object({ url: z.string() })).catch([]),
      })
      .partial()
      .catch({}),
    extended_entities: z
      .object({ media: z.array(z.unknown()).catch([]) })
      .partial()
      .optional()
      .catch(undefined),
  }),
});
const noteTweet = z.object({ noteTweet: z.object({ createdAt: z.string(), core: z.object({ text: z.string() }) }) });
type Tweet = z.output<typeof tweet>['tweet'];

/** Where a post of the account stands: in a thread under another one of its own, or alone. */
export type Placed = { root: string; position: number };

/** Ids and long texts are held in memory while an archive is read: so many posts, so many characters. */
const MOST_POSTS = 2_000_000;
const MOST_NOTES = 200_000_000;

/** A post of the archive, or why it is none. */
export function readTweet(text: string): Tweet | { reason: string } {
  try {
    const parsed = tweet.safeParse(JSON.parse(text));
    if (!parsed.success) return { reason: 'It is not in the form of a post: id, text or time is missing.' };
    const at = new Date(parsed.data.tweet.created_at).getTime();
    return Number.isFinite(at) ? parsed.data.tweet : { reason: 'Its time cannot be read.' };
  } catch {
    return { reason: 'It is not readable.' };
  }
}

const isRepost = ({ full_text }: Tweet) => /^RT @\w{1,15}: /.test(full_text);
export const isReply = ({ in_reply_to_user_id_str, in_reply_to_status_id_str }: Tweet) =>
  Boolean(in_reply_to_user_id_str || in_reply_to_status_id_str);

/** One look over everything: what is what, and which posts are a thread. Ids only, no texts. */
export async function survey(zip: Zip) {
  const { accountId } = await readAccount(zip);
  const above = new Map<string, string | null>();
  const long = await readNotes(zip);
  const counts = { posts: 0, threads: 0, replies: 0, reposts: 0, media: 0 };
  for (const part of tweetFiles(zip))
    for await (const text of readElements(await part.open())) {
      const read = readTweet(text);
      if ('reason' in read) continue;
      if (isRepost(read)) counts.reposts++;
      else {
        counts.media += read.extended_entities?.media?.length ?? 0;
        above.set(
          read.id_str,
          read.in_reply_to_user_id_str === accountId ? (read.in_reply_to_status_id_str ?? null) : null,
        );
        if (isReply(read) && read.in_reply_to_user_id_str !== accountId) counts.replies++;
        if (above.size > MOST_POSTS) throw tooMuch('two million posts');
      }
    }
  const places = placesIn(above);
  for (const { position } of places.values())
    if (position === 0) counts.posts++;
    else if (position === 1) counts.threads++;
  counts.posts -= counts.replies;
  return { places, counts, long };
}

/** The first answer to oneself continues a thread; a second one under the same post begins a post of its own. */
function placesIn(above: ReadonlyMap<string, string | null>): Map<string, Placed> {
  const places = new Map<string, Placed>();
  const continued = new Set<string>();
  const byAge = [...above.keys()].sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
  for (const id of byAge) {
    const parent = above.get(id) ?? null;
    const place = parent === null ? undefined : places.get(parent);
    if (parent === null || !place || continued.has(parent)) places.set(id, { root: id, position: 0 });
    else {
      continued.add(parent);
      places.set(id, { root: place.root, position: place.position + 1 });
    }
  }
  return places;
}

/** The files with posts, in their order; refused when there are none. */
export function tweetFiles(zip: Zip): Part[] {
  const files = zip.parts.filter(({ name }) => /(^|\/)data\/tweets?(-part\d+)?\.js$/.test(name));
  if (files.length === 0)
    throw refuse(
      'invalid',
      'no_tweets',
      'This is no X archive: data/tweets.js is missing in it. Send the zip file as X made it.',
    );
  const number = ({ name }: Part) => Number(/-part(\d+)/.exec(name)?.[1] ?? 0);
  return files.sort((a, b) => number(a) - number(b));
}

/** Whose archive it is; refused when it does not say. */
export async function readAccount(zip: Zip) {
  const part = zip.parts.find(({ name }) => /(^|\/)data\/account\.js$/.test(name));
  if (!part)
    throw refuse(
      'invalid',
      'no_account',
      'This is no X archive: data/account.js is missing in it. Send the zip file as X made it.',
    );
  for await (const text of readElements(await part.open())) {
    const read = account.safeParse(jsonIn(text));
    if (read.success) return read.data.account;
  }
  throw refuse('invalid', 'no_account', 'data/account.js does not say whose archive this is.');
}

/** What stands in a text as JSON; what is none is nothing that anybody looks for. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function tooMuch(what: string) {
  return refuse(
    'invalid',
    'archive_too_large',
    `This archive holds more than ${what}, which is more than can be read.`,
  );
}

/** The whole words of long posts, which the list of posts has cut off. */
async function readNotes(zip: Zip): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let size = 0;
  const part = zip.parts.find(({ name }) => /(^|\/)data\/note-tweet\.js$/.test(name));
  if (!part) return found;
  for await (const text of readElements(await part.open())) {
    const read = noteTweet.safeParse(jsonIn(text));
    if (!read.success) continue;
    const { createdAt, core } = read.data.noteTweet;
    found.set(keyOf({ created_at: createdAt, full_text: core.text }), core.text);
    size += core.text.length;
    if (size > MOST_NOTES) throw tooMuch('200 million characters of long posts');
  }
  return found;
}

/** A long post and its short form share the second and how they begin. */
export function keyOf({ created_at, full_text }: Pick<Tweet, 'created_at' | 'full_text'>): string {
  return `${Math.floor(Date.parse(created_at) / 1000)} ${unescaped(full_text).replaceAll(/\s+/g, ' ').slice(0, 40)}`;
}

/** The text as it was written: links whole, without those that X puts there for pictures. */
export function wordsOf({ full_text, entities }: Tweet): string {
  let text = full_text;
  for (const { url, expanded_url } of entities.urls ?? []) text = text.replaceAll(url, expanded_url);
  for (const { url } of entities.media ?? []) text = text.replaceAll(url, '');
  return unescaped(text).trim();
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
