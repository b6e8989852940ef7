import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import pg from 'pg';
import { catalog } from '#src/catalog.ts';
import { type Config, readConfig } from '#src/config.ts';
import { asSystem, type Context, type Role, shared, type World } from '#src/context.ts';
import { camelCase } from '#src/db/scale/bind.ts';
import { planCitus } from '#src/db/scale/citus.ts';
import { drain } from '#src/doors/worker.ts';
import type { Caller } from '#src/operation.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { openWorld } from '#src/world.ts';
import { createDatabase, type TestDatabase } from '#test/database.ts';

export type TestWorld = Awaited<ReturnType<typeof openTestWorld>>;

/**
 * A whole Fanfare on a fresh real database, with a clock one can set. Nothing of our own is replaced; only the clock
 * and the settings are chosen. Close it in `afterAll`.
 */
export async function openTestWorld(
  settings: {
    config?: Partial<Config>;
    now?: string;
    overrides?: Partial<World>;
    database?: TestDatabase;
    /** Statements are those that several database servers would get; FANFARE_TEST_DISTRIBUTED=1 does it everywhere. */
    distributed?: boolean;
  } = {},
) {
  const database = settings.database ?? (await createDatabase());
  const data = await mkdtemp(join(tmpdir(), 'fanfare-test-'));
  const clock = settableClock(settings.now);
  const config = { ...readConfig({ LOG_LEVEL: 'silent' }), ...settings.config };
  const publicUrl = config.PUBLIC_URL ?? 'http://localhost:3000';
  const isDistributed = settings.distributed ?? process.env.FANFARE_TEST_DISTRIBUTED !== undefined;
  const distributed = isDistributed ? await distributedOf(database.owner) : undefined;
  const world = await openWorld(
    { config, data, publicUrl, server: database.server, ...(distributed ? { distributed } : {}) },
    { clock, ...settings.overrides },
  );
  return {
    world,
    data,
    clock,
    /** Connection settings of the owner, for looking behind row-level security. */
    owner: database.owner as pg.ClientConfig,
    /** A person with a workspace of their own. */
    join: (name = 'Maya Lind', role: Role = 'owner') => join_(world, name, role),
    /** Runs the jobs that are due, and those that they queue. */
    drain: () => drain(world, database.owner),
    async close() {
      await world.close();
      await database.drop();
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** The tables that would lie on several servers, as the query builder calls them. */
async function distributedOf(owner: pg.ClientConfig): Promise<ReadonlySet<string>> {
  const client = new pg.Client(owner);
  await client.connect();
  const { layout } = await planCitus(client).finally(() => client.end());
  return new Set(layout.distributed.map(camelCase));
}

/** A person at the door: every operation, as the doors would call it (`maya.call.apps.register({ url })`). */
export type Person = ReturnType<typeof personOf>;

async function join_(world: World, name: string, role: Role): Promise<Person> {
  const email = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}.${Math.random().toString(36).slice(2, 8)}@example.com`;
  const user = await shared(world, (tx) =>
    tx.insertInto('users').values({ name, email }).returning('id').executeTakeFirstOrThrow(),
  );
  const workspaceId = await createWorkspace(world, { name: `${name}’s workspace`, userId: user.id });
  return personOf(world, { id: user.id, name, email }, workspaceId, role);
}

/** Somebody who is there already, as the doors would know them. */
export function personOf(
  world: World,
  { id, name, email }: { id: string; name: string; email: string },
  workspaceId: string,
  role: Role,
) {
  const caller: Caller = {
    world,
    who: { kind: 'user', id, name, role },
    workspaceId,
    address: '127.0.0.1',
    requestId: 'test',
  };
  const context: Context = { ...asSystem(world, workspaceId, 'test'), who: { kind: 'user', id, name, role } };
  return {
    userId: id,
    email,
    workspaceId,
    context,
    caller,
    call: createRouterClient(catalog, { context: caller }),
  };
}

/** A clock that stands still until it is set or moved. */
export function settableClock(start = '2026-11-22T09:00:00Z') {
  let now = new Date(start);
  return {
    now: () => new Date(now),
    set: (to: string | Date) => {
      now = new Date(to);
    },
    /** Moves by `1 s`, `5 min`, `2 h` or `3 d`. */
    forward(amount: `${number} ${'s' | 'min' | 'h' | 'd'}`) {
      const [count, unit] = amount.split(' ') as [string, 's' | 'min' | 'h' | 'd'];
      now = new Date(now.getTime() + Number(count) * { s: 1e3, min: 6e4, h: 36e5, d: 864e5 }[unit]);
    },
  };
}
