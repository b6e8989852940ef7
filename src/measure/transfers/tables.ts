import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';

/** How a column's values are written: exact, whatever the format. */
export type ColumnKind = 'integer' | 'bigint' | 'exact' | 'float' | 'boolean' | 'moment' | 'json' | 'text';
export type Column = { name: string; type: string; kind: ColumnKind; nullable: boolean; user: boolean };
export type Table = {
  name: string;
  columns: Column[];
  key: string[];
  /** Columns that name a row of the same table, or of one that is filled later: brought in at the end. */
  later: string[];
  /** Nothing of it can be taken back: the server may not delete its rows. */
  appendOnly: boolean;
};

/** Secrets, and what finds a workspace by one; nobody carries those away. */
const SECRET = [
  'api_keys',
  'api_key_hashes',
  'grants',
  'oauth_requests',
  'invitations',
  'memberships',
  'webhooks',
  'webhook_deliveries',
  'webhook_attempts',
  'payment_source_paths',
  // Of a platform's client an archive would have all but its secret, and the addresses that secret is sent to.
  'developer_apps',
  'shared_templates',
  'shared_views',
  'public_feeds',
];
/** What belongs to this installation's own work, not to the marketing: queues, claims, progress. */
const MACHINERY = [
  'transfers',
  'transfer_refusals',
  'transfer_rows',
  'traffic_changes',
  // Written down again from visits and totals.
  'traffic_closed',
  'traffic_weeks',
  'visit_pages',
  'event_ids',
  'event_turns',
  'account_reads',
  'recounts',
  'media_uploads',
  'flow_runs',
  'due_publications',
];
/** Made again on the other side from the links and apps they belong to. */
const MADE_AGAIN = ['link_codes', 'app_keys'];
/** To be read, not to be brought back: their chain of hashes holds for one workspace only. */
export const READ_ONLY: readonly string[] = ['audit_log', 'audit_heads'];

/** Where a secret that is entered again would be sent: nobody else's archive decides that. */
const WHERE_SECRETS_GO = ['payment_sources.api_url'];

/** What is never part of an archive. */
export const LEFT_OUT: readonly string[] = [...SECRET, ...MACHINERY, ...MADE_AGAIN];

/** What one may want alone, by name. */
export const kindsOfRows = {
  events: ['events'],
  visits: ['visits'],
  clicks: ['clicks'],
  links: ['links', 'link_changes'],
  posts: ['posts', 'post_variants', 'parts', 'post_tags', 'publications', 'publication_parts', 'post_metrics'],
  payments: ['payments', 'refunds', 'fees', 'payouts', 'statement_lines'],
  subscriptions: ['subscriptions', 'mrr_movements'],
  customers: ['customers', 'identity_links'],
  conversions: ['conversions'],
  credits: ['touches', 'credits'],
  costs: ['cost_entries', 'platform_spend'],
  traffic: ['traffic_days', 'traffic_hours'],
  subscribers: ['mailing_lists', 'subscribers'],
} as const satisfies Record<string, readonly string[]>;
export type RowKind = keyof typeof kindsOfRows;

/** The moment or day by which a kind's rows are cut to a range; a table that is not named goes whole. */
export const timeOf: Readonly<Record<string, string>> = {
  events: 'occurred_at',
  visits: 'started_at',
  clicks: 'occurred_at',
  publications: 'due_at',
  payments: 'paid_at',
  refunds: 'refunded_at',
  fees: 'charged_at',
  payouts: 'started_at',
  statement_lines: 'occurred_at',
  mrr_movements: 'occurred_at',
  conversions: 'occurred_at',
  touches: 'occurred_at',
  credits: 'converted_at',
  cost_entries: 'day',
  platform_spend: 'at',
  traffic_days: 'day',
  traffic_hours: 'hour',
};

/**
 * Every table of a workspace that is exported, as the database describes it, in an order in which what is referred to
 * comes first. Sealed columns are left out. A table added by a later migration is in it by itself.
 */
export async function readTables(tx: Tx): Promise<Table[]> {
  const columns = await sql<Found>`
    select c.relname as "table", a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as nullable,
      exists (select from pg_constraint f where f.conrelid = c.oid and f.contype = 'f'
        and f.confrelid = 'users'::regclass and a.attnum = any (f.conkey)) as "user",
      not has_table_privilege(c.oid, 'DELETE') as "appendOnly",
      (t.typtype = 'd' and b.typname = 'numeric' or t.typname = 'numeric') as exact, t.typcategory as category,
      (select array_position(i.indkey::int2[], a.attnum) from pg_index i where i.indrelid = c.oid and i.indisprimary) as "inKey"
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    left join pg_type b on b.oid = t.typbasetype
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
      and exists (select from pg_attribute w where w.attrelid = c.oid and w.attname = 'workspace_id')
      and exists (select from pg_policy p where p.polrelid = c.oid)
    order by c.relname, a.attnum`.execute(tx);
  const references = await sql<{ from: string; to: string; columns: string[] }>`
    select f.conrelid::regclass::text as "from", f.confrelid::regclass::text as "to",
      (select array_agg(a.attname::text) from pg_attribute a where a.attrelid = f.conrelid and a.attnum = any (f.conkey)) as columns
    from pg_constraint f
    join pg_class c on c.oid = f.conrelid
    where f.contype = 'f' and f.conparentid = 0 and c.relnamespace = 'public'::regnamespace`.execute(tx);
  const tables = new Map<string, Table>();
  for (const row of columns.rows) {
    if (LEFT_OUT.includes(row.table)) continue;
    const table = tables.get(row.table) ?? {
      name: row.table,
      columns: [],
      key: [],
      later: [],
      appendOnly: row.appendOnly,
    };
    tables.set(row.table, table);
    if (row.name === 'workspace_id' || row.name.startsWith('sealed_')) continue;
    if (WHERE_SECRETS_GO.includes(`${row.table}.${row.name}`)) continue;
    const { name, type, nullable, user } = row;
    table.columns.push({ name, type, kind: kindOf(row), nullable, user });
  }
  for (const table of tables.values())
    table.key = columns.rows
      .filter((row) => row.table === table.name && row.inKey !== null && row.name !== 'workspace_id')
      .sort((a, b) => (a.inKey ?? 0) - (b.inKey ?? 0))
      .map((row) => row.name);
  return inOrder(tables, references.rows);
}

type Found = {
  table: string;
  name: string;
  type: string;
  nullable: boolean;
  user: boolean;
  appendOnly: boolean;
  exact: boolean;
  category: string;
  inKey: number | null;
};

function kindOf({ type, exact, category }: Found): ColumnKind {
  if (type === 'integer' || type === 'smallint') return 'integer';
  if (type === 'bigint') return 'bigint';
  if (type === 'boolean') return 'boolean';
  if (type === 'double precision' || type === 'real') return 'float';
  if (type === 'timestamp with time zone') return 'moment';
  if (type === 'jsonb' || type === 'json' || category === 'A') return 'json';
  return exact ? 'exact' : 'text';
}

/** What is referred to first. Where tables refer to each other in a circle, a column that may be empty waits. */
function inOrder(
  tables: Map<string, Table>,
  references: readonly { from: string; to: string; columns: string[] }[],
): Table[] {
  const own = references.filter(({ from, to }) => tables.has(from) && tables.has(to));
  const ordered: Table[] = [];
  const left = new Set([...tables.keys()].sort());
  while (left.size > 0) {
    const waits = (name: string) => own.filter(({ from, to }) => from === name && left.has(to));
    const next =
      [...left].find((name) => waits(name).every(({ to }) => to === name)) ??
      [...left].find((name) => waits(name).every(({ columns }) => mayWait(tables.get(name), columns)));
    if (next === undefined) throw new Error(`Tables refer to each other in a circle: ${[...left].join(', ')}`);
    const table = tables.get(next) as Table;
    for (const { columns } of waits(next))
      table.later.push(...columns.filter((name) => table.columns.find((one) => one.name === name)?.nullable));
    table.later = [...new Set(table.later)];
    ordered.push(table);
    left.delete(next);
  }
  return ordered;
}

function mayWait(table: Table | undefined, columns: string[]): boolean {
  return columns.some((name) => table?.columns.find((one) => one.name === name)?.nullable);
}

/** A row's values as text, in the order of the table's columns; null is null. */
export type Cells = (string | null)[];

/** How a column is asked for, so that its text says all of it: moments to the microsecond, in UTC. */
function textOf({ name, kind }: Column) {
  const column = sql.ref(`t.${name}`);
  if (kind === 'moment') return sql`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
  if (kind === 'json') return sql`to_jsonb(${column})::text`;
  return sql`${column}::text`;
}

/** Days of a range in words of the database: `from` included, `until` excluded. */
export type Range = { from: Date | string; until: Date | string } | null;

/** The rows of a table in the order of its key, some thousands at a time; nothing is skipped that was there at the start. */
export async function* rowsOf(inside: Inside, table: Table, range: Range, atOnce = 2000): AsyncGenerator<Cells[]> {
  const cells = sql.join(table.columns.map((column) => textOf(column)));
  const key = sql.join(table.key.map((name) => sql.ref(`t.${name}`)));
  const time = timeOf[table.name];
  const cut =
    range && time
      ? sql`and ${sql.ref(`t.${time}`)} >= ${range.from} and ${sql.ref(`t.${time}`)} < ${range.until}`
      : sql``;
  const place = table.key.map((name) => table.columns.findIndex((column) => column.name === name));
  let after: Cells | null = null;
  for (;;) {
    const beyond: ReturnType<typeof sql> =
      after === null || place.length === 0
        ? sql``
        : sql`and (${key}) > (${sql.join(place.map((at) => sql`${after?.[at] ?? null}::${sql.raw(table.columns[at]?.type ?? 'text')}`))})`;
    const { rows } = await sql<{ cells: Cells }>`
      select array[${cells}]::text[] as cells from ${sql.table(table.name)} t
      where t.workspace_id = ${inside.workspaceId} ${cut} ${beyond}
      ${place.length === 0 ? sql`` : sql`order by ${key}`}
      limit ${atOnce}`.execute(inside.tx);
    if (rows.length > 0) yield rows.map((row) => row.cells);
    after = rows.at(-1)?.cells ?? null;
    if (rows.length < atOnce || place.length === 0) return;
  }
}
