import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { beginConnection, connectSandbox, connectWithKeys, disconnect } from '#src/distribute/accounts/connect.ts';
import { setDeveloperApp, showDeveloperApp } from '#src/distribute/accounts/developer-apps.ts';
import { policy, readAccounts, shownAccount, shownPlatform, showPlatform } from '#src/distribute/accounts/show.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { pause, resume } from '#src/distribute/publications/pauses.ts';
import { done, id, instant, nothing, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';

const one = z.strictObject({ accountId: id });
const platform = z.string().min(1).max(40);
const address = z.url({ protocol: /^https?$/ }).max(500);

const developerApp = z.object({
  platform: z.string(),
  name: z.string(),
  needed: z.boolean(),
  clientId: z.string().nullable(),
  secretIsSet: z.boolean(),
  apiUrl: z.string(),
  authorizeUrl: z.string(),
  /** The callback address to enter at the platform, letter by letter. */
  redirectUri: z.string(),
});

export const accountOperations = {
  list: operation({
    summary: 'List the accounts one can post from.',
    route: 'GET /accounts',
    access: 'read',
    input: z.strictObject({ removed: z.stringbool().or(z.boolean()).default(false) }),
    output: z.object({ accounts: z.array(shownAccount) }),
    run: (context, { removed }) =>
      transaction(context, async (inside) => {
        const accounts = await readAccounts(inside);
        return { accounts: accounts.filter((account) => removed || account.status !== 'removed') };
      }),
  }),
  get: operation({
    summary: 'Show an account with its followers by day.',
    route: 'GET /accounts/{accountId}',
    access: 'read',
    input: one,
    output: shownAccount.extend({
      followers: z.array(z.object({ day: z.string(), followers: z.int().nullable() })),
    }),
    run: (context, { accountId }) =>
      transaction(context, async (inside) => {
        const account = (await readAccounts(inside)).find((row) => row.id === accountId);
        if (!account) throw notFound('account');
        const followers = await inside.tx
          .selectFrom('accountSnapshots')
          .select(['day', 'followers'])
          .where('accountId', '=', accountId)
          .orderBy('day')
          .execute();
        return { ...account, followers };
      }),
  }),
  connect: operation({
    summary: 'Begin to connect an account: gives the address of the platform’s page of consent.',
    route: 'POST /accounts/connect',
    access: 'write',
    input: z.strictObject({
      platform,
      /** On platforms of many servers, the one the account is on: mastodon.social. */
      server: z.string().trim().max(300).optional(),
      returnTo: z.string().max(500).default('/settings/accounts'),
    }),
    output: z.object({ url: z.string() }),
    run: async (context, input) => ({
      url: await beginConnection(context, input.platform, input.returnTo, input.server),
    }),
  }),
  connectWithKeys: operation({
    summary: 'Connect an account with keys copied from the platform (accounts.platforms lists which).',
    route: 'POST /accounts/keys',
    access: 'write',
    role: 'owner',
    input: z.strictObject({ platform, keys: z.record(z.string().max(40), z.string().max(2_000)) }),
    output: z.object({ id, handle: z.string() }),
    run: (context, input) => connectWithKeys(context, input.platform, input.keys),
  }),
  connectSandbox: operation({
    summary: 'Connect an account of the sandbox, a pretend platform to try things on.',
    route: 'POST /accounts/sandbox',
    access: 'write',
    input: z.strictObject({
      handle: z.string().regex(/^@?[A-Za-z0-9_]{1,15}$/, 'A handle has up to 15 letters, digits or underscores.'),
    }),
    output: z.object({ id, handle: z.string() }),
    run: (context, { handle }) => connectSandbox(context, handle),
  }),
  pause: operation({
    summary: 'Hold publishing on one account; its queue waits.',
    route: 'POST /accounts/{accountId}/pause',
    access: 'write',
    input: z.strictObject({ accountId: id, reason: z.string().trim().min(1).max(500), until: instant.optional() }),
    output: done,
    run: (context, input) => transaction(context, async (inside) => ({ done: await pause(inside, input) })),
  }),
  resume: operation({
    summary: 'Go on with publishing on one account.',
    route: 'POST /accounts/{accountId}/resume',
    access: 'write',
    input: one,
    output: done,
    run: (context, { accountId }) =>
      transaction(context, async (inside) => ({ done: await resume(inside, accountId) })),
  }),
  disconnect: operation({
    summary: 'Disconnect an account: its tokens are forgotten; its queue waits in case it is connected again.',
    route: 'DELETE /accounts/{accountId}',
    access: 'destructive',
    input: one,
    output: done,
    run: (context, { accountId }) =>
      transaction(context, async (inside) => {
        await disconnect(inside, accountId);
        return { done: true };
      }),
  }),
  setPolicy: operation({
    summary: 'Set what happens to late posts of an account, and its monthly budget.',
    route: 'PATCH /accounts/{accountId}',
    access: 'write',
    input: z.strictObject({
      accountId: id,
      missedPolicy: policy.optional(),
      missedAfterMinutes: z.int().min(0).max(525_600).optional(),
      /** Millionths of a US dollar in a calendar month (UTC); null = no limit. */
      monthlyBudgetMicros: z.int().min(0).max(1_000_000_000_000).nullable().optional(),
    }),
    output: done,
    run: (context, { accountId, ...changes }) =>
      transaction(context, async (inside) => {
        const before = await accountOf(inside, accountId);
        const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        if (Object.keys(set).length === 0)
          throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
        await inside.tx.updateTable('accounts').set(set).where('id', '=', accountId).execute();
        const was = Object.fromEntries(Object.keys(set).map((key) => [key, before[key as keyof typeof changes]]));
        await audit(inside, { operation: 'accounts.setPolicy', subject: accountId, before: was, after: set });
        return { done: true };
      }),
  }),
  platforms: operation({
    summary: 'List the platforms one can publish to, with their limits.',
    route: 'GET /accounts/platforms',
    access: 'read',
    input: nothing,
    output: z.object({
      platforms: z.array(shownPlatform),
    }),
    run: async ({ platforms }) => ({ platforms: [...platforms.values()].map(showPlatform) }),
  }),
  developerApp: operation({
    summary: 'Show the developer app of a platform and the callback address it needs.',
    route: 'GET /accounts/developer-app',
    access: 'read',
    role: 'owner',
    input: z.strictObject({ platform }),
    output: developerApp,
    run: (context, input) => transaction(context, (inside) => showDeveloperApp(inside, input.platform)),
  }),
  setDeveloperApp: operation({
    summary: 'Set the developer app with which accounts of a platform are connected.',
    route: 'PUT /accounts/developer-app',
    access: 'write',
    role: 'owner',
    input: z.strictObject({
      platform,
      clientId: z.string().trim().min(1).max(300),
      /** Left out: the stored one stays. Null: a public client. */
      clientSecret: z.string().min(1).max(500).nullable().optional(),
      apiUrl: address.nullable().optional(),
      authorizeUrl: address.nullable().optional(),
    }),
    output: developerApp,
    run: (context, input) =>
      transaction(context, async (inside) => {
        await setDeveloperApp(inside, input);
        return showDeveloperApp(inside, input.platform);
      }),
  }),
};
