import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Offered } from '#src/doors/operations.ts';
import { type House, openHouse, operations } from '#test/bad-input/house.ts';
import { type Place, places, schemaOf, smallestInput } from '#test/bad-input/inputs.ts';
import { type Stock, stockBoth } from '#test/bad-input/stock.ts';

let house: House;
let own: Stock;

beforeAll(async () => {
  house = await openHouse();
  ({ own } = await stockBoth(house));
});
afterAll(() => house.close());

/** What has broken programs before: of another type, too large, of another calendar, of another language's grammar. */
const trouble = fc.constantFrom<unknown>(
  ...[
    '',
    ' ',
    '\u0000',
    '\ud800',
    '\u202e\u0007',
    "'; drop table posts; --",
    '%_\\',
    '(((',
    '*'.repeat(99),
    '/*',
    '{{a}}',
  ],
  ...['0000-01-01', '9999-12-31', '2026-02-30', '0001-01-01T00:00:00+14:00', '24:00', '-1', '1e309', '9'.repeat(18)],
  ...[
    '__proto__',
    'constructor',
    'toString',
    'AAA',
    'http://[::1',
    'https://a:b@c.d/',
    'javascript:alert(1)',
    'Mars/Base',
  ],
  ...[0, -0, -1, 1.5, 1e21, 2 ** 31, 2 ** 53, Number.MIN_VALUE, null, true, [], {}, [null], [[]], { __proto__: null }],
);
const anything = fc.oneof(
  { weight: 4, arbitrary: trouble },
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary' }),
);

/** An operation by its name, and the place of its input that is spoilt; null for the whole of it. */
const sent = fc.constantFrom(...operations.keys()).chain((name) => {
  const within = places(schemaOf(named(name)), () => true).filter((at) => at.length > 0);
  const at = within.length > 0 ? fc.option(fc.constantFrom(...within), { freq: 8 }) : fc.constant(null);
  return fc.record({ name: fc.constant(name), at, value: anything });
});

test('whatever is sent to whichever operation, it is carried out or refused, never broken and never stuck', async () => {
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(sent, async ({ name, at, value }) => {
      calls++;
      const answer = await ask(named(name), at, value);
      expect(answer.status, await answer.text()).toBeLessThan(500);
    }),
    { seed: 20261122, numRuns: 2000, timeout: 5000, interruptAfterTimeLimit: 12_000 },
  );
  expect(calls).toBeGreaterThan(600);
});

test('nothing of it reached the other workspace, and the story of changes is unbroken', async () => {
  expect(await house.rival.call.audit.verify({})).toMatchObject({ brokenAt: null });
  expect((await house.rival.call.apps.list({})).apps).toHaveLength(1);
  expect(await house.asked('GET', '/audit/verification')).toMatchObject({ brokenAt: null });
});

function named(name: string): Offered {
  const operation = operations.get(name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  return operation;
}

/** Either one place of a good input holds the value, or the whole input is the value. */
function ask(operation: Offered, at: Place | null, value: unknown): Promise<Response> {
  // What stands in the address has to be text that an address can hold; half a character cannot even be sent.
  const written = (typeof value === 'string' ? value : JSON.stringify(value)).toWellFormed() || 'empty';
  if (at !== null) {
    const spoilt = operation.path.includes(`{${at[0]}}`) ? written : value;
    return house.call(operation, smallestInput(operation, own, { at, value: spoilt }));
  }
  const path = `/api/v1${operation.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => own[name] ?? 'x')}`;
  if (operation.method !== 'GET') return house.send(operation.method, path, { json: value });
  return house.send('GET', `${path}?${encodeURIComponent(written)}=${encodeURIComponent(written)}`);
}
