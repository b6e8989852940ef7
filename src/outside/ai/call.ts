/** One call to a provider: the answer as it streams in, what it used, and in words why there is none. */
import type { LanguageModel } from 'ai';
import { z } from 'zod';
import { modelFetch } from './door.ts';
import type { ModelFailure, ModelRequest, ModelSettings, Usage } from './index.ts';

/** How the shape is asked for: with the schema, with "some JSON", or in words alone (LM Studio refuses the second). */
export type Format = 'schema' | 'json' | 'text';

/** `again` says whether the same question may be put once more, because nothing was done for the first: in a simpler format, or after a while. */
export type Call =
  | { ok: true; text: string; usage: Usage; cutShort: boolean }
  | {
      ok: false;
      code: ModelFailure;
      message: string;
      text: string | null;
      usage: Usage | null;
      again: null | 'simpler' | { afterMs: number };
    };

/** An answer that goes on for longer than this is no answer; a server that ignores the output limit is cut off here. */
const MOST_CHARACTERS = 200_000;

/** Bytes of one answer with everything a protocol puts around it: an answer of that length in pieces of a token stays far below. */
const MOST_BYTES = 32_000_000;

/** More tokens than this in one call nobody has used; a server that says so is not believed, and its answer is counted. */
const MOST_TOKENS = 100_000_000;

/** Asks once. `maxOutputTokens` is always sent. Never throws for the model's sake. */
export async function callModel<T>(
  settings: ModelSettings,
  format: Format,
  request: ModelRequest<T> & { maxOutputTokens: number },
): Promise<Call> {
  const timeoutMs = request.timeoutMs ?? 120_000;
  // The libraries are loaded at the first question: without a model nobody needs their memory.
  const library = await import('ai');
  const deadline = AbortSignal.timeout(timeoutMs);
  const tooLong = new AbortController();
  const system =
    settings.provider === 'openai-compatible' ? withSchema(request.system, request.schema) : request.system;
  let text = '';
  let usage: Usage | null = null;
  let finish = 'unknown';
  const cost = () => usage ?? { ...tokensAbout(`${system}${request.prompt}`, text), estimated: true };
  if (request.signal?.aborted) return refused('cancelled', 'The request was cancelled.');
  try {
    const result = library.streamText({
      model: await languageModel(settings, format, boundedFetch(tooLong)),
      instructions: system,
      prompt: request.prompt,
      maxOutputTokens: request.maxOutputTokens,
      // Retries stand in index.ts, which knows when nothing was done for the money.
      maxRetries: 0,
      abortSignal: AbortSignal.any([deadline, tooLong.signal, ...(request.signal ? [request.signal] : [])]),
      output: outputOf(library, format, request.schema),
      // "Strict" makes OpenAI refuse schemas with optional fields; the answer is checked here in any case.
      providerOptions: { openai: { strictJsonSchema: false }, openaiCompatible: { strictJsonSchema: false } },
      // Errors come with the stream; the library's default would print them.
      onError: () => undefined,
    });
    for await (const part of result.stream) {
      if (part.type === 'error') throw part.error;
      if (part.type === 'abort') throw new DOMException('Aborted', 'AbortError');
      if (part.type === 'finish') {
        finish = part.finishReason;
        const { inputTokens, outputTokens } = part.totalUsage;
        if (isCount(inputTokens) && isCount(outputTokens)) usage = { inputTokens, outputTokens, estimated: false };
      }
      if (part.type !== 'text-delta') continue;
      // One piece can hold megabytes, and what is kept here is stored.
      text += part.text.slice(0, MOST_CHARACTERS + 1 - text.length);
      request.onText?.(text);
      if (text.length > MOST_CHARACTERS) tooLong.abort();
    }
  } catch (error) {
    const ended = (code: ModelFailure, message: string): Call => ({
      ok: false,
      code,
      message,
      text: text || null,
      usage: cost(),
      again: null,
    });
    if (tooLong.signal.aborted)
      return ended('bad_shape', `${settings.model} did not stop writing; its answer was cut off and not used.`);
    if (request.signal?.aborted) return ended('cancelled', 'The request was cancelled.');
    if (deadline.aborted)
      return ended(
        'unreachable',
        `${nameOf(settings)} did not answer within ${Math.round(timeoutMs / 100) / 10} seconds.`,
      );
    // What was under way when it ended has cost something; a request that was turned down has not.
    const underWay = text !== '' || isCutOff(library, error);
    return underWay ? ended('unreachable', brokeOff(error, settings)) : explain(library, error, settings);
  }
  if (finish === 'content-filter')
    return {
      ok: false,
      code: 'refused',
      message: `${settings.model} declined to answer because of its content filter.`,
      text: text || null,
      usage: cost(),
      again: null,
    };
  return { ok: true, text, usage: cost(), cutShort: finish === 'length' };
}

/** About a token for three bytes of UTF-8, rounded up: on the high side for prose in most scripts. */
function tokensAbout(input: string, output: string): { inputTokens: number; outputTokens: number } {
  const of = (text: string) => Math.ceil(Buffer.byteLength(text) / 3);
  return { inputTokens: of(input), outputTokens: of(output) };
}

function isCount(tokens: number | undefined): tokens is number {
  return Number.isSafeInteger(tokens) && (tokens ?? -1) >= 0 && (tokens ?? 0) <= MOST_TOKENS;
}

/**
 * The provider's requests. They follow no redirect, which would take the question to a server nobody chose, and an
 * answer that goes on for too many bytes sets `tooLong` off, whatever it is made of.
 */
function boundedFetch(tooLong: AbortController): typeof fetch {
  return async (input, init) => {
    const response = await modelFetch(input, { ...init, redirect: 'manual' });
    let bytes = 0;
    const counted = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(piece, out) {
          bytes += piece.byteLength;
          if (bytes > MOST_BYTES) tooLong.abort();
          else out.enqueue(piece);
        },
      }),
    );
    return new Response(counted ?? null, response);
  };
}

type Library = typeof import('ai');

/**
 * What is asked for, as the library takes it. The library would parse the whole text again at every piece that arrives,
 * which an endless answer turns into minutes of work; a number that always changes tells it to pass the piece on.
 */
function outputOf<T>({ Output }: Library, format: Format, schema: z.ZodType<T>) {
  const asked = format === 'text' ? Output.text() : format === 'json' ? Output.json() : Output.object({ schema });
  let pieces = 0;
  return {
    ...Output.text(),
    responseFormat: asked.responseFormat,
    parsePartialOutput: async () => ({ partial: String(pieces++) }),
  };
}

async function languageModel(settings: ModelSettings, format: Format, asks: typeof fetch): Promise<LanguageModel> {
  const { model, apiKey } = settings;
  const ask = { apiKey, fetch: asks };
  // Every address is given: left out, the SDK would read one from environment variables of its own.
  switch (settings.provider) {
    case 'openai': {
      const { createOpenAI } = await import('@ai-sdk/openai');
      return createOpenAI({ ...ask, baseURL: settings.baseUrl ?? 'https://api.openai.com/v1' })(model);
    }
    case 'anthropic': {
      const { createAnthropic } = await import('@ai-sdk/anthropic');
      return createAnthropic({ ...ask, baseURL: settings.baseUrl ?? 'https://api.anthropic.com/v1' })(model);
    }
    case 'google': {
      const { createGoogle } = await import('@ai-sdk/google');
      return createGoogle({
        ...ask,
        baseURL: settings.baseUrl ?? 'https://generativelanguage.googleapis.com/v1beta',
      })(model);
    }
    case 'openai-compatible': {
      const { createOpenAICompatible } = await import('@ai-sdk/openai-compatible');
      return createOpenAICompatible({
        name: 'openai-compatible',
        baseURL: settings.baseUrl ?? '',
        ...ask,
        apiKey: apiKey || undefined,
        supportsStructuredOutputs: format === 'schema',
        includeUsage: true,
      })(model);
    }
  }
}

/** True when the server had taken the question and the connection ended before its answer did. */
function isCutOff({ APICallError }: Library, error: unknown): boolean {
  return APICallError.isInstance(error) && (error.statusCode ?? 500) < 300 && error.cause instanceof TypeError;
}

function brokeOff(error: unknown, settings: ModelSettings): string {
  return `${nameOf(settings)} broke off in the middle of its answer. Try again. The reason given: ${scrub(reason(error), settings)}`;
}

/** Says in words why a call failed. The provider's own words are quoted where they help, with the key blotted out. */
function explain({ APICallError }: Library, error: unknown, settings: ModelSettings): Call {
  const who = nameOf(settings);
  // Nothing that could be read came before the end: something else answers at that address.
  if (error instanceof Error && /without a finish reason/.test(error.message))
    return refused('unreachable', `${who} answered, but not as a model server does. Check the address.`);
  if (!APICallError.isInstance(error) || error.statusCode === undefined)
    return refused('unreachable', `${who} could not be reached: ${scrub(reason(error), settings)}`);

  const status = error.statusCode;
  const words = scrub(error.message, settings);
  if (status === 401 || status === 403)
    return refused('unauthorised', `${who} did not accept the API key (${status}). Check it in the AI settings.`);
  // These say that nothing was done, so asking once more costs nothing twice. A 500 does not say that.
  const after = retryAfter(error.responseHeaders);
  const again = after > 10_000 ? null : { afterMs: after };
  if (status === 429) return refused('rate_limited', `${who} is limiting requests for now: ${words}`, again);
  if (status >= 500)
    return refused(
      'unreachable',
      `${who} failed with ${status}. Try again later. It said: ${words}`,
      status === 503 || status === 529 ? again : null,
    );
  // A 200 whose body is not the protocol's: something else answers at that address.
  if (status < 400)
    return refused('unreachable', `${who} answered, but not as a model server does. Check the address.`);
  const about = `${error.message} ${error.responseBody ?? ''}`;
  const format = (status === 400 || status === 422) && /response_format|json_schema|json_object|grammar/i.test(about);
  return refused('refused', `${who} refused the request (${status}): ${words}`, format ? 'simpler' : null);
}

function refused(code: ModelFailure, message: string, again: null | 'simpler' | { afterMs: number } = null): Call {
  return { ok: false, code, message, text: null, usage: null, again };
}

/** Milliseconds the server asks to wait; half a second where it does not say. */
function retryAfter(headers: Record<string, string> | undefined): number {
  const seconds = Number(headers?.['retry-after'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : 500;
}

export function nameOf(settings: Pick<ModelSettings, 'provider' | 'baseUrl'>): string {
  return settings.baseUrl && URL.canParse(settings.baseUrl) ? new URL(settings.baseUrl).host : settings.provider;
}

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message || error.message : error.message;
}

export function scrub(text: string, settings: Pick<ModelSettings, 'apiKey'>): string {
  const clean = settings.apiKey ? text.replaceAll(settings.apiKey, '[key]') : text;
  return clean.replace(/\b(sk|key)-[\w*-]{6,}/g, '[key]').slice(0, 300);
}

function withSchema<T>(system: string, schema: z.ZodType<T>): string {
  return `${system}\n\nAnswer with one JSON object and nothing else. It must fit this JSON schema:\n${JSON.stringify(z.toJSONSchema(schema, { io: 'input' }))}`;
}
