/**
 * Language models, behind one verb: ask, and get a value that fits the schema, or one of five failures. A leaf: it knows
 * the providers' protocols and nothing of the product. Keys go into request headers and nowhere else: never into a
 * message, a prompt or the answer.
 */
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogle } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { APICallError, generateText, NoObjectGeneratedError, NoOutputGeneratedError, Output } from 'ai';
import { z } from 'zod';

export { priceOf } from './prices.ts';

export type Provider = 'openai' | 'anthropic' | 'google' | 'openai-compatible';

/** `baseUrl` is needed for `openai-compatible` (Ollama: `http://localhost:11434/v1`), and optional for the others. */
export type ModelSettings = { provider: Provider; baseUrl?: string; model: string; apiKey?: string };

export type Usage = { inputTokens: number; outputTokens: number };

export type ModelRequest<T> = {
  system: string;
  prompt: string;
  schema: z.ZodType<T>;
  maxOutputTokens?: number;
  /** Milliseconds for one call; the repair gets as much again. Default two minutes: local models are slow. */
  timeoutMs?: number;
  signal?: AbortSignal;
};

export type ModelFailure =
  /** No answer: wrong address, network, timeout, or the server is broken (5xx). */
  | 'unreachable'
  /** The provider understood and said no: unknown model, no credit, content filter. */
  | 'refused'
  /** It answered twice and neither answer fits the schema. */
  | 'bad_shape'
  | 'rate_limited'
  | 'unauthorised';

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
      if (missing) return { ok: false, ...missing, text: null, usage: { inputTokens: 0, outputTokens: 0 } };

      const usage: Usage = { inputTokens: 0, outputTokens: 0 };
      const first = await callInAcceptedFormat(request.prompt);
      if (!first.ok) return { ...first, text: null, usage };
      const parsed = parse(first.text, request.schema);
      if (parsed.ok) return { ok: true, value: parsed.value, text: first.text, usage, repaired: false };

      const second = await callInAcceptedFormat(repairPrompt(request.prompt, first.text, parsed.problems));
      if (!second.ok) return { ...second, text: first.text, usage };
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
        for (;;) {
          const call = await callModel(settings, format, { ...request, prompt });
          if (call.ok) {
            usage.inputTokens += call.usage.inputTokens;
            usage.outputTokens += call.usage.outputTokens;
            return call;
          }
          const simpler: Format | null = format === 'schema' ? 'json' : format === 'json' ? 'text' : null;
          if (!call.formatRefused || settings.provider !== 'openai-compatible' || !simpler) return call;
          format = simpler;
        }
      }
    },
  };
}

/** How the shape is asked for: with the schema, with "some JSON", or in words alone (LM Studio refuses the second). */
type Format = 'schema' | 'json' | 'text';

type Call =
  | { ok: true; text: string; usage: Usage; cutShort: boolean }
  | { ok: false; code: ModelFailure; message: string; formatRefused: boolean };

async function callModel<T>(settings: ModelSettings, format: Format, request: ModelRequest<T>): Promise<Call> {
  const timeoutMs = request.timeoutMs ?? 120_000;
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    const result = await generateText({
      model: languageModel(settings, format),
      instructions:
        settings.provider === 'openai-compatible' ? withSchema(request.system, request.schema) : request.system,
      prompt: request.prompt,
      maxOutputTokens: request.maxOutputTokens,
      // Retries belong to the job queue, which knows the budget and shows them.
      maxRetries: 0,
      abortSignal: request.signal ? AbortSignal.any([request.signal, deadline]) : deadline,
      output: outputOf(format, request.schema),
      // "Strict" makes OpenAI refuse schemas with optional fields; the answer is checked here in any case.
      providerOptions: { openai: { strictJsonSchema: false }, openaiCompatible: { strictJsonSchema: false } },
    });
    return read(settings, result.text, result.usage, result.finishReason);
  } catch (error) {
    if (NoObjectGeneratedError.isInstance(error))
      return read(settings, error.text ?? '', error.usage, error.finishReason ?? 'unknown');
    return explain(error, settings, {
      timeoutMs,
      timedOut: deadline.aborted,
      cancelled: request.signal?.aborted === true,
    });
  }
}

function outputOf<T>(format: Format, schema: z.ZodType<T>) {
  if (format === 'text') return Output.text();
  return format === 'json' ? Output.json() : Output.object({ schema });
}

function languageModel(settings: ModelSettings, format: Format): LanguageModel {
  const { model, apiKey } = settings;
  // Every address is given: left out, the SDK would read one from environment variables of its own.
  switch (settings.provider) {
    case 'openai':
      return createOpenAI({ apiKey, baseURL: settings.baseUrl ?? 'https://api.openai.com/v1' })(model);
    case 'anthropic':
      return createAnthropic({ apiKey, baseURL: settings.baseUrl ?? 'https://api.anthropic.com/v1' })(model);
    case 'google':
      return createGoogle({
        apiKey,
        baseURL: settings.baseUrl ?? 'https://generativelanguage.googleapis.com/v1beta',
      })(model);
    case 'openai-compatible':
      return createOpenAICompatible({
        name: 'openai-compatible',
        baseURL: settings.baseUrl ?? '',
        apiKey: apiKey || undefined,
        supportsStructuredOutputs: format === 'schema',
      })(model);
  }
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

function read(
  settings: ModelSettings,
  text: string,
  usage: { inputTokens?: number; outputTokens?: number } | undefined,
  finishReason: string,
): Call {
  if (finishReason === 'content-filter')
    return refused('refused', `${settings.model} declined to answer because of its content filter.`);
  return {
    ok: true,
    text,
    usage: { inputTokens: usage?.inputTokens ?? 0, outputTokens: usage?.outputTokens ?? 0 },
    cutShort: finishReason === 'length',
  };
}

/** Says in words why a call failed. The provider's own words are quoted where they help, with the key blotted out. */
function explain(
  error: unknown,
  settings: ModelSettings,
  call: { timeoutMs: number; timedOut: boolean; cancelled: boolean },
): Call {
  const who = settings.baseUrl && URL.canParse(settings.baseUrl) ? new URL(settings.baseUrl).host : settings.provider;
  if (call.cancelled) return refused('unreachable', 'The request was cancelled.');
  if (call.timedOut)
    return refused('unreachable', `${who} did not answer within ${Math.round(call.timeoutMs / 100) / 10} seconds.`);
  if (NoOutputGeneratedError.isInstance(error))
    return { ok: true, text: '', usage: { inputTokens: 0, outputTokens: 0 }, cutShort: false };
  if (!APICallError.isInstance(error) || error.statusCode === undefined)
    return refused('unreachable', `${who} could not be reached: ${scrub(reason(error), settings)}`);

  const status = error.statusCode;
  const words = scrub(error.message, settings);
  if (status === 401 || status === 403)
    return refused('unauthorised', `${who} did not accept the API key (${status}). Check it in the AI settings.`);
  if (status === 429) return refused('rate_limited', `${who} is limiting requests for now: ${words}`);
  if (status >= 500) return refused('unreachable', `${who} failed with ${status}. Try again later. It said: ${words}`);
  // A 200 whose body is not the protocol's: something else answers at that address.
  if (status < 400)
    return refused('unreachable', `${who} answered, but not as a model server does. Check the address.`);
  const about = `${error.message} ${error.responseBody ?? ''}`;
  return {
    ok: false,
    code: 'refused',
    message: `${who} refused the request (${status}): ${words}`,
    formatRefused: (status === 400 || status === 422) && /response_format|json_schema|json_object|grammar/i.test(about),
  };
}

function refused(code: ModelFailure, message: string): Call {
  return { ok: false, code, message, formatRefused: false };
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

function scrub(text: string, settings: ModelSettings): string {
  const clean = settings.apiKey ? text.replaceAll(settings.apiKey, '[key]') : text;
  return clean.replace(/\b(sk|key)-[\w*-]{6,}/g, '[key]').slice(0, 300);
}

function withSchema<T>(system: string, schema: z.ZodType<T>): string {
  return `${system}\n\nAnswer with one JSON object and nothing else. It must fit this JSON schema:\n${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))}`;
}

function repairPrompt(prompt: string, text: string, problems: string): string {
  return `${prompt}\n\nYour previous answer could not be used. ${problems}\n\nYour previous answer was:\n${text.slice(0, 20_000)}\n\nWrite the whole answer again with these mistakes corrected.`;
}

/** Small models wrap JSON in a code fence or in a sentence; both are taken off before the answer counts as broken. */
function parse<T>(text: string, schema: z.ZodType<T>): { ok: true; value: T } | { ok: false; problems: string } {
  const fenced = text.match(/```(?:json)?\s*([\s\S]*?)```/)?.[1];
  const braced = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1);
  let problems = 'It is not valid JSON.';
  for (const candidate of [text, fenced, braced]) {
    if (!candidate) continue;
    let json: unknown;
    try {
      json = JSON.parse(candidate);
    } catch (error) {
      if (error instanceof SyntaxError && candidate === text) problems = `It is not valid JSON: ${error.message}.`;
      continue;
    }
    const result = schema.safeParse(json);
    if (result.success) return { ok: true, value: result.data };
    const issues = result.error.issues
      .slice(0, 12)
      .map((issue) => `${issue.path.join('.') || 'answer'}: ${issue.message}`);
    problems = `It does not fit the schema: ${issues.join('; ')}.`;
  }
  return { ok: false, problems };
}

/** Loopback and private addresses, and the names that stand for them (`localhost`, `ollama`, `nas.local`). */
function isLocal(baseUrl: string | undefined): boolean {
  if (!baseUrl || !URL.canParse(baseUrl)) return false;
  const host = new URL(baseUrl).hostname.replace(/^\[|\]$/g, '');
  return (
    /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd][0-9a-f]{2}:)/.test(host) ||
    /\.(local|internal|lan|home\.arpa)$/.test(host) ||
    (!host.includes('.') && !host.includes(':'))
  );
}
