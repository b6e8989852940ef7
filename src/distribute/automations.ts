import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { mayApprove } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { markSeen } from './automations/drafting.ts';
import { type FeedItem, readFeed } from './automations/feeds.ts';
import { assertRule, isFeedRule, type Rule, readRule, settingsOf } from './automations/rule.ts';

export { actOnPosts } from './automations/act.ts';
export { draftFromFeeds } from './automations/drafting.ts';

export type NewAutomation = { appId: string; name: string; accountId: string | null; rule: Rule };

/** Writes a rule down; it does nothing until it is switched on. */
export async function createAutomation(context: Context, wanted: NewAutomation): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const { id: appId } = await appOf(inside, wanted.appId);
    await assertRule(inside, wanted);
    const { name, accountId, rule } = wanted;
    const row = await inside.tx
      .insertInto('automations')
      .values({
        workspaceId: inside.workspaceId,
        appId,
        name,
        accountId,
        kind: rule.kind,
        settings: settingsOf(rule),
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'automations.create', subject: row.id, after: { name, ...rule } });
    await record(inside, 'automation.created', { subjectId: row.id, detail: { kind: rule.kind } });
    return row;
  });
}

/**
 * Changes a rule; its kind stays. What it did stands, and counts: no cause sets it off again. A feed rule that is on and
 * gets another address begins anew with it: what is in that feed already is left alone.
 *
 * @throws Refusal `feed_unreadable` when the new feed cannot be read
 */
export async function updateAutomation(
  context: Context,
  automationId: string,
  change: { name?: string | undefined; accountId?: string | null | undefined; rule?: Rule | undefined },
): Promise<void> {
  const before = await transaction(context, (inside) => automationOf(inside, automationId));
  const rule = change.rule ?? before.rule;
  const accountId = change.accountId === undefined ? before.accountId : change.accountId;
  if (Object.values(change).every((value) => value === undefined))
    throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
  if (rule.kind !== before.rule.kind)
    throw refuse('invalid', 'other_kind', 'A rule keeps its kind. Make a new one for something else.');
  await transaction(context, (inside) => assertRule(inside, { accountId, rule }));
  const anew = before.switchedOnAt !== null && addressOf(rule) !== addressOf(before.rule);
  const items = anew ? await itemsNow(context, rule) : [];
  await transaction(context, async (inside) => {
    const now = await automationOf(inside, automationId, true);
    if (now.switchedOnAt !== null && change.rule) await assertReviewed(inside, rule);
    const set = { name: change.name ?? now.name, accountId, settings: settingsOf(rule) };
    await inside.tx.updateTable('automations').set(set).where('id', '=', automationId).execute();
    await markSeen(inside, automationId, items);
    await audit(inside, {
      operation: 'automations.update',
      subject: automationId,
      before: { name: now.name, accountId: now.accountId, ...now.rule },
      after: { name: set.name, accountId, ...rule },
    });
  });
}

/**
 * Switches a rule on or off. A feed is read when its rule is switched on: what is in it then is left alone, and only
 * what comes later is drafted.
 *
 * @throws Refusal `feed_unreadable` when the feed cannot be read; `needs_review` where posts are reviewed, the rule sends
 *   a text of its own, and somebody else than an owner switches it on
 */
export async function switchAutomation(context: Context, automationId: string, on: boolean): Promise<void> {
  const { rule, accountId, switchedOnAt } = await transaction(context, (inside) => automationOf(inside, automationId));
  if ((switchedOnAt !== null) === on) return;
  if (on) await transaction(context, (inside) => assertRule(inside, { accountId, rule }));
  const items = on ? await itemsNow(context, rule) : [];
  await transaction(context, async (inside) => {
    const now = await automationOf(inside, automationId, true);
    if ((now.switchedOnAt !== null) === on) return;
    if (on) await assertReviewed(inside, now.rule);
    await markSeen(inside, automationId, items);
    await inside.tx
      .updateTable('automations')
      .set({ switchedOnAt: on ? inside.clock.now() : null, failures: 0, lastError: null, claimedUntil: null })
      .where('id', '=', automationId)
      .execute();
    await audit(inside, { operation: 'automations.switch', subject: automationId, after: { on } });
    await record(inside, on ? 'automation.switched_on' : 'automation.switched_off', { subjectId: automationId });
  });
}

/** Takes a rule away; what it did stays in the history. */
export async function removeAutomation(context: Context, automationId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const { name } = await automationOf(inside, automationId, true);
    await inside.tx
      .updateTable('automations')
      .set({ removedAt: inside.clock.now(), switchedOnAt: null })
      .where('id', '=', automationId)
      .execute();
    await audit(inside, { operation: 'automations.remove', subject: automationId, before: { name } });
    await record(inside, 'automation.removed', { subjectId: automationId });
  });
}

/** Nobody looks at the words of a rule again before they go out: where posts are reviewed, switching it on is the review. */
async function assertReviewed(inside: Inside, rule: Rule): Promise<void> {
  if (rule.kind !== 'auto_plug' || (await mayApprove(inside, { source: 'automation' }))) return;
  throw refuse(
    'forbidden',
    'needs_review',
    'Posts are reviewed in this workspace before they go out, and this rule sends a text of its own. An owner switches it on.',
  );
}

async function automationOf({ tx }: Inside, automationId: string, lock = false) {
  const row = await tx
    .selectFrom('automations')
    .select(['id', 'appId', 'name', 'kind', 'settings', 'accountId', 'switchedOnAt'])
    .where('id', '=', automationId)
    .where('removedAt', 'is', null)
    .$if(lock, (query) => query.forUpdate())
    .executeTakeFirst();
  if (!row) throw notFound('automation');
  return { ...row, rule: readRule(row) };
}

async function itemsNow(context: Context, rule: Rule): Promise<FeedItem[]> {
  if (!isFeedRule(rule)) return [];
  // All of them: a release that is a pre-release today is no news either when that is allowed later.
  const feed = await readFeed(context, rule.kind === 'release_to_draft' ? { ...rule, preReleases: true } : rule);
  if (!feed.ok) throw refuse('invalid', 'feed_unreadable', feed.reason);
  return feed.items;
}

function addressOf(rule: Rule): string {
  if (rule.kind === 'rss_to_draft') return rule.feedUrl;
  return rule.kind === 'release_to_draft' ? rule.repository : '';
}
