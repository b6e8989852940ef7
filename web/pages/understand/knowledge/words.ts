import type { App } from '#web/app.tsx';
import type { Kind, ReadPage } from './queries.ts';

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
