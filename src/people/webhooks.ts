import { randomUUID } from 'node:crypto';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { newSigningSecret } from '#src/outside/hooks.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { deliverTest, wakeDelivery } from './webhooks/deliver.ts';

const MOST = 20;
/** How long notes are signed with the secret before, too, after it was changed. */
const OVERLAP_MS = 86_400_000;

export type WebhookInput = { name: string; url: string; activities: string[] };

/** Adds a receiver. Its secret is made here and told this once. */
export async function createWebhook(context: Context, input: WebhookInput): Promise<{ id: string; secret: string }> {
  if (context.demo) throw demoSendsNothing();
  const url = urlOf(context, input.url);
  return transaction(context, async (inside) => {
    const { count } = await inside.tx
      .selectFrom('webhooks')
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    if (Number(count) >= MOST)
      throw refuse('conflict', 'too_many', `A workspace may have ${MOST} webhooks. Remove one that is not needed.`);
    const id = randomUUID();
    const secret = newSigningSecret();
    await inside.tx
      .insertInto('webhooks')
      .values({
        workspaceId: inside.workspaceId,
        id,
        name: input.name,
        url: url.href,
        activities: input.activities,
        sealedSecret: inside.secrets.seal(placeOf(id, 'sealed_secret'), secret),
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .execute();
    await audit(inside, { operation: 'webhooks.create', subject: id, after: told(input, url) });
    return { id, secret };
  });
}

/** Changes what a receiver gets, where it is, or whether it gets anything. What waits for it goes to the new address. */
export async function updateWebhook(
  context: Context,
  webhookId: string,
  changes: { [K in keyof WebhookInput]?: WebhookInput[K] | undefined } & { isOn?: boolean | undefined },
): Promise<{ id: string }> {
  const url = changes.url === undefined ? undefined : urlOf(context, changes.url);
  return transaction(context, async (inside) => {
    const before = await lock(inside, webhookId);
    const now = inside.clock.now();
    await inside.tx
      .updateTable('webhooks')
      .set({
        name: changes.name ?? before.name,
        url: url?.href ?? before.url,
        activities: changes.activities ?? before.activities,
        // Somebody who changes the address or switches it on has mended it.
        ...(url || changes.isOn === true ? { failingSince: null, failures: 0, waitsUntil: null } : {}),
        ...(changes.isOn === true ? { switchedOffAt: null, switchedOffReason: null } : {}),
        ...(changes.isOn === false && before.switchedOffAt === null
          ? { switchedOffAt: now, switchedOffReason: 'Switched off by hand.' }
          : {}),
      })
      .where('id', '=', webhookId)
      .execute();
    await audit(inside, {
      operation: 'webhooks.update',
      subject: webhookId,
      before: { ...told(before, new URL(before.url)), isOn: before.switchedOffAt === null },
      after: { ...told({ ...before, ...clean(changes) }, url ?? new URL(before.url)), isOn: changes.isOn ?? null },
    });
    await wakeDelivery(inside, webhookId);
    return { id: webhookId };
  });
}

/** Removes a receiver with its log. */
export function removeWebhook(context: Context, webhookId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const before = await lock(inside, webhookId);
    await inside.tx.deleteFrom('webhooks').where('id', '=', webhookId).execute();
    await audit(inside, {
      operation: 'webhooks.remove',
      subject: webhookId,
      before: told(before, new URL(before.url)),
    });
  });
}

/** Makes another secret and tells it this once. For a day notes carry a signature of each of the two. */
export function rotateSecret(context: Context, webhookId: string): Promise<{ secret: string; previousUntil: Date }> {
  return transaction(context, async (inside) => {
    const before = await lock(inside, webhookId);
    const secret = newSigningSecret();
    const previous = inside.secrets.open(placeOf(webhookId, 'sealed_secret'), before.sealedSecret);
    const previousUntil = new Date(inside.clock.now().getTime() + OVERLAP_MS);
    await inside.tx
      .updateTable('webhooks')
      .set({
        sealedSecret: inside.secrets.seal(placeOf(webhookId, 'sealed_secret'), secret),
        sealedPreviousSecret: inside.secrets.seal(placeOf(webhookId, 'sealed_previous_secret'), previous),
        previousSecretUntil: previousUntil,
      })
      .where('id', '=', webhookId)
      .execute();
    await audit(inside, { operation: 'webhooks.rotate', subject: webhookId });
    return { secret, previousUntil };
  });
}

/** Sends a test now. One that arrives switches the webhook on again. */
export async function testWebhook(
  context: Context,
  webhookId: string,
): Promise<{ arrived: boolean; status: number | null; message: string }> {
  if (context.demo) throw demoSendsNothing();
  await transaction(context, async (inside) => {
    await lock(inside, webhookId);
    await audit(inside, { operation: 'webhooks.test', subject: webhookId });
  });
  const result = await deliverTest(context, webhookId);
  const message = result.ok ? `It was taken (HTTP ${result.status}).` : result.reason;
  return { arrived: result.ok, status: result.status, message };
}

/**
 * Sends a note again, or all that were given up, under the ids they had: a receiver that has taken one leaves it out.
 * Returns how many wait now.
 */
export function replayNotes(context: Context, webhookId: string, deliveryId?: string): Promise<{ waiting: number }> {
  if (context.demo) throw demoSendsNothing();
  return transaction(context, async (inside) => {
    const { switchedOffAt } = await lock(inside, webhookId);
    if (switchedOffAt)
      throw refuse('conflict', 'webhook_off', 'This webhook is switched off. Send a test or switch it on first.');
    const again = await inside.tx
      .updateTable('webhookDeliveries')
      .set({ state: 'waiting', tries: 0, dueAt: inside.clock.now(), reason: null })
      .where('webhookId', '=', webhookId)
      .where('activityId', 'is not', null)
      .where('state', '<>', 'sending')
      .$if(deliveryId === undefined, (query) => query.where('state', '=', 'failed'))
      .$if(deliveryId !== undefined, (query) => query.where('id', '=', deliveryId ?? ''))
      .returning('id')
      .execute();
    if (deliveryId !== undefined && again.length === 0) await explainNoReplay(inside, webhookId, deliveryId);
    await inside.tx.updateTable('webhooks').set({ waitsUntil: null }).where('id', '=', webhookId).execute();
    await audit(inside, { operation: 'webhooks.replay', subject: webhookId, after: { notes: again.length } });
    await wakeDelivery(inside, webhookId);
    return { waiting: again.length };
  });
}

async function explainNoReplay(inside: Inside, webhookId: string, deliveryId: string): Promise<never> {
  const row = await inside.tx
    .selectFrom('webhookDeliveries')
    .select('activityId')
    .where('webhookId', '=', webhookId)
    .where('id', '=', deliveryId)
    .executeTakeFirst();
  if (!row) throw notFound('delivery of this webhook');
  if (row.activityId === null) throw refuse('conflict', 'is_test', 'This was a test. Send another one instead.');
  throw refuse('conflict', 'is_sending', 'This note is on its way at this moment. Look again in a minute.');
}

async function lock(inside: Inside, webhookId: string) {
  const row = await inside.tx
    .selectFrom('webhooks')
    .select(['name', 'url', 'activities', 'sealedSecret', 'switchedOffAt'])
    .where('id', '=', webhookId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('webhook');
  return row;
}

/** For the audit log, which keeps for good: an address may hold a key in its path, its host does not. */
function told({ name, activities }: { name: string; activities: string[] }, url: URL) {
  return { name, host: url.host, activities };
}

function clean<T extends object>(changes: T) {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function urlOf(context: Context, text: string): URL {
  const url = normaliseUrl(text, context.config.WEB_ALLOW);
  if ('code' in url) throw refuse('invalid', url.code, url.message);
  return url;
}

function demoSendsNothing() {
  return refuse('conflict', 'demo', 'The demo sends nothing to the outside. Start Fanfare itself to use webhooks.');
}

function placeOf(id: string, column: 'sealed_secret' | 'sealed_previous_secret') {
  return { table: 'webhooks', row: id, column };
}
