import type { KnownKind } from './decide.ts';

/** Kinds of facts as they stand together on a page, in the order a reader asks. Pure; the browser reads it, too. */
export const factGroups = [
  {
    key: 'what-it-is',
    title: 'What it is',
    asks: 'What it is in a sentence, and in half a minute.',
    kinds: ['value_proposition', 'pitch_line', 'pitch_30s'],
  },
  {
    key: 'for-whom',
    title: 'For whom',
    asks: 'Who has the problem, what hurts, what they get, what moves them.',
    kinds: ['target_audience', 'pain_point', 'benefit', 'emotional_trigger'],
  },
  {
    key: 'what-it-does',
    title: 'What it does',
    asks: 'Features, what nobody else has, and what it is built with.',
    kinds: ['feature', 'selling_point', 'competitive_advantage', 'technology'],
  },
  {
    key: 'price-and-market',
    title: 'Price and market',
    asks: 'What it costs, how it earns, how many could need it.',
    kinds: ['pricing', 'revenue_model', 'market_size'],
  },
  {
    key: 'what-to-say',
    title: 'What to say',
    asks: 'Messages, values, calls to act, customers’ words, themes to write about.',
    kinds: ['key_message', 'value_statement', 'call_to_action', 'testimonial', 'content_theme'],
  },
  {
    key: 'how-it-sounds',
    title: 'How it sounds',
    asks: 'Tone, and what is said and not said.',
    kinds: ['tone', 'personality', 'do_say', 'dont_say', 'style_note'],
  },
] as const satisfies readonly { key: string; title: string; asks: string; kinds: readonly KnownKind[] }[];

export type FactGroup = (typeof factGroups)[number]['key'];
