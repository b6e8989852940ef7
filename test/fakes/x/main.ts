/**
 * The fake X as a process of its own, for tests that kill things:
 *
 *     node test/fakes/x/main.ts --port 0 --state /tmp/x.json
 *
 * Prints its address on one line. Told what to do under /_control (control.ts).
 */
import { parseArgs } from 'node:util';
import { startFakeX } from './index.ts';

const { values } = parseArgs({
  options: { port: { type: 'string', default: '0' }, state: { type: 'string' } },
});
const fake = await startFakeX({ port: Number(values.port), stateFile: values.state ?? null });
console.log(fake.url);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fake.close());
