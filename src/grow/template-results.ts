import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';
import { enoughUnits, sum } from './comparison.ts';
import { countedDays, noTracker, readMeasuredPosts } from './detectors/measured-posts.ts';
import { poolMeans } from './pooling.ts';

const measuredPost = z.object({ id, title: z.string(), publishedAt: z.date(), visits: z.int() });
const outcomes = ['better', 'worse', 'no_difference', 'not_enough_data'] as const;

const result = z.object({
  templateId: id,
  measuredPosts: z.int(),
  visitsPerPost: z.number().nullable(),
  outcome: z.enum(outcomes),
  /** Its true visits per post ÷ those of all posts, drawn to 1 the more, the fewer posts there are; null below the floor. */
  ratio: z.number().nullable(),
  /** 95% interval of the ratio. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** How much of the ratio is the template's own posts, 0 to 1. */
  own: z.number().nullable(),
  message: z.string(),
  posts: z.array(measuredPost),
});

const results = z.object({
  /** What keeps every template from being judged; null when nothing does. */
  missing: z.string().nullable(),
  /** Posts of the last half year that have been out for seven days, from templates or not. */
  measuredPosts: z.int(),
  visitsPerPost: z.number().nullable(),
  timeZone: z.string(),
  templates: z.array(result),
});

export const templateResultOperations = {
  results: operation({
    summary:
      'Compare what posts from each template bring with what all posts of an app bring, few posts counting little.',
    route: 'GET /apps/{appId}/template-results',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: results,
    run: (context, { appId }) => transaction(context, (inside) => templateResults(inside, appId)),
  }),
};

/**
 * Visits in a post's first seven days, by template, of the posts of the last half year; posts from no template are one
 * more group in the pool. A template is judged from five posts on, see `enoughUnits` and `poolMeans`.
 */
async function templateResults(inside: Inside, appId: string): Promise<z.input<typeof results>> {
  await appOf(inside, appId);
  const { timeZone } = await workspaceOf(inside);
  const settings = await inside.tx
    .selectFrom('trackingSettings')
    .select('firstEventAt')
    .where('appId', '=', appId)
    .executeTakeFirst();
  const measuredSince = settings?.firstEventAt ?? null;
  const now = inside.clock.now();
  const posts = await readMeasuredPosts(inside, { appId, now, until: now, timeZone, measuredSince });
  const visits = posts.map((post) => post.visits);
  const groups = [...Map.groupBy(posts, (post) => post.templateId)];
  const pooled = poolMeans(groups.map(([, own]) => own.map((post) => post.visits)));
  return {
    missing: measuredSince ? null : noTracker,
    measuredPosts: posts.length,
    visitsPerPost: posts.length > 0 ? sum(visits) / posts.length : null,
    timeZone,
    templates: groups.flatMap(([templateId, own], index): z.input<typeof result>[] => {
      if (templateId === null) return [];
      const these = own.map((post) => post.visits);
      const others = posts.filter((post) => post.templateId !== templateId).map((post) => post.visits);
      const shown = {
        templateId,
        measuredPosts: own.length,
        visitsPerPost: sum(these) / own.length,
        posts: own.map(({ id: postId, title, publishedAt, visits: brought }) => ({
          id: postId,
          title,
          publishedAt,
          visits: brought,
        })),
      };
      const enough = enoughUnits({ units: 'posts', counts: 'visits' }, these, others);
      const found = pooled?.[index];
      if (!enough.enough || !found) return [{ ...shown, ...nothing, message: enough.enough ? tooFew : enough.reason }];
      const { low, high } = found.interval;
      const outcome = low > 1 ? ('better' as const) : high < 1 ? ('worse' as const) : ('no_difference' as const);
      const message = `${wordsOf[outcome]} ${own.length} posts, ${countedDays} days each; 95% interval ${low.toFixed(2)} to ${high.toFixed(2)} times the visits of all ${posts.length} posts.`;
      return [{ ...shown, outcome, ratio: found.ratio, low, high, own: found.own, message }];
    }),
  };
}

const nothing = { outcome: 'not_enough_data' as const, ratio: null, low: null, high: null, own: null };
const tooFew =
  'Not enough data: too few templates have several measured posts, so how much posts differ by themselves is not known.';
const wordsOf = {
  better: 'Brings more than your posts do on average.',
  worse: 'Brings less than your posts do on average.',
  no_difference: 'No difference from your average that chance would not explain.',
};
