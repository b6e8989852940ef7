import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type House, openHouse, refusal } from '#test/bad-input/house.ts';
import { signed } from '#test/fakes/stripe.ts';

let house: House;
let appId: string;

beforeAll(async () => {
  house = await openHouse();
  appId = (await house.asked<{ id: string }>('POST', '/apps', { url: 'outpost.dev' })).id;
});
afterAll(() => house.close());

const count = async (table: string) =>
  Number((await house.query<{ count: string }>(`select count(*) from ${table}`))[0]?.count);

describe('webhooks of Stripe', () => {
  const secret = 'whsec_a_secret_of_this_test';
  let path: string;
  beforeAll(async () => {
    const wanted = { appId, provider: 'stripe', signingSecret: secret };
    const { webhookUrl } = await house.asked<{ webhookUrl: string }>('POST', '/payment-sources', wanted);
    path = new URL(webhookUrl).pathname;
  });
  const event = (more: object = {}) => ({
    id: `evt_${randomUUID().slice(0, 8)}`,
    object: 'event',
    type: 'customer.created',
    created: Math.floor(house.clock.now().getTime() / 1000),
    livemode: false,
    data: { object: { id: 'cus_1', object: 'customer', description: 'A customer' } },
    ...more,
  });
  const post = (to: string, body: BodyInit, signature?: string) =>
    house.send('POST', to, { as: 'nobody', body, headers: signature ? { 'stripe-signature': signature } : {} });

  test('what is not from Stripe, not fresh or no event is refused in words and not stored', async () => {
    const good = await signed(event(), secret, house.clock.now());
    const forged = await signed(event(), 'whsec_another_secret', house.clock.now());
    const old = await signed(event(), secret, new Date(house.clock.now().getTime() - 6 * 60_000));
    const list = await signed([1, 2], secret, house.clock.now());
    const nameless = await signed({ object: 'event' }, secret, house.clock.now());
    const before = await house.stored();
    const cases: [string, Promise<Response>, number, RegExp][] = [
      ['no signature', post(path, good.body), 400, /no stripe-signature header/],
      ['a forged one', post(path, forged.body, forged.signature), 400, /does not match the body/],
      ['a changed body', post(path, `${good.body} `, good.signature), 400, /does not match the body/],
      ['an unreadable one', post(path, good.body, 'nonsense'), 400, /cannot be read/],
      ['6 minutes old', post(path, old.body, old.signature), 400, /older than 5 minutes/],
      ['an unknown address', post('/hooks/unknown', good.body, good.signature), 404, /No payment source has/],
      ['an address with NUL', post('/hooks/%00', good.body, good.signature), 400, /no address of ours/],
      ['signed, but a list', post(path, list.body, list.signature), 400, /signed but is no/],
      ['signed, but no event', post(path, nameless.body, nameless.signature), 400, /signed but is no/],
      ['6 MB', post(path, 'a'.repeat(6_000_000), good.signature), 413, /at most 5 MB/],
    ];
    for (const [name, sent, status, words] of cases) {
      const answer = await sent;
      expect(answer.status, name).toBe(status);
      expect((await refusal(answer, status)).message, name).toMatch(words);
    }
    expect(await house.stored()).toEqual(before);
  });

  test('the same event again is welcome and counted once', async () => {
    const one = await signed(event(), secret, house.clock.now());
    expect(await (await post(path, one.body, one.signature)).json()).toEqual({ received: true, duplicate: false });
    const again = await signed(JSON.parse(one.body), secret, house.clock.now());
    expect(await (await post(path, again.body, again.signature)).json()).toEqual({ received: true, duplicate: true });
    expect(await count('payment_events')).toBe(1);
  });

  test('a signed event with characters the database does not keep is neither lost nor in the way', async () => {
    const strange = event({
      data: { object: { id: 'cus_2', object: 'customer', description: 'a\u0000b\ud800', email: null } },
    });
    const { body, signature } = await signed(strange, secret, house.clock.now());
    expect(await (await post(path, body, signature)).json()).toEqual({ received: true, duplicate: false });
    await house.drain();
    const rows = await house.query('select outcome, body from payment_events where provider_event_id = $1', [
      strange.id,
    ]);
    expect(rows).toEqual([{ outcome: expect.stringMatching(/^(applied|ignored)$/), body }]);
  });
});

describe('events of browsers', () => {
  let key: string;
  beforeAll(async () => {
    key = (await house.asked<{ publicKey: string }>('GET', `/apps/${appId}/tracking`)).publicKey;
  });
  const send = (body: BodyInit) =>
    house.app.request('/e', {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain', 'user-agent': 'Mozilla/5.0' },
    });
  const event = (more: object = {}) =>
    JSON.stringify({ app: key, id: randomUUID(), kind: 'pageview', url: 'https://outpost.dev/', ...more });
  const stored = async () => `${await count('events')} ${await count('visits')}`;

  test('what cannot be read is refused with the reason, and nothing of it is stored', async () => {
    const before = await stored();
    const bodies: [BodyInit, number, RegExp][] = [
      ['', 400, /cannot be read/],
      ['junk', 400, /cannot be read/],
      ['[[[[', 400, /cannot be read/],
      ['[1]', 400, /cannot be read/],
      [Uint8Array.from([0xff, 0xfe, 0]), 400, /cannot be read/],
      [event({ id: '1' }), 400, /id: This must be an id/],
      [event({ kind: 'k'.repeat(500) }), 400, /kind: This may have at most 64 characters/],
      [event({ width: -1 }), 400, /width: This must be at least 0/],
      [event({ width: 1e9 }), 400, /width: This may be at most/],
      [event({ url: 'javascript:alert(1)' }), 400, /no web address/],
      [
        event({ props: Object.fromEntries(Array.from({ length: 31 }, (_, at) => [`p${at}`, 1])) }),
        400,
        /30 properties/,
      ],
      [event({ app: 'aaaaaaaaaaaaaaaaaaaa' }), 202, /No app has this public key/],
      [event({ url: 'https://evil.example/' }), 202, /this host are not accepted/],
      ['a'.repeat(1_000_000), 413, /at most 64 kB/],
    ];
    for (const [body, status, words] of bodies) {
      const answer = await send(body);
      expect(answer.status, String(body).slice(0, 200)).toBe(status);
      const said = (await answer.json()) as { stored: boolean; message: string };
      expect(said.stored).toBe(false);
      expect(said.message).toMatch(words);
      expect(said.message).not.toMatch(/undefined|Invalid input/);
    }
    for (const method of ['GET', 'PUT', 'DELETE'])
      expect((await refusal(await house.send(method, '/e', { as: 'nobody' }), 405)).message).toMatch(/by POST/);
    expect(await stored()).toBe(before);
  });

  test('one that cannot be read takes no other along', async () => {
    const answers = await Promise.all([event(), event({ props: { a: 'x\u0000\ud800' } }), 'junk', event()].map(send));
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 400, 202]);
    expect(await count('events')).toBe(3);
  });

  test('from a server: too many, too old, twice the same', async () => {
    const before = await count('events');
    const post = (events: object[]) => house.send('POST', '/api/v1/events', { json: { appId, events } });
    const many = Array.from({ length: 1001 }, () => ({ kind: 'signup' }));
    expect((await refusal(await post(many), 400)).message).toMatch(/events: This may have at most 1,000 entries/);
    const id = randomUUID();
    const ago = (days: number) => new Date(house.clock.now().getTime() - days * 86_400_000).toISOString();
    const mixed = await post([
      { kind: 'signup', occurredAt: ago(730) },
      { kind: 'signup', occurredAt: ago(-1) },
      { kind: 'signup', id },
      { kind: 'signup', id },
    ]);
    expect(await mixed.json()).toEqual({
      stored: 1,
      duplicates: 1,
      refused: [
        { index: 0, reason: 'too_old', message: expect.stringMatching(/more than a year back/) },
        { index: 1, reason: 'in_the_future', message: expect.stringMatching(/ahead/) },
      ],
    });
    expect(await count('events')).toBe(before + 1);
  });
});

describe('links', () => {
  test('unknown and ended links say so and count nothing; HEAD is answered and not counted', async () => {
    const soon = new Date(house.clock.now().getTime() + 3_600_000).toISOString();
    const make = (more: object) =>
      house.asked<{ code: string }>('POST', '/links', { appId, destination: 'https://outpost.dev/', ...more });
    const { code } = await make({});
    const { code: ended } = await make({ expiresAt: soon });
    house.clock.forward('2 h');
    const pages: [string, number, RegExp][] = [
      ['unknown', 404, /There is no such link/],
      [ended, 410, /This link has ended/],
      ['a'.repeat(10_000), 404, /There is no such link/],
      ['%ff%fe', 404, /There is no such link/],
      [`${code}%00`, 400, /no address of ours/],
      ["' or 1=1 --", 404, /There is no such link/],
    ];
    for (const [name, status, words] of pages) {
      const answer = await house.app.request(`/l/${name}`);
      expect(answer.status, name.slice(0, 40)).toBe(status);
      expect(await answer.text()).toMatch(words);
    }
    const head = await house.app.request(`/l/${code}`, { method: 'HEAD' });
    expect([head.status, head.headers.get('location')]).toEqual([302, 'https://outpost.dev/']);
    expect(await count('clicks')).toBe(0);
    expect((await house.app.request(`/l/${code}?note=50%`)).status).toBe(302);
    expect(await count('clicks')).toBe(1);
  });
});

describe('addresses', () => {
  test('an unknown address or method is said in words', async () => {
    const cases: [string, string][] = [
      ['GET', '/api/v1/unknown'],
      ['PUT', '/api/v1/apps'],
      ['POST', '/rpc/apps/unknown'],
      ['POST', '/nowhere'],
      ['DELETE', '/'],
      ['POST', '/t.js'],
    ];
    for (const [method, path] of cases)
      expect((await refusal(await house.send(method, path), 404)).message).toMatch(/There is no /);
  });

  test('no file outside the built page is ever given', async () => {
    const server = createServer(getRequestListener(house.app.fetch)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // Sent by hand: a client would tidy the address up first.
    const raw = async (path: string) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
      let text = '';
      for await (const chunk of socket) text += chunk;
      return text;
    };
    for (const path of [
      '/../../package.json',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/%2e%2e/package.json',
      '/assets/../../../package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
      '/..%5c..%5cpackage.json',
      '/assets/../../secret.key',
      '//etc/passwd',
      '/%2fetc%2fpasswd',
      '/media/..%2f..%2fpackage.json',
      '/package.json',
      '/assets/',
    ]) {
      const answer = await raw(path);
      expect(answer, path).toMatch(/^HTTP\/1\.1 (200|400|401|404) /);
      expect(answer, path).not.toMatch(/"dependencies"|root:x:|AGPL/);
      if (answer.startsWith('HTTP/1.1 200')) expect(answer, path).toMatch(/<!doctype html>/i);
    }
    expect(await raw('not an address')).toMatch(/^HTTP\/1\.1 4\d\d /);
    server.close();
    await once(server, 'close');
  });
});
