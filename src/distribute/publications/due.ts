import { sql } from 'kysely';
import { type Inside, shared, type World } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';

/**
 * A lease is good for so long, in milliseconds, and renewed at every step; no single call takes longer than 30 s. The
 * clocks of machines that publish from one database must agree to within half of it.
 */
export const LEASE = 60_000;

/** A clock that is behind the last tick of any process by more than this was set back, in milliseconds. */
const SET_BACK = 60_000;

/** A publication as the fence found it. */
export type Held = {
  id: string;
  postId: string;
  accountId: string;
  state: string;
  dueAt: Date;
  replyTo: string | null;
};

export type Claim = { publicationId: string; workspaceId: string; accountId: string; leaseUntil: Date };

/** Puts a publication into the queue, or moves it there: whoever had claimed it for the moment before has lost it. */
export async function queue(
  inside: Inside,
  publication: { id: string; accountId: string; dueAt: Date },
  lookAt = publication.dueAt,
): Promise<void> {
  const values = { accountId: publication.accountId, dueAt: publication.dueAt, lookAt };
  await inside.tx
    .insertInto('duePublications')
    .values({ publicationId: publication.id, workspaceId: inside.workspaceId, ...values })
    .onConflict((oc) => oc.column('publicationId').doUpdateSet({ ...values, leaseHolder: null, leaseUntil: null }))
    .execute();
}

/** Takes a settled publication out of the queue. */
export async function unqueue({ tx, workspaceId }: Inside, publicationId: string): Promise<void> {
  await tx
    .deleteFrom('duePublications')
    .where('publicationId', '=', publicationId)
    .where('workspaceId', '=', workspaceId)
    .execute();
}

/**
 * Claims what is ready, at most `most`. Only the head of an account's queue can be claimed, so that an account publishes
 * one at a time and in order; a lease that has run out is taken over (its holder has died).
 */
export async function claim(world: World, holder: string, most: number): Promise<Claim[]> {
  const now = world.clock.now();
  const leaseUntil = new Date(now.getTime() + LEASE);
  // One that ends later than any can was written before the clock was set back: nobody would come for it.
  const longest = new Date(now.getTime() + 2 * LEASE);
  const rows = await shared(world, async (tx) =>
    sql<{ publicationId: string; workspaceId: string; accountId: string }>`
      with head as (
        select d.publication_id from due_publications d
        where d.look_at <= ${now} and (d.lease_until is null or d.lease_until not between ${now} and ${longest})
          and not exists (
            select from due_publications o
            where o.account_id = d.account_id and o.publication_id <> d.publication_id
              and (o.lease_until between ${now} and ${longest} or (o.due_at, o.sequence) < (d.due_at, d.sequence)))
        order by d.look_at
        limit ${most}
        for update of d skip locked)
      update due_publications d set lease_holder = ${holder}, lease_until = ${leaseUntil}
      from head where head.publication_id = d.publication_id
      returning d.publication_id, d.workspace_id, d.account_id`.execute(tx),
  );
  return rows.rows.map((row) => ({ ...row, leaseUntil }));
}

/** Thrown when the lease is not ours any more: it ran out and another goes on, or a person moved or withdrew the post. */
export class LeaseLost extends Error {
  constructor() {
    super('The lease on this publication is not ours any more.');
    this.name = 'LeaseLost';
  }
}

/**
 * Locks the publication and its queue row for the rest of the transaction and renews the lease; throws `LeaseLost` when
 * it is not ours any more. Everything the engine writes is written behind this fence. Returns the locked publication.
 */
export async function holdLease(inside: Inside, holder: string, claimed: Claim): Promise<Held> {
  const now = inside.clock.now();
  // The publication first: that is the order in which a person's withdrawal locks them.
  const publication = await inside.tx
    .selectFrom('publications')
    .select(['id', 'postId', 'accountId', 'state', 'dueAt', 'replyTo'])
    .where('id', '=', claimed.publicationId)
    .forUpdate()
    .executeTakeFirst();
  const leaseUntil = new Date(now.getTime() + LEASE);
  const row = await inside.tx
    .updateTable('duePublications')
    .set({ leaseUntil })
    .where('publicationId', '=', claimed.publicationId)
    .where('leaseHolder', '=', holder)
    .where('leaseUntil', '>', now)
    .returning('publicationId')
    .executeTakeFirst();
  if (!publication || !row) throw new LeaseLost();
  claimed.leaseUntil = leaseUntil;
  return publication;
}

/** Hands a claim back, to be taken up again at `lookAt`. */
export async function handBack(tx: Tx, holder: string, publicationId: string, lookAt: Date): Promise<void> {
  await tx
    .updateTable('duePublications')
    .set({ leaseHolder: null, leaseUntil: null, lookAt })
    .where('publicationId', '=', publicationId)
    .where('leaseHolder', '=', holder)
    .execute();
}

/** Keeps that this process is alive and looked at the queue. Rows of processes that died go after an hour. */
export async function noteTick(world: World, holder: string, startedAt: Date): Promise<void> {
  const now = world.clock.now();
  await shared(world, async (tx) => {
    const ahead = await tx
      .deleteFrom('publishers')
      .where('tickedAt', '>', new Date(now.getTime() + SET_BACK))
      .returning('holder')
      .execute();
    if (ahead.length > 0) await lookAtAllAgain(tx, now);
    await tx
      .insertInto('publishers')
      .values({ holder, startedAt, tickedAt: now })
      .onConflict((oc) => oc.column('holder').doUpdateSet({ tickedAt: now }))
      .execute();
    await tx
      .deleteFrom('publishers')
      .where('tickedAt', '<', new Date(now.getTime() - 3_600_000))
      .execute();
  });
}

/** The clock was set back: what was to be looked at "later" would wait until it has caught up. Looking too early is harmless. */
async function lookAtAllAgain(tx: Tx, now: Date): Promise<void> {
  await tx
    .updateTable('duePublications')
    .set({ lookAt: now })
    .where('lookAt', '>', now)
    .whereRef('lookAt', '<>', 'dueAt')
    .execute();
}

/** Says that this process stopped on purpose. */
export async function forgetTicks(world: World, holder: string): Promise<void> {
  await shared(world, (tx) => tx.deleteFrom('publishers').where('holder', '=', holder).execute());
}
