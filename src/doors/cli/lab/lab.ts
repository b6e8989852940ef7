import { parseArgs } from 'node:util';
import { abTest } from './ab-test.ts';
import { anomaly } from './anomaly.ts';
import { attribution } from './attribution.ts';
import { bestTime } from './best-time.ts';
import { bots } from './bots.ts';
import { count } from './count.ts';
import { decompose } from './decompose.ts';
import { diff } from './diff.ts';
import { funnel } from './funnel.ts';
import { keyphrases } from './keyphrases.ts';
import { lifetime } from './lifetime.ts';
import { mrr } from './mrr.ts';
import { referrers } from './referrers.ts';
import { fileAt, given, WrongFile } from './source.ts';
import { survival } from './survival.ts';
import { type Options, parseable, type Verb, WrongUse } from './verb.ts';

/** What `fanfare lab` can do, in the order of its help. */
const verbs: { readonly [name: string]: Verb } = {
  attribution,
  lifetime,
  survival,
  mrr,
  funnel,
  'ab-test': abTest,
  'best-time': bestTime,
  bots,
  referrers,
  count,
  anomaly,
  decompose,
  keyphrases,
  diff,
};

export type LabTerminal = {
  out(text: string): void;
  err(text: string): void;
  width?: number;
  /** Standard input, piece by piece. */
  stdin(): Iterable<string>;
};

/**
 * Runs the product's own statistics on a file: `fanfare lab VERB FILE …` (without "lab"). Needs no server, no database,
 * no configuration. Returns the exit code: 0 done, 1 the file is wrong, 2 the command line is.
 */
export function runLab(argv: readonly string[], terminal: LabTerminal): number {
  const [name, ...rest] = argv;
  try {
    if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
      terminal.out(overview());
      return 0;
    }
    const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
    if (verb === undefined) throw new WrongUse(`There is no "lab ${name}"; there is ${Object.keys(verbs).join(', ')}.`);
    if (rest.includes('--help') || rest.includes('-h')) {
      terminal.out(help(name, verb));
      return 0;
    }
    run(name, verb, rest, terminal);
    return 0;
  } catch (error) {
    if (error instanceof WrongUse) {
      terminal.err(
        `${error.message}\nSee: fanfare lab ${name && Object.hasOwn(verbs, name) ? `${name} ` : ''}--help\n`,
      );
      return 2;
    }
    if (error instanceof WrongFile) {
      terminal.err(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}

function run(name: string, verb: Verb, argv: readonly string[], terminal: LabTerminal): void {
  const { file, second, options } = readLine(name, verb, argv);
  const json = options.json === true;
  const answer = verb.run({
    source: file === '-' ? given('standard input', terminal.stdin) : fileAt(file),
    path: file,
    second,
    options,
    json,
    ...(terminal.width ? { width: terminal.width } : {}),
    out: terminal.out,
    note: (text) => terminal.err(`${text}\n`),
  });
  if (answer !== null) terminal.out(json ? `${JSON.stringify(answer.json, null, 2)}\n` : `${answer.text}\n`);
}

function readLine(
  name: string,
  verb: Verb,
  argv: readonly string[],
): { file: string; second: string | null; options: Options } {
  let parsed: { values: Options; positionals: string[] };
  try {
    parsed = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...parseable(verb), json: { type: 'boolean' } },
    }) as { values: Options; positionals: string[] };
  } catch (error) {
    throw new WrongUse((error as Error).message);
  }
  const [file, ...others] = parsed.positionals;
  const second = verb.second === undefined ? null : (others.shift() ?? null);
  const [more] = others;
  if (verb.second !== undefined && (file === undefined || second === null))
    throw new WrongUse(`Two are needed: fanfare lab ${name} ${verb.file} ${verb.second}.`);
  if (file === undefined)
    throw new WrongUse(`A file is needed: fanfare lab ${name} ${verb.file} (or - for standard input).`);
  if (more !== undefined)
    throw new WrongUse(
      `${verb.second === undefined ? 'One file at a time' : 'Two at a time'}: "${more}" is one too many.`,
    );
  return { file, second, options: parsed.values };
}

function overview(): string {
  const width = Math.max(...Object.keys(verbs).map((each) => each.length));
  const list = Object.entries(verbs).map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`);
  return `Usage: fanfare lab VERB FILE [--json]

Runs Fanfare's own statistics on a file of yours. No server, no account, no key. FILE may be - for standard input.

${list.join('\n')}

Each has its own help with an example: fanfare lab attribution --help. More: docs/lab.md.
Exit codes: 0 done; 1 the file is wrong (the message names the line); 2 the command line is.
`;
}

function help(name: string, verb: Verb): string {
  const flags = [
    ...Object.entries(verb.options).map(([flag, { value, text }]) => ({
      flag: `--${flag}${value ? ` <${value}>` : ''}`,
      text,
    })),
    { flag: '--json', text: 'print the answer as JSON, with all digits' },
  ];
  const width = Math.max(...flags.map(({ flag }) => flag.length));
  const second = verb.second === undefined ? '' : ` ${verb.second}`;
  const piped = verb.second === undefined ? ' FILE may be - for standard input.' : '';
  return `Usage: fanfare lab ${name} ${verb.file}${second} [options]

${verb.summary.charAt(0).toUpperCase()}${verb.summary.slice(1)}.${piped}

Options:
${flags.map(({ flag, text }) => `  ${flag.padEnd(width)}  ${text}`).join('\n')}

Example:

${verb.example}
`;
}
