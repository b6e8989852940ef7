import { sql } from 'kysely';
import type { Tx } from '#src/db/client.ts';

/** A table as the database's own catalog knows it. `texts` are the columns that have to be classified. */
export type CatalogTable = {
  name: string;
  /** Belongs to workspaces. */
  tenant: boolean;
  hasWorkspace: boolean;
  hasApp: boolean;
  key: string[];
  texts: string[];
  sealed: string[];
  /** Columns that refer to a row of another table by its id, e.g. customer_id → customers. */
  refers: { column: string; to: string }[];
};

/**
 * Reads the catalog. A text column of a closed list of values needs no class: its check says that it holds our words
 * only. Nor does one that is sealed.
 */
export async function readCatalog(tx: Tx): Promise<CatalogTable[]> {
  const { rows } = await sql<CatalogTable>`
    with columns as (
      select a.attrelid, a.attname, a.attnum,
        exists (select from pg_constraint k where k.conrelid = a.attrelid and k.contype = 'c' and k.conkey = array[a.attnum]
          and pg_get_constraintdef(k.oid) ~ '= ANY \\(ARRAY\\[') as closed,
        coalesce(nullif(e.typbasetype, 0), e.oid)::regtype::text in ('text', 'character varying', 'json', 'jsonb', 'bytea', 'inet')
          and e.typname not in ('currency_code', 'time_zone_name') as open
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      join pg_type e on e.oid = case when t.typcategory = 'A' then t.typelem else t.oid end
      where a.attnum > 0 and not a.attisdropped
    )
    select c.relname as "name", c.relrowsecurity as "tenant",
      exists (select from columns k where k.attrelid = c.oid and k.attname = 'workspace_id') as "hasWorkspace",
      exists (select from columns k where k.attrelid = c.oid and k.attname = 'app_id') as "hasApp",
      coalesce((select json_agg(k.attname order by array_position(i.indkey::int2[], k.attnum)) from pg_index i
        join columns k on k.attrelid = c.oid and k.attnum = any(i.indkey::int2[]) where i.indrelid = c.oid and i.indisprimary), '[]') as key,
      coalesce((select json_agg(k.attname order by k.attnum) from columns k where k.attrelid = c.oid and k.open and not k.closed and k.attname not like 'sealed\\_%'), '[]') as texts,
      coalesce((select json_agg(k.attname order by k.attnum) from columns k where k.attrelid = c.oid and k.open and k.attname like 'sealed\\_%'), '[]') as sealed,
      coalesce((select json_agg(json_build_object('column', k.attname, 'to', f.confrelid::regclass::text) order by k.attname) from pg_constraint f
        join columns k on k.attrelid = c.oid and k.attnum = f.conkey[cardinality(f.conkey)]
        where f.conrelid = c.oid and f.contype = 'f' and f.confrelid::regclass::text in ('customers', 'contacts', 'subscribers', 'affiliates')), '[]') as refers
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
    order by c.relname`.execute(tx);
  return rows;
}
