import type { TemplateKind } from '#src/plan/writing/index.ts';

/** One she draws herself. */
export type PictureName = 'year' | 'example';

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
  /** With its first part. */
  picture?: PictureName;
  /** May come again in a slot that would stay empty, when it has rested so many days. */
  evergreen?: number;
  /** What went wrong with it: the platform refused it, or it came due while nothing was running. */
  mishap?: 'refused' | 'late';
};
