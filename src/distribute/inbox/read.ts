import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { askPlatform, asOnlyReader } from '#src/distribute/accounts/reading.ts';
import { accountOf, noteInbox } from '#src/distribute/accounts/status.ts';
import { countAdvocate, keepContact } from '#src/distribute/inbox/contacts.ts';
import type { Mention, Platform } from '#src/outside/platform.ts';

const HOUR = 3_600_000;
/** Who asks for the inbox now waits for a reader at work, also for one that died and holds its claim 35 s. */
const PATIENCE = 40_000;

/**
 * Reads what others wrote to each connected account since the last time: replies, mentions, quotes, messages. Safe to run
 * twice, also at once: the platform's id keeps each once, and an account has one reader. Where reading is charged it is
 * done once an hour at most, goes into the spend ledger and stops at the account's monthly budget; `all` reads every
 * account now. Returns how many were new.
 */
export async function readInbox(context: Context, which: 'due' | 'all' = 'due'): Promise<number> {
  const accounts = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('accounts')
      .select(['id', 'platform'])
      .where('status', 'in', ['connected', 'paused'])
      .orderBy('connectedAt')
      .execute(),
  );
  let fresh = 0;
  for (const { id, platform } of accounts) {
    const adapter = context.platforms.get(platform);
    if (!adapter?.mentions) continue;
    const patience = which === 'all' ? PATIENCE : 0;
    const read = asOnlyReader(context, id, () => readAccount(context, id, adapter, which), patience);
    // One account that trips us up is no reason to leave the others unread.
    fresh +=
      (await read.catch((error: unknown) => context.log.error({ err: error, account: id }, 'An inbox was not read'))) ??
      0;
  }
  return fresh;
}

async function readAccount(
  context: Context,
  accountId: string,
  adapter: Platform,
  which: 'due' | 'all',
): Promise<number> {
  const account = await transaction(context, (inside) => accountOf(inside, accountId));
  const readAt = account.inboxReadAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  // The clock's line runs every quarter of an hour; a minute early still counts as the hour.
  if (which === 'due' && adapter.prices && context.clock.now().getTime() - readAt < HOUR - 60_000) return 0;
  const mentions = await askPlatform(
    context,
    account,
    async ({ mentions: read }, grant) => (await read?.(grant, account.inboxSince)) ?? { ok: true as const, value: [] },
  );
  if (mentions === null) return 0;
  return transaction(context, async (inside) => {
    let fresh = 0;
    for (const mention of mentions) if (await keepItem(inside, account, adapter, mention)) fresh++;
    await noteInbox(inside, accountId, mentions.at(-1)?.platformId ?? null);
    await linkToParts(inside, accountId);
    if (fresh > 0) await record(inside, 'inbox.received', { subjectId: accountId, detail: { count: fresh } });
    return fresh;
  });
}

/** Keeps one; false when it is known already. */
async function keepItem(
  inside: Inside,
  account: { id: string; platform: string; serverUrl: string },
  adapter: Platform,
  mention: Mention,
): Promise<boolean> {
  const contactId = await keepContact(inside, account, adapter, mention);
  const { kind, platformId, url, text, receivedAt, replyTo } = mention;
  const row = await inside.tx
    .insertInto('inboxItems')
    .values({
      workspaceId: inside.workspaceId,
      accountId: account.id,
      contactId,
      kind,
      platformId,
      url,
      text,
      receivedAt,
      replyTo,
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'accountId', 'platformId']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return false;
  await countAdvocate(inside, contactId, receivedAt);
  return true;
}

/**
 * Finds our posts that are answered or quoted. Also of what came before: a reply can be here before we know that our
 * post is out.
 */
async function linkToParts({ tx }: Inside, accountId: string): Promise<void> {
  await sql`
    update inbox_items item set publication_part_id = part.id
    from publication_parts part
    join publications publication
      on publication.workspace_id = part.workspace_id and publication.id = part.publication_id
    where item.account_id = ${accountId} and item.publication_part_id is null
      and part.workspace_id = item.workspace_id and part.platform_id = item.reply_to
      and part.state = 'confirmed' and publication.account_id = item.account_id`.execute(tx);
}
