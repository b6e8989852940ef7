/**
 * `npm run chaos -- --rounds 1000 --seed 7`: posts and threads, some with a first reply, on several accounts at once,
 * while the publishing processes (one or two) are killed at random moments, now and then the database server too, and the
 * fake X, a process of its own, loses answers, answers late or twice, does things late, refuses, is killed itself. In the
 * end every part has to stand there once, in order, under the right parent, and our ledger has to say the same. All
 * clocks run faster, so that leases and looks pass in seconds. Ends with 1 when something is there twice, is lost or is
 * wrong.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { heat } from '#test/chaos/plan.ts';
import { killAll } from '#test/chaos/processes.ts';
import { openArena, openServer } from '#test/chaos/rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    lanes: { type: 'string', default: '10' },
  },
});
const [rounds, lanes] = [Number(values.rounds), Number(values.lanes)];
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a number from 1 on.');
if (!Number.isInteger(lanes) || lanes < 1) throw new Error('--lanes is a number from 1 on.');

const folder = await mkdtemp(join(tmpdir(), 'fanfare-chaos-'));
const server = await openServer(folder);
const end = async () => {
  killAll();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().then(() => process.exit(1)));

try {
  const arena = await openArena(folder, { database: server.database, lanes, killDatabase: server.kill });
  console.log(`${rounds} rounds with seed ${values.seed}, ${lanes} at a time`);
  const heats = fc.sample(heat(lanes), { numRuns: Math.ceil(rounds / lanes), seed: Number(values.seed) });
  for (const [at, planned] of heats.entries()) {
    const number = at * lanes + 1;
    const played = { ...planned, rounds: planned.rounds.slice(0, rounds - at * lanes) };
    const began = performance.now();
    const wrong = await arena.play(number, played);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { rounds: those, ...deaths } = played;
    console.log(`rounds ${number} to ${number + those.length - 1}: ${seconds} s, ${JSON.stringify(deaths)}`);
    for (const says of wrong) console.log(`WRONG: ${says}`);
    if (wrong.length > 0) console.log(JSON.stringify(those));
  }
  const { posts, duplicates, lost, wrong, events } = await arena.close();
  console.log(events);
  if (wrong > 0) console.log(`${wrong} statements of our ledger are wrong; see above`);
  console.log(`posts ${posts}, duplicates ${duplicates}, lost ${lost}`);
  process.exitCode = duplicates + lost + wrong > 0 ? 1 : 0;
} finally {
  await end();
}
