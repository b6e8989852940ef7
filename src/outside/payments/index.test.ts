import { expect, test } from 'vitest';
import { type ProviderId, webhookRequest } from '#test/fakes/payments.ts';
import { paymentProviders, payments } from './index.ts';

test('each provider is there once and says how it is connected', () => {
  expect([...payments().keys()]).toEqual(['stripe', 'lemon_squeezy', 'paddle', 'polar', 'revenuecat']);
  for (const provider of paymentProviders) {
    const { id, setup, webhookSecret, apiKey, statement, backfill } = provider;
    expect([id, setup.filter((step) => step.includes('{url}')).length]).toEqual([id, 1]);
    for (const step of [...setup, webhookSecret.help, statement.words, ...(apiKey ? [apiKey.help] : [])])
      expect([id, step]).toEqual([id, expect.stringMatching(/^[A-Z].*[.}]$/)]);
    expect([id, apiKey === null]).toEqual([id, backfill === null]);
    expect([id, webhookSecret.secret]).toEqual([id, true]);
  }
});

test('an event of a time that no calendar knows is refused in words, whoever signed it', async () => {
  const told = (created: unknown): Record<string, object> => ({
    stripe: { id: 'evt_1', object: 'event', type: 'charge.succeeded', created, livemode: true, data: { object: {} } },
    lemon_squeezy: {
      meta: { event_name: 'order_created' },
      data: { id: '1', type: 'orders', attributes: { created_at: created } },
    },
    paddle: { event_id: 'evt_1', event_type: 'transaction.paid', occurred_at: created, data: {} },
    polar: { type: 'order.paid', timestamp: created, data: {} },
    revenuecat: { event: { id: 'evt_1', type: 'RENEWAL', event_timestamp_ms: created, environment: 'PRODUCTION' } },
  });
  for (const provider of paymentProviders)
    for (const at of [1e300, 1e20, -1e300, '+275760-09-14T00:00:00Z', '2026-13-01T00:00:00Z', null]) {
      const request = await webhookRequest(provider.id as ProviderId, told(at)[provider.id] ?? {});
      expect([provider.id, at, await provider.verify(request)]).toMatchObject([
        provider.id,
        at,
        { ok: false, reason: 'malformed' },
      ]);
    }
});
