import { type ExpressionBuilder, sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import type { DB } from '#src/db/types.ts';
import { replyTo, saidBefore } from '#src/distribute/inbox/talk.ts';
import { id } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';

export const kinds = ['reply', 'mention', 'quote', 'message'] as const;
export const shownItem = z.object({
  id,
  kind: z.enum(kinds),
  text: z.string(),
  /** Where it stands on the platform. */
  url: z.string().nullable(),
  receivedAt: z.date(),
  readAt: z.date().nullable(),
  account: z.object({ id, platform: z.string(), platformName: z.string(), handle: z.string() }),
  contact: z
    .object({
      id,
      handle: z.string(),
      name: z.string().nullable(),
      followers: z.int().nullable(),
      advocateSince: z.date().nullable(),
    })
    .nullable(),
  /** Our post that it answers or quotes. */
  post: z.object({ id, title: z.string() }).nullable(),
  /** waiting: on its way. failed: not out, `reason` says why. elsewhere: given on the platform. */
  answer: z
    .object({
      state: z.enum(['waiting', 'out', 'failed', 'elsewhere']),
      text: z.string().nullable(),
      reason: z.string().nullable(),
      url: z.string().nullable(),
      at: z.date().nullable(),
      /** The answer's own post, with its receipt. */
      postId: id.nullable(),
      publicationId: id.nullable(),
    })
    .nullable(),
});

export const shownConversation = shownItem.extend({
  /** What was written before it, oldest first; then the item itself, then our answer once it is out. */
  conversation: z.array(
    z.object({
      from: z.enum(['us', 'them']),
      handle: z.string(),
      name: z.string().nullable(),
      text: z.string(),
      url: z.string().nullable(),
      at: z.date().nullable(),
    }),
  ),
  reply: z.object({
    /** Why no answer can be given from here; null when one can. */
    refusal: z.string().nullable(),
    limit: z.int(),
    /** What the platform charges for an answer, millionths of a US dollar. */
    plainMicros: z.int(),
    withLinkMicros: z.int(),
    /** The page on which it is answered by hand at no cost; the text is added as the parameter `text`. */
    byHandUrl: z.string().nullable(),
  }),
});

export type ListInput = {
  state: 'all' | 'unread' | 'unanswered';
  accountId?: string | undefined;
  contactId?: string | undefined;
  kind?: (typeof kinds)[number] | undefined;
  limit: number;
  cursor?: string | undefined;
};

/** A page of the inbox: unread first, the newest first in each half. */
export async function listItems(inside: Inside, wanted: ListInput) {
  const unread = sql<boolean>`(inbox_items.read_at is null)`;
  const rows = await rowsOf(inside)
    .$if(wanted.state === 'unread', (query) => query.where('inboxItems.readAt', 'is', null))
    .$if(wanted.state === 'unanswered', (query) => query.where('inboxItems.answeredAt', 'is', null))
    .$if(wanted.accountId !== undefined, (query) => query.where('inboxItems.accountId', '=', wanted.accountId ?? ''))
    .$if(wanted.contactId !== undefined, (query) => query.where('inboxItems.contactId', '=', wanted.contactId ?? ''))
    .$if(wanted.kind !== undefined, (query) => query.where('inboxItems.kind', '=', wanted.kind ?? 'reply'))
    .$if(wanted.cursor !== undefined, (query) =>
      query.where(
        sql<boolean>`((inbox_items.read_at is null), inbox_items.received_at, inbox_items.id) < (
          select last.read_at is null, last.received_at, last.id from inbox_items last where last.id = ${wanted.cursor})`,
      ),
    )
    .orderBy(unread, 'desc')
    .orderBy('inboxItems.receivedAt', 'desc')
    .orderBy('inboxItems.id', 'desc')
    .limit(wanted.limit)
    .execute();
  const counts = await inside.tx
    .selectFrom('inboxItems')
    .select((eb) => [
      eb.fn.countAll<number>().as('all'),
      eb.fn.countAll<number>().filterWhere('readAt', 'is', null).as('unread'),
      eb.fn.countAll<number>().filterWhere('answeredAt', 'is', null).as('unanswered'),
    ])
    .executeTakeFirstOrThrow();
  return {
    items: rows.map((row) => shown(inside, row)),
    counts,
    cursor: rows.length === wanted.limit ? (rows.at(-1)?.id ?? null) : null,
  };
}

/** One item with what was said before it, our post above it, and what an answer would cost. */
export async function readItem(inside: Inside, itemId: string): Promise<z.input<typeof shownConversation>> {
  const row = await rowsOf(inside).where('inboxItems.id', '=', itemId).executeTakeFirst();
  if (!row) throw notFound('inbox item');
  const item = shown(inside, row);
  const before = await saidBefore(inside, row.accountId, row.replyTo);
  const own = {
    from: 'them' as const,
    handle: row.contactHandle ?? '',
    name: row.contactName,
    text: row.text,
    url: row.url,
    at: row.receivedAt,
  };
  const answer =
    item.answer?.state === 'out' && item.answer.text !== null
      ? [
          {
            from: 'us' as const,
            handle: row.accountHandle,
            name: row.accountName,
            text: item.answer.text,
            url: item.answer.url,
            at: item.answer.at,
          },
        ]
      : [];
  return { ...item, conversation: [...before, own, ...answer], reply: await replyTo(inside, row) };
}

function rowsOf({ tx }: Inside) {
  return tx
    .selectFrom('inboxItems')
    .innerJoin('accounts', 'accounts.id', 'inboxItems.accountId')
    .leftJoin('contacts', 'contacts.id', 'inboxItems.contactId')
    .leftJoin('publicationParts as part', 'part.id', 'inboxItems.publicationPartId')
    .leftJoin('publications as ours', 'ours.id', 'part.publicationId')
    .leftJoin('posts', 'posts.id', 'ours.postId')
    .leftJoin('publications as answer', 'answer.id', 'inboxItems.publicationId')
    .select([
      'inboxItems.id',
      'inboxItems.kind',
      'inboxItems.platformId',
      'inboxItems.replyTo',
      'inboxItems.text',
      'inboxItems.url',
      'inboxItems.receivedAt',
      'inboxItems.readAt',
      'inboxItems.answeredAt',
      'inboxItems.accountId',
    ])
    .select([
      'accounts.platform',
      'accounts.handle as accountHandle',
      'accounts.name as accountName',
      'accounts.status as accountStatus',
      'accounts.statusReason',
      'accounts.longPosts',
    ])
    .select([
      'contacts.id as contactId',
      'contacts.handle as contactHandle',
      'contacts.name as contactName',
      'contacts.followers',
      'contacts.advocateSince',
    ])
    .select(['posts.id as postId', 'posts.title as postTitle'])
    .select(['answer.id as answerId', 'answer.postId as answerPostId', 'answer.state as answerState'])
    .select('answer.stateReason as answerReason')
    .select((eb) => [answerText(eb).as('answerText'), answerUrl(eb).as('answerUrl')]);
}

type Scope = ExpressionBuilder<DB & { answer: DB['publications'] }, 'answer'>;

/** What the answer says: as it was frozen, else as it stands in its post. */
function answerText(eb: Pick<Scope, 'fn'>) {
  return eb.fn.coalesce(
    sql<string>`(select frozen.text from publication_parts frozen
      where frozen.workspace_id = answer.workspace_id and frozen.publication_id = answer.id
      order by frozen.position limit 1)`,
    sql<string>`(select written.text from parts written
      join post_variants variant on variant.workspace_id = written.workspace_id and variant.id = written.variant_id
      where variant.workspace_id = answer.workspace_id and variant.post_id = answer.post_id
      order by written.position limit 1)`,
  );
}

function answerUrl(_: unknown) {
  return sql<string | null>`(select sent.platform_url from publication_parts sent
    where sent.workspace_id = answer.workspace_id and sent.publication_id = answer.id
    order by sent.position limit 1)`;
}

export type Row = Awaited<ReturnType<ReturnType<typeof rowsOf>['executeTakeFirstOrThrow']>>;

function shown({ platforms }: Pick<Inside, 'platforms'>, row: Row): z.input<typeof shownItem> {
  const { id, kind, text, url, receivedAt, readAt } = row;
  return {
    id,
    kind,
    text,
    url,
    receivedAt,
    readAt,
    account: {
      id: row.accountId,
      platform: row.platform,
      platformName: platforms.get(row.platform)?.name ?? row.platform,
      handle: row.accountHandle,
    },
    contact:
      row.contactId && row.contactHandle !== null
        ? {
            id: row.contactId,
            handle: row.contactHandle,
            name: row.contactName,
            followers: row.followers,
            advocateSince: row.advocateSince,
          }
        : null,
    post: row.postId && row.postTitle !== null ? { id: row.postId, title: row.postTitle } : null,
    answer: answerOf(row),
  };
}

function answerOf(row: Row): z.input<typeof shownItem>['answer'] {
  const { answerId, answerState, answeredAt } = row;
  const about = {
    text: row.answerText,
    reason: row.answerReason,
    url: row.answerUrl,
    at: answeredAt,
    postId: row.answerPostId,
    publicationId: answerId,
  };
  if (answeredAt && !answerId)
    return { ...about, state: 'elsewhere', text: null, url: null, postId: null, publicationId: null };
  if (!answerId || answerState === 'withdrawn' || answerState === 'skipped') return null;
  if (answerState === 'published') return { ...about, state: 'out', reason: null };
  return { ...about, state: answerState === 'failed' ? 'failed' : 'waiting' };
}
