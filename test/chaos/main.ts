/**
 * `npm run chaos -- --rounds 1000 --seed 7`, with `--only posts` or `--only events` one half of it.
 *
 * Posts: posts and threads, some with a first reply, on several accounts at once,
 * while the publishing processes (one or two) are killed at random moments, now and then the database server too, and the
 * fake X, a process of its own, loses answers, answers late or twice, does things late, refuses, is killed itself. In the
 * end every part has to stand there once, in order, under the right parent, and our ledger has to say the same. All
 * clocks run faster, so that leases and looks pass in seconds.
 *
 * Events: browsers and servers send events, many at once, and send again under the same id what was not answered, while
 * one of the two processes that take them in is killed at random moments, now and then the database server too. In the end each
 * acknowledged event has to be stored once, and visits and totals have to agree with the events.
 *
 * Ends with 1 when something is there twice, is lost or is wrong.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { eventRound, openEventArena } from '#test/chaos/events.ts';
import { heat } from '#test/chaos/plan.ts';
import { killAll } from '#test/chaos/processes.ts';
import { openArena, openServer } from '#test/chaos/rounds.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '50' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    lanes: { type: 'string', default: '10' },
    only: { type: 'string' },
  },
});
const [rounds, lanes, seed] = [Number(values.rounds), Number(values.lanes), Number(values.seed)];
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a number from 1 on.');
if (!Number.isInteger(lanes) || lanes < 1) throw new Error('--lanes is a number from 1 on.');
if (values.only !== undefined && values.only !== 'posts' && values.only !== 'events')
  throw new Error('--only is posts or events.');

const folder = await mkdtemp(join(tmpdir(), 'fanfare-chaos-'));
const server = await openServer(folder);
const end = async () => {
  killAll();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().then(() => process.exit(1)));

try {
  if (values.only !== 'events') await playPosts();
  if (values.only !== 'posts') await playEvents();
} finally {
  await end();
}

async function playPosts(): Promise<void> {
  const arena = await openArena(folder, { database: server.database, lanes, killDatabase: server.kill });
  console.log(`${rounds} rounds of posts with seed ${seed}, ${lanes} at a time`);
  const heats = fc.sample(heat(lanes), { numRuns: Math.ceil(rounds / lanes), seed });
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
  if (duplicates + lost + wrong > 0) process.exitCode = 1;
}

async function playEvents(): Promise<void> {
  const arena = await openEventArena({ database: server.database, killDatabase: server.kill });
  console.log(`${rounds} rounds of events with seed ${seed}`);
  const planned = fc.sample(eventRound, { numRuns: rounds, seed });
  for (const [at, round] of planned.entries()) {
    const began = performance.now();
    const wrong = await arena.play(at + 1, round);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    const { events, ...deaths } = round;
    if ((at + 1) % 10 === 0 || wrong.length > 0)
      console.log(`round ${at + 1}: ${events.length} requests, ${seconds} s, ${JSON.stringify(deaths)}`);
    for (const says of wrong) console.log(`WRONG: ${says}`);
  }
  const { events, lost, duplicates, wrong, says, deaths } = await arena.close();
  for (const one of says) console.log(`WRONG: ${one}`);
  console.log(deaths);
  console.log(`events ${events}, lost ${lost}, duplicates ${duplicates}`);
  if (lost + duplicates + wrong > 0) process.exitCode = 1;
}
