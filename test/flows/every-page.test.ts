import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityProblems, launchBrowser, overflowsSideways, wear } from '#test/browser.ts';
import { until } from '#test/fanfare.ts';
import type { Person } from '#test/world.ts';
import { type House, landingPage, lookInto, openHouse, suggestFromNumbers } from './house.ts';
import { sendVisits, weeksOfVisits } from './traffic.ts';

let browser: Browser;
let house: House;
let cookies: string;
let paths: Awaited<ReturnType<typeof live>>;

beforeAll(async () => {
  house = await openHouse({ site: { '/': await landingPage('analysis-saas.html') } });
  cookies = await house.signUp();
  [browser, paths] = await Promise.all([launchBrowser(), house.owner().then(live)]);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

describe.concurrent('by day, by night and on a phone, nothing is in the way of anybody', { timeout: 240_000 }, () => {
  test('on the pages one works with', async () => {
    expect(await problemsOn(paths.work)).toEqual([]);
  });

  test('on the pages that measure', async () => {
    expect(await problemsOn(paths.measure)).toEqual([]);
  });

  test('on the pages about it', async () => {
    expect(await problemsOn(paths.about)).toEqual([]);
  });
});

/** Each page is loaded once and then changed under its reader's eyes, as when evening comes or a window is made small. */
async function problemsOn(visited: string[]): Promise<string[]> {
  const { page, complaints, refused } = await lookInto(house, browser, { cookies });
  const problems: string[] = [];
  for (const path of visited) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    await page.goto(house.url + path);
    problems.push(...(await problemsOf(page, path)));
    await wear(page, 'dark');
    problems.push(...(await problemsOf(page, `${path} in the dark`, ['color-contrast'])));
    await page.setViewportSize({ width: 390, height: 844 });
    problems.push(...(await problemsOf(page, `${path} on a phone`, ['target-size', 'scrollable-region-focusable'])));
  }
  return [...problems, ...complaints, ...refused];
}

async function problemsOf(page: Page, where: string, only?: string[]): Promise<string[]> {
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  await page.waitForFunction(() => !document.querySelector('.skeleton'));
  // Colours on their way from one scheme to the other are neither's.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(ending.map((one) => one.finished));
  });
  // The preview wears X's own colours.
  const found = await accessibilityProblems(page, { exclude: ['.xv'], ...(only ? { only } : {}) });
  if (await overflowsSideways(page)) found.push('wider than the screen');
  return [...new Set(found)].map((problem) => `${where}: ${problem}`);
}

/** Some days of work, so that the pages have something to show; returns their paths. */
async function live(maya: Person) {
  const { call } = maya;
  const { id: appId } = await call.apps.register({ url: house.site.url });
  await call.analyses.start({ appId });
  const strategyId = await until('a strategy', async () => {
    const { strategies } = await call.strategies.list({ appId });
    return strategies[0]?.id;
  });
  await call.strategies.approve({ strategyId });
  const campaignId = await until('a campaign', async () => {
    const { campaigns } = await call.campaigns.list({ appId });
    return campaigns[0]?.id;
  });
  await call.campaigns.start({ campaignId });
  const posts = await until('drafts', async () => {
    const { posts } = await call.posts.list({ appId });
    return posts.length > 2 && posts;
  });
  const [out, planned, kept] = posts.map((post) => post.id) as [string, string, string];
  const { id: accountId } = await call.accounts.connectSandbox({ handle: 'mayabuilds' });
  await call.posts.publishNow({ postId: out, accountIds: [accountId] });
  const at = new Date(Date.now() + 86_400_000).toISOString();
  await call.posts.schedule({ postId: planned, accountIds: [accountId], at, evenIfSimilar: true });
  await suggestFromNumbers(maya, appId);
  const { publicKey } = await call.tracking.get({ appId });
  await sendVisits(house.world, { key: publicKey, site: house.site.url }, weeksOfVisits(new Date(), 20));
  await call.keys.create({ name: 'Deploy script', scopes: ['read'] });
  await until('the post to be out', async () => (await call.posts.get({ postId: out })).status === 'published');
  return {
    work: [
      '/',
      '/strategy',
      `/campaigns/${campaignId}`,
      '/compose',
      `/compose/${kept}`,
      '/calendar',
      '/calendar?view=week',
      '/calendar?view=list',
      '/posts',
      `/posts/${out}`,
      `/posts/${planned}`,
      '/inbox',
      '/inbox?show=advocates',
      '/by-hand',
      '/launch',
      '/suggestions',
      '/welcome',
    ],
    measure: [
      '/attribution',
      '/returns',
      '/returns?costs=open',
      '/revenue',
      '/presence',
      '/presence?compared=format&range=7d',
      '/success',
      '/funnels',
      '/funnels?show=journeys',
      '/funnels?show=goals',
      '/cohorts',
      '/cohorts?of=visitors&by=week',
      '/cohorts?of=paying',
      '/customers',
      '/analytics',
      '/analytics?range=7d&by=hour&figure=signups&event=export_done&only=%5B%5B%22country%22%2C%22is%22%2C%22DE%22%5D%5D',
    ],
    about: [
      '/channels',
      '/links',
      '/affiliates',
      '/automations',
      '/newsletter',
      '/knowledge',
      '/knowledge#audiences',
      '/knowledge#voice',
      '/knowledge#pages',
      '/flow',
      ...['accounts', 'spend', 'tracking', 'payments', 'mail', 'ai', 'keys', 'workspace', 'audit'].map(
        (part) => `/settings/${part}`,
      ),
      '/reference',
      '/nothing-here',
      '/sign-in',
    ],
  };
}
