import fc from 'fast-check';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  emailPatterns,
  idPatterns,
  idPatternsInProse,
  namePatterns,
  type Patterns,
} from '#src/people/privacy/patterns.ts';
import { createDatabase, type TestDatabase } from '#test/database.ts';

let database: TestDatabase;
let client: pg.Client;
beforeAll(async () => {
  database = await createDatabase();
  client = new pg.Client(database.owner);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await database?.drop();
});

async function cut(text: string, { patterns, instead }: Patterns): Promise<string> {
  const { rows } = await client.query<{ cut: string }>('select cut_out($1, $2, $3) as cut', [text, patterns, instead]);
  return rows[0]?.cut ?? '';
}

describe('what is cut out, and what is somebody else’s', () => {
  const jane = emailPatterns(['jane@x.org']);
  test.each([
    ['Write to JANE@x.org.', 'Write to [erased].'],
    ['mailto:jane%40x.org', 'mailto:[erased]'],
    ['{"says":"hi\\njane@x.org"}', '{"says":"hi\\n[erased]"}'],
    ['mary-jane@x.org and jane@x.org.uk and jane@x.organic', 'mary-jane@x.org and jane@x.org.uk and jane@x.organic'],
  ])('the address in %s', async (text, left) => {
    expect(await cut(text, jane)).toBe(left);
  });

  const name = namePatterns({ names: ['Zoë Ün'], handles: ['zoe', 'zoe.example.social'] });
  test.each([
    ['ZOË  ÜN said', '[erased] said'],
    ['{"name":"Zo\\u00eb \\u00dcn"}', '{"name":"[erased]"}'],
    ['Zoë Üner, Zoë, Ün', 'Zoë Üner, Zoë, Ün'],
    ['@zoe, https://x.com/Zoe, zoe and @zoey', '@[erased], https://x.com/[erased], zoe and @zoey'],
    ['by zoe.example.social', 'by [erased]'],
  ])('the name in %s', async (text, left) => {
    expect(await cut(text, name)).toBe(left);
  });

  const ids = [
    { id: '42', instead: 'erased-1' },
    { id: 'user-4711', instead: 'erased-2' },
  ];
  test.each([
    ['signup:42', 'signup:erased-1'],
    ['42:8', '42:8'],
    ['{"42": "42"}', '{"42": "erased-1"}'],
    ['42', 'erased-1'],
    ['142 420 42.5 a42', '142 420 42.5 a42'],
    ['user-4711', 'erased-2'],
    ['user-47112', 'user-47112'],
  ])('the id in the value %s', async (text, left) => {
    expect(await cut(text, idPatterns(ids))).toBe(left);
  });
  test.each([
    ['{"n": 42, "who": "42"}', '{"n": 42, "who": "erased-1"}'],
    ['42 people and user-4711', '42 people and erased-2'],
  ])('the id in the sentence %s', async (text, left) => {
    expect(await cut(text, idPatternsInProse(ids))).toBe(left);
  });

  test('whatever an id or a name is made of, it is found, and only it', async () => {
    const text = fc
      .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
      .filter((one) => !one.includes('\u0000') && one.isWellFormed());
    await fc.assert(
      fc.asyncProperty(text, text, async (id, last) => {
        expect(await cut(id, idPatterns([{ id, instead: '#' }]))).toBe('#');
        const words = `${id.replaceAll(/\s/g, 'x')}ab ${last.replaceAll(/\s/g, 'y')}c`;
        expect(await cut(`<${words}>`, namePatterns({ names: [words], handles: [] }))).toBe('<[erased]>');
        expect(await cut('nobody', namePatterns({ names: [words], handles: [] }))).toBe('nobody');
      }),
      { numRuns: 60 },
    );
  });
});
