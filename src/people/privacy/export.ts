import { type RawBuilder, sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type CatalogTable, readCatalog } from '#src/people/privacy/catalog.ts';
import { byApp, classified, ownRows, uniqueIds } from '#src/people/privacy/erase.ts';
import {
  emailPatterns,
  idPatterns,
  idPatternsInProse,
  namePatterns,
  type Patterns,
  type Renamed,
  together,
} from '#src/people/privacy/patterns.ts';
import type { Identity } from '#src/people/privacy/person.ts';
import { columnsIn, type Table } from '#src/people/privacy/tables.ts';

export type Found = { table: string; rows: number };
export type Exported = { table: string; rows: Record<string, unknown>[] };

/** How many rows of each table are about a person. */
export function countPerson(context: Context, who: Identity): Promise<Found[]> {
  return over(context, who, async ({ tx }, table, where) => {
    const { rows } = await sql<{
      rows: number;
    }>`select count(*) as rows from ${sql.table(table.name)} where ${where}`.execute(tx);
    return { table: table.name, rows: rows[0]?.rows ?? 0 };
  });
}

/** Every row that is about a person, whole but for what is sealed. */
export function exportPerson(context: Context, who: Identity): Promise<Exported[]> {
  return over(context, who, async ({ tx }, table, where) => {
    const { rows } = await sql<{ row: Record<string, unknown> }>`
      select to_jsonb(${sql.ref(table.name)}) - 'workspace_id' - ${table.sealed}::text[] as row from ${sql.table(table.name)}
      where ${where}`.execute(tx);
    return { table: table.name, rows: rows.map(({ row }) => row) };
  });
}

async function over<T extends { rows: number | unknown[] }>(
  context: Context,
  who: Identity,
  read: (inside: Inside, table: CatalogTable, where: RawBuilder<boolean>) => Promise<T>,
): Promise<T[]> {
  const catalog = await transaction(context, ({ tx }) => readCatalog(tx));
  const all: T[] = [];
  for (const { table, entry } of classified(catalog))
    await transaction(context, async (inside) => {
      const where = aboutPerson(inside, table, entry, who);
      if (!where) return;
      const found = await read(inside, table, where);
      if (typeof found.rows === 'number' ? found.rows > 0 : found.rows.length > 0) all.push(found);
    });
  return all;
}

/** Own rows, rows that refer to them, and rows in which the person is named. */
function aboutPerson(
  { workspaceId }: Inside,
  table: CatalogTable,
  entry: Table,
  who: Identity,
): RawBuilder<boolean> | null {
  const named = who.ids.map((one) => ({ ...one, instead: '' }));
  const matches = (columns: readonly string[], { patterns }: Patterns, appId: string | null = null) =>
    patterns.length === 0
      ? []
      : columns.map(
          (column) =>
            sql<boolean>`(${appId === null ? sql`true` : sql`app_id = ${appId}`} and ${sql.ref(column)}::text ~ ${patterns.join('|')})`,
        );
  const matchIds = (columns: readonly string[], patternsOf: (ids: readonly Renamed[]) => Patterns) =>
    table.hasApp
      ? [
          ...matches(columns, patternsOf(named.filter(({ appId }) => appId === null))),
          ...[...byApp(named)].flatMap(([appId, ids]) => matches(columns, patternsOf(ids), appId)),
        ]
      : matches(columns, patternsOf(uniqueIds(named)));
  const own = ownRows(entry, who);
  const conditions = [
    ...(own ? [own] : []),
    ...table.refers
      .filter(({ to }) => (who[to as 'customers'] ?? []).length > 0)
      .map(({ column, to }) => sql<boolean>`${sql.ref(column)} = any(${who[to as 'customers']}::uuid[])`),
    ...(table.tenant
      ? [
          ...matchIds(columnsIn(entry.who), idPatterns),
          ...matches(columnsIn(entry.who), emailPatterns(who.emails)),
          ...matches(columnsIn(entry.prose), together(emailPatterns(who.emails), namePatterns(who))),
          ...matchIds(columnsIn(entry.prose), idPatternsInProse),
        ]
      : []),
  ];
  if (conditions.length === 0) return null;
  return sql<boolean>`workspace_id = ${workspaceId} and (${sql.join(conditions, sql` or `)})`;
}
