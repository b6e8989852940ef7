import { randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';

type Column = { name: string; type: string; required: boolean; identity: boolean; literals: string[] };
type Check = { name: string; columns: string[]; literals: string[] };
type ForeignKey = { columns: string[]; to: string; toColumns: string[] };
type Shape = {
  name: string;
  columns: Column[];
  checks: Check[];
  foreignKeys: ForeignKey[];
  uniques: { name: string; columns: string[] }[];
};
type Row = Record<string, unknown>;

/** So often another row is tried where one does not fit the table's checks. */
const TRIES = 1_000;

/** A source of rows for whatever tables there are: it knows nothing of them but what the database's catalog says. */
export type Filler = {
  /**
   * Puts a row into every table that this migration made or changed, and into every one that has none. Returns how many
   * rows it put.
   */
  fill(migration: string): Promise<number>;
};

/**
 * Rows for any schema of ours. A row is drawn by the columns' types and the words and numbers that stand in the checks;
 * where a check refuses it, the columns of that check are drawn again. Everything refers to one workspace.
 */
export function openFiller(client: pg.Client, seed = 1): Filler {
  const random = randomFrom(seed);
  /** One row of each table, for others to refer to. */
  const kept = new Map<string, Row>();
  return {
    async fill(migration) {
      const changed = [...migration.matchAll(/(?:create|alter)\s+table\s+(?:if\s+(?:not\s+)?exists\s+)?(\w+)/gi)];
      const shapes = await readShapes(client, [...changed.map((match) => match[1]!), ...(await emptyTables(client))]);
      for (const shape of inOrder(shapes)) {
        const row = await insert(client, shape, (name) => kept.get(name), random);
        const home = kept.get('workspaces')?.id;
        const first = kept.has(shape.name) && home ? await rowIn(client, shape, String(home)) : undefined;
        kept.set(shape.name, first ?? row);
      }
      return shapes.length;
    },
  };
}

async function insert(
  client: pg.Client,
  shape: Shape,
  rowOf: (table: string) => Row | undefined,
  random: () => number,
): Promise<Row> {
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const draw = (column: Column, more: readonly string[] = []): unknown => {
    const own = [...column.literals, ...more].filter((literal) => fits(column.type, literal));
    if (!column.required && random() < 0.35) return null;
    if (own.length === 0 || random() > 0.8) return pick(VALUES[kindOf(column.type)])();
    return kindOf(column.type) === 'list' ? `{${pick(own)}}` : pick(own);
  };
  const referring = new Set<string>();
  const row: Row = {};
  for (const column of shape.columns) if (!column.identity) row[column.name] = draw(column);
  const isRequired = (name: string) => shape.columns.find((column) => column.name === name)!.required;
  const optional = (key: ForeignKey) => key.columns.filter((name) => !isRequired(name) && !referring.has(name));
  // What a row must refer to decides; what it may refer to has to agree with that, or is left out.
  for (const key of shape.foreignKeys.toSorted((a, b) => optional(a).length - optional(b).length)) {
    const target = key.to === shape.name ? undefined : rowOf(key.to);
    const wanted = key.columns.map((_, at) => target?.[key.toColumns[at]!]);
    const agrees = target && key.columns.every((name, at) => !referring.has(name) || row[name] === wanted[at]);
    const free = optional(key);
    if (!agrees && free.length > 0) for (const name of free) row[name] = null;
    else if (target) for (const [at, name] of key.columns.entries()) row[name] = wanted[at];
    for (const name of agrees || free.length === 0 ? key.columns : free) referring.add(name);
  }
  let said = '';
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const names = Object.keys(row);
    const text = `insert into "${shape.name}" (${names.map((name) => `"${name}"`).join(', ')})
      values (${names.map((_, at) => `$${at + 1}`).join(', ')}) returning ${shape.columns.map(({ name }) => `"${name}"::text`).join(', ')}`;
    await client.query('savepoint row');
    try {
      const { rows } = await client.query<Row>(text, Object.values(row));
      await client.query('release savepoint row');
      return rows[0]!;
    } catch (error) {
      await client.query('rollback to savepoint row');
      const { code, constraint, column, message } = error as pg.DatabaseError;
      said = message;
      const check = shape.checks.find(({ name }) => name === constraint);
      const unique = shape.uniques.find(({ name }) => name === constraint);
      const free = (unique?.columns ?? []).filter((name) => !referring.has(name));
      if (unique && free.length === 0)
        return (await client.query<Row>(`select * from "${shape.name}" limit 1`)).rows[0]!;
      const again = check?.columns ?? (unique ? free : column ? [column] : []);
      const drawn = again.filter((name) => !referring.has(name) || row[name] === null);
      if (drawn.length === 0 && again.length === 0 && code !== '23514')
        throw new Error(`No row for ${shape.name}: ${message}`, { cause: error });
      const wanted = drawn.length > 0 ? drawn : Object.keys(row).filter((name) => !referring.has(name));
      for (const name of wanted) {
        const about = shape.columns.find((one) => one.name === name);
        if (about && !about.identity) row[name] = draw(about, check?.literals);
      }
    }
  }
  throw new Error(`No row for ${shape.name} after ${TRIES} tries (${said}). Teach test/rows.ts a value that fits.`);
}

type Kind =
  | 'uuid'
  | 'text'
  | 'number'
  | 'fraction'
  | 'boolean'
  | 'time'
  | 'date'
  | 'clock'
  | 'json'
  | 'bytes'
  | 'list'
  | 'ids'
  | 'zone'
  | 'currency'
  | 'other';

const hex = (bytes: number) => randomBytes(bytes).toString('hex');
const VALUES: Record<Kind, (() => unknown)[]> = {
  uuid: [randomUUID],
  // Words that the patterns of our checks ask for; what stands in a check itself is tried before them.
  text: [
    () => `w${hex(6)}`,
    () => `${hex(4)}@example.com`,
    () => `https://${hex(4)}.example/${hex(3)}`,
    () => `${hex(4)}.example`,
    () => hex(32),
    () => 'EUR',
    () => 'thing.done',
    () => hex(16),
    () => hex(4),
    () => '#1a2b3c',
    () => 'DE',
    () => 'en',
    () => '/path',
    () => 'https://app.example/hello.js',
    () => '09:30',
    () => '2026-11-01',
    () => `user:${randomUUID()}`,
    () => '',
  ],
  number: [() => 1, () => 0, () => 2, () => 100, () => -1, () => Math.floor(Math.random() * 30_000)],
  fraction: [() => 1, () => 0, () => 0.5, () => 2.25],
  boolean: [() => true, () => false],
  time: [() => '2026-10-01T10:00:00Z', () => '2026-11-02T10:00:00Z', () => new Date().toISOString()],
  date: [() => '2026-10-05', () => '2026-10-12', () => '2026-11-01'],
  clock: [() => '09:30', () => '22:00'],
  json: [() => '{}', () => '[]', () => '{"a": 1}'],
  bytes: [() => Buffer.from(hex(32), 'hex')],
  list: [() => '{}', () => '{1}', () => '{1,2}'],
  ids: [() => `{${randomUUID()}}`, () => '{}'],
  zone: [() => 'Europe/Berlin'],
  currency: [() => 'EUR', () => 'USD'],
  other: [() => null],
};

function kindOf(type: string): Kind {
  if (type === 'uuid[]') return 'ids';
  if (type.endsWith('[]')) return 'list';
  if (type === 'time_zone_name') return 'zone';
  if (type === 'currency_code') return 'currency';
  if (/^(text|character)/.test(type)) return 'text';
  if (/^(integer|bigint|smallint|minor_units)/.test(type)) return 'number';
  if (/^(numeric|double|real)/.test(type)) return 'fraction';
  if (type.startsWith('timestamp')) return 'time';
  if (type.startsWith('time')) return 'clock';
  if (type.startsWith('json')) return 'json';
  return type === 'uuid' || type === 'boolean' || type === 'date' ? type : type === 'bytea' ? 'bytes' : 'other';
}

function fits(type: string, literal: string): boolean {
  const kind = kindOf(type);
  if (kind === 'number') return /^-?\d{1,4}$/.test(literal);
  if (kind === 'fraction') return /^-?\d{1,4}(\.\d+)?$/.test(literal);
  return kind === 'text' || (kind === 'list' && /^\w+$/.test(literal));
}

/** A row of the first workspace, so that all that refers to rows of several tables refers to those of one. */
async function rowIn(client: pg.Client, { name, columns }: Shape, workspaceId: string): Promise<Row | undefined> {
  const own =
    name === 'workspaces' ? 'id' : columns.some((column) => column.name === 'workspace_id') ? 'workspace_id' : null;
  const { rows } = await client.query<Row>(
    `select ${columns.map((column) => `"${column.name}"::text`).join(', ')} from "${name}" ${own ? `where ${own} = '${workspaceId}'` : ''} limit 1`,
  );
  return rows[0];
}

/** New ones, and those that a migration has made anew. */
async function emptyTables(client: pg.Client): Promise<string[]> {
  const all = await client.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition and relname <> 'migrations'`,
  );
  const looks = all.rows.map(({ name }) => `select '${name}' as name where not exists (select from "${name}")`);
  const { rows } = await client.query<{ name: string }>(looks.join(' union all '));
  return rows.map(({ name }) => name);
}

/** What a row refers to comes first, as far as it must. */
function inOrder(shapes: Shape[]): Shape[] {
  const left = new Map(shapes.map((shape) => [shape.name, shape]));
  const sorted: Shape[] = [];
  const visit = (shape: Shape, above: string[]) => {
    if (!left.has(shape.name) || above.includes(shape.name)) return;
    for (const { to } of shape.foreignKeys) {
      const target = left.get(to);
      if (target) visit(target, [...above, shape.name]);
    }
    if (left.delete(shape.name)) sorted.push(shape);
  };
  for (const shape of shapes) visit(shape, []);
  return sorted;
}

async function readShapes(client: pg.Client, names: string[]): Promise<Shape[]> {
  const { rows } = await client.query<{
    name: string;
    columns: Omit<Column, 'literals'>[];
    checks: { name: string; columns: string[]; text: string }[];
    foreignKeys: ForeignKey[];
    uniques: Shape['uniques'];
  }>(
    `
    with named as (
      select k.oid, k.conname, k.contype, k.conrelid, k.confrelid, pg_get_constraintdef(k.oid) as text,
        (select json_agg(a.attname order by array_position(k.conkey, a.attnum)) from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any(k.conkey)) as columns,
        (select json_agg(a.attname order by array_position(k.confkey, a.attnum)) from pg_attribute a where a.attrelid = k.confrelid and a.attnum = any(k.confkey)) as to_columns
      from pg_constraint k join pg_class t on t.oid = k.conrelid
      where k.conparentid = 0 and k.connamespace = 'public'::regnamespace and t.relname = any($1))
    select c.relname as name,
      (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull, 'identity', a.attidentity <> '' or a.attgenerated <> '') order by a.attnum)
        from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns,
      coalesce((select json_agg(json_build_object('name', n.conname, 'columns', n.columns, 'text', n.text) order by n.conname) from named n where n.conrelid = c.oid and n.contype = 'c'), '[]') as checks,
      coalesce((select json_agg(json_build_object('columns', n.columns, 'to', n.confrelid::regclass::text, 'toColumns', n.to_columns) order by n.conname) from named n where n.conrelid = c.oid and n.contype = 'f'), '[]') as "foreignKeys",
      coalesce((select json_agg(json_build_object('name', x.relname, 'columns', (select json_agg(a.attname) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(i.indkey::int2[]))) order by x.relname)
        from pg_index i join pg_class x on x.oid = i.indexrelid where i.indrelid = c.oid and i.indisunique), '[]') as uniques
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition and c.relname = any($1) and c.relname <> 'migrations'
    order by c.relname`,
    [names],
  );
  return rows.map(({ columns, checks, ...shape }) => {
    const read = checks.map(({ text, ...check }) => ({ ...check, literals: literalsIn(text) }));
    const of = (name: string) => read.filter((check) => check.columns.length === 1 && check.columns[0] === name);
    return {
      ...shape,
      checks: read,
      columns: columns.map((column) => ({ ...column, literals: of(column.name).flatMap(({ literals }) => literals) })),
    };
  });
}

function literalsIn(text: string): string[] {
  const words = [...text.matchAll(/'((?:[^']|'')*)'/g)].map((match) => match[1]!.replaceAll("''", "'"));
  const numbers = [...text.matchAll(/(?<![\w'])\(?(-?\d+(?:\.\d+)?)/g)].map((match) => match[1]!);
  return [...words, ...numbers];
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
