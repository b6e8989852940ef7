/**
 * `npm run chaos -- --rounds 50 --seed 7`: one post or thread after the other while the publishing process is killed at
 * random moments and the fake X, a process of its own, loses answers, answers late, refuses, is killed itself. In the end
 * every part has to stand there once, in order, under the right parent, and our ledger has to say the same. All clocks
 * run faster, so that leases and looks pass in seconds. Ends with 1 when something is there twice, is lost or is wrong.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate } from '#src/db/migrate.ts';
import { killAll } from '#test/chaos/processes.ts';
import { openArena, plan } from '#test/chaos/rounds.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '50' }, seed: { type: 'string', default: String(Date.now() % 1e6) } },
});
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds is a number from 1 on.');

const folder = await mkdtemp(join(tmpdir(), 'fanfare-chaos-'));
await chmod(folder, 0o711);
const server = await startEmbedded({ data: join(folder, 'data'), fast: true });
const end = async () => {
  killAll();
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().then(() => process.exit(1)));

try {
  await migrate(server.connection('fanfare_owner'));
  const arena = await openArena(folder, {
    owner: server.connection('fanfare_owner'),
    server: server.connection('fanfare_server'),
    drop: async () => undefined,
  });
  console.log(`${rounds} rounds with seed ${values.seed}`);
  for (const [at, round] of fc.sample(plan, { numRuns: rounds, seed: Number(values.seed) }).entries()) {
    const began = performance.now();
    const wrong = await arena.play(at + 1, round);
    for (const says of wrong) console.log(`round ${at + 1}: ${says}`);
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    console.log(
      `round ${at + 1}: ${wrong.length === 0 ? 'fine' : 'WRONG'} after ${seconds} s, ${JSON.stringify(round)}`,
    );
  }
  const { posts, duplicates, lost, wrong, events } = await arena.close();
  console.log(events);
  if (wrong > 0) console.log(`${wrong} statements of our ledger are wrong; see above`);
  console.log(`posts ${posts}, duplicates ${duplicates}, lost ${lost}`);
  process.exitCode = duplicates + lost + wrong > 0 ? 1 : 0;
} finally {
  await end();
}
