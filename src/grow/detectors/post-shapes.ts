import { compareMeans, sum, unitsNeeded } from '#src/grow/comparison.ts';
import { asMany, type Candidate, type Detector, dayOf, type Judgement, lacking, written } from './detector.ts';
import { type MeasuredPost, noTracker, readMeasuredPosts, type ShapedPost } from './measured-posts.ts';
import { judgeGroups } from './post-groups.ts';

/** Signs from which on a post is a long one: twice a post on most platforms. */
const long = 280;

export const postFormats: Detector = {
  name: 'post_formats',
  question: 'Does a format bring more visits per post: threads, images, short or long text?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    return judgePostFormats(await readMeasuredPosts(inside, frame));
  },
};

export const fatigue: Detector = {
  name: 'fatigue',
  question: 'Does a template, hook or kind that is used often bring less than it did?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    return judgeFatigue(await readMeasuredPosts(inside, frame));
  },
};

/** Threads against single posts, with images against without, long against short. */
export function judgePostFormats(posts: readonly ShapedPost[]): Judgement {
  const written = posts.filter(({ parts }) => parts > 0);
  const split = (subject: string, name: string, is: (post: ShapedPost) => boolean) => ({
    subject: `format:${subject}`,
    name,
    inside: written.filter(is),
    rest: written.filter((post) => !is(post)),
  });
  return judgeGroups(
    [
      split('thread', 'Threads', ({ parts }) => parts > 1),
      split('media', 'Posts with an image or video', ({ media }) => media > 0),
      split('long', `Posts of more than ${long} characters`, ({ characters }) => characters > long),
    ],
    'a format',
  );
}

/** The later half of the posts of each template, hook and kind against its earlier half; only a loss is worth a word. */
export function judgeFatigue(posts: readonly MeasuredPost[]): Judgement {
  const uses = (['template', 'hook', 'kind'] as const).flatMap((trait) =>
    [...Map.groupBy(posts, (post) => post[trait])].flatMap(([value, own]) =>
      value === null
        ? []
        : [{ trait, value, own: own.toSorted((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime()) }],
    ),
  );
  const often = uses.filter(({ own }) => own.length >= 2 * unitsNeeded);
  if (often.length === 0)
    return lacking(
      `Not enough data: ${2 * unitsNeeded} measured posts of one template, hook or kind are needed; the most used has ${Math.max(0, ...uses.map(({ own }) => own.length))}.`,
    );
  return { missing: null, candidates: often.flatMap(compare).filter(({ direction }) => direction === 'down') };
}

function compare({ trait, value, own }: { trait: string; value: string; own: readonly MeasuredPost[] }): Candidate[] {
  const middle = own.length >> 1;
  const [early, late] = [own.slice(0, middle), own.slice(middle)];
  const visits = (half: readonly MeasuredPost[]) => half.map((post) => post.visits);
  const found = compareMeans(visits(early), visits(late));
  if (!found) return [];
  const mean = (half: readonly MeasuredPost[]) => (sum(visits(half)) / half.length).toFixed(1);
  return [
    {
      kind: 'change',
      metric: 'visits',
      subject: `fatigue:${trait}:${value}`,
      sentence:
        `The ${trait} “${value.replaceAll('_', ' ')}” brought ${mean(early)} visits per post in its first ${early.length} posts ` +
        `and ${mean(late)} in the ${late.length} since ${written(late[0]!.publishedAt)}: ${asMany(found.estimate)}.`,
      direction: found.estimate > 1 ? 'up' : 'down',
      p: found.p,
      effect: { ratio: found.estimate, ...found.interval },
      sampleBefore: early.length,
      sampleAfter: late.length,
      startsAt: late[0]!.publishedAt,
      endsAt: null,
      evidence: own.map((post) => ({
        label: post.title,
        table: 'posts',
        rowId: post.id,
        value: post.visits,
        day: dayOf(post.publishedAt),
      })),
    },
  ];
}
