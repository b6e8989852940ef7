/** A template in the words it has for a platform. */
import { canFill, fillTemplate, usableFacts } from './fill.ts';
import type { Claim, Draft, FactForWriting } from './index.ts';
import { namesIn, type TemplateSeed, textsOf } from './templates.ts';

/** What a draft says on one platform; the title is empty where the platform has none or the post's own will do. */
export type Reworded = { title: string; parts: string[]; claims: Claim[] };

/** A template in the words it has for a platform, its own where it has none, with the variables that stand in them. */
export function wordedFor(template: TemplateSeed, platform: string): TemplateSeed {
  const wording = template.wordings.find((one) => one.platform === platform);
  const said = { parts: wording?.parts ?? template.parts, wordings: wording ? [wording] : [] };
  return { ...template, ...said, platform: wording ? platform : template.platform, variables: among(template, said) };
}

/**
 * What a draft says on a platform its template has words for: with the same facts, and more where the words name more.
 * A paragraph that needs a fact which the template itself does not need is left out while nothing is known for it. Null
 * when there are no such words, or they cannot be filled or do not fit: the draft's own words stand there.
 */
export function reworded(
  draft: Draft,
  template: TemplateSeed,
  platform: string,
  given: {
    app: { name: string; url: string; tagline: string | null };
    facts: readonly FactForWriting[];
    measure: (text: string) => { valid: boolean };
  },
): Reworded | null {
  const wording = template.wordings.find((one) => one.platform === platform);
  if (!wording) return null;
  const facts = usableFacts(given.facts, () => 0);
  const told = new Set(draft.claims.map((claim) => claim.factId));
  // Those of the draft come first, so that all platforms say the same.
  const uses = new Map(facts.map(({ id }) => [id, told.has(id) ? 0 : 1]));
  const worded = carried(template, wordedFor(template, platform), facts, uses);
  const whole = { ...worded, parts: [wording.title, ...worded.parts] };
  for (const { parts, claims } of fillTemplate(whole, given.app, facts, uses)) {
    const [title = '', ...texts] = parts;
    if (texts.length === 0 || !texts.every((text) => given.measure(text).valid)) continue;
    return {
      title: title.replace(/\.$/, ''),
      parts: texts,
      claims: claims.flatMap((claim) => (claim.part === 0 ? [] : [{ ...claim, part: claim.part - 1 }])),
    };
  }
  return null;
}

/** Without the paragraphs nothing is known for, as far as the template itself does without them. */
function carried(
  template: TemplateSeed,
  worded: TemplateSeed,
  facts: readonly FactForWriting[],
  uses: ReadonlyMap<string, number>,
): TemplateSeed {
  const own = new Set(namesIn(template.parts));
  let kept = '';
  const parts = worded.parts.map((part) =>
    part
      .split('\n\n')
      .filter((paragraph) => {
        const more = among(template, { parts: [paragraph], wordings: [] }).filter(({ name }) => !own.has(name));
        const variables = among(template, { parts: [...template.parts, kept, paragraph], wordings: [] });
        const carries = more.every(({ type }) => type !== 'fact') || canFill({ ...template, variables }, facts, uses);
        if (carries) kept += `\n\n${paragraph}`;
        return carries;
      })
      .join('\n\n'),
  );
  const said = {
    parts: parts.filter((part) => part !== ''),
    wordings: worded.wordings.map((one) => ({ ...one, parts })),
  };
  return { ...worded, ...said, variables: among(template, said) };
}

function among(template: TemplateSeed, said: Pick<TemplateSeed, 'parts' | 'wordings'>) {
  const names = new Set(namesIn(textsOf(said)));
  return template.variables.filter(({ name }) => names.has(name));
}
