import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { accessibilityProblems, launchBrowser, overflowsSideways, wear } from '#test/browser.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { until } from '#test/fanfare.ts';
import type { Person } from '#test/world.ts';
import { type House, lookInto, openHouse } from './house.ts';

let browser: Browser;
let x: FakeX;
let house: House;
let cookies: string;
let maya: Person;
let accountId: string;
beforeAll(async () => {
  browser = await launchBrowser();
});
beforeEach(async () => {
  x = await startFakeX();
  house = await openHouse({ config: configFor(x) });
  cookies = await house.signUp();
  maya = await house.owner();
  await maya.call.apps.register({ url: 'outpost.dev', name: 'Outpost' });
  accountId = await connectX({ world: house.world } as never, maya, x);
}, 60_000);
afterEach(async () => {
  await house?.close();
  await x?.close();
});
afterAll(() => browser?.close());

describe('what comes back, and what goes out by hand', { timeout: 120_000 }, () => {
  test('a reply is read beside the post it is about, and answered from the page', async () => {
    const postId = await draft(maya, ['Outpost replays every webhook your server missed.']);
    await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
    const post = await until('the post on X', async () => x.posts('maker')[0]);
    x.addPost({ username: 'friend', text: '@maker does it sign what it sends again?', replyTo: post.id });
    x.addPost({ username: 'friend', text: 'Moved all our hooks to @maker, no regrets' });
    x.addPost({ username: 'friend', text: 'Look at what @maker built', quoteOf: post.id });
    x.addPost({ username: 'friend', text: '@maker is there a free plan?' });

    const { page, complaints, refused } = await lookInto(house, browser, { cookies });
    await page.goto(`${house.url}/inbox`);
    await page.getByText('Nobody has written yet').waitFor();
    await page.getByRole('button', { name: 'Read now' }).click();
    await page.getByRole('button', { name: /does it sign/ }).click();
    await page.getByRole('heading', { level: 2, name: 'Finn Friend' }).waitFor();
    await page
      .getByRole('region', { name: 'Conversation' })
      .getByRole('list')
      .getByText('Outpost replays every webhook')
      .waitFor();
    await page.getByRole('link', { name: /Inbox 3/ }).waitFor();
    await page.getByLabel('Your answer as @maker').fill('Yes, with the same key as the first time.');
    await page.getByText('X charges for answers').waitFor();
    await stands(page, 'inbox');
    await page.getByRole('button', { name: 'Answer', exact: true }).click();
    await page.getByText('Your answer is out').waitFor();
    expect(x.posts('maker').at(-1)).toMatchObject({ text: 'Yes, with the same key as the first time.' });
    await page.getByRole('button', { name: 'Unanswered' }).click();
    await page.getByRole('button', { name: /free plan/ }).click();
    await page.getByRole('button', { name: 'Answered there' }).click();
    await page.getByText('Answered on X').waitFor();
    await page.getByRole('button', { name: 'Advocates' }).click();
    await page.getByRole('cell', { name: /Finn Friend/ }).waitFor();
    await stands(page, 'advocates');
    expect([complaints, refused, x.contractProblems]).toEqual([[], [], []]);
  });

  test('a post is sent by hand: copied, found on X, and one elsewhere done with its address', async () => {
    const postId = await draft(maya, ['By hand, for free: {{link}}', 'And its second part.']);
    const dueAt = new Date(Date.now() - 60_000).toISOString();
    await maya.call.assisted.fromPost({ postId, platform: 'x', dueAt });
    const { page, complaints, refused } = await lookInto(house, browser, { cookies });
    await page.goto(`${house.url}/by-hand`);
    await page.getByRole('button', { name: 'New by hand' }).click();
    await page.getByRole('textbox', { name: 'Title' }).fill('Show HN: Outpost, webhooks that wait for you');
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill('I built this because {{link}} kept failing.');
    await page.getByRole('button', { name: 'Prepare' }).click();
    await page.getByRole('heading', { name: /^Next/ }).waitFor();
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('link', { name: 'Open Hacker News' }).waitFor();
    await stands(page, 'by-hand');

    const onX = page.getByRole('region', { name: /^Due now/ });
    expect(await onX.getByRole('link', { name: 'Open X' }).getAttribute('href')).toContain('x.com/intent/post?text=');
    await onX.getByRole('button', { name: 'Find it' }).click();
    await page.getByText('It is not there yet.').waitFor();
    const { tasks } = await maya.call.assisted.list({});
    const first = x.addPost({
      username: 'maker',
      text: tasks.find(({ platform }) => platform === 'x')?.parts[0] ?? '',
    });
    x.addPost({ username: 'maker', text: 'And its second part.', replyTo: first.id });
    await onX.getByRole('button', { name: 'Find it' }).click();
    await page.getByText('found by itself').waitFor();

    const address = page.getByLabel('When it is out, its address');
    await address.fill('https://example.com/item?id=1');
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByText('This is not the address of a post on Hacker News.').waitFor();
    await address.fill('https://news.ycombinator.com/item?id=42');
    await page.getByRole('button', { name: 'Done', exact: true }).click();
    await page.getByText('Nothing waits for you').waitFor();
    await stands(page, 'by-hand-done');
    await page.getByRole('link', { name: 'What it earned' }).click();
    await page.waitForURL(`**/posts/${postId}`);
    await page.getByText('Out since').first().waitFor();
    expect(complaints).toEqual([]);
    expect(refused.length).toBe(1);
  });
});

/** By day, by night and on a phone nothing is in the way. */
async function stands(page: Page, where: string): Promise<void> {
  for (const [width, scheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
  ] as const) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await wear(page, scheme);
    // By night nothing but the colours is another.
    const problems = await accessibilityProblems(page, scheme === 'dark' ? { only: ['color-contrast'] } : {});
    expect([where, width, scheme, problems]).toEqual([where, width, scheme, []]);
    expect([where, width, await overflowsSideways(page)]).toEqual([where, width, false]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
