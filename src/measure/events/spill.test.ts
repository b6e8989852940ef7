import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Intake, openIntake } from '#src/measure/events/intake.ts';
import { openSpill } from '#src/measure/events/spill.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

describe('what is kept in files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fanfare-spill-'));
    return () => rm(folder, { recursive: true, force: true });
  });

  async function all(spill: ReturnType<typeof openSpill>): Promise<string[]> {
    const found: string[] = [];
    await spill.replay(async (records) => {
      found.push(...records);
    });
    return found;
  }

  test('is given back once, in order, and then gone', async () => {
    const spill = openSpill(folder);
    expect(await Promise.all([spill.keep(['1', '2']), spill.keep(['3'])])).toEqual([true, true]);
    expect(await spill.keep(['4'])).toBe(true);
    expect(spill.holds()).toBe(true);
    expect(await all(spill)).toEqual(['1', '2', '3', '4']);
    expect([spill.holds(), await readdir(folder), await all(spill)]).toEqual([false, [], []]);
  });

  test('stays when it could not be stored', async () => {
    const spill = openSpill(folder);
    await spill.keep(['1']);
    await expect(spill.replay(() => Promise.reject(new Error('away')))).rejects.toThrow('away');
    await spill.keep(['2']);
    expect(await all(spill)).toEqual(['1', '2']);
  });

  test('has an end: what does not fit is not kept', async () => {
    const spill = openSpill(folder, 20);
    expect(await spill.keep(['"0123456789"'])).toBe(true);
    expect(await spill.keep(['"0123456789"'])).toBe(false);
    expect(await all(spill)).toEqual(['"0123456789"']);
    expect(await spill.keep(['"0123456789"'])).toBe(true);
    await spill.close();
  });

  test('of a process that is gone is taken over, a line broken off in it passed over', async () => {
    const gone = spawn(process.execPath, ['-e', '0']);
    await once(gone, 'exit');
    await writeFile(join(folder, `${hostname()}.${gone.pid}.abc.events`), '\n{"n":1}\n\n{"n":2}\n{"n":');
    expect(await all(openSpill(folder))).toEqual(['{"n":1}', '{"n":2}']);
    expect(await readdir(folder)).toEqual([]);
  });

  test('of a process that lives is left alone, here and on another machine', async () => {
    const alive = spawn(process.execPath, ['-e', 'setTimeout(() => 0, 60000)']);
    const names = [`${hostname()}.${alive.pid}.abc.events`, 'elsewhere.1.abc.events'];
    for (const name of names) await writeFile(join(folder, name), '{"n":1}\n');
    const own = openSpill(folder);
    await own.keep(['2']);
    const other = openSpill(folder);
    expect(await all(other)).toEqual([]);
    expect(await all(own)).toEqual(['2']);
    expect((await readdir(folder)).sort()).toEqual(names.sort());
    alive.kill();
    await once(alive, 'exit');
  });

  test('is written anew when somebody took the file over meanwhile', async () => {
    const spill = openSpill(folder);
    await spill.keep(['1']);
    const [name] = await readdir(folder);
    await rm(join(folder, name as string));
    expect(await spill.keep(['2'])).toBe(true);
    expect(await all(spill)).toEqual(['2']);
  });
});

describe('the database away', () => {
  const CHROME =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36';
  let world: TestWorld;
  let maya: Person;
  let events: Intake;
  let owner: pg.Client;
  let key: string;
  let appId: string;

  beforeAll(async () => {
    world = await openTestWorld({ now: '2026-11-20T10:00:00Z' });
    maya = await world.join();
    appId = (await maya.call.apps.register({ url: 'https://outpost.dev' })).id;
    key = (await maya.call.tracking.get({ appId })).publicKey;
    events = openIntake(world.world);
    owner = new pg.Client(world.owner);
    await owner.connect();
  });
  afterAll(async () => {
    await events.close();
    await owner.end();
    await world.close();
  });

  const address = '203.0.113.77';
  const tell = (app: string, id: string, path = '/') =>
    events.receive({
      ...{ userAgent: CHROME, acceptLanguage: 'en', address, proxyCountry: null },
      ...{ doNotTrack: false, privacyControl: false },
      body: { app, id, kind: 'pageview', url: `https://outpost.dev${path}` },
    });
  /** Without its table nothing can be stored; the transaction fails as it does when the server goes. */
  const away = (isAway: boolean) => {
    const [from, to] = isAway ? ['events', 'events_away'] : ['events_away', 'events'];
    return owner.query(`alter table ${from} rename to ${to}`);
  };
  const stored = async () =>
    (await owner.query('select id from events where app_id = $1 order by occurred_at', [appId])).rows.map(
      ({ id }) => id,
    );

  test('what is known is kept and stored once when it is back, also when the sender tried again meanwhile', async () => {
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    expect(await tell(key, first)).toEqual({ outcome: 'stored' });
    await away(true);
    expect(await tell(key, second, '/pricing')).toEqual({ outcome: 'stored' });
    expect(await tell(key, second, '/pricing')).toEqual({ outcome: 'stored' });
    expect(await tell(key, first)).toEqual({ outcome: 'stored' });
    const folder = join(world.data, 'spill');
    const kept = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
    expect(kept.join('')).toContain('/pricing');
    expect(kept.join('')).not.toContain(address);
    await appendFile(join(folder, (await readdir(folder))[0] as string), '{"torn');
    world.clock.forward('1 min');
    await away(false);
    await expect.poll(stored, { timeout: 20_000 }).toEqual([first, second]);
    expect(await tell(key, third)).toEqual({ outcome: 'stored' });
    await events.rest();
    expect(await stored()).toEqual([first, second, third]);
    const { rows } = await owner.query('select views, bounces from traffic_days where app_id = $1 and dimension = $2', [
      appId,
      'total',
    ]);
    expect(rows).toEqual([{ views: 3, bounces: 0 }]);
    await expect.poll(() => readdir(folder)).toEqual([]);
  });

  test('without the salt of the day nothing may be kept, and the sender is told so', async () => {
    world.clock.set('2026-11-23T10:00:00Z');
    await owner.query('alter table daily_salts rename to daily_salts_away');
    expect(await tell(key, randomUUID())).toMatchObject({ outcome: 'refused', reason: 'unavailable' });
    await owner.query('alter table daily_salts_away rename to daily_salts');
    expect(await tell(key, randomUUID())).toEqual({ outcome: 'stored' });
    await events.rest();
    const { unplaced } = await maya.call.tracking.refusals({ appId });
    expect(unplaced).toEqual([
      { day: '2026-11-23', reason: 'unavailable', times: 1, words: expect.stringContaining('Try again') },
    ]);
  });
});
