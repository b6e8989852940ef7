/** Which kinds of posts suit which apps. */
import type { TemplateKind } from '#src/plan/writing/index.ts';
import type { Category } from '#src/understand/findings.ts';

/**
 * Kinds that carry an app of a category best, the first most: what its audience asks before it tries one. A rule of
 * thumb until the app's own numbers say better; those stand beside each template.
 */
const SUITED: Record<Category, readonly TemplateKind[]> = {
  saas: ['problem_solution', 'comparison', 'testimonial'],
  mobile_app: ['feature_update', 'testimonial', 'launch_announcement'],
  web_app: ['problem_solution', 'feature_update', 'behind_the_scenes'],
  developer_tools: ['educational', 'feature_update', 'comparison'],
  design_tools: ['behind_the_scenes', 'educational', 'feature_update'],
  marketing_tools: ['educational', 'testimonial', 'milestone'],
  ecommerce: ['promotional', 'testimonial', 'launch_announcement'],
  education: ['educational', 'community', 'testimonial'],
  games: ['behind_the_scenes', 'community', 'launch_announcement'],
  finance: ['educational', 'problem_solution', 'comparison'],
  health: ['testimonial', 'educational', 'problem_solution'],
  social: ['community', 'milestone', 'launch_announcement'],
  productivity: ['problem_solution', 'educational', 'comparison'],
  other: [],
};

/** Puts the templates of kinds that suit a category first, and says which they are; the rest keep their order. */
export function byCategory<T extends { kind: TemplateKind }>(
  templates: readonly T[],
  category: Category | null,
): (T & { suits: boolean })[] {
  const suited = category ? SUITED[category] : [];
  const rank = (kind: TemplateKind) => (suited.includes(kind) ? suited.indexOf(kind) : suited.length);
  return templates
    .map((template) => ({ ...template, suits: suited.includes(template.kind) }))
    .sort((a, b) => rank(a.kind) - rank(b.kind));
}
