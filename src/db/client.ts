import {
  CamelCasePlugin,
  type CompiledQuery,
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

export type Database = {
  /**
   * Runs `run` in one transaction, committed when it returns, rolled back when it throws. The workspace is set in the
   * same message as `begin` (three extra round trips cost half the throughput), by `set local`, here and nowhere else:
   * that works behind PgBouncer in transaction mode and on Citus alike.
   */
  transaction<T>(reach: Reach, run: (tx: Tx) => Promise<T>): Promise<T>;
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

export function openDatabase(server: pg.ClientConfig, options: { connections?: number } = {}): Database {
  const pool = new pg.Pool({ ...server, types, max: options.connections ?? 10 });
  // A connection that dies idle (server restart) is replaced at the next use; without a listener Node would exit.
  pool.on('error', () => undefined);
  // One that dies in a transaction's hands, between two statements, likewise: the next statement fails, not the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return {
    pool,
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
    end: () => pool.end(),
  };
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
