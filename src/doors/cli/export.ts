import { setTimeout as pause } from 'node:timers/promises';
import { Command } from 'commander';
import { z } from 'zod';
import { WrongInput } from '#src/doors/cli/fields.ts';
import type { Outcome, Server } from '#src/doors/cli/server.ts';
import { offered } from '#src/doors/operations.ts';

type Wanted = { to?: string; format: string; kinds?: string[]; from?: string; until?: string };

const begun = z.object({ id: z.string() });
const state = z.object({ state: z.string(), rowsDone: z.number(), message: z.string().nullable() });
const link = z.object({ url: z.string() });

/** `fanfare export --to FILE`: everything, or some kinds of rows, in one file on this machine. */
export function exportCommand(
  find: (globals: Record<string, unknown>) => Promise<Server>,
  tell: (text: string) => void,
  everyMs = 500,
): Command {
  return new Command('export')
    .description('Write everything of the workspace, or some kinds of rows, into one zip file. For owners.')
    .usage('--to FILE [options]')
    .option('--to <file>', 'the file to write (required)')
    .option('--format <format>', 'ndjson | csv | parquet', 'ndjson')
    .option('--kinds <kind...>', 'some kinds only: events, visits, clicks, posts, payments, credits …')
    .option('--from <day>', 'first day, with --kinds')
    .option('--until <day>', 'last day, with --kinds')
    .option('--url <url>', 'where Fanfare is (FANFARE_URL)')
    .option('--key <key>', 'no key may do this: run it on the server’s own machine')
    .option('--workspace <id>', 'the workspace to act in, if you have several')
    .action(async (options: Wanted & Record<string, unknown>) => {
      const { to, ...wanted } = options;
      if (!to) throw new WrongInput('Say where to write it: fanfare export --to FILE');
      const bytes = await exportTo(await find(options), to, wanted, everyMs);
      tell(`${to}: ${bytes.toLocaleString('en')} bytes\n`);
    });
}

async function exportTo(server: Server, to: string, wanted: Wanted, everyMs: number): Promise<number> {
  const { format, kinds, from, until } = wanted;
  const input = { format, ...(kinds ? { kinds } : {}), ...(from ? { from } : {}), ...(until ? { until } : {}) };
  const { id: transferId } = begun.parse(await ask(server, 'transfers.export', input));
  for (;;) {
    const now = state.parse(await ask(server, 'transfers.get', { transferId }));
    if (now.state === 'done') break;
    if (!['waiting', 'running'].includes(now.state)) throw new Error(now.message ?? `The export was ${now.state}.`);
    await pause(everyMs);
  }
  const { url } = link.parse(await ask(server, 'transfers.link', { transferId }));
  const { download } = await import('#src/outside/download.ts');
  // The link names the public address; this machine may reach the server under another one.
  return download(`${server.url}${new URL(url).pathname}`, to);
}

async function ask(server: Server, name: string, input: Record<string, unknown>): Promise<unknown> {
  const operation = offered().find((one) => one.name === name);
  if (!operation) throw new Error(`This version has no ${name}.`);
  const outcome: Outcome = await server.call(operation, input);
  if (outcome.ok) return outcome.value;
  const problems = outcome.problems.map(({ path, message }) => ` ${path}: ${message}`).join('');
  if (outcome.status === 400) throw new WrongInput(`${outcome.message}${problems}`);
  throw new Error(`${outcome.message}${problems}`);
}
