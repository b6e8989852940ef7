import { z } from 'zod';
import { cancelCalls, modelSettingsOf, monthOf, priceFor, spentIn } from '#src/ask.ts';
import { type Inside, transaction, userOf } from '#src/context.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { openModel, pricesAsOf } from '#src/outside/ai/index.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { callOperations } from './ai/calls.ts';
import { auditLimits, dataClass, limitColumns, limitsInput, mayLeaveOf, price } from './ai/limits.ts';
import { modelsOf, provider, testModel, trial } from './ai/test.ts';

/** The model of a workspace, what may be sent to it, what it may cost and what it did cost. */
export const aiOperations = {
  show: operation({
    summary: 'Show which model this workspace asks, what may be sent to it and what it has cost this month.',
    route: 'GET /ai',
    access: 'read',
    input: nothing,
    output: z.object({
      source: z.enum(['workspace', 'environment', 'none']),
      provider: provider.nullable(),
      baseUrl: z.string().nullable(),
      model: z.string().nullable(),
      keyIsSet: z.boolean(),
      monthlyBudgetMicros: z.int().nullable(),
      mayLeave: z.array(dataClass),
      /** What the model charges for a million tokens; `tokens` null = not known. `asOf` is the day of the price list. */
      price: z
        .object({
          tokens: price.nullable(),
          source: z.enum(['own', 'local', 'list', 'unknown']),
          asOf: z.string().nullable(),
        })
        .nullable(),
      pricesAsOf: z.string(),
      /** This month by UTC, what is set aside for calls that run included. */
      spentMicros: z.int(),
      calls: z.int(),
      /** Calls of this month whose price is not known; they are not in `spentMicros`. */
      unpriced: z.int(),
    }),
    run: (context) => transaction(context, showSettings),
  }),
  set: operation({
    summary: 'Choose the model this workspace asks.',
    route: 'PUT /ai',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      provider,
      model: z.string().trim().min(1).max(200),
      baseUrl: z.url({ protocol: /^https?$/ }).optional(),
      /** Left out: the stored key stays, unless provider or address change. */
      apiKey: z.string().min(1).max(500).optional(),
      /** Left out: as it is. */
      monthlyBudgetMicros: z.int().min(0).nullable().optional(),
    }),
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => {
        const before = await inside.tx.selectFrom('aiSettings').selectAll().executeTakeFirst();
        const place = { table: 'ai_settings', row: inside.workspaceId, column: 'sealed_key' };
        const baseUrl = input.baseUrl ?? null;
        const moved = before?.provider !== input.provider || before.baseUrl !== baseUrl;
        const values = {
          provider: input.provider,
          model: input.model,
          baseUrl,
          updatedAt: inside.clock.now(),
          updatedBy: userOf(inside),
          ...(input.monthlyBudgetMicros === undefined ? {} : { monthlyBudgetMicros: input.monthlyBudgetMicros }),
          // A key must not go to another server than the one it was given for.
          ...(input.apiKey
            ? { sealedKey: inside.secrets.seal(place, input.apiKey) }
            : moved
              ? { sealedKey: null }
              : {}),
        };
        await keep(inside, values);
        await audit(inside, { operation: 'ai.set', after: { provider: input.provider, model: input.model } });
        return { done: true };
      }),
  }),
  limits: operation({
    summary: 'Say what the model may cost a month, what it charges, and which classes of data may be sent to it.',
    route: 'PATCH /ai/limits',
    access: 'write',
    role: 'owner',
    input: limitsInput,
    output: done,
    run: (context, input) =>
      transaction(context, async (inside) => {
        await keep(inside, await limitColumns(inside, input));
        await auditLimits(inside, input);
        return { done: true };
      }),
  }),
  clear: operation({
    summary: 'Go back to the built-in analysis (or the model of the environment); the limits stay.',
    route: 'DELETE /ai',
    access: 'destructive',
    role: 'owner',
    input: nothing,
    output: done,
    run: (context) =>
      transaction(context, async (inside) => {
        const none = { provider: null, model: null, baseUrl: null, sealedKey: null };
        const own = { priceModel: null, priceInputMicros: null, priceOutputMicros: null };
        await inside.tx
          .updateTable('aiSettings')
          .set({ ...none, ...own, updatedAt: inside.clock.now(), updatedBy: userOf(inside) })
          .where('workspaceId', '=', inside.workspaceId)
          .execute();
        await audit(inside, { operation: 'ai.clear' });
        return { done: true };
      }),
  }),
  test: operation({
    summary:
      'Ask the model one small question, to see whether it answers; settings that are not saved yet can be tried.',
    route: 'POST /ai/test',
    access: 'write',
    role: 'owner',
    input: trial,
    output: z.object({ ok: z.boolean(), message: z.string(), milliseconds: z.int() }),
    run: testModel,
  }),
  models: operation({
    summary: 'List the models the server offers; costs nothing.',
    route: 'POST /ai/models',
    access: 'write',
    role: 'owner',
    input: trial,
    output: z.object({ models: z.array(z.string()) }),
    run: modelsOf,
  }),
  cancel: operation({
    summary: 'Cancel a call to the model that runs; what it has cost is kept, and the built-in analysis stands in.',
    route: 'POST /ai/calls/{callId}/cancel',
    access: 'write',
    input: z.strictObject({ callId: id }),
    output: done,
    run: (context, { callId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx.selectFrom('aiCalls').select('id').where('id', '=', callId).executeTakeFirst();
        if (!row) throw notFound('call');
        if ((await cancelCalls(inside, { id: callId })) === 0)
          throw refuse('conflict', 'call_ended', 'This call has ended already; there is nothing to cancel.');
        await audit(inside, { operation: 'ai.cancel', subject: callId });
        return { done: true };
      }),
  }),
  ...callOperations,
};

async function showSettings(inside: Inside) {
  const { tx, clock } = inside;
  const month = monthOf(clock.now());
  const used = await tx
    .selectFrom('aiCalls')
    .select((eb) => [
      eb.fn.countAll<number>().as('calls'),
      eb.fn
        .countAll<number>()
        .filterWhere((each) => each.and([each('outcome', '<>', 'running'), each('costMicros', 'is', null)]))
        .as('unpriced'),
    ])
    .where('startedAt', '>=', month.since)
    .where('startedAt', '<', month.until)
    .executeTakeFirstOrThrow();
  const own = await tx.selectFrom('aiSettings').selectAll().executeTakeFirst();
  const settings = await modelSettingsOf(inside);
  return {
    source: settings ? (own?.model ? ('workspace' as const) : ('environment' as const)) : ('none' as const),
    provider: settings?.provider ?? null,
    baseUrl: settings?.baseUrl ?? null,
    model: settings?.model ?? null,
    keyIsSet: settings?.apiKey !== undefined,
    monthlyBudgetMicros: own?.monthlyBudgetMicros ?? null,
    mayLeave: mayLeaveOf(own?.mayLeave),
    price: settings && priceFor(openModel(settings), own),
    pricesAsOf,
    spentMicros: await spentIn(inside, month),
    ...used,
  };
}

type Settings = Partial<{
  provider: z.output<typeof provider>;
  model: string;
  baseUrl: string | null;
  sealedKey: string | null;
  monthlyBudgetMicros: number | null;
  mayLeave: string[];
  priceModel: string | null;
  priceInputMicros: number | null;
  priceOutputMicros: number | null;
}> & { updatedAt: Date; updatedBy: string | null };

async function keep({ tx, workspaceId }: Inside, values: Settings): Promise<void> {
  await tx
    .insertInto('aiSettings')
    .values({ workspaceId, ...values })
    .onConflict((oc) => oc.column('workspaceId').doUpdateSet(values))
    .execute();
}
