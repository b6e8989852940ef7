/** Who the app is: its name, what it calls itself, its category and its looks. */
import { z } from 'zod';
import type { Category, FoundProfile, Sourced } from '#src/understand/findings.ts';
import { addressesMachine, fold, wordsOf } from '#src/understand/findings.ts';
import type { ReadPage } from '#src/understand/reading.ts';
import { hasVerb, sentences } from './english.ts';

/** Reads the profile off the home page (the first), and fills social accounts and colours from the others. */
export function findProfile(pages: readonly ReadPage[]): FoundProfile {
  const home = pages[0];
  if (!home) throw new Error('A profile needs at least one page.');
  const name = nameOf(home);
  const accounts = new Map(
    pages.flatMap((page) => page.social).map((account) => [`${account.platform} ${account.url}`, account]),
  );
  return {
    name,
    tagline: taglineOf(home, name.value),
    description: descriptionOf(home, name.value),
    category: categoryOf(pages),
    logoUrl: home.icons.logo ?? home.icons.image,
    faviconUrl: home.icons.favicon,
    colours: home.colours.slice(0, 6),
    social: [...accounts.values()],
  };
}

/** In order of trust: what the page declares (JSON-LD, site name), the part of the title that is also the domain, the domain. */
function nameOf(home: ReadPage): Sourced<string> {
  const quoted = (value: string, confidence: number): Sourced<string> => ({
    value,
    url: home.url,
    quote: wordsOf(home).includes(value) ? value : null,
    confidence,
  });
  const declared = declaredApps(home)
    .map((app) => fold(app.name ?? ''))
    .find((value) => value !== '' && value.length <= 40);
  if (declared) return quoted(declared, 0.95);
  const siteName = fold(home.siteName ?? '');
  if (siteName && siteName.length <= 40 && !siteName.includes('.')) return quoted(siteName, 0.92);
  const host = URL.canParse(home.url) ? new URL(home.url).hostname.replace(/^(www|app|get|try|use)\./, '') : home.url;
  const label = (host.split('.')[0] ?? host).toLowerCase();
  const parts = titleParts(home.title);
  const plain = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
  const same = parts.find((part) => plain(part) === plain(label) || plain(`get${part}`) === plain(label));
  if (same) return quoted(same, 0.9);
  const short = [parts[0], parts.at(-1)].find((part) => part && part.split(' ').length <= 2 && /^\p{Lu}/u.test(part));
  if (short && parts.length > 1) return quoted(short, 0.7);
  return quoted(label.charAt(0).toUpperCase() + label.slice(1), 0.5);
}

function taglineOf(home: ReadPage, name: string): Sourced<string> | null {
  const from = (value: string, confidence: number): Sourced<string> => ({
    value,
    url: home.url,
    quote: value,
    confidence,
  });
  const heading = home.headings.find(({ level }) => level === 1)?.text;
  if (heading && heading.length <= 120 && heading.toLowerCase() !== name.toLowerCase() && !addressesMachine(heading))
    return from(fold(heading), 0.85);
  const rest = titleParts(home.title).find(
    (part) => part.toLowerCase() !== name.toLowerCase() && part.split(' ').length >= 3,
  );
  return rest ? from(rest, 0.7) : null;
}

function descriptionOf(home: ReadPage, name: string): Sourced<string> | null {
  const meta = fold(home.description ?? '');
  if (meta.split(' ').length >= 6 && !addressesMachine(meta))
    return { value: meta, url: home.url, quote: meta, confidence: 0.85 };
  const told = home.paragraphs
    .map(fold)
    .find((text) => text.split(' ').length >= 8 && hasVerb(text) && !addressesMachine(text) && !/cookie/i.test(text));
  if (!told) return null;
  const value = sentences(told).slice(0, 2).join(' ');
  const quote = fold(told).includes(value) ? value : told;
  return { value, url: home.url, quote, confidence: told.includes(name) ? 0.75 : 0.6 };
}

function titleParts(title: string | null): string[] {
  return fold(title ?? '')
    .split(/\s+[|·•–—-]\s+|:\s+/)
    .map((part) => part.trim())
    .filter((part) => part !== '' && !/^home$/i.test(part));
}

const declaredApp = z.object({
  '@type': z.union([z.string(), z.array(z.string())]),
  name: z.string().optional().catch(undefined),
  applicationCategory: z.string().optional().catch(undefined),
});

function declaredApps(page: ReadPage) {
  const listed = page.structured.flatMap((entry) => {
    const graph = z.object({ '@graph': z.array(z.unknown()) }).safeParse(entry);
    return graph.success ? graph.data['@graph'] : [entry];
  });
  const order = [
    'SoftwareApplication',
    'MobileApplication',
    'WebApplication',
    'VideoGame',
    'Product',
    'Organization',
    'WebSite',
  ];
  const typed = listed.flatMap((entry) => {
    const parsed = declaredApp.safeParse(entry);
    return parsed.success ? [{ ...parsed.data, types: [parsed.data['@type']].flat() }] : [];
  });
  return order.flatMap((type) => typed.filter((entry) => entry.types.includes(type)));
}

// Strong signs count three, weak ones one; where a sign stands in the title, description or first heading it counts double.
const signs: [Category, RegExp, RegExp][] = [
  [
    'mobile_app',
    /\b(app store|google play|iphone|ipad|android|ios app|mobile app)\b/gi,
    /\b(phone|tap|swipe|widget|notification)s?\b/gi,
  ],
  [
    'developer_tools',
    /\b(developers?|sdk|api|cli|open source|github|webhooks?|npm|docker|localhost|ide|debug\w*|ci\/cd|library|framework)\b/gi,
    /\b(code|server|terminal|deploy\w*|binary|repository)\b/gi,
  ],
  [
    'design_tools',
    /\b(designers?|figma|ui kit|mockups?|wireframes?|icon set|prototyp\w+|colour palettes?|color palettes?)\b/gi,
    /\b(design|fonts?|typography|pixels?)\b/gi,
  ],
  [
    'marketing_tools',
    /\b(marketers?|marketing|seo|newsletter software|email campaigns?|landing pages?|social media|affiliate program|lead generation)\b/gi,
    /\b(conversion|audience|campaigns?|leads)\b/gi,
  ],
  [
    'ecommerce',
    /\b(e-?commerce|online (store|shop)|shopify|woocommerce|checkout page|add to cart|free shipping|merchants?)\b/gi,
    /\b(orders?|products?|inventory)\b/gi,
  ],
  [
    'education',
    /\b(courses?|students?|teachers?|classrooms?|lessons?|flashcards?|learn (a|to)|tutoring|exams?)\b/gi,
    /\b(learn\w*|study|school)\b/gi,
  ],
  [
    'games',
    /\b(gamers?|gameplay|multiplayer|steam|indie game|puzzle game|play now|levels?)\b/gi,
    /\b(game|play|players?)\b/gi,
  ],
  [
    'finance',
    /\b(invoic\w+|budget\w*|accounting|bookkeeping|taxes|bank account|investments?|portfolio|expenses?|net worth)\b/gi,
    /\b(money|payments?|revenue|bank)\b/gi,
  ],
  [
    'health',
    /\b(workouts?|fitness|meditat\w+|calories|therapy|patients?|sleep track\w+|mental health|symptoms?)\b/gi,
    /\b(health\w*|habits?|diet|body)\b/gi,
  ],
  [
    'social',
    /\b(social network|dating|community app|meet (new )?people|group chat|followers)\b/gi,
    /\b(friends?|communit\w+|share)\b/gi,
  ],
  [
    'productivity',
    /\b(to-?do|task manag\w+|notes app|note-taking|calendar|project management|pomodoro|reminders|time track\w+|kanban)\b/gi,
    /\b(tasks?|notes?|focus|organi[sz]e\w*|remind\w*)\b/gi,
  ],
  [
    'saas',
    /\b(saas|dashboard|subscription businesses|mrr|churn|team plan|per seat|stripe|crm|14-day free trial|free trial)\b/gi,
    /\b(teams?|customers?|plans?|month)\b/gi,
  ],
  ['web_app', /\b(web app|in your browser|browser-based|no install)\b/gi, /\b(online|browser)\b/gi],
];

function categoryOf(pages: readonly ReadPage[]): Sourced<Category> {
  const home = pages[0] as ReadPage;
  const declared = declaredApps(home)
    .map((app) => app.applicationCategory ?? '')
    .join(' ');
  const byDeclaration: [RegExp, Category][] = [
    [/game/i, 'games'],
    [/developer/i, 'developer_tools'],
    [/design/i, 'design_tools'],
    [/educat/i, 'education'],
    [/financ/i, 'finance'],
    [/health|medical/i, 'health'],
    [/social/i, 'social'],
    [/shopping/i, 'ecommerce'],
  ];
  const stated = byDeclaration.find(([pattern]) => pattern.test(declared))?.[1];
  const front = [home.title, home.description, home.headings[0]?.text].join('\n');
  const all = pages.slice(0, 4).map(wordsOf).join('\n').slice(0, 40_000);
  const scored = signs
    .map(([category, strong, weak]) => {
      const distinct = (text: string, pattern: RegExp) =>
        new Set((text.match(pattern) ?? []).map((word) => word.toLowerCase())).size;
      const score =
        3 * (distinct(all, strong) + distinct(front, strong)) +
        distinct(all, weak) +
        distinct(front, weak) +
        (category === stated ? 6 : 0);
      const quote = wordsOf(home).match(new RegExp(strong.source, 'i'))?.[0] ?? null;
      return { category, score, quote };
    })
    .sort((a, b) => b.score - a.score);
  const [best, second] = scored;
  if (!best || best.score < 4) return { value: 'other', url: home.url, quote: null, confidence: 0.3 };
  const lead = best.score / (best.score + (second?.score ?? 0));
  return {
    value: best.category,
    url: home.url,
    quote: best.quote,
    confidence: Math.round(Math.min(0.9, 0.2 + lead) * 100) / 100,
  };
}
