import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { studentQuantile, studentTwoSided } from '#src/measure/distributions.ts';
import { id, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/** One post on one account: how often it was seen, and the hashtags it wore. */
export type TaggedPost = {
  id: string;
  platform: string;
  accountId: string;
  impressions: number;
  tags: readonly string[];
};

/** Posts with a tag and without it that there have to be, and all together on a platform. */
export const tagFloors = { with: 10, without: 10, all: 30 };
/** Counted younger than that, posts are still being seen: comparing them would compare their age. Days. */
const SETTLED = 7;
/** Tags of one's own posts rarely do more than this (standard deviation of the logarithm), when nothing else is known. */
const USUAL = 0.1;
const CONFIDENCE = 0.95;

const verdicts = ['helps', 'hurts', 'no difference', 'not enough data'] as const;
const judged = z.object({
  platform: z.string(),
  tag: z.string(),
  with: z.int(),
  without: z.int(),
  /** Typical impressions with ÷ without it, drawn towards 1 by how little is known; null below the floor. */
  ratio: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** Two-sided, after Holm over the tags of the platform. */
  p: z.number().nullable(),
  verdict: z.enum(verdicts),
  /** What is missing to the floor, or what was found, in a sentence. */
  reason: z.string(),
  /** The posts that wore it. */
  postIds: z.array(id),
});
export type JudgedTag = z.output<typeof judged>;

/**
 * Whether hashtags help: for each tag, the posts that wore it against those on the same platform that did not, on
 * logarithms of impressions, each account against its own usual. The difference is drawn towards none by an empirical
 * Bayes prior over the platform's tags (normal, centred on no difference; its variance by the method of moments, never
 * below the usual one), and its p value (Welch's t test) is corrected for the number of tags (Holm 1979). A tag helps
 * when both its interval and its p value say so. Below the floors nothing is said.
 */
export function judgeTags(posts: readonly TaggedPost[]): JudgedTag[] {
  return [...Map.groupBy(posts, (post) => post.platform)].flatMap(([platform, own]) => judgePlatform(platform, own));
}

type Measured = {
  tag: string;
  worn: TaggedPost[];
  without: number;
  difference: number;
  error: number;
  degrees: number;
};

function judgePlatform(platform: string, posts: readonly TaggedPost[]): JudgedTag[] {
  const score = centred(posts);
  const tags = [...new Set(posts.flatMap((post) => post.tags))].sort();
  const measured: Measured[] = [];
  const unknown: JudgedTag[] = [];
  for (const tag of tags) {
    const worn = posts.filter((post) => post.tags.includes(tag));
    const bare = posts.filter((post) => !post.tags.includes(tag));
    const facts = { platform, tag, with: worn.length, without: bare.length, postIds: postIdsOf(worn) };
    const nothing = { ratio: null, low: null, high: null, p: null, verdict: 'not enough data' as const };
    if (worn.length < tagFloors.with || bare.length < tagFloors.without || posts.length < tagFloors.all) {
      const reason = `Not enough data: ${worn.length} of ${tagFloors.with} posts with it, ${bare.length} of ${tagFloors.without} without it, ${posts.length} of ${tagFloors.all} in all.`;
      unknown.push({ ...facts, ...nothing, reason });
      continue;
    }
    const [a, b] = [worn.map((post) => score(post)), bare.map((post) => score(post))];
    const [va, vb] = [variance(a) / a.length, variance(b) / b.length];
    const error = Math.sqrt(va + vb);
    if (error === 0) {
      unknown.push({ ...facts, ...nothing, reason: 'Not enough data: all these posts were seen equally often.' });
      continue;
    }
    const degrees = (va + vb) ** 2 / (va ** 2 / (a.length - 1) + vb ** 2 / (b.length - 1));
    measured.push({ tag, worn, without: bare.length, difference: mean(a) - mean(b), error, degrees });
  }
  const moments = mean(measured.map((one) => one.difference ** 2 - one.error ** 2));
  const prior = Math.max(USUAL ** 2, Number.isFinite(moments) ? moments : 0);
  const ps = holm(measured.map((one) => studentTwoSided(one.difference / one.error, one.degrees)));
  const known = measured.map((one, at): JudgedTag => {
    const weight = prior / (prior + one.error ** 2);
    const centre = weight * one.difference;
    const reach = studentQuantile(1 - (1 - CONFIDENCE) / 2, one.degrees) * Math.sqrt(weight) * one.error;
    const [ratio, low, high] = [centre, centre - reach, centre + reach].map(Math.exp) as [number, number, number];
    const p = ps[at] ?? 1;
    const sure = p <= 1 - CONFIDENCE;
    const verdict = sure && low > 1 ? 'helps' : sure && high < 1 ? 'hurts' : 'no difference';
    const said = `seen ${ratio.toFixed(2)} times as often as ${one.without} without it (95% interval ${low.toFixed(2)} to ${high.toFixed(2)})`;
    return {
      platform,
      tag: one.tag,
      with: one.worn.length,
      without: one.without,
      ratio,
      low,
      high,
      p,
      verdict,
      reason: `${one.worn.length} posts with #${one.tag} were ${said}.`,
      postIds: postIdsOf(one.worn),
    };
  });
  const order = { helps: 0, hurts: 1, 'no difference': 2, 'not enough data': 3 };
  return [...known, ...unknown].sort((a, b) => order[a.verdict] - order[b.verdict] || (b.ratio ?? 0) - (a.ratio ?? 0));
}

/** The logarithm of a post's impressions against the mean of its account's. */
function centred(posts: readonly TaggedPost[]): (post: TaggedPost) => number {
  const log = (post: TaggedPost) => Math.log(post.impressions + 0.5);
  const usual = new Map(
    [...Map.groupBy(posts, (post) => post.accountId)].map(([accountId, own]) => [accountId, mean(own.map(log))]),
  );
  return (post) => log(post) - (usual.get(post.accountId) ?? 0);
}

/** Step-down: the smallest p value counts for all tests, the next for one fewer (Holm 1979). */
function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, at) => ({ p, at })).sort((a, b) => a.p - b.p);
  const adjusted: number[] = Array.from({ length: ps.length }, () => 1);
  let highest = 0;
  for (const [rank, { p, at }] of order.entries()) {
    highest = Math.max(highest, Math.min(1, p * (ps.length - rank)));
    adjusted[at] = highest;
  }
  return adjusted;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
function variance(values: readonly number[]): number {
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1);
}
const postIdsOf = (posts: readonly TaggedPost[]) => [...new Set(posts.map((post) => post.id))];

/** The app's published posts that are seen by now, with the tags they wore on the platform they went out on. */
async function taggedPosts({ tx, clock }: Inside, appId: string): Promise<TaggedPost[]> {
  const settled = new Date(clock.now().getTime() - SETTLED * 864e5);
  const { rows } = await sql<TaggedPost>`
    select post.id, account.platform, account.id as account_id, sum(metrics.impressions)::float8 as impressions,
      coalesce((select array_agg(tag.value order by tag.value) from post_tags tag
        where tag.workspace_id = post.workspace_id and tag.kind = 'hashtag' and tag.variant_id = (
          select variant.id from post_variants variant
          where variant.workspace_id = post.workspace_id and variant.post_id = post.id
          order by variant.platform = account.platform desc, variant.position, variant.platform limit 1)), '{}') as tags
    from publications publication
    join posts post on post.workspace_id = publication.workspace_id and post.id = publication.post_id
    join accounts account on account.workspace_id = publication.workspace_id and account.id = publication.account_id
    join publication_parts part on part.workspace_id = publication.workspace_id and part.publication_id = publication.id
    join post_metrics metrics on metrics.workspace_id = part.workspace_id and metrics.publication_part_id = part.id
    where post.app_id = ${appId} and post.source <> 'reply' and publication.published_at <= ${settled}
      and part.position = 0 and metrics.impressions is not null
    group by post.workspace_id, post.id, account.platform, account.id, publication.id`.execute(tx);
  return rows;
}

export const hashtagOperations = {
  list: operation({
    summary: 'Say of each hashtag of one’s own posts whether it helps them to be seen; suggest those that do.',
    route: 'GET /apps/{appId}/hashtags',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      tags: z.array(judged),
      /** Those that help, by platform; empty while nothing shows that any does. */
      suggested: z.array(z.object({ platform: z.string(), tag: z.string() })),
      reason: z.string(),
    }),
    run: (context: Context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const tags = judgeTags(await taggedPosts(inside, appId));
        const suggested = tags.flatMap(({ platform, tag, verdict }) =>
          verdict === 'helps' ? [{ platform, tag }] : [],
        );
        const enough = tags.some(({ verdict }) => verdict !== 'not enough data');
        const reason =
          suggested.length > 0
            ? `${suggested.length} hashtags make your posts seen more often.`
            : enough
              ? 'None of your hashtags makes your posts seen more often, so none is suggested.'
              : `Not enough data: a hashtag is judged from ${tagFloors.with} posts with it and ${tagFloors.without} without it, ${tagFloors.all} in all. None is suggested.`;
        return { tags, suggested, reason };
      }),
  }),
};
