import { readFile } from 'node:fs/promises';
import { parseAst } from 'vite';
import { expect, test } from 'vitest';
import { type Catalogue, fill, languages } from '#web/words.ts';
import { de } from './de.ts';
import { en } from './en.ts';

const catalogues: Record<string, Catalogue> = { en, de };
const entries = (catalogue: Catalogue) => Object.entries(catalogue) as [string, string | Record<string, string>][];
const forms = (message: string | Record<string, string>) =>
  typeof message === 'string' ? [message] : Object.values(message);
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1]).sort();

/** Files in which everything a person reads comes from the catalogue. */
const PROVED = [
  'shell.tsx',
  'shell-menus.tsx',
  'nav.ts',
  'palette.tsx',
  'help.tsx',
  'layout.tsx',
  'notices.tsx',
  'pages/people/sign-in.tsx',
];

test.each(Object.keys(languages))('%s has every message, with the places of the English one', (language) => {
  const catalogue = catalogues[language]!;
  expect(Object.keys(catalogue)).toEqual(Object.keys(en));
  const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  for (const [name, message] of entries(catalogue)) {
    const english = en[name as keyof typeof en];
    for (const form of forms(message)) {
      expect(places(form), `${language} ${name}`).toEqual(places(forms(english)[0]!));
      expect(form, `${language} ${name}`).toMatch(/^\S.*\S$/s);
      expect(form, `${language} ${name}`).not.toMatch(/[!—]/);
    }
    if (typeof message !== 'string') expect(Object.keys(message).sort(), name).toEqual([...categories].sort());
  }
});

test('German is complete: what is called alike is called so in German', () => {
  const alike = entries(de).filter(([name, message]) => message === en[name as keyof typeof en]);
  expect(alike.map(([, message]) => message)).toEqual(['App', 'Newsletter', 'Links']);
});

test('a message is filled as its language writes and counts', () => {
  expect(fill(en['notices.unread'], 'en-GB', { count: 1 })).toBe('Notices, 1 unread one');
  expect(fill(en['notices.unread'], 'en-GB', { count: 1200 })).toBe('Notices, 1,200 unread ones');
  expect(fill(de['notices.unread'], 'de-DE', { count: 1200 })).toBe('Hinweise, 1.200 ungelesene');
  expect(fill(de['notices.read'], 'de-DE', { title: '{count} & $&' })).toBe('Als gelesen markieren: {count} & $&');
});

test.each(PROVED)('in %s no text stands outside the catalogue', async (file) => {
  expect(await textsIn(file)).toEqual([]);
});

test('such a text is found: in a file that is still English, and in each of the forms it takes', async () => {
  expect(await textsIn('publishing.tsx')).toContain('Nothing waits');
  const written = `const a = <p title="Open">Now {n} left <b aria-label={on ? 'shut' : say('x.y')}>{\`Read \${n} more\`}</b></p>;
    const keys = ['Move it', { label: 'Save' }, say('place.home'), 'flex-end', 'fanfare-key'];`;
  expect(texts(written)).toEqual(['Open', 'Now', 'left', 'shut', 'Read', 'Move it', 'Save']);
});

async function textsIn(file: string): Promise<string[]> {
  return texts(await readFile(new URL(`../${file}`, import.meta.url), 'utf8'));
}

/**
 * What a person would read: words between tags and in the attributes that are read out, and strings that begin like a
 * sentence or have several words.
 */
function texts(source: string): string[] {
  const found: string[] = [];
  const look = (node: unknown, read: boolean): void => {
    if (Array.isArray(node)) for (const each of node) look(each, read);
    if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
    const one = node as Record<string, unknown> & { type?: string };
    if (one.type?.startsWith('Import') || one.type?.startsWith('TS')) {
      // Of what types say nobody reads anything; what they stand around is looked at.
      if ('expression' in one) look(one.expression, read);
      return;
    }
    const attribute = one.type === 'JSXAttribute' ? nameOf(one.name) : undefined;
    if (attribute && NO_WORDS.has(attribute)) return;
    if (one.type === 'CallExpression' && nameOf(one.callee) === 'say') return;
    const text = one.type === 'TemplateElement' ? (one.value as { cooked: string }).cooked : one.value;
    const isSaid =
      one.type === 'JSXText' || (read && one.type === 'Literal') || (read && one.type === 'TemplateElement');
    const mayBeSaid = one.type === 'Literal' || one.type === 'TemplateElement';
    if (typeof text === 'string' && !NAMES.test(text.trim()))
      if ((isSaid && /\p{L}/u.test(text)) || (mayBeSaid && isSentence(text.trim()))) found.push(text.trim());
    for (const inner of Object.values(one)) look(inner, read || READ.has(attribute ?? ''));
  };
  look(parseAst(source, { lang: 'tsx' }), false);
  return found;
}

/** Attributes for the machine: a class may have several words, and keys are named in English everywhere. */
const NO_WORDS = new Set(['className', 'style', 'aria-keyshortcuts', 'autoComplete']);
/** Attributes that are read whatever they look like. */
const READ = new Set(['aria-label', 'alt', 'intro', 'label', 'nothingFound', 'placeholder', 'title']);
/** The product’s name, what is printed on keys, and currencies. */
const NAMES = /^(Fanfare|Alt|[A-Z]|[A-Z]{3})$/;

function isSentence(words: string): boolean {
  return /^\p{Lu}\p{Ll}/u.test(words) || /\p{L}{2,}\s+\p{L}{2,}/u.test(words);
}

function nameOf(name: unknown): string {
  return typeof name === 'object' && name !== null && 'name' in name ? String(name.name) : '';
}
