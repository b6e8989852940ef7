import type { Model, Usage } from './index.ts';

/** The day on which the list prices below were published. */
export const pricesAsOf = '2026-04-30';

/**
 * List prices in US dollars per million tokens, `[input, output]`, as published on `pricesAsOf`, without cache or batch
 * discounts and for prompts up to 200,000 tokens. A model that is not listed has no price: unknown is not free.
 */
const listed: Record<string, readonly [number, number]> = {
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

/** Millionths of a US dollar for a million tokens. */
export type TokenPrice = { inputMicros: number; outputMicros: number };

/** A price and where it comes from; `asOf` (YYYY-MM-DD) is the day of the price table. */
export type Price = {
  tokens: TokenPrice | null;
  source: 'own' | 'local' | 'list' | 'unknown';
  asOf: string | null;
};

/** What a model charges: the owner's own price, nothing on this machine or network, the list price, or unknown. */
export function priceOf(model: Pick<Model, 'provider' | 'model' | 'local'>, own: TokenPrice | null = null): Price {
  if (own) return { tokens: own, source: 'own', asOf: null };
  if (model.local) return { tokens: { inputMicros: 0, outputMicros: 0 }, source: 'local', asOf: null };
  // `claude-haiku-4-5-20251001` and `gpt-5-2025-08-07` are dated names of the same model.
  const name = model.model.replace(/(-\d{4}-?\d{2}-?\d{2}|-latest)$/, '');
  const price = model.provider === 'openai-compatible' || !Object.hasOwn(listed, name) ? undefined : listed[name];
  if (!price) return { tokens: null, source: 'unknown', asOf: null };
  const [input, output] = price;
  return { tokens: { inputMicros: input * 1e6, outputMicros: output * 1e6 }, source: 'list', asOf: pricesAsOf };
}

/** What tokens cost in millionths of a US dollar, rounded up; null when the price is not known, which is not zero. */
export function costOf(price: Price, usage: Pick<Usage, 'inputTokens' | 'outputTokens'>): number | null {
  if (!price.tokens) return null;
  const { inputMicros, outputMicros } = price.tokens;
  return Math.ceil((usage.inputTokens * inputMicros + usage.outputTokens * outputMicros) / 1e6);
}
