import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate } from '#src/db/migrate.ts';
import { type Lane, openLane } from '#test/chaos/lane.ts';
import { FACTOR, type Heat } from '#test/chaos/plan.ts';
import { type Running, startPublisher, startXProcess } from '#test/chaos/processes.ts';
import { fastClock } from '#test/clock.ts';
import type { TestDatabase } from '#test/database.ts';
import { openTestWorld } from '#test/world.ts';

/** A database server of one's own, which can be killed. It starts again by itself, as the product's does. */
export async function openServer(folder: string) {
  await chmod(folder, 0o711);
  const data = join(folder, 'data');
  const server = await startEmbedded({ data, fast: true });
  await asAdmin(server.connection('postgres', 'postgres'), [
    // What is committed must outlive the server's death: only the power may not fail here.
    'alter system set synchronous_commit = on',
    'select pg_reload_conf()',
  ]);
  await migrate(server.connection('fanfare_owner'));
  const database: TestDatabase = {
    owner: server.connection('fanfare_owner'),
    server: server.connection('fanfare_server'),
    drop: async () => undefined,
  };
  return {
    database,
    /** SIGKILL to the postmaster: its backends notice and end, in whatever they are. */
    async kill() {
      const [pid] = (await readFile(join(data, 'postgres', 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGKILL');
    },
    stop: () => server.stop(),
  };
}

/**
 * The database, as many fakes of X as there are lanes, and the publishers. A heat plays one round in each lane at the
 * same time while processes die. `killDatabase` where the database may be killed.
 */
export async function openArena(
  folder: string,
  {
    database,
    lanes: count,
    killDatabase,
  }: { database: TestDatabase; lanes: number; killDatabase?: () => Promise<void> },
) {
  const pace = { origin: Date.now(), factor: FACTOR };
  await mkdir(join(folder, 'x'));
  const x = await startXProcess(join(folder, 'x', 'state.json'), pace, count);
  const counts = {
    killed: 0,
    xKilled: 0,
    databaseKilled: 0,
    connectedAgain: 0,
    triedAgain: 0,
    adopted: 0,
    sentAgain: 0,
  };
  const WEB_ALLOW = x.all.flatMap(({ app }) => [app.apiUrl, app.authorizeUrl].map((address) => new URL(address).host));
  const world = await openTestWorld({ config: { WEB_ALLOW }, overrides: { clock: fastClock(pace) }, database });
  const lanes: Lane[] = [];
  for (const at of x.all) lanes.push(await openLane(world, at, counts));
  let wrong = 0;
  let running: Running[] = [];
  let spare = ready();

  return {
    /** Plays a heat, its rounds numbered from `number` on; returns what was wrong in the end. */
    async play(number: number, heat: Heat): Promise<string[]> {
      await employ(heat.workers);
      const rounds = heat.rounds.slice(0, lanes.length);
      const begin = await Promise.all(rounds.map((round, at) => laneAt(at).prepare(number + at, round)));
      const begun = await Promise.all(begin.map((go) => go()));
      const [results] = await Promise.all([
        Promise.all(begun.map((one, at) => laneAt(at).finish(one))),
        killPublishers(heat.deaths),
        killX(heat.xDies),
        killServer(heat.databaseDies),
      ]);
      const found = results.flatMap((says, at) => says.map((one) => `round ${number + at}: ${one}`));
      wrong += found.length;
      return found;
    },

    /** Counts what stands on the fakes, of all rounds. */
    async close() {
      await employ(0);
      await (await spare).kill();
      let posts = 0;
      let duplicates = 0;
      let lost = 0;
      for (const lane of lanes) {
        const { planned, out } = await lane.result();
        posts += out.length;
        duplicates += out.length - new Set(out).size;
        lost += planned.filter((text) => !out.includes(text)).length;
      }
      await world.close();
      await x.kill();
      const events = `publishers killed ${counts.killed}, X killed ${counts.xKilled}, database killed ${counts.databaseKilled}, posts adopted ${counts.adopted}, parts sent again ${counts.sentAgain}, failed and tried again ${counts.triedAgain}, account connected again ${counts.connectedAgain}`;
      return { posts, duplicates, lost, wrong, events };
    },
  };

  function laneAt(at: number): Lane {
    const lane = lanes[at];
    if (!lane) throw new Error(`There is no lane ${at}.`);
    return lane;
  }

  /** Where X is stands in each workspace's developer app. */
  function ready(): Promise<Running> {
    const coming = startPublisher({ server: database.server, data: world.data, config: {}, pace });
    // Who takes it hears of the failure; until then it is nobody's.
    coming.catch(() => undefined);
    return coming;
  }

  /** One that is started already takes over at once: starting takes longer than a round. */
  async function another(): Promise<Running> {
    const one = await spare;
    spare = ready();
    one.go();
    return one;
  }

  async function employ(workers: number): Promise<void> {
    while (running.length < workers) running.push(await another());
    for (const one of running.splice(workers)) await one.kill();
  }

  async function killPublishers(deaths: number[]): Promise<void> {
    for (const moment of deaths) {
      await wait(moment);
      const [oldest, ...others] = running;
      await oldest?.kill();
      counts.killed += 1;
      running = [...others, await another()];
    }
  }

  async function killX(moment: number | null): Promise<void> {
    if (moment === null) return;
    await wait(moment);
    await x.kill();
    counts.xKilled += 1;
    await x.start();
  }

  async function killServer(moment: number | null): Promise<void> {
    if (moment === null || !killDatabase) return;
    await wait(moment);
    await killDatabase();
    counts.databaseKilled += 1;
  }
}

async function asAdmin(connection: pg.ClientConfig, statements: string[]): Promise<void> {
  const client = new pg.Client(connection);
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}
