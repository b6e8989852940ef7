/** Patterns of PostgreSQL's regular expressions, each with what takes the place of what it finds. */
export type Patterns = { patterns: string[]; instead: string[] };

/** An id of somebody (the app's, the tracker's, the payment provider's) and the pseudonym that takes its place. */
export type Renamed = { id: string; instead: string };

/** Behind the name of a field or of a kind, which may be called like somebody: `"user":`, `signup:42`. */
const NAME = '"?[[:space:]]*:';

/** What stands where an address or a name was. */
export const ERASED = '[erased]';

/** Ids as whole values, or as pieces between separators: `signup:42`. However short, they are told apart. */
export function idPatterns(ids: readonly Renamed[]): Patterns {
  return asPatterns(
    ids.map(({ id, instead }) => [bounded(literal(id), '[:alnum:]_@.-', '[:alnum:]_@.-', NAME), instead]),
  );
}

/** Ids in sentences and JSON: what could be another word or an amount counts only where it stands in quotes. */
export function idPatternsInProse(ids: readonly Renamed[]): Patterns {
  return asPatterns(
    ids.map(({ id, instead }) =>
      isDistinct(id)
        ? [bounded(literal(id), '[:alnum:]_-'), instead]
        : [`(?<=")${literal(id)}(?=")(?!${NAME})`, instead],
    ),
  );
}

export function emailPatterns(emails: readonly string[]): Patterns {
  return asPatterns(
    emails.map((email) => [
      bounded(email.split('@').map(spelling).join('(?:@|%40)'), '[:alnum:]._%-', '[:alnum:]_-', '[.][[:alnum:]]'),
      ERASED,
    ]),
  );
}

/** Whole names, and handles after an @ or in an address. A single first name is a word like others and stays. */
export function namePatterns({ names, handles }: { names: readonly string[]; handles: readonly string[] }): Patterns {
  return asPatterns([
    ...names
      .filter(isWhole)
      .map((name): [string, string] => [
        bounded(name.trim().split(/\s+/).map(spelling).join('(?:[[:space:]]|%20|[+])+'), '[:alnum:]'),
        ERASED,
      ]),
    ...handles.map((handle): [string, string] => [
      handle.includes('.') ? bounded(anyCase(handle), '[:alnum:]_-') : `(?<=[@/])${anyCase(handle)}(?![[:alnum:]_-])`,
      ERASED,
    ]),
  ]);
}

export function together(...all: Patterns[]): Patterns {
  return { patterns: all.flatMap((one) => one.patterns), instead: all.flatMap((one) => one.instead) };
}

/** A name of two words at least. */
export function isWhole(name: string): boolean {
  return /\S\s+\S/.test(name.trim()) && name.trim().length >= 5;
}

/** Long enough, and not only digits, which might be an amount or a moment. */
function isDistinct(id: string): boolean {
  return /\D/.test(id) && (id.length >= 8 || (id.length >= 4 && /\d/.test(id) && /[A-Za-z]/.test(id)));
}

function asPatterns(pairs: [string, string][]): Patterns {
  return { patterns: pairs.map(([pattern]) => pattern), instead: pairs.map(([, instead]) => instead) };
}

/** In either case, as it is or as JSON may write it (`é` as \u00e9). */
function spelling(text: string): string {
  return [...text].map((one) => (one > '~' ? `(?:${eitherCase(one)})` : anyCase(one))).join('');
}

function eitherCase(one: string): string {
  const cases = [...new Set([one, one.toLowerCase(), one.toUpperCase()])].filter((each) => each.length <= 2);
  return cases.flatMap((each) => [each, `\\\\u${units(each)}`]).join('|');
}

function units(one: string): string {
  return [...one]
    .flatMap((each) => Array.from({ length: each.length }, (_, at) => each.charCodeAt(at)))
    .map((unit) => anyCase(unit.toString(16).padStart(4, '0')))
    .join('\\\\u');
}

/** Letters in either case, the rest as it is. */
function anyCase(text: string): string {
  return [...text]
    .map((one) => {
      const other = one === one.toLowerCase() ? one.toUpperCase() : one.toLowerCase();
      return other !== one && other.length === one.length ? `[${one}${other}]` : literal(one);
    })
    .join('');
}

function literal(text: string): string {
  return text.replaceAll(/[!-/:-@[-`{-~]/g, (mark) => `\\${mark}`);
}

/**
 * Not in the middle of something longer: none of these characters before it and behind it. JSON writes the end of a line
 * as \n, whose n is no part of a word.
 */
function bounded(pattern: string, before: string, behind = before, nor = ''): string {
  const end = nor ? `(?![${behind}]|${nor})` : `(?![${behind}])`;
  return `(?:(?<![${before}])|(?<=\\\\[nrt]))${pattern}${end}`;
}
