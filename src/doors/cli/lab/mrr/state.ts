import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';
import type { MrrDiscount, MrrItem, MrrSubscription } from '#src/measure/mrr.ts';
import type { Amounts } from './amounts.ts';

const intervals: { [word: string]: MrrItem['interval'] } = {
  day: 'day',
  daily: 'day',
  week: 'week',
  weekly: 'week',
  month: 'month',
  monthly: 'month',
  year: 'year',
  yearly: 'year',
  annual: 'year',
  annually: 'year',
};

export function intervalOf(word: unknown): MrrItem['interval'] | null {
  return typeof word === 'string' ? (intervals[word.toLowerCase()] ?? null) : null;
}

/** What a status or the name of an event makes of a subscription. */
const statuses: { [word: string]: string } = {
  ...Object.fromEntries(
    ['active', 'trialing', 'past_due', 'paused', 'unpaid', 'incomplete', 'incomplete_expired', 'canceled'].map(
      (each) => [each, each],
    ),
  ),
  cancelled: 'canceled',
  cancels: 'canceled',
  ended: 'canceled',
  expired: 'canceled',
  churned: 'canceled',
  deleted: 'canceled',
  trial: 'trialing',
  trial_started: 'trialing',
  pause: 'paused',
  ...Object.fromEntries(
    [
      'created',
      'started',
      'subscribed',
      'subscribes',
      'updated',
      'changed',
      'upgraded',
      'downgraded',
      'renewed',
      'resumed',
      'reactivated',
      'trial_ended',
      'converted',
    ].map((each) => [each, 'active']),
  ),
};

export const freshSubscription: MrrSubscription = {
  status: 'active',
  items: [],
  discounts: [],
  trialEnd: null,
  endedAt: null,
  pausedAt: null,
};

/** The subscription after an event: what the event says, and for the rest what was known. Throws with the line. */
export function stateAfter(
  document: Document,
  event: Fields,
  path: Path,
  amounts: Amounts,
  known: MrrSubscription | null,
  at: Date,
): MrrSubscription {
  const before = known ?? freshSubscription;
  const told = pick(event, 'status') ?? pick(event, 'event') ?? pick(event, 'type');
  // "customer.subscription.updated" is an update.
  const word = typeof told === 'string' ? told.toLowerCase().replaceAll(' ', '_').split('.').at(-1)! : null;
  const status = word === null ? before.status : statuses[word];
  if (status === undefined || (told !== undefined && word === null)) {
    throw document.wrong(
      [...path, event.status === undefined ? 'event' : 'status'],
      `"${String(told)}" is no status; known are ${Object.keys(statuses).join(', ')}.`,
    );
  }
  const date = (name: string, otherwise: Date | null) => {
    const given = pick(event, name);
    if (given === undefined) return otherwise;
    return given === null ? null : dateOf(document, given, [...path, name]);
  };
  const isRunning = status === 'active' || status === 'past_due';
  const items = itemsOf(document, event, path, amounts, before.items);
  if (items.length === 0)
    throw document.wrong(path, 'the first event of a subscription needs "amount" and "interval".');
  return {
    status,
    items,
    discounts: discountsOf(document, event, path, amounts, at) ?? before.discounts,
    trialEnd: date('trialEnd', before.trialEnd),
    // A subscription that runs again has neither ended nor paused, unless the event says so.
    endedAt: date('endedAt', isRunning && word !== null && (before.endedAt ?? at) <= at ? null : before.endedAt),
    pausedAt: date('pausedAt', isRunning && word !== null ? null : before.pausedAt),
  };
}

function itemsOf(
  document: Document,
  event: Fields,
  path: Path,
  amounts: Amounts,
  before: readonly MrrItem[],
): MrrItem[] {
  const list = pick(event, 'items');
  if (list !== undefined) {
    if (!Array.isArray(list)) throw document.wrong([...path, 'items'], 'a list of items is expected.');
    return list.map((each: unknown, index) => {
      if (!isFields(each))
        throw document.wrong([...path, 'items', index], 'an object with "amount" and "interval" is expected.');
      return itemOf(document, each, [...path, 'items', index], amounts, null);
    });
  }
  const says = ['quantity', 'amount', 'interval', 'intervalCount'].some((name) => pick(event, name) !== undefined);
  if (!says) return [...before];
  if (before.length > 1) throw document.wrong(path, 'this subscription has several items: say all of them in "items".');
  return [itemOf(document, event, path, amounts, before[0] ?? null)];
}

/** One priced thing: `amount` for one unit per interval. */
export function itemOf(document: Document, row: Fields, path: Path, amounts: Amounts, before: MrrItem | null): MrrItem {
  const number = (name: string, otherwise: number) => {
    const given = pick(row, name) ?? otherwise;
    if (typeof given !== 'number' || !Number.isSafeInteger(given) || given < (name === 'quantity' ? 0 : 1)) {
      throw document.wrong(path, `"${name}" is a whole number, not ${JSON.stringify(given)}.`);
    }
    return given;
  };
  const amount = pick(row, 'amount');
  const minor = amount === undefined ? (before?.unitAmountDecimal ?? null) : amounts.minor(amount);
  if (minor === null)
    throw document.wrong(path, `"amount" is a decimal number from zero, not ${JSON.stringify(amount) ?? 'missing'}.`);
  const named = pick(row, 'interval');
  const interval = named === undefined ? (before?.interval ?? null) : intervalOf(named);
  if (interval === null)
    throw document.wrong(path, `"interval" is day, week, month or year, not ${JSON.stringify(named) ?? 'missing'}.`);
  return {
    quantity: number('quantity', before?.quantity ?? 1),
    unitAmount: null,
    unitAmountDecimal: minor,
    interval,
    intervalCount: number('intervalCount', named === undefined ? (before?.intervalCount ?? 1) : 1),
    usageType: pick(row, 'usageType') === 'metered' || row.metered === true ? 'metered' : 'licensed',
    discounts: [],
  };
}

/** Undefined when the event says nothing of discounts. */
function discountsOf(
  document: Document,
  event: Fields,
  path: Path,
  amounts: Amounts,
  at: Date,
): MrrDiscount[] | undefined {
  const given = event.discounts ?? event.discount;
  if (!('discounts' in event) && !('discount' in event)) return undefined;
  if (given === null) return [];
  return (Array.isArray(given) ? given : [given]).map((each: unknown, index) => {
    const place = [...path, 'discounts' in event ? 'discounts' : 'discount', ...(Array.isArray(given) ? [index] : [])];
    if (!isFields(each)) throw document.wrong(place, 'an object with "percent" or "amount" is expected.');
    const percent = pick(each, 'percent') ?? pick(each, 'percentOff');
    const off = pick(each, 'amount') ?? pick(each, 'amountOff');
    const minor = off === undefined ? null : amounts.minor(off);
    const share =
      percent === undefined ? null : typeof percent === 'number' || typeof percent === 'string' ? String(percent) : '';
    if (share !== null && (!/^\d+(\.\d+)?$/.test(share) || Number(share) > 100))
      throw document.wrong(place, `"percent" is 0 to 100, not ${JSON.stringify(percent)}.`);
    if (share === null && (minor === null || minor.includes('.')))
      throw document.wrong(place, 'a discount needs "percent", or "amount" in whole cents.');
    const ends = pick(each, 'until') ?? pick(each, 'endsAt') ?? null;
    const starts = pick(each, 'from') ?? pick(each, 'startsAt') ?? null;
    const duration = pick(each, 'duration') ?? (ends === null ? 'forever' : 'repeating');
    if (duration !== 'forever' && duration !== 'once' && duration !== 'repeating')
      throw document.wrong(place, '"duration" is forever, once or repeating.');
    return {
      discountId: String(index),
      percentOff: share,
      amountOff: minor === null ? null : BigInt(minor),
      duration,
      startsAt: starts === null ? at : dateOf(document, starts, [...place, 'from']),
      endsAt: ends === null ? null : dateOf(document, ends, [...place, 'until']),
    };
  });
}

/** A field under its name in camel case or with underscores. */
export function pick(row: Fields, name: string): unknown {
  return (
    row[name] ??
    row[name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)] ??
    (row[name] === null ? null : undefined)
  );
}

export function dateOf(document: Document, value: unknown, path: Path): Date {
  const at = typeof value === 'string' && /^\d{4}-\d\d(-\d\d|$)/.test(value) ? new Date(value) : null;
  if (at === null || Number.isNaN(at.getTime())) {
    throw document.wrong(
      path,
      `a date such as "2026-01-05" or "2026-01-05T10:00:00Z" is expected, not ${JSON.stringify(value) ?? 'nothing'}.`,
    );
  }
  return at;
}
