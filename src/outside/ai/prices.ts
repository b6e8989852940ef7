import type { Model, Usage } from './index.ts';

/**
 * List prices in US dollars per million tokens, `[input, output]`, as published on 2026-04-30, without cache or batch
 * discounts and for prompts up to 200,000 tokens. A dollar per million tokens is a millionth of a dollar per token, so
 * the numbers serve as they are. A model that is not listed has no price: unknown is not free.
 */
const pricesOf20260430: Record<string, readonly [number, number]> = {
  'gpt-5.5': [5, 30],
  'gpt-5.4': [2.5, 15],
  'gpt-5.4-mini': [0.75, 4.5],
  'gpt-5': [1.25, 10],
  'gpt-4o': [2.5, 10],
  'gpt-4o-mini': [0.15, 0.6],
  'claude-opus-4-7': [5, 25],
  'claude-opus-4-6': [5, 25],
  'claude-opus-4-5': [5, 25],
  'claude-sonnet-4-6': [3, 15],
  'claude-sonnet-4-5': [3, 15],
  'claude-haiku-4-5': [1, 5],
  'gemini-3.1-pro-preview': [2, 12],
  'gemini-3.1-flash-lite-preview': [0.25, 1.5],
};

/**
 * What the tokens cost, in millionths of a US dollar, rounded up to a whole one. Zero for a model on this machine or
 * network; null when the price is not known, which is not the same.
 */
export function priceOf(model: Pick<Model, 'provider' | 'model' | 'local'>, usage: Usage): number | null {
  if (model.local) return 0;
  if (model.provider === 'openai-compatible') return null;
  // `claude-haiku-4-5-20251001` and `gpt-5-2025-08-07` are dated names of the same model.
  const price = pricesOf20260430[model.model.replace(/(-\d{4}-?\d{2}-?\d{2}|-latest)$/, '')];
  if (!price) return null;
  return Math.ceil(usage.inputTokens * price[0] + usage.outputTokens * price[1]);
}
