import { sql } from 'kysely';
import { asSystem, shared, transaction, type World } from '#src/context.ts';
import type { Tx } from '#src/db/client.ts';
import { placeOf, type SealedColumn, sealedColumns } from '#src/people/secrets/columns.ts';
import { envelopeOf } from '#src/secrets.ts';

/** Values of one column. `older`: still under a key that only opens; `unreadable`: under a key of an unknown secret. */
export type Counted = { table: string; column: string; values: number; older: number; unreadable: number };

const AT_ONCE = 100;

/**
 * Seals again what another key than the one in force sealed, in every sealed column of every workspace, a hundred rows
 * to a transaction. Safe to run in several processes, while everything else goes on, and again after it was cut short:
 * a row that somebody holds is left for the next time, and one that was changed meanwhile is not touched. Returns how
 * many values were sealed again.
 */
export async function reseal(world: World): Promise<number> {
  const columns = await shared(world, sealedColumns);
  let count = 0;
  for (const reach of await reaches(world))
    for (const column of columns.filter(({ tenant }) => tenant === (reach !== null)))
      count += await resealColumn(world, reach, column);
  return count;
}

/** How every sealed column stands, over all workspaces. */
export async function countSealed(world: World): Promise<{ columns: Counted[]; used: Set<string> }> {
  const columns = await shared(world, sealedColumns);
  const counted = columns.map(({ table, column }) => ({ table, column, values: 0, older: 0, unreadable: 0 }));
  const used = new Set<string>();
  const { keys } = world.secrets;
  for (const reach of await reaches(world))
    for (const [at, one] of columns.entries()) {
      if (one.tenant !== (reach !== null)) continue;
      const { rows } = await within(world, reach, (tx) =>
        sql<{ id: string; count: number }>`
          select split_part(${sql.ref(one.column)}, '.', 2) as id, count(*)::int as count
          from ${sql.table(one.table)} where ${sql.ref(one.column)} is not null group by 1`.execute(tx),
      );
      for (const { id, count } of rows) {
        used.add(id);
        const into = counted[at]!;
        into.values += count;
        if (id !== keys.current()) into[keys.isOwn(id) || keys.isBefore(id) ? 'older' : 'unreadable'] += count;
      }
    }
  return { columns: counted, used };
}

/** Every workspace, and null for the tables they share. */
async function reaches(world: World): Promise<(string | null)[]> {
  const rows = await shared(world, (tx) => tx.selectFrom('workspaces').select('id').orderBy('id').execute());
  return [...rows.map(({ id }) => id), null];
}

function within<T>(world: World, reach: string | null, run: (tx: Tx) => Promise<T>): Promise<T> {
  return reach === null
    ? shared(world, run)
    : transaction(asSystem(world, reach, 'sealing again'), ({ tx }) => run(tx));
}

async function resealColumn(world: World, reach: string | null, column: SealedColumn): Promise<number> {
  let sealed = 0;
  let after: Key | null = null;
  do {
    const batch = await within(world, reach, (tx) => resealBatch(world, tx, column, after));
    sealed += batch.sealed;
    after = batch.last;
  } while (after);
  return sealed;
}

/** The values of a row's key, as text. */
type Key = Record<string, string>;
type Row = { sealed: string; key: Key };

/**
 * The next hundred rows behind `after`; `last` is null when there are none. The lock is one that goes together with rows
 * being made that refer to these.
 */
async function resealBatch(world: World, tx: Tx, column: SealedColumn, after: Key | null) {
  const value = sql.ref(column.column);
  const named = column.key.map((name) => sql`${sql.lit(name)}, ${sql.ref(name)}::text`);
  const key = sql.join(column.key.map((name) => sql.ref(name)));
  const behind = after ? sql`and (${key}) > (${sql.join(column.key.map((name) => after[name]))})` : sql``;
  const { rows } = await sql<Row>`
    select ${value} as sealed, json_build_object(${sql.join(named)}) as key from ${sql.table(column.table)}
    where ${value} is not null and not starts_with(${value}, ${envelopeOf(world.secrets.keys.current())}) ${behind}
    order by ${key} limit ${AT_ONCE} for no key update skip locked`.execute(tx);
  let count = 0;
  for (const { sealed, key: own } of rows) {
    const again = sealedAgain(world, column, own, sealed);
    if (again === null) continue;
    const same = column.key.map((name) => sql`${sql.ref(name)} = ${own[name]}`);
    await sql`update ${sql.table(column.table)} set ${value} = ${again}
      where ${sql.join(same, sql` and `)} and ${value} = ${sealed}`.execute(tx);
    count++;
  }
  return { sealed: count, last: rows.at(-1)?.key ?? null };
}

/** Null for what does not open: it stays as it is, and is counted as unreadable. */
function sealedAgain(world: World, column: SealedColumn, key: Key, sealed: string): string | null {
  const place = placeOf(column, key);
  try {
    return world.secrets.seal(place, world.secrets.open(place, sealed));
  } catch {
    return null;
  }
}
