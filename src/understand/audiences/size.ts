import type { Inside } from '#src/context.ts';

/** One step of the reasoning: a number of people first, then shares of those before, each with why. */
export type SizeStep = { label: string; factor: number; assumption: string };

/** More people than that there are not. */
const ALL = 10_000_000_000;

/** The product of the steps, a whole number of people; null without a step. */
export function sizeOf(steps: readonly SizeStep[]): number | null {
  if (steps.length === 0) return null;
  return Math.min(ALL, Math.round(steps.reduce((size, { factor }) => size * factor, 1)));
}

export async function replaceSteps(inside: Inside, audienceId: string, steps: readonly SizeStep[]): Promise<void> {
  const { tx, workspaceId } = inside;
  await tx.deleteFrom('audienceSizeSteps').where('audienceId', '=', audienceId).execute();
  if (steps.length > 0)
    await tx
      .insertInto('audienceSizeSteps')
      .values(steps.map((step, position) => ({ workspaceId, audienceId, position, ...step })))
      .execute();
}

/**
 * Where reasoning can begin: a number of people that a page names, as “40,000 developers” or “2.5 million freelancers”.
 * Null where none does: how many there are is then for a person to say.
 */
export function firstStep(statement: string, source: string): SizeStep | null {
  const match = statement.match(
    /(?<![\p{L}\p{N}$€£.])(\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)\s*(k|thousand|m|million|bn|billion)?\+?\s+((?:\p{L}[\p{L}-]*\s+){0,3}?(?:people|users|developers|engineers|founders|freelancers|designers|makers|creators|teams|startups|businesses|companies|marketers|writers|students|teachers|parents|shops|stores|sellers|customers|professionals|households))\b/iu,
  );
  if (!match) return null;
  const scale =
    { k: 1e3, thousand: 1e3, m: 1e6, million: 1e6, bn: 1e9, billion: 1e9 }[match[2]?.toLowerCase() ?? ''] ?? 1;
  const factor = Number((match[1] ?? '').replaceAll(',', '')) * scale;
  if (factor < 100 || factor > ALL) return null;
  const who = (match[3] ?? '').trim();
  return { label: who.charAt(0).toUpperCase() + who.slice(1), factor, assumption: `Your pages say so (${source}).` };
}
