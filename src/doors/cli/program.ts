import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import packageJson from '#package' with { type: 'json' };
import { backupCommand } from '#src/doors/cli/backup.ts';
import { campaignCommands } from '#src/doors/cli/campaigns.ts';
import { addDoctor } from '#src/doors/cli/doctor.ts';
import { exportCommand } from '#src/doors/cli/export.ts';
import { type Field, fieldsOf, positionalOf, typedValue, WrongInput } from '#src/doors/cli/fields.ts';
import { moveCommand } from '#src/doors/cli/move.ts';
import { analysisIn, followAnalysis, type Teller, withProgress } from '#src/doors/cli/progress.ts';
import { resetPasswordCommand } from '#src/doors/cli/reset-password.ts';
import { restoreCommand } from '#src/doors/cli/restore.ts';
import { scaleCommand } from '#src/doors/cli/scale.ts';
import { findServer, type Outcome, type Server, type Where } from '#src/doors/cli/server.ts';
import { show } from '#src/doors/cli/show.ts';
import { type Offered, offered } from '#src/doors/operations.ts';
import { kebab, stageOf, stages, stageTitles } from '#src/doors/stages.ts';

/** What the process ends with, by HTTP status; documented in the help. */
export const exitCodes = { done: 0, fault: 1, input: 2, notAllowed: 3, notFound: 4, conflict: 5 } as const;

/** Where the command line reads and writes: the process, or a test. */
export type Terminal = {
  out(text: string): void;
  err(text: string): void;
  width?: number;
  interactive: boolean;
  stdin(): string;
  environment: Record<string, string | undefined>;
};

const GLOBALS: { flags: string; text: string }[] = [
  { flags: '--json', text: 'print the answer as JSON' },
  { flags: '--input <json>', text: 'the whole input at once: JSON, @file, or - for standard input; flags go on top' },
  { flags: '--no-wait', text: 'do not wait for work that goes on in the background' },
  { flags: '--url <url>', text: 'where Fanfare is (FANFARE_URL)' },
  { flags: '--key <key>', text: 'API key (FANFARE_KEY); not needed on the server’s own machine' },
  { flags: '--workspace <id>', text: 'the workspace to act in, if you have several' },
];

const EPILOGUE = `
Exit codes: 0 done; 1 a fault, or Fanfare cannot be reached; 2 wrong input; 3 not allowed; 4 not found; 5 conflict.
Each noun and each command has its own help: fanfare posts --help, fanfare posts schedule --help.`;

/** Runs one command line (without node and script) and returns its exit code. */
export async function runCli(argv: string[], terminal: Terminal): Promise<number> {
  let code: number = exitCodes.done;
  const program = buildProgram(argv, terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(argv.length > 0 ? argv : ['--help'], { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.input;
    if (error instanceof WrongInput) {
      terminal.err(`${error.message}\n`);
      return exitCodes.input;
    }
    terminal.err(`${(error as Error).message}\n`);
    return exitCodes.fault;
  }
}

/** `posts.scheduleAll` → `posts schedule-all`. */
export function commandOf(operation: Offered): string {
  return `${kebab(operation.noun)} ${kebab(operation.verb)}`;
}

/** `fanfare posts schedule <post-id> --at <text>`: how a command is typed with what it cannot do without. */
export function usageOf(operation: Offered): string {
  const fields = fieldsOf(operation);
  const positional = positionalOf(operation, fields);
  const flags = fields.filter((field) => field.required && field !== positional).map((field) => flagsOf(field));
  return ['fanfare', commandOf(operation), ...(positional ? [`<${positional.flag}>`] : []), ...flags].join(' ');
}

/** Every operation as a command, by stage. Flags are made for the command that is called only: they take time. */
export function buildProgram(argv: string[], terminal: Terminal, end: (code: number) => void): Command {
  const program = new Command('fanfare');
  program
    .description('The command line of Fanfare: everything the app can do, for people, scripts and agents.')
    .version(packageJson.version)
    .usage('<noun> <verb> [options]')
    .enablePositionalOptions()
    .configureHelp({ showGlobalOptions: false, subcommandTerm: (command) => command.name() })
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      getOutHelpWidth: () => terminal.width ?? 100,
      getErrHelpWidth: () => terminal.width ?? 100,
    })
    .exitOverride()
    .addHelpText('after', EPILOGUE);
  for (const { flags, text } of GLOBALS) program.addOption(new Option(flags, text));

  program.commandsGroup('Run it:');
  program.command('start').description('Start Fanfare.').action(startElsewhere);
  program
    .command('demo')
    .description('Start a demo with a seeded story; nothing leaves the machine.')
    .action(startElsewhere);
  program
    .command('lab')
    .description('Run the statistics on files of your own: attribution, lifetime value, funnels and more.')
    .usage('VERB FILE [options]')
    .argument('[words...]')
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      const { runLab } = await import('#src/doors/cli/lab/lab.ts');
      end(runLab(words, { ...terminal, stdin: () => [terminal.stdin()] }));
    });
  program.addCommand(
    exportCommand(
      (globals) => findServer(whereOf({ ...program.opts(), ...globals }), terminal.environment),
      terminal.out,
    ).copyInheritedSettings(program),
  );
  for (const command of [backupCommand(terminal), restoreCommand(terminal), moveCommand(terminal)])
    program.addCommand(command.copyInheritedSettings(program));
  program.addCommand(scaleCommand(terminal.environment, terminal.out).copyInheritedSettings(program));
  const find = (given: Where) => findServer(whereOf({ ...program.opts(), ...given }), terminal.environment);
  for (const command of campaignCommands(find, terminal, (status) => end(codeOf(status))))
    program.addCommand(command.copyInheritedSettings(program));
  const resetPassword = resetPasswordCommand(find, terminal, (status) => end(codeOf(status)));
  program.addCommand(resetPassword.copyInheritedSettings(program));
  const mcp = program
    .command('mcp')
    .description('Serve every operation to an agent: MCP over standard input and output.');
  for (const { flags, text } of GLOBALS.filter((one) => /url|key|workspace/.test(one.flags)))
    mcp.addOption(new Option(flags, text));
  mcp.action(async () => {
    const { serveMcp } = await import('#src/doors/cli/mcp.ts');
    await serveMcp(await findServer(whereOf({ ...program.opts(), ...mcp.opts() }), terminal.environment));
  });

  const operations = offered();
  for (const stage of stages) {
    program.commandsGroup(`${stageTitles[stage]}:`);
    for (const name of new Set(operations.map((one) => one.noun))) {
      if (stageOf(name) !== stage) continue;
      const verbs = operations.filter((one) => one.noun === name);
      const noun = program
        .command(kebab(name))
        .helpCommand(false)
        .usage('<verb> [options]')
        .configureHelp({ subcommandTerm: (command) => command.name() })
        .summary(verbs.map((one) => kebab(one.verb)).join(', '))
        .description(`What can be done with ${kebab(name).replaceAll('-', ' ')}.`);
      if (name === 'doctor') addDoctor(noun, find, terminal, end);
      for (const operation of verbs) addVerb(program, noun, operation, argv, terminal, end);
    }
  }
  return program;
}

function startElsewhere(): never {
  throw new WrongInput('Say "fanfare start" or "fanfare demo" with the word directly after fanfare.');
}

function addVerb(
  program: Command,
  noun: Command,
  operation: Offered,
  argv: string[],
  terminal: Terminal,
  end: (code: number) => void,
): void {
  const command = noun.command(kebab(operation.verb)).description(describe(operation)).summary(operation.summary);
  if (!argv.includes(noun.name()) || !argv.includes(command.name())) return;
  const fields = fieldsOf(operation);
  const positional = positionalOf(operation, fields);
  if (positional)
    command.argument(`[${positional.flag}]`, `(${positional.required ? 'required; ' : ''}or --${positional.flag})`);
  command.usage([positional ? `<${positional.flag}> ` : '', '[options]'].join('')).configureHelp({});
  command.optionsGroup('Options:');
  for (const field of fields) addField(command, field, positional);
  command.optionsGroup('Everywhere:');
  // A field of the same name has the flag; the server's address is then given before the noun or by the environment.
  const taken = new Set(fields.map((field) => field.flag));
  const everywhere = GLOBALS.filter(({ flags }) => !taken.has(nameOf(flags)));
  for (const { flags, text } of everywhere) command.addOption(new Option(flags, text));
  command.action(async (...given: unknown[]) => {
    const typed = command.opts<Record<string, unknown>>();
    const globals = { ...program.opts() };
    for (const { flags } of everywhere) {
      const attribute = new Option(flags).attributeName();
      if (command.getOptionValueSource(attribute) === 'cli') globals[attribute] = typed[attribute];
    }
    const input = { ...wholeInput(globals.input as string | undefined, terminal) };
    for (const field of fields) {
      const attribute = attributeOf(field);
      if (command.getOptionValueSource(attribute) === 'cli') input[field.name] = typedValue(field, typed[attribute]);
    }
    if (positional && given[0] !== undefined) input[positional.name] = typedValue(positional, given[0]);
    const missing = fields.filter((field) => field.required && input[field.name] === undefined);
    if (missing.length > 0)
      throw new WrongInput(
        `Missing: ${missing.map((field) => `--${field.flag}`).join(', ')}. See: fanfare ${commandOf(operation)} --help`,
      );
    const server = await findServer(whereOf(globals), terminal.environment);
    const outcome = await carryOut(server, operation, input, globals.wait !== false, terminal);
    end(report(outcome, operation, fields, Boolean(globals.json), terminal));
  });
}

function describe(operation: Offered): string {
  const notes = [
    operation.access === 'destructive' ? 'It cannot be undone.' : '',
    operation.role === 'owner' ? 'For owners.' : '',
  ].filter(Boolean);
  return [operation.summary, ...notes].join(' ');
}

function addField(command: Command, field: Field, positional: Field | undefined): void {
  const notes = [
    field.required ? 'required' : '',
    field.description ?? '',
    field.kind === 'list' ? 'may be repeated' : '',
    field.nullable ? 'null clears it' : '',
    field.default === undefined ? '' : `default ${JSON.stringify(field.default)}`,
  ].filter(Boolean);
  const text = [field.choices ? field.choices.join(' | ') : '', notes.length > 0 ? `(${notes.join('; ')})` : '']
    .filter(Boolean)
    .join(' ');
  const option = new Option(flagsOf(field), text);
  if (field === positional) option.hideHelp();
  command.addOption(option);
  if (field.kind === 'boolean') command.addOption(new Option(`--no-${field.flag}`, 'the opposite').hideHelp());
}

function flagsOf(field: Field): string {
  if (field.kind === 'boolean') return `--${field.flag}`;
  const value = field.kind === 'list' ? (field.of === 'json' ? 'json...' : `${field.of}...`) : field.kind;
  return `--${field.flag} <${value}>`;
}

function attributeOf(field: Field): string {
  return new Option(`--${field.flag} <x>`).attributeName();
}

function nameOf(flags: string): string {
  return flags.split(' ')[0]!.replace(/^--(no-)?/, '');
}

function whereOf(options: Record<string, unknown>): Where {
  const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
  const [url, key, workspace] = [text(options.url), text(options.key), text(options.workspace)];
  return { ...(url ? { url } : {}), ...(key ? { key } : {}), ...(workspace ? { workspace } : {}) };
}

function wholeInput(given: string | undefined, terminal: Terminal): Record<string, unknown> {
  if (given === undefined) return {};
  const text = given === '-' ? terminal.stdin() : given.startsWith('@') ? fileText(given.slice(1)) : given;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WrongInput(`--input is not valid JSON: ${(error as Error).message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new WrongInput('--input takes a JSON object.');
  return value as Record<string, unknown>;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new WrongInput(`--input @${path} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

async function carryOut(
  server: Server,
  operation: Offered,
  input: Record<string, unknown>,
  wait: boolean,
  terminal: Terminal,
): Promise<Outcome> {
  const teller: Teller = { line: (text) => terminal.err(`${text}\n`), interactive: terminal.interactive };
  const outcome = await withProgress(operation.summary.replace(/[.;].*$/, ''), teller, () =>
    server.call(operation, input),
  );
  const analysisId = outcome.ok && wait && operation.access !== 'read' ? analysisIn(outcome.value) : undefined;
  const get = offered().find((one) => one.name === 'analyses.get');
  return analysisId && get ? followAnalysis(server, get, analysisId, teller) : outcome;
}

function report(outcome: Outcome, operation: Offered, fields: Field[], json: boolean, terminal: Terminal): number {
  if (outcome.ok) {
    if (json) terminal.out(`${JSON.stringify(outcome.value, null, 2)}\n`);
    else
      terminal.out(
        `${show(outcome.value, { now: new Date(), ...(terminal.width ? { width: terminal.width } : {}) })}\n`,
      );
    const broken = brokenIn(operation, outcome.value);
    if (broken) terminal.err(`${broken}\n`);
    return broken ? exitCodes.fault : exitCodes.done;
  }
  const problems = outcome.problems.map(({ path, message }) => {
    const field = fields.find((one) => one.name === path.split('.')[0]);
    return `  ${field ? `--${field.flag}${path.slice(field.name.length)}` : path || commandOf(operation)}: ${message}`;
  });
  if (json) terminal.out(`${JSON.stringify({ error: outcome.message, problems: outcome.problems }, null, 2)}\n`);
  terminal.err(problems.length > 0 ? `The input does not fit.\n${problems.join('\n')}\n` : `${outcome.message}\n`);
  return codeOf(outcome.status);
}

/** The answer came, and says that something is broken: a script has to notice. */
function brokenIn(operation: Offered, value: unknown): string | null {
  if (operation.name !== 'audit.verify') return null;
  const { brokenAt } = value as { brokenAt: number | null };
  if (brokenAt === null) return null;
  return `The audit log is broken at entry ${brokenAt}: it was changed, removed or put in from outside Fanfare. Compare it with a backup.`;
}

function codeOf(status: number): number {
  if (status === 400 || status === 413 || status === 422) return exitCodes.input;
  if (status === 401 || status === 403) return exitCodes.notAllowed;
  if (status === 404) return exitCodes.notFound;
  if (status === 409) return exitCodes.conflict;
  return exitCodes.fault;
}
