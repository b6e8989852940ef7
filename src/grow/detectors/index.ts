import { anomalies } from './anomalies.ts';
import { contentHygiene, emptyWeek } from './content.ts';
import type { Detector } from './detector.ts';
import { campaignPace, failedPosts, openQuestions } from './facts.ts';
import { followers } from './followers.ts';
import { funnelSteps } from './funnel-steps.ts';
import { campaignVisits, channelVisits, linkClicks, pageVisits, searchVisits, sourceVisits } from './movers.ts';
import { postingTimes, postKinds } from './post-groups.ts';
import { fatigue, postFormats } from './post-shapes.ts';
import { costs, recurringRevenue } from './recurring.ts';
import {
  answeredShare,
  botsShare,
  bounceShare,
  churnRate,
  cohortPayments,
  publishingFailures,
  signupRate,
} from './shares.ts';
import { lowSignups, sourceSignups } from './signup-rates.ts';
import { standoutPost } from './standout-post.ts';
import { weeklyVisits } from './weekly-visits.ts';

/** Every question that is asked of the data, in the order shown. A name never changes: insights are kept under it. */
export const detectors: readonly Detector[] = [
  anomalies,
  weeklyVisits,
  sourceVisits,
  channelVisits,
  searchVisits,
  pageVisits,
  campaignVisits,
  linkClicks,
  botsShare,
  bounceShare,
  signupRate,
  sourceSignups,
  lowSignups,
  funnelSteps,
  cohortPayments,
  churnRate,
  recurringRevenue,
  costs,
  campaignPace,
  standoutPost,
  postKinds,
  postFormats,
  postingTimes,
  fatigue,
  followers,
  openQuestions,
  answeredShare,
  failedPosts,
  publishingFailures,
  contentHygiene,
  emptyWeek,
];
