/// <reference types="vite/client" />
import type { Token, Tokens } from 'marked';

/** The texts that come with the program, each loaded when it is read. */
const files = import.meta.glob<string>(['#docs/*.md', '#docs/decisions/*.md'], { query: '?raw', import: 'default' });

export type Entry = { slug: string; title: string };
export type Shelf = { title: string; entries: Entry[] };

/** Everything there is to read, in the order of a newcomer's questions. */
export const shelves: Shelf[] = [
  shelf('Run it', {
    'self-hosting': 'Self-hosting',
    scaling: 'Growing',
    watching: 'Watching over it',
    configuration: 'Configuration',
    'backup-format': 'The backup file',
    'sign-in': 'Signing in',
    'data-processing': 'Data processing',
    platforms: 'Platforms',
  }),
  shelf('Work with it', {
    tracking: 'Tracking',
    'import-export': 'Import and export',
    'campaigns-as-code': 'Campaigns as code',
    alerts: 'Alerts',
    money: 'Money',
    lab: 'The lab',
  }),
  shelf('Build on it', {
    operations: 'Operations',
    mcp: 'Agents: MCP',
    webhooks: 'Webhooks',
    flow: 'The flow',
    'add-a-platform': 'Add a platform',
    'release-checklist': 'Release checklist',
    'operations-checklist': 'Operations checklist',
  }),
  shelf('How it is made', {
    features: 'What stands',
    accessibility: 'Accessibility',
    schema: 'The schema',
    'decisions/0001-postgresql-from-npm': 'PostgreSQL from npm',
    'decisions/0002-roles': 'Three roles',
    'decisions/0003-foreign-keys': 'Foreign keys',
    'decisions/0004-sign-in': 'Sign-in',
    'decisions/0005-typed-client-and-reference': 'Typed client',
    'decisions/0006-local-command-line': 'Command line',
    'decisions/0007-taking-events-in': 'Taking events in',
    'decisions/0008-languages': 'Languages',
    'decisions/0009-keys': 'Keys',
    'decisions/0010-migrations-that-do-not-block': 'Migrations',
  }),
];

export const entries: Entry[] = shelves.flatMap((one) => one.entries);

/** The words of a text, as Markdown. Throws when there is none of this name. */
export async function readText(slug: string): Promise<string> {
  const [, load] = Object.entries(files).find(([path]) => path.endsWith(`/docs/${slug}.md`)) ?? [];
  if (!load) throw new Error(`There is no text named ${slug}.`);
  return load();
}

export type Section = { slug: string; page: string; anchor: string; heading: string; words: string };

/** Every section of every text, for looking words up in. */
export async function readSections(): Promise<Section[]> {
  const { lexer } = await import('marked');
  const texts = await Promise.all(entries.map(async (entry) => ({ entry, tokens: lexer(await readText(entry.slug)) })));
  return texts.flatMap(({ entry, tokens }) => sectionsOf(entry, tokens));
}

/** The sections with all of the words, those that have them in the heading first. */
export function lookUp(sections: Section[], wanted: string): Section[] {
  const words = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const inHeading = (one: Section) => words.every((word) => `${one.page} ${one.heading}`.toLowerCase().includes(word));
  const found = sections.filter(({ page, heading, words: text }) => {
    const all = `${page} ${heading} ${text}`.toLowerCase();
    return words.length > 0 && words.every((word) => all.includes(word));
  });
  return [...found.filter(inHeading), ...found.filter((one) => !inHeading(one))].slice(0, 30);
}

/** The name a heading has in an address, as on code hosts: small letters, hyphens for blanks, nothing else. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-');
}

/** Headings of the second and third level, for the list beside the text. */
export function headingsOf(tokens: Token[]): { depth: number; text: string; anchor: string }[] {
  return tokens
    .filter((token): token is Tokens.Heading => token.type === 'heading' && token.depth > 1 && token.depth < 4)
    .map(({ depth, tokens: inner }) => ({ depth, text: plain(inner), anchor: anchorOf(plain(inner)) }));
}

/** What a reader sees of tokens, without any marks. */
export function plain(tokens: Token[]): string {
  return tokens.map((token) => ('tokens' in token && token.tokens ? plain(token.tokens) : textOf(token))).join('');
}

function textOf(token: Token): string {
  return 'text' in token && typeof token.text === 'string' ? token.text : '';
}

function sectionsOf(entry: Entry, tokens: Token[]): Section[] {
  const found: Section[] = [];
  for (const token of tokens) {
    if (token.type === 'heading') {
      const heading = plain((token as Tokens.Heading).tokens);
      found.push({ slug: entry.slug, page: entry.title, anchor: anchorOf(heading), heading, words: '' });
    } else found.at(-1)!.words += ` ${token.raw}`;
  }
  return found;
}

function shelf(title: string, named: Record<string, string>): Shelf {
  return { title, entries: Object.entries(named).map(([slug, name]) => ({ slug, title: name })) };
}
