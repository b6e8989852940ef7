import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem, transaction } from '#src/context.ts';
import { type Database, openDatabase } from '#src/db/client.ts';
import { connectExternal } from '#src/db/external.ts';
import { createDatabase, type TestDatabase, urlOf } from '#test/database.ts';
import { findPgBouncer, type Pooler, startPgBouncer } from '#test/scale/pgbouncer.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const program = findPgBouncer();
const where = program ? '' : ' (skipped: there is no pgbouncer in the PATH)';
/** Fewer than those who want one, so that every connection is used by everyone. */
const CONNECTIONS = 2;

let database: TestDatabase;
let pooler: Pooler;
let db: Database;
let world: TestWorld;
let people: Person[];

beforeAll(async () => {
  if (!program) return;
  database = await createDatabase();
  pooler = await startPgBouncer(program, database.server, CONNECTIONS);
  db = openDatabase(pooler.connection, { pooled: true });
  world = await openTestWorld({ database, overrides: { db } });
  people = [await world.join('Ada'), await world.join('Ben')];
});
afterAll(async () => {
  await db?.end();
  await pooler?.stop();
  await world?.close();
});

test.skipIf(!program)(
  `a pooler before the server’s login is noticed, one before the owner’s is refused${where}`,
  async () => {
    const options = { password: () => '' };
    const [owner, server] = [urlOf(database.owner), urlOf(database.server)];
    expect(await connectExternal(owner, { ...options, serverUrl: pooler.url })).toMatchObject({ pooled: true });
    expect(await connectExternal(owner, { ...options, serverUrl: server })).toMatchObject({ pooled: false });
    await expect(connectExternal(pooler.url, { ...options, serverUrl: server })).rejects.toThrow(
      'let DATABASE_URL lead to PostgreSQL directly',
    );
  },
);

test.skipIf(!program)(`who shares a connection never sees another workspace${where}`, async () => {
  const apps = await Promise.all(people.map(({ call }, n) => call.apps.register({ url: `https://app${n}.example/` })));
  const seen = await Promise.all(
    Array.from({ length: 60 }, (_, n) => {
      const at = n % 2;
      const context = asSystem(world.world, people[at]!.workspaceId, 'test');
      return transaction(context, async ({ tx }) => {
        const before = await tx.selectFrom('apps').select('id').execute();
        await tx.selectFrom('facts').select('id').execute();
        return [at, ...before.map(({ id }) => id)];
      });
    }),
  );
  expect(seen.filter(([at, ...ids]) => ids.length !== 1 || ids[0] !== apps[at as number]!.id)).toEqual([]);
  // Outside of a transaction nothing is left over from those before.
  expect((await db.pool.query('select id from apps')).rows).toEqual([]);
});

test.skipIf(!program)(
  `the fast lines keep their order and their turn without prepared statements${where}`,
  async () => {
    const { workspaceId } = people[0]!;
    const [other] = [people[1]!.workspaceId];
    const add = {
      name: 'add one',
      text: 'insert into activities (workspace_id, name, actor, detail) values ($1, $2, $3, $4)',
    };
    const count = { name: 'count them', text: "select count(*)::int as count from activities where actor = 'system'" };
    const turns = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        db.line(n % 4 === 0 ? other : workspaceId, 'turn', async ({ ask }) => {
          const before = (await ask<{ count: number }>(count, []))[0]!.count;
          void ask(add, [n % 4 === 0 ? other : workspaceId, 'test.turn', 'system', { n }]);
          return [n % 4 === 0, before] as const;
        }),
      ),
    );
    const of = (which: boolean) =>
      turns
        .filter(([one]) => one === which)
        .map(([, before]) => before)
        .sort((a, b) => a - b);
    const [first, second] = [of(false), of(true)];
    // Each turn sees exactly what the one before it committed.
    expect(first).toEqual(first.map((_, n) => first[0]! + n));
    expect(second).toEqual(second.map((_, n) => second[0]! + n));
  },
);
