import type { Inside } from '#src/context.ts';
import type { Baselines } from './baselines.ts';
import { type Impact, impactOf, type Quantity, seedOf } from './impact.ts';
import type { Proposal } from './kind.ts';
import { asRatio, combined, expectedOf, type Measured } from './learn.ts';
import { priorOf, priors } from './priors.ts';

/** How the numbers of a suggestion came about, as it is kept with it and shown. */
export type Working = {
  unit: 'signups' | 'money' | null;
  /** The counted factors, with their 90 % intervals; the last one is what a signup is worth, where that is known. */
  factors: { label: string; low: number; mean: number; high: number }[];
  /** Less of it is better: a share of what is lost today. */
  loss: boolean;
  /** After ÷ before as expected, 90 %. */
  effect: { low: number; mid: number; high: number };
  prior: { low: number; high: number; reason: string };
  /** How many measured results of the kind have moved the prior. */
  learntFrom: number;
  /** The ratio the rows show by themselves, before it is drawn towards the prior. */
  seen: number | null;
};

export type Judged = { impact: Impact | null; missing: string | null; working: Working };

/** The impact of a proposal with its working; without a baseline no number, and the reason. */
export function judge(
  kind: string,
  proposal: Proposal,
  base: Baselines,
  results: readonly Measured[],
  seed: string,
): Judged {
  const prior = priorOf(kind);
  const effect = combined(expectedOf(prior, results), proposal.seen ?? null);
  const { low, high, reason } = prior;
  const shared = {
    effect: asRatio(effect),
    prior: { low, high, reason },
    learntFrom: results.length,
    seen: proposal.seen ? Math.exp(proposal.seen.log) : null,
  };
  if ('missing' in proposal.flow)
    return {
      impact: null,
      missing: proposal.flow.missing,
      working: { unit: null, factors: [], loss: false, ...shared },
    };
  const { flow } = proposal;
  const worth = flow.unit === 'signups' ? base.perSignup : null;
  const impact = impactOf(flow, effect, worth, seedOf(seed));
  return {
    impact,
    missing: flow.unit === 'signups' ? base.worthMissing : null,
    working: {
      unit: flow.unit,
      factors: [...flow.quantities, ...(worth ? [worth] : [])].map(shown),
      loss: flow.loss === true,
      ...shared,
    },
  };
}

/** The measured results by which each kind has learnt: settled or not, once there is an effect with an error. */
export async function readLearnt({ tx }: Inside): Promise<Map<string, Measured[]>> {
  const rows = await tx
    .selectFrom('suggestionResults as r')
    .innerJoin('suggestions as s', 's.id', 'r.suggestionId')
    .select(['s.kind', 'r.effect', 'r.error'])
    .where('r.effect', '>', 0)
    .where('r.error', '>', 0)
    .where('s.kind', '<>', '')
    .execute();
  const learnt = new Map<string, Measured[]>();
  for (const { kind, effect, error } of rows)
    if (effect && error) learnt.set(kind, [...(learnt.get(kind) ?? []), { log: Math.log(effect), error }]);
  return new Map([...learnt].filter(([kind]) => priors[kind]?.learns === true));
}

/** Grades of five for pages that show no numbers: effort by hours; impact by the expected share of the app's own flow. */
export function gradesOf(minutes: number, working: Working): { effort: number; impact: number } {
  const effort = [30, 90, 240, 480].filter((limit) => minutes > limit).length + 1;
  const change = Math.max(0, working.loss ? 1 - working.effect.mid : working.effect.mid - 1);
  const impact = [0.02, 0.06, 0.15, 0.3].filter((limit) => change > limit).length + 1;
  return { effort, impact };
}

/** A Gamma quantity with its 90 % interval, by the cube-root rule (Wilson & Hilferty 1931). */
function shown({ label, mean, shape }: Quantity): Working['factors'][number] {
  const at = (z: number) => mean * Math.max(0, 1 - 1 / (9 * shape) + z / (3 * Math.sqrt(shape))) ** 3;
  return { label, low: at(-1.645), mean, high: at(1.645) };
}
