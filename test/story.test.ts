import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { ServerType } from '@hono/node-server';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findEmbedded } from '#src/db/embedded.ts';
import { openZip } from '#src/measure/transfers/zip-read.ts';
import { type FakeModel, startFakeModel } from '#test/fakes/model.ts';
import { startFakeX } from '#test/fakes/x/index.ts';
import { Browser, type Fanfare, startFanfare, until } from '#test/fanfare.ts';
import { type Found, filesOf, leaksIn, rowsOf, sealedIn } from '#test/leaks.ts';
import { landingPage, PASSWORD, PUBLIC_URL, steps, type Told as ToldSoFar } from '#test/story/steps.ts';

/**
 * The story of test/story/steps.ts through the real program, twice: straight through, and with the program killed
 * (SIGKILL) after every step. By several processes it is told in test/scale.
 */
type Told = ToldSoFar & {
  fanfare: Fanfare;
  model: FakeModel;
  data: string;
};

/** What a house has besides: a model, a mail server, receivers of alerts and notes, an export. None of it may leak. */
async function furnish({ browser, model, x }: Told): Promise<void> {
  // The account is gone at X: what is said of it to people names no token.
  x.revoke();
  await browser.call('POST', '/metrics/collect', {});
  await browser.call('PUT', '/ai', {
    provider: 'openai-compatible',
    model: 'tiny',
    baseUrl: model.url,
    apiKey: 'sk-of-the-story-0123456789',
  });
  model.program({ say: 'ok' });
  await browser.call('POST', '/ai/test', {});
  model.program({ status: 401, message: 'Incorrect API key provided: sk-of-the-story-0123456789' });
  await browser.call('POST', '/ai/test', {});
  await browser.call('PUT', '/mail', {
    ...{ host: '127.0.0.1', port: 9, encryption: 'starttls', username: 'maya', password: 'mail password of the story' },
    fromAddress: 'maya@example.com',
  });
  await browser.request('POST', '/api/v1/mail/test', {});
  await browser.call('POST', '/alert-targets', { kind: 'webhook', address: 'https://hooks.example.com/alerts' });
  await browser.call('POST', '/webhooks', { url: 'https://hooks.example.com/notes', activities: ['*'] });
  // What is wrong is said without saying again what was sent.
  await browser.request('PUT', '/api/v1/ai', { provider: 'nobody', apiKey: 'sk-of-the-story-0123456789' });
  await browser.request('POST', '/api/auth/sign-in/email', { email: 'nobody@example.com', password: PASSWORD });
}

/** A job is gone when it is done; what it carried is kept aside for the end of the story. */
async function keepPayloads(data: string): Promise<void> {
  const owner = new pg.Client((await findEmbedded(data))?.connection('fanfare_owner') ?? {});
  await owner.connect();
  await owner.query(`
    create schema seen;
    create table seen.payloads (payload json);
    create function seen.keep() returns trigger language plpgsql as $$
      begin insert into seen.payloads values (new.payload); return null; end $$;
    create trigger keep after insert or update on graphile_worker._private_jobs for each row execute function seen.keep()`);
  await owner.end();
}

/** Every text of a finished export. */
async function exported({ browser, data }: Told): Promise<Found[]> {
  const { id } = await browser.call<{ id: string }>('POST', '/exports', {});
  await until(
    'the export',
    async () => (await browser.call<{ state: string }>('GET', `/transfers/${id}`)).state === 'done',
  );
  const { url } = await browser.call<{ url: string }>('POST', `/transfers/${id}/link`, {});
  const path = join(data, 'fetched.zip');
  await writeFile(path, new Uint8Array(await (await fetch(browser.reach(url))).arrayBuffer()));
  const zip = await openZip(path);
  const found: Found[] = [];
  for (const part of zip.parts) found.push({ where: `the export’s ${part.name}`, text: await text(await part.open()) });
  zip.close();
  return found;
}

describe.each([
  ['straight through', false],
  ['with the program killed after every step', true],
])('%s', (_, killed) => {
  const told = {} as Told;
  let site: ServerType;
  let data: string;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'fanfare story '));
    told.data = data;
    told.model = await startFakeModel();
    site = await landingPage();
    const port = (site.address() as { port: number }).port;
    told.appUrl = `http://127.0.0.1:${port}/`;
    told.x = await startFakeX({});
    told.fanfare = await startFanfare({
      data,
      environment: {
        WEB_ALLOW: `127.0.0.1:${port},${new URL(told.model.url).host}`,
        X_API_URL: told.x.app.apiUrl,
        X_AUTHORIZE_URL: told.x.app.authorizeUrl,
        PUBLIC_URL,
      },
    });
    told.browser = new Browser(told.fanfare.url, PUBLIC_URL);
    if (!killed) await keepPayloads(data);
  }, 90_000);

  afterAll(async () => {
    await told.fanfare?.stop();
    await told.x?.close();
    await told.model?.close();
    site?.close();
    await rm(data, { recursive: true, force: true });
  });

  let broken = false;
  for (const step of steps)
    test(step.name, { timeout: 90_000 }, async (test) => {
      if (broken) test.skip('an earlier step failed');
      broken = true;
      await step.run(told);
      if (killed) {
        await told.fanfare.kill();
        await told.fanfare.start();
      }
      broken = false;
    });

  if (!killed)
    test('no token, key, password or cookie stands in a row, a job, the log, an error, an export or a model call', async (test) => {
      if (broken) test.skip('an earlier step failed');
      await furnish(told);
      const { browser, fanfare, model } = told;
      const texts = await exported(told);
      const owner = (await findEmbedded(data))?.connection('fanfare_owner') ?? {};
      const secrets = await sealedIn(owner, data);
      expect(secrets.size).toBeGreaterThan(9);
      secrets.set('the password', PASSWORD);
      secrets.set('the key', told.key);
      for (const cookie of browser.cookieHeader().split('; ')) {
        const [name = '', value = ''] = cookie.split(/=(.*)/s);
        secrets.set(`the cookie ${name}`, decodeURIComponent(value).split('.')[0] ?? '');
      }
      const client = new pg.Client(owner);
      await client.connect();
      texts.push(...(await rowsOf(client)), ...(await filesOf(data)));
      await client.end();
      texts.push({ where: 'the log', text: fanfare.printed() });
      texts.push(...browser.refusals.map((said) => ({ where: 'an error', text: said })));
      texts.push(...model.calls.map(({ body }) => ({ where: 'a model call', text: body })));
      const places = new Set(texts.map(({ where }) => where));
      for (const table of ['seen.payloads', 'audit_log', 'activities', 'notices', 'ai_calls', 'payment_events'])
        expect(places, table).toContain(`a row of ${table}`);
      for (const where of ['an error', 'a model call', 'the log', 'the export’s apps.ndjson'])
        expect(places, where).toContain(where);
      expect(leaksIn(texts, secrets)).toEqual([]);
      // The search does find what stands there.
      const slip = { where: 'a slip', text: `{"a": "${Buffer.from(`x${PASSWORD}`).toString('hex')}"}` };
      expect(leaksIn([slip], secrets)).toEqual(['the password in a slip']);
    });
});
