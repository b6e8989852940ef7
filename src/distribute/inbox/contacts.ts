import { sql } from 'kysely';
import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Inside, transaction } from '#src/context.ts';
import { id, numberCursor, operation, pageInput } from '#src/operation.ts';
import type { Mention, Platform } from '#src/outside/platform.ts';

/** Who writes to us so often within so many days is an advocate, and stays one. */
export const ADVOCATE = { times: 3, days: 90 } as const;
const DAY = 86_400_000;

type Account = { id: string; platform: string; serverUrl: string };

/** Keeps who wrote, with the name and the followers they have now. Returns the contact's id. */
export async function keepContact(
  { tx, workspaceId }: Inside,
  account: Account,
  adapter: Pick<Platform, 'oauth'>,
  { author, receivedAt }: Pick<Mention, 'author' | 'receivedAt'>,
): Promise<string> {
  const { platformUserId, handle, name, followers } = author;
  const row = await tx
    .insertInto('contacts')
    .values({
      workspaceId,
      platform: account.platform,
      // Where each server gives its own ids, the same id on another server is somebody else.
      serverUrl: adapter.oauth?.apps === 'registered' ? account.serverUrl : '',
      platformUserId,
      handle,
      name,
      followers,
      firstSeenAt: receivedAt,
    })
    .onConflict((oc) =>
      oc.columns(['workspaceId', 'platform', 'serverUrl', 'platformUserId']).doUpdateSet((eb) => ({
        handle,
        name: eb.fn.coalesce(eb.val(name), 'contacts.name'),
        followers: eb.fn.coalesce(eb.val(followers), 'contacts.followers'),
        firstSeenAt: sql<Date>`least(contacts.first_seen_at, excluded.first_seen_at)`,
      })),
    )
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/** Makes somebody an advocate with what they wrote at `at`, when the rule says so. Our own accounts are none. */
export async function countAdvocate(inside: Inside, contactId: string, at: Date): Promise<void> {
  const { tx } = inside;
  const { times } = await tx
    .selectFrom('inboxItems')
    .select((eb) => eb.fn.count<number>('platformId').distinct().as('times'))
    .where('contactId', '=', contactId)
    .where('receivedAt', '<=', at)
    .where('receivedAt', '>', new Date(at.getTime() - ADVOCATE.days * DAY))
    .executeTakeFirstOrThrow();
  if (times < ADVOCATE.times) return;
  const made = await tx
    .updateTable('contacts')
    .set({ advocateSince: at })
    .where('id', '=', contactId)
    .where('advocateSince', 'is', null)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('accounts')
            .select('accounts.id')
            .whereRef('accounts.platform', '=', 'contacts.platform')
            .whereRef('accounts.platformUserId', '=', 'contacts.platformUserId'),
        ),
      ),
    )
    .returning(['handle', 'platform'])
    .executeTakeFirst();
  if (made) await record(inside, 'contact.advocated', { subjectId: contactId, detail: made });
}

const shownContact = z.object({
  id,
  platform: z.string(),
  handle: z.string(),
  name: z.string().nullable(),
  followers: z.int().nullable(),
  firstSeenAt: z.date(),
  lastSeenAt: z.date().nullable(),
  /** How often they wrote to us: ever, and within the days of the advocates' rule. */
  times: z.int(),
  timesLately: z.int(),
  /** How many of theirs we answered. */
  answered: z.int(),
  advocateSince: z.date().nullable(),
});

export const contactOperations = {
  list: operation({
    summary: 'List the people who wrote to our accounts, those who did last first.',
    route: 'GET /contacts',
    access: 'read',
    input: z.strictObject({
      platform: z.string().max(40).optional(),
      search: z.string().trim().min(1).max(100).optional(),
      ...pageInput,
      cursor: numberCursor,
    }),
    output: z.object({ contacts: z.array(shownContact), cursor: z.string().nullable() }),
    run: (context, input) => transaction(context, (inside) => readContacts(inside, input)),
  }),
  advocates: operation({
    summary: 'List the advocates: people who write to our accounts often, the busiest first.',
    route: 'GET /contacts/advocates',
    access: 'read',
    input: z.strictObject({ ...pageInput, cursor: numberCursor }),
    output: z.object({
      contacts: z.array(shownContact),
      cursor: z.string().nullable(),
      /** So often within so many days makes an advocate. */
      rule: z.object({ times: z.int(), days: z.int() }),
    }),
    run: (context, input) =>
      transaction(context, async (inside) => ({
        ...(await readContacts(inside, { ...input, advocates: true })),
        rule: { ...ADVOCATE },
      })),
  }),
};

type Wanted = {
  platform?: string | undefined;
  search?: string | undefined;
  advocates?: boolean;
  limit: number;
  cursor?: string | undefined;
};

async function readContacts({ tx, clock }: Inside, { platform, search, advocates, limit, cursor }: Wanted) {
  const lately = new Date(clock.now().getTime() - ADVOCATE.days * DAY);
  const from = Number(cursor ?? 0);
  const contacts = await tx
    .selectFrom('contacts')
    .leftJoin('inboxItems', 'inboxItems.contactId', 'contacts.id')
    .select(['contacts.id', 'contacts.platform', 'handle', 'name', 'followers', 'firstSeenAt', 'advocateSince'])
    .select((eb) => [
      eb.fn.max('receivedAt').as('lastSeenAt'),
      eb.fn.count<number>('inboxItems.id').as('times'),
      eb.fn.count<number>('inboxItems.id').filterWhere('receivedAt', '>', lately).as('timesLately'),
      eb.fn.count<number>('inboxItems.id').filterWhere('answeredAt', 'is not', null).as('answered'),
    ])
    .$if(platform !== undefined, (query) => query.where('contacts.platform', '=', platform ?? ''))
    .$if(search !== undefined, (query) =>
      query.where(
        sql<boolean>`position(lower(${search ?? ''}) in lower(contacts.handle || ' ' || coalesce(contacts.name, ''))) > 0`,
      ),
    )
    .$if(advocates === true, (query) => query.where('advocateSince', 'is not', null))
    .groupBy(['contacts.id', 'contacts.platform', 'handle', 'name', 'followers', 'firstSeenAt', 'advocateSince'])
    .$if(advocates === true, (query) => query.orderBy('timesLately', 'desc'))
    .orderBy('lastSeenAt', (order) => order.desc().nullsLast())
    .orderBy('contacts.id')
    .offset(from)
    .limit(limit)
    .execute();
  return { contacts, cursor: contacts.length === limit ? String(from + limit) : null };
}
