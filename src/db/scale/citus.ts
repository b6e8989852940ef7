import pg from 'pg';
import { connectOwner } from '#src/db/external.ts';
import { type Key, type Layout, placedTables, readLayout } from './layout.ts';

/** One statement of the plan and what it is for; statements of one heading follow each other. */
export type Step = { about: string; sql: string };

export type Plan = { layout: Layout; steps: Step[] };

/** Workspaces are cut into so many pieces, which can be moved between servers one by one; Citus advises 32 to 128. */
const SHARDS = 64;
/** Each piece of each table is locked once in the one transaction. */
const LOCKS = 1_024;

const SWEEP = 'sweep_lookups';

/**
 * What turns this database into one on several servers, without doing it: tenant tables distributed by workspace and in
 * the same place, shared ones copied or left where they are. What is distributed already is left out, so after an upgrade
 * the plan holds the new tables.
 */
export async function planCitus(client: pg.ClientBase): Promise<Plan> {
  const layout = await readLayout(client);
  const { byWorkspace, copied } = await placedTables(client);
  const done = new Set([...byWorkspace, ...copied]);
  const body = await sweepOf(client);
  const fresh = layout.distributed.filter((table) => !done.has(table));
  const toFresh = ({ from, to }: Key) => fresh.includes(from) || fresh.includes(to);
  const again = layout.kept.filter(toFresh);
  const first = layout.distributed.find((table) => done.has(table)) ?? fresh[0];
  const steps: Step[] = [
    ...layout.roles.map((role) => ({
      about: 'The workspace of a transaction reaches the servers that hold its rows',
      sql: `alter role ${pg.escapeIdentifier(role)} set citus.propagate_set_commands = 'local'`,
    })),
    { about: 'One server after another, as keys to copied tables ask for', sql: SEQUENTIAL },
    ...[...again, ...layout.swept].map((key) => ({
      about: 'Keys are taken off while the tables move',
      sql: `alter table ${name(key.from)} drop constraint ${name(key.name)}`,
    })),
    ...layout.reference
      .filter((table) => !done.has(table))
      .map((table) => ({
        about: 'Every server has a copy of what all workspaces refer to',
        sql: `select create_reference_table('${table}')`,
      })),
    ...(fresh.length === 0 ? [] : layout.functions).map((signature) => ({
      about: 'Functions that statements call where the rows are',
      sql: `select create_distributed_function('${signature}')`,
    })),
    ...fresh.map((table) => ({
      about: 'Tables are cut by workspace; all rows of one workspace lie together, partitions with them',
      sql: `select create_distributed_table('${table}', 'workspace_id', ${table === first ? `shard_count => ${SHARDS}, colocate_with => 'none'` : `colocate_with => '${first}'`})`,
    })),
    ...fresh.map((table) => ({
      about: 'What was copied to the pieces is not kept here a second time',
      sql: `select truncate_local_data_after_distributing_table('${table}')`,
    })),
    ...again.map(({ from, name: key, definition }) => ({
      about: 'Keys are put on again; each holds within its workspace',
      sql: `alter table ${name(from)} add constraint ${name(key)} ${definition}`,
    })),
  ];
  const sweep = [body, ...layout.swept.map(sweepFor)].filter(Boolean).join('\n');
  if (layout.swept.length > 0)
    steps.push({
      about: 'Shared tables cannot have keys to distributed ones: what these would have deleted is swept',
      sql: `create or replace function ${SWEEP}() returns void language sql as $sweep$\n${sweep}\n$sweep$`,
    });
  if (sweep) steps.push({ about: 'Sweeping', sql: `select ${SWEEP}()` });
  return { layout, steps };
}

/**
 * Carries the plan out in one transaction, as the owner on the coordinator of a Citus cluster; run again it takes in new
 * tables and sweeps. Throws in words, having changed nothing, when the database is not one that can be distributed.
 */
export async function distributeByWorkspace(ownerUrl: string, say: (text: string) => void): Promise<Plan> {
  return withOwner(ownerUrl, async (client) => {
    await requireCitus(client);
    const plan = await planCitus(client);
    if (plan.layout.problems.length > 0)
      throw new Error(`This database cannot be distributed by workspace.\n  ${plan.layout.problems.join('\n  ')}`);
    await client.query('begin');
    try {
      for (const [at, { about, sql }] of plan.steps.entries()) {
        if (about !== plan.steps[at - 1]?.about) say(`${about}.`);
        await client.query(sql);
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw new Error(`Nothing was changed: ${(error as Error).message}`, { cause: error });
    }
    return plan;
  });
}

/** The plan for the database behind this address; it need not have Citus for that. */
export function dryRun(ownerUrl: string): Promise<Plan> {
  return withOwner(ownerUrl, planCitus);
}

const SEQUENTIAL = `set local citus.multi_shard_modify_mode = 'sequential'`;

async function withOwner<T>(ownerUrl: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectOwner({ connectionString: ownerUrl });
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

async function requireCitus(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ citus: string | null; locks: string }>(
    `select (select extversion from pg_extension where extname = 'citus') as citus,
      current_setting('max_locks_per_transaction') as locks`,
  );
  const { citus, locks } = rows[0]!;
  if (!citus)
    throw new Error(
      'This database has no Citus, so there is nothing to distribute to. Install it on every server, add them with citus_add_node, run "create extension citus" here, and come back. With --dry-run the plan is shown all the same.',
    );
  if (Number.parseInt(citus, 10) < 12)
    throw new Error(
      `This is Citus ${citus}; 12 or newer is needed (identity columns, foreign keys that set one column).`,
    );
  if (Number(locks) < LOCKS)
    throw new Error(
      `All tables move in one transaction, which takes many locks: set max_locks_per_transaction to ${LOCKS} on every server and start them anew (it is ${locks}).`,
    );
}

async function sweepOf(client: pg.ClientBase): Promise<string> {
  const { rows } = await client.query<{ body: string }>(
    `select prosrc as body from pg_proc where pronamespace = 'public'::regnamespace and proname = $1`,
    [SWEEP],
  );
  return rows[0]?.body.trim() ?? '';
}

/** Not correlated: the rows that are there are read from the servers first, then the lookups are held against them. */
function sweepFor({ from, to, pairs }: Key): string {
  const [own, other] = [pairs.map(([one]) => name(one)), pairs.map(([, one]) => name(one))].map((all) =>
    all.join(', '),
  );
  return `delete from ${name(from)} where (${own}) not in (select ${other} from ${name(to)});`;
}

const name = (identifier: string) => pg.escapeIdentifier(identifier);
