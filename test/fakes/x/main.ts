/**
 * The fake X as a process of its own, for tests that kill things:
 *
 *     node test/fakes/x/main.ts --port 0 --state /tmp/x.json
 *
 * With `--origin` (milliseconds) and `--factor` its clock runs faster from that moment on (test/clock.ts). Prints its address on one line. Told what to do under /_control (control.ts).
 */
import { parseArgs } from 'node:util';
import { fastClock } from '#test/clock.ts';
import { startFakeX } from './index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    state: { type: 'string' },
    origin: { type: 'string', default: '0' },
    factor: { type: 'string', default: '1' },
  },
});
const clock = fastClock({ origin: Number(values.origin), factor: Number(values.factor) });
const fake = await startFakeX({
  port: Number(values.port),
  stateFile: values.state ?? null,
  clock: () => clock.now().getTime(),
});
console.log(fake.url);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void fake.close());
