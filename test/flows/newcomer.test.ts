import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '#test/browser.ts';
import { EMAIL, landingPage, lookInto, openHouse, PASSWORD } from './house.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.concurrent('the first hour', { timeout: 120_000 }, () => {
  test('a newcomer goes from an empty server to a planned post', async () => {
    const house = await openHouse({ site: { '/': await landingPage('analysis-saas.html') } });
    try {
      const { page, complaints, refused } = await lookInto(house, browser, { timezoneId: 'Europe/Lisbon' });
      await page.goto(house.url);

      await page.getByRole('heading', { name: 'Create your account' }).waitFor();
      await page.getByRole('button', { name: 'Create account' }).click();
      await page.getByText('Use 10 characters or more').waitFor();
      await page.getByLabel('Name').fill('Maya Lind');
      await page.getByLabel('E-mail').fill(EMAIL);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByRole('button', { name: 'Create account' }).click();

      await page.getByRole('heading', { name: 'Let’s get your first post out' }).waitFor();
      await page.getByLabel('Address of your app').fill(house.site.url);
      await page.getByRole('button', { name: 'Read it' }).click();
      await page.getByRole('heading', { name: 'Reading your app' }).waitFor();

      await page.getByRole('heading', { name: 'Is this right?' }).waitFor();
      const facts = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: /^Correct: / }) });
      const confirmed = facts.filter({ hasText: 'Patchpay recovers failed Stripe payments' }).first();
      await confirmed.getByText('92% sure').waitFor();
      await confirmed.getByRole('button', { name: /^Confirm: / }).click();
      await confirmed.getByText('Confirmed', { exact: false }).waitFor();
      const made = 'It is made for solo founders.';
      await page.getByRole('button', { name: `Correct: ${made}` }).click();
      await page.getByLabel('Your words').fill('Patchpay is for founders who run a small subscription business.');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Your words', { exact: true }).waitFor();
      await page.getByRole('button', { name: 'Looks right, go on' }).click();

      await page.getByRole('heading', { name: 'Proposed strategy' }).waitFor();
      await page.getByRole('button', { name: 'Approve' }).click();
      await page.getByRole('button', { name: 'Start and write drafts' }).click();

      await page.getByRole('heading', { name: 'Where should it go out' }).waitFor();
      expect(await page.getByRole('heading', { name: 'Drafts for the week' }).isVisible()).toBe(true);
      await page.getByLabel('Handle').fill('mayabuilds');
      await page.getByRole('button', { name: 'Connect sandbox' }).click();
      await page.getByRole('heading', { name: 'Schedule the first post' }).waitFor();
      await page.getByRole('button', { name: 'Schedule', exact: true }).click();
      await page.getByRole('heading', { name: 'Your first post is planned' }).waitFor();

      await page.getByRole('link', { name: 'Go home' }).click();
      const next = page.getByRole('region', { name: 'Going out next' });
      await next.getByRole('link', { name: /\d\d:\d\d/ }).waitFor();

      const { call } = await house.owner();
      expect(await call.workspaces.current({})).toMatchObject({ timeZone: 'Europe/Lisbon' });
      const [app] = (await call.apps.list({})).apps;
      const { groups, counts } = await call.knowledge.list({ appId: app!.id });
      expect(counts).toMatchObject({ confirmed: 1, corrected: 1 });
      const known = groups.flatMap((group) => group.facts);
      expect(known.find((fact) => fact.state === 'corrected')).toMatchObject({
        statement: 'Patchpay is for founders who run a small subscription business.',
      });
      const { posts } = await call.posts.list({ appId: app!.id });
      expect(posts.filter((post) => post.status === 'scheduled')).toHaveLength(1);
      expect(posts.length).toBeGreaterThan(2);
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
    }
  });

  test('an address that cannot be read is refused in words, and the next one may be right', async () => {
    const house = await openHouse({ site: { '/': await landingPage('saas.html') } });
    try {
      const cookies = await house.signUp();
      const { page, complaints } = await lookInto(house, browser, { cookies });
      await page.goto(house.url);
      const address = page.getByLabel('Address of your app');
      const type = async (url: string) => {
        await address.fill(url);
        await page.getByRole('button', { name: 'Read it' }).click();
      };
      await type('');
      await page.getByText('Type the address of your app’s page').waitFor();
      await type('nonsense with spaces');
      const trouble = page.getByRole('alert');
      await trouble.getByText('holds spaces, so it is not one address').waitFor();
      await type('http://10.0.0.1/');
      await trouble.getByText('10.0.0.1 leads to a private network, and pages there are not read').waitFor();
      await type(`${house.site.url}/gone`);
      await trouble.getByText('/gone does not exist. Check the spelling of the address (HTTP 404)').waitFor();
      await page.getByRole('button', { name: 'Use another address' }).click();
      await type(house.site.url);
      await page.getByRole('heading', { name: 'Is this right?' }).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await house.close();
    }
  });
});
