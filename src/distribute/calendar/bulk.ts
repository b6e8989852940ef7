import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { reschedule, schedule, withdraw } from '#src/distribute/publications/schedule.ts';
import { id } from '#src/operation.ts';
import { proposePostFor } from '#src/plan/posts.ts';
import { addDays, dayIn, momentOf, timeIn } from '#src/plan/times.ts';
import { notFound, Refusal, refuse } from '#src/refusal.ts';

export const bulkResult = z.object({
  done: z.int(),
  failed: z.int(),
  results: z.array(
    z.object({
      /** The post or publication that was named. */
      id,
      title: z.string(),
      ok: z.boolean(),
      /** Why not. */
      reason: z.string().nullable(),
    }),
  ),
});
export type BulkResult = z.input<typeof bulkResult>;

/** Does something with each of these posts, one by one: what one refuses does not hold up the others. */
export function withPosts(
  context: Context,
  postIds: readonly string[],
  run: (postId: string) => Promise<unknown>,
): Promise<BulkResult> {
  return each(postIds, 'post', context, run);
}

/** The same with publications. */
export function withPublications(
  context: Context,
  publicationIds: readonly string[],
  run: (publicationId: string) => Promise<unknown>,
): Promise<BulkResult> {
  return each(publicationIds, 'publication', context, run);
}

/** Schedules posts on accounts: where they are proposed, or all in the next free slots, in the order given. */
export async function scheduleMany(
  context: Context,
  wanted: {
    postIds: string[];
    accountIds: string[];
    when: 'next_slot' | 'as_proposed';
    evenIfSimilar?: boolean | undefined;
  },
): Promise<BulkResult> {
  const { accountIds, evenIfSimilar } = wanted;
  await transaction(context, async (inside) => {
    for (const accountId of accountIds) await accountOf(inside, accountId);
  });
  return withPosts(context, wanted.postIds, async (postId) => {
    if (wanted.when === 'next_slot') return schedule(context, { postId, accountIds, when: 'next_slot', evenIfSimilar });
    const post = await transaction(context, ({ tx }) =>
      tx.selectFrom('posts').select('proposedFor').where('id', '=', postId).executeTakeFirst(),
    );
    if (!post) throw notFound('post');
    if (!post.proposedFor)
      throw refuse('invalid', 'no_moment', 'No moment is proposed for it. Place it on a day first.');
    return schedule(context, { postId, accountIds, when: { at: post.proposedFor }, evenIfSimilar });
  });
}

/** Moves publications and drafts by days at the same local time, or to another time of day, or both. */
export async function moveMany(
  context: Context,
  wanted: { publicationIds: string[]; postIds: string[]; days: number; time?: string | undefined; timeZone: string },
): Promise<BulkResult> {
  const moved = (at: Date) =>
    momentOf(
      wanted.timeZone,
      addDays(dayIn(wanted.timeZone, at), wanted.days),
      wanted.time ?? timeIn(wanted.timeZone, at),
    );
  const publications = await withPublications(context, wanted.publicationIds, async (publicationId) => {
    const row = await transaction(context, ({ tx }) =>
      tx.selectFrom('publications').select('dueAt').where('id', '=', publicationId).executeTakeFirst(),
    );
    if (!row) throw notFound('publication');
    await reschedule(context, publicationId, { at: moved(row.dueAt) });
  });
  const drafts = await withPosts(context, wanted.postIds, async (postId) => {
    const row = await transaction(context, ({ tx }) =>
      tx.selectFrom('posts').select('proposedFor').where('id', '=', postId).executeTakeFirst(),
    );
    if (!row) throw notFound('post');
    if (!row.proposedFor)
      throw refuse('invalid', 'no_moment', 'No moment is proposed for it. Place it on a day first.');
    const to = moved(row.proposedFor);
    if (to <= context.clock.now()) throw refuse('invalid', 'in_the_past', 'That moment is over. Choose a later one.');
    await proposePostFor(context, postId, to);
  });
  return {
    done: publications.done + drafts.done,
    failed: publications.failed + drafts.failed,
    results: [...publications.results, ...drafts.results],
  };
}

export function withdrawMany(
  context: Context,
  publicationIds: readonly string[],
  reason?: string,
): Promise<BulkResult> {
  return withPublications(context, publicationIds, (publicationId) => withdraw(context, publicationId, reason));
}

/** An id that names nothing here is refused before anything is done. */
async function each(
  ids: readonly string[],
  what: 'post' | 'publication',
  context: Context,
  run: (id: string) => Promise<unknown>,
): Promise<BulkResult> {
  const wanted = [...new Set(ids)];
  const titles = await transaction(context, (inside) => titlesOf(inside, what, wanted));
  if (wanted.some((one) => !titles.has(one))) throw notFound(what);
  const results: BulkResult['results'] = [];
  for (const one of wanted) {
    const title = titles.get(one) ?? '';
    try {
      await run(one);
      results.push({ id: one, title, ok: true, reason: null });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      results.push({ id: one, title, ok: false, reason: error.message });
    }
  }
  const done = results.filter((one) => one.ok).length;
  return { done, failed: results.length - done, results };
}

async function titlesOf(
  { tx }: Inside,
  what: 'post' | 'publication',
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows =
    what === 'post'
      ? await tx.selectFrom('posts').select(['id', 'title']).where('id', 'in', ids).execute()
      : await tx
          .selectFrom('publications')
          .innerJoin('posts', 'posts.id', 'publications.postId')
          .select(['publications.id', 'posts.title'])
          .where('publications.id', 'in', ids)
          .execute();
  return new Map(rows.map((row) => [row.id, row.title]));
}
