import { type Context, type Inside, transaction } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts/grants.ts';
import { accountOf, needReconnect } from '#src/distribute/accounts/status.ts';
import { archive, noteRemoved } from '#src/distribute/publications/ended.ts';
import { holdOn } from '#src/distribute/publications/pauses.ts';
import { addPart } from '#src/distribute/publications/plugs.ts';
import { charge, priceOf, pricesOf } from '#src/distribute/spend.ts';
import type { Grant, Outcome, Platform } from '#src/outside/platform.ts';
import { notify } from '#src/people/notices.ts';
import { Refusal } from '#src/refusal.ts';
import { isAffordable, priceOfAct } from './price.ts';
import { causeOf, type Reached, reached } from './reached.ts';
import { isFeedRule, type PostRule, postKinds, readRule } from './rule.ts';
import { asOnlyRunner, leftToday, type Run, writeRun } from './runs.ts';

/** One post under one rule, on its way. */
type Act = { id: string; name: string; rule: PostRule; one: Reached; cause: string };

/** What came of it: done or ended for good (both are written down), or to be tried at the next look. */
type Result = 'settled' | 'wait';

/**
 * The clock's line: rules that look at numbers act on the posts that reached them. Once for each post and rule, never
 * while publishing is paused, within the account's budget and the rule's number a day. Safe to run twice, also at once:
 * a reply is added in one transaction, and showing or removing a post twice is the same as once.
 */
export async function actOnPosts(context: Context): Promise<void> {
  const rows = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('automations')
      .select(['id', 'name', 'kind', 'settings', 'appId', 'accountId', 'switchedOnAt as since'])
      .where('switchedOnAt', 'is not', null)
      .where('removedAt', 'is', null)
      .where('kind', 'in', [...postKinds])
      .orderBy('createdAt')
      .execute(),
  );
  for (const { id, name, appId, accountId, since, ...row } of rows) {
    const rule = readRule(row);
    if (isFeedRule(rule) || !since) continue;
    await asOnlyRunner(context, id, async (hold) => {
      const ready = await transaction(context, async (inside) => {
        await inside.tx.updateTable('automations').set({ lookedAt: inside.clock.now() }).where('id', '=', id).execute();
        return (await reached(inside, { id, appId, accountId, rule, since })).filter((one) => one.now);
      });
      let left = await transaction(context, (inside) => leftToday(inside, id, rule.perDay));
      // The oldest first: it is the one whose time runs out.
      for (const one of ready.reverse()) {
        if (left <= 0 || !(await hold())) return;
        if ((await act(context, { id, name, rule, one, cause: causeOf(rule, one) })) === 'settled') left -= 1;
      }
    });
  }
}

async function act(context: Context, it: Act): Promise<Result> {
  const { account } = it.one;
  const parts = await transaction(context, (inside) => partsOut(inside, it.one.publicationId));
  const price = (inside: Inside) => priceOfAct(inside, it.rule, account.platform, parts.length);
  const ready = await transaction(context, async (inside) => {
    const { status } = await accountOf(inside, account.id);
    if (status !== 'connected' || (await holdOn(inside, account.id))) return false;
    return isAffordable(inside, account.id, await price(inside));
  });
  if (!ready) return 'wait';
  switch (it.rule.kind) {
    case 'auto_plug':
      return plug(context, it, it.rule.text);
    case 'auto_archive':
      return transaction(context, async (inside) => {
        await archive(inside, it.one.publicationId, `Archived by the rule “${it.name}”: ${it.cause}`);
        return settle(inside, it, 'done', 'Set aside.');
      });
    case 'auto_repost':
      return repost(context, it, parts.slice(0, 1));
    case 'auto_delete':
      return remove(context, it, parts.toReversed());
  }
}

async function plug(context: Context, it: Act, text: string): Promise<Result> {
  try {
    return await transaction(context, async (inside) =>
      (await addPart(inside, it.one.publicationId, text))
        ? settle(inside, it, 'done', 'The reply is on its way.')
        : settle(inside, it, 'skipped', 'There is a reply of a rule under it already.'),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return transaction(context, (inside) => settle(inside, it, 'failed', error.message));
  }
}

async function repost(context: Context, it: Act, parts: string[]): Promise<Result> {
  for (const platformId of parts) {
    const done = await call(context, it, (adapter, grant) => adapter.repost?.(grant, platformId));
    if (done !== 'on') return done;
  }
  return transaction(context, (inside) => settle(inside, it, 'done', 'Reposted.'));
}

/** The last part first, so that no thread ever stands without its beginning. */
async function remove(context: Context, it: Act, parts: string[]): Promise<Result> {
  for (const platformId of parts) {
    const done = await call(context, it, (adapter, grant) => adapter.remove?.(grant, platformId));
    if (done !== 'on') return done;
  }
  return transaction(context, async (inside) => {
    const { publicationId, postId, account, title } = it.one;
    await noteRemoved(inside, publicationId, `Deleted from ${account.platform} by the rule “${it.name}”: ${it.cause}`);
    await notify(inside, {
      kind: 'post_removed_by_rule',
      title: `A rule deleted “${title.slice(0, 80)}” of @${account.handle}`,
      body: `“${it.name}”: ${it.cause} Its receipts and numbers are kept.`,
      path: `/posts/${postId}`,
      dedupe: `removed:${publicationId}`,
    });
    return settle(inside, it, 'done', 'Deleted.');
  });
}

/** One call to the platform outside any transaction, with its cost in the ledger. `on`: it worked, go on. */
async function call(
  context: Context,
  it: Act,
  run: (adapter: Platform, grant: Grant) => Promise<Outcome<null>> | undefined,
): Promise<Result | 'on'> {
  const { account, postId } = it.one;
  const adapter = context.platforms.get(account.platform);
  const opened = await openGrant(context, account.id);
  if (!adapter || !opened.ok) return 'wait';
  const outcome = await run(adapter, opened.grant);
  if (!outcome) return 'wait';
  return transaction(context, async (inside) => {
    if (outcome.cost) {
      const cost = priceOf(await pricesOf(inside, account.platform), outcome.cost);
      await charge(inside, { accountId: account.id, postId, cost });
    }
    if (outcome.ok) return 'on';
    const { kind, reason } = outcome.failure;
    if (kind === 'reconnect') await needReconnect(inside, account.id, reason);
    // Not now, or nobody knows: asked again at the next look, since doing it twice is the same as once.
    return kind === 'refused' ? settle(inside, it, 'failed', reason) : 'wait';
  });
}

async function settle(inside: Inside, it: Act, outcome: Run['outcome'], message: string): Promise<'settled'> {
  const { publicationId, postId } = it.one;
  await writeRun(inside, {
    automationId: it.id,
    dedupe: `publication:${publicationId}`,
    cause: it.cause,
    outcome,
    message,
    publicationId,
    postId,
  });
  return 'settled';
}

/** What the platform calls the parts that are out, the first one first. */
async function partsOut({ tx }: Inside, publicationId: string): Promise<string[]> {
  const rows = await tx
    .selectFrom('publicationParts')
    .select('platformId')
    .where('publicationId', '=', publicationId)
    .where('state', '=', 'confirmed')
    .orderBy('position')
    .execute();
  return rows.flatMap(({ platformId }) => platformId ?? []);
}
