import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { chances } from '#db/demo/chance.ts';
import { distributeByWorkspace } from '#src/db/scale/citus.ts';
import { createDatabase, type TestDatabase, urlOf } from '#test/database.ts';
import { startFanfare } from '#test/fanfare.ts';
import { findPgBouncer, type Pooler, startPgBouncer } from '#test/scale/pgbouncer.ts';
import { openStage, type Stage } from '#test/scale/stage.ts';
import { steps } from '#test/story/steps.ts';

/**
 * The story, told by two web and two worker processes on one database elsewhere: each request goes to the other web
 * process than the one before, and one of each is killed (SIGKILL) on the way and does not come back. The long forms:
 *
 * - `FANFARE_STORY_ROUNDS=20 npx vitest run test/scale/story.test.ts` tells it so many times more, behind a PgBouncer
 *   where there is one in the PATH, with any of the four killed by chance after any step, coming back while it goes on;
 * - `CITUS_URL=postgres://…` tells it on a database of a Citus cluster: an empty one that may be thrown away, with the
 *   extension and its servers, as its owner.
 */
type Telling = { open(): Promise<Stage>; after(step: string, stage: Stage): Promise<void>; close(): Promise<void> };

const FOUR = ['web 1', 'web 2', 'worker 1', 'worker 2'];
const ROUNDS = Number(process.env.FANFARE_STORY_ROUNDS ?? 0);
const SEED = Number(process.env.FANFARE_STORY_SEED ?? Date.now() % 1e6);
const { CITUS_URL } = process.env;
/** After this step this process is killed. A post is waiting then, so another worker has to send it. */
const DEATHS: Record<string, string> = {
  'they connect X with their own developer app': 'web 1',
  'they schedule it': 'worker 1',
};

describe.each([
  ['two of each, one of each killed on the way', onOneServer({ pooled: false, after: dieOnTheWay })],
  ...Array.from({ length: ROUNDS }, (_, n): [string, Telling] => [
    `round ${n + 1} of seed ${SEED}`,
    onOneServer({ pooled: true, after: dieByChance(SEED + n) }),
  ]),
  ...(CITUS_URL ? ([['on several database servers', onCitus(CITUS_URL)]] satisfies [string, Telling][]) : []),
])('%s', (_, telling) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await telling.open();
  }, 120_000);
  afterAll(async () => {
    await stage?.close();
    await telling.close();
  });

  let broken = false;
  for (const step of steps)
    test(step.name, { timeout: 90_000 }, async (test) => {
      if (broken) test.skip('an earlier step failed');
      broken = true;
      await step.run(stage.told);
      await telling.after(step.name, stage);
      broken = false;
    });
});

function onOneServer({ pooled, after }: { pooled: boolean; after: Telling['after'] }): Telling {
  let database: TestDatabase | undefined;
  let pooler: Pooler | null = null;
  return {
    async open() {
      database = await createDatabase();
      const program = pooled ? findPgBouncer() : null;
      pooler = program ? await startPgBouncer(program, database.server, 8) : null;
      return await openStage(FOUR, {
        DATABASE_URL: urlOf(database.owner),
        DATABASE_SERVER_URL: pooler?.url ?? urlOf(database.server),
        FANFARE_SECRET: newSecret(),
      });
    },
    after,
    async close() {
      await pooler?.stop();
      await database?.drop();
    },
  };
}

function onCitus(url: string): Telling {
  return {
    async open() {
      const environment = { DATABASE_URL: url, FANFARE_SECRET: newSecret() };
      const data = await mkdtemp(join(tmpdir(), 'fanfare-citus-'));
      const first = await startFanfare({ data, environment });
      await first.stop();
      await rm(data, { recursive: true, force: true });
      await distributeByWorkspace(url, () => undefined);
      return await openStage(FOUR, environment);
    },
    after: dieOnTheWay,
    close: () => Promise.resolve(),
  };
}

async function dieOnTheWay(step: string, { processes, told }: Stage): Promise<void> {
  const one = processes.get(DEATHS[step] ?? '');
  if (!one) return;
  told.browser.use(one.url, false);
  await one.kill();
}

/** One of the four, or in a third of the steps nobody; it comes back while the story goes on. */
function dieByChance(seed: number): Telling['after'] {
  const dice = chances(seed);
  let coming = Promise.resolve();
  return async (step, { processes, told }) => {
    await coming;
    const one = processes.get(FOUR[Math.floor(dice.next() * FOUR.length * 1.5)] ?? '');
    if (!one || step === steps.at(-1)?.name) return;
    told.browser.use(one.url, false);
    await one.kill();
    coming = one.start().then(() => told.browser.use(one.url, true));
  };
}

function newSecret(): string {
  return randomBytes(32).toString('base64');
}
