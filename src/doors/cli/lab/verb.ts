import type { ParseArgsOptionsConfig } from 'node:util';
import type { Source } from './source.ts';

/** What a verb answers: `json` for `--json`, `text` for people. */
export type Answer = { json: unknown; text: string };

export type Options = { [name: string]: string | boolean | undefined };

export type Bench = {
  source: Source;
  /** The first argument as typed, for a verb that takes a folder. */
  path: string;
  /** The second one; a verb that asks for it (`second`) has it. */
  second: string | null;
  options: Options;
  json: boolean;
  width?: number;
  out(text: string): void;
  /** A remark for people, beside the answer. */
  note(text: string): void;
};

/** One thing the lab can do. `run` answers, or writes itself (and answers null) where the answer is as long as the file. */
export type Verb = {
  summary: string;
  file: string;
  /** The name of a second argument (a folder to write into, another file). */
  second?: string;
  /** Flags with their explanation. */
  options: { [flag: string]: { type: 'string' | 'boolean'; value?: string; text: string } };
  /** What a file looks like and the command to go with it. */
  example: string;
  run(bench: Bench): Answer | null;
};

/** The command line itself is wrong; the exit code is 2. */
export class WrongUse extends Error {}

export function parseable(verb: Verb): ParseArgsOptionsConfig {
  return Object.fromEntries(Object.entries(verb.options).map(([flag, { type }]) => [flag, { type }]));
}

/** A numeric flag. */
export function numberFlag(
  options: Options,
  flag: string,
  { above = Number.NEGATIVE_INFINITY, from = Number.NEGATIVE_INFINITY, whole = false } = {},
): number | undefined {
  const given = options[flag];
  if (given === undefined) return undefined;
  const value = Number(given);
  if (
    given === '' ||
    !Number.isFinite(value) ||
    value <= above ||
    value < from ||
    (whole && !Number.isInteger(value))
  ) {
    const bound =
      above > Number.NEGATIVE_INFINITY ? ` above ${above}` : from > Number.NEGATIVE_INFINITY ? ` from ${from}` : '';
    throw new WrongUse(`--${flag} takes a ${whole ? 'whole ' : ''}number${bound}, not "${given}".`);
  }
  return value;
}

/** A flag with a few possible values. */
export function choice<T extends string>(options: Options, flag: string, values: readonly T[]): T | undefined {
  const given = options[flag];
  if (given === undefined) return undefined;
  const found = values.find((each) => each === given);
  if (found === undefined) throw new WrongUse(`--${flag} is one of ${values.join(', ')}, not "${given}".`);
  return found;
}
