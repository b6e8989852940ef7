import type { TemplateKind } from '#src/plan/writing/index.ts';

/**
 * A year of Maya's posts for the demo. `ago` is days before today, `at` her local time, `reach` how it did against a
 * usual post of hers (1), `pull` how many of those who saw it came along (1 = as usual).
 */
export type DemoPost = {
  ago: number;
  at: string;
  campaign: 'build' | 'guide' | 'launch' | 'switch' | null;
  kind: TemplateKind;
  parts: string[];
  reach: number;
  pull: number;
  /** What went wrong with it: the platform refused it, or it came due while nothing was running. */
  mishap?: 'refused' | 'late';
};
