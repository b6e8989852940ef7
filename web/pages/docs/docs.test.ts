import { globSync, readFileSync } from 'node:fs';
import { lexer } from 'marked';
import { expect, test } from 'vitest';
import { anchorOf, entries, headingsOf, lookUp, readSections, readText } from './library.ts';

const files = globSync(['docs/*.md', 'docs/decisions/*.md']);

test('every text in docs stands on a shelf, once', () => {
  const slugs = files.map((file) => file.replace(/^docs\/|\.md$/g, ''));
  expect(entries.map((entry) => entry.slug).toSorted()).toEqual(slugs.toSorted());
});

test('links between texts lead to a text, and to a heading in it', async () => {
  const broken: string[] = [];
  for (const file of files) {
    for (const [, href = ''] of readFileSync(file, 'utf8').matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(href)) continue;
      const { pathname, hash } = new URL(href, `file:///${file}`);
      const text = readFileSync(pathname.slice(1), 'utf8');
      const anchors = headingsOf(lexer(text)).map((one) => one.anchor);
      if (hash && !anchors.includes(decodeURIComponent(hash.slice(1)))) broken.push(`${file}: ${href}`);
    }
  }
  expect(broken).toEqual([]);
});

test('words are found in every text, those of headings first', async () => {
  const sections = await readSections();
  expect(new Set(sections.map((one) => one.slug)).size).toBe(entries.length);
  const [first] = lookUp(sections, 'docker');
  expect(first).toMatchObject({ slug: 'self-hosting', heading: 'With Docker', anchor: 'with-docker' });
  expect(lookUp(sections, '  ')).toEqual([]);
  expect(lookUp(sections, 'kernel capabilities').map((one) => one.slug)).toContain('self-hosting');
});

test('a text of another name is no text, and anchors are those of code hosts', async () => {
  await expect(readText('../package')).rejects.toThrow('There is no text');
  expect(anchorOf('What is kept, and what is not')).toBe('what-is-kept-and-what-is-not');
});
