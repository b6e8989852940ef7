import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';
import { arr, customerMrr } from '#src/measure/mrr.ts';
import { type Amounts, amountsIn } from './amounts.ts';
import { itemOf } from './state.ts';

/** So many subscriptions of one kind each: {n, amount, interval}. */
export function isBook(value: unknown): value is Fields[] {
  return Array.isArray(value) && value.every((each) => isFields(each) && !('at' in each) && !('customer' in each));
}

/** MRR of all of them, exact until it is rounded once. */
export function bookOf(document: Document, rows: readonly unknown[], at: Path, currency: string | null) {
  const amounts: Amounts = amountsIn(currency ?? 'USD');
  const items = rows.map((row, index) => {
    const place = [...at, index];
    if (!isFields(row)) throw document.wrong(place, 'an object with "n", "amount" and "interval" is expected.');
    return itemOf(document, { quantity: row.n, ...row }, place, amounts, null);
  });
  const mrr = customerMrr(
    [{ status: 'active', items, discounts: [], trialEnd: null, endedAt: null, pausedAt: null }],
    new Date(0),
  );
  return { mrr: amounts.out(mrr), arr: amounts.out(arr(mrr)) };
}
