import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import type { PaymentProvider } from '#src/outside/payments/payment.ts';
import { openShop, type Shop } from '#test/shop.ts';

let shop: Shop;

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-01T10:00:00Z' });
});
afterAll(() => shop.world.close());

const days = async () => (await shop.maya.call.ledger.days({ appId: shop.appId })).days;

describe('the ledger', () => {
  test('closes every day with money that is over, however long nobody closed one', async () => {
    const { maya, world, tell, charge, settle } = shop;
    await tell('customer.created', { id: 'cus_dan', email: 'dan@example.com', name: 'Dan', metadata: {} });
    await tell('charge.succeeded', charge('cus_dan', 'pi_dan'));
    world.clock.forward('20 d');
    await tell('charge.succeeded', charge('cus_dan', 'pi_dan2'));
    world.clock.forward('1 d');
    await settle();
    await closeDays(maya.context);
    expect(await days()).toMatchObject([
      { day: '2026-11-21', unattributed: { minor: '1200' }, closes: true },
      { day: '2026-11-01', unattributed: { minor: '1200' }, closes: true },
    ]);
  });

  test('is not red because a webhook says again who somebody is: nothing new, nothing reopened', async () => {
    const { maya, tell } = shop;
    await tell('customer.updated', { id: 'cus_dan', email: 'dan@example.com', name: 'Dan', metadata: {} });
    await processPayments(maya.context);
    const open = await transaction(maya.context, ({ tx }) =>
      tx.selectFrom('conversions').select('id').where('attributedAt', 'is', null).execute(),
    );
    expect(open).toEqual([]);
  });

  test('nor because a new click has reopened what was unattributed: the old credits stand until there are new ones', async () => {
    const { maya, tell, settle } = shop;
    const ff = 'ffffffff-0000-4000-8000-000000000000';
    await tell('customer.updated', { id: 'cus_dan', email: 'dan@example.com', metadata: { ff } });
    await processPayments(maya.context);
    const open = await transaction(maya.context, ({ tx }) =>
      tx.selectFrom('conversions').select('id').where('attributedAt', 'is', null).execute(),
    );
    expect(open).toHaveLength(2);
    await closeDays(maya.context);
    expect((await days()).map((day) => day.closes)).toEqual([true, true]);
    await settle();
  });

  test('takes in what is told late for a day long closed, and leaves the others as they were', async () => {
    const { maya, world, tell, charge, refund, settle } = shop;
    const before = await days();
    world.clock.forward('2 d');
    const late = Math.floor(Date.parse('2026-11-01T12:00:00Z') / 1000);
    await tell('refund.created', refund('pi_dan', 200, { created: late }), new Date('2026-11-01T12:00:00Z'));
    await tell('charge.succeeded', charge('cus_dan', 'pi_old', { created: late - 5 * 86_400 }), new Date('2026-10-27'));
    await settle();
    await closeDays(maya.context);
    const after = await days();
    expect(after.map(({ day, paid, closes }) => [day, paid.minor, closes])).toEqual([
      ['2026-11-21', '1200', true],
      ['2026-11-01', '1000', true],
      ['2026-10-27', '1200', true],
    ]);
    expect(after[0]?.closedAt).toEqual(before[0]?.closedAt);
    expect(after[1]?.closedAt).not.toEqual(before[1]?.closedAt);
  });
});

test('what every webhook looks up has its index, and a run with nothing new looks at no payment', async () => {
  const { maya, settle } = shop;
  const { rows } = await transaction(maya.context, ({ tx }) =>
    sql<{ on: string }>`
      select tablename || regexp_replace(indexdef, '^.* USING btree ', ' ') as on from pg_indexes where schemaname = 'public'
    `.execute(tx),
  );
  const indexed = rows.map((row) => row.on);
  for (const wanted of [
    'identity_links (workspace_id, customer_id)',
    'payments (workspace_id, payment_source_id, provider_customer_id)',
    'payments (workspace_id, payment_source_id, provider_invoice_id)',
    'payments (workspace_id, customer_id)',
    'payments (workspace_id) WHERE purchase_due',
    'refunds (workspace_id, payment_source_id, provider_payment_id)',
    'refunds (workspace_id, payment_id)',
    'fees (workspace_id, payment_source_id, provider_payment_id)',
    'invoices (workspace_id, payment_source_id, provider_subscription_id)',
    'subscriptions (workspace_id, payment_source_id, provider_customer_id)',
    'mrr_movements (workspace_id, subscription_id, occurred_at)',
  ])
    expect(indexed).toContain(wanted);
  await settle();
  const due = await transaction(maya.context, ({ tx }) =>
    tx.selectFrom('payments').select('id').where('purchaseDue', '=', true).execute(),
  );
  expect(due).toEqual([]);
});

describe('an event that nobody expected', () => {
  const faulty = (fault: unknown): PaymentProvider => {
    const stripe = shop.world.world.payments.get('stripe') as PaymentProvider;
    return {
      ...stripe,
      translate: (event) => {
        if (JSON.stringify(event).includes('pi_poison')) throw fault;
        return stripe.translate(event);
      },
    };
  };
  const processWith = (fault: unknown) =>
    processPayments({ ...shop.maya.context, payments: new Map([['stripe', faulty(fault)]]) });
  const outcomes = async () => (await shop.stored()).slice(-2).map((event) => event.outcome);

  test('waits while the database is away', async () => {
    const { tell, charge } = shop;
    await tell('charge.succeeded', charge('cus_dan', 'pi_poison'));
    await tell('charge.succeeded', charge('cus_dan', 'pi_behind'));
    const gone = Object.assign(new Error('terminating connection'), { code: '57P01' });
    await expect(processWith(gone)).rejects.toBe(gone);
    expect(await outcomes()).toEqual([null, null]);
  });

  test('is put aside whatever is wrong with it; those behind it go on, and it is said once', async () => {
    const { maya } = shop;
    expect(await processWith(new TypeError('Cannot read properties of undefined'))).toBe(2);
    const events = await shop.stored();
    expect(events.map((event) => event.outcome).sort()).toEqual([
      ...Array(events.length - 1).fill('applied'),
      'failed',
    ]);
    const { notices } = await maya.call.notices.list({});
    expect(notices.filter((notice) => notice.kind === 'payment_event_failed')).toMatchObject([
      { path: '/settings/payments' },
    ]);
  });

  test('and is processed once it can be', async () => {
    const { maya, sourceId } = shop;
    expect(await maya.call.paymentSources.replay({ sourceId })).toEqual({ replayed: 1 });
    expect(new Set((await shop.stored()).map((event) => event.outcome))).toEqual(new Set(['applied']));
  });
});
