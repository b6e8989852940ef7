import type pg from 'pg';

/** What the database says about itself, in the order in which it was made. The partitions in `part` are left out: they come and go. */
export type Model = {
  schemas: { name: string; comment: string | null; grants: Grant[] }[];
  domains: { name: string; type: string; checks: string[]; comment: string | null }[];
  routines: {
    name: string;
    signature: string;
    kind: 'function' | 'procedure';
    definition: string;
    comment: string | null;
    grants: Grant[];
    public: boolean;
  }[];
  tables: Table[];
};

export type Grant = { to: string; rights: string[] };

export type Table = {
  name: string;
  comment: string | null;
  columns: {
    name: string;
    type: string;
    notNull: boolean;
    default: string | null;
    generated: boolean;
    identity: string;
    comment: string | null;
  }[];
  constraints: {
    name: string;
    kind: string;
    definition: string;
    references: string | null;
    referencesMany: boolean;
    columns: string[];
  }[];
  /** Those that no constraint has made. */
  indexes: string[];
  partitionKey: string | null;
  rowSecurity: boolean;
  forced: boolean;
  policies: {
    name: string;
    permissive: boolean;
    command: string;
    roles: string[];
    using: string | null;
    check: string | null;
  }[];
  grants: Grant[];
};

/** Reads the model of a migrated database. Throws when the schema holds a kind of object that it would not write down. */
export async function readModel(client: pg.Client): Promise<Model> {
  await refuseUnknownKinds(client);
  const rows = async <T>(sql: string): Promise<T[]> => (await client.query(sql)).rows as T[];
  const tables = await rows<Table & { oid: number }>(TABLES);
  const columns = await rows<Table['columns'][number] & { oid: number }>(COLUMNS);
  const constraints = await rows<Table['constraints'][number] & { oid: number }>(CONSTRAINTS);
  const indexes = await rows<{ oid: number; definition: string }>(INDEXES);
  const policies = await rows<Table['policies'][number] & { oid: number }>(POLICIES);
  const of = <T extends { oid: number }>(all: T[], oid: number) =>
    all.filter((one) => one.oid === oid).map(({ oid: _, ...rest }) => rest);
  return {
    schemas: await rows(SCHEMAS),
    domains: await rows(DOMAINS),
    routines: await rows(ROUTINES),
    tables: tables.map(({ oid, ...table }) => ({
      ...table,
      columns: of(columns, oid),
      constraints: of(constraints, oid),
      indexes: of(indexes, oid).map((one) => one.definition),
      policies: of(policies, oid),
    })),
  };
}

async function refuseUnknownKinds(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ what: string }>(`
    select 'the ' || case c.relkind when 'v' then 'view' when 'm' then 'materialized view' when 'f' then 'foreign table' else 'sequence' end || ' ' || c.relname as what
      from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('v', 'm', 'f', 'S')
        and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('i', 'e'))
    union all
    select 'the trigger ' || t.tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'public'::regnamespace and not t.tgisinternal
    union all
    select 'the type ' || t.typname from pg_type t left join pg_class c on c.oid = t.typrelid
      where t.typnamespace = 'public'::regnamespace and t.typtype in ('e', 'r', 'c') and (c.oid is null or c.relkind = 'c')
    union all
    select 'the extension ' || extname from pg_extension where extname <> 'plpgsql'
    order by 1`);
  if (rows.length > 0)
    throw new Error(
      `db/schema.sql does not know how to say ${rows.map((row) => row.what).join(', ')}. Teach src/db/generate/model.ts and schema.ts.`,
    );
}

const grantsOf = (acl: string, owner: string, fallback: string) => `
  coalesce((select json_agg(json_build_object('to', g.grantee, 'rights', g.rights) order by g.grantee) from (
    select coalesce(r.rolname, 'public') as grantee, json_agg(lower(a.privilege_type) order by array_position(array['SELECT','INSERT','UPDATE','DELETE'], a.privilege_type), a.privilege_type) as rights
    from aclexplode(coalesce(${acl}, acldefault('${fallback}', ${owner}))) a left join pg_roles r on r.oid = a.grantee
    where a.grantee <> ${owner} and a.grantee <> 0 group by 1) g), '[]')`;

const OURS = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition`;

const SCHEMAS = `
  select n.nspname as name, obj_description(n.oid, 'pg_namespace') as comment, ${grantsOf('n.nspacl', 'n.nspowner', 'n')} as grants
  from pg_namespace n where n.nspname = 'part' or n.nspname = 'public' order by n.nspname = 'public', n.oid`;

const DOMAINS = `
  select t.typname as name, format_type(t.typbasetype, t.typtypmod) as type, obj_description(t.oid, 'pg_type') as comment,
    coalesce((select json_agg('constraint ' || quote_ident(k.conname) || ' ' || pg_get_constraintdef(k.oid) order by k.conname) from pg_constraint k where k.contypid = t.oid), '[]') as checks
  from pg_type t where t.typnamespace = 'public'::regnamespace and t.typtype = 'd' order by t.oid`;

const ROUTINES = `
  select p.proname as name, p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')' as signature,
    case p.prokind when 'p' then 'procedure' else 'function' end as kind, pg_get_functiondef(p.oid) as definition,
    obj_description(p.oid, 'pg_proc') as comment, ${grantsOf('p.proacl', 'p.proowner', 'f')} as grants,
    exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0) as public
  from pg_proc p where p.pronamespace = 'public'::regnamespace order by p.oid`;

const TABLES = `
  select c.oid::int as oid, c.relname as name, obj_description(c.oid, 'pg_class') as comment, c.relrowsecurity as "rowSecurity", c.relforcerowsecurity as forced,
    case when c.relkind = 'p' then pg_get_partkeydef(c.oid) end as "partitionKey", ${grantsOf('c.relacl', 'c.relowner', 'r')} as grants
  from pg_class c where ${OURS} order by c.relname <> 'migrations', c.oid`;

const COLUMNS = `
  select a.attrelid::int as oid, a.attname as name, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull as "notNull",
    pg_get_expr(d.adbin, d.adrelid) as default, a.attgenerated <> '' as generated, a.attidentity as identity, col_description(c.oid, a.attnum) as comment
  from pg_attribute a join pg_class c on c.oid = a.attrelid left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where ${OURS} and a.attnum > 0 and not a.attisdropped order by a.attrelid, a.attnum`;

const CONSTRAINTS = `
  select k.conrelid::int as oid, k.conname as name, k.contype as kind, pg_get_constraintdef(k.oid) as definition, f.relname as references,
    k.contype = 'f' and not exists (
      select from pg_index i where i.indrelid = k.conrelid and i.indisunique and i.indkey::int2[] <@ k.conkey) as "referencesMany",
    (select coalesce(json_agg(a.attname order by array_position(k.conkey, a.attnum)), '[]') from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any(k.conkey)) as columns
  from pg_constraint k join pg_class c on c.oid = k.conrelid left join pg_class f on f.oid = k.confrelid
  where ${OURS} and k.contype <> 'n' and k.conparentid = 0
  order by k.conrelid, array_position(array['p', 'u', 'c', 'f'], k.contype::text), k.conkey, k.conname`;

const INDEXES = `
  select i.indrelid::int as oid, pg_get_indexdef(i.indexrelid) as definition
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_class x on x.oid = i.indexrelid
  where ${OURS} and not exists (select from pg_constraint k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
  order by i.indrelid, x.relname`;

const POLICIES = `
  select p.polrelid::int as oid, p.polname as name, p.polpermissive as permissive,
    case p.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update' when 'd' then 'delete' else 'all' end as command,
    (select json_agg(case when role = 0 then 'public' else role::regrole::text end order by role) from unnest(p.polroles) role) as roles,
    pg_get_expr(p.polqual, p.polrelid) as using, pg_get_expr(p.polwithcheck, p.polrelid) as check
  from pg_policy p join pg_class c on c.oid = p.polrelid where ${OURS} order by p.polrelid, p.polname`;
