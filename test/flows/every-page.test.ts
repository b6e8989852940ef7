import type { APIResponse, Browser, Page } from 'playwright-core';
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

/** What is worked with by day is held against all rules; then only what a change of colours or of width can break. */
const looks: { name: string; width: number; height: number; scheme: 'light' | 'dark'; only?: string[] }[] = [
  { name: 'by day', width: 1440, height: 900, scheme: 'light' },
  { name: 'in the dark', width: 1440, height: 900, scheme: 'dark', only: ['color-contrast'] },
  {
    name: 'on a phone',
    width: 390,
    height: 844,
    scheme: 'dark',
    only: ['target-size', 'scrollable-region-focusable'],
  },
];

/**
 * Each page is gone to as by a link, and then changed under its reader’s eyes, as when evening comes or a window is made
 * small. Loaded directly each would be the one document that there is; that it is what the server answers is asked of it.
 */
async function problemsOn(visited: string[]): Promise<string[]> {
  const { page, complaints, refused } = await lookInto(house, browser, { cookies });
  const problems: string[] = [];
  await page.goto(house.url);
  await page.getByRole('heading', { level: 1 }).first().waitFor({ state: 'attached' });
  const document = await page.request.get(house.url).then(wordsOf);
  for (const [index, path] of visited.entries()) {
    const direct = await page.request.get(house.url + path);
    if (!direct.ok() || (await wordsOf(direct)) !== document)
      problems.push(`${path}: not the page, ${direct.status()}`);
    await goTo(page, path);
    // To and fro: a page begins as the one before it ended, and every change draws all of it anew.
    for (const { name, width, height, scheme, only } of index % 2 === 0 ? looks : looks.toReversed()) {
      if (page.viewportSize()?.width !== width) await page.setViewportSize({ width, height });
      await wear(page, scheme);
      problems.push(...(await problemsOf(page, `${path} ${name}`, only)));
    }
  }
  return [...problems, ...complaints, ...refused];
}

/** What was answered but for the nonce, which is another each time. */
async function wordsOf(answer: APIResponse): Promise<string> {
  return (await answer.text()).replaceAll(/nonce="[^"]+"/g, '');
}

/** As a link does, without loading the program again: that takes longer than everything that is looked at. */
async function goTo(page: Page, path: string): Promise<void> {
  await page.evaluate(async (path) => {
    const router = window.__TSR_ROUTER__;
    if (!router) throw new Error('The page has no router.');
    if (router.state.location.href === path) return;
    await new Promise<void>((there) => {
      const unsubscribe = router.subscribe('onResolved', ({ toLocation }) => {
        if (toLocation.href !== router.latestLocation.href) return;
        unsubscribe();
        there();
      });
      router.history.push(path);
    });
  }, path);
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
  const { id: audienceId } = await call.audiences.add({
    appId,
    name: 'Night shift',
    sizeSteps: [{ label: 'Developers', factor: 40_000, assumption: 'A survey' }],
  });
  const { id: reportId } = await call.reports.write({ appId, kind: 'quarterly' });
  const { publicKey } = await call.tracking.get({ appId });
  await sendVisits(house.world, { key: publicKey, site: house.site.url }, weeksOfVisits(new Date(), 20));
  await call.keys.create({ name: 'Deploy script', scopes: ['read'] });
  await until('the post to be out', async () => (await call.posts.get({ postId: out })).status === 'published');
  return {
    work: [
      '/',
      '/strategy',
      '/campaigns',
      `/campaigns/${campaignId}`,
      '/compose',
      `/compose/${kept}`,
      '/calendar',
      '/calendar?view=week',
      '/calendar?view=list',
      '/posts',
      '/templates',
      `/posts/${out}`,
      `/posts/${planned}`,
      '/inbox',
      '/inbox?show=advocates',
      '/by-hand',
      '/launch',
      '/insights',
      '/insights?show=looked',
      '/experiments',
      '/competitors',
      '/competitors?show=features',
      '/suggestions',
      '/alerts',
      '/alerts?show=rules',
      '/alerts?show=targets',
      '/reports',
      `/reports/${reportId}`,
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
      '/keywords',
      '/keywords?show=questions',
      '/keywords?show=pages',
      '/knowledge/for-whom',
      '/audiences',
      `/audiences/${audienceId}`,
      '/voice',
      '/voice?from=pages',
      '/app',
      '/app?show=assets',
      '/app?show=pages',
      '/app?show=seo',
      '/flow',
      ...[
        'account',
        'members',
        'accounts',
        'spend',
        'tracking',
        'payments',
        'mail',
        'ai',
        'keys',
        'webhooks',
        'backups',
        'workspace',
        'audit',
        'health',
        'privacy',
        'privacy?show=kept',
        'privacy?show=check',
      ].map((part) => `/settings/${part}`),
      '/reference',
      '/docs',
      '/docs/tracking',
      '/nothing-here',
      '/sign-in',
      '/reset-password',
      '/reset-password#a-link',
      '/join',
    ],
  };
}
