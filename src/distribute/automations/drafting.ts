import { type Context, type Inside, transaction } from '#src/context.ts';
import { notify, settleNotice } from '#src/people/notices.ts';
import { createPost } from '#src/plan/posts.ts';
import { Refusal } from '#src/refusal.ts';
import { variantsOf } from './drafts.ts';
import { type FeedItem, readFeed } from './feeds.ts';
import { type FeedRule, feedKinds, isFeedRule, readRule } from './rule.ts';
import { asOnlyRunner, leftToday, writeRun } from './runs.ts';

/** So many failed readings in a row are told. */
const TOLD = 3;

/**
 * The clock's line: reads the feeds of the rules that are on and writes a draft for each new item, the oldest first,
 * each once. More than the rule's number a day waits for the next day. Safe to run twice, also at once.
 */
export async function draftFromFeeds(context: Context): Promise<void> {
  const rows = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('automations')
      .select(['id', 'name', 'kind', 'settings', 'appId'])
      .where('switchedOnAt', 'is not', null)
      .where('removedAt', 'is', null)
      .where('kind', 'in', [...feedKinds])
      .orderBy('createdAt')
      .execute(),
  );
  for (const { id, name, appId, ...row } of rows) {
    const rule = readRule(row);
    if (!isFeedRule(rule)) continue;
    const run = asOnlyRunner(context, id, async (hold) => {
      const feed = await readFeed(context, rule);
      if (!(await hold())) return;
      if (!feed.ok) return transaction(context, (inside) => noteFailure(inside, { id, name }, feed.reason));
      await transaction(context, (inside) => noteSuccess(inside, id));
      for (const item of feed.items.toReversed()) if (!(await draft(context, { id, appId, rule }, item))) return;
    });
    // One feed that trips us up is no reason to leave the others unread.
    await run.catch((error: unknown) =>
      context.log.error({ err: error, automation: id }, 'A feed could not be drafted'),
    );
  }
}

/** Notes items as seen without making drafts of them: what was there before a rule was switched on. */
export async function markSeen(inside: Inside, automationId: string, items: readonly FeedItem[]): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  if (items.length === 0) return;
  await tx
    .insertInto('automationItems')
    .values(items.map(({ hash }) => ({ workspaceId, automationId, hash, seenAt: clock.now() })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

type Of = { id: string; appId: string; rule: FeedRule };

/** False when the rule has done enough for these 24 hours: the item stays new. */
async function draft(context: Context, of: Of, item: FeedItem): Promise<boolean> {
  const run = { automationId: of.id, dedupe: `item:${item.hash}`, cause: `New: ${item.title.slice(0, 300)}` };
  try {
    return await transaction(context, async (inside) => {
      if (await isSeen(inside, of.id, item)) return true;
      if ((await leftToday(inside, of.id, of.rule.perDay)) === 0) return false;
      await markSeen(inside, of.id, [item]);
      const { id: postId } = await createPost(inside, {
        appId: of.appId,
        title: item.title.slice(0, 300),
        source: 'automation',
        ...(item.link && item.link.length <= 2_000 ? { linkUrl: item.link } : {}),
        variants: variantsOf(inside, of.rule, item),
      });
      await writeRun(inside, { ...run, outcome: 'done', message: 'A draft was written.', postId });
      return true;
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return transaction(context, async (inside) => {
      await markSeen(inside, of.id, [item]);
      await writeRun(inside, { ...run, outcome: 'failed', message: error.message });
      return true;
    });
  }
}

/** Whether the rule has seen this item; its row is locked, so that of two at once one waits for the other. */
async function isSeen({ tx }: Inside, automationId: string, item: FeedItem): Promise<boolean> {
  await tx.selectFrom('automations').select('id').where('id', '=', automationId).forUpdate().execute();
  const row = await tx
    .selectFrom('automationItems')
    .select('hash')
    .where('automationId', '=', automationId)
    .where('hash', '=', item.hash)
    .executeTakeFirst();
  return row !== undefined;
}

async function noteFailure(inside: Inside, of: { id: string; name: string }, reason: string): Promise<void> {
  const { failures } = await inside.tx
    .updateTable('automations')
    .set((eb) => ({ failures: eb('failures', '+', 1), lastError: reason, lookedAt: inside.clock.now() }))
    .where('id', '=', of.id)
    .returning('failures')
    .executeTakeFirstOrThrow();
  if (failures !== TOLD) return;
  await notify(inside, {
    kind: 'feed_broken',
    title: `The feed of “${of.name}” cannot be read`,
    body: `${reason} It is tried again every hour; correct the address, or switch the rule off.`,
    path: '/automations',
    dedupe: `feed:${of.id}`,
  });
}

async function noteSuccess(inside: Inside, automationId: string): Promise<void> {
  await inside.tx
    .updateTable('automations')
    .set({ failures: 0, lastError: null, lookedAt: inside.clock.now() })
    .where('id', '=', automationId)
    .execute();
  await settleNotice(inside, `feed:${automationId}`);
}
