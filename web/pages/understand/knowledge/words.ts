import type { App } from '#web/app.tsx';
import type { Keyword, Kind, ReadPage } from './queries.ts';

/** Kinds of facts as they stand together on the page, in the order a reader asks. */
export const themes: { title: string; kinds: Kind[] }[] = [
  { title: 'What it is', kinds: ['value_proposition', 'pitch_line', 'pitch_30s'] },
  { title: 'For whom', kinds: ['target_audience', 'pain_point', 'benefit', 'emotional_trigger'] },
  { title: 'What it does', kinds: ['feature', 'selling_point', 'competitive_advantage', 'technology'] },
  { title: 'Price and market', kinds: ['pricing', 'revenue_model', 'market_size'] },
  {
    title: 'What to say',
    kinds: ['key_message', 'value_statement', 'call_to_action', 'testimonial', 'content_theme'],
  },
  { title: 'How it sounds', kinds: ['tone', 'personality', 'do_say', 'dont_say', 'style_note'] },
];

export const kindWords: Record<Kind, string> = {
  value_proposition: 'Value proposition',
  pitch_line: 'Pitch in a line',
  pitch_30s: 'Pitch in 30 seconds',
  target_audience: 'Audience',
  pain_point: 'Pain',
  benefit: 'Benefit',
  emotional_trigger: 'What moves them',
  feature: 'Feature',
  selling_point: 'Selling point',
  competitive_advantage: 'Advantage over others',
  pricing: 'Price',
  revenue_model: 'Revenue model',
  market_size: 'Market size',
  key_message: 'Key message',
  value_statement: 'Value statement',
  call_to_action: 'Call to action',
  testimonial: 'Testimonial',
  content_theme: 'Theme',
  tone: 'Tone',
  personality: 'Personality',
  do_say: 'Say',
  dont_say: 'Do not say',
  style_note: 'Style',
  technology: 'Technology',
};

export const categoryWords: Record<App['category'], string> = {
  saas: 'SaaS',
  mobile_app: 'Mobile app',
  web_app: 'Web app',
  developer_tools: 'Developer tools',
  design_tools: 'Design tools',
  marketing_tools: 'Marketing tools',
  ecommerce: 'E-commerce',
  education: 'Education',
  games: 'Games',
  finance: 'Finance',
  health: 'Health',
  social: 'Social',
  productivity: 'Productivity',
  other: 'Other',
};

export const stageWords: Record<App['stage'], string> = {
  idea: 'Idea',
  development: 'In development',
  beta: 'Beta',
  launched: 'Launched',
  scaling: 'Scaling',
  mature: 'Mature',
};

export const statusWords: Record<App['status'], string> = {
  active: 'Active',
  paused: 'Paused',
  archived: 'Archived, out of sight',
  discontinued: 'Discontinued',
};

export const intentWords: Record<Keyword['intent'], string> = {
  informational: 'To learn',
  commercial: 'To compare',
  transactional: 'To buy',
  navigational: 'To find you',
};

export const pageKindWords: Record<ReadPage['kind'], string> = {
  home: 'Home page',
  pricing: 'Prices',
  features: 'Features',
  about: 'About',
  docs: 'Documentation',
  blog: 'Blog',
  changelog: 'Changelog',
  readme: 'README',
  store: 'Store',
  other: 'Another page',
};

/** Entries of a record of words as options of a select. */
export function optionsOf<Value extends string>(words: Record<Value, string>): { value: Value; label: string }[] {
  return (Object.keys(words) as Value[]).map((value) => ({ value, label: words[value] }));
}

/** `https://outpost.example/pricing` → `outpost.example/pricing`. */
export function shortUrl(url: string): string {
  return url.replace(/^https?:\/\/(www\.)?/, '').replace(/\/$/, '');
}
