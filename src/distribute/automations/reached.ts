import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { can, type Metric, type PostRule } from './rule.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
/** What is looked at for a median, and shown as what a rule would have done, in days. */
export const LOOK_BACK = 90;
/** Fewer other posts than this are no median. */
export const ENOUGH = 5;

/** What a rule is asked about; `id` null before it is saved. */
export type Asked = { id: string | null; appId: string; accountId: string | null; rule: PostRule; since: Date };

/** A post that meets the rule's condition. `now`: the rule would act on it at its next look. */
export type Reached = {
  publicationId: string;
  postId: string;
  title: string;
  account: { id: string; platform: string; handle: string };
  publishedAt: Date;
  url: string | null;
  value: number;
  /** The median it was compared with. */
  median: number | null;
  now: boolean;
};

/** Posts of the last 90 days that meet the rule's condition, newest first. `since`: when the rule was switched on. */
export async function reached(inside: Inside, asked: Asked): Promise<Reached[]> {
  const rows = await rowsOf(inside, asked);
  const { rule } = asked;
  const now = inside.clock.now().getTime();
  return rows.flatMap((row) => {
    const adapter = inside.platforms.get(row.platform);
    if (row.appId !== asked.appId || row.value === null || !adapter || !can(adapter, rule.kind)) return [];
    if (asked.accountId !== null && row.accountId !== asked.accountId) return [];
    const median = rule.kind === 'auto_repost' && rule.atLeast === null ? medianOfOthers(rows, row) : null;
    if (!meets(rule, row.value, median)) return [];
    const { publicationId, postId, title, publishedAt, url, value } = row;
    return [
      {
        publicationId,
        postId,
        title,
        account: { id: row.accountId, platform: row.platform, handle: row.handle },
        publishedAt,
        url,
        value,
        median,
        now: !row.acted && isInTime(rule, publishedAt.getTime(), now, asked.since.getTime()),
      },
    ];
  });
}

/** Why the rule acted, in a sentence. */
export function causeOf(rule: PostRule, one: Pick<Reached, 'value' | 'median'>): string {
  const counted = `${one.value.toLocaleString('en')} ${words[rule.metric]}`;
  if (rule.kind === 'auto_delete' || rule.kind === 'auto_archive')
    return `${counted} after ${days(rule.afterDays)}; the rule asks for ${rule.below.toLocaleString('en')}.`;
  if (rule.kind === 'auto_repost' && rule.atLeast === null)
    return `${counted} after ${rule.afterHours} hours; the median of the other posts is ${one.median?.toLocaleString('en')}.`;
  return `${counted}; the rule asks for ${rule.atLeast?.toLocaleString('en')} within ${days(rule.withinDays)}.`;
}

const words: Record<Metric, string> = {
  impressions: 'impressions',
  likes: 'likes',
  replies: 'replies',
  reposts: 'reposts',
  bookmarks: 'bookmarks',
  link_clicks: 'link clicks',
};

function days(count: number): string {
  return count === 1 ? 'a day' : `${count} days`;
}

type Row = {
  publicationId: string;
  postId: string;
  appId: string;
  title: string;
  accountId: string;
  platform: string;
  handle: string;
  publishedAt: Date;
  url: string | null;
  value: number | null;
  acted: boolean;
};

async function rowsOf(inside: Inside, { id, rule }: Asked): Promise<Row[]> {
  const from = new Date(inside.clock.now().getTime() - LOOK_BACK * DAY);
  const column = sql.ref(`s.${rule.metric}`);
  const { when, order } = momentOf(rule);
  // Removed posts still count for the median: they were as good or bad as the others.
  const { rows } = await sql<Row & { value: string | number | null }>`
    select p.id as publication_id, p.post_id, posts.app_id, posts.title, p.account_id, a.platform, a.handle,
      part.published_at, part.platform_url as url, m.value,
      (p.state <> 'published' or p.removed_at is not null or a.status <> 'connected'
        or ${rule.kind === 'auto_archive' ? sql`p.archived_at is not null` : sql`false`}
        or ${rule.kind === 'auto_plug' ? sql`exists (select from publication_parts plug where plug.publication_id = p.id and plug.origin = 'plug')` : sql`false`}
        or exists (select from automation_runs r where r.automation_id = ${id}::uuid and r.dedupe = 'publication:' || p.id)
      ) as acted
    from publications p
    join posts on posts.id = p.post_id
    join accounts a on a.id = p.account_id
    join publication_parts part on part.publication_id = p.id and part.position = 0 and part.state = 'confirmed'
    left join lateral (
      select ${column} as value from metric_snapshots s
      where s.publication_part_id = part.id and ${when}
      order by s.taken_at ${order} limit 1
    ) m on true
    where p.published_at > ${from} and p.reply_to is null and part.published_at is not null
    order by part.published_at desc
    limit 5000`.execute(inside.tx);
  return rows.map((row) => ({ ...row, value: row.value === null ? null : Number(row.value) }));
}

/**
 * Which snapshot decides. A low number is judged by the first one after so many days, so that numbers that could not be
 * read for a while never count as few; a median compares all posts at the same age.
 */
function momentOf(rule: PostRule) {
  const age = (hours: number) => sql`part.published_at + make_interval(hours => ${hours}::integer)`;
  if (rule.kind === 'auto_delete' || rule.kind === 'auto_archive')
    return { when: sql`s.taken_at >= ${age(rule.afterDays * 24)}`, order: sql`asc` };
  if (rule.kind === 'auto_repost' && rule.atLeast === null)
    return {
      when: sql`s.taken_at <= ${age(rule.afterHours)} and s.taken_at >= ${age(Math.floor(rule.afterHours / 2))}`,
      order: sql`desc`,
    };
  return { when: sql`s.taken_at <= ${age(rule.withinDays * 24)}`, order: sql`desc` };
}

function meets(rule: PostRule, value: number, median: number | null): boolean {
  if (rule.kind === 'auto_delete' || rule.kind === 'auto_archive') return value < rule.below;
  if (rule.atLeast !== null) return value >= rule.atLeast;
  return rule.kind === 'auto_repost' && median !== null && value > median * rule.timesMedian;
}

/** Old posts are left alone, and a rule that removes or archives only judges what came of age since it is on. */
function isInTime(rule: PostRule, publishedAt: number, now: number, since: number): boolean {
  if (rule.kind === 'auto_delete' || rule.kind === 'auto_archive')
    return publishedAt + rule.afterDays * DAY >= since && publishedAt + rule.afterDays * DAY <= now;
  const old = publishedAt + rule.withinDays * DAY < now;
  return !old && (rule.kind === 'auto_plug' || publishedAt + rule.afterHours * HOUR <= now);
}

function medianOfOthers(rows: readonly Row[], of: Row): number | null {
  const values = rows
    .filter((row) => row.accountId === of.accountId && row.publicationId !== of.publicationId)
    .flatMap(({ value }) => (value === null ? [] : [value]))
    .sort((a, b) => a - b);
  if (values.length < ENOUGH) return null;
  const middle = Math.floor(values.length / 2);
  return values.length % 2 === 1 ? (values[middle] ?? 0) : ((values[middle - 1] ?? 0) + (values[middle] ?? 0)) / 2;
}
