import { contentHygiene, emptyWeek } from './content.ts';
import type { Detector } from './detector.ts';
import { followers } from './followers.ts';
import { postingTimes, postKinds } from './post-groups.ts';
import { lowSignups, sourceSignups } from './signup-rates.ts';
import { standoutPost } from './standout-post.ts';
import { weeklyVisits } from './weekly-visits.ts';

/** Every question that is asked of the data, in the order shown. A name never changes: insights are kept under it. */
export const detectors: readonly Detector[] = [
  weeklyVisits,
  standoutPost,
  postKinds,
  postingTimes,
  sourceSignups,
  lowSignups,
  followers,
  contentHygiene,
  emptyWeek,
];
