import type { Kind, Variable } from './queries.ts';

export const kindWords: Record<Kind, string> = {
  launch_announcement: 'Launch announcement',
  feature_update: 'Feature update',
  testimonial: 'Testimonial',
  behind_the_scenes: 'Behind the scenes',
  educational: 'Educational',
  promotional: 'Promotional',
  community: 'Community',
  milestone: 'Milestone',
  problem_solution: 'Problem and solution',
  comparison: 'Comparison',
};

export const kinds = Object.keys(kindWords) as Kind[];

export function isKind(value: string | null): value is Kind {
  return value !== null && value in kindWords;
}

export const typeWords: Record<Variable['type'], string> = {
  text: 'Text',
  number: 'Number',
  url: 'Address',
  date: 'Day',
  choice: 'Choice',
  fact: 'From knowledge',
};

/** `until_day` as it is said: `Until day`. */
export function called(name: string): string {
  const words = name.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
