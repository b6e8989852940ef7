/** A whole Fanfare on a port of its own with everything that works by itself, and a browser's windows to look into it. */
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type ServerType, serve } from '@hono/node-server';
import { Hono } from 'hono';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Config } from '#src/config.ts';
import { shared, transaction } from '#src/context.ts';
import { publishLoop } from '#src/distribute/publications.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { startWorker } from '#src/doors/worker.ts';
import { suggestGrowth } from '#src/grow/suggestions.ts';
import { workspacesOf } from '#src/people/workspaces.ts';
import { Browser as Client } from '#test/fanfare.ts';
import { type Site, startSite } from '#test/site.ts';
import { openTestWorld, type Person, personOf } from '#test/world.ts';
import { buildIfStale } from '#web/build.ts';

export const PASSWORD = 'correct horse battery';
export const EMAIL = 'maya@outpost.example';

export type House = Awaited<ReturnType<typeof openHouse>>;

/** Once per process, however many houses it opens. */
let built: Promise<unknown> | undefined;

/** Opens a house with a site of its own beside it, which it may read. `site` names pages by path. */
export async function openHouse(settings: { site?: Record<string, string>; config?: Partial<Config> } = {}) {
  built ??= buildIfStale();
  await built;
  const site: Site = await startSite(settings.site);
  // The port is needed for the address, the address for the world, and the world for the application.
  let app = new Hono();
  const server: ServerType = serve({ fetch: (...all) => app.fetch(...all), port: 0, hostname: '127.0.0.1' });
  await new Promise((ready) => server.once('listening', ready));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const tested = await openTestWorld({
    config: { PUBLIC_URL: url, WEB_ALLOW: [site.host], ...settings.config },
    overrides: { clock: { now: () => new Date() } },
  });
  const { world } = tested;
  app = httpApp(world);
  const worker = await startWorker(world, tested.owner);
  const ending = new AbortController();
  const publishing = publishLoop(world, ending.signal);
  return {
    url,
    site,
    world,
    /** Signs the owner up as the page would; what `signedIn` in `lookInto` needs. */
    async signUp() {
      const client = new Client(url);
      const answer = await client.request('POST', '/api/auth/sign-up/email', {
        name: 'Maya Lind',
        email: EMAIL,
        password: PASSWORD,
      });
      if (!answer.ok) throw new Error(await answer.text());
      return client.cookieHeader();
    },
    /** The one person here at the doors, for what a test prepares and for what it looks up afterwards. */
    async owner(): Promise<Person> {
      const user = await shared(world, (tx) =>
        tx.selectFrom('users').select(['id', 'name', 'email']).executeTakeFirstOrThrow(),
      );
      const [workspace] = await workspacesOf(world, user.id);
      return personOf(world, user, workspace!.id, 'owner');
    },
    async close() {
      server.close();
      if ('closeAllConnections' in server) server.closeAllConnections();
      ending.abort();
      await publishing;
      await worker.stop();
      await tested.close();
      await site.close();
    },
  };
}

export type Window = {
  page: Page;
  /** What nobody should ever see: errors in the console, pages that broke, requests that got lost or met a fault of ours. */
  complaints: string[];
  /** Calls that were refused, as `409 /api/v1/…`; a test knows which it meant. */
  refused: string[];
};

/** A window of its own, as a visitor or with a session's cookies. */
export async function lookInto(
  house: Pick<House, 'url'>,
  browser: Browser,
  { cookies = '', phone = false, ...options }: BrowserContextOptions & { cookies?: string; phone?: boolean } = {},
): Promise<Window> {
  const size = phone ? { width: 390, height: 844 } : { width: 1440, height: 900 };
  const context = await browser.newContext({
    viewport: size,
    screen: size,
    ...(phone ? { isMobile: true, hasTouch: true } : {}),
    locale: 'en-GB',
    reducedMotion: 'reduce',
    ...options,
  });
  context.setDefaultTimeout(25_000);
  for (const cookie of cookies.split('; ').filter(Boolean)) {
    const [name, value] = cookie.split(/=(.*)/s) as [string, string];
    await context.addCookies([{ name, value, url: house.url }]);
  }
  const page = await context.newPage();
  const complaints: string[] = [];
  const refused: string[] = [];
  const where = () => new URL(page.url()).pathname;
  page.on('pageerror', (error) => complaints.push(`${where()}: ${error.message}`));
  page.on('console', (message) => {
    // A refused call is told by `response` below, with its address.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(`${where()}: ${message.text()}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // What a page had asked for when one left it.
    if (request.url().startsWith(house.url) && reason !== 'net::ERR_ABORTED')
      complaints.push(`${where()}: ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    if (response.status() < 400 || !response.url().startsWith(house.url)) return;
    const line = `${response.status()} ${response.url().slice(house.url.length)}`;
    if (response.status() < 500) refused.push(line);
    else complaints.push(`${where()}: ${line}`);
  });
  return { page, complaints, refused };
}

/** One of the landing pages in test/pages, as it is served. */
export async function landingPage(name: string): Promise<string> {
  return await readFile(join(import.meta.dirname, '..', 'pages', name), 'utf8');
}

/** A finding as months of posts would bring it, and what it suggests: to post more of one kind. */
export async function suggestFromNumbers({ context }: Person, appId: string): Promise<void> {
  const { id } = await transaction(context, ({ tx, workspaceId }) =>
    tx
      .insertInto('insights')
      .values({
        workspaceId,
        appId,
        detector: 'post_kinds',
        subject: 'kind:educational',
        sentence: 'Posts of the kind “educational” bring more.',
        direction: 'up',
        effect: 4,
        effectLow: 3,
        effectHigh: 5,
        sampleBefore: 27,
        sampleAfter: 9,
        dedupe: 'flow',
      })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  await suggestGrowth(context, id);
}
