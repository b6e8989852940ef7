import { readdirSync } from 'node:fs';
import { table } from '#src/doors/cli/show.ts';

/** A figure beside what it has to be. */
export type Row = { what: string; measured: string; target: string };

/** One file of `bench/intelligence/`: the figures of one part of the product's reasoning, on published or simulated data. */
type Part = { run(): Promise<Row[]> };

const folder = new URL('./intelligence/', import.meta.url);

/** Every part there is, one table each; or those named. */
export async function intelligence(names: readonly string[] = []): Promise<void> {
  const parts = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.replace(/\.ts$/, ''))
    .sort();
  const unknown = names.find((name) => !parts.includes(name));
  if (unknown !== undefined) throw new Error(`There is no part "${unknown}". There are: ${parts.join(', ')}.`);
  for (const name of names.length > 0 ? names : parts) {
    const part = (await import(new URL(`${name}.ts`, folder).href)) as Part;
    const began = performance.now();
    const rows = await part.run();
    console.log(`\n${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    console.log(table(rows, { now: new Date(), width: process.stdout.columns || 140 }));
  }
}
