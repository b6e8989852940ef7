import { readFileSync } from 'node:fs';

/** The doorplate's headings in its order; `people` is the house that the five stages stand in. */
export const stages = ['understand', 'plan', 'distribute', 'measure', 'grow', 'people'] as const;
export type Stage = (typeof stages)[number];

/** What a stage is for, as a heading in the help and in the documentation. */
export const stageTitles: Record<Stage, string> = {
  understand: 'Understand: what the app is, for whom, against whom',
  plan: 'Plan: strategy, campaigns, posts, calendar',
  distribute: 'Distribute: accounts, links, publications',
  measure: 'Measure: visits, signups, money, where they came from',
  grow: 'Grow: insights, suggestions, reports',
  people: 'House: workspace, people, keys, settings',
};

let known: Map<string, Stage> | undefined;

/**
 * The stage of a noun: the heading it stands under in `src/catalog.ts`. The catalog is the only list, so its own
 * headings are read rather than kept a second time. A noun without a heading belongs to the house.
 */
export function stageOf(noun: string): Stage {
  known ??= readStages(readFileSync(new URL('../catalog.ts', import.meta.url), 'utf8'));
  return known.get(noun) ?? 'people';
}

/** Reads `// plan` and `posts: postOperations,` lines. Exported for its test. */
export function readStages(source: string): Map<string, Stage> {
  const found = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const [, heading, noun] of source.matchAll(/^ {2}(?:\/\/ *([a-z]+)|([a-zA-Z]+)(?:[:,]))/gm)) {
    const named = stages.find((one) => one === heading);
    if (named) stage = named;
    else if (noun && stage) found.set(noun, stage);
  }
  return found;
}

/** `analysisId` → `analysis-id`: names on the command line. */
export function kebab(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
