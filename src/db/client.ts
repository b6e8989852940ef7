import {
  CamelCasePlugin,
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import pg from 'pg';
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

/** So many lines at once; the other connections are for everyone else. */
const LINES = 8;

export function openDatabase(server: pg.ClientConfig, options: { connections?: number } = {}): Database {
  const pool = openPool({ ...server, types, max: options.connections ?? 10 });
  const lines = openPool({ ...server, types, pipeline: true, max: LINES });
  return {
    pool,
    line: (workspaceId, alone, run) => onLine(lines, workspaceId, alone, run),
    async transaction(reach, run) {
      const client = await pool.connect();
      let broken: Error | undefined;
      try {
        await client.query(opening(reach));
        try {
          const result = await run(handle(client));
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
    },
    end: async () => {
      await Promise.all([pool.end(), lines.end()]);
    },
  };
}

function openPool(settings: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool(settings);
  // A connection that dies idle (server restart) is replaced at the next use; without a listener Node would exit.
  pool.on('error', () => undefined);
  // One that dies in a transaction's hands, between two statements, likewise: the next statement fails, not the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

async function onLine<T>(
  lines: pg.Pool,
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
      tx: handle(client),
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

function handle(client: pg.PoolClient): Tx {
  const connection: DatabaseConnection = {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await client.query(query.sql, [...query.parameters]);
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
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => driver,
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
