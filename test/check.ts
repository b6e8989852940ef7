import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

/** `npm run check`: types, lint and format, generated files, architecture and shapes. Exits with 1 when one fails. */
type Check = { name: string; command: string[] };
type Result = Check & { ok: boolean; output: string; seconds: number };

const bin = (name: string, ...path: string[]) => [process.execPath, join('node_modules', name, ...path)];

const checks: Check[] = [
  { name: 'types', command: [...bin('typescript', 'bin', 'tsc'), '--noEmit', '-p', '.'] },
  {
    name: 'architecture and shapes',
    command: [
      ...bin('vitest', 'vitest.mjs'),
      'run',
      'test/architecture.test.ts',
      'test/shape.test.ts',
      '--reporter=dot',
    ],
  },
  { name: 'generated files', command: [process.execPath, 'src/doors/generate.ts', '--check'] },
  { name: 'lint and format', command: [...bin('@biomejs/biome', 'bin', 'biome'), 'check', '.'] },
];

const results: Result[] = [];
const waiting = [...checks];
await Promise.all(Array.from({ length: Math.max(2, Math.min(4, availableParallelism())) }, work));
results.sort((a, b) => checks.findIndex((one) => one.name === a.name) - checks.findIndex((one) => one.name === b.name));

for (const failed of results.filter((one) => !one.ok)) console.log(`\n── ${failed.name} ──\n${failed.output.trim()}\n`);
for (const one of results) console.log(`${one.ok ? '✓' : '✗'} ${one.name} (${one.seconds.toFixed(1)} s)`);
const failures = results.filter((one) => !one.ok).length;
console.log(failures === 0 ? 'Everything is in order.' : `${failures} of ${results.length} failed.`);
process.exitCode = failures === 0 ? 0 : 1;

async function work(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) results.push(await run(check));
}

function run(check: Check): Promise<Result> {
  const began = performance.now();
  return new Promise((resolve) => {
    const [program, ...rest] = check.command;
    const child = spawn(program!, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const end = (ok: boolean) => resolve({ ...check, ok, output, seconds: (performance.now() - began) / 1000 });
    child.on('error', (error) => {
      output += error.message;
      end(false);
    });
    child.on('close', (code) => end(code === 0));
  });
}
