/**
 * A publisher as a process of its own, for tests that kill it. With `stopAt` it works through what is due and stands
 * still at the named step, having said so on its output; its log is what stops it, so the engine itself knows nothing of
 * tests. Without, it says `ready` and publishes until it is killed.
 */
import { writeSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { pino } from 'pino';
import { type Config, readConfig } from '#src/config.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { openWorld } from '#src/world.ts';
import { fastClock, type Pace } from '#test/clock.ts';

export type Settings = {
  server: ClientConfig;
  data: string;
  config: Partial<Config>;
  stopAt?: { step: string; part: number };
  pace?: Pace;
};

const { server, data, config, stopAt, pace } = JSON.parse(process.argv[2] ?? '') as Settings;

const log = pino(
  { level: stopAt ? 'debug' : 'silent', base: null },
  {
    write(line: string) {
      const said = JSON.parse(line) as { step?: string; part?: number };
      if (!stopAt || said.step !== stopAt.step || said.part !== stopAt.part) return;
      writeSync(1, `stopped at ${stopAt.step} ${stopAt.part}\n`);
      // Blocks the whole process: nothing more happens until it is killed.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  },
);
const world = await openWorld(
  { config: { ...readConfig({}), ...config }, data, publicUrl: 'http://localhost:3000', server },
  { log, ...(pace ? { clock: fastClock(pace) } : {}) },
);
if (stopAt) await publishDue(world);
else {
  writeSync(1, 'ready\n');
  // Faster than the loop of the real process looks: its second would be a minute of this clock.
  for (;;) {
    await publishDue(world);
    await wait(20);
  }
}
await world.close();
