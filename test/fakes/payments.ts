/**
 * What payment providers send, signed as they sign it, and their APIs as far as history is read from them: lists in
 * pages, each in its provider's form.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MoneyFact, PaymentProvider } from '#src/outside/payments/payment.ts';
import { signed as signedByStripe } from './stripe.ts';

export type ProviderId = 'stripe' | 'lemon_squeezy' | 'paddle' | 'polar' | 'revenuecat';

/** An event as it travels: its body and the headers that vouch for it. */
export async function signedWebhook(
  provider: ProviderId,
  event: object | string,
  secret: string,
  at = new Date(),
): Promise<{ body: string; headers: Record<string, string> }> {
  const body = typeof event === 'string' ? event : JSON.stringify(event);
  const seconds = Math.floor(at.getTime() / 1000);
  const hmac = (text: string) => createHmac('sha256', secret).update(text);
  switch (provider) {
    case 'stripe': {
      const { signature } = await signedByStripe(JSON.parse(body) as object, secret, at);
      return { body, headers: { 'stripe-signature': signature } };
    }
    case 'lemon_squeezy':
      return { body, headers: { 'x-signature': hmac(body).digest('hex') } };
    case 'paddle':
      return { body, headers: { 'paddle-signature': `ts=${seconds};h1=${hmac(`${seconds}:${body}`).digest('hex')}` } };
    case 'polar': {
      const id = randomUUID();
      const signature = `v1,${hmac(`${id}.${seconds}.${body}`).digest('base64')}`;
      return {
        body,
        headers: { 'webhook-id': id, 'webhook-timestamp': String(seconds), 'webhook-signature': signature },
      };
    }
    case 'revenuecat':
      return { body, headers: { authorization: secret } };
  }
}

/** The same as what `PaymentProvider.verify` takes. */
export async function webhookRequest(
  provider: ProviderId,
  event: object | string,
  { secret = 'the secret of the shop', at = new Date(), now = at }: { secret?: string; at?: Date; now?: Date } = {},
) {
  const { body, headers } = await signedWebhook(provider, event, secret, at);
  return { body: new TextEncoder().encode(body), headers: new Headers(headers), secret, now };
}

/**
 * What is known after some events, by the rule of the facts: one row per id, the newest event's words count, whatever
 * the order in which they came and however often.
 */
export function knownAfter(
  provider: PaymentProvider,
  events: readonly { event: unknown; at: Date }[],
): Map<string, MoneyFact> {
  const known = new Map<string, { fact: MoneyFact; at: Date }>();
  for (const { event, at } of events)
    for (const fact of provider.translate(event)) {
      const key = `${fact.kind} ${idOf(fact)}`;
      const before = known.get(key);
      if (!before || before.at <= at) known.set(key, { fact, at });
    }
  return new Map([...known].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, { fact }]) => [key, fact]));
}

function idOf(fact: MoneyFact): string {
  switch (fact.kind) {
    case 'customer':
      return fact.customerId;
    case 'checkout':
      return fact.checkoutId;
    case 'subscription':
      return fact.subscriptionId;
    case 'discount':
      return fact.discount.discountId;
    case 'price':
      return fact.priceId;
    case 'belongs':
      return `${fact.paymentId} ${fact.subscriptionId}`;
    case 'payment':
      return fact.paymentId;
    case 'invoice':
      return fact.invoiceId;
    case 'refund':
      return fact.refundId;
    case 'dispute':
      return fact.disputeId;
    case 'fee':
      return fact.feeId;
    case 'payout':
      return fact.payoutId;
    case 'statement':
      return fact.lineId;
  }
}

export type ProviderApi = {
  /** To be used as `apiUrl`. */
  url: string;
  /** What is in the lists, by path; change it as you like. */
  lists: Record<string, Record<string, unknown>[]>;
  /** `GET path?query` of everything that was asked, in order. */
  asked: string[];
  /** The authorization header of the last request. */
  key(): string | undefined;
  /** Answers the next request with this instead. */
  fail(status: number, body?: unknown, headers?: Record<string, string>): void;
  close(): Promise<void>;
};

/** Starts a provider's API with lists of objects. `size` is how many it gives at most in a page. */
export async function startProviderApi(
  provider: Exclude<ProviderId, 'revenuecat'>,
  lists: ProviderApi['lists'],
  size = 100,
): Promise<ProviderApi> {
  const asked: string[] = [];
  const failures: { status: number; body: unknown; headers: Record<string, string> }[] = [];
  let key: string | undefined;
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://fake.invalid');
    asked.push(`GET ${url.pathname}${decodeURIComponent(url.search)}`);
    key = request.headers.authorization;
    const failure = failures.shift();
    const path = url.pathname.replace(/\/$/, '');
    const answer = failure?.body ?? answerTo(provider, path, lists, url.searchParams, size);
    response.writeHead(failure?.status ?? (answer === null ? 404 : 200), {
      'content-type': 'application/json',
      ...failure?.headers,
    });
    response.end(JSON.stringify(answer ?? {}));
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lists,
    asked,
    key: () => key,
    fail: (status, body = {}, headers = {}) => void failures.push({ status, body, headers }),
    close: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
}

function answerTo(
  provider: ProviderId,
  path: string,
  lists: ProviderApi['lists'],
  query: URLSearchParams,
  size: number,
): object | null {
  if (provider === 'lemon_squeezy') return lemonAnswer(path, lists, query, size);
  const all = lists[path] ?? [];
  if (provider === 'stripe') {
    const from = Number(query.get('created[gte]') ?? 0);
    const fresh = all.filter((one) => Number(one.created) >= from);
    const at = fresh.findIndex((one) => one.id === query.get('starting_after')) + 1;
    return { object: 'list', data: fresh.slice(at, at + size), has_more: at + size < fresh.length };
  }
  if (provider === 'paddle') {
    const at = all.findIndex((one) => one.id === query.get('after')) + 1;
    const has_more = at + size < all.length;
    return {
      data: all.slice(at, at + size),
      meta: { request_id: 'r', pagination: { per_page: size, next: null, has_more } },
    };
  }
  const number = Number(query.get('page') ?? 1);
  return {
    items: all.slice((number - 1) * size, number * size),
    pagination: { total_count: all.length, max_page: Math.ceil(all.length / size) },
  };
}

/** JSON:API: a list, one of it by id, what was asked for beside it, and the one filter that is used. */
function lemonAnswer(path: string, lists: ProviderApi['lists'], query: URLSearchParams, size: number): object | null {
  const included = query.has('include') ? (lists.included ?? []) : undefined;
  if (!lists[path] && /\/[^/]+$/.test(path)) {
    const [, list = '', id] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    const data = lists[list]?.find((one) => one.id === id);
    if (data) return { data, included };
  }
  const order = query.get('filter[order_id]');
  const all = (lists[path] ?? []).filter(
    (one) => order === null || String((one.attributes as { order_id?: unknown }).order_id) === order,
  );
  const number = Number(query.get('page[number]') ?? 1);
  return {
    data: all.slice((number - 1) * size, number * size),
    included,
    meta: { page: { currentPage: number, lastPage: Math.max(1, Math.ceil(all.length / size)) } },
  };
}
