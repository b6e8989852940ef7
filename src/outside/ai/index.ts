/**
 * Language models, behind one verb: ask, and get a value that fits the schema, or one of six failures. A leaf: it knows
 * the providers' protocols and nothing of the product. Keys go into request headers and nowhere else: never into a
 * message, a prompt or the answer. No tools are ever offered to a model.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Call, callModel, type Format } from './call.ts';
import { isLocal } from './local.ts';
import { parse } from './parse.ts';

export { listModels } from './list.ts';
export { costOf, type Price, priceOf, pricesAsOf, type TokenPrice } from './prices.ts';

export type Provider = 'openai' | 'anthropic' | 'google' | 'openai-compatible';

/** `baseUrl` is needed for `openai-compatible` (Ollama: `http://localhost:11434/v1`), and optional for the others. */
export type ModelSettings = { provider: Provider; baseUrl?: string; model: string; apiKey?: string };

/** `estimated`: the server did not say, or the call ended early; counted from the text, a token for three bytes. */
export type Usage = { inputTokens: number; outputTokens: number; estimated: boolean };

export type ModelRequest<T> = {
  system: string;
  prompt: string;
  schema: z.ZodType<T>;
  /** Default 16,000. */
  maxOutputTokens?: number;
  /** Milliseconds for one call; the repair gets as much again. Default two minutes: local models are slow. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Puts what the model wrote before into a repair's prompt, as material and not as words of ours. */
  asMaterial: (label: string, text: string) => string;
  /** Hears the whole text so far, as it arrives. */
  onText?: (soFar: string) => void;
  /**
   * Asked before each call that may cost something, with the most it can use (a token is at least a byte). Words in
   * return are the reason why the call may not be made.
   */
  mayCall?: (atMost: { inputTokens: number; outputTokens: number }) => Promise<string | null>;
};

export type ModelFailure =
  /** No answer: wrong address, network, timeout, or the server is broken (5xx). */
  | 'unreachable'
  /** The provider understood and said no (unknown model, no credit, content filter), or the caller may not ask. */
  | 'refused'
  /** It answered twice and neither answer fits the schema. */
  | 'bad_shape'
  | 'rate_limited'
  | 'unauthorised'
  /** The caller's signal ended it. */
  | 'cancelled';

/** `text` is what the model wrote, `usage` what all calls together used, also when the answer was no use. */
export type ModelAnswer<T> =
  | { ok: true; value: T; text: string; usage: Usage; repaired: boolean }
  | { ok: false; code: ModelFailure; message: string; text: string | null; usage: Usage };

export type Model = {
  provider: Provider;
  model: string;
  /** True when the model runs on this machine or network, where tokens cost nothing. */
  local: boolean;
  /** Asks once, shows the model its mistakes once when the answer does not fit, and never throws for the model's sake. */
  answer<T>(request: ModelRequest<T>): Promise<ModelAnswer<T>>;
};

const MOST_OUTPUT = 16_000;

/**
 * Opens a model. No call is made yet, so wrong settings show on the first answer: as `unauthorised` without a key where
 * one is needed, as `refused` for an unknown model.
 */
export function openModel(settings: ModelSettings): Model {
  // OpenAI-compatible servers differ in what they accept; the first call finds out and later calls start there.
  let format: Format = 'schema';

  return {
    provider: settings.provider,
    model: settings.model,
    local: settings.provider === 'openai-compatible' && isLocal(settings.baseUrl),
    async answer(request) {
      const missing = missingSetting(settings);
      const usage: Usage = { inputTokens: 0, outputTokens: 0, estimated: false };
      if (missing) return { ok: false, ...missing, text: null, usage };

      const first = await callInAcceptedFormat(request.prompt);
      if (!first.ok) return { ok: false, code: first.code, message: first.message, text: first.text, usage };
      const parsed = parse(first.text, request.schema);
      if (parsed.ok) return { ok: true, value: parsed.value, text: first.text, usage, repaired: false };

      const second = await callInAcceptedFormat(repairPrompt(request, first.text, parsed.problems));
      if (!second.ok)
        return { ok: false, code: second.code, message: second.message, text: second.text ?? first.text, usage };
      const repaired = parse(second.text, request.schema);
      if (repaired.ok) return { ok: true, value: repaired.value, text: second.text, usage, repaired: true };
      const cut = second.cutShort ? ' It was cut off at the output limit.' : '';
      return {
        ok: false,
        code: 'bad_shape',
        message: `${settings.model} answered twice in a form that cannot be used.${cut} ${repaired.problems}`,
        text: second.text,
        usage,
      };

      async function callInAcceptedFormat(prompt: string): Promise<Call> {
        const outputTokens = request.maxOutputTokens ?? MOST_OUTPUT;
        const inputTokens = tokensAtMost(request.system, prompt, JSON.stringify(schemaOf(request.schema)));
        const refusal = (await request.mayCall?.({ inputTokens, outputTokens })) ?? null;
        if (refusal !== null)
          return { ok: false, code: 'refused', message: refusal, text: null, usage: null, again: null };
        let tried = false;
        for (;;) {
          const call = await callModel(settings, format, { ...request, prompt, maxOutputTokens: outputTokens });
          if (call.usage) {
            usage.inputTokens += call.usage.inputTokens;
            usage.outputTokens += call.usage.outputTokens;
            usage.estimated ||= call.usage.estimated;
          }
          if (call.ok || call.again === null) return call;
          if (call.again === 'simpler') {
            const simpler: Format | null = format === 'schema' ? 'json' : format === 'json' ? 'text' : null;
            if (settings.provider !== 'openai-compatible' || !simpler) return call;
            format = simpler;
            continue;
          }
          if (tried) return call;
          tried = true;
          const slept = await wait(call.again.afterMs, true, { signal: request.signal }).catch(() => false);
          if (!slept) return { ...call, code: 'cancelled', message: 'The request was cancelled.' };
        }
      }
    },
  };
}

/** The most tokens texts can be: no tokeniser makes more than one of a byte. 500 for what servers put around them. */
function tokensAtMost(...texts: string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 500);
}

function schemaOf<T>(schema: z.ZodType<T>) {
  return z.toJSONSchema(schema, { io: 'input' });
}

function missingSetting(settings: ModelSettings): { code: ModelFailure; message: string } | null {
  if (settings.provider === 'openai-compatible') {
    if (URL.canParse(settings.baseUrl ?? '')) return null;
    return {
      code: 'unreachable',
      message: 'An OpenAI-compatible model needs its address, such as http://localhost:11434/v1.',
    };
  }
  if (settings.apiKey) return null;
  return { code: 'unauthorised', message: `There is no API key for ${settings.provider}. Add one in the AI settings.` };
}

/** What is wrong with an answer quotes from it, so it is material like the answer itself. */
function repairPrompt<T>({ prompt, asMaterial }: ModelRequest<T>, text: string, problems: string): string {
  return [
    prompt,
    'Your previous answer could not be used. It follows as material, and after it what is wrong with it.',
    asMaterial('your previous answer', text.slice(0, 20_000)),
    asMaterial('what is wrong with it', problems),
    'Write the whole answer again with these mistakes corrected.',
  ].join('\n\n');
}
