import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type pg from 'pg';

const run = promisify(execFile);

/**
 * `src/db/types.ts`: the tables as TypeScript. States are checked text in the database, so the check constraints become
 * unions of literals; counts (int8) are numbers, days are text, amounts (numeric) are text.
 */
export async function typesOf(client: pg.Client, url: string): Promise<string> {
  const columns = await literalColumns(client);
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-types-'));
  const file = join(folder, 'types.ts');
  try {
    await run(process.execPath, [
      join('node_modules', 'kysely-codegen', 'dist', 'cli', 'bin.js'),
      ...['--dialect', 'postgres', '--url', url, '--camel-case', '--date-parser', 'string'],
      ...['--type-mapping', JSON.stringify({ int8: 'number' }), '--overrides', JSON.stringify({ columns })],
      ...['--include-pattern', 'public.*', '--out-file', file],
    ]);
    return (await readFile(file, 'utf8')).trimEnd().concat('\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function literalColumns(client: pg.Client): Promise<Record<string, string>> {
  const { rows } = await client.query<{
    table: string;
    column: string;
    check: string;
    nullable: boolean;
    hasDefault: boolean;
  }>(`
    select c.relname as table, a.attname as column, pg_get_constraintdef(k.oid) as check, not a.attnotnull as nullable, a.atthasdef as "hasDefault"
    from pg_constraint k
    join pg_class c on c.oid = k.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = k.conkey[1]
    where k.contype = 'c' and n.nspname = 'public' and cardinality(k.conkey) = 1 and a.atttypid = 'text'::regtype
    order by 1, 2`);
  const found: Record<string, string> = {};
  for (const row of rows) {
    const list = /^CHECK \(\(\w+ = ANY \(ARRAY\[(.+)\]\)\)\)$/.exec(row.check)?.[1];
    if (!list) continue;
    const union =
      list
        .split(', ')
        .map((item) => item.replace(/::text$/, ''))
        .join(' | ') + (row.nullable ? ' | null' : '');
    found[`${row.table}.${row.column}`] = row.hasDefault ? `Generated<${union}>` : union;
  }
  return found;
}
