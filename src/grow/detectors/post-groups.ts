import { compareMeans, enoughUnits, sum, unitsNeeded } from '#src/grow/comparison.ts';
import { asMany, type Candidate, count, type Detector, type Judgement, lacking } from './detector.ts';
import { type MeasuredPost, noTracker, readMeasuredPosts } from './measured-posts.ts';

export const postKinds: Detector = {
  name: 'post_kinds',
  question: 'Does a kind, template or hook of post bring more visits per post than the rest?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    return judgePostKinds(await readMeasuredPosts(inside, frame));
  },
};

export const postingTimes: Detector = {
  name: 'posting_times',
  question: 'Does a time of day or part of the week bring more visits per post?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    return judgePostingTimes(await readMeasuredPosts(inside, frame), frame.timeZone);
  },
};

/** Each kind, template and hook with enough posts, against the posts of another one. */
export function judgePostKinds(posts: readonly MeasuredPost[]): Judgement {
  const groups = (['kind', 'template', 'hook'] as const).flatMap((trait) =>
    [...new Set(posts.map((post) => post[trait]))]
      .filter((value) => value !== null)
      .map((value) => ({
        subject: `${trait}:${value}`,
        name: `${nameOf[trait]} “${value.replaceAll('_', ' ')}”`,
        inside: posts.filter((post) => post[trait] === value),
        rest: posts.filter((post) => post[trait] !== null && post[trait] !== value),
      })),
  );
  return judgeGroups(groups, 'a kind, template or hook');
}

const nameOf = { kind: 'Posts of the kind', template: 'Posts from the template', hook: 'Posts with the hook' };

/** Four bands of the day and the weekend, in the workspace's time zone. */
export function judgePostingTimes(posts: readonly MeasuredPost[], timeZone: string): Judgement {
  const localTime = clockIn(timeZone);
  const placed = posts.map((post) => ({ post, ...localTime(post.publishedAt) }));
  const bands = bandsOfDay.map(({ name, from, until }) => ({
    subject: `time:${name}`,
    name: `Posts sent ${name === 'night' ? 'at' : 'in the'} ${name} (${from}:00 to ${until}:00)`,
    inside: placed.filter(({ hour }) => hour >= from && hour < until).map(({ post }) => post),
    rest: placed.filter(({ hour }) => hour < from || hour >= until).map(({ post }) => post),
  }));
  const weekend = {
    subject: 'time:weekend',
    name: 'Posts sent at the weekend',
    inside: placed.filter(({ weekend }) => weekend).map(({ post }) => post),
    rest: placed.filter(({ weekend }) => !weekend).map(({ post }) => post),
  };
  return judgeGroups([...bands, weekend], 'a time of day');
}

const bandsOfDay = [
  { name: 'night', from: 0, until: 6 },
  { name: 'morning', from: 6, until: 12 },
  { name: 'afternoon', from: 12, until: 18 },
  { name: 'evening', from: 18, until: 24 },
];

export type Group = { subject: string; name: string; inside: readonly MeasuredPost[]; rest: readonly MeasuredPost[] };

/** Each group with enough posts against its rest. */
export function judgeGroups(groups: readonly Group[], what: string): Judgement {
  const candidates = groups.flatMap(compare);
  if (candidates.length > 0) return { candidates, missing: null };
  const closest = Math.max(0, ...groups.map(({ inside, rest }) => Math.min(inside.length, rest.length)));
  return lacking(
    `Not enough data: to compare ${what} with the rest, ${unitsNeeded} measured posts with visits are needed on each side; ` +
      `the closest has ${closest}.`,
  );
}

function compare({ subject, name, inside, rest }: Group): Candidate[] {
  const [these, others] = [inside.map((post) => post.visits), rest.map((post) => post.visits)];
  if (!enoughUnits({ units: 'posts', counts: 'visits' }, these, others).enough) return [];
  const found = compareMeans(others, these);
  if (!found) return [];
  const effect = { ratio: found.estimate, ...found.interval };
  return [
    {
      subject,
      sentence:
        `${name} bring ${perPost(these)} visits each, the others ${perPost(others)}: ${asMany(effect.ratio)} ` +
        `(${these.length} posts against ${others.length}).`,
      direction: effect.ratio > 1 ? 'up' : 'down',
      p: found.p,
      effect,
      sampleBefore: others.length,
      sampleAfter: these.length,
      startsAt: inside[0]?.publishedAt ?? null,
      endsAt: inside.at(-1)?.publishedAt ?? null,
      evidence: [
        { label: 'Visits of the other posts', table: 'traffic_days', rowId: null, value: sum(others) },
        ...[...inside]
          .sort((a, b) => b.visits - a.visits)
          .slice(0, 20)
          .map((post) => ({ label: `Visits of “${post.title}”`, table: 'posts', rowId: post.id, value: post.visits })),
      ],
    },
  ];
}

function perPost(counts: readonly number[]): string {
  const mean = sum(counts) / counts.length;
  return count(mean);
}

/** Hour and weekend of a moment in a zone. */
function clockIn(timeZone: string): (at: Date) => { hour: number; weekend: boolean } {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: 'numeric', hourCycle: 'h23', weekday: 'short' });
  return (at) => {
    const parts = format.formatToParts(at);
    const part = (type: string) => parts.find((one) => one.type === type)?.value ?? '';
    return { hour: Number(part('hour')), weekend: ['Sat', 'Sun'].includes(part('weekday')) };
  };
}
