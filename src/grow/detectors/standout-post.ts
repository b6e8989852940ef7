import { againstUsual, sum } from '#src/grow/comparison.ts';
import { type Candidate, count, type Detector, dayMs, type Judgement, lacking, times } from './detector.ts';
import { countedDays, type MeasuredPost, noTracker, readMeasuredPosts } from './measured-posts.ts';

const othersNeeded = 5;

export const standoutPost: Detector = {
  name: 'standout_post',
  question: 'Did a post bring unusually many visits?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    return judgeStandoutPosts(await readMeasuredPosts(inside, frame), frame.until);
  },
};

/**
 * Each post whose seven days ended last week, against all the other posts. Only posts that brought more are named: a post
 * that brought nothing is common, and the logarithm makes it look rarer than it is.
 */
export function judgeStandoutPosts(posts: readonly MeasuredPost[], until: Date): Judgement {
  const closedSince = until.getTime() - (7 + countedDays) * dayMs;
  const fresh = posts.filter((post) => post.publishedAt.getTime() >= closedSince);
  if (fresh.length === 0) return lacking('No post completed its first seven days last week.');
  if (posts.length <= othersNeeded)
    return lacking(`Not enough data: ${posts.length - 1} of the ${othersNeeded} other measured posts needed.`);
  if (sum(posts.map((post) => post.visits)) < 10)
    return lacking(`Not enough data: ${sum(posts.map((post) => post.visits))} of the 10 visits from posts needed.`);
  const candidates = fresh.flatMap((post) =>
    compare(
      post,
      posts.filter((other) => other !== post),
    ),
  );
  return { candidates, missing: null };
}

function compare(post: MeasuredPost, others: readonly MeasuredPost[]): Candidate[] {
  const found = againstUsual(
    others.map((other) => other.visits),
    post.visits,
  );
  if (!found || found.estimate <= 1) return [];
  const effect = { ratio: found.estimate, ...found.interval };
  return [
    {
      subject: `post:${post.id}`,
      sentence:
        `“${post.title}” brought ${count(post.visits)} visits in its first seven days, ${times(effect.ratio)} what a typical post brings ` +
        `(compared with ${others.length} other posts).`,
      direction: 'up',
      p: found.p,
      effect,
      sampleBefore: sum(others.map((other) => other.visits)),
      sampleAfter: post.visits,
      startsAt: post.publishedAt,
      endsAt: new Date(post.publishedAt.getTime() + countedDays * dayMs),
      evidence: [
        { label: 'Visits of this post in seven days', table: 'posts', rowId: post.id, value: post.visits },
        ...[...others]
          .sort((a, b) => b.visits - a.visits)
          .slice(0, 10)
          .map((other) => ({
            label: `Visits of “${other.title}”`,
            table: 'posts',
            rowId: other.id,
            value: other.visits,
          })),
      ],
    },
  ];
}
