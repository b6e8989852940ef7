import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shared } from '#src/context.ts';
import { launchBrowser } from '#test/browser.ts';
import { Browser as Client } from '#test/fanfare.ts';
import { codeOf } from '#test/totp.ts';
import { EMAIL, type House, lookInto, openHouse, PASSWORD } from './house.ts';

let browser: Browser;
let house: House;
/** Of the one who changes how she signs in, and of the one who is left alone by that. */
let cookies: { account: string; members: string };
beforeAll(async () => {
  [browser, house] = await Promise.all([launchBrowser(), openHouse()]);
  const account = await house.signUp();
  const client = new Client(house.url);
  await client.request('POST', '/api/auth/sign-in/email', { email: EMAIL, password: PASSWORD });
  cookies = { account, members: client.cookieHeader() };
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await house?.close();
});

describe.concurrent('whose account it is', { timeout: 120_000 }, () => {
  test('a passkey and a second factor are set up, and each signs in', async () => {
    const { page, complaints, refused } = await lookInto(house, browser, { cookies: cookies.account });
    const key = await authenticator(page);
    await page.goto(`${house.url}/settings/account`);
    await page.getByRole('button', { name: 'Add a passkey' }).click();
    await page.getByLabel('Which device').fill('Laptop');
    await page.getByLabel('Your password').fill('not my password');
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('This is not your password.').waitFor();
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Add passkey' }).click();
    await page.getByText('on one device').waitFor();

    await page.getByRole('button', { name: 'Switch it on' }).click();
    await page.getByLabel('Your password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.getByRole('img', { name: 'QR code for your authenticator app' }).waitFor();
    const secret = await page.getByLabel('key for the app', { exact: true }).inputValue();
    const uri = `otpauth://totp/Fanfare?secret=${secret}`;
    await page.getByLabel('Code that the app shows').fill(codeOf(uri));
    await page.getByRole('button', { name: 'Switch on', exact: true }).click();
    await page.getByRole('dialog', { name: 'Your recovery codes' }).waitFor();
    const codes = await page.locator('.recovery-codes li').allTextContents();
    expect(codes).toHaveLength(10);
    await page.getByRole('button', { name: 'I have put them away' }).click();
    await page.getByRole('button', { name: 'Make new recovery codes' }).waitFor();

    await signOut(page);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('heading', { name: 'Let’s get your first post out' }).waitFor();
    await signOut(page);
    // Without the finger it was registered with it opens nothing.
    await key.verified(false);
    await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
    await page.getByRole('alert').getByText('It was cancelled or took too long').waitFor();

    await page.getByLabel('E-mail').fill(EMAIL);
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
    await page.keyboard.press('Enter');
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').getByText('This code is not right').waitFor();
    await page.getByRole('button', { name: 'I do not have the app at hand' }).click();
    await page.getByLabel('Recovery code').fill(codes[0]!);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Let’s get your first post out' }).waitFor();
    await page.goto(`${house.url}/settings/account`);
    await page.getByText('used ').first().waitFor();
    await page.getByRole('button', { name: 'Remove Laptop' }).click();
    await page.getByRole('button', { name: 'Remove passkey' }).click();
    await page.getByText('There is nothing to type').waitFor();
    expect(complaints).toEqual([]);
    expect(refused).toEqual(['400 /api/auth/passkey/add-options', '401 /api/auth/two-factor/verify-totp']);
  });

  test('somebody is invited, joins, and goes from one workspace to the other', async () => {
    const maya = await lookInto(house, browser, { cookies: cookies.members });
    await maya.page.goto(`${house.url}/settings/members`);
    await maya.page.getByRole('button', { name: 'Invite somebody' }).click();
    await maya.page.getByLabel('E-mail').fill('ada@outpost.example');
    await maya.page.getByRole('button', { name: 'Invite', exact: true }).click();
    const link = await maya.page.getByLabel('invitation link', { exact: true }).inputValue();
    await maya.page.getByRole('button', { name: 'Done' }).click();
    await maya.page.getByText('Editor, invited').waitFor();

    const ada = await lookInto(house, browser);
    await ada.page.goto(link);
    await ada.page.getByRole('heading', { name: 'Join “Maya Lind’s workspace”' }).waitFor();
    await ada.page.getByLabel('Name').fill('Ada Byron');
    await ada.page.getByLabel('Password', { exact: true }).fill('a long password');
    await ada.page.getByRole('button', { name: 'Create account and join' }).click();
    await ada.page.getByRole('heading', { name: 'Let’s get your first post out' }).waitFor();
    expect(ada.page.url()).not.toContain('#');
    await ada.page.goto(`${house.url}/settings/workspace`);
    await ada.page.getByLabel('Name of the new workspace').fill('Ada alone');
    await ada.page.getByRole('button', { name: 'Create workspace' }).click();
    await ada.page.waitForURL(`${house.url}/welcome`);
    await ada.page.goto(`${house.url}/settings/workspace`);
    await ada.page.getByRole('button', { name: /switch app/ }).click();
    await ada.page.getByRole('menuitem', { name: 'Maya Lind’s workspace' }).click();
    await ada.page.waitForURL(`${house.url}/welcome`);
    await ada.page.goto(`${house.url}/settings/workspace`);
    await ada.page.getByLabel('Name', { exact: true }).and(ada.page.locator('[value^="Maya"]')).waitFor();

    await maya.page.reload();
    await maya.page.getByText('ada@outpost.example, since').waitFor();
    await maya.page.getByRole('button', { name: 'Remove Ada Byron' }).click();
    await maya.page.getByRole('button', { name: 'Remove from workspace' }).click();
    await maya.page.getByText('Ada Byron was removed').waitFor();
    await maya.page.goto(link);
    await maya.page.getByRole('heading', { name: 'This invitation is not good any more' }).waitFor();
    expect([...maya.complaints, ...ada.complaints, ...ada.refused]).toEqual([]);
    expect(maya.refused).toEqual(['404 /api/auth/invitation/look']);

    // Out of the last one, too: nothing is left to show but the way to a new one.
    await shared(house.world, (tx) =>
      tx
        .deleteFrom('memberships')
        .where('userId', '=', tx.selectFrom('users').select('id').where('name', '=', 'Ada Byron'))
        .execute(),
    );
    await ada.page.goto(house.url);
    await ada.page.getByRole('heading', { name: 'You belong to no workspace' }).waitFor();
    await ada.page.getByLabel('Name of the new workspace').fill('Ada again');
    await ada.page.getByRole('button', { name: 'Create workspace' }).click();
    await ada.page.getByRole('heading', { name: 'Let’s get your first post out' }).waitFor();
  });
});

async function signOut(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Maya Lind' }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
}

/** A security key that Chromium itself plays, with a fingerprint that is right or not. */
async function authenticator(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return {
    verified: (isUserVerified: boolean) =>
      devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}
