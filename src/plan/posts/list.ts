import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id, money, pageInput } from '#src/operation.ts';
import { templateKinds } from '#src/plan/writing/index.ts';
import { refuse } from '#src/refusal.ts';
import { postSources, postStatuses } from './read.ts';
import { firstLineOf } from './words.ts';

export const listInput = z.strictObject({
  ...pageInput,
  appId: id.optional(),
  status: z.enum(postStatuses).optional(),
  campaignId: id.optional(),
  /** Answers written in the inbox are listed only when asked for by "reply". */
  source: z.enum(postSources).optional(),
  search: z.string().trim().min(1).max(200).optional(),
});

export const listedPost = z.object({
  id,
  appId: id,
  title: z.string(),
  status: z.enum(postStatuses),
  kind: z.enum(templateKinds).nullable(),
  source: z.enum(postSources),
  version: z.int(),
  campaign: z.object({ id, name: z.string(), colour: z.int() }).nullable(),
  platforms: z.array(z.string()),
  firstLine: z.string(),
  /** Parts of the longest variant. */
  threadLength: z.int(),
  /** Claims no fact supports. */
  unsupported: z.int(),
  proposedFor: z.date().nullable(),
  nextDueAt: z.date().nullable(),
  publishedAt: z.date().nullable(),
  updatedAt: z.date(),
  /** What it brought so far, by the app's model of attribution; net revenue (docs/money.md), the workspace's currency. */
  brought: z.object({ visits: z.int(), signups: z.number(), revenue: money }),
});

/** Posts by the filters, last changed first. */
export async function listPosts(
  { tx }: Inside,
  input: z.output<typeof listInput>,
): Promise<{ posts: z.input<typeof listedPost>[]; cursor: string | null }> {
  let query = tx
    .selectFrom('posts')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .select(['posts.id', 'posts.appId', 'posts.title', 'posts.status', 'posts.kind', 'posts.source', 'posts.version'])
    .select(['posts.proposedFor', 'posts.updatedAt', 'posts.campaignId', 'campaigns.name', 'campaigns.colour'])
    .select([
      sql<string[]>`array(select platform from post_variants v where v.post_id = posts.id order by platform)`.as(
        'platforms',
      ),
      firstText,
      sql<number>`coalesce((select max(p.position) + 1 from parts p join post_variants v on v.id = p.variant_id where v.post_id = posts.id), 0)`.as(
        'threadLength',
      ),
      sql<number>`(select count(*) from claims c join parts p on p.id = c.part_id join post_variants v on v.id = p.variant_id where v.post_id = posts.id and c.unsupported_reason is not null)`.as(
        'unsupported',
      ),
      sql<Date | null>`(select min(due_at) from publications b where b.post_id = posts.id and b.state in ('scheduled', 'publishing', 'asking'))`.as(
        'nextDueAt',
      ),
      sql<Date | null>`(select min(published_at) from publications b where b.post_id = posts.id)`.as('publishedAt'),
      ...brought,
    ])
    .orderBy('posts.updatedAt', 'desc')
    .orderBy('posts.id', 'desc')
    .limit(input.limit);
  if (input.appId) query = query.where('posts.appId', '=', input.appId);
  query = input.source ? query.where('posts.source', '=', input.source) : query.where('posts.source', '<>', 'reply');
  if (input.status) query = query.where('posts.status', '=', input.status);
  if (input.campaignId) query = query.where('posts.campaignId', '=', input.campaignId);
  if (input.search) {
    const pattern = `%${input.search.replaceAll(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) =>
      eb.or([
        eb('posts.title', 'ilike', pattern),
        eb.exists(
          eb
            .selectFrom('parts')
            .innerJoin('postVariants', 'postVariants.id', 'parts.variantId')
            .select('parts.id')
            .whereRef('postVariants.postId', '=', 'posts.id')
            .where('parts.text', 'ilike', pattern),
        ),
      ]),
    );
  }
  if (input.cursor) {
    const { at, postId } = readCursor(input.cursor);
    query = query.where((eb) =>
      eb.or([eb('posts.updatedAt', '<', at), eb.and([eb('posts.updatedAt', '=', at), eb('posts.id', '<', postId)])]),
    );
  }
  const rows = await query.execute();
  const last = rows.at(-1);
  return {
    posts: rows.map(
      ({ campaignId, name, colour, firstText: text, visits, signups, revenueMinor, currency, ...row }) => ({
        ...row,
        brought: { visits, signups, revenue: { minor: revenueMinor, currency } },
        campaign: campaignId ? { id: campaignId, name: name ?? '', colour: colour ?? 1 } : null,
        firstLine: firstLineOf(text ?? ''),
      }),
    ),
    cursor: rows.length === input.limit && last ? `${last.updatedAt.toISOString()}_${last.id}` : null,
  };
}

const credited = (what: string, kind: string) =>
  sql.raw(`(select ${what} from credits c join conversions v on v.id = c.conversion_id
    where c.post_id = posts.id and v.kind = '${kind}' and c.model = coalesce(
      (select attribution_model from tracking_settings t where t.app_id = posts.app_id), 'last_non_direct')`);

/** Read from the later stages' tables: a list of posts that does not say what they brought is half a list. */
const brought = [
  sql<number>`(select coalesce(sum(visits), 0)::integer from traffic_days t
    where t.app_id = posts.app_id and t.dimension = 'post' and t.value = posts.id::text)`.as('visits'),
  sql<number>`${credited('coalesce(sum(c.share), 0)::float8', 'signup')})`.as('signups'),
  sql<string>`${credited('coalesce(sum(c.net_minor), 0)::text', 'purchase')}
    and c.currency = (select currency from workspaces w where w.id = posts.workspace_id))`.as('revenueMinor'),
  sql<string>`(select currency from workspaces w where w.id = posts.workspace_id)`.as('currency'),
] as const;

/** The text of the first part of a post's first variant, for one row of a list. */
export const firstText = sql<
  string | null
>`(select p.text from parts p join post_variants v on v.id = p.variant_id where v.post_id = posts.id order by p.position, v.position, v.platform limit 1)`.as(
  'firstText',
);

function readCursor(cursor: string): { at: Date; postId: string } {
  const [iso = '', postId = ''] = cursor.split('_');
  const at = new Date(iso);
  if (Number.isNaN(at.getTime()) || !id.safeParse(postId).success)
    throw refuse('invalid', 'cursor', 'This is not a cursor from the page before. Start again without one.');
  return { at, postId };
}
