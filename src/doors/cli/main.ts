import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

// The whole catalog is loaded for every command; compiled once, that takes a fraction of the time.
enableCompileCache();
const { runCli } = await import('#src/doors/cli/program.ts');

// A reader that has seen enough (`fanfare posts list | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  ...(process.stdout.isTTY ? { width: process.stdout.columns } : {}),
  interactive: process.stderr.isTTY === true,
  stdin: () => readFileSync(0, 'utf8'),
  environment: process.env,
});
