import { serve } from '@hono/node-server';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { runCli } from '#src/doors/cli/program.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { audit } from '#src/people/audit.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let owner: pg.Client;
let maya: Person;

beforeAll(async () => {
  world = await openTestWorld();
  owner = new pg.Client(world.owner);
  await owner.connect();
  maya = await told();
});
afterAll(async () => {
  await owner?.end();
  await world?.close();
});

/** Somebody whose log has six entries: the workspace, and five changes a minute apart. */
async function told(): Promise<Person> {
  const person = await world.join();
  for (const n of [2, 3, 4, 5, 6]) {
    world.clock.forward('1 min');
    await transaction(person.context, (inside) =>
      audit(inside, {
        operation: 'apps.update',
        subject: `app ${n}`,
        before: { n: n - 1, a: null },
        after: { n, z: 1, a: [] },
      }),
    );
  }
  return person;
}

test('a log that nobody touched is whole', async () => {
  expect(await maya.call.audit.verify({})).toEqual({ rows: 6, brokenAt: null });
});

const row = 'workspace_id = $1 and sequence = 4';
const copied = (sequence: string) =>
  `insert into audit_log select workspace_id, ${sequence}, at, actor, operation, subject, address, before, after, previous_hash, hash
   from audit_log where ${row}`;
/** What somebody with the database owner's rights could do, and the entry at which it shows. */
const changes: [what: string, sql: string, brokenAt: number][] = [
  ['another actor', `update audit_log set actor = 'user:nobody' where ${row}`, 4],
  ['another moment', `update audit_log set at = at + interval '1 millisecond' where ${row}`, 4],
  ['another operation', `update audit_log set operation = 'apps.list' where ${row}`, 4],
  ['no subject', `update audit_log set subject = null where ${row}`, 4],
  ['another address', `update audit_log set address = '192.0.2.1' where ${row}`, 4],
  ['another value before', `update audit_log set before = '{"n": 2, "a": null}' where ${row}`, 4],
  ['a value left out', `update audit_log set after = after - 'a' where ${row}`, 4],
  ['another hash', `update audit_log set hash = repeat('0', 64) where ${row}`, 4],
  ['another hash before it', `update audit_log set previous_hash = repeat('0', 64) where ${row}`, 4],
  ['an entry removed', `delete from audit_log where ${row}`, 4],
  ['the first entry removed', 'delete from audit_log where workspace_id = $1 and sequence = 1', 1],
  ['the last entry removed', 'delete from audit_log where workspace_id = $1 and sequence = 6', 6],
  ['everything removed', 'delete from audit_log where workspace_id = $1', 1],
  ['an entry put in behind', copied('7'), 7],
  ['an entry put in twice', copied("sequence, at + interval '1 s'").replace('at, actor', 'actor'), 5],
  [
    'two entries exchanged',
    `update audit_log set sequence = 9 - sequence where workspace_id = $1 and sequence in (4, 5)`,
    4,
  ],
  ['the newest link forgotten', 'delete from audit_heads where workspace_id = $1', 7],
  [
    'entries moved down over a removed one',
    `with gone as (delete from audit_log where ${row}) update audit_log set sequence = sequence - 1 where workspace_id = $1 and sequence > 4`,
    4,
  ],
];

test.each(changes)('found: %s', async (_, sql, brokenAt) => {
  const person = await told();
  const { rowCount } = await owner.query(sql, [person.workspaceId]);
  expect(rowCount).toBeGreaterThan(0);
  expect(await person.call.audit.verify({})).toEqual({ rows: brokenAt - 1, brokenAt });
  // Nobody else’s log is touched by it.
  expect(await maya.call.audit.verify({})).toEqual({ rows: 6, brokenAt: null });
});

test('the command line ends with 1 and says which entry', async () => {
  const listening = await new Promise<{ url: string; close(): void }>((resolve) => {
    const server = serve({ fetch: httpApp(world.world).fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ url: `http://127.0.0.1:${port}`, close: () => server.close() }),
    );
  });
  const verify = async () => {
    let said = '';
    const take = (text: string) => {
      said += text;
    };
    const environment = { FANFARE_URL: listening.url, FANFARE_DATA: world.data };
    const terminal = { out: take, err: take, interactive: false, stdin: () => '', environment };
    return { code: await runCli(['audit', 'verify', '--workspace', maya.workspaceId], terminal), said };
  };
  expect(await verify()).toMatchObject({ code: 0 });
  await owner.query("update audit_log set actor = 'system' where workspace_id = $1 and sequence = 3", [
    maya.workspaceId,
  ]);
  const broken = await verify();
  expect(broken.code).toBe(1);
  expect(broken.said).toContain('broken at entry 3');
  listening.close();
});
