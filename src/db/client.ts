import {
  CamelCasePlugin,
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type KyselyPlugin,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import pg from 'pg';
import { isTraced, span } from '#src/trail.ts';
import { bindWorkspace } from './scale/bind.ts';
import type { DB } from './types.ts';

/** A transaction's handle: every statement runs in the workspace that was set when it began. */
export type Tx = Kysely<DB>;

/** What one has to say to reach the tables: the workspace, or that only shared tables are meant. */
export type Reach = { workspaceId: string } | { shared: true };

/** A statement under a name, by which a connection keeps it prepared. A name stands for one text. */
export type Statement = { name: string; text: string };

/** Sends a statement; its rows as the database calls their columns. */
export type Ask = <R>(statement: Statement, values: readonly unknown[]) => Promise<R[]>;

export type Line = { tx: Tx; ask: Ask };

/** Statements of the fast lines in an ordinary transaction: not prepared there, and sent one after another. */
export function askOf(tx: Tx): Ask {
  let before: Promise<unknown> = Promise.resolve();
  return <R>({ text }: Statement, values: readonly unknown[]) => {
    const send = async () => (await tx.executeQuery<R>(CompiledQuery.raw(text, [...values]))).rows;
    const answer = before.then(send, send);
    before = answer;
    return answer;
  };
}

export type Database = {
  /**
   * Runs `run` in one transaction, committed when it returns, rolled back when it throws. The workspace is set in the
   * same message as `begin` (three extra round trips cost half the throughput), by `set local`, here and nowhere else:
   * that works behind PgBouncer in transaction mode and on Citus alike.
   */
  transaction<T>(reach: Reach, run: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * The same for what has to be fast: statements are kept prepared and sent without waiting for the answers of those
   * before; what `run` has sent and not awaited is awaited with the commit, which goes out at once. One of them failing
   * fails the whole. `alone`: under this name one such transaction runs at a time, in whichever process; each statement
   * of `run` sees what the one before it committed; null = nothing has to be waited for.
   */
  line<T>(workspaceId: string, alone: string | null, run: (line: Line) => Promise<T>): Promise<T>;
  /** The connections themselves, for a library that brings its own queries on shared tables (sign-in). */
  pool: pg.Pool;
  /** How it was opened, for whoever opens it once more with other settings of the connection. */
  options: DatabaseOptions;
  /** Asks the database whether it is there, on a connection of its own: it answers also when all others are busy. */
  alive(): Promise<void>;
  /** How many connections there are of each kind, how many of them are idle, and how many wait for one. */
  use(): { kind: 'ordinary' | 'fast'; open: number; idle: number; waiting: number }[];
  /** Waits for running transactions and closes the connections. */
  end(): Promise<void>;
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') => {
    if (oid === pg.types.builtins.INT8) return Number; // counts and sequence numbers stay far below 2^53
    if (oid === pg.types.builtins.DATE) return (text: string) => text; // a day is a name, not an instant
    return pg.types.getTypeParser(oid, format as 'text');
  }) as typeof pg.types.getTypeParser,
};

/** Whether the database is there is known within this time, in milliseconds. */
const ASKING_MS = 2_000;

/** So many lines at once; the other connections are for everyone else. */
const LINES = 8;

export type DatabaseOptions = {
  connections?: number;
  /** A pooler gives the connection to somebody else after each transaction, so nothing is kept prepared on it. */
  pooled?: boolean;
  /** Tables that lie on several servers by workspace, as the query builder calls them: statements say whose rows they mean. */
  distributed?: ReadonlySet<string>;
};

export function openDatabase(server: pg.ClientConfig, options: DatabaseOptions = {}): Database {
  const open: Open = (client, reach) =>
    handle(
      client,
      'shared' in reach || !options.distributed?.size ? [] : [bindWorkspace(reach.workspaceId, options.distributed)],
    );
  const pool = openPool({ ...server, types, max: options.connections ?? 10 });
  const lines = openPool({ ...server, types, pipeline: true, max: LINES });
  const asking = openPool({ ...server, max: 1, connectionTimeoutMillis: ASKING_MS, query_timeout: ASKING_MS });
  if (options.pooled) for (const one of [pool, lines]) one.on('connect', sendWhole);
  return {
    pool,
    options,
    line: (workspaceId, alone, run) => span('line', {}, () => onLine(lines, open, workspaceId, alone, run)),
    transaction: (reach, run) => span('transaction', {}, () => inTransaction(pool, open, reach, run)),
    alive: async () => {
      await asking.query('select 1');
    },
    use: () =>
      [
        { kind: 'ordinary' as const, of: pool },
        { kind: 'fast' as const, of: lines },
      ].map(({ kind, of }) => ({
        kind,
        open: of.totalCount,
        idle: of.idleCount,
        waiting: of.waitingCount,
      })),
    end: async () => {
      await Promise.all([pool.end(), lines.end(), asking.end()]);
    },
  };
}

/** Makes the handle of a transaction that has begun. */
type Open = (client: pg.PoolClient, reach: Reach) => Tx;

async function inTransaction<T>(pool: pg.Pool, open: Open, reach: Reach, run: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(opening(reach));
    try {
      const result = await run(open(client, reach));
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback').catch((failure: Error) => {
        broken = failure;
      });
      throw error;
    }
  } catch (error) {
    if (isConnectionError(error)) broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

function openPool(settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(settings);
  // A connection that dies idle (server restart) is replaced at the next use; without a listener Node would exit.
  pool.on('error', () => undefined);
  // One that dies in a transaction's hands, between two statements, likewise: the next statement fails, not the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Statements by name stand on one connection of the database; behind a pooler the next transaction may be on another, or
 * find the name taken there by somebody else. Without a name each is sent whole. (PgBouncer keeps track of names from
 * 1.21 on, https://www.pgbouncer.org/changelog.html, 2026-11-22; this works with those before and with others as well.)
 */
function sendWhole(client: pg.PoolClient): void {
  const query = client.query.bind(client) as (...all: unknown[]) => unknown;
  const nameless = (asked: unknown) =>
    typeof asked === 'object' && asked !== null && 'name' in asked ? { ...asked, name: undefined } : asked;
  client.query = ((asked: unknown, ...rest: unknown[]) => query(nameless(asked), ...rest)) as typeof client.query;
}

async function onLine<T>(
  lines: pg.Pool,
  open: Open,
  workspaceId: string,
  alone: string | null,
  run: (line: Line) => Promise<T>,
): Promise<T> {
  const client = await lines.connect();
  const sent: Promise<unknown>[] = [];
  const keep = <R>(answer: Promise<R>): Promise<R> => {
    sent.push(answer);
    // Whoever looks at it, the commit does; until then a failure is nobody's surprise.
    answer.catch(() => undefined);
    return answer;
  };
  let broken: Error | undefined;
  const send = <R extends pg.QueryResultRow>(query: string | pg.QueryConfig) => {
    together(client);
    return keep(client.query<R>(query));
  };
  try {
    const turn = alone === null ? '' : `; ${takeTurn(`${alone} ${workspaceId}`)}`;
    send(`${opening({ workspaceId })}; ${SETTLED}${turn}`);
    const result = await run({
      tx: open(client, { workspaceId }),
      ask: async <R>({ name, text }: Statement, values: readonly unknown[]) =>
        (await send({ name, text, values: [...values] })).rows as R[],
    });
    send('commit');
    await Promise.all(sent);
    return result;
  } catch (error) {
    await Promise.allSettled(sent);
    await client.query('rollback').catch((failure: Error) => {
      broken = failure;
    });
    if (isConnectionError(error)) broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

/** What is sent before the loop turns goes out as one message: each costs a call of the system, here and there. */
function together(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: { cork(): void; uncork(): void } } }).connection;
  stream.cork();
  process.nextTick(() => stream.uncork());
}

/** Prepared statements are planned once, when their tables may still be empty: the plan for full ones is wanted. */
const SETTLED =
  'set local plan_cache_mode = force_generic_plan; set local enable_seqscan = off; set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_material = off; set local random_page_cost = 0; set local jit = off';

function takeTurn(name: string): string {
  return `select pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(name)}, 0))`;
}

function opening(reach: Reach): string {
  if ('shared' in reach) return 'begin';
  if (!UUID.test(reach.workspaceId)) throw new Error('A workspace id is a UUID.');
  return `begin; set local fanfare.workspace = '${reach.workspaceId}'`;
}

function isConnectionError(error: unknown): boolean {
  const code = (error as { code?: string }).code ?? '';
  return code.startsWith('08') || code.startsWith('57P') || code === 'ECONNRESET' || code === 'EPIPE';
}

/** The statement without its values, which are nobody else's business. */
function spanOf(text: string): [string, { 'db.query.text': string }] {
  const [verb = ''] = text.trimStart().split(/\s/, 1);
  return [`SQL ${verb}`, { 'db.query.text': text.slice(0, 1000) }];
}

function handle(client: pg.PoolClient, plugins: readonly KyselyPlugin[]): Tx {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const send = () => client.query(query.sql, [...query.parameters]);
      const result = isTraced() ? await span(...spanOf(query.sql), send) : await send();
      const changes = ['INSERT', 'UPDATE', 'DELETE', 'MERGE'].includes(result.command);
      return {
        rows: (result.rows ?? []) as R[],
        ...(changes ? { numAffectedRows: BigInt(result.rowCount ?? 0) } : {}),
      };
    },
    // Large results are read by keyset, not by cursor.
    streamQuery(): never {
      throw new Error('Streaming is not offered inside a workspace transaction.');
    },
  };
  const nested = () => Promise.reject(new Error('This handle already is a transaction.'));
  const driver: Driver = {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: nested,
    commitTransaction: nested,
    rollbackTransaction: nested,
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
  return new Kysely<DB>({
    plugins: [...plugins, new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
