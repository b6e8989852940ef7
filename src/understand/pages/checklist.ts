import { attribute, parse } from '#src/understand/reading/tree.ts';
import type { ReadPage } from '#src/understand/reading.ts';

/** One thing that could be better on a page. `rule` is its stable name. */
export type Checked = { rule: string; severity: 'info' | 'improve' | 'fix'; message: string; fix: string };

/**
 * Holds a page against what search engines, link previews and screen readers need. Pure. The lengths are those at
 * which results pages commonly cut titles (about 60 characters) and descriptions (about 160), November 2026.
 */
export function checkPage(html: string, page: ReadPage): Checked[] {
  const { elements } = parse(html);
  const found: Checked[] = [];
  const say = (rule: string, severity: Checked['severity'], message: string, fix: string) =>
    found.push({ rule, severity, message, fix });
  const named = (name: string) => elements.filter((element) => element.name === name);
  const metas = named('meta');
  const meta = (key: string) =>
    metas.some((one) => [one.attribs.name, one.attribs.property].includes(key) && attribute(one, 'content') !== null);

  const title = page.title?.length ?? 0;
  if (title === 0)
    say('title', 'fix', 'The page has no title.', 'Add a <title> that names the product and what it does.');
  else if (title > 60)
    say(
      'title',
      'improve',
      `The title has ${title} characters; results pages cut it at about 60.`,
      'Shorten the title, the name and the benefit first.',
    );

  const description = page.description?.length ?? 0;
  if (!meta('description'))
    say(
      'description',
      'fix',
      'The page has no description.',
      'Add <meta name="description"> with one or two sentences that say what it does and for whom.',
    );
  else if (description > 160)
    say(
      'description',
      'improve',
      `The description has ${description} characters; results pages cut it at about 160.`,
      'Put what matters into the first 160 characters.',
    );

  const headings = named('h1').length;
  if (headings === 0)
    say('h1', 'fix', 'The page has no main heading.', 'Make the sentence that says what it does an <h1>.');
  else if (headings > 1)
    say('h1', 'improve', `The page has ${headings} main headings.`, 'Keep one <h1> and make the others <h2>.');

  if (!named('link').some((one) => /(^|\s)canonical(\s|$)/i.test(one.attribs.rel ?? '')))
    say(
      'canonical',
      'improve',
      'The page does not say which address is its own.',
      'Add <link rel="canonical"> with the full address of this page.',
    );
  if (!meta('og:image'))
    say(
      'og_image',
      'improve',
      'A shared link to this page shows no picture.',
      'Add <meta property="og:image"> with a picture of 1200 by 630 pixels.',
    );
  if (!named('html').some((one) => attribute(one, 'lang') !== null))
    say(
      'lang',
      'fix',
      'The page does not say which language it is in, which screen readers need.',
      'Add the language to the first tag: <html lang="en">.',
    );

  const silent = named('img').filter((one) => !('alt' in one.attribs)).length;
  if (silent > 0)
    say(
      'alt',
      'fix',
      `${silent} ${silent === 1 ? 'picture has' : 'pictures have'} no text for people who cannot see ${silent === 1 ? 'it' : 'them'}.`,
      'Add alt="…" that says what the picture shows, or alt="" where it only decorates.',
    );
  return found;
}
