/**
 * A publisher as a process of its own, for tests that kill it: works through what is due and stands still at the named
 * step, having said so on its output. Its log is what stops it, so the engine itself knows nothing of tests.
 */
import { writeSync } from 'node:fs';
import type { ClientConfig } from 'pg';
import { pino } from 'pino';
import { type Config, readConfig } from '#src/config.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { openWorld } from '#src/world.ts';

type Settings = {
  server: ClientConfig;
  data: string;
  config: Partial<Config>;
  stopAt: { step: string; part: number };
};

const { server, data, config, stopAt } = JSON.parse(process.argv[2] ?? '') as Settings;

const log = pino(
  { level: 'debug', base: null },
  {
    write(line: string) {
      const said = JSON.parse(line) as { step?: string; part?: number };
      if (said.step !== stopAt.step || said.part !== stopAt.part) return;
      writeSync(1, `stopped at ${stopAt.step} ${stopAt.part}\n`);
      // Blocks the whole process: nothing more happens until it is killed.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
  },
);
const world = await openWorld(
  { config: { ...readConfig({}), ...config }, data, publicUrl: 'http://localhost:3000', server },
  { log },
);
await publishDue(world);
await world.close();
