import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { offered } from '#src/doors/operations.ts';

/** How many features each stage of the plan has: U1 to U14, P1 to P9 … */
const stages = { U: 14, P: 9, D: 11, M: 10, G: 7, A: 6 };
const ids = Object.entries(stages).flatMap(([letter, last]) =>
  Array.from({ length: last }, (_, index) => `${letter}${index + 1}`),
);

const text = readFileSync('docs/features.md', 'utf8');
const rows = text
  .split('\n')
  .filter((line) => /^\| [A-Z]\d+ \|/.test(line))
  .map((line) => {
    const [id = '', what = '', state = '', page = '', operations = '', tables = '', tests = ''] = line
      .slice(2, -2)
      .split(' | ');
    return {
      id,
      what,
      state,
      pages: quoted(page),
      operations: quoted(operations),
      tables: quoted(tables),
      tests: quoted(tests),
    };
  });

describe('docs/features.md', () => {
  test('has every feature once, in order', () => {
    expect(rows.map((row) => row.id)).toEqual(ids);
    expect(rows.filter((row) => row.what.length < 10)).toEqual([]);
  });

  test('says of each where it stands', () => {
    expect(rows.filter((row) => !/^(done|in part: .{20,}|tables only)$/.test(row.state)).map((row) => row.id)).toEqual(
      [],
    );
    const times = (state: string) => rows.filter((row) => row.state.startsWith(state)).length;
    expect(text).toContain(
      `Now: ${times('done')} done, ${times('in part')} in part, ${times('tables only')} tables only.`,
    );
  });

  test('calls done only what has a page, operations, tables and tests', () => {
    const lacks = rows.filter(
      (row) =>
        row.state === 'done' && [row.pages, row.operations, row.tables, row.tests].some((each) => each.length === 0),
    );
    expect(lacks.map((row) => row.id)).toEqual([]);
    const more = rows.filter((row) => row.state === 'tables only' && row.operations.length + row.pages.length > 0);
    expect(more.map((row) => row.id)).toEqual([]);
  });

  test('names only operations that exist, and leaves none out', () => {
    const names = offered().map((one) => one.name);
    expect(unknown('operations', (name) => names.includes(name))).toEqual([]);
    const named = new Set(rows.flatMap((row) => row.operations));
    expect(names.filter((name) => !named.has(name))).toEqual([]);
  });

  test('names only tables of the schema, and leaves none out', () => {
    const schema = readFileSync('db/schema.sql', 'utf8');
    const tables = [...schema.matchAll(/^create table (\w+)/gim)].map((match) => match[1] ?? '');
    expect(tables.length).toBeGreaterThan(100);
    expect(unknown('tables', (name) => tables.includes(name))).toEqual([]);
    const named = new Set(rows.flatMap((row) => row.tables));
    expect(tables.filter((table) => !named.has(table))).toEqual([]);
  });

  test('names only test files that exist', () => {
    expect(unknown('tests', (file) => file.endsWith('.test.ts') && existsSync(file))).toEqual([]);
  });

  test('names only pages that are routes', () => {
    const router = readFileSync('web/router.tsx', 'utf8');
    const routes = [...router.matchAll(/(?:page\(|path: )'(\/[^']*)'/g)].map((match) => match[1] ?? '');
    expect(routes.length).toBeGreaterThan(10);
    // A parameter of a route stands for any one part: /settings/$section is the place of /settings/ai.
    const patterns = routes.map((route) => new RegExp(`^${route.replaceAll(/\$\w+/g, '[^/]+')}$`));
    expect(unknown('pages', (path) => patterns.some((pattern) => pattern.test(path)))).toEqual([]);
  });
});

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
}

/** What the rows name of a kind and is not there, with the row that names it. */
function unknown(kind: 'pages' | 'operations' | 'tables' | 'tests', exists: (name: string) => boolean): string[] {
  return rows.flatMap((row) => row[kind].filter((name) => !exists(name)).map((name) => `${row.id}: ${name}`));
}
