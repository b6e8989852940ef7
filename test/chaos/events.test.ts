import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventRound, openEventArena } from '#test/chaos/events.ts';
import { killAll } from '#test/chaos/processes.ts';
import { openServer } from '#test/chaos/rounds.ts';

/** The short form of `npm run chaos -- --only events`: the doors are killed twice, the database once. */
test('no acknowledged event is lost and none is there twice, whatever is killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-chaos-'));
  const server = await openServer(folder);
  try {
    const arena = await openEventArena({ database: server.database, killDatabase: server.kill });
    const [first, second] = fc.sample(eventRound, { numRuns: 2, seed: 4 });
    if (!first || !second) throw new Error('There is nothing to play.');
    expect(await arena.play(1, { ...first, deaths: [40], databaseDies: null })).toEqual([]);
    expect(await arena.play(2, { ...second, deaths: [150], databaseDies: 20 })).toEqual([]);
    const { events, lost, duplicates, wrong, says } = await arena.close();
    expect({ lost, duplicates, wrong, says }).toEqual({ lost: 0, duplicates: 0, wrong: 0, says: [] });
    expect(events).toBeGreaterThan(50);
  } finally {
    killAll();
    await server.stop();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}, 120_000);
