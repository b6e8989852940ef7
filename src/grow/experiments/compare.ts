import { compareMeans, enoughUnits, sum, unitsNeeded } from '#src/grow/comparison.ts';
import { adjust } from '#src/measure/ab-test/adjust.ts';
import { compareTwoMeans, type Sample, sampleOf } from '#src/measure/ab-test/means.ts';
import { alwaysValidMeans } from '#src/measure/ab-test/sequential.ts';
import type { Comparison } from '#src/measure/uncertainty.ts';

export const methods = ['fixed', 'always_valid'] as const;
export type Method = (typeof methods)[number];

/** `value`: what the post brought in its first seven days; a rate is per impression. */
export type ArmPost = {
  id: string;
  title: string;
  /** Its seven days are over. */
  isOver: boolean;
  /** They are over and what counts is known; a platform that tells no impressions leaves it unknown. */
  isMeasured: boolean;
  value: number;
};
export type Arm = { arm: string; posts: ArmPost[] };

export const outcomes = ['better', 'worse', 'no_difference', 'not_yet', 'not_enough_data'] as const;
export type ArmComparison = {
  arm: string;
  against: string;
  outcome: (typeof outcomes)[number];
  /** What a typical post brought ÷ what one of the arm it is compared with did, with its 95% interval. */
  ratio: number | null;
  low: number | null;
  /** Null when there is no upper end yet. */
  high: number | null;
  /** The chance to see as much if there were no difference, shared by all arms. */
  p: number | null;
  /** Measured posts still missing on the two sides together; 0 when there are enough. */
  missingPosts: number;
  /** A sentence. */
  message: string;
};

export type Plan = { metric: string; method: Method; postsPerArm: number };

/** What is lost of the error budget when none is left. */
const alpha = 0.05;
const rate = 'engagement_rate';

/**
 * Each arm against the first, the post being the unit: impressions of one post are alike, posts are not. A `fixed`
 * experiment is judged once, on the first `postsPerArm` posts of each arm, with Holm's correction: counts by the
 * quasi-Poisson comparison of means, rates, which are no counts, by Welch's t test of their logarithms. Before that nothing
 * is shown. An `always_valid` one is judged at any time by the sequential t test on
 * logarithms of what a post brought + ½; the arms share the error budget in equal parts (Bonferroni).
 */
export function compareArms(arms: readonly Arm[], plan: Plan): ArmComparison[] {
  const [first, ...others] = arms;
  if (!first) return [];
  return plan.method === 'fixed' ? judgeOnce(first, others, plan) : judgeAnytime(first, others, plan);
}

function judgeOnce(first: Arm, others: Arm[], plan: Plan): ArmComparison[] {
  const base = valuesOf(first).slice(0, plan.postsPerArm);
  const all = others.map((arm) => ({ arm: arm.arm, values: valuesOf(arm).slice(0, plan.postsPerArm) }));
  const missing = [base, ...all.map(({ values }) => values)].map((values) => plan.postsPerArm - values.length);
  if (missing.some((each) => each > 0)) {
    return all.map(({ arm, values }) => ({
      ...nothing(arm, first.arm, 'not_yet', missing[0]! + plan.postsPerArm - values.length),
      message: `${arm} against ${first.arm}: judged once, when each arm has ${plan.postsPerArm} posts that are out for seven days. ${missing.reduce((a, b) => a + b)} are missing in all.`,
    }));
  }
  const compared = all.map(({ arm, values }) => ({
    arm,
    values,
    enough:
      plan.metric === rate
        ? { enough: true as const }
        : enoughUnits({ units: 'posts', counts: plan.metric }, base, values),
    found: plan.metric === rate ? compareRates(base, values) : compareMeans(base, values),
  }));
  const chances = adjust(
    compared.map(({ found }) => found?.p ?? 1),
    'holm',
  );
  return compared.map(({ arm, values, enough, found }, index) => {
    if (!enough.enough || !found) {
      const why = enough.enough ? `Not enough data: no ${words(plan.metric)} on one side.` : enough.reason;
      return { ...nothing(arm, first.arm, 'not_enough_data', 0), message: `${arm} against ${first.arm}: ${why}` };
    }
    const told = { arm, against: first.arm, posts: values.length, base: base.length, metric: plan.metric };
    return tell({ ...told, ratio: found.estimate, ...found.interval, p: chances[index]! });
  });
}

function judgeAnytime(first: Arm, others: Arm[], plan: Plan): ArmComparison[] {
  const base = valuesOf(first);
  return others.map((arm) => {
    const values = valuesOf(arm);
    const missing = [base, values].map((each) => Math.max(0, unitsNeeded - each.length));
    if (missing[0]! + missing[1]! > 0) {
      return {
        ...nothing(arm.arm, first.arm, 'not_enough_data', missing[0]! + missing[1]!),
        message: `${arm.arm} against ${first.arm}: not enough data. ${outSoFar(first.arm, base.length, arm.arm, values.length)}`,
      };
    }
    const [a, b] = [base, values].map((each) => logsOf(each, plan.metric));
    const found =
      sum(base) + sum(values) === 0 ? null : alwaysValidMeans(a!, b!, { confidence: 1 - alpha / others.length });
    if (!found) {
      return {
        ...nothing(arm.arm, first.arm, 'not_enough_data', 0),
        message: `${arm.arm} against ${first.arm}: not enough data. No ${words(plan.metric)}, or the same for every post.`,
      };
    }
    const told = { arm: arm.arm, against: first.arm, posts: values.length, base: base.length, metric: plan.metric };
    const { low, high } = found.interval;
    return tell({
      ...told,
      ratio: Math.exp(found.estimate),
      low: Math.exp(low),
      high: Math.exp(high),
      p: Math.min(1, found.p * others.length),
    });
  });
}

/** Null when nothing was counted on a side, or all posts are alike. */
function compareRates(base: number[], values: number[]): Comparison | null {
  if (sum(base) === 0 || sum(values) === 0) return null;
  const found = compareTwoMeans(logsOf(base, rate), logsOf(values, rate));
  if (!found) return null;
  const { estimate, interval, p } = found;
  return { estimate: Math.exp(estimate), interval: { low: Math.exp(interval.low), high: Math.exp(interval.high) }, p };
}

/** Half a count more, or a ten-thousandth of a rate, so that nothing has a logarithm too. */
function logsOf(values: readonly number[], metric: string): Sample {
  const least = metric === rate ? 1e-4 : 0.5;
  return sampleOf(values.map((value) => Math.log(value + least)));
}

/** How many posts of either side have been out for seven days, of those it takes. */
function outSoFar(first: string, ofFirst: number, other: string, ofOther: number): string {
  if (ofFirst === ofOther) return `${ofFirst} of ${unitsNeeded} posts a side have been out for seven days.`;
  return `It takes ${unitsNeeded} posts a side that have been out for seven days: ${first} has ${ofFirst}, ${other} has ${ofOther}.`;
}

function tell(found: {
  arm: string;
  against: string;
  ratio: number;
  low: number;
  high: number;
  p: number;
  posts: number;
  base: number;
  metric: string;
}): ArmComparison {
  const { arm, against, ratio, low, high, p } = found;
  const outcome = p > alpha ? 'no_difference' : ratio > 1 ? 'better' : 'worse';
  const range = Number.isFinite(high)
    ? `95% interval ${low.toFixed(2)} to ${high.toFixed(2)}`
    : 'too few for an interval that ends';
  const size = `${range}, ${found.posts} posts against ${found.base}`;
  const message =
    outcome === 'no_difference'
      ? `${arm} against ${against}: no difference that chance would not explain (${ratio.toFixed(2)} times the ${words(found.metric)} per post, ${size}).`
      : `${arm} brought ${ratio.toFixed(2)} times the ${words(found.metric)} per post of ${against} (${size}).`;
  return { arm, against, outcome, ratio, low, high: Number.isFinite(high) ? high : null, p, missingPosts: 0, message };
}

function nothing(arm: string, against: string, outcome: 'not_yet' | 'not_enough_data', missingPosts: number) {
  return { arm, against, outcome, ratio: null, low: null, high: null, p: null, missingPosts };
}

function valuesOf(arm: Arm): number[] {
  return arm.posts.filter((post) => post.isMeasured).map((post) => post.value);
}

function words(metric: string): string {
  return metric.replace('_', ' ');
}
