import type pg from 'pg';

/** A foreign key as the catalog has it. `from` and `to` are tables, `pairs` the columns of one beside those of the other. */
export type Key = {
  name: string;
  from: string;
  to: string;
  pairs: [from: string, to: string][];
  cascades: boolean;
  definition: string;
};

/** What becomes of each table on several servers, read from the catalog alone. */
export type Layout = {
  /** Tenant tables, those first that others refer to. They have the one policy and are cut by `workspace_id`. */
  distributed: string[];
  /** Shared tables that rows of every workspace refer to: each server has a whole copy. */
  reference: string[];
  /** The other shared tables stay on the first server. */
  local: string[];
  /** Foreign keys that touch a distributed table and hold there as well. */
  kept: Key[];
  /** Foreign keys of shared tables to tenant tables: a key cannot lead from one server into many. */
  swept: Key[];
  /** Functions that statements or policies call, with their arguments. */
  functions: string[];
  /** The roles the server logs in as. */
  roles: string[];
  /** Why it cannot be done, a sentence each. */
  problems: string[];
};

/** Read inside distributed statements (through `rate_of_day`), though no key leads there. */
const READ_EVERYWHERE = ['exchange_rates'];

export async function readLayout(client: pg.ClientBase): Promise<Layout> {
  const tables = await read<{ name: string; tenant: boolean }>(client, TABLES);
  const tenants = new Set(tables.filter(({ tenant }) => tenant).map(({ name }) => name));
  const all = await read<Key>(client, KEYS);
  const keys = all.filter(({ from, to }) => tenants.has(from) || tenants.has(to));
  const referred = keys.filter(({ from, to }) => tenants.has(from) && !tenants.has(to)).map(({ to }) => to);
  const reference = [...new Set([...referred, ...READ_EVERYWHERE])].sort();
  const kept = keys.filter(({ from }) => tenants.has(from));
  const isTenant = ({ table }: { table: string }) => tenants.has(table);
  const problems = [
    ...(await read<{ table: string; name: string }>(client, UNIQUE_WITHOUT))
      .filter(isTenant)
      .map(({ table, name }) => `The unique index ${name} of ${table} does not contain workspace_id.`),
    ...(await read<{ table: string }>(client, WITHOUT_PRIMARY))
      .filter(isTenant)
      .map(({ table }) => `${table} has no primary key.`),
    ...kept.filter(({ to }) => tenants.has(to)).flatMap(wrongWith),
    ...(await read<{ table: string; name: string }>(client, ODD))
      .filter(isTenant)
      .map(({ table, name }) => `${table} has ${name}, which a distributed table cannot have.`),
  ];
  return {
    distributed: inOrder([...tenants].sort(), kept),
    reference,
    local: tables.map(({ name }) => name).filter((name) => !tenants.has(name) && !reference.includes(name)),
    kept,
    swept: keys.filter(({ from }) => !tenants.has(from)),
    functions: (await read<{ name: string }>(client, FUNCTIONS)).map(({ name }) => name),
    roles: (await read<{ name: string }>(client, ROLES)).map(({ name }) => name),
    problems,
  };
}

/** Which tables lie on several servers already, and which are copied to each; none where there is no Citus. */
export async function placedTables(client: pg.ClientBase): Promise<{ byWorkspace: string[]; copied: string[] }> {
  const citus = await client.query(`select from pg_extension where extname = 'citus'`);
  if (citus.rowCount === 0) return { byWorkspace: [], copied: [] };
  const tables = await read<{ name: string; method: string }>(client, PLACED);
  const by = (method: string) => tables.filter((table) => table.method === method).map(({ name }) => name);
  return { byWorkspace: by('h'), copied: by('n') };
}

function wrongWith({ from, name, pairs, definition }: Key): string[] {
  const found: string[] = [];
  if (!pairs.some(([own, other]) => own === 'workspace_id' && other === 'workspace_id'))
    found.push(`The foreign key ${name} of ${from} does not lead from workspace_id to workspace_id.`);
  if (/on delete set (null|default)(?! \()/i.test(definition))
    found.push(`The foreign key ${name} of ${from} would empty workspace_id when what it refers to is deleted.`);
  return found;
}

/** Those first that others refer to; what refers to itself or in a circle stays in the order given. */
function inOrder(tables: string[], keys: Key[]): string[] {
  const ordered = new Set<string>();
  const add = (table: string, on: readonly string[]) => {
    if (ordered.has(table) || on.includes(table)) return;
    for (const { from, to } of keys) if (from === table && tables.includes(to)) add(to, [...on, table]);
    ordered.add(table);
  };
  for (const table of tables) add(table, []);
  return [...ordered];
}

async function read<R extends pg.QueryResultRow>(client: pg.ClientBase, text: string): Promise<R[]> {
  return (await client.query<R>(text)).rows;
}

const OURS = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`;

const TABLES = `
  select c.relname as name, exists (select from pg_policy p where p.polrelid = c.oid and p.polname = 'workspace_only') as tenant
  from pg_class c where ${OURS} order by c.relname`;

const KEYS = `
  select k.conname as name, f.relname as "from", t.relname as "to", k.confdeltype = 'c' as cascades,
    pg_get_constraintdef(k.oid) as definition,
    (select json_agg(json_build_array(a.attname, b.attname) order by n)
     from unnest(k.conkey, k.confkey) with ordinality as u(own, other, n)
     join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.own
     join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.other) as pairs
  from pg_constraint k join pg_class f on f.oid = k.conrelid join pg_class t on t.oid = k.confrelid
  where k.contype = 'f' and k.conparentid = 0 and f.relnamespace = 'public'::regnamespace
  order by f.relname, k.conname`;

const UNIQUE_WITHOUT = `
  select c.relname as "table", i.indexrelid::regclass::text as name
  from pg_index i join pg_class c on c.oid = i.indrelid
  where ${OURS} and i.indisunique and not exists (
    select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id' and a.attnum = any (i.indkey))`;

const WITHOUT_PRIMARY = `
  select c.relname as "table" from pg_class c
  where ${OURS} and not exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary)`;

const ODD = `
  select c.relname as "table", 'the trigger ' || t.tgname as name
  from pg_trigger t join pg_class c on c.oid = t.tgrelid where ${OURS} and not t.tgisinternal
  union all
  select c.relname, 'the exclusion constraint ' || k.conname
  from pg_constraint k join pg_class c on c.oid = k.conrelid where ${OURS} and k.contype = 'x'
  union all
  select c.relname, 'the identity column ' || a.attname || ' that is no bigint'
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where ${OURS} and a.attidentity <> '' and a.atttypid <> 'bigint'::regtype`;

const FUNCTIONS = `
  select p.oid::regprocedure::text as name from pg_proc p join pg_language l on l.oid = p.prolang
  where p.pronamespace = 'public'::regnamespace and l.lanname = 'sql' and p.provolatile <> 'v' order by 1`;

const ROLES = `
  select r.rolname as name from pg_auth_members m join pg_roles g on g.oid = m.roleid join pg_roles r on r.oid = m.member
  where g.rolname = 'fanfare_app' and r.rolcanlogin order by 1`;

/** h: cut by a column. n with t: copied everywhere; other n are tables of one server that Citus knows of. */
const PLACED = `
  select c.relname as name, p.partmethod as method
  from pg_dist_partition p join pg_class c on c.oid = p.logicalrelid
  where not c.relispartition and (p.partmethod = 'h' or (p.partmethod = 'n' and p.repmodel = 't'))`;
