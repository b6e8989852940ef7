import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { accessibilityProblems, launchBrowser, overflowsSideways, wear } from '#test/browser.ts';
import { draft } from '#test/connected.ts';
import { startFakeModel } from '#test/fakes/model.ts';
import { knownApp } from '#test/known-app.ts';
import type { Person } from '#test/world.ts';
import { lookInto, openHouse } from './house.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe('what a person decides differently', { timeout: 120_000 }, () => {
  test('a claim is linked to its fact, a post taken back, the strategy changed, a campaign begun, what a model writes for it ended', async () => {
    const house = await openHouse();
    const model = await startFakeModel();
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      const appId = await knownApp(maya);
      const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
      const { id: strategyId } = await maya.call.strategies.propose({ appId });
      await maya.call.strategies.approve({ strategyId });
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });

      const postId = await draft(maya, ['Nearly 1,000 teams sleep through outages.']);
      await page.goto(`${house.url}/compose/${postId}`);
      await page.getByRole('button', { name: /has no evidence/ }).click();
      await page.getByRole('button', { name: 'Link a fact' }).click();
      await page.getByLabel('Search your facts').fill('nothing says so');
      await page.getByText('No fact says that.').waitFor();
      await page.getByLabel('Search your facts').fill('900 teams');
      await stands(page);
      await page.getByRole('button', { name: /More than 900 teams use Outpost/ }).click();
      await page.getByRole('button', { name: /, show the evidence$/ }).waitFor();
      const { variants } = await maya.call.posts.get({ postId });
      expect(variants[0]?.parts[0]?.claims).toMatchObject([
        { fact: { statement: 'More than 900 teams use Outpost.' }, unsupportedReason: null },
      ]);

      const at = new Date(Date.now() + 86_400_000).toISOString();
      await maya.call.posts.schedule({ postId, accountIds: [accountId], at });
      await page.goto(`${house.url}/posts/${postId}`);
      await page.getByRole('button', { name: 'More for this post' }).click();
      await page.getByRole('menuitem', { name: 'Return to draft' }).click();
      await page.getByText('What is scheduled of it is taken back.').waitFor();
      await page.getByRole('button', { name: 'Return to draft' }).click();
      await page.getByText('Draft', { exact: true }).waitFor();
      await page.getByRole('link', { name: 'Edit' }).click();
      await page.getByRole('button', { name: 'More ways to send, copy or delete' }).click();
      await page.getByRole('menuitem', { name: 'Withdraw' }).click();
      await page.waitForURL(`**/posts/${postId}`);
      await page.getByRole('main').getByText('Withdrawn', { exact: true }).first().waitFor();
      expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'withdrawn' });

      await page.goto(`${house.url}/strategy`);
      await page.getByRole('button', { name: 'Change by hand' }).click();
      await page.getByRole('textbox', { name: 'Posts a week' }).fill('9');
      await page
        .getByRole('button', { name: /^Remove: / })
        .first()
        .click();
      await page.getByLabel('Addition 1', { exact: true }).fill('Say how long a replay takes');
      await stands(page);
      await page.getByRole('button', { name: 'Save as a new version' }).click();
      await page.getByText('Type why, so that you know it later').waitFor();
      await page.getByRole('textbox', { name: 'Why', exact: true }).fill('Readers ask for it');
      await page.getByRole('button', { name: 'Save as a new version' }).click();
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.getByText('Say how long a replay takes').waitFor();
      const { strategy } = await maya.call.strategies.current({ appId });
      expect(strategy).toMatchObject({ version: 2, source: 'person', postsPerWeek: 9, reason: 'Readers ask for it' });

      await page.getByRole('button', { name: 'New campaign' }).click();
      await page.getByRole('textbox', { name: 'Name' }).fill('Replay week');
      await page.getByLabel('Budget, USD').fill('120');
      await page.getByRole('radio', { name: 'Pink' }).check();
      await stands(page);
      await page.getByRole('button', { name: 'Create campaign' }).click();
      await page.getByRole('heading', { name: 'Replay week', level: 1 }).waitFor();
      const { campaigns } = await maya.call.campaigns.list({ appId });
      expect(campaigns.find((campaign) => campaign.name === 'Replay week')).toMatchObject({
        status: 'draft',
        colour: 4,
        budget: { minor: '12000', currency: 'USD' },
      });

      await maya.call.ai.set({ provider: 'openai-compatible', baseUrl: model.url, model: 'tiny' });
      const text = 'A laptop that sleeps loses its webhooks';
      const unfinished = { pieces: [`{"drafts": [{"parts": ["${text}`], everyMs: 1, hangs: true };
      model.program(unfinished, unfinished);
      await page.getByRole('button', { name: 'Start' }).click();
      await page.getByText(text).waitFor();
      await page.getByRole('button', { name: 'Use templates instead' }).click();
      await page.getByRole('table').getByText('Draft', { exact: true }).first().waitFor();
      await page.goto(`${house.url}/compose`);
      await page.getByRole('button', { name: 'Draft my week' }).click();
      await page.getByText(text).waitFor();
      expect(await accessibilityProblems(page, { exclude: ['.xv'] })).toEqual([]);
      await page.getByRole('button', { name: 'Cancel' }).click();
      await page.getByText('The writing was cancelled. Nothing was kept.').waitFor();
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
      await model.close();
    }
  });

  test('money in another currency is named beside the numbers, and what failed is processed again', async () => {
    const house = await openHouse();
    try {
      const cookies = await house.signUp();
      const maya = await house.owner();
      const appId = await knownApp(maya);
      const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'mayabuilds' });
      await maya.call.posts.publishNow({ postId: await draft(maya, ['Replays are here.']), accountIds: [accountId] });
      const { id: sourceId } = await maya.call.paymentSources.create({ appId, provider: 'stripe' });
      await hear(maya, appId, sourceId);
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });

      await page.goto(house.url);
      await page.getByText('€480 in EUR is not in these numbers.').waitFor();
      await stands(page);
      await page.getByRole('link', { name: 'Show the numbers in EUR' }).click();
      await page.getByRole('combobox', { name: 'Currency' }).fill('EUR');
      await page.getByRole('option', { name: 'EUR' }).click();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Workspace saved').waitFor();
      await page.getByRole('link', { name: 'Home', exact: true }).click();
      await page.getByRole('heading', { name: 'From post to paid' }).waitFor();
      await page.getByText('is not in these numbers').waitFor({ state: 'detached' });

      await page.goto(`${house.url}/settings/payments`);
      await page.getByText('1 event could not be processed').waitFor();
      await stands(page);
      await page.getByRole('button', { name: 'Process again' }).click();
      await page.getByText(/^1 event tried again/).waitFor();

      await page.goto(`${house.url}/posts`);
      await page.getByRole('link', { name: 'Replays are here.' }).click();
      await page.getByRole('button', { name: 'Read the numbers now' }).click();
      await page.getByText(/^Read just now, /).waitFor();
      await stands(page);
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
    }
  });
});

/** By day, by night and on a phone, as it stands just now. */
async function stands(page: Page): Promise<void> {
  const still = { exclude: ['.xv', '.mantine-Notifications-root'] };
  await page.waitForFunction(() => !document.querySelector('.skeleton'));
  const problems = await accessibilityProblems(page, still);
  await wear(page, 'dark');
  problems.push(...(await accessibilityProblems(page, { ...still, only: ['color-contrast'] })));
  await page.setViewportSize({ width: 390, height: 844 });
  problems.push(...(await accessibilityProblems(page, still)));
  if (await overflowsSideways(page)) problems.push('wider than the screen');
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  expect(problems).toEqual([]);
}

/** A payment in euros, and a webhook that could not be read. */
async function hear({ context }: Person, appId: string, paymentSourceId: string): Promise<void> {
  await transaction(context, async ({ tx, workspaceId, clock }) => {
    const now = clock.now();
    await tx
      .insertInto('payments')
      .values({
        workspaceId,
        appId,
        paymentSourceId,
        providerId: 'ch_1',
        amountMinor: '48000',
        currency: 'EUR',
        paidAt: new Date(now.getTime() - 86_400_000),
        describedAt: now,
      })
      .execute();
    await tx
      .insertInto('paymentEvents')
      .values({
        workspaceId,
        paymentSourceId,
        providerEventId: 'evt_1',
        kind: 'charge.succeeded',
        body: '{}',
        processedAt: now,
        outcome: 'failed',
        message: 'It could not be read.',
      })
      .execute();
  });
}
