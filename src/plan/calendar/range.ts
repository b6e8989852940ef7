import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { id, instant } from '#src/operation.ts';
import { isTimeZone, workspaceOf } from '#src/people/workspaces.ts';
import { publicationStates } from '#src/plan/posts/read.ts';
import { firstLineOf, firstText } from '#src/plan/posts.ts';
import { dayIn, timeIn } from '#src/plan/times.ts';
import { templateKinds } from '#src/plan/writing/index.ts';
import { refuse } from '#src/refusal.ts';
import { type CalendarWarning, warningsBetween } from './warnings.ts';

const MAX_DAYS = 400;

export const rangeInput = z.strictObject({
  from: instant,
  to: instant,
  appId: id.optional(),
  campaignId: id.optional(),
  /** Whose days are meant; the workspace's own zone when left out. */
  timeZone: z.string().refine(isTimeZone, 'This is not an IANA time zone such as Europe/Berlin.').optional(),
  /** Answers written in the inbox as well. */
  replies: z.boolean().default(false),
});
type Range = z.output<typeof rangeInput>;
export const calendarItem = z.object({
  /** `publication`: moved with publications.reschedule. `draft`: moved with calendar.move. */
  kind: z.enum(['publication', 'draft']),
  publicationId: id.nullable(),
  postId: id,
  at: z.date(),
  day: z.string(),
  time: z.string(),
  status: z.enum([...publicationStates, 'draft', 'in_review', 'approved']),
  reason: z.string().nullable(),
  title: z.string(),
  postKind: z.enum(templateKinds).nullable(),
  firstLine: z.string(),
  threadLength: z.int(),
  platforms: z.array(z.string()),
  account: z.object({ id, platform: z.string(), handle: z.string(), name: z.string() }).nullable(),
  campaign: z.object({ id, name: z.string(), colour: z.int() }).nullable(),
  /** Visits of people that came by the post so far. */
  visits: z.int(),
  /** The recurrence whose day this is. */
  recurrenceId: id.nullable(),
  /** It comes again: by itself, for a slot that would have stayed empty (a publication), or it may (a draft). */
  evergreen: z.boolean(),
});
type Item = z.input<typeof calendarItem>;

/** What went out, goes out and is proposed between two moments, in order, by the days of a zone. */
export async function calendarRange(
  context: Context,
  input: Range,
): Promise<{ timeZone: string; items: Item[]; warnings: CalendarWarning[] }> {
  if (input.to <= input.from) throw refuse('invalid', 'range', 'The end lies before the beginning. Swap them.');
  if (input.to.getTime() - input.from.getTime() > MAX_DAYS * 864e5)
    throw refuse('invalid', 'range', `A calendar shows at most ${MAX_DAYS} days at once.`);
  return transaction(context, async (inside) => {
    const timeZone = input.timeZone ?? (await workspaceOf(inside)).timeZone;
    const items = [...(await publications(inside, input)), ...(await drafts(inside, input))];
    return {
      timeZone,
      warnings: await warningsBetween(inside, { from: input.from, to: input.to, timeZone }),
      items: items
        .map((item) => ({ ...item, day: dayIn(timeZone, item.at), time: timeIn(timeZone, item.at) }))
        .sort((a, b) => a.at.getTime() - b.at.getTime() || (a.title < b.title ? -1 : 1)),
    };
  });
}

type Undated = Omit<Item, 'day' | 'time'>;

async function publications(inside: Inside, input: Range): Promise<Undated[]> {
  const at = sql<Date>`coalesce(publications.published_at, publications.due_at)`;
  const rows = await posts(inside, input)
    .innerJoin('publications', 'publications.postId', 'posts.id')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['publications.id as publicationId', 'publications.state', 'publications.stateReason', at.as('at')])
    .select(['publications.recurrenceId', 'publications.evergreen'])
    .select(['accounts.id as accountId', 'accounts.platform', 'accounts.handle', 'accounts.name as accountName'])
    .where('publications.state', '<>', 'withdrawn')
    .where(at, '>=', input.from)
    .where(at, '<', input.to)
    .execute();
  return rows.map((row) => ({
    ...shared(row),
    kind: 'publication',
    publicationId: row.publicationId,
    at: row.at,
    status: row.state,
    reason: row.stateReason,
    platforms: [row.platform],
    recurrenceId: row.recurrenceId,
    evergreen: row.evergreen,
    account: { id: row.accountId, platform: row.platform, handle: row.handle, name: row.accountName },
  }));
}

async function drafts(inside: Inside, input: Range): Promise<Undated[]> {
  const rows = await posts(inside, input)
    .select(['posts.proposedFor', 'posts.status', 'posts.evergreen'])
    .select(
      sql<string[]>`array(select platform from post_variants v where v.post_id = posts.id order by platform)`.as(
        'platforms',
      ),
    )
    .where('posts.status', 'in', ['draft', 'in_review', 'approved'])
    .where('posts.proposedFor', '>=', input.from)
    .where('posts.proposedFor', '<', input.to)
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('publications')
            .select('publications.id')
            .whereRef('publications.postId', '=', 'posts.id')
            .where('publications.state', 'in', ['scheduled', 'publishing', 'asking']),
        ),
      ),
    )
    .execute();
  return rows.flatMap((row) =>
    row.proposedFor
      ? {
          ...shared(row),
          kind: 'draft' as const,
          publicationId: null,
          at: row.proposedFor,
          status: row.status === 'approved' || row.status === 'in_review' ? row.status : ('draft' as const),
          recurrenceId: null,
          evergreen: row.evergreen,
          reason: null,
          platforms: row.platforms,
          account: null,
        }
      : [],
  );
}

function posts({ tx }: Inside, input: Range) {
  return tx
    .selectFrom('posts')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .select(['posts.id as postId', 'posts.title', 'posts.kind as postKind', 'posts.campaignId'])
    .select(['campaigns.name as campaignName', 'campaigns.colour', firstText])
    .select([
      sql<number>`coalesce((select max(p.position) + 1 from parts p join post_variants v on v.id = p.variant_id where v.post_id = posts.id), 0)`.as(
        'threadLength',
      ),
      sql<number>`(select count(*) from visits s where s.workspace_id = posts.workspace_id and s.post_id = posts.id and s.agent_class = 'human')`.as(
        'visits',
      ),
    ])
    .$if(!input.replies, (query) => query.where('posts.source', '<>', 'reply'))
    .$if(input.appId !== undefined, (query) => query.where('posts.appId', '=', input.appId ?? ''))
    .$if(input.campaignId !== undefined, (query) => query.where('posts.campaignId', '=', input.campaignId ?? ''));
}

function shared(row: {
  postId: string;
  title: string;
  postKind: Item['postKind'];
  firstText: string | null;
  threadLength: number;
  visits: number;
  campaignId: string | null;
  campaignName: string | null;
  colour: number | null;
}) {
  return {
    postId: row.postId,
    title: row.title,
    postKind: row.postKind,
    firstLine: firstLineOf(row.firstText ?? ''),
    threadLength: row.threadLength,
    visits: row.visits,
    campaign: row.campaignId ? { id: row.campaignId, name: row.campaignName ?? '', colour: row.colour ?? 1 } : null,
  };
}
