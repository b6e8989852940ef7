import type pg from 'pg';
import type { Finding } from '#test/architecture/rules.ts';

/** A table as the tenancy rules see it. */
export type TableFacts = {
  table: string;
  comment: string | null;
  /** A column `workspace_id` is there. */
  hasWorkspace: boolean;
  primaryKey: string[];
  /** Unique constraints, unique indexes and foreign keys, by their columns. */
  uniques: string[][];
  foreignKeys: { columns: string[]; to: string }[];
  rowSecurity: boolean;
  policies: { name: string; command: string; using: string | null; check: string | null }[];
  triggers: string[];
  /** Rights of the server role. */
  rights: string[];
};

/** What the server role can do around the tables. */
export type RoleFacts = {
  superuser: boolean;
  bypass: boolean;
  owns: string[];
  entersPartitions: boolean;
  readsLeaves: string[];
  leavesOutside: string[];
};

const SHARED = 'Shared.';
const POLICY = /^\(workspace_id = \( SELECT current_workspace\(\) AS current_workspace\)\)$/;

/** Every tenant table is isolated as DESIGN §5 says; every other table says "Shared." in its comment. */
export function tenancy(tables: TableFacts[]): Finding[] {
  return tables.flatMap((table) => {
    const wrong = (says: string): Finding => ({ rule: 'tenancy', path: table.table, line: 0, says });
    const shared = table.comment?.startsWith(SHARED) ?? false;
    if (!table.comment) return [wrong('has no comment')];
    if (shared)
      return table.rowSecurity &&
        table.policies.length > 0 &&
        table.hasWorkspace &&
        table.primaryKey[0] === 'workspace_id'
        ? [wrong('is isolated like a tenant table, but its comment begins with "Shared."')]
        : [];
    if (!table.hasWorkspace) return [wrong('has no workspace_id, and its comment does not begin with "Shared."')];
    const isTenant = new Set(
      tables.filter((one) => one.comment && !one.comment.startsWith(SHARED)).map((one) => one.table),
    );
    return [
      ...(table.primaryKey[0] === 'workspace_id'
        ? []
        : [wrong(`has the primary key (${table.primaryKey.join(', ')}); workspace_id comes first`)]),
      ...table.uniques
        .filter((columns) => !columns.includes('workspace_id'))
        .map((columns) => wrong(`is unique by (${columns.join(', ')}) across workspaces`)),
      ...table.foreignKeys
        .filter(({ columns, to }) => isTenant.has(to) && !columns.includes('workspace_id'))
        .map(({ columns, to }) => wrong(`refers to ${to} by (${columns.join(', ')}) without workspace_id`)),
      ...(table.rowSecurity ? [] : [wrong('has row-level security off')]),
      ...(table.policies.length === 1 &&
      table.policies[0]!.command === 'ALL' &&
      POLICY.test(table.policies[0]!.using ?? '') &&
      POLICY.test(table.policies[0]!.check ?? '')
        ? []
        : [wrong('does not have the one policy workspace_only; call make_tenant')]),
      ...table.triggers.map((trigger) => wrong(`has the trigger ${trigger}`)),
      ...(table.rights.some((right) => ['TRUNCATE', 'TRIGGER', 'REFERENCES'].includes(right))
        ? [wrong('gives the server more than select, insert, update, delete')]
        : []),
    ];
  });
}

/** The server role owns nothing, cannot bypass the policies, and cannot reach a partition. */
export function confinement(role: RoleFacts): Finding[] {
  const wrong = (says: string): Finding => ({ rule: 'confinement', path: 'fanfare_server', line: 0, says });
  return [
    ...(role.superuser ? [wrong('is a superuser')] : []),
    ...(role.bypass ? [wrong('may bypass row-level security')] : []),
    ...role.owns.map((name) => wrong(`owns ${name}`)),
    ...(role.entersPartitions ? [wrong('may enter the schema part')] : []),
    ...role.readsLeaves.map((name) => wrong(`has rights on the partition ${name}`)),
    ...role.leavesOutside.map((name) =>
      wrong(`could reach the partition ${name}, which does not stand in the schema part`),
    ),
  ];
}

export async function readTables(client: pg.Client): Promise<TableFacts[]> {
  const { rows } = await client.query<TableFacts>(`
    select c.relname as table, obj_description(c.oid, 'pg_class') as comment, c.relrowsecurity as "rowSecurity",
      exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'workspace_id') as "hasWorkspace",
      coalesce((select ${columnsOf('i.indkey::int2[]')} from pg_index i where i.indrelid = c.oid and i.indisprimary), '[]') as "primaryKey",
      coalesce((select json_agg(${columnsOf('i.indkey::int2[]')}) from pg_index i where i.indrelid = c.oid and i.indisunique), '[]') as uniques,
      coalesce((select json_agg(json_build_object('columns', ${columnsOf('k.conkey')}, 'to', k.confrelid::regclass::text)) from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'f' and k.conparentid = 0), '[]') as "foreignKeys",
      coalesce((select json_agg(json_build_object('name', p.policyname, 'command', p.cmd, 'using', p.qual, 'check', p.with_check)) from pg_policies p
        where p.schemaname = 'public' and p.tablename = c.relname), '[]') as policies,
      coalesce((select json_agg(t.tgname) from pg_trigger t where t.tgrelid = c.oid and not t.tgisinternal), '[]') as triggers,
      coalesce((select json_agg(distinct a.privilege_type) from aclexplode(c.relacl) a where a.grantee in ('fanfare_app'::regrole, 'fanfare_server'::regrole, 0)), '[]') as rights
    from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition order by c.oid`);
  return rows;
}

function columnsOf(keys: string): string {
  const select = `select json_agg(a.attname order by array_position(${keys}, a.attnum)) from pg_attribute a where a.attrelid = c.oid and a.attnum = any(${keys})`;
  return `(${select})`;
}

export async function readRole(client: pg.Client): Promise<RoleFacts> {
  const { rows } = await client.query<RoleFacts>(`
    with role as (select oid, rolsuper, rolbypassrls from pg_roles where rolname in ('fanfare_server', 'fanfare_app')),
    leaf as (select c.oid, c.relnamespace, c.oid::regclass::text as name from pg_class c where c.relispartition and c.relkind in ('r', 'p'))
    select bool_or(rolsuper) as superuser, bool_or(rolbypassrls) as bypass,
      has_schema_privilege('fanfare_server', 'part', 'usage') or has_schema_privilege('fanfare_server', 'part', 'create') as "entersPartitions",
      coalesce((select json_agg(c.relname) from pg_class c where c.relowner in (select oid from role)), '[]') as owns,
      coalesce((select json_agg(name) from leaf where has_table_privilege('fanfare_server', leaf.oid, 'select, insert, update, delete')), '[]') as "readsLeaves",
      coalesce((select json_agg(name) from leaf where relnamespace <> 'part'::regnamespace), '[]') as "leavesOutside"
    from role`);
  return rows[0]!;
}
