import { readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityProblems, launchBrowser, overflowsSideways, wear } from '#test/browser.ts';
import { type House, lookInto, openHouse } from './house.ts';
import { sendVisits, weeksOfVisits } from './traffic.ts';

const SITE = 'https://outpost.dev';
const DAY = 86_400_000;

let browser: Browser;
let house: House;
let cookies: string;

beforeAll(async () => {
  [browser, house] = await Promise.all([launchBrowser(), openHouse()]);
  cookies = await house.signUp();
  const maya = await house.owner();
  const { id: appId } = await maya.call.apps.register({ url: SITE, name: 'Outpost' });
  const { publicKey: key } = await maya.call.tracking.get({ appId });
  const now = new Date();
  await sendVisits(house.world, { key, site: SITE }, [
    ...weeksOfVisits(now),
    { at: new Date(now.getTime() - 60_000), pages: ['/live-now'], zone: 'Europe/Paris' },
  ]);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

describe('Analytics', { timeout: 240_000 }, () => {
  test('is narrowed by clicks, ranged, compared, saved and taken away', async () => {
    const { page, complaints, refused } = await open('/analytics');
    await figure(page, 'Daily visitors');
    await stands(page, 'analytics');

    // A click on a row narrows everything, and the address keeps it.
    const all = await shownAs(page, 'Visits');
    await page
      .getByRole('list', { name: 'Countries' })
      .getByRole('button', { name: /Germany/ })
      .click();
    await page.getByRole('button', { name: /Country\s+Germany/ }).waitFor();
    await until(async () => (await shownAs(page, 'Visits')) < all);
    expect(decodeURIComponent(page.url())).toContain('[["country","is","DE"]]');
    await page.reload();
    await page.getByRole('button', { name: /Country\s+Germany/ }).click();
    await until(async () => (await shownAs(page, 'Visits')) === all);

    // A filter that no row offers.
    await page.getByRole('button', { name: 'Filter', exact: true }).click();
    await page.getByLabel('Condition').selectOption('contains');
    await page.getByRole('combobox', { name: 'Values' }).fill('/blog');
    await page.getByRole('button', { name: 'Add filter' }).click();
    await page.getByRole('button', { name: /Page has\s*\/blog/ }).waitFor();
    await until(async () => (await shownAs(page, 'Visits')) < all);
    await page.getByRole('button', { name: /Page has\s*\/blog/ }).click();
    await until(async () => (await shownAs(page, 'Visits')) === all);

    // Another figure is drawn, and the rows follow it.
    await figure(page, 'Signups').click();
    await page.getByText('Signups', { exact: true }).nth(1).waitFor();
    expect(page.url()).toContain('figure=signups');
    await figure(page, 'Daily visitors').click();

    // Any two days, and nothing to compare with.
    const first = new Date(Date.now() - 20 * DAY).toISOString().slice(0, 10);
    const last = new Date(Date.now() - 11 * DAY).toISOString().slice(0, 10);
    await page.getByRole('button', { name: /choose the range/ }).click();
    await page.getByRole('menuitemradio', { name: 'Custom range…' }).click();
    await page.getByLabel('First day').fill(first);
    await page.getByLabel('Last day').fill(last);
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.getByRole('button', { name: 'Show these days' }).click();
    await page.waitForURL(`**range=custom&from=${first}&until=${last}*`);
    await until(async () => (await shownAs(page, 'Visits')) < all);
    await page.getByText('vs before').first().waitFor();
    await page.getByRole('button', { name: /choose the range/ }).click();
    await page.getByRole('menuitemradio', { name: 'Nothing' }).click();
    await page.waitForURL('**compare=none*');
    await until(async () => (await page.getByText('vs before').count()) === 0);

    // Saved, left, and chosen again.
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Save this view' }).click();
    await page.getByLabel('Name').fill('Ten quiet days');
    await page.getByRole('button', { name: 'Save view' }).click();
    await page.getByRole('button', { name: 'Ten quiet days' }).waitFor();
    await page.goto(`${house.url}/analytics`);
    await page.getByRole('button', { name: 'Views', exact: true }).click();
    await page.getByRole('menuitem', { name: 'Ten quiet days' }).click();
    await page.waitForURL(`**from=${first}*`);

    // A note stands on its day.
    await page.getByRole('button', { name: 'Notes' }).click();
    await page.getByLabel('What happened').fill('Raised the price');
    await page.getByLabel('On', { exact: true }).fill(last);
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.getByRole('figure').getByText('Note', { exact: true }).waitFor();

    // Everything can be taken away.
    const [csv] = await Promise.all([page.waitForEvent('download'), takeAway(page, 'Sources', 'CSV')]);
    const text = await readFile(await csv.path(), 'utf8');
    expect(text).toMatch(/^\uFEFFsource,visitors,visits,/);
    expect(text).toContain('Hacker News');
    const [png] = await Promise.all([page.waitForEvent('download'), takeAway(page, 'the chart', 'PNG')]);
    expect((await readFile(await png.path())).subarray(1, 4).toString()).toBe('PNG');
    if (process.env.SHOTS) await png.saveAs(`${process.env.SHOTS}/chart.png`);
    expect([complaints, refused]).toEqual([[], []]);
  });

  test('shows who is there now, an event with its properties, and every row', async () => {
    const { page, complaints, refused } = await open('/analytics');
    await page.getByRole('button', { name: /1 person now/ }).click();
    const live = page.getByRole('dialog', { name: 'Now on the site' });
    await live.getByRole('list', { name: 'Pages now' }).getByText('/live-now').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page
      .getByRole('list', { name: 'Events' })
      .getByRole('button', { name: /export_done/ })
      .click();
    await page.getByRole('list', { name: 'Values of plan' }).getByText('pro').waitFor();
    await page.getByRole('button', { name: 'All events' }).click();
    await page.getByRole('button', { name: 'Browsers' }).click();
    await page
      .getByRole('list', { name: 'Browsers' })
      .getByRole('button', { name: /Firefox/ })
      .focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Enter');
    await page
      .getByRole('group', { name: 'Filters' })
      .getByRole('button', { name: /Browser/ })
      .waitFor();
    await page.getByRole('cell', { name: 'Googlebot' }).waitFor();
    expect([complaints, refused]).toEqual([[], []]);
  });

  test('is shared by a link that shows these figures and nothing else, until it is ended', async () => {
    const { page } = await open('/analytics?range=7d');
    await page.getByRole('button', { name: 'Share', exact: true }).click();
    await page.getByLabel('Name on the page').fill('For the co-founder');
    await page.getByRole('button', { name: 'Create link' }).click();
    const url = await page.getByLabel('read-only link', { exact: true }).inputValue();
    expect(await accessibilityProblems(page)).toEqual([]);

    const stranger = await lookInto(house, browser);
    const asked: string[] = [];
    stranger.page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await stranger.page.goto(url);
    await stranger.page.getByRole('heading', { level: 1, name: 'For the co-founder' }).waitFor();
    await stranger.page.getByText('Shared by Outpost').waitFor();
    await stranger.page.locator('.chart-frame svg').waitFor();
    expect(await stranger.page.getByText('Revenue').count()).toBe(0);
    expect(await stranger.page.locator('meta[name=robots]').getAttribute('content')).toBe('noindex');
    expect(asked.filter((path) => /^\/(rpc|api)/.test(path))).toEqual(['/rpc/views/shared']);
    await stands(stranger.page, 'shared');
    expect([stranger.complaints, stranger.refused]).toEqual([[], []]);

    await page.getByRole('button', { name: /End it/ }).click();
    await page.getByText('The link works no more').waitFor();
    await stranger.page.reload();
    await stranger.page.getByText('This link leads nowhere').waitFor();
  });

  test('asks for the line on the site before there is a visit', async () => {
    const maya = await house.owner();
    await maya.call.apps.register({ url: 'https://papertrail.example', name: 'Papertrail' });
    const { page, complaints } = await open('/analytics');
    await page.getByRole('button', { name: /switch app/ }).click();
    await page.getByRole('menuitem', { name: 'Papertrail' }).click();
    await page.getByText('No visits recorded yet').waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(complaints).toEqual([]);
  });
});

async function open(path: string) {
  const window = await lookInto(house, browser, { cookies });
  await window.page.goto(house.url + path);
  await window.page.getByRole('heading', { level: 1, name: 'Analytics' }).waitFor();
  return window;
}

function figure(page: Page, name: string) {
  return page.getByRole('group', { name: 'Key figures' }).getByRole('button', { name: new RegExp(`^${name}`) });
}

async function shownAs(page: Page, name: string): Promise<number> {
  return Number((await figure(page, name).locator('strong').textContent())?.replaceAll(',', ''));
}

async function takeAway(page: Page, what: string, form: string): Promise<void> {
  await page.getByRole('button', { name: `Download ${what}`, exact: true }).click();
  await page.getByRole('menuitem', { name: `Download ${form}` }).click();
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    if (tries > 100) throw new Error('It did not come true.');
    await new Promise((again) => setTimeout(again, 100));
  }
}

/** By day, by night and on a phone nothing is in the way. */
async function stands(page: Page, where: string): Promise<void> {
  for (const [width, scheme] of [
    [1440, 'light'],
    [1440, 'dark'],
    [390, 'light'],
  ] as const) {
    await page.setViewportSize({ width, height: width === 390 ? 844 : 900 });
    await wear(page, scheme);
    await page.waitForFunction(() => !document.querySelector('.skeleton, [data-stale]'));
    if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/real-${where}-${width}-${scheme}.png` });
    // By night nothing but the colours is another.
    const problems = await accessibilityProblems(page, scheme === 'dark' ? { only: ['color-contrast'] } : {});
    expect([where, width, scheme, problems]).toEqual([where, width, scheme, []]);
    expect([where, width, await overflowsSideways(page)]).toEqual([where, width, false]);
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
