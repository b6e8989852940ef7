import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '#test/browser.ts';
import { configFor, draft } from '#test/connected.ts';
import { startFakeX } from '#test/fakes/x/index.ts';
import { until } from '#test/fanfare.ts';
import { knownApp } from '#test/known-app.ts';
import { day as dayWords, weekday } from '#web/format.ts';
import { lookInto, openHouse, suggestFromNumbers } from './house.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.concurrent('a working day', { timeout: 120_000 }, () => {
  test('a thread is written for an X account that was connected on X’s own page, and scheduled', async () => {
    const x = await startFakeX();
    x.authorizeAs('maker', false);
    const house = await openHouse({ config: configFor(x) });
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      await knownApp(maya);
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });

      await page.goto(`${house.url}/settings/accounts`);
      await page.getByRole('button', { name: 'X with your own app', exact: true }).click();
      await page.getByLabel('Client id').fill(x.app.clientId);
      await page.getByLabel('Client secret').fill(x.app.clientSecret ?? '');
      await page.getByRole('button', { name: 'Save developer app' }).click();
      await page.getByRole('button', { name: 'Connect X' }).click();
      await page.getByRole('heading', { name: 'An app wants to access your X account' }).waitFor();
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('You did not allow the connection. Nothing was stored.').waitFor();
      await page.getByRole('button', { name: 'X with your own app', exact: true }).click();
      await page.getByRole('button', { name: 'Connect X' }).click();
      await page.getByRole('button', { name: 'Authorize app' }).click();
      await page.getByText('@maker is connected').waitFor();
      expect(refused).toEqual([]);

      await page.keyboard.press('c');
      const first = page.getByRole('textbox', { name: /^Post( 1 of \d)?$/ });
      await first.fill('👩‍👩‍👧‍👦');
      await page.getByRole('img', { name: '278 of 280 left' }).waitFor();
      await first.fill('a'.repeat(290));
      await page.getByRole('img', { name: '10 over the limit of 280' }).waitFor();
      await page.getByText('1 post over 280').waitFor();
      const over = page.locator('[data-over]');
      expect(await over.innerText()).toBe('a'.repeat(10));
      expect(await over.evaluate((piece) => getComputedStyle(piece).backgroundColor)).not.toBe('rgba(0, 0, 0, 0)');
      expect(await page.getByRole('button', { name: /^Schedule/ }).isDisabled()).toBe(true);

      await first.fill('Webhooks get lost when a server sleeps:');
      await page.keyboard.press('Alt+Enter');
      await page.keyboard.type('Look here: {{link}}');
      await page.keyboard.press('Alt+Enter');
      await page.keyboard.type('Replays bring them back.');
      await page.keyboard.press('Alt+ArrowUp');
      expect(await page.getByRole('textbox', { name: 'Post 2 of 3' }).inputValue()).toBe('Replays bring them back.');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('Post 2 of 3');
      const preview = page.getByRole('region', { name: 'Preview on X' });
      expect(await preview.getByRole('article').allInnerTexts()).toEqual([
        expect.stringContaining('Webhooks get lost'),
        expect.stringContaining('Replays bring them back.'),
        expect.stringContaining('Look here: http'),
      ]);
      await page.getByText('Saved', { exact: true }).waitFor();
      await page.getByText('Link is in the last post').waitFor();
      const postId = new URL(page.url()).searchParams.get('post') ?? '';
      const { accounts } = await maya.call.accounts.list({});
      const price = await maya.call.spend.price({ postId, accountIds: [accounts[0]!.id] });
      expect(price.micros).toBeGreaterThan(0);
      await page.getByText(`$${(price.micros / 1e6).toFixed(2)}`).waitFor();

      const stored = await maya.call.posts.get({ postId });
      expect(stored).toMatchObject({ title: 'Webhooks get lost when a server sleeps' });
      await maya.call.posts.update({ postId, version: stored.version, title: 'Changed by somebody else' });
      await page.getByRole('textbox', { name: 'Post 2 of 3' }).press('End');
      await page.keyboard.type(' Always.');
      await page.getByText('This post was changed elsewhere').waitFor();
      await page.getByText('Your text is still here, but it is not saved.').waitFor();
      await page.getByRole('button', { name: 'Keep mine' }).click();
      await page.getByText('Saved', { exact: true }).waitFor();
      expect(refused.splice(0)).toEqual(['409 /rpc/posts/update']);

      await page.getByRole('button', { name: /^Goes out|Choose a time/ }).click();
      const when = page.getByRole('dialog');
      await when.getByRole('button', { name: 'Next month' }).click();
      await when.getByRole('button', { name: /^15 / }).click();
      await when.getByLabel('Time in UTC').fill('10:30');
      await when.getByRole('button', { name: 'Use this time' }).click();
      await when.waitFor({ state: 'detached' });
      await page.keyboard.press('Control+Enter');
      await page.getByText(/^Goes out \w+ 15 \w+, 10:30$/).waitFor();
      const { posts } = await maya.call.posts.list({ status: 'scheduled' });
      expect(posts).toMatchObject([{ id: postId, threadLength: 3 }]);
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
      await x.close();
    }
  });

  test('posts are moved in the calendar by hand, by keys and by date', async () => {
    const house = await openHouse();
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      await knownApp(maya);
      const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
      const cohort = await draft(maya, ['Cohort chart walkthrough']);
      const changelog = await draft(maya, ['Changelog number thirteen']);
      const month = nextMonth();
      await maya.call.posts.schedule({ postId: changelog, accountIds: [accountId], at: `${month}-16T09:00:00Z` });
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });
      const day = (number: string) => page.getByRole('listitem', { name: weekday(`${month}-${number}`, 'UTC') });
      const card = (at: ReturnType<typeof day>, title: string) => at.getByRole('article').filter({ hasText: title });

      await page.goto(`${house.url}/calendar?day=${month}-10`);
      const tray = page.getByRole('complementary', { name: 'Drafts' });
      await tray.getByRole('article').filter({ hasText: 'Cohort chart' }).dragTo(day('10'));
      await card(day('10'), 'Cohort chart').waitFor();
      await card(day('16'), 'Changelog').getByRole('link').press('Alt+ArrowLeft');
      await card(day('15'), 'Changelog').waitFor();
      await page.getByText(/Changelog number thirteen moved to \w+ 15 \w+, 09:00/).waitFor({ state: 'attached' });
      await until('the focus to follow', () =>
        page.evaluate(() => document.activeElement?.textContent?.includes('Changelog')),
      );
      await page.keyboard.press('Alt+ArrowUp');
      await card(day('08'), 'Changelog').waitFor();

      await card(day('10'), 'Cohort chart').hover();
      await page.getByRole('button', { name: 'Move or change Cohort chart walkthrough' }).click();
      await page.getByRole('menuitem', { name: 'Move to…' }).click();
      const dialog = page.getByRole('dialog', { name: 'Move to' });
      await dialog.getByRole('button', { name: /^12 / }).click();
      await dialog.getByLabel('Time in UTC').fill('15:30');
      await dialog.getByRole('button', { name: 'Move', exact: true }).click();
      await card(day('12'), 'Cohort chart').getByText('15:30').waitFor();
      await until('both to be stored', async () => {
        const { items } = await maya.call.calendar.range({
          appId: (await maya.call.apps.list({})).apps[0]!.id,
          from: `${month}-01T00:00:00Z`,
          to: `${month}-28T00:00:00Z`,
          timeZone: 'UTC',
        });
        const moments = Object.fromEntries(items.map((item) => [item.postId, item.at.toISOString()]));
        return moments[cohort] === `${month}-12T15:30:00.000Z` && moments[changelog] === `${month}-08T09:00:00.000Z`;
      });

      await page.getByRole('button', { name: 'List', exact: true }).click();
      await page.getByRole('heading', { name: new RegExp(`${dayWords(`${month}-12`, 'UTC')}$`) }).waitFor();
      expect(await page.getByRole('article').filter({ hasText: 'Cohort chart' }).isVisible()).toBe(true);

      const phone = await lookInto(house, browser, { cookies, phone: true });
      await phone.page.goto(`${house.url}/calendar?day=${month}-08`);
      await phone.page
        .getByRole('group', { name: 'Days' })
        .getByRole('button', { name: new RegExp(`${dayWords(`${month}-12`, 'UTC')}, 1 post`) })
        .click();
      await phone.page.getByRole('link', { name: /Cohort chart walkthrough/ }).tap();
      await phone.page.getByRole('textbox', { name: 'Post', exact: true }).waitFor();
      expect([...complaints, ...refused, ...phone.complaints, ...phone.refused]).toEqual([]);
    } finally {
      await house.close();
    }
  });

  test('a post goes out with its receipts, and a suggestion taken on revises the strategy', async () => {
    const house = await openHouse();
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      const appId = await knownApp(maya);
      await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
      const { id: strategyId } = await maya.call.strategies.propose({ appId });
      await maya.call.strategies.approve({ strategyId });
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });

      await page.goto(`${house.url}/compose/${await draft(maya, ['Replays are here.', 'They wait for you.'])}`);
      await page.getByRole('button', { name: 'More ways to send, copy or delete' }).click();
      await page.getByRole('menuitem', { name: 'Publish now' }).click();
      await page.getByText(/^Out since /).waitFor();
      await page.locator('summary').getByText('Receipts').click();
      await page.getByText('2 attempts for 2 parts, free.').waitFor();
      expect(await page.getByText('Confirmed', { exact: true }).count()).toBe(2);
      const { posts } = await maya.call.posts.list({ status: 'published' });
      expect(posts).toMatchObject([{ title: 'Replays are here.' }]);

      await suggestFromNumbers(maya, appId);
      await page.goto(`${house.url}/suggestions`);
      const title = 'Post more of what works: educational';
      const point = page.getByRole('button', { name: new RegExp(`^1: ${title}`) });
      const from = await point.boundingBox();
      await page.mouse.move(from!.x + 12, from!.y + 12);
      await page.mouse.down();
      await page.mouse.move(from!.x - 48, from!.y + 12, { steps: 3 });
      await page.mouse.up();
      await page.getByText(/^Your estimate: .*, by /).waitFor();
      await page.getByRole('button', { name: 'Back to the computed one' }).click();
      await page.getByText(/^Your estimate: /).waitFor({ state: 'detached' });
      await page.getByRole('button', { name: `Do it: ${title}` }).click();
      await page.getByText('The strategy was revised: version 2 holds it.').waitFor();
      await page.getByRole('button', { name: /^Taken on/ }).click();
      await page.getByRole('button', { name: `1 ${title}` }).click();
      await page.getByRole('link', { name: 'version 2 of the strategy' }).click();
      await page.getByRole('heading', { name: 'Current strategy' }).waitFor();
      await page.getByText('Version 2', { exact: true }).waitFor();
      await page.getByText('Post more often: educational.').waitFor();
      const { strategy } = await maya.call.strategies.current({ appId });
      expect(strategy).toMatchObject({ version: 2, source: 'suggestion' });
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
    }
  });
});

/** `2026-12`: a whole month that lies ahead, whatever the day is. */
function nextMonth(): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 7);
}
