import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { z } from 'zod';
import { mayLeaveAtFirst, monthOf, overBudget, priceFor } from '#src/ask/budget.ts';
import { classWords, type DataClass, drawFence, fenced, givesAway, type Part } from '#src/ask/fence.ts';
import type { Prompt } from '#src/ask/prompt.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { costOf, type Model, type ModelAnswer, type ModelSettings, type Price } from '#src/outside/ai/index.ts';

export { mayLeaveAtFirst, monthOf, priceFor } from '#src/ask/budget.ts';
export { type DataClass, dataClasses, type Part, visible } from '#src/ask/fence.ts';
export { type Prompt, promptOf } from '#src/ask/prompt.ts';

export type Answer<T> =
  | { ok: true; value: T; repaired: boolean }
  /** `reason` is a sentence for people. `cancelled` when somebody ended the call. */
  | { ok: false; reason: string; cancelled: boolean };

export type Question<T> = {
  /** What asks: `analyse`, `draft`, `test`. */
  purpose: string;
  /** The row the answer is for; by it the call can be found and cancelled. */
  subject?: string;
  prompt: Prompt;
  /** Our own words to the model, with nothing in them that came from outside or from the workspace's data. */
  task: string;
  parts: readonly Part[];
  schema: z.ZodType<T>;
  maxOutputTokens?: number;
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Hears the answer's text so far, about twice a second. When it throws, the call ends and `ask` throws the same. */
  onProgress?: (soFar: string) => Promise<void>;
};

/** The model this workspace asks: its own setting, else the environment's, else none (the built-in analysis stands in). */
export async function modelOf(context: Context): Promise<Model | null> {
  const settings = context.demo ? null : await modelSettingsOf(context);
  return settings && context.openModel(settings);
}

/** What a model is opened with, key included: never to be shown or logged. Null when the workspace has none. */
export async function modelSettingsOf(context: Context): Promise<ModelSettings | null> {
  const own = await transaction(context, ({ tx }) => tx.selectFrom('aiSettings').selectAll().executeTakeFirst());
  if (own?.provider && own.model) {
    const place = { table: 'ai_settings', row: context.workspaceId, column: 'sealed_key' };
    return {
      provider: own.provider,
      model: own.model,
      ...(own.baseUrl ? { baseUrl: own.baseUrl } : {}),
      ...(own.sealedKey ? { apiKey: context.secrets.open(place, own.sealedKey) } : {}),
    };
  }
  const { AI_PROVIDER, AI_BASE_URL, AI_MODEL, AI_API_KEY } = context.config;
  if (!AI_PROVIDER || !AI_MODEL) return null;
  return {
    provider: AI_PROVIDER,
    model: AI_MODEL,
    ...(AI_BASE_URL ? { baseUrl: AI_BASE_URL } : {}),
    ...(AI_API_KEY ? { apiKey: AI_API_KEY } : {}),
  };
}

/**
 * Asks the model and gives the parsed value, or the reason in words why there is none.
 *
 * Sends only parts of classes the workspace lets leave, fenced as material. Sets the most the call can cost aside from
 * the month's budget before it is made, under a lock, so that two processes cannot overspend; settles what it did cost
 * after. The call stands in ai_calls from its start, with the text so far; whoever marks it there to be cancelled ends
 * it. Never inside a transaction: an answer can take a minute.
 */
export async function ask<T>(context: Context, model: Model, question: Question<T>): Promise<Answer<T>> {
  const { mayLeave, price } = await rulesFor(context, model);
  const parts = question.parts.filter((part) => mayLeave.includes(part.class));
  const held = question.parts.filter((part) => !mayLeave.includes(part.class));
  if (held.some((part) => part.needed)) {
    const what = [...new Set(held.map((part) => classWords[part.class]))].join(', ');
    return { ok: false, reason: `Your AI settings do not let this be sent to a model: ${what}.`, cancelled: false };
  }
  const fence = drawFence();
  const system = `${question.prompt.text}\n\n${fence.rules}`;
  const call: Call = { id: randomUUID(), price, began: performance.now(), reserved: null, made: false };
  const stop = new AbortController();
  const asked = model.answer({
    system,
    prompt: [question.task, fenced(parts, fence)].filter(Boolean).join('\n\n'),
    schema: question.schema,
    ...(question.maxOutputTokens ? { maxOutputTokens: question.maxOutputTokens } : {}),
    timeoutMs: question.timeoutMs ?? TIMEOUT_MS,
    asMaterial: (label, text) => fenced([{ label, text }], fence),
    signal: question.signal ? AbortSignal.any([question.signal, stop.signal]) : stop.signal,
    onText: (text) => {
      call.soFar = text;
    },
    mayCall: (atMost) => setAside(context, call, atMost, { model, question, parts, held }),
  });
  const watching = watch(context, call, asked, stop, question.onProgress);
  const answer = await asked;
  const stopped = await watching;
  const leaked = answer.ok && givesAway(answer.value, system, fence);
  const message = leaked
    ? `${model.model} answered with its instructions instead of what it was asked for.`
    : answer.ok
      ? null
      : answer.message;
  if (call.made) await settle(context, call, answer, message);
  if (stopped) throw stopped.because;
  if (answer.ok && !leaked) return { ok: true, value: answer.value, repaired: answer.repaired };
  const cancelled = !answer.ok && answer.code === 'cancelled';
  return { ok: false, reason: message ?? '', cancelled };
}

/** Two minutes: local models are slow. */
const TIMEOUT_MS = 120_000;

/** Marks calls that run to be cancelled: one of them, or those for a row. Gives how many. They end within a second. */
export async function cancelCalls({ tx, clock }: Inside, which: { id: string } | { subject: string }): Promise<number> {
  const rows = await tx
    .updateTable('aiCalls')
    .set({ cancelAskedAt: clock.now() })
    .where('outcome', '=', 'running')
    .where('id' in which ? 'id' : 'subject', '=', 'id' in which ? which.id : which.subject)
    .returning('id')
    .execute();
  return rows.length;
}

type Call = {
  id: string;
  price: Price;
  began: number;
  /** Millionths of a US dollar set aside so far; null when the price is not known. */
  reserved: number | null;
  made: boolean;
  soFar?: string;
};

/** What may leave, and the price that counts. */
async function rulesFor(context: Context, model: Model): Promise<{ mayLeave: DataClass[]; price: Price }> {
  const own = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('aiSettings')
      .select(['mayLeave', 'priceModel', 'priceInputMicros', 'priceOutputMicros'])
      .executeTakeFirst(),
  );
  return { mayLeave: (own?.mayLeave as DataClass[] | undefined) ?? mayLeaveAtFirst, price: priceFor(model, own) };
}

/**
 * Sets the most a call can cost aside and writes it down, or gives the reason why it may not be made. The settings' row
 * is locked meanwhile: whoever asks at the same time sees what is set aside.
 */
async function setAside<T>(
  context: Context,
  call: Call,
  atMost: { inputTokens: number; outputTokens: number },
  about: { model: Model; question: Question<T>; parts: readonly Part[]; held: readonly Part[] },
): Promise<string | null> {
  const most = costOf(call.price, atMost);
  return transaction(context, async (inside) => {
    const { tx, clock, workspaceId } = inside;
    const now = clock.now();
    const settings = await tx.selectFrom('aiSettings').select('monthlyBudgetMicros').forUpdate().executeTakeFirst();
    await giveUpLost(inside, now);
    if (settings?.monthlyBudgetMicros != null) {
      const spent = await spentIn(inside, monthOf(now));
      const refusal = overBudget(settings.monthlyBudgetMicros, spent, most, about.model.model);
      if (refusal) return refusal;
    }
    call.reserved = most === null ? null : (call.reserved ?? 0) + most;
    const timeoutMs = about.question.timeoutMs ?? TIMEOUT_MS;
    // Twice the limit: a retry may come, and the settling itself takes a moment.
    const until = { reservedMicros: call.reserved, giveUpAt: new Date(now.getTime() + 2 * timeoutMs + 60_000) };
    if (call.made) {
      await tx.updateTable('aiCalls').set(until).where('id', '=', call.id).execute();
      return null;
    }
    await tx
      .insertInto('aiCalls')
      .values({
        workspaceId,
        id: call.id,
        purpose: about.question.purpose,
        subject: about.question.subject ?? null,
        promptVersion: about.question.prompt.version,
        provider: about.model.provider,
        model: about.model.model,
        startedAt: now,
        milliseconds: 0,
        outcome: 'running',
        priceSource: call.price.source,
        pricedOn: call.price.asOf,
        sent: classesOf(about.parts),
        withheld: classesOf(about.held),
        ...until,
      })
      .execute();
    call.made = true;
    return null;
  });
}

function classesOf(parts: readonly Part[]): DataClass[] {
  return [...new Set(parts.map((part) => part.class))];
}

/** What a month's calls cost, and what is set aside for those that run, in millionths of a US dollar. */
export async function spentIn({ tx }: Inside, month: { since: Date; until: Date }): Promise<number> {
  const row = await tx
    .selectFrom('aiCalls')
    .select((eb) =>
      eb.fn
        .sum<string | null>(
          eb.case().when('outcome', '=', 'running').then(eb.ref('reservedMicros')).else(eb.ref('costMicros')).end(),
        )
        .as('micros'),
    )
    .where('startedAt', '>=', month.since)
    .where('startedAt', '<', month.until)
    .executeTakeFirstOrThrow();
  return Number(row.micros ?? 0);
}

/** Calls whose process died: nobody knows what they cost, so what was set aside counts. */
async function giveUpLost({ tx }: Inside, now: Date): Promise<void> {
  await tx
    .updateTable('aiCalls')
    .set((eb) => ({
      outcome: 'lost' as const,
      finishedAt: now,
      costMicros: eb.ref('reservedMicros'),
      estimated: true,
      message: 'Fanfare stopped before the answer came. The most it could have cost is counted.',
    }))
    .where('outcome', '=', 'running')
    .where('giveUpAt', '<', now)
    .execute();
}

async function settle<T>(context: Context, call: Call, answer: ModelAnswer<T>, message: string | null): Promise<void> {
  const { inputTokens, outputTokens, estimated } = answer.usage;
  const outcome = answer.ok
    ? message
      ? 'unused'
      : answer.repaired
        ? 'repaired'
        : 'answered'
    : answer.code === 'cancelled'
      ? 'cancelled'
      : 'failed';
  await transaction(context, ({ tx }) =>
    tx
      .updateTable('aiCalls')
      .set({
        outcome,
        milliseconds: Math.round(performance.now() - call.began),
        inputTokens,
        outputTokens,
        estimated,
        costMicros: costOf(call.price, answer.usage),
        finishedAt: context.clock.now(),
        message,
        answer: storable(answer.text),
      })
      .where('id', '=', call.id)
      .execute(),
  );
}

/**
 * While the answer comes: twice a second keeps the text so far, looks whether somebody wants the call ended, and tells
 * `onProgress`. Gives what `onProgress` threw, if it did.
 */
async function watch<T>(
  context: Context,
  call: Call,
  asked: Promise<ModelAnswer<T>>,
  stop: AbortController,
  onProgress: Question<T>['onProgress'],
): Promise<{ because: unknown } | null> {
  const over = new AbortController();
  const end = () => over.abort();
  asked.then(end, end);
  let told: string | undefined;
  while (await wait(WATCH_MS, true, { signal: over.signal }).catch(() => false)) {
    if (!call.made) continue;
    const soFar = call.soFar;
    const fresh = soFar !== undefined && soFar !== told;
    const wanted = await transaction(context, ({ tx }) =>
      fresh
        ? tx
            .updateTable('aiCalls')
            .set({ answer: storable(soFar) })
            .where('id', '=', call.id)
            .returning('cancelAskedAt')
            .executeTakeFirst()
        : tx.selectFrom('aiCalls').select('cancelAskedAt').where('id', '=', call.id).executeTakeFirst(),
    ).catch((error: unknown) => {
      context.log.warn({ err: error }, 'The progress of a call to the model could not be kept');
      return undefined;
    });
    if (wanted?.cancelAskedAt) stop.abort();
    told = soFar;
    if (!fresh || !onProgress) continue;
    try {
      await onProgress(soFar);
    } catch (because) {
      stop.abort();
      return { because };
    }
  }
  return null;
}

const WATCH_MS = 400;

/** PostgreSQL keeps neither NUL nor half of a surrogate pair. */
function storable(text: string | null): string | null {
  return text === null ? null : text.toWellFormed().replaceAll('\u0000', '');
}
