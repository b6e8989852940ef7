import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actor, asSystem, shared, transaction, type World } from '#src/context.ts';
import { openGrant } from '#src/distribute/accounts.ts';
import { trackerName } from '#src/measure/events/tracking.ts';
import { emailHash } from '#src/measure/identities.ts';
import { setBackupSettings } from '#src/people/backups/settings.ts';
import { isInstallationOwner } from '#src/people/installation.ts';
import { sealedColumns } from '#src/people/secrets/columns.ts';
import { finish, learnKeys, makeKey } from '#src/people/secrets/follow.ts';
import { countSealed } from '#src/people/secrets/reseal.ts';
import { openWorld } from '#src/world.ts';
import { configFor, connectX } from '#test/connected.ts';
import { createDatabase, type TestDatabase } from '#test/database.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { until } from '#test/fanfare.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const SECRET = randomBytes(32).toString('base64');
const NEXT = randomBytes(32).toString('base64');

let x: FakeX;
let here: TestWorld;
let maya: Person;
let rival: Person;
let accountId: string;
let owner: pg.Client;
let database: TestDatabase;
const others: Awaited<ReturnType<typeof openWorld>>[] = [];

/** What another process of the same installation has: the database, and the secret in its environment. */
async function elsewhere(secrets: { FANFARE_SECRET: string; FANFARE_SECRET_BEFORE?: string }) {
  const { config, data, publicUrl, clock } = here.world;
  const settings = { config: { ...config, ...secrets }, data, publicUrl, server: database.server };
  const other = await openWorld(settings, { clock });
  others.push(other);
  return other;
}

beforeAll(async () => {
  x = await startFakeX();
  database = await createDatabase();
  here = await openTestWorld({
    database,
    now: new Date().toISOString(),
    config: { ...configFor(x), FANFARE_SECRET: SECRET },
  });
  owner = new pg.Client(here.owner);
  await owner.connect();
  [maya, rival] = [await here.join('Maya'), await here.join('Rival')];
  accountId = await connectX(here, maya, x);
  for (const person of [maya, rival]) {
    await person.call.ai.set({ provider: 'openai', model: 'm', apiKey: `sk-of-${person.userId}` });
    await person.call.mail.set({
      ...{ host: 'smtp.example.com', port: 587, encryption: 'starttls', username: 'a', password: 'a mail password' },
      ...{ fromAddress: 'a@example.com', fromName: 'A' },
    });
    const { id: appId } = await person.call.apps.register({ url: 'outpost.dev' });
    const source = { appId, provider: 'stripe' as const, signingSecret: 'whsec_one', apiKey: 'rk_test_one' };
    await person.call.paymentSources.create(source);
    await person.call.alertTargets.create({ kind: 'webhook', address: 'https://hooks.example.com/a' });
  }
  // A connection that was begun and not ended; a receiver of notes.
  await maya.call.accounts.connect({ platform: 'x' });
  const webhook = await maya.call.webhooks.create({ url: 'https://hooks.example.com/b', activities: ['*'] });
  await maya.call.webhooks.rotate({ webhookId: webhook.id });
  await setBackupSettings(here.world, { hour: 3, timeZone: 'UTC', keep: 7, passphrase: 'a passphrase of twenty' });
});
afterAll(async () => {
  for (const other of others) await other.close();
  await owner?.end();
  await here?.close();
  await x?.close();
});

const tokenIn = async (where: World) => {
  const grant = await openGrant(asSystem(where, maya.workspaceId, 'test'), accountId);
  if (!grant.ok) throw new Error(JSON.stringify(grant.failure));
  return grant.grant.token;
};

/** In the background, within a minute of the start. */
const finished = (where: World) =>
  until('everything to be sealed again', async () => {
    const { columns } = await countSealed(where);
    return columns.every(({ older }) => older === 0);
  });

const personIn = (where: World) => emailHash(asSystem(where, maya.workspaceId, 'test'), 'ada@example.com');

test('every column of sealed values is found in the catalog, with values of each table', async () => {
  const columns = await shared(here.world, sealedColumns);
  const { rows } = await owner.query<{ name: string }>(
    `select table_name || '.' || column_name as name from information_schema.columns
     where table_schema = 'public' and column_name ~ '^sealed' order by table_name, ordinal_position`,
  );
  expect(columns.map(({ table, column }) => `${table}.${column}`)).toEqual(rows.map(({ name }) => name));
  // A column that holds an envelope is named for it: it would not be sealed again otherwise.
  const texts = await owner.query<{ table: string; column: string }>(
    `select table_name as table, column_name as column from information_schema.columns c join pg_class t on t.oid = c.table_name::regclass
     where table_schema = 'public' and data_type = 'text' and column_name !~ '^sealed' and t.relkind in ('r', 'p')`,
  );
  for (const { table, column } of texts.rows)
    expect(
      (await owner.query(`select 1 from ${table} where "${column}" ~ '^v1\\.[0-9a-f]+\\.'`)).rowCount,
      `${table}.${column}`,
    ).toBe(0);
  const counted = (await countSealed(here.world)).columns;
  const filled = new Set(counted.filter(({ values }) => values > 0).map(({ table }) => table));
  // The first secret is kept only when there is a second one (below); whom an erasure is about, only while it is done.
  expect([...new Set(columns.map(({ table }) => table))].filter((table) => !filled.has(table))).toEqual([
    'installation_secrets',
    'privacy_requests',
  ]);
});

test('a key is replaced while two processes work: every value stands under the new one and opens everywhere', async () => {
  const other = await elsewhere({ FANFARE_SECRET: SECRET });
  const before = other.secrets.keys.current();
  let ended = false;
  const work = (async () => {
    for (let n = 0; !ended; n++) {
      expect(await tokenIn(n % 2 ? other : here.world)).toMatch(/./);
      await rival.call.ai.set({ provider: 'openai', model: 'm', apiKey: `sk-${n}` });
    }
  })();
  const rotated = await maya.call.secrets.rotate({});
  ended = true;
  await work;
  expect(rotated).toMatchObject({ unreadable: 0 });
  expect(rotated.keyId).not.toBe(before);
  expect(rotated.resealed).toBeGreaterThan(10);
  // The other process has not heard of the key; it opens what stands under it by its id, and seals under the old one.
  expect(other.secrets.keys.current()).toBe(before);
  expect(await tokenIn(other)).toBe(await tokenIn(here.world));
  const late = { table: 'ai_settings', row: rival.workspaceId, column: 'sealed_key' };
  await owner.query('update ai_settings set sealed_key = $1 where workspace_id = $2', [
    other.secrets.seal(late, 'sk-late'),
    rival.workspaceId,
  ]);
  expect(await maya.call.secrets.status({})).toMatchObject({ older: 1, unreadable: 0 });
  await learnKeys(other);
  expect(other.secrets.keys.current()).toBe(rotated.keyId);
  await finish(other);
  const status = await maya.call.secrets.status({});
  expect(status).toMatchObject({ keyId: rotated.keyId, older: 0, unreadable: 0 });
  expect(status.keys).toHaveLength(2);
  const kept = await owner.query<{ sealed_key: string }>('select sealed_key from ai_settings where workspace_id = $1', [
    rival.workspaceId,
  ]);
  expect(here.world.secrets.open(late, kept.rows[0]!.sealed_key)).toBe('sk-late');
});

test('a key that nothing uses any more is forgotten', async () => {
  here.clock.forward('11 min');
  await finish(here.world);
  const { keys, keyId } = await maya.call.secrets.status({});
  expect(keys.map(({ id }) => id)).toEqual([keyId]);
});

test('a rotation that was cut short goes on at the next start; a row that is held is left for later and not lost', async () => {
  await makeKey(here.world);
  await owner.query('begin');
  await owner.query('select 1 from grants for update');
  await finish(here.world);
  expect(await maya.call.secrets.status({})).toMatchObject({ older: 2, unreadable: 0 });
  await owner.query('commit');
  const next = await elsewhere({ FANFARE_SECRET: SECRET });
  await finished(next);
  expect(await tokenIn(next)).toMatch(/./);
});

test('only the person who set the installation up may', async () => {
  await expect(rival.call.secrets.rotate({})).rejects.toThrow('for the person who set it up');
  await expect(rival.call.secrets.status({})).rejects.toThrow('for the person who set it up');
  expect(await isInstallationOwner(maya.context)).toBe(true);
  expect(await transaction(maya.context, isInstallationOwner)).toBe(true);
  expect(await isInstallationOwner(rival.context)).toBe(false);
  // The command line on the server's own machine may, whichever workspace it acts in; a key and the clock may not.
  const { who } = rival.context;
  expect(await isInstallationOwner({ ...rival.context, who: { ...who, local: true } as Actor })).toBe(true);
  expect(await isInstallationOwner({ ...maya.context, who: { kind: 'key', id: maya.userId, scopes: ['write'] } })).toBe(
    false,
  );
  expect(await isInstallationOwner(asSystem(here.world, maya.workspaceId, 'clock'))).toBe(false);
  // When the person is erased it belongs to whoever came next.
  await owner.query('update users set erased_at = now() where id = $1', [maya.userId]);
  expect(await isInstallationOwner(rival.context)).toBe(true);
  await owner.query('update users set erased_at = null where id = $1', [maya.userId]);
});

test('the secret itself is replaced: the old one is given once, and what was given out stays as it is', async () => {
  const said = { name: trackerName(here.world), person: personIn(here.world) };
  const token = await tokenIn(here.world);
  // Forgotten at first: nothing opens, nothing is lost.
  const forgot = await elsewhere({ FANFARE_SECRET: NEXT });
  await expect(tokenIn(forgot)).rejects.toThrow('FANFARE_SECRET_BEFORE');
  expect((await countSealed(forgot)).columns.some(({ unreadable }) => unreadable > 0)).toBe(true);
  const moving = await elsewhere({ FANFARE_SECRET: NEXT, FANFARE_SECRET_BEFORE: SECRET });
  await finished(moving);
  const moved = await elsewhere({ FANFARE_SECRET: NEXT });
  const { columns } = await countSealed(moved);
  expect(columns.find(({ table }) => table === 'installation_secrets')).toMatchObject({ values: 1 });
  expect(columns.filter(({ older, unreadable }) => older + unreadable > 0)).toEqual([]);
  expect(await tokenIn(moved)).toBe(token);
  expect({ name: trackerName(moved), person: personIn(moved) }).toEqual(said);
  // The door of the local command line moves with the secret in force.
  expect(moved.secrets.derive('local command line')).not.toBe(here.world.secrets.derive('local command line'));
  // Whoever still starts with the old one opens nothing, and breaks nothing.
  await expect(tokenIn(here.world)).rejects.toThrow('FANFARE_SECRET_BEFORE');
  await finish(here.world);
  expect(await tokenIn(moved)).toBe(token);
  // A third secret after the second: what lasts is still made of the first.
  const third = randomBytes(32).toString('base64');
  const last = await elsewhere({ FANFARE_SECRET: third, FANFARE_SECRET_BEFORE: NEXT });
  await finished(last);
  const after = await elsewhere({ FANFARE_SECRET: third });
  expect(await tokenIn(after)).toBe(token);
  expect({ name: trackerName(after), person: personIn(after) }).toEqual(said);
});

test('an envelope opens at its own place, whole, and by its own key', () => {
  const { secrets } = here.world;
  const place = { table: 'a', row: '1', column: 'b' };
  const sealed = secrets.seal(place, 'a secret');
  expect(sealed).toMatch(/^v1\.[0-9a-f]{8,24}\.[\w-]+$/);
  expect(secrets.open(place, sealed)).toBe('a secret');
  expect(secrets.seal(place, 'a secret')).not.toBe(sealed);
  for (const other of [
    { ...place, row: '2' },
    { ...place, table: 'c' },
    { ...place, column: 'c' },
  ])
    expect(() => secrets.open(other, sealed)).toThrow('does not open');
  const [version, id, body = ''] = sealed.split('.');
  const changed = `${body.slice(0, 8)}${body[8] === 'A' ? 'B' : 'A'}${body.slice(9)}`;
  expect(() => secrets.open(place, `${version}.${id}.${changed}`)).toThrow('does not open');
  for (const broken of ['', 'v1', 'v2.a.b', `${version}.${id}.`, `${version}.${id}.AAAA`])
    expect(() => secrets.open(place, broken)).toThrow('not a sealed value');
  for (const unknown of ['00000000', '0'.repeat(24), '', '__proto__'])
    expect(() => secrets.open(place, `v1.${unknown}.${body}`)).toThrow('another secret');
});
