/** The first draft of a campaign, from the strategy it serves. Pure. */
import type { Objective } from '#src/plan/strategies/propose.ts';

export type { Objective } from '#src/plan/strategies/propose.ts';

export const campaignStatuses = ['draft', 'scheduled', 'active', 'paused', 'completed', 'cancelled'] as const;
export type CampaignStatus = (typeof campaignStatuses)[number];

export const goalMetrics = ['impressions', 'engagement', 'clicks', 'signups', 'conversions', 'revenue'] as const;
export type GoalMetric = (typeof goalMetrics)[number];

/** A count; for revenue, minor units of the campaign's currency. */
export type Goal = { metric: GoalMetric; target: string };

/** Without numbers of one's own: what a small account reaches, so that a goal can be corrected rather than missing. */
const ASSUMED = {
  impressionsPerPost: 100,
  engagedPerImpression: 0.02,
  clicksPerImpression: 0.01,
  signupsPerClick: 0.05,
};

const MONTHS = 'January February March April May June July August September October November December'.split(' ');

/** Name, aim, goals and a description that says what the goals assume. */
export function outlineOf(given: {
  app: { name: string };
  strategy: {
    objective: Objective;
    postsPerWeek: number;
    version: number;
    items: readonly { kind: string; statement: string }[];
  };
  startsOn: string;
  first: boolean;
  impressionsPerPost: number | null;
}): { name: string; objective: Objective; description: string; goals: Goal[] } {
  const { strategy } = given;
  const posts = strategy.postsPerWeek * 4;
  const perPost = given.impressionsPerPost ?? ASSUMED.impressionsPerPost;
  const impressions = posts * perPost;
  const clicks = Math.max(1, Math.round(impressions * ASSUMED.clicksPerImpression));
  const all: Record<GoalMetric, number> = {
    impressions,
    engagement: Math.max(1, Math.round(impressions * ASSUMED.engagedPerImpression)),
    clicks,
    signups: Math.max(1, Math.round(clicks * ASSUMED.signupsPerClick)),
    conversions: 1,
    revenue: 0,
  };
  const wanted: Record<Objective, GoalMetric[]> = {
    awareness: ['impressions', 'clicks'],
    engagement: ['impressions', 'engagement'],
    traffic: ['impressions', 'clicks'],
    leads: ['clicks', 'signups'],
    conversions: ['clicks', 'signups', 'conversions'],
    retention: ['engagement', 'clicks'],
    growth: ['impressions', 'signups', 'conversions'],
  };
  const pillars = strategy.items.filter((item) => item.kind === 'pillar').map((item) => item.statement.toLowerCase());
  const month = MONTHS[Number(given.startsOn.slice(5, 7)) - 1] ?? '';
  const basis =
    given.impressionsPerPost === null
      ? `There are no numbers of your own yet, so the goals assume ${perPost} impressions a post, one click in a hundred and one signup in twenty clicks. Correct them when you know better.`
      : `Your posts of the last 90 days had ${perPost} impressions in the middle; the goals assume the same, with one click in a hundred and one signup in twenty clicks.`;
  return {
    name: given.first ? 'First month' : `${month} ${given.startsOn.slice(0, 4)}`,
    objective: strategy.objective,
    description: `Four weeks with ${posts} posts by version ${strategy.version} of the strategy: ${pillars.join(', ')}. ${basis}`,
    goals: posts === 0 ? [] : wanted[strategy.objective].map((metric) => ({ metric, target: String(all[metric]) })),
  };
}
