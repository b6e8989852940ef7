import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { accessibilityProblems, launchBrowser, overflowsSideways } from '#test/browser.ts';
import { draft } from '#test/connected.ts';
import { until } from '#test/fanfare.ts';
import { knownApp } from '#test/known-app.ts';
import { weekday } from '#web/format.ts';
import { addDays, mondayOf } from '#web/zone.ts';
import { lookInto, openHouse } from './house.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

test('a week is filled from a table, moved together and by the queue’s times, and one post comes again', {
  timeout: 120_000,
}, async () => {
  const house = await openHouse();
  try {
    const cookies = await house.signUp();
    const maya = await house.owner();
    await knownApp(maya);
    const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
    await maya.call.slots.add({ accountId, weekdays: [1, 2, 3, 4, 5], atTimes: ['09:00', '15:00'] });
    const monday = addDays(mondayOf(new Date().toISOString().slice(0, 10)), 21);
    const tuesday = addDays(monday, 1);
    const { page, complaints, refused } = await lookInto(house, browser, { cookies });
    const table = (account: string) =>
      ['date,time,account,text', `${monday},09:00,${account},Replays explained`, `${monday},12:00,,A rough idea`].join(
        '\n',
      );
    const give = (csv: string) =>
      page
        .getByLabel('CSV file')
        .setInputFiles({ name: 'week.csv', mimeType: 'text/csv', buffer: Buffer.from(csv, 'utf8') });

    await page.goto(`${house.url}/calendar?view=list&day=${monday}`);
    await page.getByRole('button', { name: 'More for the calendar' }).click();
    await page.getByRole('menuitem', { name: 'Import a table…' }).click();
    await give(table('nobody'));
    await page.getByText('There is no account @nobody. Connected: @mayabuilds (sandbox).').waitFor();
    expect(await page.getByRole('button', { name: 'Import', exact: true }).isDisabled()).toBe(true);
    await give(table('mayabuilds'));
    await page.getByText('2 posts: 1 scheduled, 1 draft.').waitFor();
    expect((await maya.call.posts.list({})).posts).toEqual([]);
    await page.getByRole('button', { name: 'Import 2 posts' }).click();
    await page.getByText('2 posts imported').waitFor();

    await page.getByRole('checkbox', { name: 'Choose Replays explained' }).check();
    await page.getByRole('checkbox', { name: 'Choose A rough idea' }).check();
    await page.getByText('2 posts chosen').waitFor();
    await page.getByRole('button', { name: 'A day later' }).click();
    await page.getByText('2 posts moved').waitFor();
    const moments = async () => {
      const range = { from: `${monday}T00:00:00Z`, to: `${addDays(monday, 7)}T00:00:00Z` };
      const { items } = await maya.call.calendar.range(range);
      return items.map((item) => `${item.day} ${item.time} ${item.title}`);
    };
    expect(await moments()).toEqual([`${tuesday} 09:00 Replays explained`, `${tuesday} 12:00 A rough idea`]);

    await page.goto(`${house.url}/calendar?view=week&day=${monday}`);
    const day = page.getByRole('listitem', { name: weekday(tuesday, 'UTC') });
    const card = day.getByRole('article').filter({ hasText: 'Replays explained' });
    await page.getByText('at 09:00 and 15:00.').waitFor();
    await card.getByRole('link').press('Alt+Shift+ArrowRight');
    await card.getByText('15:00').waitFor();
    await until('it to be stored', async () => (await moments()).includes(`${tuesday} 15:00 Replays explained`));

    await card.hover();
    await page.getByRole('button', { name: 'Move or change Replays explained' }).click();
    await page.getByRole('menuitem', { name: 'Let it come again…' }).click();
    const dialog = page.getByRole('dialog', { name: 'Let it come again' });
    await dialog.getByLabel('Rests at least').fill('7');
    await dialog.getByRole('button', { name: 'Let it come again', exact: true }).click();
    await page.getByText(/\d times in the coming 30 days/).waitFor();
    const { recurrences } = await maya.call.calendar.recurrences({});
    expect(recurrences).toMatchObject([{ weekdays: [2], atTime: '15:00', coolDownDays: 7, state: 'running' }]);
    await page.getByRole('button', { name: 'More for the calendar' }).click();
    await page.getByRole('menuitem', { name: 'What comes again…' }).click();
    await page.getByRole('button', { name: 'Stop Replays explained' }).click();
    await page.getByText('Nothing does yet.').waitFor();
    expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
  } finally {
    await house.close();
  }
});

test('with review on, a post is sent back with a note and approved', { timeout: 120_000 }, async () => {
  const house = await openHouse();
  try {
    const cookies = await house.signUp();
    const maya = await house.owner();
    await knownApp(maya);
    const postId = await draft(maya, ['Every webhook has a history']);
    const { page, complaints, refused } = await lookInto(house, browser, { cookies });
    await page.goto(`${house.url}/settings/workspace`);
    await page.getByRole('switch', { name: 'Review posts before they go out' }).check();
    await page.getByRole('button', { name: 'Save' }).first().click();
    await page.getByText('Workspace saved').waitFor();
    await maya.call.posts.submit({ postId });
    await page.goto(`${house.url}/posts/${postId}`);
    await page.getByLabel('Note to its author').fill('Say how long it is kept.');
    await page.getByRole('button', { name: 'Return to draft' }).click();
    await page.getByText('Returned to its author').waitFor();
    expect(await maya.call.posts.get({ postId })).toMatchObject({
      status: 'draft',
      approvals: [{ decision: 'returned', note: 'Say how long it is kept.' }, { decision: 'submitted' }],
    });
    await maya.call.posts.submit({ postId });
    await maya.call.calendar.move({ postId, to: new Date(Date.now() + 3 * 86_400_000).toISOString() });
    const other = await draft(maya, ['Replays bring it back']);
    await maya.call.calendar.move({ postId: other, to: new Date(Date.now() + 3 * 86_400_000).toISOString() });
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(`${house.url}/calendar`);
    await page.getByRole('article').filter({ hasText: 'Replays bring it back' }).waitFor();
    await page.getByRole('button', { name: 'In review 1' }).click();
    await page.getByRole('article').filter({ hasText: 'Replays bring it back' }).waitFor({ state: 'detached' });
    await page.getByRole('article').filter({ hasText: 'Every webhook has a history' }).waitFor();
    expect(await accessibilityProblems(page)).toEqual([]);
    expect(await overflowsSideways(page)).toBe(false);
    await page.getByRole('button', { name: 'More for the calendar' }).click();
    await page.getByRole('menuitem', { name: 'Import a table…' }).waitFor();
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.goto(`${house.url}/posts/${postId}`);
    await page.getByRole('button', { name: 'Approve', exact: true }).click();
    await until('it to be approved', async () => (await maya.call.posts.get({ postId })).status === 'approved');
    expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
  } finally {
    await house.close();
  }
});
