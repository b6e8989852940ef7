import { type Context, type Inside, transaction } from '#src/context.ts';
import { askPlatform, asOnlyReader } from '#src/distribute/accounts/reading.ts';
import { endTask, lockOpen } from '#src/distribute/assisted/done.ts';
import type { FoundPart } from '#src/distribute/publications/adopt.ts';
import { findStory, HN_API } from '#src/outside/hackernews.ts';
import type { OwnPost, Platform } from '#src/outside/platform.ts';
import { notFound } from '#src/refusal.ts';

const MINUTE = 60_000;
/** When to look after the task's moment, each counted from the look before, in milliseconds. Then a person says so. */
const LOOKS = [10, 20, 60, 180, 720, 1440].map((minutes) => minutes * MINUTE);
/** People send a little early; the platform's clock and ours differ. */
const EARLY = 6 * 60 * MINUTE;
/** So long whoever asks to look now waits for another reader of the account. */
const PATIENCE = 40_000;

type Task = {
  id: string;
  platform: string;
  accountId: string | null;
  title: string;
  parts: string[];
  text: string;
  url: string;
  dueAt: Date;
  looks: number;
  lookedAt: Date | null;
  createdAt: Date;
};

type Found = { url: string; account: string | null; parts: FoundPart[] };

/**
 * Every quarter of an hour: looks for the posts of tasks whose moment has passed, a few times each, on Hacker News and
 * among the own posts of connected accounts. What is found ends its task. Reading X costs money and stops at the
 * account's budget. Returns how many were found. Safe to run twice.
 */
export async function lookForTasks(context: Context, hackerNews?: string): Promise<number> {
  const tasks = await transaction(context, openTasks);
  let found = 0;
  for (const task of tasks) {
    if (!isTime(task, context.clock.now())) continue;
    const looked = look(context, task, 0, hackerNews).catch((error: unknown) => {
      context.log.error({ err: error, task: task.id }, 'A post sent by hand could not be looked for');
      return null;
    });
    if (await looked) found++;
  }
  return found;
}

/** Looks for one now, when a person asks. Returns its address, or null when it is not there (yet). */
export async function lookForTask(context: Context, taskId: string, hackerNews?: string): Promise<string | null> {
  const task = (await transaction(context, openTasks)).find((one) => one.id === taskId);
  if (!task) throw notFound('open task that can be looked for');
  return (await look(context, task, PATIENCE, hackerNews))?.url ?? null;
}

/** Whether posts on a platform can be found by looking: its API lets us, for an account or for everyone. */
export function canLook(platforms: Context['platforms'], platform: string): boolean {
  return platform === 'hackernews' || Boolean(platforms.get(platform)?.ownPosts);
}

async function openTasks({ tx, platforms }: Inside): Promise<Task[]> {
  const tasks = await tx
    .selectFrom('assistedTasks')
    .select(['id', 'platform', 'accountId', 'title', 'parts', 'text', 'url', 'dueAt', 'looks', 'lookedAt', 'createdAt'])
    .where('state', 'in', ['waiting', 'notified'])
    .orderBy('dueAt')
    .execute();
  return tasks.filter((task) => canLook(platforms, task.platform));
}

function isTime({ dueAt, looks, lookedAt }: Task, now: Date): boolean {
  const wait = LOOKS[looks];
  return wait !== undefined && now.getTime() >= (lookedAt ?? dueAt).getTime() + wait;
}

async function look(
  context: Context,
  task: Task,
  patience: number,
  hackerNews: string | undefined,
): Promise<Found | null> {
  const found =
    task.platform === 'hackernews'
      ? await onHackerNews(context, task, hackerNews)
      : await onAccounts(context, task, patience);
  return transaction(context, async (inside) => {
    const open = await lockOpen(inside, task.id).catch(() => null);
    if (!open) return null;
    if (found) await endTask(inside, open, { ...found, by: 'search' });
    else
      await inside.tx
        .updateTable('assistedTasks')
        .set({ lookedAt: inside.clock.now(), looks: task.looks + 1 })
        .where('id', '=', task.id)
        .execute();
    return found;
  });
}

/** The demo keeps to itself. */
async function onHackerNews(context: Context, task: Task, api: string = HN_API): Promise<Found | null> {
  if (context.demo) return null;
  const story = await findStory({ title: task.title, link: task.url, since: begin(task) }, api);
  return story ? { url: story.url, account: null, parts: [] } : null;
}

async function onAccounts(context: Context, task: Task, patience: number): Promise<Found | null> {
  const accounts = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('accounts')
      .select(['id', 'platform'])
      .where('platform', '=', task.platform)
      .where('status', 'in', ['connected', 'paused'])
      .$if(task.accountId !== null, (query) => query.where('id', '=', task.accountId ?? ''))
      .execute(),
  );
  const adapter = context.platforms.get(task.platform);
  for (const account of adapter ? accounts : []) {
    const posts = await asOnlyReader(
      context,
      account.id,
      () =>
        askPlatform(
          context,
          account,
          async ({ ownPosts }, grant) => (await ownPosts?.(grant, begin(task))) ?? { ok: true as const, value: [] },
        ),
      patience,
    );
    const unknown = posts ? await transaction(context, (inside) => withoutKnown(inside, account.id, posts)) : [];
    const parts = adapter ? partsAmong(adapter, task, unknown) : [];
    if (parts[0]) return { url: parts[0].url, account: account.id, parts };
  }
  return null;
}

/**
 * The first of our words among own posts, oldest first, and the parts under it. A person may have changed the words: a
 * post that carries the task's own link is the one as well.
 */
function partsAmong({ comparable }: Platform, task: Task, posts: OwnPost[]): FoundPart[] {
  const oldest = posts.toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  const texts = task.parts.length > 0 ? task.parts : [task.text];
  const reads = (post: OwnPost, text: string) => text !== '' && comparable(post.text) === comparable(text);
  const first =
    oldest.find((post) => post.replyTo === null && reads(post, texts[0] ?? '')) ??
    oldest.find((post) => post.replyTo === null && post.text.includes(task.url));
  const found: OwnPost[] = first ? [first] : [];
  for (const text of first ? texts.slice(1) : []) {
    const above = found.at(-1);
    const next = oldest.find((post) => post.replyTo === above?.platformId && reads(post, text));
    if (!next) break;
    found.push(next);
  }
  return found.map(({ text, platformId, url, publishedAt }) => ({ text, platformId, url, publishedAt }));
}

async function withoutKnown({ tx }: Inside, accountId: string, posts: OwnPost[]): Promise<OwnPost[]> {
  if (posts.length === 0) return posts;
  const known = await tx
    .selectFrom('publicationParts')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select('platformId')
    .where('publications.accountId', '=', accountId)
    .where(
      'platformId',
      'in',
      posts.map((post) => post.platformId),
    )
    .execute();
  return posts.filter((post) => !known.some((one) => one.platformId === post.platformId));
}

/** Not what was there before the task. */
function begin({ dueAt, createdAt }: Task): Date {
  const early = dueAt.getTime() - EARLY;
  return new Date(Math.max(early, Math.min(createdAt.getTime(), dueAt.getTime()) - MINUTE));
}
