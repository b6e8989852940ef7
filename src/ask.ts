import type { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import type { Model, ModelSettings } from '#src/outside/ai/index.ts';
import { priceOf } from '#src/outside/ai/index.ts';

/** A prompt as a file: its front matter carries the version that is kept with every answer. */
export type Prompt = { version: string; text: string };

export type Answer<T> = { ok: true; value: T; repaired: boolean } | { ok: false; reason: string };

/** The model this workspace asks: its own setting, else the environment's, else none (the built-in analysis stands in). */
export async function modelOf(context: Context): Promise<Model | null> {
  if (context.demo) return null;
  const own = await transaction(context, ({ tx }) => tx.selectFrom('aiSettings').selectAll().executeTakeFirst());
  if (own) {
    const place = { table: 'ai_settings', row: context.workspaceId, column: 'sealed_key' };
    return context.openModel({
      provider: own.provider as ModelSettings['provider'],
      model: own.model,
      ...(own.baseUrl ? { baseUrl: own.baseUrl } : {}),
      ...(own.sealedKey ? { apiKey: context.secrets.open(place, own.sealedKey) } : {}),
    });
  }
  const { AI_PROVIDER, AI_BASE_URL, AI_MODEL, AI_API_KEY } = context.config;
  if (!AI_PROVIDER || !AI_MODEL) return null;
  return context.openModel({
    provider: AI_PROVIDER,
    model: AI_MODEL,
    ...(AI_BASE_URL ? { baseUrl: AI_BASE_URL } : {}),
    ...(AI_API_KEY ? { apiKey: AI_API_KEY } : {}),
  });
}

/**
 * Asks the model, keeps prompt version, answer and cost (ai_calls), and gives the parsed value or the reason in words
 * why there is none. The monthly budget is a hard stop. Never inside a transaction: an answer can take a minute.
 */
export async function ask<T>(
  context: Context,
  model: Model,
  question: { purpose: string; prompt: Prompt; about: string; schema: z.ZodType<T>; signal?: AbortSignal },
): Promise<Answer<T>> {
  if (await budgetIsSpent(context)) return { ok: false, reason: 'This month’s budget for the model is used up.' };
  const startedAt = context.clock.now();
  const began = performance.now();
  const answer = await model.answer({
    system: question.prompt.text,
    prompt: question.about,
    schema: question.schema,
    ...(question.signal ? { signal: question.signal } : {}),
  });
  const cost = priceOf(model, answer.usage);
  await transaction(context, ({ tx }) =>
    tx
      .insertInto('aiCalls')
      .values({
        workspaceId: context.workspaceId,
        purpose: question.purpose,
        promptVersion: question.prompt.version,
        provider: model.provider,
        model: model.model,
        startedAt,
        milliseconds: Math.round(performance.now() - began),
        inputTokens: answer.usage.inputTokens,
        outputTokens: answer.usage.outputTokens,
        costMicros: cost,
        outcome: answer.ok ? (answer.repaired ? 'repaired' : 'answered') : 'failed',
        message: answer.ok ? null : answer.message,
        answer: answer.text,
      })
      .execute(),
  );
  return answer.ok
    ? { ok: true, value: answer.value, repaired: answer.repaired }
    : { ok: false, reason: answer.message };
}

async function budgetIsSpent(context: Context): Promise<boolean> {
  const now = context.clock.now();
  const monthStart = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  return transaction(context, async ({ tx }) => {
    const settings = await tx.selectFrom('aiSettings').select('monthlyBudgetMicros').executeTakeFirst();
    if (settings?.monthlyBudgetMicros == null) return false;
    const spent = await tx
      .selectFrom('aiCalls')
      .select((eb) => eb.fn.coalesce(eb.fn.sum<string>('costMicros'), eb.lit(0)).as('micros'))
      .where('startedAt', '>=', monthStart)
      .executeTakeFirstOrThrow();
    return Number(spent.micros) >= settings.monthlyBudgetMicros;
  });
}
