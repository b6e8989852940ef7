import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems, launchBrowser, overflowsSideways } from '#test/browser.ts';
import { until } from '#test/fanfare.ts';
import { type Postbox, startSmtp } from '#test/smtp.ts';
import { EMAIL, type House, lookInto, openHouse } from './house.ts';

let browser: Browser;
let house: House;
let smtp: Postbox;

beforeAll(async () => {
  smtp = await startSmtp();
  [house, browser] = await Promise.all([openHouse({ config: { WEB_ALLOW: [smtp.address] } }), launchBrowser()]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
  await smtp?.close();
});

test('from a mail server to the first subscriber, by the pages alone', { timeout: 120_000 }, async () => {
  const cookies = await house.signUp();
  const owner = await house.owner();
  await owner.call.apps.register({ url: 'https://outpost.example', name: 'Outpost' });
  const { page, complaints } = await lookInto(house, browser, { cookies });

  await page.goto(`${house.url}/settings/mail`);
  await page.getByLabel('Host').fill('127.0.0.1');
  await page.getByLabel('Encryption').selectOption('none');
  await page.getByLabel('Port').fill(String(smtp.port));
  await page.getByLabel('From address').fill('news@outpost.example');
  await page.getByRole('button', { name: 'Save mail server' }).click();
  await page.getByRole('button', { name: 'Send a test mail' }).click();
  await page.getByText(`Look into the inbox of ${EMAIL}.`).waitFor();
  await page.locator('#content').getByText('Works', { exact: true }).waitFor();
  expect(smtp.to(EMAIL)[0]?.mail.subject).toBe('A test from Fanfare');

  await page.goto(`${house.url}/newsletter`);
  await page.getByRole('button', { name: 'New list' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Outpost news');
  await page.getByLabel('From address').fill('news@outpost.example');
  await page.getByLabel('Postal address').fill('Maya Lind, 1 Main Street, Oslo');
  await page.getByRole('button', { name: 'Make list' }).click();
  await page.getByLabel('Address to ask').fill('ada@example.com');
  await page.getByRole('button', { name: 'Ask to join' }).click();
  await page.getByText('Asked', { exact: true }).last().waitFor();
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    expect([await overflowsSideways(page), await accessibilityProblems(page)]).toEqual([false, []]);
  }

  await until('the mail that asks', () => Promise.resolve(smtp.to('ada@example.com').length === 1));
  const link = /https?:\/\/\S+\/letters\/confirm\/\S+/.exec(smtp.to('ada@example.com')[0]?.mail.text ?? '')?.[0] ?? '';
  const reader = await lookInto(house, browser);
  await reader.page.goto(link);
  expect(await accessibilityProblems(reader.page)).toEqual([]);
  await reader.page.getByRole('button', { name: 'Yes, send me the letters' }).click();
  await reader.page.getByText('You are on the list').waitFor();

  await page.setViewportSize({ width: 1440, height: 900 });
  await page.reload();
  await page.getByRole('table', { name: 'Subscribers' }).getByText('Confirmed').waitFor();
  expect([complaints, reader.complaints]).toEqual([[], []]);
});
