import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { accessibilityProblems, launchBrowser, overflowsSideways, wear } from '#test/browser.ts';
import { until } from '#test/fanfare.ts';
import type { Person } from '#test/world.ts';
import { type House, landingPage, lookInto, openHouse } from './house.ts';

let browser: Browser;
let house: House;
let maya: Person;
let page: Page;
let complaints: string[];
let appId: string;

beforeAll(async () => {
  house = await openHouse({ site: { '/': await landingPage('analysis-saas.html') } });
  const cookies = await house.signUp();
  maya = await house.owner();
  browser = await launchBrowser();
  appId = (await maya.call.apps.register({ url: house.site.url })).id;
  ({ page, complaints } = await lookInto(house, browser, { cookies }));
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

const ago = (days: number) => new Date(Date.now() - days * 86_400_000).toISOString();

/** A year of an app with subscribers, each recorded by the app itself. */
async function trade() {
  const price = { minor: '1900', currency: 'USD' };
  for (let index = 0; index < 24; index++) {
    const customer = { person: `user-${index}`, name: `Customer ${index + 1}` };
    const base = { appId, reference: `sub-${index}`, plan: index % 3 === 0 ? 'team' : 'pro', price, customer };
    const began = 350 - index * 14;
    await maya.call.subscriptions.record({ ...base, status: 'active', at: ago(began) });
    await maya.call.payments.record({
      ...{ appId, reference: `pay-${index}`, amount: price, customer, subscription: `sub-${index}` },
      paidAt: ago(began),
    });
    if (index % 4 === 1)
      await maya.call.subscriptions.record({ ...base, quantity: 3, status: 'active', at: ago(began - 10) });
    if (index % 5 === 2) await maya.call.subscriptions.record({ ...base, status: 'canceled', at: ago(began - 12) });
  }
  await maya.call.refunds.record({ appId, reference: 'back-3', payment: 'pay-3', amount: price, refundedAt: ago(300) });
  await maya.call.payments.record({ appId, reference: 'far', amount: { minor: '900', currency: 'XAF' } });
  // The last payment is of today: it waits an hour for who paid to be told.
  await until('the money to be counted and settled', () =>
    transaction(maya.context, async ({ tx }) => {
      const events = tx.selectFrom('paymentEvents').select('id').where('processedAt', 'is', null);
      const open = tx.selectFrom('conversions').select('id').where('attributedAt', 'is', null);
      return (await events.execute()).length === 0 && (await open.execute()).length === 1;
    }),
  );
  await closeDays(maya.context);
}

async function fine(where: string) {
  await page.waitForFunction(() => !document.querySelector('.skeleton'));
  const problems = await accessibilityProblems(page, {});
  if (await overflowsSideways(page)) problems.push('wider than the screen');
  expect(problems.map((problem) => `${where}: ${problem}`)).toEqual([]);
}

describe('the page of revenue', { timeout: 240_000 }, () => {
  test('leads to a provider first, then waits for the first payment by itself', async () => {
    await page.goto(`${house.url}/revenue`);
    await page.getByRole('heading', { name: 'Connect a payment provider' }).waitFor();
    await fine('empty');
    await page.getByRole('link', { name: 'Connect a provider' }).click();
    await page.getByLabel('Payment provider').first().click();
    await page.getByRole('option', { name: 'My own app, by the API' }).click();
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await page.getByText('Have your server send each payment').waitFor();
    await maya.call.paymentSources.create({ appId, provider: 'paddle' });
    await page.getByText('Secret missing').waitFor();
    await fine('settings');
    await page.goto(`${house.url}/revenue`);
    await page.getByText('Waiting for the first payment').waitFor();
  });

  test('shows what recurs, what moved it and by whom, and that the books close', async () => {
    await trade();
    await page.goto(`${house.url}/revenue?range=12m`);
    await page.getByRole('heading', { name: 'Movements' }).waitFor();
    await page.getByText('days close').waitFor();
    await page.getByText('waits for a rate', { exact: false }).first().waitFor();
    await fine('by day');
    const figures = await maya.call.revenue.figures({ appId, range: '12m' });
    expect(BigInt(figures.total.closingMinor)).toBeGreaterThan(0n);
    await page.getByRole('button', { name: 'December', exact: false }).last().click();
    await page.getByRole('dialog').getByText('Customer 1', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await wear(page, 'dark');
    await fine('by night');
    await page.setViewportSize({ width: 390, height: 844 });
    await fine('on a phone');
    await page.setViewportSize({ width: 1440, height: 900 });
    await wear(page, 'light');
  });

  test('has a receipt for each payment, whose address can be sent to somebody', async () => {
    await page.getByRole('button', { name: 'Customer 24' }).click();
    const receipt = page.getByRole('dialog', { name: 'Receipt' });
    await receipt.getByText('payment.recorded').waitFor();
    await receipt.getByText('Unattributed').first().waitFor();
    expect(page.url()).toContain('receipt=');
    await page.reload();
    await receipt.getByText('Left, before fees').waitFor();
    await fine('receipt');
    expect(complaints).toEqual([]);
  });
});
