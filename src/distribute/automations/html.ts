import { load } from 'cheerio';

/** Elements after which a new line begins. */
const BLOCKS = new Set([
  'p',
  'div',
  'ul',
  'ol',
  'li',
  'h1',
  'h2',
  'h3',
  'h4',
  'h5',
  'h6',
  'pre',
  'blockquote',
  'table',
  'tr',
  'section',
  'article',
  'hr',
]);

/** Elements without an end. */
const VOID = /^(area|base|br|col|embed|hr|img|input|link|meta|source|track|wbr)$/i;
/** Nobody writes deeper or more; a tree of either would hold up the process for minutes, or overflow its stack. */
const DEEPEST = 200;
const MOST_TAGS = 5_000;

/**
 * The text a person reads in the HTML of a feed: lists with a bullet each, paragraphs apart, no tags. `markdown` keeps
 * headings, links, emphasis and code, for articles. A text without tags comes back as it is; of one with a senseless
 * number of them the tags are only taken out.
 */
export function textOfHtml(html: string, form: 'plain' | 'markdown' = 'plain'): string {
  if (isOverdone(html))
    return html
      .replaceAll(/<[^<>]{0,2000}>/g, ' ')
      .replaceAll('\u0000', ' ')
      .replaceAll(/\s+/g, ' ')
      .trim();
  const $ = load(html, null, false);
  $('script, style, template, svg, iframe').remove();
  const markdown = form === 'markdown';
  $('*').each((_, element) => {
    const name = element.type === 'tag' ? element.name : '';
    const one = $(element);
    const text = () => one.text();
    if (name === 'br') one.replaceWith('\n');
    else if (name === 'hr') one.replaceWith('\n\n');
    else if (name === 'img')
      one.replaceWith(markdown && one.attr('src') ? `![${one.attr('alt') ?? ''}](${one.attr('src')})` : '');
    else if (markdown && /^h[1-6]$/.test(name)) one.prepend(`${'#'.repeat(Math.max(2, Number(name[1])))} `);
    else if (markdown && name === 'a' && /^https?:/.test(one.attr('href') ?? '') && text().trim())
      one.prepend('[').append(`](${one.attr('href')})`);
    else if (markdown && (name === 'strong' || name === 'b') && text().trim()) one.prepend('**').append('**');
    else if (markdown && name === 'code' && one.parent('pre').length === 0) one.prepend('`').append('`');
    else if (markdown && name === 'pre') one.prepend('```\n').append('\n```');
    if (name === 'li') one.prepend('- ').append('\n');
    else if (BLOCKS.has(name)) one.prepend('\n\n').append('\n\n');
  });
  return $.root()
    .text()
    .replaceAll('\u00a0', ' ')
    .split('\n')
    .map((line) => line.replaceAll(/[ \t]+/g, ' ').trim())
    .join('\n')
    .replaceAll(/(^|\n)- \n+/g, '$1- ')
    .replaceAll(/(\n- [^\n]*)\n{2,}(?=- )/g, '$1\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim();
}

/** Counts tags as they stand, without building the tree: that is what would take long. */
function isOverdone(html: string): boolean {
  let depth = 0;
  let tags = 0;
  for (const [, end, name = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)/gi)) {
    if (++tags > MOST_TAGS || depth > DEEPEST) return true;
    if (!VOID.test(name)) depth += end ? -1 : 1;
  }
  return false;
}

/** The beginning of a text, at most so many characters, cut at a word and marked where something was left out. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const cut = text.slice(0, most - 1);
  const end = Math.max(cut.lastIndexOf(' '), cut.lastIndexOf('\n'));
  return `${(end > most / 2 ? cut.slice(0, end) : cut).replace(/[\ud800-\udbff]$/, '').trimEnd()}…`;
}
