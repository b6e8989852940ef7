import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { isInstallationOwner } from '#src/people/installation.ts';
import { type Counts, type Erasure, erasePerson } from '#src/people/privacy/erase.ts';
import { type Exported, exportPerson } from '#src/people/privacy/export.ts';
import { type Asked, assertAsked, findPerson, fingerprintOf, type Identity } from '#src/people/privacy/person.ts';
import { refuse } from '#src/refusal.ts';

/** Everything kept about a person, noted as a request that was answered. */
export async function answerExport(
  context: Context,
  question: Asked,
): Promise<{ requestId: string; tables: Exported[] }> {
  assertAsked(question);
  const who = await transaction(context, (inside) => findPerson(inside, question));
  const tables = await exportPerson(context, who);
  const counts = Object.fromEntries(tables.map(({ table, rows }) => [table, rows.length]));
  const requestId = await transaction(context, async (inside) => {
    const { id } = await begin(inside, 'export', question, null);
    await finish(inside, id, counts);
    await audit(inside, { operation: 'privacy.export', subject: id, after: { rows: sumOf(counts) } });
    return id;
  });
  return { requestId, tables };
}

/**
 * Notes that a person is to be erased and does it. Whom it is about is kept, sealed, until it is done: when the process
 * dies the flow goes on where it stopped. Refuses for members of the workspace, who sign in with their address.
 */
export async function answerErasure(context: Context, question: Asked): Promise<{ requestId: string; counts: Counts }> {
  assertAsked(question);
  const requestId = await transaction(context, async (inside) => {
    const who = await findPerson(inside, question);
    await refuseMembers(inside, who);
    await removeFormerMember(inside, who);
    const { id } = await begin(inside, 'erase', question, { who, nonce: randomBytes(32).toString('base64url') });
    await audit(inside, { operation: 'privacy.erase', subject: id });
    return id;
  });
  return { requestId, counts: await workErasure(context, requestId) };
}

/** So long an erasure may take before somebody else goes on with it, in milliseconds. */
const LEFT_AFTER = 5 * 60_000;

/** Goes on with what was left undone. Safe to run twice, also at the same time. Returns how many were finished. */
export async function workErasures(context: Context): Promise<number> {
  const left = await transaction(context, ({ tx, clock }) =>
    tx
      .selectFrom('privacyRequests')
      .select('id')
      .where('kind', '=', 'erase')
      .where('doneAt', 'is', null)
      .where('requestedAt', '<', new Date(clock.now().getTime() - LEFT_AFTER))
      .orderBy('requestedAt')
      .execute(),
  );
  for (const { id } of left) await workErasure(context, id);
  return left.length;
}

/** Does, or finishes, one erasure. Nothing happens when it is done. Returns how many rows were changed, by table. */
export async function workErasure(context: Context, requestId: string): Promise<Counts> {
  const erasure = await transaction(context, async ({ tx, secrets }) => {
    const row = await tx
      .selectFrom('privacyRequests')
      .select('sealedIdentity')
      .where('id', '=', requestId)
      .executeTakeFirst();
    return row?.sealedIdentity ? (JSON.parse(secrets.open(placeOf(requestId), row.sealedIdentity)) as Erasure) : null;
  });
  try {
    if (erasure) await erasePerson(context, erasure, (inside, table, rows) => addCount(inside, requestId, table, rows));
    return await transaction(context, async (inside) => {
      const counts = await countsOf(inside, requestId);
      if (erasure && (await finish(inside, requestId, counts)))
        await record(inside, 'privacy.erased', { subjectId: requestId });
      return counts;
    });
  } catch (error) {
    await transaction(context, ({ tx }) =>
      tx
        .updateTable('privacyRequests')
        .set({ failure: (error as Error).message.slice(0, 500) })
        .where('id', '=', requestId)
        .execute(),
    );
    throw error;
  }
}

/** In the transaction of the change itself: what was counted was done, however often it is begun anew. */
async function addCount({ tx }: Inside, id: string, table: string, rows: number): Promise<void> {
  await tx
    .updateTable('privacyRequests')
    .set({
      counts: sql`counts || jsonb_build_object(${table}::text, coalesce((counts ->> ${table})::int, 0) + ${rows}::int)`,
    })
    .where('id', '=', id)
    .execute();
}

async function countsOf({ tx }: Inside, id: string): Promise<Counts> {
  const row = await tx.selectFrom('privacyRequests').select('counts').where('id', '=', id).executeTakeFirst();
  return (row?.counts ?? {}) as Counts;
}

const placeOf = (requestId: string) => ({ table: 'privacy_requests', column: 'sealed_identity', row: requestId });

async function begin(inside: Inside, kind: 'export' | 'erase', question: Asked, erasure: Erasure | null) {
  const { tx, workspaceId, clock, secrets } = inside;
  const row = await tx
    .insertInto('privacyRequests')
    .values({
      workspaceId,
      kind,
      person: fingerprintOf(inside, question),
      requestedBy: userOf(inside),
      requestedAt: clock.now(),
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (erasure)
    await tx
      .updateTable('privacyRequests')
      .set({ sealedIdentity: secrets.seal(placeOf(row.id), JSON.stringify(erasure)) })
      .where('id', '=', row.id)
      .execute();
  return row;
}

/** False when it was finished before. */
async function finish({ tx, clock }: Inside, id: string, counts: Counts): Promise<boolean> {
  const row = await tx
    .updateTable('privacyRequests')
    .set({
      doneAt: clock.now(),
      rowsTouched: sumOf(counts),
      counts: JSON.stringify(counts),
      failure: null,
      sealedIdentity: null,
    })
    .where('id', '=', id)
    .where('doneAt', 'is', null)
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

async function refuseMembers(inside: Inside, who: Identity): Promise<void> {
  const { rows } = await sql<{ name: string }>`
    select u.name from users u join memberships m on m.user_id = u.id
    where m.workspace_id = ${inside.workspaceId} and u.email = any(${who.emails})`.execute(inside.tx);
  if (rows[0])
    throw refuse(
      'conflict',
      'member',
      `${rows[0].name} is a member of this workspace and signs in with this address. Remove them from the workspace first.`,
    );
}

/**
 * Somebody who signed in once and belongs to no workspace any more goes with their ways of signing in. That concerns the
 * whole installation, so it takes its owner.
 */
async function removeFormerMember(inside: Inside, who: Identity): Promise<void> {
  if (who.emails.length === 0 || !(await isInstallationOwner(inside))) return;
  await inside.tx
    .deleteFrom('users')
    .where('email', 'in', who.emails)
    .where((eb) =>
      eb.not(eb.exists(eb.selectFrom('memberships').select('userId').whereRef('memberships.userId', '=', 'users.id'))),
    )
    .execute();
}

function sumOf(counts: Counts): number {
  return Object.values(counts).reduce((sum, rows) => sum + rows, 0);
}
