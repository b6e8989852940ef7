import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { browserEvent, readEvent, readPlain } from '#src/measure/events/body.ts';

const ID = '6f1c1a9e-0d4b-4a63-9d5e-4f1f3f0b7a11';
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\u0000', '\ud800', 'a'.repeat(600)),
);
const something = fc.oneof(text, fc.double(), fc.boolean(), fc.constant(null), fc.constant(undefined));
const event = fc.record(
  {
    app: fc.oneof(fc.constant('abcdefghij'), something),
    id: fc.oneof(fc.constant(ID), fc.uuid(), something),
    kind: fc.oneof(fc.constantFrom('pageview', 'signup'), something),
    url: fc.oneof(fc.constantFrom('https://a.example/x?y=1', 'http://a.example'), fc.webUrl(), something),
    referrer: fc.oneof(fc.webUrl(), something),
    props: fc.oneof(fc.dictionary(fc.oneof(fc.constantFrom('plan', 'to'), text), something), something),
    width: fc.oneof(fc.nat(), something),
    visitor: something,
    zone: fc.oneof(fc.constant('Europe/Berlin'), something),
    auto: fc.constantFrom(1, true, 0, undefined),
    revenue: fc.oneof(fc.constant({ amount: '19.00', currency: 'EUR' }), something),
  },
  { requiredKeys: ['app', 'id', 'kind', 'url'] },
);

test('what is recognised by hand is what the rule makes of it', () => {
  fc.assert(
    fc.property(event, (body) => {
      const plain = readPlain(body);
      if (plain === null) return;
      expect(browserEvent.parse(body)).toEqual(plain);
    }),
    { numRuns: 2000 },
  );
});

test('an ordinary event is recognised by hand', () => {
  const body = { app: 'abcdefghij', id: ID, kind: 'pageview', url: 'https://a.example/x?y=1', referrer: '', props: {} };
  expect(readPlain(body)).toMatchObject({ kind: 'pageview', referrer: null, props: null });
});

describe('what cannot be read', () => {
  test.each([
    [undefined, 'body'],
    [[], 'body'],
    [{ app: 'x' }, 'app'],
    [{ app: 'abcdefghij', id: 'no', kind: 'pageview', url: 'https://a.example' }, 'id'],
    [{ app: 'abcdefghij', id: ID, kind: 'pageview', url: 'javascript:alert(1)' }, 'url'],
  ])('%j names its field', (body, field) => {
    expect(readEvent(body)).toEqual({ message: expect.stringContaining(`cannot be read: ${field}`) });
  });
});
