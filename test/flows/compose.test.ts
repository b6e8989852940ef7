import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { accessibilityProblems, launchBrowser, overflowsSideways } from '#test/browser.ts';
import { configFor, connectX } from '#test/connected.ts';
import { startFakeX } from '#test/fakes/x/index.ts';
import { until } from '#test/fanfare.ts';
import { knownApp } from '#test/known-app.ts';
import type { Person } from '#test/world.ts';
import { lookInto, openHouse } from './house.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe('a post for several places', { timeout: 120_000 }, () => {
  test('a thread is marked, moved, given a picture and words of its own for one place, survives a crash and is scheduled', async () => {
    const x = await startFakeX();
    x.authorizeAs('maker');
    const house = await openHouse({ config: configFor(x) });
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      await knownApp(maya);
      await connectX(house, maya, x);
      await onBluesky(maya);
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });
      const post = (place: string) => page.getByRole('textbox', { name: `Post ${place}`, exact: true });
      const texts = () =>
        page
          .locator('.thread textarea')
          .evaluateAll((fields) => fields.map((field) => (field as HTMLTextAreaElement).value));

      await page.goto(`${house.url}/compose`);
      await page.getByRole('button', { name: 'maya.example' }).click();
      await page.getByRole('textbox', { name: 'Post', exact: true }).click();
      await page.keyboard.type('Webhooks get lost.\n---\nReplays bring them back.\n\n\nLook here: {{link}}');
      expect(await texts()).toEqual(['Webhooks get lost.', 'Replays bring them back.', 'Look here: {{link}}']);
      await page.keyboard.press('Control+z');
      await page.keyboard.press('Control+z');
      expect((await texts()).length).toBeLessThan(3);
      await page.keyboard.press('Control+Shift+z');
      await page.keyboard.press('Control+Shift+z');
      expect(await texts()).toEqual(['Webhooks get lost.', 'Replays bring them back.', 'Look here: {{link}}']);

      const grip = (place: string) => page.getByRole('button', { name: `Move Post ${place}`, exact: true });
      await grip('3 of 3').dragTo(page.locator('.part').nth(1), { targetPosition: { x: 100, y: 4 } });
      expect(await texts()).toEqual(['Webhooks get lost.', 'Look here: {{link}}', 'Replays bring them back.']);
      await grip('3 of 3').press('ArrowUp');
      expect(await texts()).toEqual(['Webhooks get lost.', 'Replays bring them back.', 'Look here: {{link}}']);

      await page.getByRole('button', { name: 'Add pictures or a video' }).first().click();
      await page
        .getByLabel('Choose files')
        .setInputFiles({ name: 'chart.png', mimeType: 'image/png', buffer: await picture() });
      await page.getByText('1 image without alt text').waitFor();
      await page.getByRole('button', { name: /describe picture 1/ }).click();
      await page.getByLabel('What it shows, for people who cannot see it').fill('Two lines that cross');
      await page.keyboard.press('Escape');
      await page.getByText('1 image without alt text').waitFor({ state: 'detached' });

      await page.getByRole('group', { name: 'Words for' }).getByRole('button', { name: 'Bluesky' }).click();
      await page.getByText('Inherits from All.').waitFor();
      await post('1 of 3').press('End');
      await page.keyboard.type(' Here too.');
      await page.getByText('Bluesky has its own words.').waitFor();
      await page.getByRole('group', { name: 'Words for' }).getByRole('button', { name: 'All' }).click();
      expect((await texts())[0]).toBe('Webhooks get lost.');
      await page.getByText('Saved', { exact: true }).waitFor();
      const postId = new URL(page.url()).searchParams.get('post') ?? '';
      const stored = await maya.call.posts.get({ postId });
      expect(stored.variants.map(({ platform, parts }) => [platform, parts.map((part) => part.text)])).toEqual([
        ['x', ['Webhooks get lost.', 'Replays bring them back.', 'Look here: {{link}}']],
        ['bluesky', ['Webhooks get lost. Here too.', 'Replays bring them back.', 'Look here: {{link}}']],
      ]);
      expect(stored.variants[0]!.parts[0]!.media).toMatchObject([{ altText: 'Two lines that cross' }]);
      expect(await problemsOf(page)).toEqual([]);

      await page.context().setOffline(true);
      await post('2 of 3').press('End');
      await page.keyboard.type(' Always.');
      await page.close({ runBeforeUnload: false });
      const again = await lookInto(house, browser, { cookies, storageState: await page.context().storageState() });
      await again.page.goto(`${house.url}/compose/${postId}`);
      await again.page.getByText('Restored what you had not saved').waitFor();
      expect(await again.page.getByRole('textbox', { name: 'Post 2 of 3' }).inputValue()).toBe(
        'Replays bring them back. Always.',
      );
      await again.page.getByRole('button', { name: 'Keep it' }).click();
      await again.page.getByText('Saved', { exact: true }).waitFor();

      await again.page.getByRole('button', { name: /^Goes out|Choose a time/ }).click();
      const when = again.page.getByRole('dialog');
      await when.getByRole('button', { name: 'Next month' }).click();
      await when.getByRole('button', { name: /^15 / }).click();
      await when.getByRole('button', { name: 'Use this time' }).click();
      await when.waitFor({ state: 'detached' });
      await again.page.keyboard.press('Control+Enter');
      await until('both accounts to have it', async () => {
        const { publications } = await maya.call.posts.get({ postId });
        return publications.length === 2;
      });
      expect([...complaints, ...refused, ...again.complaints, ...again.refused]).toEqual([]);
    } finally {
      await house.close();
      await x.close();
    }
  });

  test('a template is filled from knowledge, a long text is split, and a link is posted by hand where it would cost', async () => {
    const x = await startFakeX();
    x.authorizeAs('maker');
    const house = await openHouse({ config: configFor(x) });
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      await knownApp(maya);
      await connectX(house, maya, x);
      await maya.call.workspaces.update({ needsApproval: true });
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });
      await page.goto(`${house.url}/compose`);
      await page.getByRole('button', { name: 'Start from a template' }).click();
      await page.getByRole('dialog').getByRole('listitem').first().getByRole('button').click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      const first = page.locator('.thread textarea').first();
      expect(await first.inputValue()).not.toBe('');

      await first.fill('Every outage has a story. '.repeat(20).trim());
      await page.getByText('characters too long for X').waitFor();
      await page.getByLabel('Number the parts').check();
      await page.getByRole('button', { name: 'Split smartly' }).click();
      await until('the parts to be numbered', async () => /\(1\/2\)$/.test(await first.inputValue()));

      await first.fill('See {{cost');
      await page.getByRole('option', { name: /Outpost costs \$19 a month/ }).waitFor();
      await first.press('Enter');
      expect(await first.inputValue()).toBe('See Outpost costs $19 a month.');
      await first.press('End');
      await page.keyboard.type(' https://outpost.dev/pricing');
      await page.getByText('Saved', { exact: true }).waitFor();
      const postId = new URL(page.url()).searchParams.get('post') ?? '';
      const menu = page.getByRole('button', { name: 'More ways to send, copy or delete' });
      await menu.click();
      await page.getByRole('menuitem', { name: 'Send for review' }).click();
      await page.getByText('This post waits for review').waitFor();
      expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'in_review' });
      await menu.click();
      await page.getByRole('menuitem', { name: 'Approve' }).click();
      await until('its approval', async () => (await maya.call.posts.get({ postId })).status === 'approved');

      const cost = page.getByRole('button', { name: /to post$/ });
      await until('the price of a link', async () => Number((await cost.innerText()).match(/[\d.]+/)?.[0]) >= 0.2);
      await cost.click();
      await page.getByRole('button', { name: 'Post by hand instead' }).click();
      await page.getByText('You will be told when it is time to post it by hand.').waitFor();
      const { tasks } = await maya.call.assisted.list({});
      expect(tasks).toMatchObject([{ platform: 'x', text: expect.stringContaining('https://outpost.dev/pricing') }]);
      expect(await page.getByRole('button', { name: '@maker' }).getAttribute('aria-pressed')).toBe('false');

      await page.setViewportSize({ width: 390, height: 844 });
      expect(await problemsOf(page)).toEqual([]);
      expect([...complaints, ...refused]).toEqual([]);
    } finally {
      await house.close();
      await x.close();
    }
  });
});

test('a planned post keeps its time, is moved where it stands, rests and comes again', {
  timeout: 120_000,
}, async () => {
  const house = await openHouse();
  try {
    const cookies = await house.signUp();
    const maya = await house.owner();
    await knownApp(maya);
    await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
    const { page } = await lookInto(house, browser, { cookies });
    const when = page.getByRole('dialog');
    const choose = async (day: string) => {
      await page.getByRole('button', { name: /^Goes out|Choose a time/ }).click();
      if (day === '15') await when.getByRole('button', { name: 'Next month' }).click();
      await when
        .getByRole('button', { name: new RegExp(`^${day} `) })
        .first()
        .click();
      await when.getByLabel(/^Time in/).fill('07:45');
      await when.getByRole('button', { name: 'Use this time' }).click();
      await when.waitFor({ state: 'detached' });
    };
    const field = page.getByRole('textbox', { name: 'Post', exact: true });
    const saved = () => page.getByText('Saved', { exact: true }).waitFor();
    const stored = () => maya.call.posts.get({ postId: new URL(page.url()).searchParams.get('post') ?? '' });
    const says = (text: string) => until(text, async () => (await stored()).variants[0]?.parts[0]?.text === text);

    await page.goto(`${house.url}/compose`);
    await field.fill('Replays are live.');
    await choose('15');
    await saved();
    await page.reload();
    await page.getByRole('button', { name: /^Goes out .* 15 .*07:45/ }).waitFor();
    const { proposedFor } = await stored();

    // The server has it, only its answer is lost: nobody else wrote.
    await page.route('**/rpc/posts/update', async (route) => {
      await route.fetch();
      await route.abort();
    });
    await field.fill('Replays are live today.');
    await page.getByText('This is not saved').waitFor();
    await page.unroute('**/rpc/posts/update');
    await field.fill('Replays are live today. Look.');
    await says('Replays are live today. Look.');
    expect(await page.getByText('changed elsewhere').count()).toBe(0);

    await page.route('**/rpc/posts/update', (route) => route.abort());
    await field.fill('Replays are live today. Have a look.');
    await page.getByText('This is not saved').waitFor();
    await page.goto(`${house.url}/settings/accounts`);
    await page.unroute('**/rpc/posts/update');
    await page.goBack();
    await page.getByText('Restored what you had not saved').waitFor();
    await page.keyboard.press('Control+Enter');
    await page.waitForURL('**/posts/*');
    const postId = page.url().split('/').at(-1)!;
    const planned = () => maya.call.posts.get({ postId });
    expect(await planned()).toMatchObject({
      publications: [{ state: 'scheduled', dueAt: proposedFor }],
      variants: [{ parts: [{ text: 'Replays are live today. Have a look.' }] }],
    });

    await page.goto(`${house.url}/compose/${postId}`);
    await page.getByText('This post is scheduled').waitFor();
    await page.getByText('Posting it again').click();
    await page.getByRole('switch', { name: 'Evergreen' }).click();
    await page.getByLabel('Rests at least, in days').fill('45');
    await until('it to be evergreen', async () => (await planned()).coolDownDays === 45);
    expect(await planned()).toMatchObject({ evergreen: true, status: 'scheduled' });
    await choose('16');
    await page.getByRole('button', { name: 'Reschedule' }).click();
    await page.waitForURL('**/posts/*');
    const { publications } = await planned();
    expect(publications).toHaveLength(1);
    expect(publications[0]!.dueAt.getTime() - proposedFor!.getTime()).toBe(86_400_000);

    await page.goto(`${house.url}/compose/${postId}`);
    await page.getByRole('button', { name: 'Let it come again on set days…' }).click();
    const again = page.getByRole('dialog', { name: 'Let it come again' });
    await again.getByRole('button', { name: 'Let it come again', exact: true }).click();
    await page.getByText('Comes again on set days').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.waitForURL('**/posts/*');
  } finally {
    await house.close();
  }
});

/** An account as if it had been connected: nothing is due here while the test looks. */
function onBluesky({ context }: Person): Promise<unknown> {
  return transaction(context, ({ tx, workspaceId }) =>
    tx
      .insertInto('accounts')
      .values({
        workspaceId,
        platform: 'bluesky',
        platformUserId: 'did:plc:maya',
        serverUrl: 'https://pds.example',
        handle: 'maya.example',
        name: 'Maya Lind',
        status: 'connected',
      })
      .execute(),
  );
}

async function problemsOf(page: Page): Promise<string[]> {
  const found = await accessibilityProblems(page, { exclude: ['.xv'] });
  if (await overflowsSideways(page)) found.push('wider than the screen');
  return found;
}

function picture(): Promise<Buffer> {
  return sharp({ create: { width: 640, height: 360, channels: 3, background: '#3b2f7f' } })
    .png()
    .toBuffer();
}
