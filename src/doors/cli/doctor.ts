import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Check, Finding, Verdict } from '#src/doctor/finding.ts';
import { type Installation, installationOf } from '#src/doors/cli/installation.ts';
import type { Terminal } from '#src/doors/cli/program.ts';
import type { Outcome, Server } from '#src/doors/cli/server.ts';
import { type Offered, offered } from '#src/doors/operations.ts';

type Told = { verdict: Verdict; checks: Finding[] };

/**
 * What `fanfare doctor` says without a further word: every check, what it means and what to do. Ends with 1 when
 * something is a problem. A Fanfare that does not answer is one, and then what can be looked at without it is.
 */
export function addDoctor(
  doctor: Command,
  find: (options: Record<string, unknown>) => Promise<Server>,
  terminal: Terminal,
  end: (code: number) => void,
): void {
  doctor
    .summary('check everything Fanfare needs, and say what to do')
    .option('--json', 'print the answer as JSON')
    .option('--url <url>', 'where Fanfare is (FANFARE_URL)')
    .option('--key <key>', 'not needed on the server’s own machine')
    .option('--workspace <id>', 'whose accounts, mail, link domain and apps to look at')
    .action(async () => {
      const options = doctor.optsWithGlobals<{ json?: boolean }>();
      const operation = offered().find((one) => one.name === 'doctor.check') as Offered;
      const server = await find(options);
      const outcome = await server.call(operation, {});
      const refused = !outcome.ok && ![0, 503].includes(outcome.status);
      if (refused) {
        terminal.err(`${outcome.message}\n`);
        end(outcome.status === 401 || outcome.status === 403 ? 3 : 1);
        return;
      }
      const told = outcome.ok ? (outcome.value as Told) : await lookWithout(server.url, outcome, terminal);
      terminal.out(options.json ? `${JSON.stringify(told, null, 2)}\n` : inWords(told.checks));
      end(told.checks.some(({ verdict }) => verdict === 'problem') ? 1 : 0);
    });
}

/** What can be looked at when Fanfare itself does not answer. */
async function lookWithout(url: string, outcome: Outcome & { ok: false }, terminal: Terminal): Promise<Told> {
  const { carryOut, ok, problem, unknown } = await import('#src/doctor/finding.ts');
  const running: Finding = {
    id: 'running',
    title: 'Fanfare',
    ...problem(
      `Fanfare does not answer at ${url}: ${outcome.message}`,
      'Start it, look into its log for the sentence it ended with, or say where it is with --url.',
    ),
  };
  let at: Installation;
  try {
    at = installationOf(terminal.environment);
  } catch (error) {
    const said = problem((error as Error).message, 'docs/configuration.md says what each variable may be.');
    return { verdict: 'problem', checks: [running, { id: 'environment', title: 'Environment', ...said }] };
  }
  const { lookAtDisk } = await import('#src/doctor/machine.ts');
  const checks: Check[] = [
    { id: 'environment', title: 'Environment', look: async () => ok('Every variable that is set can be read.') },
    {
      id: 'database',
      title: 'Database',
      async look() {
        const { DATABASE_URL: external } = at.config;
        if (!external)
          return unknown(
            'The embedded database runs only while Fanfare does.',
            `Its log: ${join(at.data, 'postgres.log')}`,
          );
        const { versionAt } = await import('#src/db/external.ts');
        return versionAt(external).then(
          (version) => ok(`PostgreSQL ${version} answers at DATABASE_URL.`),
          (error: Error) =>
            problem(
              `DATABASE_URL cannot be reached: ${error.message}`,
              'Check address, user and password, and that the server runs.',
            ),
        );
      },
    },
    {
      id: 'secret',
      title: 'Secret',
      look: async () =>
        at.config.FANFARE_SECRET || existsSync(join(at.data, 'secret.key'))
          ? ok('The installation’s secret is there.')
          : problem(
              `There is neither a secret.key in ${at.data} nor a FANFARE_SECRET.`,
              'A first start makes one. If this installation has run before, bring back its own: no other opens its credentials.',
            ),
    },
    { id: 'disk', title: 'Disk', look: () => lookAtDisk(at.data) },
  ];
  return { verdict: 'problem', checks: [running, ...(await carryOut(checks))] };
}

const WORD: Record<Verdict, string> = { ok: 'ok', warning: 'warning', problem: 'PROBLEM', unknown: 'not checked' };

function inWords(checks: readonly Finding[]): string {
  const width = Math.max(...checks.map(({ title }) => title.length));
  const lines = checks.map(({ verdict, title, says, todo }) => {
    const does = todo && verdict !== 'ok' ? `\n${' '.repeat(width + 15)}→ ${todo}` : '';
    return `${WORD[verdict].padEnd(11)}  ${title.padEnd(width)}  ${says}${does}`;
  });
  const count = (verdict: Verdict) => checks.filter((one) => one.verdict === verdict).length;
  return `${lines.join('\n')}\n\n${count('ok')} ok, ${count('warning')} warnings, ${count('problem')} problems, ${count('unknown')} not checked.\n`;
}
