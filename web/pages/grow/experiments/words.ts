import type { Comparison, Experiment } from './queries.ts';

export const kindWords: Record<Experiment['kind'], string> = {
  hook: 'Hook',
  format: 'Format',
  time: 'Time',
  template: 'Template',
  link: 'Link',
};

export const metricWords: Record<Experiment['metric'], string> = {
  impressions: 'Impressions',
  engagement: 'Engagement',
  engagement_rate: 'Engagement per impression',
  clicks: 'Clicks',
  visits: 'Visits',
  signups: 'Signups',
  revenue: 'Revenue',
};

export const methodWords: Record<Experiment['method'], { label: string; told: string }> = {
  always_valid: {
    label: 'Look at any time',
    told: 'The test allows for looking after every post. It ends by itself when there is an answer.',
  },
  fixed: {
    label: 'Judge once',
    told: 'Nothing is shown until each arm has its posts. Fewer posts are needed than when one looks every day.',
  },
};

export const outcomeWords: Record<Comparison['outcome'], { word: string; tone?: 'pos' | 'neg' }> = {
  better: { word: 'Better', tone: 'pos' },
  worse: { word: 'Worse', tone: 'neg' },
  no_difference: { word: 'No difference yet' },
  not_yet: { word: 'Not yet' },
  not_enough_data: { word: 'Not enough data' },
};
