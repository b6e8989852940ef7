import { z } from 'zod';
import type { Outcome } from '#src/outside/platform.ts';
import { reader } from './fields.ts';
import { cursorAfter, historyEvent, page, placeOf, readApi, reading } from './history.ts';
import type { HistoryCall, HistoryPage, MoneyFact } from './payment.ts';

type Translate = (event: unknown) => MoneyFact[];

/** The version whose shapes `stripe-objects.ts` describes, whatever the account is set to. */
const VERSION = '2026-10-28.endive';
const DAY = 86_400;

type Stage = {
  path: string;
  query: Record<string, string>;
  expand: string[];
  /** How long before `since` something may have been made that changed after it, in seconds; null = all of it is read. */
  late: number | null;
};

/** Customers before what they bought. A subscription can change at any time, so all of them are read each time. */
const lists = {
  customers: { path: 'customers', query: {}, expand: [], late: 0 },
  checkouts: { path: 'checkout/sessions', query: { status: 'complete' }, expand: [], late: 2 * DAY },
  subscriptions: {
    path: 'subscriptions',
    query: { status: 'all' },
    expand: ['data.discounts.source.coupon', 'data.items.data.discounts'],
    late: null,
  },
  charges: { path: 'charges', query: {}, expand: ['data.balance_transaction'], late: 10 * DAY },
  invoices: { path: 'invoices', query: { status: 'paid' }, expand: ['data.payments'], late: 60 * DAY },
  refunds: { path: 'refunds', query: {}, expand: [], late: 30 * DAY },
  disputes: { path: 'disputes', query: {}, expand: [], late: 180 * DAY },
  payouts: { path: 'payouts', query: {}, expand: [], late: 30 * DAY },
  balance: { path: 'balance_transactions', query: {}, expand: ['data.source'], late: 0 },
} satisfies Record<string, Stage>;
const stages = Object.keys(lists) as (keyof typeof lists)[];

const read = reader('Stripe');
const listed = z.object({
  data: z.array(
    z.looseObject({
      id: z.string(),
      created: z.int(),
      livemode: z.boolean().nullish(),
      status: z.string().nullish(),
    }),
  ),
  has_more: z.boolean(),
});
type Listed = z.output<typeof listed>['data'][number];

/**
 * What was before the webhooks, and what they never bring: fees and the lines of the balance. Stripe allows 100 calls a
 * second; one page is one call.
 */
export function backfillWith(translate: Translate): (call: HistoryCall) => Promise<Outcome<HistoryPage>> {
  return reading(async (call) => {
    const place = placeOf(stages, call.cursor);
    const list: Stage = lists[place.stage];
    const query = new URLSearchParams({ limit: '100', ...list.query });
    for (const each of list.expand) query.append('expand[]', each);
    if (call.since && list.late !== null)
      query.set('created[gte]', String(Math.floor(call.since.getTime() / 1000) - list.late));
    if (place.after !== null) query.set('starting_after', place.after);
    const answer = await readApi(
      'Stripe',
      call,
      {
        url: `${call.apiUrl ?? 'https://api.stripe.com'}/v1/${list.path}?${query}`,
        headers: { authorization: `Bearer ${call.apiKey}`, 'stripe-version': VERSION },
      },
      listed,
    );
    if (!answer.ok) return answer;
    const { data, has_more } = answer.value;
    const livemode = !/^(sk|rk)_test_/.test(call.apiKey);
    const events = data.flatMap((item) =>
      statesOf(place.stage, item, call.now).map(({ type, object, at, standing }) =>
        historyEvent(translate, {
          type,
          objectId: item.id,
          occurredAt: new Date(at * 1000),
          livemode: item.livemode ?? livemode,
          body: {
            id: `history:${item.id}`,
            object: 'event',
            type,
            created: at,
            livemode: item.livemode ?? livemode,
            data: { object },
          },
          ...(standing ? { standing } : {}),
        }),
      ),
    );
    const last = data.at(-1)?.id ?? null;
    return page(events, cursorAfter(stages, place, has_more ? last : null));
  });
}

type State = { type: string; object: object; at: number; standing?: true };

function statesOf(stage: keyof typeof lists, item: Listed, now: Date): State[] {
  const once = (type: string, at = item.created): State[] => [{ type, object: item, at }];
  switch (stage) {
    case 'customers':
      return once('customer.created');
    case 'checkouts':
      return once('checkout.session.completed');
    case 'subscriptions':
      return subscriptionStates(item, now);
    case 'charges':
      return once('charge.succeeded');
    case 'invoices':
      return once('invoice.paid', paidAt(item));
    case 'refunds':
      return once('refund.updated');
    case 'disputes':
      return disputeStates(item);
    case 'payouts':
      return once('payout.updated');
    case 'balance':
      return once('balance_transaction');
  }
}

const paidInvoice = z.object({ status_transitions: z.object({ paid_at: z.int().nullish() }).nullish() });

function paidAt(item: Listed): number {
  return read(paidInvoice, item, 'invoice').status_transitions?.paid_at ?? item.created;
}

const terms = z.object({
  start_date: z.int(),
  trial_end: z.int().nullish(),
  ended_at: z.int().nullish(),
  status: z.string(),
});

/** As it began, as it was when its trial ended, and as it is now or when it ended. */
function subscriptionStates(item: Listed, now: Date): State[] {
  const { start_date: begun, trial_end: trial, ended_at: ended, status } = read(terms, item, 'subscription');
  const until = ended ?? Math.floor(now.getTime() / 1000);
  const states: State[] = [];
  const running = {
    ...item,
    cancel_at: null,
    cancel_at_period_end: false,
    canceled_at: null,
    ended_at: null,
    pause_collection: null,
  };
  if (!status.startsWith('incomplete') && begun < until) {
    const tried = trial != null && trial > begun;
    const first = { ...running, status: tried ? 'trialing' : 'active' };
    states.push({ type: 'customer.subscription.created', object: first, at: begun });
    if (tried && trial < until)
      states.push({ type: 'customer.subscription.updated', object: { ...running, status: 'active' }, at: trial });
  }
  const last: State = ended
    ? { type: 'customer.subscription.deleted', object: item, at: ended }
    : { type: 'customer.subscription.updated', object: item, at: until, standing: true };
  return [...states, last];
}

const disputed = z.object({ balance_transactions: z.array(z.object({ created: z.int() })).nullish() });

/** As it was opened, and how it ended, at the time of the last money that moved. */
function disputeStates(item: Listed): State[] {
  const inquiry = item.status?.startsWith('warning_') === true || item.status === 'prevented';
  if (inquiry) return [{ type: 'charge.dispute.updated', object: item, at: item.created }];
  const moves = read(disputed, item, 'dispute').balance_transactions ?? [];
  const last = moves.reduce((at, each) => Math.max(at, each.created), item.created);
  const opened: State = {
    type: 'charge.dispute.created',
    object: { ...item, status: 'needs_response', balance_transactions: [] },
    at: item.created,
  };
  const ended = item.status === 'won' || item.status === 'lost';
  return ended ? [opened, { type: 'charge.dispute.closed', object: item, at: last }] : [opened];
}
