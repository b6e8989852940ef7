import type { api } from '#web/api.ts';

type Reports = typeof api.reports;

export type Report = Awaited<ReturnType<Reports['get']>>;
export type Listed = Awaited<ReturnType<Reports['list']>>['reports'][number];
export type Scheduled = Awaited<ReturnType<Reports['schedule']>>['kinds'][number];
export type Kind = Report['kind'];
export type Section = Report['content']['sections'][number];
export type Block = Section['blocks'][number];
export type Figure = Extract<Block, { type: 'figures' }>['figures'][number];

export const kindWords: Record<Kind, { title: string; purpose: string }> = {
  weekly: { title: 'Weekly marketing summary', purpose: 'What happened, what earned, what to do next week.' },
  monthly: {
    title: 'Monthly growth report',
    purpose: 'Funnel, channels, recurring revenue, cohorts, spend and return.',
  },
  quarterly: {
    title: 'Quarterly business review',
    purpose: 'Targets against results, campaigns, what worked and what did not.',
  },
  annual: { title: 'Annual strategic plan', purpose: 'The year by month, its lessons, and a proposal for the next.' },
};

export const mailWords: Record<Report['mails'][number]['state'], string> = {
  prepared: 'Waiting',
  sent: 'Going out',
  confirmed: 'Sent',
  unknown: 'May not have arrived',
  failed: 'Not delivered',
  skipped: 'Left out',
};
