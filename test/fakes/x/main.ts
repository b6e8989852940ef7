/**
 * The fake X as a process of its own, for tests that kill things:
 *
 *     node test/fakes/x/main.ts --port 0 --state /tmp/x.json
 *
 * With `--origin` (milliseconds) and `--factor` its clock runs faster from that moment on (test/clock.ts). With `--ports`
 * (`0,0,0`) there are as many, each with a state file of its own. Prints the addresses on one line, with spaces between.
 * Told what to do under /_control (control.ts).
 */
import { parseArgs } from 'node:util';
import { fastClock } from '#test/clock.ts';
import { startFakeX } from './index.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    ports: { type: 'string' },
    state: { type: 'string' },
    origin: { type: 'string', default: '0' },
    factor: { type: 'string', default: '1' },
  },
});
const clock = fastClock({ origin: Number(values.origin), factor: Number(values.factor) });
const ports = (values.ports ?? values.port).split(',').map(Number);
const fakes = await Promise.all(
  ports.map((port, at) =>
    startFakeX({
      port,
      stateFile: values.state === undefined ? null : at === 0 ? values.state : `${values.state}.${at}`,
      clock: () => clock.now().getTime(),
    }),
  ),
);
console.log(fakes.map((fake) => fake.url).join(' '));
// Whoever started several and is gone closes our input.
if (values.ports) process.stdin.once('end', () => process.exit()).resume();
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void Promise.all(fakes.map((fake) => fake.close())));
