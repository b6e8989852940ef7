import { sql } from 'kysely';
import type { Tx } from '#src/db/client.ts';
import type { Place } from '#src/secrets.ts';

/** A column of sealed values, as the database's own catalog knows it. */
export type SealedColumn = { table: string; column: string; key: string[]; tenant: boolean };

/** Every column named `sealed_…`: whoever adds one need not tell anybody. */
export async function sealedColumns(tx: Tx): Promise<SealedColumn[]> {
  const { rows } = await sql<SealedColumn>`
    select c.relname as "table", a.attname as "column", c.relrowsecurity as tenant,
      (select json_agg(k.attname order by array_position(i.indkey::int2[], k.attnum)) from pg_index i
        join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey::int2[])
        where i.indrelid = c.oid and i.indisprimary) as key
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
      and a.attnum > 0 and not a.attisdropped and a.attname like 'sealed\_%'
    order by c.relname, a.attnum`.execute(tx);
  return rows;
}

/**
 * The place a value of this row is bound to, from its key: what is left of the key beside the workspace, or the
 * workspace where nothing is left. Only developer apps say it in their own way.
 */
export function placeOf({ table, column, key }: SealedColumn, values: Record<string, string>): Place {
  const said = key.filter((name) => name !== 'workspace_id').map((name) => values[name] ?? '');
  if (table === 'developer_apps')
    return { table, column, row: [values.workspace_id, ...said.filter(Boolean)].join(':') };
  return { table, column, row: said.length > 0 ? said.join(':') : (values.workspace_id ?? '') };
}
