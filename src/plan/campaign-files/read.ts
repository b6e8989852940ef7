import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import type { z } from 'zod';
import { isTimeZone } from '#src/people/workspaces.ts';
import { type CampaignText, campaignFormat, fieldsAt } from './format.ts';
import { guess } from './guess.ts';

export type GivenFile = { name: string; yaml: string };
/** What is wrong, where: line and column from 1. */
export type FileProblem = { file: string; line: number; column: number; message: string };
export type Place = { line: number; column: number };

/** One campaign of a file, with where each of its things stands. */
export type CampaignDocument = {
  file: GivenFile;
  text: CampaignText;
  /** Where a field stands, the nearest there is: `placeOf(['posts', 2, 'text', 'x'])`. */
  placeOf(path: readonly PropertyKey[]): Place;
};

const MOST = { characters: 300_000, nodes: 30_000, depth: 30, campaigns: 50, open: 200 };

/**
 * Reads the campaigns of files; a file may hold several, parted by `---`. What does not fit is said with its line,
 * column and what to do. Nothing of YAML that can blow up or run is taken: no aliases, tags or merges, no endless
 * nesting, at most 300,000 characters.
 */
export function readCampaignFiles(files: readonly GivenFile[]): {
  documents: CampaignDocument[];
  problems: FileProblem[];
} {
  const documents: CampaignDocument[] = [];
  const problems: FileProblem[] = [];
  const [first] = files;
  if (first && files.reduce((sum, file) => sum + file.yaml.length, 0) > 2 * MOST.characters) {
    const message = 'These files are too large together: 600,000 characters at once. Apply them one after the other.';
    return { documents, problems: [{ file: first.name, line: 1, column: 1, message }] };
  }
  for (const file of files) {
    const read = readFile(file);
    documents.push(...read.documents);
    problems.push(...read.problems);
  }
  const seen = new Map<string, CampaignDocument>();
  for (const document of documents) {
    const name = `${document.text.app ?? ''} ${document.text.campaign}`;
    const other = seen.get(name);
    if (other)
      problems.push({
        file: document.file.name,
        ...document.placeOf(['campaign']),
        message: `The campaign “${document.text.campaign}” stands in ${other.file.name}, line ${other.placeOf(['campaign']).line}, as well. Keep one of them.`,
      });
    seen.set(name, document);
  }
  return { documents, problems };
}

function readFile(file: GivenFile): { documents: CampaignDocument[]; problems: FileProblem[] } {
  const lines = new LineCounter();
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const only = (message: string, offset = 0) => ({
    documents: [],
    problems: [{ file: file.name, ...placeAt(offset), message }],
  });
  if (file.yaml.length > MOST.characters)
    return only('This file is too large: a campaign file may have 300,000 characters. Split it.');
  if (isHostile(file.yaml))
    return only('This file is nested too deeply to be a campaign. Check its brackets and dashes.');
  const parsed = parse(file.yaml, lines);
  if (!parsed) return only('This file is nested too deeply to be a campaign. Check its brackets.');
  const broken = parsed.flatMap((document) => [...document.errors, ...document.warnings]);
  if (broken.length > 0)
    return {
      documents: [],
      problems: broken.slice(0, 20).map((one) => ({
        file: file.name,
        ...placeAt(one.pos[0]),
        message: `This is not YAML that can be read: ${plainly(one)}.`,
      })),
    };
  const filled = parsed.filter((document) => document.contents !== null && !isEmpty(document.contents));
  if (filled.length === 0) return only('There is no campaign in this file. Begin with "campaign: my-key".');
  if (filled.length > MOST.campaigns) return only(`A file may hold ${MOST.campaigns} campaigns. Split it.`);
  const documents: CampaignDocument[] = [];
  const problems: FileProblem[] = [];
  const count = { nodes: 0 };
  for (const document of filled) {
    const found: { offset: number; message: string }[] = [];
    const value = plainOf(document.contents as Node, 0, count, found);
    const placeOf = (path: readonly PropertyKey[]) => placeAt(offsetOf(document, path));
    if (found.length === 0) {
      const fits = campaignFormat.safeParse(value);
      if (fits.success) {
        found.push(...repeated(fits.data).map((one) => ({ offset: offsetOf(document, one.path), ...one })));
        found.push(...zonesOf(fits.data).map((one) => ({ offset: offsetOf(document, one.path), ...one })));
        if (found.length === 0) documents.push({ file, text: fits.data, placeOf });
      } else
        for (const issue of innermost(fits.error.issues).flatMap(oneByOne))
          found.push({ offset: offsetOf(document, pathOf(issue)), message: worded(issue) });
    }
    found.sort((a, b) => a.offset - b.offset);
    for (const { offset, message } of found.slice(0, 50))
      problems.push({ file: file.name, ...placeAt(offset), message });
  }
  return { documents, problems };
}

/** Looked at before the parser is, which takes seconds over what no campaign holds: it is read in one pass. */
function isHostile(yaml: string): boolean {
  if (/["']{40}|(?:^|\n) *(?:[-?] ){60}/.test(yaml)) return true;
  let open = 0;
  let documents = 0;
  for (const [piece] of yaml.matchAll(/[[\]{}]|\n---/g)) {
    if (piece === '[' || piece === '{') open++;
    else if (piece === '\n---') documents++;
    else open = Math.max(0, open - 1);
    if (open > MOST.open || documents > MOST.campaigns * 2) return true;
  }
  return false;
}

function parse(yaml: string, lineCounter: LineCounter): Document.Parsed[] | null {
  try {
    // Doubled keys are looked for below: the parser compares each with each, which a hostile file could make last.
    const documents = parseAllDocuments(yaml, { lineCounter, uniqueKeys: false, prettyErrors: false, merge: false });
    return Array.isArray(documents) ? [...documents] : [];
  } catch (error) {
    if (error instanceof RangeError) return null; // deeper than the stack
    throw error;
  }
}

/** The parser's words, but where they are of use only to who wrote a parser. */
function plainly({ code, message }: { code: string; message: string }): string {
  if (code === 'BLOCK_AS_IMPLICIT_KEY')
    return 'a text with a colon in it has to stand in quotes, or the next line is indented too far';
  if (code === 'MULTILINE_IMPLICIT_KEY') return 'a name and its colon have to stand on one line';
  return message.split(/ at line \d+/)[0] ?? message;
}

const isEmpty = (node: unknown) => isScalar(node) && node.value === null;

/** The plain value of a node. What is not plain is found with its offset. */
function plainOf(
  node: unknown,
  depth: number,
  count: { nodes: number },
  found: { offset: number; message: string }[],
): unknown {
  const offset = (node as Node | null)?.range?.[0] ?? 0;
  if (++count.nodes > MOST.nodes || depth > MOST.depth) {
    if (found.length === 0) found.push({ offset, message: 'This is more than a campaign can hold. Split the file.' });
    return null;
  }
  if (isAlias(node)) {
    found.push({ offset, message: `The alias *${node.source} is not followed. Write out what it stands for.` });
    return null;
  }
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item) => plainOf(item, depth + 1, count, found));
  if (!isMap(node)) return null;
  const entries = new Map<string, unknown>();
  for (const pair of node.items) {
    const at = (pair.key as Node | null)?.range?.[0] ?? offset;
    if (!isScalar(pair.key)) {
      found.push({ offset: at, message: 'A name has to be a plain word here.' });
      continue;
    }
    const name = String(pair.key.value);
    if (entries.has(name)) found.push({ offset: at, message: `“${name}” stands here twice. Keep one of them.` });
    entries.set(name, plainOf(pair.value, depth + 1, count, found));
  }
  return Object.fromEntries(entries);
}

/** Where a path stands in the text, or the nearest place above it. */
function offsetOf(document: Document.Parsed, path: readonly PropertyKey[]): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range?.[0] ?? 0;
  for (const step of path) {
    if (isSeq(node)) node = node.items[Number(step)];
    else if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(step));
      if (!pair) return offset;
      offset = (pair.key as Node).range?.[0] ?? offset;
      node = pair.value;
    } else return offset;
    if (isSeq(node) || isMap(node) || isScalar(node)) {
      if (typeof step === 'number') offset = node.range?.[0] ?? offset;
    } else return offset;
  }
  return offset;
}

type Issue = z.core.$ZodIssue;

/** Of a union the branch that came furthest says what is wrong. */
function innermost(issues: readonly Issue[]): Issue[] {
  return issues.flatMap((issue) => {
    if (issue.code !== 'invalid_union') return [issue];
    const branches = issue.errors
      .map((branch) => innermost(branch).map((one) => ({ ...one, path: [...issue.path, ...one.path] })))
      .filter((branch) => branch.length > 0);
    const depth = (branch: Issue[]) => Math.max(...branch.map((one) => one.path.length));
    const deepest = branches.sort((a, b) => depth(b) - depth(a))[0];
    return deepest && depth(deepest) > issue.path.length ? deepest : [issue];
  });
}

/** Every field that is not known stands on a line of its own. */
function oneByOne(issue: Issue): Issue[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => ({ ...issue, keys: [key] })) : [issue];
}

function pathOf(issue: Issue): PropertyKey[] {
  return issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0] ?? ''] : [...issue.path];
}

function worded(issue: Issue): string {
  const name = issue.path.map((step) => (typeof step === 'number' ? step + 1 : String(step))).join(' ');
  const said = issue.code === 'unrecognized_keys' ? unknownField(issue.keys[0] ?? '', issue.path) : issue.message;
  return name === '' ? said : `${name}: ${said}`;
}

function unknownField(field: string, path: readonly PropertyKey[]): string {
  const known = fieldsAt(path);
  const meant = guess(field, known);
  if (meant) return `There is no field "${field}" here. Did you mean “${meant}”?`;
  return `There is no field "${field}" here. There are: ${known.join(', ')}.`;
}

function repeated(text: CampaignText): { path: PropertyKey[]; message: string }[] {
  return (['posts', 'costs', 'links'] as const).flatMap((list) => {
    const seen = new Set<string>();
    return (text[list] ?? []).flatMap(({ key }, at) => {
      const again = seen.has(key);
      seen.add(key);
      return again
        ? [{ path: [list, at, 'key'], message: `The key “${key}” is taken in ${list}. Choose another one.` }]
        : [];
    });
  });
}

function zonesOf(text: CampaignText): { path: PropertyKey[]; message: string }[] {
  const named: [PropertyKey[], string | undefined][] = [
    [['zone'], text.zone],
    ...(text.posts ?? []).map((post, at): [PropertyKey[], string | undefined] => [['posts', at, 'zone'], post.zone]),
  ];
  return named.flatMap(([path, name]) =>
    name === undefined || isTimeZone(name)
      ? []
      : [{ path, message: `“${name}” is not a time zone. Use an IANA name such as Europe/Berlin.` }],
  );
}
