/** Drafts as a model gives them: the shape of its answer, and the check every draft has to pass before a person sees it. */
import { z } from 'zod';
import { visible } from '#src/ask.ts';
import { addressesMachine } from '#src/understand/findings.ts';
import { addressesIn, hasMarkup } from '#src/understand/modelled/support.ts';
import type { Claim, Draft, FactForWriting } from './index.ts';
import { findUnsupportedNumbers } from './numbers.ts';
import { likeWords, nearestOf } from './resemblance.ts';
import { templateKinds } from './templates.ts';

/** What the model is asked for. Every field is required, so that servers with a strict schema mode accept it. */
export const draftsSchema = z.object({
  drafts: z.array(
    z.object({
      kind: z.enum(templateKinds),
      title: z.string(),
      parts: z.array(z.string()).min(1).max(8),
      claims: z.array(
        z.object({
          part: z.number().int().describe('Index of the part, from 0'),
          text: z.string().describe('The stretch of the part that claims something, letter for letter'),
          factId: z.string(),
        }),
      ),
    }),
  ),
});
export type ModelDrafts = z.infer<typeof draftsSchema>;

/** Twice what can be wanted at once; each is compared with all that was written before. */
const MOST_DRAFTS = 60;

export type Refused = { title: string; reason: string };

/**
 * Turns a model's answer into drafts. `{{link}}` becomes `url`, and is added to the last part when it is missing and fits. Claims that point
 * to no fact or stand nowhere in their part, and numbers no fact supports, are listed as unsupported. Drafts that are too long, resemble a
 * used text or speak to machines are refused, with a reason.
 */
export function toDrafts(
  answer: ModelDrafts,
  week: {
    url: string;
    facts: readonly FactForWriting[];
    avoid: readonly { title: string; text: string }[];
    measure: (text: string) => { length: number; valid: boolean };
  },
): { drafts: Draft[]; refused: Refused[] } {
  const drafts: Draft[] = [];
  const refused: Refused[] = [];
  const used = [...week.avoid];
  const known = [week.url, ...week.facts.flatMap((fact) => [fact.statement, fact.quote])].map((words) =>
    words.toLowerCase(),
  );
  for (const said of answer.drafts.slice(0, MOST_DRAFTS)) {
    const parts = withLink(
      said.parts.map(calm).filter((part) => part !== ''),
      week,
    );
    const text = parts.join('\n');
    const like = nearestOf(text, used);
    const reason =
      parts.length === 0
        ? 'It is empty.'
        : !parts.every((part) => week.measure(part).valid)
          ? 'A part is too long.'
          : addressesMachine(text)
            ? 'It speaks to machines, not to people.'
            : hasMarkup(text)
              ? 'It holds markup, which readers would see as it is.'
              : !addressesIn(text).every((address) => known.some((words) => words.includes(address)))
                ? 'It names an address or an account that no fact names.'
                : like
                  ? `It resembles a text that was already used: ${likeWords(like)}.`
                  : null;
    if (reason) {
      refused.push({ title: said.title, reason });
      continue;
    }
    used.push({ title: said.title, text });
    drafts.push({
      templateName: 'Model',
      kind: said.kind,
      parts,
      title: said.title.slice(0, 100),
      ...linked(said.claims, parts, week.facts),
    });
  }
  return { drafts, refused };
}

function linked(
  said: ModelDrafts['drafts'][number]['claims'],
  parts: readonly string[],
  facts: readonly FactForWriting[],
): Pick<Draft, 'claims' | 'unsupported'> {
  const claims: Claim[] = [];
  const unsupported: Draft['unsupported'] = [];
  for (const claim of said) {
    const text = calm(claim.text);
    const start = text === '' ? -1 : (parts[claim.part]?.indexOf(text) ?? -1);
    if (start < 0) continue;
    if (facts.some((fact) => fact.id === claim.factId))
      claims.push({ part: claim.part, start, end: start + text.length, text, factId: claim.factId });
    else unsupported.push({ part: claim.part, text, reason: 'The model named a fact that does not exist.' });
  }
  parts.forEach((part, at) => {
    for (const number of findUnsupportedNumbers(part, facts))
      unsupported.push({ part: at, text: number.text, reason: number.reason });
  });
  return { claims, unsupported };
}

/** Models love long dashes and exclamation marks; the people these posts are for do not. */
function calm(text: string): string {
  return visible(text)
    .replace(/\s*—\s*/g, ', ')
    .replace(/(\p{L})!+/gu, '$1.')
    .trim();
}

function withLink(parts: string[], week: { url: string; measure: (text: string) => { valid: boolean } }): string[] {
  const last = parts.at(-1);
  if (last === undefined) return parts;
  const filled = parts.map((part) => part.replaceAll('{{link}}', week.url));
  if (filled.some((part) => part.includes(week.url))) return filled;
  const added = `${last}\n\n${week.url}`;
  return week.measure(added).valid ? [...filled.slice(0, -1), added] : [...filled, week.url];
}
