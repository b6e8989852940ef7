import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { id, idCursor, operation, pageInput } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

export type LinkKind = 'visitor' | 'visit' | 'click' | 'person' | 'provider_customer' | 'payment' | 'email_hash';
export type Grade = 'click_id' | 'checkout_metadata' | 'code' | 'server_event' | 'self_report' | 'timing';

/** How an address is kept: it can be compared, not read. */
export function emailHash(context: Context, email: string): string {
  return context.secrets.fingerprint('customer e-mail', email.trim().toLowerCase());
}

/** The customer with this user id of the app, made at the first sight. */
export async function customerOfPerson(
  inside: Inside,
  who: { appId: string; person: string; seenAt: Date; grade: Grade },
): Promise<string> {
  const { tx, workspaceId } = inside;
  const known = await tx
    .selectFrom('customers')
    .select('id')
    .where('appId', '=', who.appId)
    .where('person', '=', who.person)
    .executeTakeFirst();
  if (known) return known.id;
  const made = await tx
    .insertInto('customers')
    .values({ workspaceId, appId: who.appId, person: who.person, firstSeenAt: who.seenAt })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'person']).doUpdateSet({ person: who.person }))
    .returning('id')
    .executeTakeFirstOrThrow();
  await linkIdentity(inside, { ...who, customerId: made.id, kind: 'person', value: who.person });
  return made.id;
}

/** A customer of whom only the payment provider knows as yet. */
export async function unnamedCustomer(inside: Inside, appId: string, seenAt: Date): Promise<string> {
  const made = await inside.tx
    .insertInto('customers')
    .values({ workspaceId: inside.workspaceId, appId, firstSeenAt: seenAt })
    .returning('id')
    .executeTakeFirstOrThrow();
  return made.id;
}

/** Says who something belongs to and how we know. What was said before stays; the newest counts. True when it is new. */
export async function linkIdentity(
  { tx, workspaceId, clock }: Inside,
  link: { appId: string; customerId: string; kind: LinkKind; value: string; grade: Grade; evidence?: object },
): Promise<boolean> {
  const made = await tx
    .insertInto('identityLinks')
    .values({
      workspaceId,
      appId: link.appId,
      customerId: link.customerId,
      kind: link.kind,
      value: link.value,
      grade: link.grade,
      evidence: JSON.stringify(link.evidence ?? {}),
      linkedAt: clock.now(),
    })
    .onConflict((oc) => oc.doNothing())
    .returning('id')
    .executeTakeFirst();
  return made !== undefined;
}

/** The customer behind a visitor, click, provider's customer …, or null. A merged one leads to whom it became. */
export async function customerBehind(
  { tx }: Inside,
  appId: string,
  kind: LinkKind,
  value: string,
): Promise<string | null> {
  const row = await tx
    .selectFrom('identityLinks')
    .innerJoin('customers', 'customers.id', 'identityLinks.customerId')
    .select((eb) => eb.fn.coalesce('customers.mergedInto', 'customers.id').as('id'))
    .where('identityLinks.appId', '=', appId)
    .where('identityLinks.kind', '=', kind)
    .where('identityLinks.value', '=', value)
    .orderBy('identityLinks.linkedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Fills in what is known of a customer; what is null is left as it is, and so is one who was erased. */
export async function describeCustomer(
  { tx }: Inside,
  customerId: string,
  about: { name?: string | null; emailHash?: string | null },
): Promise<void> {
  const set = Object.fromEntries(Object.entries(about).filter(([, value]) => value != null));
  if (Object.keys(set).length === 0) return;
  await tx.updateTable('customers').set(set).where('id', '=', customerId).where('erasedAt', 'is', null).execute();
}

/**
 * Two customers turned out to be one person: `from` leads to `into` from now on, and all that was linked to it is
 * linked to `into` as well. Payments and conversions are moved by those who own them.
 */
export async function mergeCustomers({ tx, workspaceId }: Inside, from: string, into: string): Promise<void> {
  const links = await tx.selectFrom('identityLinks').selectAll().where('customerId', '=', from).execute();
  if (links.length > 0)
    await tx
      .insertInto('identityLinks')
      .values(
        links.map(({ id: _, evidence, ...link }) => ({
          ...link,
          workspaceId,
          customerId: into,
          evidence: JSON.stringify(evidence),
        })),
      )
      .onConflict((oc) => oc.doNothing())
      .execute();
  const old = await tx.selectFrom('customers').select(['name', 'emailHash']).where('id', '=', from).executeTakeFirst();
  await tx
    .updateTable('customers')
    .set((eb) => ({
      name: eb.fn.coalesce('name', eb.val(old?.name ?? null)),
      emailHash: eb.fn.coalesce('emailHash', eb.val(old?.emailHash ?? null)),
    }))
    .where('id', '=', into)
    .execute();
  await tx
    .updateTable('customers')
    .set({ mergedInto: into })
    .where((eb) => eb.or([eb('id', '=', from), eb('mergedInto', '=', from)]))
    .execute();
}

/** Gives a customer known only to the provider the app's own user id. */
export async function nameCustomer({ tx }: Inside, customerId: string, person: string): Promise<void> {
  await tx.updateTable('customers').set({ person }).where('id', '=', customerId).execute();
}

export const customerOperations = {
  list: operation({
    summary: 'List the people who signed up or paid, newest first, with what they paid.',
    route: 'GET /customers',
    access: 'read',
    input: z.strictObject({ appId: id, ...pageInput, cursor: idCursor }),
    output: z.object({
      customers: z.array(
        z.object({
          id,
          person: z.string().nullable(),
          name: z.string().nullable(),
          firstSeenAt: z.date(),
          /** Their name and links are gone. */
          erasedAt: z.date().nullable(),
          payments: z.int(),
          linkedBy: z.array(z.string()),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        const { tx } = inside;
        await appOf(inside, input.appId);
        const rows = await tx
          .selectFrom('customers')
          .select(['id', 'person', 'name', 'firstSeenAt', 'erasedAt'])
          .select((eb) => [
            eb
              .selectFrom('payments')
              .whereRef('payments.customerId', '=', 'customers.id')
              .select((count) => count.fn.countAll<number>().as('times'))
              .as('payments'),
          ])
          .where('appId', '=', input.appId)
          .where('mergedInto', 'is', null)
          .$if(input.cursor !== undefined, (query) =>
            query.where((eb) =>
              eb(
                eb.refTuple('firstSeenAt', 'id'),
                '<',
                eb
                  .selectFrom('customers as last')
                  .select(['last.firstSeenAt', 'last.id'])
                  .where('last.id', '=', input.cursor ?? '')
                  .$asTuple('firstSeenAt', 'id'),
              ),
            ),
          )
          .orderBy('firstSeenAt', 'desc')
          .orderBy('id', 'desc')
          .limit(input.limit)
          .execute();
        const ids = rows.map((row) => row.id);
        const links =
          ids.length === 0
            ? []
            : await tx
                .selectFrom('identityLinks')
                .select(['customerId', 'kind'])
                .distinct()
                .where('customerId', 'in', ids)
                .execute();
        const customers = rows.map((row) => ({
          ...row,
          payments: row.payments ?? 0,
          linkedBy: links.filter((link) => link.customerId === row.id).map((link) => link.kind),
        }));
        return { customers, cursor: rows.length === input.limit ? (ids.at(-1) ?? null) : null };
      }),
  }),
};
