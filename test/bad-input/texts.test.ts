import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type House, openHouse, operations, refusal } from '#test/bad-input/house.ts';
import { isText, places, schemaOf, smallestInput } from '#test/bad-input/inputs.ts';
import { type Stock, stockBoth } from '#test/bad-input/stock.ts';

let house: House;
let own: Stock;
let before: Record<string, string>;

beforeAll(async () => {
  house = await openHouse();
  ({ own } = await stockBoth(house));
  before = await house.stored();
});
// Whatever a test of this file sends is refused: what is stored stays as it is, to the last byte.
afterEach(async () => expect(await house.stored()).toEqual(before));
afterAll(() => house.close());

const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends what must be refused and returns what was said. */
async function refusedWith(status: number, method: string, path: string, sent: Parameters<House['send']>[2]) {
  return (await refusal(await house.send(method, path, sent), status)).message;
}

describe('a body that is no input', () => {
  const bodies: [string, BodyInit, number, RegExp, Record<string, string>?][] = [
    ['cut off', '{"url": "outpost.d', 400, /not complete, valid JSON/],
    ['no JSON at all', 'url=outpost.dev', 400, /not complete, valid JSON/],
    ['a list', '[{"url":"outpost.dev"}]', 400, /must be an object/],
    ['a text', '"outpost.dev"', 400, /must be an object/],
    ['nothing', 'null', 400, /must be an object/],
    ['10,000 lists deep', `{"url":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 400, /url: This must be text/],
    ['10,000 objects deep', `${'{"url":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 400, /url: This must be text/],
    ['20 MB', `{"url":"${'a'.repeat(20_000_000)}"}`, 413, /up to 8 MB/],
    ['text/plain', '{"url":"outpost.dev"}', 415, /Content-Type: application\/json/, { 'content-type': 'text/plain' }],
    ['a form', 'url=outpost.dev', 415, /as JSON/, { 'content-type': 'application/x-www-form-urlencoded' }],
    ['not UTF-8', Uint8Array.from([...Buffer.from('{"url":"'), 0xff, 0xfe, ...Buffer.from('"}')]), 400, /not UTF-8/],
    ['empty', '', 400, /url: This is missing/],
    ['with a prototype', '{"url":"a.dev","__proto__":{"role":"owner"}}', 400, /no field "__proto__"/],
  ];
  test.each(bodies)('%s', async (_, body, status, words, headers = JSON_TYPE) => {
    expect(await refusedWith(status, 'POST', '/api/v1/apps', { body, headers })).toMatch(words);
    const typed = await house.send('POST', '/rpc/apps/register', { body, headers });
    expect([400, 413, 415], await typed.clone().text()).toContain(typed.status);
  });

  test('20 MB are refused over a real connection too', async () => {
    const server = createServer(getRequestListener(house.app.fetch)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/apps`, {
      method: 'POST',
      headers: { ...JSON_TYPE, cookie: house.cookie },
      body: 'a'.repeat(20_000_000),
    });
    expect((await refusal(answer, 413)).message).toMatch(/up to 8 MB/);
    server.closeAllConnections();
    server.close();
  });
});

describe('fields that do not fit', () => {
  const fields: [string, string, string, object, RegExp][] = [
    ['an unknown field', 'POST', '/apps', { url: 'outpost.dev', colour: 'red' }, /There is no field "colour" here/],
    ['a number for a text', 'POST', '/apps', { url: 5 }, /url: This must be text/],
    ['an address that is none', 'POST', '/apps', { url: 'http://' }, /address/i],
    [
      '100,000 characters',
      'POST',
      '/apps',
      { url: 'a'.repeat(100_000) },
      /url: This may have at most 2,000 characters/,
    ],
    ['an empty name', 'POST', '/workspaces', { name: '  ' }, /name: This must/],
    ['no zone', 'PATCH', '/workspace', { timeZone: 'Mars/Base' }, /timeZone: This is not an IANA time zone/],
    ['nothing to change', 'PATCH', '/workspace', {}, /at least one field to change/],
    ['an unknown word', 'POST', '/keys', { name: 'k', scopes: ['root'] }, /scopes.0: This must be one of: read, write/],
    ['an empty list', 'POST', '/keys', { name: 'k', scopes: [] }, /scopes: This must have at least 1 entries/],
    ['a day that is none', 'POST', '/apps/{appId}/launch', { launchOn: '2026-02-30' }, /launchOn: This must be a day/],
    ['the year 0', 'POST', '/apps/{appId}/launch', { launchOn: '0000-01-01' }, /between the years 1970 and 2199/],
    ['the year 9999', 'POST', '/apps/{appId}/launch', { launchOn: '9999-12-31' }, /between the years 1970 and 2199/],
    [
      'a moment without offset',
      'POST',
      '/keys',
      { name: 'k', scopes: ['read'], expiresAt: '2027-01-01T00:00' },
      /offset/,
    ],
    ['half a week', 'POST', '/slots', { accountId: '{accountId}', weekdays: [1.5], atTime: '10:00' }, /whole number/],
    ['an eighth day', 'POST', '/slots', { accountId: '{accountId}', weekdays: [8], atTime: '10:00' }, /at most 7/],
    ['25 o’clock', 'POST', '/slots', { accountId: '{accountId}', weekdays: [1], atTime: '25:00' }, /atTime: /],
    ['a late policy of 2 years', 'PATCH', '/accounts/{accountId}', { missedAfterMinutes: 1e6 }, /at most 525,600/],
    [
      'no address for a link',
      'POST',
      '/apps/{appId}/affiliates',
      { name: 'Ada', code: 'ada', rule: { percent: 20 }, destination: 'constructor' },
      /begins with https/,
    ],
    ['negative money', 'PATCH', '/accounts/{accountId}', { monthlyBudgetMicros: -1 }, /at least 0/],
    ['1e21', 'PATCH', '/accounts/{accountId}', { monthlyBudgetMicros: 1e21 }, /monthlyBudgetMicros: /],
    ['an id that is none', 'PATCH', '/accounts/1', { missedPolicy: 'ask' }, /accountId: This must be an id/],
    ['an empty PATCH', 'PATCH', '/apps/{appId}', {}, /at least one field to change/],
  ];
  test.each(fields)('%s', async (_, method, path, json, words) => {
    const filled = (text: string) => text.replaceAll(/\{(\w+)\}/g, (_all, name: string) => own[name] ?? '');
    const sent = JSON.parse(filled(JSON.stringify(json)));
    expect(await refusedWith(400, method, `/api/v1${filled(path)}`, { json: sent })).toMatch(words);
  });

  test.each([
    '/audit?cursor=1e99',
    '/links?cursor=nonsense',
    '/publications?cursor=nonsense',
    '/posts?cursor=nonsense',
    '/costs?cursor=2026-13-01_x',
    '/posts?limit=0',
    '/posts?limit=201',
    '/posts?limit=many',
    '/posts?limit=1&limit=2',
    '/posts?colour=red',
    '/posts?search=%00',
    '/apps/%00',
    '/apps/%ff',
    '/apps/%',
  ])('GET %s', async (path) => {
    await refusedWith(400, 'GET', `/api/v1${path}`, {});
  });
});

test('characters that cannot be stored are refused in every text of every operation, and nothing is', async () => {
  // Events come from programs that cannot ask anybody: they are cleaned instead.
  const asked = [...operations.values()].filter(({ name }) => name !== 'events.send');
  let count = 0;
  for (const operation of asked)
    for (const at of places(schemaOf(operation), isText))
      for (const bad of ['a\u0000b c', 'a\ud800b c']) {
        // In an address, %00 is refused at the door and half a character cannot be written.
        if (operation.method === 'GET' || operation.path.includes(`{${at[0]}}`)) continue;
        const input = smallestInput(operation, own, { at, value: bad });
        const answer = await house.call(operation, input);
        const name = `${operation.name} ${at.join('.')} ${JSON.stringify(bad)}`;
        expect(answer.status, `${name} ${await answer.clone().text()}`).toBe(400);
        expect((await refusal(answer, 400)).message, name).toMatch(
          /cannot be stored|form it must have|time zone|needs|must/,
        );
        count++;
      }
  expect(count).toBeGreaterThan(100);
});
