import { z } from 'zod';
import { ask, modelSettingsOf, promptOf } from '#src/ask.ts';
import type { Context } from '#src/context.ts';
import { listModels, type ModelSettings } from '#src/outside/ai/index.ts';
import { refuse } from '#src/refusal.ts';

export const provider = z.enum(['openai', 'anthropic', 'google', 'openai-compatible']);

/** Settings to try before they are saved; without a key, the stored one is used when provider and address are the same. */
export const trial = z.strictObject({
  provider: provider.optional(),
  model: z.string().trim().min(1).max(200).optional(),
  baseUrl: z.url({ protocol: /^https?$/ }).optional(),
  apiKey: z.string().min(1).max(500).optional(),
});

const testSchema = z.object({ ready: z.boolean() });

/** Asks a model the smallest question there is, kept and paid for like any other. */
export async function testModel(context: Context, input: z.output<typeof trial>) {
  const settings = await settingsFor(context, input);
  if (!settings.model) throw refuse('invalid', 'no_model', 'Name the model to ask.');
  const began = performance.now();
  const answer = await ask(context, context.openModel({ ...settings, model: settings.model }), {
    purpose: 'test',
    prompt: await promptOf(new URL('../ai.prompt.md', import.meta.url)),
    task: 'Are you ready?',
    parts: [],
    schema: testSchema,
    maxOutputTokens: 2_000,
    timeoutMs: 30_000,
  });
  return {
    ok: answer.ok,
    milliseconds: Math.round(performance.now() - began),
    message: answer.ok ? `${settings.model} answered.` : answer.reason,
  };
}

/** The names of the models the server offers. Costs nothing. */
export async function modelsOf(context: Context, input: z.output<typeof trial>): Promise<{ models: string[] }> {
  const listed = await listModels(await settingsFor(context, input));
  if (listed.ok) return { models: listed.models };
  throw refuse('unavailable', `models_${listed.code}`, listed.message);
}

async function settingsFor(
  context: Context,
  input: z.output<typeof trial>,
): Promise<Omit<ModelSettings, 'model'> & { model?: string }> {
  if (context.demo)
    throw refuse(
      'unavailable',
      'demo',
      'This is the demo, where nothing leaves the machine. Try it in your own Fanfare.',
    );
  const kept = await modelSettingsOf(context);
  if (!input.provider) {
    if (!kept) throw refuse('conflict', 'no_model', 'There is no model yet. Choose a provider.');
    return { ...kept, ...(input.model ? { model: input.model } : {}) };
  }
  const { provider: chosen, model, baseUrl, apiKey } = input;
  // A stored key goes only to where it was stored for: a changed address must not receive it.
  const same = kept?.provider === chosen && (kept.baseUrl ?? '') === (baseUrl ?? '');
  const key = apiKey ?? (same ? kept.apiKey : undefined);
  return {
    provider: chosen,
    ...(model ? { model } : {}),
    ...(baseUrl ? { baseUrl } : {}),
    ...(key ? { apiKey: key } : {}),
  };
}
