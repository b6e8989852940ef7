import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { openShop, SECRET, type Shop } from '#test/shop.ts';

let world: Shop['world'];
let maya: Shop['maya'];
let appId: Shop['appId'];
let webhooks: Shop['webhooks'];
let hookPath: Shop['hookPath'];
let stripeEvent: Shop['stripeEvent'];
let hook: Shop['hook'];
let settle: Shop['settle'];
let stored: Shop['stored'];

beforeAll(async () => {
  ({ world, maya, appId, webhooks, hookPath, stripeEvent, hook, settle, stored } = await openShop({
    now: '2026-11-10T09:00:00Z',
    signed: false,
  }));
});
afterAll(() => world.close());

describe('a webhook', () => {
  test('waits for its signing secret, which is kept sealed', async () => {
    expect(await hook(stripeEvent('ping', {}))).toMatchObject({ status: 409, reason: 'no_signing_secret' });
    const { sources } = await maya.call.paymentSources.list({ appId });
    expect(sources).toMatchObject([{ provider: 'stripe', hasSigningSecret: false, lastEventAt: null }]);
    await maya.call.paymentSources.update({ sourceId: sources[0]!.id, signingSecret: SECRET });
    const [row] = await transaction(maya.context, ({ tx }) => tx.selectFrom('paymentSources').selectAll().execute());
    expect(row?.sealedWebhookSecret).toMatch(/^v1\./);
    expect(JSON.stringify(row)).not.toContain(SECRET);
  });

  test.each([
    ['with a bad signature', { secret: 'whsec_of_someone_else' }, 400, 'bad_signature'],
    ['with an old timestamp', { at: new Date('2026-11-10T08:54:00Z') }, 400, 'too_old'],
    ['to an address nobody has', { path: '/hooks/nobody' }, 404, 'unknown_address'],
  ])('%s is refused in words and leaves nothing', async (_, options, status, reason) => {
    const answer = await hook(stripeEvent('customer.created', { id: 'cus_0' }), options);
    expect(answer).toMatchObject({ status, received: false, reason, message: expect.stringMatching(/\.$/) });
    expect(await stored()).toEqual([]);
  });

  test('that is signed but no event, or not signed at all, or too large, is refused', async () => {
    expect(await hook('{"id": ')).toMatchObject({ status: 400, reason: 'malformed' });
    expect(await hook('{"hello": "world"}')).toMatchObject({ status: 400, reason: 'malformed' });
    const bare = await webhooks.request(hookPath, { method: 'POST', body: '{}' });
    expect(bare.status).toBe(400);
    const huge = await webhooks.request(hookPath, { method: 'POST', body: 'x'.repeat(6 * 1024 * 1024) });
    expect(huge.status).toBe(413);
    expect(await stored()).toEqual([]);
  });

  test('is stored raw once, however often it comes, and queued for processing', async () => {
    const payload = stripeEvent('product.created', { id: 'prod_1' }, { id: 'evt_twice' });
    expect(await hook(payload)).toMatchObject({ status: 200, received: true, duplicate: false });
    expect(await hook(payload)).toMatchObject({ status: 200, received: true, duplicate: true });
    expect(await stored()).toMatchObject([{ body: payload, kind: 'product.created', processedAt: null }]);
    await settle();
    expect(await stored()).toMatchObject([{ outcome: 'ignored' }]);
  });

  test('of a known kind that cannot be read is kept as failed', async () => {
    await hook(stripeEvent('customer.subscription.created', { id: 'sub_broken' }));
    await settle();
    expect((await stored()).at(-1)).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('customer.subscription.created'),
    });
    expect(await maya.call.revenue.summary({ appId })).toMatchObject({ failed: 1, waiting: 0 });
    const { sources } = await maya.call.paymentSources.list({ appId });
    expect(await maya.call.paymentSources.replay({ sourceId: sources[0]!.id })).toEqual({ replayed: 1 });
    expect((await stored()).at(-1)).toMatchObject({ outcome: 'failed' });
  });
});
