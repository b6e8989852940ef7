import { createHmac } from 'node:crypto';
import { type RawBuilder, sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { type CatalogTable, readCatalog } from '#src/people/privacy/catalog.ts';
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
import { stripReceipts } from '#src/people/privacy/receipts.ts';
import { suppress } from '#src/people/privacy/suppressed.ts';
import { columnsIn, type Put, type Table, tables } from '#src/people/privacy/tables.ts';

/** Whom an erasure is about, and the key of its pseudonyms, which is forgotten when it is done. */
export type Erasure = { who: Identity; nonce: string };

export type Counts = Record<string, number>;

/**
 * Takes a person out of every table, one transaction each, in which `note` is told how many rows were changed. What is
 * theirs alone goes; money, touches and credits keep their numbers under pseudonyms; in words of others the name is cut
 * out. Running it again, also after it was cut short, comes to the same. The audit log holds ids and is not changed.
 */
export async function erasePerson(
  context: Context,
  { who, nonce }: Erasure,
  note: (inside: Inside, table: string, rows: number) => Promise<void>,
): Promise<void> {
  const named = who.ids.map(({ id, appId }) => ({ id, appId, instead: pseudonymOf(nonce, id) }));
  const byEmail = emailPatterns(who.emails);
  const byWord = together(byEmail, namePatterns(who));
  const inReceipts = together(idPatternsInProse(named), byEmail).patterns.join('|');

  const catalog = await transaction(context, async (inside) => {
    await suppress(inside, who.emails);
    return readCatalog(inside.tx);
  });
  for (const { table, entry } of classified(catalog))
    await transaction(context, async (inside) => {
      const ids = columnsIn(entry.who);
      const prose = columnsIn(entry.prose);
      const changed = [
        await eraseRows(inside, table, entry, who, nonce),
        table.name === 'payment_events' && inReceipts ? await stripReceipts(inside, inReceipts) : 0,
        await cutOut(inside, table, ids, byEmail, named, idPatterns),
        await cutOut(inside, table, prose, byWord, named, idPatternsInProse),
      ];
      // Each may have changed the same rows.
      const rows = Math.max(...changed);
      if (rows > 0) await note(inside, table.name, rows);
    });
}

/** The tables of workspaces with what the registry says of them. A table it does not know stops the erasure. */
export function classified(catalog: readonly CatalogTable[]): { table: CatalogTable; entry: Table }[] {
  return catalog
    .filter((table) => table.hasWorkspace)
    .map((table) => {
      const entry = tables.get(table.name);
      if (!entry)
        throw new Error(
          `Nothing is said of the table ${table.name} in src/people/privacy/tables, so nobody can be found in it.`,
        );
      return { table, entry };
    });
}

/** The condition by which rows of a table are a person's own, or null where there are none. */
export function ownRows(entry: Table, who: Identity): RawBuilder<boolean> | null {
  if (!entry.rows) return null;
  const { by, of } = entry.rows;
  if (who[of].length === 0) return null;
  return of === 'emails'
    ? sql<boolean>`lower(${sql.ref(by)}) = any(${who.emails})`
    : sql<boolean>`${sql.ref(by)} = any(${who[of]}::uuid[])`;
}

async function eraseRows(
  { tx, workspaceId, clock }: Inside,
  table: CatalogTable,
  entry: Table,
  who: Identity,
  nonce: string,
): Promise<number> {
  const own = ownRows(entry, who);
  if (!own || !entry.rows) return 0;
  const { erase } = entry.rows;
  const mine = sql`workspace_id = ${workspaceId} and ${own}`;
  if (erase === 'remove') return changedBy(await sql`delete from ${sql.table(table.name)} where ${mine}`.execute(tx));
  const put = (value: Put) => {
    if (value === null) return sql`null`;
    if (value === 'now') return sql`${clock.now()}`;
    if (value === 'pseudonym')
      return sql`'erased-' || left(encode(sha256(convert_to(${nonce} || id::text, 'UTF8')), 'hex'), 16)`;
    return sql`${value.words}`;
  };
  const pairs = Object.entries(erase).map(([column, value]) => ({
    set:
      value === 'now'
        ? sql`${sql.ref(column)} = coalesce(${sql.ref(column)}, ${put(value)})`
        : sql`${sql.ref(column)} = ${put(value)}`,
    differs: value === 'now' ? sql`${sql.ref(column)} is null` : sql`${sql.ref(column)} is distinct from ${put(value)}`,
  }));
  return changedBy(
    await sql`update ${sql.table(table.name)} set ${sql.join(pairs.map(({ set }) => set))}
      where ${mine} and (${sql.join(
        pairs.map(({ differs }) => differs),
        sql` or `,
      )})`.execute(tx),
  );
}

type Named = Renamed & { appId: string | null };

/** Words go wherever they stand; an id goes in the rows of its app, and where rows belong to no app. */
async function cutOut(
  inside: Inside,
  table: CatalogTable,
  columns: readonly string[],
  words: Patterns,
  named: readonly Named[],
  patternsOf: (ids: readonly Renamed[]) => Patterns,
): Promise<number> {
  if (!table.tenant || columns.length === 0) return 0;
  const everywhere = table.hasApp ? named.filter(({ appId }) => appId === null) : uniqueIds(named);
  let changed = await cut(inside, table, columns, together(words, patternsOf(everywhere)), null);
  if (!table.hasApp) return changed;
  for (const [appId, ids] of byApp(named))
    changed = Math.max(changed, await cut(inside, table, columns, patternsOf(ids), appId));
  return changed;
}

/** The ids of each app. */
export function byApp<Id extends { appId: string | null }>(ids: readonly Id[]): Map<string, Id[]> {
  const apps = new Map<string, Id[]>();
  for (const one of ids) if (one.appId !== null) apps.set(one.appId, [...(apps.get(one.appId) ?? []), one]);
  return apps;
}

export function uniqueIds<Id extends { id: string }>(ids: readonly Id[]): Id[] {
  return [...new Map(ids.map((one) => [one.id, one])).values()];
}

/** So many patterns at once: an expression of thousands would be refused as too complex. */
const AT_ONCE = 100;

async function cut(
  { tx }: Inside,
  table: CatalogTable,
  columns: readonly string[],
  { patterns, instead }: Patterns,
  appId: string | null,
): Promise<number> {
  let changed = 0;
  for (let at = 0; at < patterns.length; at += AT_ONCE) {
    const some = [patterns, instead].map((list) => list.slice(at, at + AT_ONCE));
    const { rows } = await sql<{ changed: number }>`
      select cut_out_of(${table.name}, ${columns}::name[], ${some[0]}::text[], ${some[1]}::text[], ${appId === null ? null : [appId]}::uuid[]) as changed`.execute(
      tx,
    );
    changed = Math.max(changed, rows[0]?.changed ?? 0);
  }
  return changed;
}

function pseudonymOf(nonce: string, id: string): string {
  return `erased-${createHmac('sha256', nonce).update(id).digest('hex').slice(0, 16)}`;
}

function changedBy({ numAffectedRows }: { numAffectedRows?: bigint }): number {
  return Number(numAffectedRows ?? 0n);
}
