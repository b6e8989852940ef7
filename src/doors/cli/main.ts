import { readFileSync } from 'node:fs';
import { enableCompileCache } from 'node:module';

// The whole catalog is loaded for every command; compiled once, that takes a fraction of the time.
enableCompileCache();

// A reader that has seen enough (`fanfare posts list | head`) is no fault of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

const terminal = {
  out: (text: string) => process.stdout.write(text),
  err: (text: string) => process.stderr.write(text),
  ...(process.stdout.isTTY ? { width: process.stdout.columns } : {}),
};

const [command, ...rest] = process.argv.slice(2);
if (command === 'lab') {
  // The lab needs neither the catalog nor a server, and reads standard input as it comes.
  const { runLab } = await import('#src/doors/cli/lab/lab.ts');
  const { standardInput } = await import('#src/doors/cli/lab/source.ts');
  process.exitCode = runLab(rest, { ...terminal, stdin: standardInput });
} else {
  const { runCli } = await import('#src/doors/cli/program.ts');
  process.exitCode = await runCli(process.argv.slice(2), {
    ...terminal,
    interactive: process.stderr.isTTY === true,
    stdin: () => readFileSync(0, 'utf8'),
    environment: process.env,
  });
}
