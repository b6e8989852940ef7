import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { replayFailed } from '#src/measure/revenue/process.ts';
import { done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { randomToken } from '#src/secrets.ts';
import { appOf } from '#src/understand/apps.ts';

const providers = ['stripe'] as const;
const name = z.string().trim().min(1).max(100);
const signingSecret = z.string().trim().min(8).max(500);

type NewSource = {
  appId: string;
  provider: (typeof providers)[number];
  name?: string | undefined;
  signingSecret?: string | undefined;
};

/** The address the provider sends its webhooks to. Nobody can guess it. */
export function webhookUrl(context: { publicUrl: string }, path: string): string {
  return `${context.publicUrl}/hooks/${path}`;
}

/**
 * Connects a payment provider's account. The provider shows the signing secret only once it knows our address, so it
 * may be given later; until then webhooks are turned away and the provider tries again.
 */
export async function createSource(
  context: Context,
  wanted: NewSource,
): Promise<{ id: string; webhookUrl: string; eventTypes: string[] }> {
  const provider = context.payments.get(wanted.provider);
  if (!provider) throw refuse('invalid', 'unknown_provider', `"${wanted.provider}" is not a provider we know.`);
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const { id: sourceId } = await inside.tx
      .insertInto('paymentSources')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        provider: wanted.provider,
        name: wanted.name ?? provider.name,
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const path = randomToken(24);
    await inside.tx
      .insertInto('paymentSourcePaths')
      .values({ path, workspaceId: inside.workspaceId, paymentSourceId: sourceId })
      .execute();
    if (wanted.signingSecret) await keepSecret(inside, sourceId, wanted.signingSecret);
    await audit(inside, {
      operation: 'paymentSources.create',
      subject: sourceId,
      after: { provider: wanted.provider },
    });
    await record(inside, 'payment_source.connected', { subjectId: sourceId, detail: { appId: wanted.appId } });
    return { id: sourceId, webhookUrl: webhookUrl(inside, path), eventTypes: [...provider.eventTypes] };
  });
}

async function keepSecret(inside: Inside, sourceId: string, secret: string): Promise<void> {
  await inside.tx
    .updateTable('paymentSources')
    .set({ sealedWebhookSecret: inside.secrets.seal(placeOf(sourceId), secret) })
    .where('id', '=', sourceId)
    .execute();
}

/** The signing secret of a source, opened; null while it was not given. */
export function openSecret(inside: Inside, source: { id: string; sealedWebhookSecret: string | null }): string | null {
  return source.sealedWebhookSecret === null
    ? null
    : inside.secrets.open(placeOf(source.id), source.sealedWebhookSecret);
}

function placeOf(row: string) {
  return { table: 'payment_sources', row, column: 'sealed_webhook_secret' };
}

async function activeSource({ tx }: Inside, sourceId: string) {
  const row = await tx
    .selectFrom('paymentSources')
    .select('id')
    .where('id', '=', sourceId)
    .where('removedAt', 'is', null)
    .executeTakeFirst();
  if (!row) throw notFound('payment source');
  return row;
}

export const paymentSourceOperations = {
  list: operation({
    summary: 'List the connected payment providers with their webhook addresses and what they last sent.',
    route: 'GET /payment-sources',
    access: 'read',
    role: 'editor',
    input: z.strictObject({ appId: id.optional() }),
    output: z.object({
      sources: z.array(
        z.object({
          id,
          appId: id,
          provider: z.string(),
          name: z.string(),
          webhookUrl: z.string(),
          eventTypes: z.array(z.string()),
          hasSigningSecret: z.boolean(),
          createdAt: z.date(),
          lastEventAt: z.date().nullable(),
          events: z.int(),
          failed: z.int(),
        }),
      ),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        const rows = await inside.tx
          .selectFrom('paymentSources')
          .innerJoin('paymentSourcePaths', 'paymentSourcePaths.paymentSourceId', 'paymentSources.id')
          .selectAll('paymentSources')
          .select(['path'])
          .select((eb) => [
            eb
              .selectFrom('paymentEvents')
              .whereRef('paymentEvents.paymentSourceId', '=', 'paymentSources.id')
              .select((count) => count.fn.countAll<number>().as('times'))
              .as('events'),
            eb
              .selectFrom('paymentEvents')
              .whereRef('paymentEvents.paymentSourceId', '=', 'paymentSources.id')
              .where('outcome', '=', 'failed')
              .select((count) => count.fn.countAll<number>().as('times'))
              .as('failed'),
          ])
          .where('removedAt', 'is', null)
          .$if(appId !== undefined, (query) => query.where('appId', '=', appId ?? ''))
          .orderBy('createdAt')
          .execute();
        return {
          sources: rows.map((row) => ({
            id: row.id,
            appId: row.appId,
            provider: row.provider,
            name: row.name,
            webhookUrl: webhookUrl(inside, row.path),
            eventTypes: [...(inside.payments.get(row.provider)?.eventTypes ?? [])],
            hasSigningSecret: row.sealedWebhookSecret !== null,
            createdAt: row.createdAt,
            lastEventAt: row.lastEventAt,
            events: row.events ?? 0,
            failed: row.failed ?? 0,
          })),
        };
      }),
  }),
  create: operation({
    summary: 'Connect a payment provider: gives the address for its webhooks and the events to switch on.',
    route: 'POST /payment-sources',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      appId: id,
      provider: z.enum(providers),
      name: name.optional(),
      signingSecret: signingSecret.optional(),
    }),
    output: z.object({ id, webhookUrl: z.string(), eventTypes: z.array(z.string()) }),
    run: createSource,
  }),
  update: operation({
    summary: 'Set the signing secret of a payment source, or rename it.',
    route: 'PATCH /payment-sources/{sourceId}',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ sourceId: id, name: name.optional(), signingSecret: signingSecret.optional() }),
    output: done,
    run: (context, { sourceId, ...changes }) =>
      transaction(context, async (inside) => {
        await activeSource(inside, sourceId);
        if (changes.signingSecret) await keepSecret(inside, sourceId, changes.signingSecret);
        if (changes.name)
          await inside.tx
            .updateTable('paymentSources')
            .set({ name: changes.name })
            .where('id', '=', sourceId)
            .execute();
        await audit(inside, { operation: 'paymentSources.update', subject: sourceId });
        return { done: true };
      }),
  }),
  replay: operation({
    summary: 'Process the failed webhooks of a payment source once more.',
    route: 'POST /payment-sources/{sourceId}/replay',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ sourceId: id }),
    output: z.object({ replayed: z.int() }),
    run: async (context, { sourceId }) => {
      await transaction(context, (inside) => activeSource(inside, sourceId));
      return { replayed: await replayFailed(context, sourceId) };
    },
  }),
  remove: operation({
    summary: 'Disconnect a payment provider; what it told so far stays.',
    route: 'DELETE /payment-sources/{sourceId}',
    access: 'destructive',
    role: 'owner',
    input: z.strictObject({ sourceId: id }),
    output: done,
    run: (context, { sourceId }) =>
      transaction(context, async (inside) => {
        await activeSource(inside, sourceId);
        await inside.tx
          .updateTable('paymentSources')
          .set({ removedAt: inside.clock.now(), sealedWebhookSecret: null, sealedApiKey: null })
          .where('id', '=', sourceId)
          .execute();
        await audit(inside, { operation: 'paymentSources.remove', subject: sourceId });
        return { done: true };
      }),
  }),
};
