import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commissionOf, isWithin } from '#src/measure/commissions/rule.ts';
import { settleAllCommissions, settleCommissions } from '#src/measure/commissions.ts';
import { CHROME, openShop, type Shop } from '#test/shop.ts';
import type { Person } from '#test/world.ts';

let shop: Shop;
let maya: Person;
let appId: string;
let nadia: { id: string; url: string };

beforeAll(async () => {
  shop = await openShop({ now: '2026-11-10T09:00:00Z' });
  ({ maya, appId } = shop);
  nadia = await maya.call.affiliates.add({
    appId,
    name: 'Nadia',
    email: 'nadia@example.com',
    code: 'nadia',
    rule: { percent: 25 },
    months: 12,
  });
});
afterAll(() => shop.world.close());

/** Somebody comes by a link, signs up and pays 12 dollars. */
async function buys(person: string, code: string, props: Record<string, string> = {}) {
  const ff = await shop.visit(`${CHROME} ${person}`, code);
  shop.world.clock.forward('10 min');
  await maya.call.events.send({ appId, events: [{ kind: 'signup', person, ff, props }] });
  shop.world.clock.forward('1 h');
  await pays(person, `pi_${person}`);
}
async function pays(person: string, intent: string, over: object = {}) {
  await shop.tell('checkout.session.completed', shop.checkout(`cus_${person}`, person));
  await shop.tell('charge.succeeded', shop.charge(`cus_${person}`, intent, over));
  await shop.settle();
  await settleAllCommissions(maya.context);
}
const commissions = async () => (await maya.call.commissions.list({ appId })).commissions;
const of = async (person: string) => (await commissions()).filter((one) => one.person === person).reverse();
const amounts = async (person: string) => (await of(person)).map((one) => [one.amount.minor, one.state]);
const due = async () => (await maya.call.affiliates.list({ appId })).affiliates.find((one) => one.id === nadia.id)!;

describe('an affiliate', () => {
  test('has a code and a link of their own; a code is one affiliate’s', async () => {
    expect(nadia.url).toBe('http://localhost:3000/l/nadia');
    await expect(
      maya.call.affiliates.add({ appId, name: 'Nadia 2', code: 'NADIA', rule: { percent: 5 } }),
    ).rejects.toMatchObject({ data: { reason: 'code_taken' } });
    const { links } = await maya.call.links.list({ appId, search: 'nadia' });
    expect(links).toMatchObject([{ affiliate: { name: 'Nadia' }, utmMedium: 'affiliate', byHand: true }]);
  });

  test('earns a share of what a customer pays who came by the link, once', async () => {
    await buys('ann', 'nadia');
    await settleCommissions(maya.context, appId);
    await Promise.all([settleCommissions(maya.context, appId), settleCommissions(maya.context, appId)]);
    expect(await of('ann')).toMatchObject([
      { amount: { minor: '300', currency: 'USD' }, base: { minor: '1200' }, by: 'link', state: 'earned', percent: 25 },
    ]);
    expect(await due()).toMatchObject({ clicks: 1, visits: 1, signups: 1, customers: 1 });
    expect((await due()).amounts).toEqual([{ currency: 'USD', due: '300', flagged: '0', paid: '0' }]);
  });

  test('earns nothing from those who came otherwise', async () => {
    await buys('bob', 'launch1');
    expect(await of('bob')).toEqual([]);
  });

  test('keeps the customer for the months agreed, and not longer', async () => {
    shop.world.clock.forward('30 d');
    await pays('ann', 'pi_ann2');
    shop.world.clock.forward('360 d');
    await pays('ann', 'pi_ann3');
    expect((await of('ann')).map((one) => [one.amount.minor, one.by])).toEqual([
      ['300', 'link'],
      ['300', 'customer'],
    ]);
  });

  test('earns by a code that the app tells of with the signup, or that stands with the payment', async () => {
    await buys('cy', 'launch1', { affiliate: 'Nadia' });
    expect(await of('cy')).toMatchObject([{ by: 'code', amount: { minor: '300' } }]);
    await buys('dee', 'launch1');
    shop.world.clock.forward('1 h');
    await pays('dee', 'pi_dee2', { metadata: { fanfare_affiliate: 'nadia' } });
    expect(await of('dee')).toMatchObject([{ by: 'code', amount: { minor: '300' } }]);
  });
});

describe('what goes back', () => {
  test('is taken off in part, and reversed as a whole', async () => {
    await buys('eve', 'nadia');
    await shop.tell('refund.created', shop.refund('pi_eve', 400));
    await shop.settle();
    await settleCommissions(maya.context, appId);
    expect(await amounts('eve')).toEqual([['200', 'earned']]);
    await shop.tell('refund.created', shop.refund('pi_eve', 800));
    await shop.settle();
    await settleCommissions(maya.context, appId);
    expect(await amounts('eve')).toEqual([['0', 'reversed']]);
  });

  test('after it was paid out stands as an entry below zero, and is set off', async () => {
    await buys('fay', 'nadia');
    const before = BigInt((await due()).amounts[0]!.due);
    const { paid } = await maya.call.commissions.markPaid({
      affiliateId: nadia.id,
      currency: 'USD',
      note: 'Bank, November',
    });
    expect(paid).toEqual({ minor: String(before), currency: 'USD' });
    expect((await due()).amounts[0]).toMatchObject({ due: '0', paid: String(before) });
    await expect(maya.call.commissions.markPaid({ affiliateId: nadia.id, currency: 'USD' })).rejects.toMatchObject({
      data: { reason: 'nothing_due' },
    });
    expect((await due()).amounts[0]).toMatchObject({ due: '0', paid: String(before) });

    shop.world.clock.forward('1 h');
    await shop.tell('refund.created', shop.refund('pi_fay', 1200));
    await shop.settle();
    await settleCommissions(maya.context, appId);
    await settleCommissions(maya.context, appId);
    expect(await amounts('fay')).toEqual([
      ['300', 'paid'],
      ['-300', 'earned'],
    ]);
    expect((await due()).amounts[0]).toMatchObject({ due: '-300' });
    await buys('gil', 'nadia');
    await buys('hal', 'nadia');
    expect((await maya.call.commissions.markPaid({ affiliateId: nadia.id, currency: 'USD' })).paid.minor).toBe('300');
  });
});

describe('what is held or stops', () => {
  test('a payment of the affiliate’s own address is held until it is released', async () => {
    const ff = await shop.visit(`${CHROME} own`, 'nadia');
    shop.world.clock.forward('5 min');
    await maya.call.events.send({
      appId,
      events: [{ kind: 'signup', person: 'nadia-herself', email: 'Nadia@Example.com', ff }],
    });
    await pays('nadia-herself', 'pi_own');
    expect(await of('nadia-herself')).toMatchObject([{ state: 'flagged', selfReferral: true }]);
    await expect(maya.call.commissions.markPaid({ affiliateId: nadia.id, currency: 'USD' })).rejects.toMatchObject({
      data: { reason: 'nothing_due' },
    });
    const [held] = await of('nadia-herself');
    await maya.call.commissions.release({ commissionId: held!.id });
    await settleCommissions(maya.context, appId);
    expect(await amounts('nadia-herself')).toEqual([['300', 'earned']]);
  });

  test('paused, nothing is written down until it goes on; ended, no later payment counts', async () => {
    await maya.call.affiliates.update({ affiliateId: nadia.id, status: 'paused' });
    await buys('ida', 'nadia');
    expect(await of('ida')).toEqual([]);
    await maya.call.affiliates.update({ affiliateId: nadia.id, status: 'active' });
    await settleCommissions(maya.context, appId);
    expect(await amounts('ida')).toEqual([['300', 'earned']]);
    await maya.call.affiliates.update({ affiliateId: nadia.id, status: 'ended' });
    shop.world.clock.forward('1 d');
    await pays('ida', 'pi_ida2');
    expect(await amounts('ida')).toEqual([['300', 'earned']]);
  });

  test('another rule counts for what is not written down yet', async () => {
    await maya.call.affiliates.update({
      affiliateId: nadia.id,
      status: 'active',
      rule: { fixed: { minor: '500', currency: 'EUR' } },
    });
    await buys('jo', 'nadia');
    expect(await of('jo')).toMatchObject([{ amount: { minor: '500', currency: 'EUR' }, percent: null }]);
    expect(await amounts('ann')).toEqual([
      ['300', 'paid'],
      ['300', 'paid'],
    ]);
  });
});

test('the table can be taken along, without formulas in it', async () => {
  const { id } = await maya.call.affiliates.add({
    appId,
    name: '=HYPERLINK("x")',
    code: 'evil',
    rule: { percent: 10 },
  });
  await buys('kim', 'evil');
  const { csv, fileName } = await maya.call.commissions.csv({ appId, affiliateId: id });
  expect(fileName).toMatch(/^commissions-\d{4}-\d\d-\d\d\.csv$/);
  const [head, row] = csv.split('\r\n');
  expect(head).toContain('affiliate,code,email,customer,payment_day');
  expect(row).toContain(`"'=HYPERLINK(""x"")",evil,,kim,`);
  expect(row).toContain(',12.00,USD,1.20,USD,earned,');
  const all = await maya.call.commissions.csv({ appId });
  expect(all.csv).toContain(',-3.00,USD,');
});

test('another workspace finds none of it', async () => {
  const rival = await shop.world.join('Rival');
  const [one] = await commissions();
  await expect(rival.call.affiliates.list({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.commissions.csv({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.commissions.release({ commissionId: one!.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.commissions.markPaid({ affiliateId: nadia.id, currency: 'USD' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

describe('the rule', () => {
  test('is never more than what is left, never below zero, and off by less than one unit', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n }),
        fc.integer({ min: 1, max: 10_000 }),
        (net, hundredths) => {
          const earned = commissionOf({ percent: (hundredths / 100).toFixed(2) }, net);
          expect(earned >= 0n).toBe(true);
          const least = net > 0n ? net : 0n;
          expect(earned <= least).toBe(true);
          if (net <= 0n) return;
          const off = earned * 10_000n - net * BigInt(hundredths);
          expect(off <= 5000n && off >= -5000n).toBe(true);
        },
      ),
    );
    expect(commissionOf({ fixed: '500' }, 1n)).toBe(500n);
    expect(commissionOf({ fixed: '500' }, 0n)).toBe(0n);
  });

  test('counts months by the calendar', () => {
    const first = new Date('2027-01-31T12:00:00Z');
    expect(isWithin(1, first, new Date('2027-02-28T11:59:59Z'))).toBe(true);
    expect(isWithin(1, first, new Date('2027-02-28T12:00:00Z'))).toBe(false);
    expect(isWithin(null, first, new Date('2099-01-01T00:00:00Z'))).toBe(true);
  });
});
