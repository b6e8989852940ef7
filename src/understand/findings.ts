/**
 * What an analysis finds out about an app, whoever made it: the built-in rules (`builtin/`) or a model (`modelled.ts`).
 * Whatever is claimed carries the words on the page that say so.
 */
import { visible } from '#src/ask.ts';
import { givesOrders } from './modelled/orders.ts';
import type { ReadPage } from './reading.ts';

export const factKinds = [
  'value_proposition',
  'target_audience',
  'feature',
  'selling_point',
  'competitive_advantage',
  'pricing',
  'revenue_model',
  'pain_point',
  'benefit',
  'emotional_trigger',
  'market_size',
  'content_theme',
  'keyword',
  'tone',
  'do_say',
  'dont_say',
  'style_note',
  'pitch_line',
  'pitch_30s',
  'key_message',
  'value_statement',
  'call_to_action',
  'testimonial',
  'technology',
] as const;
export type FactKind = (typeof factKinds)[number];

export type FoundFact = {
  kind: FactKind;
  /** A whole sentence that can be read on its own. */
  statement: string;
  /** Words that stand literally on the page, whitespace folded. */
  quote: string;
  /** The page the quote stands on. */
  url: string;
  /** 0 to 1. */
  confidence: number;
  detail?: Record<string, string | number | null>;
};

/** A value with the words it was taken from. `quote` is null where nothing is said in words, as with an address in the markup. */
export type Sourced<T> = { value: T; url: string; quote: string | null; confidence: number };

export const categories = [
  'saas',
  'mobile_app',
  'web_app',
  'developer_tools',
  'design_tools',
  'marketing_tools',
  'ecommerce',
  'education',
  'games',
  'finance',
  'health',
  'social',
  'productivity',
  'other',
] as const;
export type Category = (typeof categories)[number];

export type FoundProfile = {
  name: Sourced<string>;
  tagline: Sourced<string> | null;
  description: Sourced<string> | null;
  category: Sourced<Category>;
  logoUrl: string | null;
  faviconUrl: string | null;
  /** `#rrggbb`, most telling first. */
  colours: string[];
  social: { platform: string; url: string; handle: string | null }[];
};

export type FoundAudience = {
  name: string;
  description: string;
  pains: string[];
  goals: string[];
  /** Where such people usually are: an estimate from who they are, not from the page. */
  platforms: string[];
  quote: string;
  url: string;
  confidence: number;
};

export type FoundCompetitor = { name: string; url: string | null; quote: string; pageUrl: string; confidence: number };

export type Place = 'title' | 'heading' | 'text' | 'description';
export type Intent = 'informational' | 'commercial' | 'transactional' | 'navigational';

export type FoundKeyword = {
  phrase: string;
  kind: 'primary' | 'long_tail';
  intent: Intent;
  /** 0 to 100, relative to the strongest phrase of these pages. */
  score: number;
  occurrences: { url: string; place: Place; count: number }[];
  /** 0 to 100: a proxy from the phrase itself, since no search volumes are known. Null for the app's own name. */
  difficulty: number | null;
};

export type Findings = {
  profile: FoundProfile;
  facts: FoundFact[];
  keywords: FoundKeyword[];
  audiences: FoundAudience[];
  competitors: FoundCompetitor[];
};

/** Whitespace folded to single spaces, as quotes are compared. */
export function fold(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}

/** Everything a page says in words, folded: what a quote must stand in. */
export function wordsOf(page: ReadPage): string {
  const praise = page.testimonials.flatMap(({ quote, author }) => [quote, author ?? '']);
  return fold([page.title ?? '', page.description ?? '', page.text, ...praise, ...page.callsToAction].join('\n'));
}

/**
 * True when the quote stands on the page word for word. An empty quote stands nowhere. Characters that nobody sees do
 * not count: models leave them out.
 */
export function isQuoted(quote: string, page: ReadPage): boolean {
  const words = fold(visible(quote));
  return words !== '' && fold(visible(wordsOf(page))).includes(words);
}

/**
 * True for words that give orders to a machine that reads the page ("ignore all previous instructions"). They are never a
 * fact about the app.
 */
export function addressesMachine(text: string): boolean {
  return givesOrders(text);
}
