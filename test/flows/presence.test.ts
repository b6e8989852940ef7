import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { launchBrowser } from '#test/browser.ts';
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

test('a target is set beside its figure, changed and taken away; without a day the page says what is missing', async () => {
  await page.goto(`${house.url}/success`);
  await page.getByText('No targets yet.').waitFor();
  await page.getByRole('button', { name: 'Set a target for Signups' }).click();
  const dialog = page.getByRole('dialog', { name: 'Target: Signups' });
  await dialog.getByRole('textbox', { name: 'What it is to come to' }).fill('120');
  await dialog.getByRole('button', { name: 'Save target' }).click();
  const row = page.getByRole('row', { name: /Signups/ });
  await row.getByText('No day set').waitFor();
  await page.getByRole('button', { name: /^120.+change the target for Signups$/ }).click();
  await dialog.getByLabel('By').fill('2099-12-31');
  await dialog.getByRole('button', { name: 'Save target' }).click();
  await row.getByText('0 of the 30 needed in 56 days').waitFor();
  await page.getByRole('button', { name: /^120.+change the target for Signups$/ }).click();
  await dialog.getByRole('button', { name: 'Remove' }).click();
  await page.getByText('No targets yet.').waitFor();
});

test('money is asked for and shown in the currency of the workspace', async () => {
  await page.getByRole('button', { name: 'Set a target for Recurring revenue', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Target: Recurring revenue' });
  await dialog.getByRole('textbox', { name: 'What it is to come to, in USD' }).fill('1234.50');
  await dialog.getByRole('button', { name: 'Save target' }).click();
  await dialog.waitFor({ state: 'detached' });
  const { areas } = await maya.call.success.show({ appId });
  expect(areas.flatMap(({ figures }) => figures).find(({ metric }) => metric === 'mrr')?.target).toBe('123450');
});

test('presence asks for an account first, then shows it and says what it waits for', async () => {
  await page.goto(`${house.url}/presence`);
  await page.getByRole('heading', { name: 'No account is connected yet' }).waitFor();
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
  const { id: postId } = await maya.call.posts.create({
    appId,
    variants: [{ platform: 'sandbox', parts: [{ text: 'A release note that people read.' }] }],
  });
  await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  await until('the post to be out', async () => (await maya.call.posts.get({ postId })).status === 'published');
  await maya.call.metrics.collect({});
  await page.reload();
  await page.getByRole('heading', { name: 'Best posts' }).waitFor();
  await page.getByRole('link', { name: 'A release note that people read.' }).waitFor();
  await page.getByText('0 of 30 posts').waitFor();
  await page.goto(`${house.url}/presence?compared=format`);
  const compared = page.getByRole('table', { name: 'Side by side' });
  await compared.getByText('1 post').waitFor();
  expect(await compared.innerText()).toMatch(/Text\s+1 post/);
  await page.goto(`${house.url}/posts/${postId}`);
  const counted = page.getByRole('region', { name: 'What the platform counted' });
  await counted.getByRole('row', { name: /Profile clicks/ }).waitFor();
  await counted.getByRole('row', { name: /Video views Sandbox does not tell/ }).waitFor();
  expect(complaints).toEqual([]);
});
