/**
 * A publisher as a process of its own, for tests that kill it. With `stopAt` it works through what is due and stands
 * still at the named step, having said so on its output; its log is what stops it, so the engine itself knows nothing of
 * tests. Without, it says `ready`, waits for a line on its input, and publishes until it is killed.
 */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { pino } from 'pino';
import { type Config, readConfig } from '#src/config.ts';
import { publishDue } from '#src/distribute/publications.ts';
import type { Outcome, Platform, PublishedPart } from '#src/outside/platform.ts';
import { x } from '#src/outside/platforms/x/index.ts';
import { openWorld } from '#src/world.ts';
import { fastClock, type Pace } from '#test/clock.ts';

export type Settings = {
  server: ClientConfig;
  data: string;
  config: Partial<Config>;
  /** `exhausts`: there it takes memory until the process dies of it. */
  stopAt?: { step: string; part: number; exhausts?: boolean };
  pace?: Pace;
};

/** In milliseconds of the machine: on a clock that runs fast nobody can wait 30 s for an answer. */
const PATIENCE = 400;

const { server, data, config, stopAt, pace } = JSON.parse(process.argv[2] ?? '') as Settings;

const log = pino(
  { level: stopAt ? 'debug' : 'silent', base: null },
  {
    write(line: string) {
      const said = JSON.parse(line) as { step?: string; part?: number };
      if (!stopAt || said.step !== stopAt.step || said.part !== stopAt.part) return;
      writeSync(1, `stopped at ${stopAt.step} ${stopAt.part}\n`);
      for (const all: number[][] = []; stopAt.exhausts; ) all.push(new Array<number>(4_000_000).fill(0.5));
      // Blocks the whole process: nothing more happens until it is killed.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  },
);

/** X, given up after a while as the real client does after 30 s; the request itself goes on. */
const impatient: Platform = {
  ...x,
  publish: (grant, part) =>
    Promise.race([
      x.publish(grant, part),
      wait(PATIENCE).then(
        (): Outcome<PublishedPart> => ({
          ok: false,
          failure: { kind: 'unknown', reason: 'X did not answer in time.' },
        }),
      ),
    ]),
};

const world = await openWorld(
  { config: { ...readConfig({}), ...config }, data, publicUrl: 'http://localhost:3000', server },
  { log, ...(pace ? { clock: fastClock(pace), platforms: new Map([[x.id, impatient]]) } : {}) },
);
if (stopAt) {
  await publishDue(world);
  await world.close();
} else {
  writeSync(1, 'ready\n');
  // Whoever started us and is gone closes this.
  process.stdin.once('end', () => process.exit());
  await new Promise((go) => process.stdin.once('data', go));
  process.stdin.resume();
  // Faster than the loop of the real process looks: its second would be a minute of this clock.
  for (;;) {
    // The database may be away.
    await publishDue(world, { parallel: 8 }).catch(() => wait(50));
    await wait(20);
  }
}
