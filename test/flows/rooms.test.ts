import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchBrowser } from '#test/browser.ts';
import { draft } from '#test/connected.ts';
import { knownApp } from '#test/known-app.ts';
import { EMAIL, lookInto, openHouse, PASSWORD } from './house.ts';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser?.close());

describe.concurrent('the house itself', { timeout: 120_000 }, () => {
  test('settings: a key for the API, a model, the zone, and the proof that the log is whole', async () => {
    const house = await openHouse();
    try {
      const cookies = await house.signUp();
      const { call } = await house.owner();
      const { page, complaints, refused } = await lookInto(house, browser, { cookies });

      await page.goto(`${house.url}/settings/keys`);
      await page.getByRole('button', { name: 'Make a key' }).click();
      await page.getByLabel('What it is for').fill('Deploy script');
      await page.getByRole('button', { name: 'Make key' }).click();
      const key = await page.getByLabel('API key', { exact: true }).inputValue();
      await page.getByText('Only its fingerprint is kept, so it is not shown again.').waitFor();
      await page.getByRole('button', { name: 'I have copied it' }).click();
      await page.getByText('Deploy script').waitFor();
      expect(await page.content()).not.toContain(key);
      const asks = () => fetch(`${house.url}/api/v1/workspace`, { headers: { authorization: `Bearer ${key}` } });
      expect((await asks()).status).toBe(200);
      await page.getByRole('button', { name: 'Revoke', exact: true }).click();
      await page.getByRole('button', { name: 'Revoke key' }).click();
      await page.getByText('Revoked', { exact: true }).waitFor();
      expect((await asks()).status).toBe(401);

      await page
        .getByRole('link', { name: 'Model', exact: true })
        .or(page.getByRole('link', { name: /^AI/ }))
        .click();
      await page.getByText('The built-in analysis is at work').waitFor();
      await page.getByLabel('Model', { exact: true }).fill('small-and-quick');
      await page.getByRole('button', { name: 'Save model' }).click();
      await page.getByText('Paste the key from your provider').waitFor();
      await page.getByLabel('Provider').selectOption('openai-compatible');
      await page.getByLabel('Base address').fill('http://127.0.0.1:9/v1');
      await page.getByRole('button', { name: 'Save model' }).click();
      await page.getByText('small-and-quick (OpenAI-compatible)').waitFor();
      expect(await call.ai.show({})).toMatchObject({ source: 'workspace', model: 'small-and-quick', keyIsSet: false });
      await page.getByRole('button', { name: 'Test connection' }).click();
      await page.getByText('It does not work').waitFor();
      await page.getByLabel('Budget a month').fill('5');
      await page.getByLabel('Own posts and plans').uncheck();
      await page.getByRole('button', { name: 'Save limits' }).click();
      await page.getByText('Limits saved').waitFor();
      const limits = { monthlyBudgetMicros: 5_000_000, mayLeave: ['public_pages', 'knowledge'] };
      expect(await call.ai.show({})).toMatchObject(limits);
      await page
        .getByRole('table', { name: /^Calls of/ })
        .getByText('Failed')
        .waitFor();

      await page.getByRole('link', { name: 'Workspace', exact: true }).click();
      await page.getByRole('combobox', { name: 'Time zone' }).fill('Mars/Olympus');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Choose a zone such as Europe/Berlin').waitFor();
      await page.getByRole('combobox', { name: 'Time zone' }).fill('Asia/Tokyo');
      await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await page.getByText('Workspace saved').waitFor();
      expect(await call.workspaces.current({})).toMatchObject({ timeZone: 'Asia/Tokyo' });

      await page.getByRole('link', { name: 'Audit log', exact: true }).click();
      await page.getByRole('cell', { name: 'keys.revoke' }).waitFor();
      await page.getByRole('button', { name: 'Verify' }).click();
      await page.getByText('The log is whole').waitFor();
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
    }
  });

  test('the way in leads back to where one wanted to be, and the keyboard leads everywhere', async () => {
    const house = await openHouse();
    try {
      await house.signUp();
      const maya = await house.owner();
      const appId = await knownApp(maya);
      const postId = await draft(maya, ['What nobody tells you about webhooks']);
      const { page, complaints, refused } = await lookInto(house, browser);

      await page.goto(`${house.url}/posts?status=draft`);
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.getByLabel('E-mail').fill(EMAIL);
      await page.getByLabel('Password', { exact: true }).fill('not my password');
      await page.keyboard.press('Enter');
      await page.getByRole('alert').getByText('Invalid email or password').waitFor();
      expect(refused.splice(0)).toEqual(['401 /api/auth/sign-in/email']);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('link', { name: 'What nobody tells you about webhooks' }).waitFor();
      expect(page.url()).toBe(`${house.url}/posts?status=draft`);

      await page.keyboard.press('Control+k');
      const search = page.getByRole('textbox', { name: 'Search posts, pages and actions' });
      await search.pressSequentially('nobody tells');
      await page.getByRole('button', { name: 'What nobody tells you about webhooks' }).waitFor();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/posts/${postId}`);
      await page.getByRole('heading', { name: 'What nobody tells you about webhooks', level: 1 }).waitFor();

      await search.waitFor({ state: 'detached' });
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('New post').waitFor();
      await page.keyboard.press('Escape');
      await page.getByRole('dialog').waitFor({ state: 'detached' });
      await page.keyboard.press('g');
      await page.keyboard.press('k');
      await page.getByRole('heading', { name: 'Knowledge', level: 1 }).waitFor();

      await page.getByRole('link', { name: 'What it does' }).click();
      const history = (fact: string) => page.getByRole('button', { name: `History: ${fact}` });
      await history('Replays: ').waitFor();
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
      };
      await press('j', 'e');
      await page.getByLabel('Your words').fill('Replays: send any event again.');
      await press('Control+Enter');
      await history('Replays: send any event again.').waitFor();
      await press('h');
      await page.getByText('Corrected by Maya Lind').waitFor();
      await press('Escape');
      await page.getByText('Corrected by Maya Lind').waitFor({ state: 'detached' });
      await press('r');
      await page.getByRole('button', { name: 'Retired 1' }).waitFor();
      await press('e');
      expect(await page.getByLabel('Your words').inputValue()).toMatch(/^Alerts: /);
      await press('Escape');
      const [retired] = (await maya.call.knowledge.list({ appId, state: 'retired' })).groups;
      expect(retired?.facts.map((one) => one.statement)).toEqual(['Replays: send any event again.']);

      await page.keyboard.press('c');
      await page.getByRole('textbox', { name: 'Post', exact: true }).waitFor();

      await page.getByRole('button', { name: 'Maya Lind' }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
      await page.getByRole('heading', { name: 'Sign in' }).waitFor();
      await page.goto(`${house.url}/sign-in?next=https://elsewhere.example/`);
      await page.getByLabel('E-mail').fill(EMAIL);
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Let’s get your first numbers' }).waitFor();
      expect(page.url()).toBe(`${house.url}/`);
      expect({ complaints, refused }).toEqual({ complaints: [], refused: [] });
    } finally {
      await house.close();
    }
  });
});
