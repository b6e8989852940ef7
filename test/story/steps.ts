import { readFileSync } from 'node:fs';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { expect } from 'vitest';
import { paidSubscription } from '#test/fakes/stripe.ts';
import type { FakeX } from '#test/fakes/x/index.ts';
import { type Browser, until } from '#test/fanfare.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
/** The address under which it believes to be reached, as behind a proxy. */
export const PUBLIC_URL = 'https://fanfare.example.com';
export const PASSWORD = 'correct horse battery';

/** What the story has come to so far. */
export type Told = {
  browser: Browser;
  x: FakeX;
  appUrl: string;
  appId: string;
  accountId: string;
  postId: string;
  link: string;
  clickId: string;
  key: string;
  webhook: string;
  arrived: string;
};

/** The product's main job on real input: from an app's URL to a published post and the money it made. */
export const steps: readonly { name: string; run(told: Told): Promise<void> }[] = [
  {
    name: 'the owner makes their account',
    async run({ browser }) {
      expect(await browser.call('GET', '/setup')).toMatchObject({ ownerExists: false });
      const answer = await browser.request('POST', '/api/auth/sign-up/email', {
        name: 'Maya Lind',
        email: 'maya@example.com',
        password: PASSWORD,
      });
      expect(answer.status).toBe(200);
      // The session travels in a cookie that scripts cannot read, and nowhere else.
      expect(await answer.text()).not.toContain('token');
      expect(await browser.call('GET', '/setup')).toMatchObject({ ownerExists: true });
    },
  },
  {
    name: 'they type their app’s URL',
    async run(told) {
      told.appId = (await told.browser.call<{ id: string }>('POST', '/apps', { url: told.appUrl })).id;
    },
  },
  {
    name: 'the app is read: facts with quote, page and confidence',
    async run({ browser, appId }) {
      const analysis = await until('the reading to end', async () => {
        const latest = await browser.call<{ analysis: Analysis | null }>('GET', `/apps/${appId}/analyses/latest`);
        return latest.analysis?.state === 'done' || latest.analysis?.state === 'failed' ? latest.analysis : null;
      });
      expect(analysis).toMatchObject({ state: 'done', method: 'built_in' });
      expect(analysis.steps.every((step) => step.state === 'done' || step.state === 'skipped')).toBe(true);
      const { groups } = await browser.call<{ groups: { kind: string; facts: Fact[] }[] }>(
        'GET',
        `/apps/${appId}/facts`,
      );
      const facts = groups.flatMap((group) => group.facts);
      expect(facts.length).toBeGreaterThan(8);
      for (const fact of facts) {
        expect(fact.evidence[0]?.quote.length).toBeGreaterThan(0);
        expect(fact.confidence).toBeGreaterThan(0);
      }
    },
  },
  {
    name: 'a strategy is proposed and approved',
    async run({ browser, appId }) {
      const proposed = await until('a proposed strategy', async () => {
        const { strategies } = await browser.call<{ strategies: { id: string; state: string }[] }>(
          'GET',
          `/apps/${appId}/strategies`,
        );
        return strategies.find((one) => one.state === 'proposed');
      });
      await browser.call('POST', `/strategies/${proposed.id}/approve`, {});
    },
  },
  {
    name: 'a campaign is proposed and started, and its first week drafted',
    async run(told) {
      const { browser, appId } = told;
      const campaign = await until('a proposed campaign', async () => {
        const { campaigns } = await browser.call<{ campaigns: { id: string; status: string }[] }>(
          'GET',
          `/campaigns?appId=${appId}`,
        );
        return campaigns[0];
      });
      await browser.call('POST', `/campaigns/${campaign.id}/start`, {});
      const drafts = await until('drafts for the week', async () => {
        const { posts } = await browser.call<{ posts: { id: string }[] }>('GET', `/posts?appId=${appId}`);
        return posts.length >= 3 ? posts : null;
      });
      told.postId = drafts[0]!.id;
      const post = await browser.call<Post>('GET', `/posts/${told.postId}`);
      expect(post.variants[0]!.parts.flatMap((part) => part.claims).every((claim) => claim.fact?.quote)).toBe(true);
    },
  },
  {
    name: 'they edit one as a thread, and see its price',
    async run({ browser, postId }) {
      const post = await browser.call<Post>('GET', `/posts/${postId}`);
      const parts = [
        { text: 'I read 40 changelogs 👩‍👩‍👧‍👦 so you do not have to.' },
        { text: 'What the good ones share: {{link}}' },
      ];
      await browser.call('PATCH', `/posts/${postId}`, { version: post.version, variants: [{ platform: 'x', parts }] });
      const edited = await browser.call<Post>('GET', `/posts/${postId}`);
      // The family counts as two, the tracked link as 23.
      expect(edited.variants[0]!.parts.map((part) => part.length)).toEqual([46, 49]);
      await expect(browser.call('PATCH', `/posts/${postId}`, { version: post.version, title: 'Late' })).rejects.toThrow(
        'post_changed',
      );
    },
  },
  {
    name: 'they connect X with their own developer app',
    async run(told) {
      const { browser, x } = told;
      await browser.call('PUT', '/accounts/developer-app', {
        platform: 'x',
        clientId: x.app.clientId,
        clientSecret: x.app.clientSecret,
      });
      const { url } = await browser.call<{ url: string }>('POST', '/accounts/connect', { platform: 'x' });
      const consent = await fetch(url, { redirect: 'manual' });
      const callback = consent.headers.get('location')!;
      const back = await browser.request('GET', callback);
      expect(back.headers.get('location')).toContain('connected=');
      const again = await browser.request('GET', callback);
      expect(again.headers.get('location')).toContain('problem=');
      const { accounts } = await browser.call<{ accounts: { id: string; status: string; handle: string }[] }>(
        'GET',
        '/accounts',
      );
      expect(accounts).toMatchObject([{ status: 'connected', handle: 'maker' }]);
      told.accountId = accounts[0]!.id;
    },
  },
  {
    name: 'they schedule it',
    async run({ browser, postId, accountId }) {
      const price = await browser.call<{ micros: number }>('POST', '/spend/price', { postId, accountIds: [accountId] });
      expect(JSON.stringify(price)).toContain('215000');
      const at = new Date(Date.now() + 2000).toISOString();
      await browser.call('POST', `/posts/${postId}/schedule`, { accountIds: [accountId], at });
    },
  },
  {
    name: 'it goes out on time, once, as a thread with its tracked link',
    async run(told) {
      const { browser, x, postId } = told;
      await until(
        'the post to be published',
        async () => (await browser.call<Post>('GET', `/posts/${postId}`)).status === 'published',
        80,
      );
      const out = x.posts();
      expect(out).toHaveLength(2);
      const [first, second] = [...out].sort((a, b) => (a.id < b.id ? -1 : 1));
      expect(first!.text).toContain('I read 40 changelogs');
      expect(second!.replyTo).toBe(first!.id);
      told.link = /https?:\/\/\S+\/l\/\w+/.exec(second!.text)![0];
      expect(x.contractProblems).toEqual([]);
    },
  },
  {
    name: 'the site has the tracker, the server a key, the shop a webhook',
    async run(told) {
      const { browser, appId } = told;
      const { key } = await browser.call<{ key: string }>('POST', '/keys', { name: 'shop', scopes: ['events'] });
      told.key = key;
      const source = await browser.call<{ webhookUrl: string }>('POST', '/payment-sources', {
        appId,
        provider: 'stripe',
        signingSecret: 'whsec_story',
      });
      told.webhook = source.webhookUrl;
      const script = await fetch(told.browser.reach(`${PUBLIC_URL}/t.js`));
      expect(script.headers.get('content-type')).toContain('javascript');
    },
  },
  {
    name: 'someone clicks the link and visits the site',
    async run(told) {
      const { browser, appId } = told;
      const click = await fetch(browser.reach(told.link), {
        redirect: 'manual',
        headers: { 'user-agent': FIREFOX, referer: 'https://t.co/' },
      });
      expect(click.status).toBe(302);
      told.arrived = click.headers.get('location')!;
      told.clickId = new URL(told.arrived).searchParams.get('ff')!;
      const { publicKey } = await browser.call<{ publicKey: string }>('GET', `/apps/${appId}/tracking`);
      const event = {
        app: publicKey,
        id: crypto.randomUUID(),
        kind: 'pageview',
        url: told.arrived,
        referrer: 'https://t.co/',
        props: {},
      };
      for (const _ of [1, 2]) {
        const answer = await fetch(told.browser.reach(`${PUBLIC_URL}/e`), {
          method: 'POST',
          headers: { 'user-agent': FIREFOX, 'content-type': 'text/plain' },
          body: JSON.stringify(event),
        });
        expect(answer.status).toBe(202);
      }
    },
  },
  {
    name: 'they sign up',
    async run({ browser, appId, key, clickId }) {
      const event = { id: crypto.randomUUID(), kind: 'signup', person: 'u_1', ff: clickId };
      for (const stored of [1, 0]) {
        const answer = await fetch(browser.reach(`${PUBLIC_URL}/api/v1/events`), {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ appId, events: [event] }),
        });
        expect(await answer.json()).toMatchObject({ stored });
      }
    },
  },
  {
    name: 'they pay: signed webhooks, twice and out of order; a forged one is refused',
    async run({ webhook, browser }) {
      const events = await paidSubscription({ secret: 'whsec_story', person: 'u_1', amount: 1900, currency: 'usd' });
      const forged = await fetch(browser.reach(webhook), {
        method: 'POST',
        headers: { 'stripe-signature': 't=1,v1=00' },
        body: events[0]!.body,
      });
      expect(forged.status).toBe(400);
      for (const event of [...events].reverse().concat(events)) {
        const answer = await fetch(browser.reach(webhook), {
          method: 'POST',
          headers: { 'stripe-signature': event.signature },
          body: event.body,
        });
        expect(answer.status).toBe(200);
      }
      await until('the money to be attributed', async () => {
        const home = await browser.call<Home>('GET', '/home?range=7d');
        return home.postsThatBroughtPeople.some((post) => post.revenue.minor === '1900');
      });
    },
  },
  {
    name: 'metrics are collected, and Home shows it',
    async run({ browser, x, postId }) {
      for (const post of x.posts()) x.setMetrics(post.id, { impressions: 480, likes: 12 });
      await browser.call('POST', '/metrics/collect', {});
      const home = await browser.call<Home>('GET', '/home?range=7d');
      expect(home.postsThatBroughtPeople).toMatchObject([
        { postId, impressions: 960, visits: 1, signups: 1, customers: 1, revenue: { minor: '1900', currency: 'USD' } },
      ]);
      expect(home.kpis).toMatchObject({
        visitors: { value: 1 },
        signups: { value: 1 },
        newMrr: { value: 1900 },
        impressions: { value: 960 },
      });
      expect(home.markers).toMatchObject([{ postId }]);
      expect(home.funnel.map((step) => step.value)).toEqual([960, 1, 1, 1]);
    },
  },
  {
    name: 'a suggestion accepted revises the strategy: the loop is closed',
    async run({ browser, appId }) {
      await browser.call('POST', `/apps/${appId}/insights/check`, {});
      const suggestion = await until('something worth doing', async () => {
        const { suggestions } = await browser.call<{ suggestions: { id: string }[] }>(
          'GET',
          `/suggestions?appId=${appId}`,
        );
        return suggestions[0];
      });
      const before = await browser.call<{ strategy: { version: number } }>('GET', `/apps/${appId}/strategy`);
      await browser.call('POST', `/suggestions/${suggestion.id}/accept`, {});
      const after = await browser.call<{ strategy: { version: number } }>('GET', `/apps/${appId}/strategy`);
      expect(after.strategy.version).toBe(before.strategy.version + 1);
    },
  },
];

type Analysis = { state: string; method: string; steps: { name: string; state: string }[] };
type Fact = { confidence: number; evidence: { quote: string }[] };
type Post = {
  status: string;
  version: number;
  variants: { parts: { text: string; length: number; claims: { fact: { quote: string } | null }[] }[] }[];
};
type Home = {
  kpis: Record<string, { value: number }>;
  markers: { postId: string }[];
  funnel: { value: number }[];
  postsThatBroughtPeople: {
    postId: string;
    visits: number;
    signups: number;
    revenue: { minor: string; currency: string };
  }[];
};

/** The app's site. */
export async function landingPage(): Promise<ServerType> {
  const app = new Hono();
  const page = readFileSync('test/pages/saas.html', 'utf8');
  app.get('/', (request) => request.html(page));
  app.notFound((request) => request.html('<h1>Not here</h1>', 404));
  return new Promise((resolve) => {
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(server));
  });
}
