import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { shared, type World } from '#src/context.ts';
import { openDatabase } from '#src/db/client.ts';
import { noteTick } from '#src/distribute/publications/due.ts';
import { databaseChecks } from '#src/doctor/database.ts';
import { carryOut, lengthInWords, type Verdict } from '#src/doctor/finding.ts';
import { judgeClock, judgeDisk, judgeMemory } from '#src/doctor/machine.ts';
import { reachChecks } from '#src/doctor/reach.ts';
import { runCli, type Terminal } from '#src/doors/cli/program.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { localCredential } from '#src/doors/local.ts';
import { enqueue } from '#src/jobs.ts';
import { openSecrets } from '#src/secrets.ts';
import { freePort } from '#test/fanfare.ts';
import { type Postbox, startSmtp } from '#test/smtp.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let owner: pg.Client;
let server: ReturnType<typeof serve>;
let url: string;
let smtp: Postbox;

beforeAll(async () => {
  smtp = await startSmtp();
  const port = await freePort();
  world = await openTestWorld({
    now: new Date().toISOString(),
    config: {
      PUBLIC_URL: 'http://0.0.0.0:9',
      WEB_ALLOW: ['0.0.0.0:9', `0.0.0.0:${port}`, `127.0.0.1:${smtp.port}`],
      GITHUB_API_URL: 'http://127.0.0.1:9',
    },
  });
  maya = await world.join();
  owner = new pg.Client(world.owner);
  await owner.connect();
  const app = httpApp(world.world);
  await new Promise<void>((ready) => {
    server = serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }, () => {
      url = `http://127.0.0.1:${port}`;
      ready();
    });
  });
});
afterAll(async () => {
  server.close();
  await owner.end();
  await world.close();
});

/** The verdict and the words of one check. */
async function found(id: string): Promise<{ verdict: Verdict; says: string; todo: string | null }> {
  const { checks } = await maya.call.doctor.check({});
  const { verdict, says, todo } = checks.find((one) => one.id === id)!;
  return { verdict, says, todo };
}

test('on a fresh installation each check has its verdict, and what is not well says what to do', async () => {
  world.clock.set(new Date());
  await noteTick(world.world, 'loop', world.clock.now());
  const { verdict, checks } = await maya.call.doctor.check({});
  expect(checks.map((one) => [one.id, one.verdict])).toEqual([
    ['database', 'ok'],
    ['migrations', 'ok'],
    ['partitions', 'ok'],
    ['queue', 'ok'],
    ['publishing', 'ok'],
    ['backups', 'warning'],
    ['secrets', 'ok'],
    ['disk', expect.stringMatching(/ok|warning/)],
    ['memory', 'ok'],
    ['clock', 'ok'],
    ['address', 'problem'],
    ['accounts', 'unknown'],
    ['mail', 'unknown'],
    ['link_domain', 'unknown'],
    ['tracker', 'unknown'],
  ]);
  expect(verdict).toBe('problem');
  for (const one of checks)
    if (one.verdict === 'problem' || one.verdict === 'warning') expect(one.todo).toMatch(/\w{3}/);
});

test('it is for whom the installation belongs to', async () => {
  const tom = await world.join('Tom Berg');
  await expect(tom.call.doctor.check({})).rejects.toThrow(/the person who set it up/);
});

test('a role above the rules, a migration that is missing or newer, a month without its partition', async () => {
  const db = openDatabase(world.owner);
  const above = await carryOut(databaseChecks({ ...world.world, db }).slice(0, 1));
  await db.end();
  expect(above).toMatchObject([{ verdict: 'problem', says: expect.stringContaining('owns tables') }]);
  await owner.query(`insert into migrations (name, sha256) values ('9999_later.sql', '')`);
  expect(await found('migrations')).toMatchObject({ verdict: 'problem', says: expect.stringContaining('9999_later') });
  await owner.query(`delete from migrations where name >= '0045'`);
  expect(await found('migrations')).toMatchObject({ verdict: 'problem', says: expect.stringContaining('0045_queue') });
  const { rows } = await owner.query<{ leaf: string }>(
    `select c.relname as leaf from pg_class c where c.relnamespace = 'part'::regnamespace and c.relkind = 'r' and c.relname like 'events_2%' order by 1 desc limit 3`,
  );
  for (const { leaf } of rows) await owner.query(`drop table part.${leaf}`);
  expect(await found('partitions')).toMatchObject({ verdict: 'warning', says: expect.stringContaining('events') });
  await owner.query('select make_partitions()');
  expect((await found('partitions')).verdict).toBe('ok');
});

test('a queue nobody works on, jobs given up, publishing that stands still', async () => {
  await shared(world.world, (tx) => enqueue({ tx }, 'clock_all', { reaction: 'none' }));
  await owner.query(`update graphile_worker._private_jobs set run_at = now() - interval '1 hour'`);
  expect(await found('queue')).toMatchObject({ verdict: 'problem', says: expect.stringMatching(/60 minutes|1 hour/) });
  await owner.query('update graphile_worker._private_jobs set attempts = max_attempts');
  expect(await found('queue')).toMatchObject({ verdict: 'warning', says: expect.stringContaining('given up') });
  await owner.query('delete from graphile_worker._private_jobs');
  expect((await found('queue')).verdict).toBe('ok');
  await owner.query('delete from publishers');
  expect(await found('publishing')).toMatchObject({ verdict: 'problem', says: 'No process publishes.' });
});

test('a clock that is wrong, and backups that failed, are old or were never verified', async () => {
  world.clock.set(new Date(Date.now() + 3_600_000));
  expect(await found('clock')).toMatchObject({
    verdict: 'problem',
    says: expect.stringContaining('ahead of the database'),
  });
  world.clock.set(new Date());
  const backup = (days: number, more: Record<string, string>) => {
    const at = new Date(Date.now() - days * 86_400_000).toISOString();
    const row = { path: '/b', started_at: at, finished_at: at, ...more };
    const names = Object.keys(row);
    return owner.query(
      `insert into backups (${names.join(', ')}) values (${names.map((_, n) => `$${n + 1}`).join(', ')})`,
      Object.values(row),
    );
  };
  await backup(9, {});
  expect(await found('backups')).toMatchObject({ verdict: 'warning', says: expect.stringContaining('9 days') });
  await backup(1, {});
  expect(await found('backups')).toMatchObject({
    verdict: 'warning',
    says: expect.stringContaining('None was verified'),
  });
  await owner.query('update backups set verified_at = now()');
  expect(await found('backups')).toMatchObject({ verdict: 'ok' });
  await backup(0, { error: 'No space left.' });
  expect(await found('backups')).toMatchObject({ verdict: 'warning', says: expect.stringContaining('No space left.') });
  await owner.query(`update backups set verify_error = 'Row 3 differs.' where error is null`);
  expect(await found('backups')).toMatchObject({ verdict: 'problem', says: expect.stringContaining('Row 3 differs.') });
});

test('a credential sealed with a secret that is gone', async () => {
  const mail = { host: '127.0.0.1', port: smtp.port, encryption: 'none' as const, fromAddress: 'maya@outpost.dev' };
  await maya.call.mail.set(mail);
  expect(await found('mail')).toMatchObject({ verdict: 'ok' });
  await smtp.close();
  expect(await found('mail')).toMatchObject({
    verdict: 'problem',
    says: expect.stringContaining('could not be reached'),
  });
  await owner.query(`update mail_settings set username = 'maya', sealed_password = 'v1.ffffffff.AAAA'`);
  expect(await found('secrets')).toMatchObject({ verdict: 'problem', says: expect.stringContaining('mail_settings') });
  await maya.call.mail.clear({});
});

test('an account that has to be connected again, one whose access ends, a site that fell silent, a domain that leads elsewhere', async () => {
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'ada' });
  expect((await found('accounts')).verdict).toBe('ok');
  await owner.query(
    `update grants set sealed_refresh = null, expires_at = now() + interval '2 days' where account_id = $1`,
    [accountId],
  );
  await owner.query(
    `insert into grants (workspace_id, account_id, sealed_access, expires_at) select workspace_id, id, '', now() + interval '2 days' from accounts on conflict do nothing`,
  );
  expect(await found('accounts')).toMatchObject({ verdict: 'warning', says: expect.stringContaining('@ada') });
  await owner.query(`update accounts set status = 'reconnect', status_reason = 'It was revoked.' where id = $1`, [
    accountId,
  ]);
  expect(await found('accounts')).toMatchObject({
    verdict: 'problem',
    says: expect.stringContaining('It was revoked.'),
  });

  const { id: appId } = await maya.call.apps.register({ url: 'https://outpost.dev' });
  expect(await found('tracker')).toMatchObject({ verdict: 'warning', says: expect.stringMatching(/ever counted/) });
  const counted = 'insert into traffic_hours (workspace_id, app_id, hour) values ($1, $2, $3)';
  await owner.query(counted, [maya.workspaceId, appId, new Date(Date.now() - 4 * 86_400_000)]);
  expect(await found('tracker')).toMatchObject({ verdict: 'warning', says: expect.stringMatching(/two days/) });
  await owner.query(counted, [maya.workspaceId, appId, new Date()]);
  expect((await found('tracker')).verdict).toBe('ok');

  await maya.call.workspaces.update({ linkDomain: 'go.outpost.invalid' });
  expect(await found('link_domain')).toMatchObject({ verdict: 'problem', todo: expect.stringContaining('CNAME') });
});

test('the public address has to lead to this very installation', async () => {
  const at = async (publicUrl: string, more: Partial<World> = {}) => {
    const [address] = await carryOut(reachChecks({ ...maya.context, publicUrl, ...more }).slice(0, 1));
    return address!;
  };
  const here = url.replace('127.0.0.1', '0.0.0.0');
  expect(await at('http://localhost:3000')).toMatchObject({ verdict: 'unknown' });
  expect(await at('http://10.0.0.1')).toMatchObject({ verdict: 'unknown', todo: expect.stringContaining('WEB_ALLOW') });
  expect(await at(here)).toMatchObject({ verdict: 'ok' });
  const secrets = await openSecrets({ data: await mkdtemp(join(tmpdir(), 'fanfare-other-')) });
  expect(await at(here, { secrets })).toMatchObject({
    verdict: 'problem',
    says: expect.stringContaining('not this Fanfare'),
  });
});

test('disk, memory and clock by their figures', () => {
  const GB = 1e9;
  expect(
    [judgeDisk('/d', 50 * GB, 100 * GB), judgeDisk('/d', 1 * GB, 100 * GB), judgeDisk('/d', 0.1 * GB, 100 * GB)].map(
      (one) => one.verdict,
    ),
  ).toEqual(['ok', 'warning', 'problem']);
  const memory = (used: number) => judgeMemory({ used_heap_size: used, heap_size_limit: 100 }).verdict;
  expect([memory(50), memory(80), memory(95)]).toEqual(['ok', 'warning', 'problem']);
  expect(judgeClock(0, null)).toMatchObject({ verdict: 'ok', says: expect.stringContaining('could be asked') });
  expect(judgeClock(2_000, 3_000).verdict).toBe('ok');
  expect(judgeClock(-10_000, 0)).toMatchObject({
    verdict: 'warning',
    says: 'This clock is 10 seconds behind the database’s.',
  });
  expect(judgeClock(0, 2 * 3_600_000)).toMatchObject({
    verdict: 'problem',
    says: 'This clock is 2 hours ahead of the internet’s.',
  });
  expect(lengthInWords(90 * 60_000)).toBe('2 hours');
});

test('a check that fails or takes too long is told as one that could not be done', async () => {
  const never = new Promise<never>(() => undefined);
  const told = await carryOut(
    [
      { id: 'a', title: 'A', look: () => Promise.reject(new Error('No such table.')) },
      { id: 'b', title: 'B', look: () => never },
    ],
    10,
  );
  expect(told.map(({ verdict, says }) => [verdict, says])).toEqual([
    ['unknown', 'This could not be looked at: No such table.'],
    ['unknown', 'This took longer than 0.01 s and was given up.'],
  ]);
});

test('fanfare doctor: every check on a line, 1 for a problem; and what can be known when Fanfare does not answer', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'fanfare-doctor-'));
  const run = async (argv: string[], environment: Record<string, string> = {}) => {
    let out = '';
    const terminal: Terminal = {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        out += text;
      },
      interactive: false,
      stdin: () => '',
      environment: { FANFARE_DATA: empty, ...environment },
    };
    return { code: await runCli(argv, terminal), out };
  };
  const key = localCredential(world.world.secrets);
  const there = await run(['doctor', '--url', url, '--key', key]);
  expect(there).toMatchObject({ code: 1, out: expect.stringMatching(/^ok +Database +PostgreSQL/m) });
  expect(there.out).toMatch(/PROBLEM +Publishing +No process publishes\.\n +→ Start one/);
  const whole = await run(['doctor', '--json', '--url', url, '--key', key]);
  expect(JSON.parse(whole.out)).toMatchObject({ verdict: 'problem', checks: expect.any(Array) });
  const gone = await run(['doctor', '--url', 'http://127.0.0.1:9'], {
    DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
  });
  expect(gone.code).toBe(1);
  for (const said of [
    /PROBLEM +Fanfare +Fanfare does not answer/,
    /PROBLEM +Database +DATABASE_URL cannot be reached/,
    /PROBLEM +Secret/,
    / Disk +/,
  ])
    expect(gone.out).toMatch(said);
  expect((await run(['doctor', '--url', 'http://127.0.0.1:9'], { PORT: 'x' })).out).toMatch(/PROBLEM +Environment/);
});
