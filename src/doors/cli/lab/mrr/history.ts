import { type Document, type Fields, isFields, type Path } from '#src/doors/cli/lab/json.ts';
import {
  customerMovements,
  type MrrMovement,
  type MrrState,
  type MrrStep,
  mrrSteps,
} from '#src/measure/mrr/history.ts';
import { arr, type Movement, movement, mrrBridge } from '#src/measure/mrr.ts';
import { type Amounts, amountsIn } from './amounts.ts';
import { dateOf, pick, stateAfter } from './state.ts';

/** What a movement is called in files, as in ChartMogul's definitions. */
export function movementName(kind: MrrMovement['kind']): string {
  return kind === 'new' ? 'new_business' : kind;
}

export type Customer = { customer: string; segment: string | null; movements: MrrMovement[] };

/** Events in any order: movements one by one, and opening to closing MRR of each month (or day), in UTC. */
export function historyOf(
  document: Document,
  value: unknown,
  at: Path,
  { currency, grain }: { currency: string | null; grain: 'month' | 'day' },
) {
  const list = isFields(value) ? value.events : value;
  const path = isFields(value) ? [...at, 'events'] : at;
  if (!Array.isArray(list))
    throw document.wrong(at, 'a list of subscription events is expected, or an object with "events".');
  const events = list
    .map((event: unknown, index) => {
      const place = [...path, index];
      if (!isFields(event)) throw document.wrong(place, 'an event is an object with "customer" and "at".');
      const customer = named(document, pick(event, 'customer') ?? pick(event, 'customerId'), [...place, 'customer']);
      const subscription = pick(event, 'subscription') ?? pick(event, 'subscriptionId') ?? customer;
      const moment = dateOf(document, pick(event, 'at') ?? pick(event, 'date') ?? pick(event, 'month'), [
        ...place,
        'at',
      ]);
      return {
        event,
        place,
        customer,
        subscription: named(document, subscription, [...place, 'subscription']),
        at: moment,
      };
    })
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const amounts = oneCurrency(document, events, currency);
  const last = events.at(-1)?.at ?? new Date(0);
  const until = isFields(value) && value.until !== undefined ? dateOf(document, value.until, [...at, 'until']) : last;
  const states = new Map<string, Map<string, MrrState[]>>();
  const segments = new Map<string, string>();
  for (const { event, place, customer, subscription, at: moment } of events) {
    const own = states.get(customer) ?? new Map<string, MrrState[]>();
    const list = own.get(subscription) ?? [];
    const after = stateAfter(
      document,
      asSubscription(event),
      place,
      amounts,
      list.at(-1)?.subscription ?? null,
      moment,
    );
    list.push({ at: moment, currency: amounts.currency, subscription: after });
    own.set(subscription, list);
    states.set(customer, own);
    if (typeof event.segment === 'string' && !segments.has(customer)) segments.set(customer, event.segment);
  }
  const customers = [...states].map(([customer, own]): Customer & { steps: MrrStep[][] } => {
    const lives = [...own].map(([subscriptionId, list]) => ({ subscriptionId, steps: mrrSteps(list, until).steps }));
    return {
      customer,
      segment: segments.get(customer) ?? null,
      movements: customerMovements(lives),
      steps: lives.map(({ steps }) => steps),
    };
  });
  return answerOf(customers, amounts, grain, until);
}

/** A customer's MRR as such, month by month: a subscription of that price, ended where it is nothing. */
function asSubscription(event: Fields): Fields {
  const { mrr } = event;
  if (mrr === undefined) return event;
  return { ...event, quantity: 1, amount: mrr, interval: 'month', status: Number(mrr) === 0 ? 'canceled' : 'active' };
}

function answerOf(
  customers: (Customer & { steps: MrrStep[][] })[],
  amounts: Amounts,
  grain: 'month' | 'day',
  until: Date,
) {
  const { out } = amounts;
  const all = customers
    .flatMap(({ customer, segment, movements }) => movements.map((each) => ({ customer, segment, ...each })))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
  const balance = new Map<string, bigint>();
  let total = 0n;
  const movements = all.map(({ customer, subscriptionId, at, kind, amount }) => {
    balance.set(customer, (balance.get(customer) ?? 0n) + amount);
    total += amount;
    return {
      at: at.toISOString(),
      customer,
      subscription: subscriptionId,
      movement: movementName(kind),
      amount: out(amount),
      customerMrr: out(balance.get(customer)!),
      mrr: out(total),
    };
  });
  const periods = periodsOf(customers, grain, until, out);
  const names = [...new Set(customers.flatMap(({ segment }) => segment ?? []))];
  const current = customers.map(({ customer, steps }) => ({
    customer,
    mrr: steps.reduce((sum, list) => sum + (list.at(-1)?.mrr ?? 0n), 0n),
  }));
  return {
    currency: amounts.currency,
    mrr: out(total),
    arr: out(arr(total)),
    customers: current.filter(({ mrr }) => mrr > 0n).length,
    movements,
    [grain === 'month' ? 'months' : 'days']: periods,
    ...(names.length > 0
      ? {
          segments: names.map((segment) => ({
            segment,
            [grain === 'month' ? 'months' : 'days']: periodsOf(
              customers.filter((each) => each.segment === segment),
              grain,
              until,
              out,
            ),
          })),
        }
      : {}),
    checks: {
      customersSumToMrr: current.reduce((sum, { mrr }) => sum + mrr, 0n) === total,
      movementsSumToCustomers: current.every(({ customer, mrr }) => (balance.get(customer) ?? 0n) === mrr),
      periodsCloseAtMrr: (periods.at(-1)?.closing ?? 0) === out(total),
      periodsFollowEachOther: periods.every((each, index) => each.opening === (periods[index - 1]?.closing ?? 0)),
      retentionInOrder: periods.every((each) => (each.grossRetention ?? 0) <= Math.min(1, each.netRetention ?? 1)),
    },
  };
}

/** What each customer gained or lost over each period as a whole: what goes up and comes down within it is nothing. */
function periodsOf(
  customers: readonly Customer[],
  grain: 'month' | 'day',
  until: Date,
  out: (minor: bigint) => number,
) {
  const length = grain === 'month' ? 7 : 10;
  const nameOf = (at: Date) => at.toISOString().slice(0, length);
  const changes = new Map<string, Map<string, bigint>>();
  let first: Date | null = null;
  for (const { customer, movements } of customers) {
    for (const { at, amount } of movements) {
      const period = changes.get(nameOf(at)) ?? new Map<string, bigint>();
      period.set(customer, (period.get(customer) ?? 0n) + amount);
      changes.set(nameOf(at), period);
      if (first === null || at < first) first = at;
    }
  }
  const periods = [];
  const mrr = new Map<string, bigint>();
  const everPaid = new Set<string>();
  let opening = 0n;
  for (let at = first; at !== null && nameOf(at) <= nameOf(until); at = following(at, grain)) {
    const made: Movement[] = [];
    for (const [customer, change] of changes.get(nameOf(at)) ?? []) {
      const before = mrr.get(customer) ?? 0n;
      const each = movement(before, before + change, everPaid.has(customer));
      if (each !== null) made.push(each);
      mrr.set(customer, before + change);
      everPaid.add(customer);
    }
    const bridge = mrrBridge(opening, made);
    opening = bridge.closing;
    periods.push({
      [grain]: nameOf(at),
      opening: out(bridge.opening),
      new: out(bridge.new),
      expansion: out(bridge.expansion),
      reactivation: out(bridge.reactivation),
      contraction: out(bridge.contraction),
      churn: out(bridge.churn),
      closing: out(bridge.closing),
      arr: out(arr(bridge.closing)),
      grossRetention: bridge.grossRetention,
      netRetention: bridge.netRetention,
    });
  }
  return periods;
}

function following(at: Date, grain: 'month' | 'day'): Date {
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return new Date(grain === 'month' ? Date.UTC(year, month + 1, 1) : Date.UTC(year, month, day + 1));
}

function oneCurrency(
  document: Document,
  events: readonly { event: { readonly [name: string]: unknown }; place: Path }[],
  given: string | null,
): Amounts {
  let found = given;
  for (const { event, place } of events) {
    if (event.currency === undefined || event.currency === null) continue;
    const currency = String(event.currency).toUpperCase();
    found ??= currency;
    if (currency !== found) {
      throw document.wrong(
        [...place, 'currency'],
        `${currency}, where other events are in ${found}: convert them first, each movement at one rate.`,
      );
    }
  }
  return amountsIn(found ?? 'USD');
}

function named(document: Document, value: unknown, path: Path): string {
  if ((typeof value === 'string' && value !== '') || typeof value === 'number') return String(value);
  throw document.wrong(path.slice(0, -1), `"${String(path.at(-1))}" is needed.`);
}
