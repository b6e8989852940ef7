/**
 * `npm run fuzz -- --calls 10000 --seed 7`: every operation of the API is called with generated input, fitting and not,
 * as the owner, a viewer, a program with a key and nobody, with ids of this workspace and of another one. Nothing may
 * answer 500 or more, take longer than 10 seconds, or show or change a row of the other workspace. The same seed sends
 * the same calls. `--only noun.verb` keeps to one operation. Ends with 1 when something is wrong.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { pino } from 'pino';
import { openHouse } from '#test/bad-input/house.ts';
import { openServer } from '#test/chaos/rounds.ts';
import { call } from '#test/fuzz/calls.ts';
import { type Fault, openGround } from '#test/fuzz/play.ts';

const { values } = parseArgs({
  options: {
    calls: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Date.now() % 1e6) },
    only: { type: 'string' },
  },
});
const [calls, seed] = [Number(values.calls), Number(values.seed)];
if (!Number.isInteger(calls) || calls < 1) throw new Error('--calls is a number from 1 on.');
if (!Number.isInteger(seed)) throw new Error('--seed is a number.');

/** So many calls to a workspace: then so much of its stock is gone that most are refused for that. */
const BLOCK = 400;

const folder = await mkdtemp(join(tmpdir(), 'fanfare-fuzz-'));
const server = await openServer(folder);
const end = async () => {
  await server.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end().then(() => process.exit(1)));

try {
  process.exitCode = (await play()) ? 0 : 1;
} finally {
  await end();
}

async function play(): Promise<boolean> {
  const logged: string[] = [];
  const log = pino({ level: 'error', base: null }, { write: (line: string) => void logged.push(line) });
  const house = await openHouse({ database: server.database, overrides: { log } });
  const ground = await openGround(house);
  console.log(`${calls} calls with seed ${seed}; ${ground.marked} columns of the other workspace are marked`);
  const wanted = values.only ? call.filter(({ name }) => name === values.only) : call;
  const faults: Fault[] = [];
  let crossed: string[] = [];
  for (const [at, one] of fc.sample(wanted, { numRuns: calls, seed }).entries()) {
    if (at % BLOCK === 0) await ground.fresh();
    logged.length = 0;
    const fault = await ground.send(one);
    if (fault) tell({ ...fault, at }, logged);
    if (fault) faults.push({ ...fault, at });
    if ((at + 1) % 1000 === 0) console.log(`${at + 1} calls`);
  }
  crossed = await ground.crossed();
  for (const table of crossed) console.error(`crossing: ${table} of the other workspace was changed`);
  await house.close();
  const { carriedOut, refused, operations } = ground.done;
  console.log(`${carriedOut} carried out (${operations.size} operations), ${refused} refused`);
  const count = (kind: Fault['kind']) => faults.filter((one) => one.kind === kind).length;
  const crossings = count('crossing') + crossed.length;
  console.log(`calls ${calls}, 500s ${count('500')}, hangs ${count('hang')}, crossings ${crossings}`);
  return faults.length === 0 && crossed.length === 0;
}

function tell({ kind, at, call: { name, who, input, door }, said }: Fault, logged: string[]): void {
  const sent = JSON.stringify(input)?.slice(0, 1500);
  console.error(`\n${kind}: call ${at}, ${name} as ${who} at the ${door}\n  sent ${sent}\n  said ${said}`);
  for (const line of logged) console.error(`  log ${line.slice(0, 1500)}`);
}
