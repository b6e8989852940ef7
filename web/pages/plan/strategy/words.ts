import { count, money } from '#web/format.ts';
import type { Campaign, Item, Strategy } from './queries.ts';

type Goal = Campaign['goals'][number];

export const objectiveWords: Record<Strategy['objective'], string> = {
  awareness: 'Be known',
  engagement: 'Start conversations',
  traffic: 'Bring visitors',
  leads: 'Collect leads',
  conversions: 'Win customers',
  retention: 'Keep customers',
  growth: 'Grow',
};

/** Kinds of items in the order they are read. */
export const itemWords: Record<Item['kind'], string> = {
  audience: 'For whom',
  message: 'What to say',
  pillar: 'What to write about',
  channel: 'Where',
  cadence: 'How often',
  experiment: 'To try',
  avoid: 'To avoid',
};

export const sourceWords: Record<Strategy['source'], string> = {
  built_in: 'by the built-in analysis',
  model: 'by the model',
  person: 'by you',
  suggestion: 'from a suggestion',
};

export const goalWords: Record<Goal['metric'], string> = {
  impressions: 'Impressions',
  engagement: 'Reactions',
  clicks: 'Clicks',
  signups: 'Signups',
  conversions: 'Conversions',
  revenue: 'Revenue',
};

/** A goal's figure: a count, or money in the campaign's currency. */
export function goalFigure(metric: Goal['metric'], value: string, currency: string): string {
  return metric === 'revenue' ? money(value, currency, { whole: true }) : count(Number(value));
}
