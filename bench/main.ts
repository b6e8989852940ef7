/**
 *     npm run bench -- [intake] [redirect] [dashboards] [publish] [intelligence] [--part NAME] [--events N] [--large] [--keep FOLDER]
 *
 * Without a name all of them, one after the other. `--events` gives the dashboards one size instead of 1 and 10 million,
 * `--large` 50 million besides; `--keep` leaves their filled databases in a folder and opens them again the next time; `--part` one part of the intelligence (a file of `bench/intelligence/`).
 */
import { parseArgs } from 'node:util';
import { dashboards } from './dashboards.ts';
import { intake } from './intake.ts';
import { intelligence } from './intelligence.ts';
import { publishing } from './publishing.ts';
import { redirect } from './redirect.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    large: { type: 'boolean', default: false },
    part: { type: 'string' },
    keep: { type: 'string' },
  },
});
const benches = {
  intake: () => intake(),
  redirect: () => redirect(),
  dashboards: () => dashboards(sizes(), values.keep),
  publish: () => publishing(),
  intelligence: () => intelligence(values.part === undefined ? [] : [values.part]),
};
const isBench = (name: string): name is keyof typeof benches => name in benches;

const unknown = positionals.find((name) => !isBench(name));
if (unknown !== undefined)
  throw new Error(`There is no bench "${unknown}". There are: ${Object.keys(benches).join(', ')}.`);
const wanted = positionals.filter(isBench);
for (const name of wanted.length > 0 ? wanted : (Object.keys(benches) as (keyof typeof benches)[])) {
  console.log(`\n${name}`);
  await benches[name]();
}

function sizes(): number[] {
  if (values.events === undefined) return [1e6, 1e7, ...(values.large ? [5e7] : [])];
  const events = Number(values.events);
  if (!Number.isInteger(events) || events < 1000) throw new Error('--events is a whole number, 1000 at least.');
  return [events];
}
