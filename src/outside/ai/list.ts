import { z } from 'zod';
import { nameOf, scrub } from './call.ts';
import { modelFetch } from './door.ts';
import type { ModelFailure, ModelSettings } from './index.ts';

export type Listed =
  | { ok: true; models: string[] }
  | { ok: false; code: Extract<ModelFailure, 'unreachable' | 'unauthorised' | 'refused'>; message: string };

const many = z.array(z.object({ id: z.string().max(200) }));
/** OpenAI, Anthropic and compatible servers list ids; Google lists `models/<id>` with what each can do. */
const answer = z.union([
  z.object({ data: many }),
  z.object({
    models: z.array(
      z.object({ name: z.string().max(200), supportedGenerationMethods: z.array(z.string()).optional() }),
    ),
  }),
]);

/** The names of the models a server offers, sorted, at most 500. Costs nothing. Ten seconds at most. */
export async function listModels(settings: Omit<ModelSettings, 'model'>, signal?: AbortSignal): Promise<Listed> {
  const who = nameOf(settings);
  const key = settings.apiKey ?? '';
  const [base, headers] = {
    openai: ['https://api.openai.com/v1', { authorization: `Bearer ${key}` }],
    anthropic: ['https://api.anthropic.com/v1', { 'x-api-key': key, 'anthropic-version': '2023-06-01' }],
    google: ['https://generativelanguage.googleapis.com/v1beta', { 'x-goog-api-key': key }],
    'openai-compatible': ['', key ? { authorization: `Bearer ${key}` } : {}],
  }[settings.provider] as [string, Record<string, string>];
  const address = `${(settings.baseUrl ?? base).replace(/\/+$/, '')}/models`;
  if (!URL.canParse(address))
    return { ok: false, code: 'unreachable', message: 'Type the address of the server first.' };
  try {
    const deadline = AbortSignal.timeout(10_000);
    const response = await modelFetch(address, {
      headers,
      redirect: 'error',
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    });
    if (response.status === 401 || response.status === 403)
      return { ok: false, code: 'unauthorised', message: `${who} did not accept the API key (${response.status}).` };
    if (!response.ok)
      return { ok: false, code: 'refused', message: `${who} does not list its models (${response.status}).` };
    const said = answer.safeParse(await response.json().catch(() => null));
    if (!said.success)
      return { ok: false, code: 'refused', message: `${who} answered, but not with a list of models.` };
    const names =
      'data' in said.data
        ? said.data.data.map((one) => one.id)
        : said.data.models
            .filter((one) => one.supportedGenerationMethods?.includes('generateContent') ?? true)
            .map((one) => one.name.replace(/^models\//, ''));
    return { ok: true, models: [...new Set(names)].sort().slice(0, 500) };
  } catch (error) {
    const words = error instanceof Error ? scrub(error.message, settings) : 'no answer';
    return { ok: false, code: 'unreachable', message: `${who} could not be reached: ${words}` };
  }
}
