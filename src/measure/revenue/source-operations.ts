import { sql } from 'kysely';
import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { requestBackfill } from '#src/measure/revenue/backfill.ts';
import { replayFailed } from '#src/measure/revenue/process.ts';
import { API } from '#src/measure/revenue/recorded.ts';
import {
  activeSource,
  createSource,
  keepApiKey,
  keepSecret,
  recordingUrl,
  renameSource,
  sourceProviders,
  webhookUrl,
} from '#src/measure/revenue/sources.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';

const name = z.string().trim().min(1).max(100);
const secret = z.string().trim().min(8).max(500);
const field = z.object({ label: z.string(), help: z.string(), example: z.string() });

const backfill = z.object({
  state: z.enum(['running', 'waiting', 'done', 'failed']),
  /** Events read in this run, and how many of them were new. */
  read: z.int(),
  fresh: z.int(),
  reached: z.date().nullable(),
  startedAt: z.date(),
  nextAt: z.date().nullable(),
  completedAt: z.date().nullable(),
  message: z.string().nullable(),
});

const source = z.object({
  id,
  appId: id,
  provider: z.string(),
  name: z.string(),
  webhookUrl: z.string(),
  eventTypes: z.array(z.string()),
  hasSigningSecret: z.boolean(),
  hasApiKey: z.boolean(),
  createdAt: z.date(),
  lastEventAt: z.date().nullable(),
  events: z.int(),
  /** Stored and not processed yet. */
  waiting: z.int(),
  failed: z.int(),
  backfill: backfill.nullable(),
});

export const paymentSourceOperations = {
  providers: operation({
    summary: 'List the payment providers that can be connected, with what is to be done at each.',
    route: 'GET /payment-providers',
    access: 'read',
    input: nothing,
    output: z.object({
      providers: z.array(
        z.object({
          id: z.string(),
          name: z.string(),
          /** Sentences in order; `{url}` stands for the webhook address. */
          setup: z.array(z.string()),
          webhookSecret: field,
          apiKey: field.nullable(),
          merchantOfRecord: z.boolean(),
          statement: z.object({ lines: z.boolean(), payouts: z.boolean(), words: z.string() }),
        }),
      ),
    }),
    run: async ({ payments }) => ({
      providers: [...payments.values()].map((provider) => ({
        id: provider.id,
        name: provider.name,
        setup: [...provider.setup],
        webhookSecret: shown(provider.webhookSecret),
        apiKey: provider.apiKey === null ? null : shown(provider.apiKey),
        merchantOfRecord: provider.merchantOfRecord,
        statement: { ...provider.statement },
      })),
    }),
  }),
  list: operation({
    summary: 'List the connected payment providers with their webhook addresses and what they last sent.',
    route: 'GET /payment-sources',
    access: 'read',
    role: 'editor',
    input: z.strictObject({ appId: id.optional() }),
    output: z.object({ sources: z.array(source) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        const rows = await inside.tx
          .selectFrom('paymentSources')
          .leftJoin('paymentSourcePaths', 'paymentSourcePaths.paymentSourceId', 'paymentSources.id')
          .selectAll('paymentSources')
          .select(['path'])
          .where('removedAt', 'is', null)
          .$if(appId !== undefined, (query) => query.where('appId', '=', appId ?? ''))
          .orderBy('createdAt')
          .execute();
        const ids = rows.map((row) => row.id);
        if (ids.length === 0) return { sources: [] };
        const events = await inside.tx
          .selectFrom('paymentEvents')
          .select((eb) => [
            'paymentSourceId',
            eb.fn.countAll<number>().as('events'),
            eb.fn.countAll<number>().filterWhere('processedAt', 'is', null).as('waiting'),
            eb.fn.countAll<number>().filterWhere('outcome', '=', 'failed').as('failed'),
          ])
          .where('paymentSourceId', 'in', ids)
          .groupBy('paymentSourceId')
          .execute();
        const runs = await inside.tx
          .selectFrom('paymentBackfills')
          .selectAll()
          .select([sql<number>`events_read::int`.as('read'), sql<number>`events_new::int`.as('fresh')])
          .where('paymentSourceId', 'in', ids)
          .execute();
        return {
          sources: rows.map((row) => {
            const counts = events.find((each) => each.paymentSourceId === row.id);
            return {
              id: row.id,
              appId: row.appId,
              provider: row.provider,
              name: row.name,
              webhookUrl: row.path === null ? recordingUrl(inside) : webhookUrl(inside, row.path),
              eventTypes: [...(inside.payments.get(row.provider)?.eventTypes ?? [])],
              hasSigningSecret: row.sealedWebhookSecret !== null,
              hasApiKey: row.sealedApiKey !== null,
              createdAt: row.createdAt,
              lastEventAt: row.lastEventAt,
              events: counts?.events ?? 0,
              waiting: counts?.waiting ?? 0,
              failed: counts?.failed ?? 0,
              backfill: runs.find((run) => run.paymentSourceId === row.id) ?? null,
            };
          }),
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
      provider: z.enum(sourceProviders),
      name: name.optional(),
      signingSecret: secret.optional(),
      apiKey: secret.optional().describe('To read the history, fees and payouts; kept sealed.'),
    }),
    output: z.object({ id, webhookUrl: z.string(), eventTypes: z.array(z.string()) }),
    run: createSource,
  }),
  update: operation({
    summary:
      'Set the signing secret or the API key of a payment source, or rename it; a new API key reads the history.',
    route: 'PATCH /payment-sources/{sourceId}',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      sourceId: id,
      name: name.optional(),
      signingSecret: secret.optional(),
      apiKey: secret.optional(),
    }),
    output: done,
    run: (context, { sourceId, ...changes }) =>
      transaction(context, async (inside) => {
        const own = await activeSource(inside, sourceId);
        if (own.provider === API && (changes.signingSecret !== undefined || changes.apiKey !== undefined))
          throw refuse('invalid', 'no_provider', 'What the app records itself has no signing secret and no key.');
        if (changes.signingSecret !== undefined) await keepSecret(inside, sourceId, changes.signingSecret);
        if (changes.apiKey !== undefined) await keepApiKey(inside, own, changes.apiKey);
        if (changes.name !== undefined) await renameSource(inside, sourceId, changes.name);
        await audit(inside, { operation: 'paymentSources.update', subject: sourceId });
        return { done: true };
      }),
  }),
  backfill: operation({
    summary: 'Read the history of a payment source by its API once more; what is known already changes nothing.',
    route: 'POST /payment-sources/{sourceId}/backfill',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ sourceId: id }),
    output: done,
    run: (context, { sourceId }) =>
      transaction(context, async (inside) => {
        await activeSource(inside, sourceId);
        const row = await inside.tx
          .selectFrom('paymentSources')
          .select('sealedApiKey')
          .where('id', '=', sourceId)
          .executeTakeFirstOrThrow();
        if (row.sealedApiKey === null)
          throw refuse('conflict', 'no_api_key', 'There is no API key to read the history with. Give one first.');
        await requestBackfill(inside, sourceId);
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

function shown({ label, help, example }: { label: string; help: string; example: string }) {
  return { label, help, example };
}
