/** Whose price counts, what fits into a month's budget, and which month that is. Pure. */
import type { DataClass } from '#src/ask/fence.ts';
import { type Model, type Price, priceOf } from '#src/outside/ai/index.ts';

/** The first moment of the month by UTC, as providers bill, and of the one after it. `month` is `YYYY-MM`. */
export function monthOf(now: Date, month = now.toISOString().slice(0, 7)): { since: Date; until: Date } {
  const [year = 0, at = 0] = month.split('-').map(Number);
  return { since: new Date(Date.UTC(year, at - 1, 1)), until: new Date(Date.UTC(year, at, 1)) };
}

/** What a workspace lets leave until it says otherwise. */
export const mayLeaveAtFirst: DataClass[] = ['public_pages', 'knowledge', 'own_posts'];

/** The price of a model: the owner's own when it was given for this very model, else as `priceOf` says. */
export function priceFor(
  model: Pick<Model, 'provider' | 'model' | 'local'>,
  own?: { priceModel: string | null; priceInputMicros: number | null; priceOutputMicros: number | null },
): Price {
  const counts = own?.priceModel === model.model && own.priceInputMicros !== null && own.priceOutputMicros !== null;
  return priceOf(
    model,
    counts ? { inputMicros: own.priceInputMicros ?? 0, outputMicros: own.priceOutputMicros ?? 0 } : null,
  );
}

/**
 * Why a call that costs at most `most` does not fit beside what is `spent` and set aside, in words; null when it fits.
 * All in millionths of a US dollar; `most` null = the price is not known, and no budget can be kept by it.
 */
export function overBudget(budget: number, spent: number, most: number | null, model: string): string | null {
  if (most === null)
    return `There is a budget, and the price of ${model} is not known. Set its price in the AI settings, or remove the budget.`;
  if (most === 0 || spent + most <= budget) return null;
  if (spent >= budget) return 'This month’s budget for the model is used up.';
  const dollars = (micros: number) => `$${(Math.max(0, micros) / 1e6).toFixed(2)}`;
  return `What is left of this month’s budget for the model (${dollars(budget - spent)} of ${dollars(budget)}) may not be enough: this could cost up to ${dollars(most)}.`;
}
