/** A site's pages as one list of blocks that know their section: what the rules of the built-in analysis read. */
import { addressesMachine, fold } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import { sentences } from './english.ts';

export type PageRole = 'home' | 'features' | 'pricing' | 'about' | 'docs' | 'blog' | 'compare' | 'other';

export type Section = 'hero' | 'body' | 'features' | 'pricing' | 'questions' | 'testimonials' | 'legal';

export type Block = {
  page: ReadPage;
  role: PageRole;
  kind: 'heading' | 'item' | 'paragraph';
  /** Level of a heading, 0 for the rest. */
  level: number;
  text: string;
  section: Section;
  /** The heading the block stands under, and the one above that. */
  heading: string | null;
  parent: string | null;
};

/** A sentence with the block it stands in; its text is literally on the page. */
export type Said = { text: string; block: Block };

/** The first page is the home page. Furniture (cookie notices, sign-in, copyright) and orders to machines are left out. */
export function blocksOf(pages: readonly ReadPage[]): Block[] {
  return pages.flatMap((page, index) => blocksOfPage(page, index === 0 ? 'home' : roleOf(page.url)));
}

/** The sentences of the running text and of the headings that are sentences, in reading order. */
export function sentencesOf(blocks: readonly Block[]): Said[] {
  return blocks.flatMap((block) =>
    sentences(block.text)
      .filter((text) => !isFurniture(text) && !addressesMachine(text))
      .map((text) => ({ text, block })),
  );
}

/** Characters read of one page. What sells an app stands at the front; the rest of a long manual costs a second and says little. */
const mostText = 60_000;

function blocksOfPage(page: ReadPage, role: PageRole): Block[] {
  const levels = new Map(page.headings.map((heading) => [fold(heading.text), heading.level]));
  const items = new Set(page.lists.flat().map(fold));
  const path: { level: number; text: string; section: Section }[] = [];
  const quoted = page.testimonials.map((testimonial) => fold(testimonial.quote)).filter((quote) => quote.length > 12);
  const blocks: Block[] = [];
  let heroLength = 0;

  for (const line of page.text.slice(0, mostText).split('\n')) {
    const text = fold(line);
    if (!text) continue;
    const level = levels.get(text) ?? 0;
    if (level > 0) {
      while (path.length > 0 && (path.at(-1)?.level ?? 0) >= level) path.pop();
      const inherited = path.at(-1)?.section ?? 'body';
      path.push({ level, text, section: level === 1 ? 'hero' : sectionOf(text, inherited, role) });
      if (level === 1) heroLength = 0;
    }
    let section = path.at(-1)?.section ?? 'body';
    if (quoted.some((quote) => text.includes(quote) || quote.includes(text))) section = 'testimonials';
    // A page whose sections have no headings is not all hero.
    if (section === 'hero' && level === 0 && ++heroLength > 4) section = 'body';
    if (isFurniture(text) || isCommand(text) || addressesMachine(text) || section === 'legal') continue;
    const above = level > 0 ? path.slice(0, -1) : path;
    blocks.push({
      page,
      role,
      kind: level > 0 ? 'heading' : items.has(text) ? 'item' : 'paragraph',
      level,
      text,
      section,
      heading: above.at(-1)?.text ?? null,
      parent: above.at(-2)?.text ?? null,
    });
  }
  return blocks;
}

function sectionOf(heading: string, inherited: Section, role: PageRole): Section {
  if (/\b(privacy policy|terms of|cookie|imprint|legal notice)\b/i.test(heading)) return 'legal';
  if (
    /\b(faqs?|frequently asked|questions( and answers)?)\b/i.test(heading) ||
    (/\?$/.test(heading) && inherited === 'questions')
  )
    return 'questions';
  if (
    /\b(testimonials?|what .{2,30} (say|are saying|think)|loved by|reviews|wall of love|love it|in their words)\b/i.test(
      heading,
    )
  )
    return 'testimonials';
  if (/\b(pricing|prices?|plans?)\b/i.test(heading) && heading.length < 60) return 'pricing';
  if (inherited === 'pricing' || inherited === 'questions' || inherited === 'testimonials') return inherited;
  if (
    /\b(features?|everything you|what you get|how it works|why|what it does|capabilities|included|highlights|built[- ]in)\b/i.test(
      heading,
    )
  )
    return 'features';
  if (inherited === 'features') return 'features';
  return role === 'pricing' ? 'pricing' : role === 'features' ? 'features' : 'body';
}

function roleOf(url: string): PageRole {
  const path = URL.canParse(url) ? new URL(url).pathname.toLowerCase() : '';
  if (/\/(vs|compare|comparison|alternatives?)\b|-(vs|alternative)-?/.test(path)) return 'compare';
  if (/pric|plans/.test(path)) return 'pricing';
  if (/feature|product|tour|how-it-works|readme/.test(path)) return 'features';
  if (/about|story|team|company/.test(path)) return 'about';
  if (/docs|documentation|help|guide|manual/.test(path)) return 'docs';
  if (/blog|news|changelog|post|article/.test(path)) return 'blog';
  return path === '/' ? 'home' : 'other';
}

const furniture =
  /\b(we use cookies|uses cookies|accept (all )?cookies|cookie (policy|settings|preferences)|all rights reserved|copyright|privacy policy|terms (of (use|service)|and conditions)|log ?in|sign (in|up|out)|subscribe to (our|the)|javascript|skip to (main )?content|toggle (menu|navigation)|back to top|learn more|read more|follow us|coming soon|powered by)\b|©|^made (with|in) \S+( in \S+)?\.?$/iu;

/** A line to be typed into a terminal is no prose. */
function isCommand(text: string): boolean {
  return /^(\$|>|npm|npx|pnpm|yarn|bun|pip|pipx|brew|curl|docker|git|cargo|go|apt|sudo|gem|composer|helm|kubectl)\s+[\w./:@-]+/.test(
    text,
  );
}

function isFurniture(text: string): boolean {
  // A real sentence about cookies or copyright is longer than a notice about them.
  return text.length < 90 && furniture.test(text);
}
