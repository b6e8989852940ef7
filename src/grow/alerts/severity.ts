export const severities = ['info', 'warning', 'urgent'] as const;
export type Severity = (typeof severities)[number];

/** How much a detector or a competitor's move weighs. */
export const weights = ['low', 'medium', 'high'] as const;
export type Weight = (typeof weights)[number];

export function isAtLeast(weight: Weight, least: Weight): boolean {
  return weights.indexOf(weight) >= weights.indexOf(least);
}
