/** A written draft as the platforms take it. */
import type { Context } from '#src/context.ts';
import type { Platform } from '#src/outside/platform.ts';
import type { Assertion } from '#src/plan/posts/claims.ts';
import { LINK, measurePart, type VariantInput } from '#src/plan/posts.ts';
import { type Claim, type Draft, type FactForWriting, reworded, type TemplateSeed } from '#src/plan/writing/index.ts';

export type From = {
  /** Null: written by a model, in one wording. */
  template: TemplateSeed | null;
  app: { name: string; tagline: string | null };
  facts: readonly FactForWriting[];
};

/** What is said on one platform; `own` when the template has words for it. Null = the post's own title. */
export type Said = { title: string | null; parts: string[]; claims: Claim[]; own: boolean };

/** A draft on a platform: in its template's words for it, else in its own, as one post where there are no threads. */
export function saidOn(context: Context, platform: Platform, draft: Draft, { template, app, facts }: From): Said {
  const measure = (text: string) => measurePart(context, platform, text, false);
  const own = template && reworded(draft, template, platform.id, { app: { ...app, url: LINK }, facts, measure });
  const { title = '', parts, claims } = own ?? { parts: draft.parts, claims: draft.claims };
  const most = platform.limits.title?.length;
  return {
    title: most === undefined || title === '' ? null : clipped(title, most),
    parts: postsOf(parts, platform),
    claims: platform.limits.threads ? claims : claims.map((claim) => inOne(parts, claim)),
    own: own !== null,
  };
}

/** What is said on several platforms as the variants of a post, with what its words rest on. */
export function variantsOf(
  platforms: readonly Platform[],
  on: (platform: Platform) => Said,
): { variants: VariantInput[]; claims: Assertion[] } {
  const said = platforms.map((platform) => ({ platform: platform.id, ...on(platform) }));
  return {
    variants: said.map(({ platform, title, parts }) => ({ platform, title, parts: parts.map((text) => ({ text })) })),
    claims: said.flatMap(({ platform, claims }) =>
      claims.map(({ part, text, factId }) => ({ platform, part, text, factId })),
    ),
  };
}

const BETWEEN = '\n\n';

/** The parts as a platform takes them: one without threads gets them as one post. */
export function postsOf(parts: readonly string[], platform: Platform): string[] {
  return platform.limits.threads ? [...parts] : [parts.join(BETWEEN)];
}

function inOne(parts: readonly string[], claim: Claim): Claim {
  const before = parts.slice(0, claim.part).reduce((sum, text) => sum + text.length + BETWEEN.length, 0);
  return { ...claim, part: 0, start: before + claim.start, end: before + claim.end };
}

function clipped(title: string, most: number): string {
  const letters = [...title];
  return letters.length <= most
    ? title
    : `${letters
        .slice(0, most - 1)
        .join('')
        .replace(/\s+\S*$/, '')}…`;
}
