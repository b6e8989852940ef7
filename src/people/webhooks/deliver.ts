import { sql } from 'kysely';
import { asSystem, type Context, type Inside, transaction, type World } from '#src/context.ts';
import { enqueue } from '#src/jobs.ts';
import { sendSigned } from '#src/outside/hooks.ts';
import { isNoAnswer } from '#src/outside/http.ts';
import { noteOf } from './note.ts';
import { type Attempted, attempted, putIntoState } from './state.ts';

/** A sender that has not settled an attempt by then is dead: a call ends within 20 seconds. */
const LEASE_MS = 2 * 60_000;
/** One run of a job sends for so long at most, so that a busy receiver does not hold the worker. */
const RUN_MS = 60_000;
const KEPT_DAYS = 30;
const TIDIED_AT_ONCE = 5_000;

/**
 * Writes down for whom this activity is, and has it sent after the commit. Doing it twice adds nothing. A webhook hears
 * nothing of what happened before it was added.
 */
export async function expectNotes(
  inside: Inside,
  { id, name, happenedAt }: { id: string; name: string; happenedAt: Date },
): Promise<void> {
  const { rows } = await sql<{ webhookId: string }>`
    insert into webhook_deliveries (workspace_id, webhook_id, activity_id, due_at, created_at)
    select workspace_id, id, ${id}, ${inside.clock.now()}, ${inside.clock.now()} from webhooks
    where switched_off_at is null and created_at <= ${happenedAt} and activities && array['*', ${name}]::text[]
    on conflict do nothing
    returning webhook_id as "webhookId"`.execute(inside.tx);
  for (const { webhookId } of rows) await wakeDelivery(inside, webhookId);
}

/** Has what waits for a webhook sent after this transaction, or from `runAt` on. */
export async function wakeDelivery(inside: Inside, webhookId: string, runAt?: Date): Promise<void> {
  // Two keys: a run that asks for a later one must not put off what another transaction has just added.
  const timing = runAt ? { key: `${webhookId}:deliver later`, runAt } : { key: `${webhookId}:deliver` };
  await enqueue(inside, 'deliver', { workspaceId: inside.workspaceId, webhookId }, timing);
}

/**
 * Sends note after note. Each is claimed by an attempt that is committed before the call leaves; one whose answer was
 * lost is sent again under the same id, so every note arrives at least once, in no promised order. Safe to run twice.
 */
export async function deliverWaiting(world: World, job: { workspaceId: string; webhookId: string }): Promise<void> {
  const context = asSystem(world, job.workspaceId, 'send webhooks');
  if (context.demo) return;
  const until = performance.now() + RUN_MS;
  while (performance.now() < until) {
    const claimed = await transaction(context, (inside) => claim(inside, job.webhookId));
    if (!claimed) break;
    await send(context, claimed);
  }
  await transaction(context, async (inside) => {
    const next = await nextDue(inside, job.webhookId);
    if (next) await wakeDelivery(inside, job.webhookId, next);
  });
}

/** Wakes what was left, and forgets notes that are settled and older than 30 days. */
export async function sweepNotes(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    const now = inside.clock.now();
    const left = await inside.tx
      .selectFrom('webhookDeliveries as d')
      .innerJoin('webhooks as w', 'w.id', 'd.webhookId')
      .select('d.webhookId')
      .distinct()
      .where('d.state', 'in', ['waiting', 'sending'])
      .where('w.switchedOffAt', 'is', null)
      .execute();
    for (const { webhookId } of left) await wakeDelivery(inside, webhookId);
    await inside.tx
      .deleteFrom('webhookDeliveries')
      .where('id', 'in', (eb) =>
        eb
          .selectFrom('webhookDeliveries')
          .select('id')
          .where('state', 'in', ['delivered', 'failed'])
          .where('createdAt', '<', new Date(now.getTime() - KEPT_DAYS * 86_400_000))
          .limit(TIDIED_AT_ONCE),
      )
      .execute();
  });
}

/** Sends a test now, also to a webhook that is off: one that arrives switches it on. There is no second try. */
export async function deliverTest(context: Context, webhookId: string): Promise<Attempted> {
  const claimed = await transaction(context, async (inside) => {
    const now = inside.clock.now();
    const { id } = await inside.tx
      .insertInto('webhookDeliveries')
      .values({ workspaceId: inside.workspaceId, webhookId, dueAt: now, createdAt: now })
      .returning('id')
      .executeTakeFirstOrThrow();
    return take(inside, webhookId, { id, activityId: null, attempts: 0, tries: 0, createdAt: now });
  });
  return send(context, claimed);
}

export type Claimed = {
  webhookId: string;
  deliveryId: string;
  number: number;
  tries: number;
  isTest: boolean;
  address: string;
  secrets: string[];
  payload: string;
};

async function send(context: Context, claimed: Claimed): Promise<Attempted> {
  const { address, secrets, payload, deliveryId } = claimed;
  const { answer, said } = await sendSigned(context.web, { address, secrets, id: deliveryId, payload });
  const result = attempted(answer, said, context.clock.now());
  await transaction(context, async (inside) => {
    await putIntoState(inside, claimed, result);
    // Others may have waited for it to be reached again.
    if (result.ok && claimed.isTest) await wakeDelivery(inside, claimed.webhookId);
  });
  if (!result.ok && isNoAnswer(answer)) context.log.debug({ webhook: claimed.webhookId }, result.reason);
  return result;
}

/** Takes the note that has waited longest; null when nothing may be sent now. */
async function claim(inside: Inside, webhookId: string): Promise<Claimed | null> {
  const now = inside.clock.now();
  const row = await inside.tx
    .selectFrom('webhookDeliveries as d')
    .innerJoin('webhooks as w', 'w.id', 'd.webhookId')
    .select(['d.id', 'd.activityId', 'd.attempts', 'd.tries', 'd.createdAt'])
    .where('d.webhookId', '=', webhookId)
    .where('d.state', 'in', ['waiting', 'sending'])
    .where('w.switchedOffAt', 'is', null)
    .where((eb) => eb.or([eb('w.waitsUntil', 'is', null), eb('w.waitsUntil', '<=', now)]))
    .where((eb) =>
      eb.or([
        eb('d.dueAt', '<=', now),
        // Claimed later than now by more than a lease: the clock was wrong then.
        eb.and([eb('d.state', '=', 'sending'), eb('d.dueAt', '>', new Date(now.getTime() + 2 * LEASE_MS))]),
      ]),
    )
    .orderBy('d.dueAt')
    .orderBy('d.id')
    .limit(1)
    .forUpdate('d')
    .skipLocked()
    .executeTakeFirst();
  return row ? take(inside, webhookId, row) : null;
}

type Waiting = { id: string; activityId: string | null; attempts: number; tries: number; createdAt: Date };

async function take(inside: Inside, webhookId: string, row: Waiting): Promise<Claimed> {
  const now = inside.clock.now();
  const number = row.attempts + 1;
  await inside.tx
    .updateTable('webhookDeliveries')
    .set({ state: 'sending', attempts: number, tries: row.tries + 1, dueAt: new Date(now.getTime() + LEASE_MS) })
    .where('id', '=', row.id)
    .execute();
  await inside.tx
    .insertInto('webhookAttempts')
    .values({ workspaceId: inside.workspaceId, webhookDeliveryId: row.id, number, sentAt: now })
    .execute();
  const webhook = await inside.tx
    .selectFrom('webhooks')
    .select(['url', 'sealedSecret', 'sealedPreviousSecret', 'previousSecretUntil'])
    .where('id', '=', webhookId)
    .executeTakeFirstOrThrow();
  const open = (column: string, sealed: string) =>
    inside.secrets.open({ table: 'webhooks', row: webhookId, column }, sealed);
  const secrets = [open('sealed_secret', webhook.sealedSecret)];
  if (webhook.sealedPreviousSecret && webhook.previousSecretUntil && webhook.previousSecretUntil > now)
    secrets.push(open('sealed_previous_secret', webhook.sealedPreviousSecret));
  return {
    webhookId,
    deliveryId: row.id,
    number,
    tries: row.tries + 1,
    isTest: row.activityId === null,
    address: webhook.url,
    secrets,
    payload: JSON.stringify(await noteOf(inside, webhookId, row)),
  };
}

async function nextDue(inside: Inside, webhookId: string): Promise<Date | null> {
  const row = await inside.tx
    .selectFrom('webhookDeliveries as d')
    .innerJoin('webhooks as w', 'w.id', 'd.webhookId')
    .select(({ fn }) => fn.min('d.dueAt').as('dueAt'))
    .select('w.waitsUntil')
    .where('d.webhookId', '=', webhookId)
    .where('d.state', 'in', ['waiting', 'sending'])
    .where('w.switchedOffAt', 'is', null)
    .groupBy('w.waitsUntil')
    .executeTakeFirst();
  if (!row) return null;
  return row.waitsUntil && row.waitsUntil > row.dueAt ? row.waitsUntil : row.dueAt;
}
