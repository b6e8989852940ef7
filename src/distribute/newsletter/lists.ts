import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Inside, transaction } from '#src/context.ts';
import { connectOwn, disconnect } from '#src/distribute/accounts/connect.ts';
import { countSubscribers, forgetAddresses } from '#src/distribute/newsletter/subscribe.ts';
import { linkToken } from '#src/distribute/newsletter/tokens.ts';
import { done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

/** The platform's id in accounts and posts. */
export const NEWSLETTER = 'newsletter';

/** The list with this id in this workspace, or "not found". */
export async function listOf({ tx }: Inside, listId: string) {
  const list = await tx.selectFrom('mailingLists').selectAll().where('id', '=', listId).executeTakeFirst();
  if (!list) throw notFound('mailing list');
  return list;
}

const fields = {
  name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\r\n]*$/),
  fromAddress: z.email().max(254),
  replyTo: z.email().max(254).nullable(),
  /** Stands under each letter; the law of many countries asks for it. */
  postalAddress: z.string().trim().min(5).max(500),
};

const counts = z.object({ pending: z.int(), confirmed: z.int(), unsubscribed: z.int(), bounced: z.int() });

export const mailingListOperations = {
  list: operation({
    summary: 'List the mailing lists, with how many people are on each.',
    route: 'GET /mailing-lists',
    access: 'read',
    input: z.strictObject({ appId: id.optional() }),
    output: z.object({
      lists: z.array(
        z.object({
          id,
          appId: id,
          ...fields,
          postalAddress: z.string(),
          accountId: id.nullable(),
          createdAt: z.date(),
          subscribers: counts,
          /** Where everyone subscribes: a page, and what a form posts to. */
          subscribeUrl: z.string(),
        }),
      ),
      /** Whether a mail server is set, and whether links in letters lead anywhere. */
      ready: z.object({ mailServer: z.boolean(), publicAddress: z.boolean() }),
    }),
    run: (context, { appId }) => transaction(context, (inside) => readLists(inside, appId)),
  }),
  create: operation({
    summary: 'Make a mailing list; posts go out to it as to any account.',
    route: 'POST /mailing-lists',
    access: 'write',
    input: z.strictObject({ appId: id, ...fields, replyTo: fields.replyTo.default(null) }),
    output: z.object({ id, accountId: id }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        await appOf(inside, input.appId);
        const { workspaceId, tx, clock } = inside;
        const list = await tx
          .insertInto('mailingLists')
          .values({ workspaceId, ...input, createdAt: clock.now() })
          .returning('id')
          .executeTakeFirstOrThrow();
        const accountId = await connectOwn(inside, NEWSLETTER, profileOf({ id: list.id, name: input.name }, 0));
        await tx.updateTable('mailingLists').set({ accountId }).where('id', '=', list.id).execute();
        await audit(inside, { operation: 'mailingLists.create', subject: list.id, after: input });
        await record(inside, 'mailing_list.created', { subjectId: list.id });
        return { id: list.id, accountId };
      }),
  }),
  update: operation({
    summary: 'Change the name, sender or postal address of a mailing list.',
    route: 'PATCH /mailing-lists/{listId}',
    access: 'write',
    input: z.strictObject({ listId: id, ...z.object(fields).partial().shape }),
    output: done,
    run: (context, { listId, ...changes }) =>
      transaction(context, async (inside) => {
        const before = await listOf(inside, listId);
        const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        if (Object.keys(set).length === 0)
          throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
        await inside.tx.updateTable('mailingLists').set(set).where('id', '=', listId).execute();
        if (changes.name !== undefined)
          await connectOwn(inside, NEWSLETTER, profileOf({ id: listId, name: changes.name }, null));
        await audit(inside, {
          operation: 'mailingLists.update',
          subject: listId,
          before: { name: before.name, fromAddress: before.fromAddress },
          after: set,
        });
        return { done: true };
      }),
  }),
  remove: operation({
    summary: 'Remove a mailing list with its subscribers; what was sent stays in the history.',
    route: 'DELETE /mailing-lists/{listId}',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({ listId: id }),
    output: done,
    run: (context, { listId }) =>
      transaction(context, async (inside) => {
        const list = await listOf(inside, listId);
        await forgetAddresses(inside, { listId });
        await inside.tx.deleteFrom('mailingLists').where('id', '=', listId).execute();
        if (list.accountId) await disconnect(inside, list.accountId);
        await audit(inside, { operation: 'mailingLists.remove', subject: listId, before: { name: list.name } });
        return { done: true };
      }),
  }),
};

/** A list as the platform it is to the rest of the program. */
export function profileOf(list: { id: string; name: string }, confirmed: number | null) {
  return {
    platformUserId: list.id,
    handle: list.name,
    name: list.name,
    avatarUrl: null,
    followers: confirmed,
    following: null,
    posts: null,
    longPosts: false,
  };
}

/** Whether links in letters can be followed by the people who get them. */
export function isReachable(publicUrl: string): boolean {
  return !/^(.*\.)?localhost$|^127\.|^0\.0\.0\.0$|^\[::1?\]$/.test(new URL(publicUrl).hostname);
}

async function readLists(inside: Inside, appId: string | undefined) {
  const { tx, secrets, workspaceId, publicUrl } = inside;
  const rows = await tx
    .selectFrom('mailingLists')
    .selectAll()
    .$if(appId !== undefined, (query) => query.where('appId', '=', appId ?? ''))
    .orderBy('createdAt')
    .execute();
  const counted = await countSubscribers(inside);
  const mail = await tx.selectFrom('mailSettings').select('host').executeTakeFirst();
  const lists = rows.map((row) => {
    const of = (state: string) =>
      counted.find((one) => one.mailingListId === row.id && one.state === state)?.count ?? 0;
    return {
      ...row,
      subscribers: {
        pending: of('pending'),
        confirmed: of('confirmed'),
        unsubscribed: of('unsubscribed'),
        bounced: of('bounced'),
      },
      subscribeUrl: `${publicUrl}/letters/join/${linkToken(secrets, 'join', workspaceId, row.id)}`,
    };
  });
  return { lists, ready: { mailServer: mail !== undefined, publicAddress: isReachable(publicUrl) } };
}
