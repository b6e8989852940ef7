import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { returnsBy } from '#src/measure/returns/by.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn } from '#src/plan/times.ts';
import type { NewAlert } from './raise.ts';

/**
 * posts: one doing unusually well at its age. mentions: by a large account. payback: a channel that pays back soon.
 * keywords: phrases only competitors use. changes: an insight that goes up.
 */
export const opportunities = ['posts', 'mentions', 'payback', 'keywords', 'changes'] as const;
export type Opportunity = (typeof opportunities)[number];

export type Found = Pick<
  NewAlert,
  'subject' | 'title' | 'body' | 'usual' | 'advice' | 'since' | 'value' | 'path' | 'dedupe' | 'rows'
>;

/**
 * What was found since a moment, oldest first. `bar`: posts, how many times what is usual; mentions, followers; payback,
 * months. The same thing has the same `dedupe` whenever it is asked.
 */
export async function pastOpportunities(
  inside: Inside,
  appId: string,
  which: Opportunity,
  bar: number,
  since: Date,
): Promise<Found[]> {
  switch (which) {
    case 'posts':
      return standouts(await readLooks(inside, appId, since), bar, since);
    case 'mentions':
      return mentionsOf(inside, appId, bar, since);
    case 'payback':
      return soonPaidBack(inside, appId, bar);
    case 'keywords':
      return gapsOf(inside, appId, since);
    case 'changes':
      return risesOf(inside, appId, since);
  }
}

/** A post and how much it had when it was looked at: likes, replies, reposts, quotes and bookmarks. */
export type Looked = {
  postId: string;
  accountId: string;
  title: string;
  publishedAt: Date;
  looks: { at: Date; engagement: number }[];
};

const hourMs = 3_600_000;
/** Later, it is history; earlier, it is luck. */
const [youngest, oldest] = [hourMs, 72 * hourMs];
const othersNeeded = 8;
const engagementNeeded = 10;
const daysCompared = 90;

/**
 * Posts that have at least `bar` times the median of what the account's earlier posts had at the same age, and more than
 * 19 of 20 of them. Counted where the post is still young; each once, at the first look that shows it.
 */
export function standouts(posts: readonly Looked[], bar: number, since: Date): Found[] {
  const inOrder = [...posts].sort((a, b) => a.publishedAt.getTime() - b.publishedAt.getTime());
  return inOrder.flatMap((post, index) => {
    const published = post.publishedAt.getTime();
    const earlier = inOrder
      .slice(0, index)
      .filter(
        (one) => one.accountId === post.accountId && published - one.publishedAt.getTime() < daysCompared * 24 * hourMs,
      );
    for (const { at, engagement } of post.looks) {
      const age = at.getTime() - published;
      if (at < since || age < youngest || age > oldest || engagement < engagementNeeded) continue;
      const others = earlier.flatMap((one) => engagementAt(one, age) ?? []).sort((a, b) => a - b);
      if (others.length < othersNeeded) continue;
      const middle = medianOf(others);
      const higher = others.filter((one) => one >= engagement).length;
      if (engagement < bar * Math.max(1, middle) || higher > others.length * 0.05) continue;
      return [found(post, { at, engagement, middle, others, age })];
    }
    return [];
  });
}

function found(
  { postId, title }: Looked,
  {
    at,
    engagement,
    middle,
    others,
    age,
  }: { at: Date; engagement: number; middle: number; others: number[]; age: number },
): Found {
  const hours = Math.max(1, Math.round(age / hourMs));
  return {
    subject: `post:${postId}`,
    title: `“${title}” is doing unusually well`,
    body: `After ${hours} ${hours === 1 ? 'hour' : 'hours'} it has ${engagement} likes, replies, reposts and bookmarks; the account’s posts usually have ${whole(middle)} by then.`,
    usual: `More than ${others.filter((one) => one < engagement).length} of the ${others.length} earlier posts at the same age.`,
    advice: 'Answer the replies now, add a link in a reply, and plan a second post on the same thought.',
    since: at,
    value: engagement,
    path: `/posts/${postId}`,
    dedupe: `post:${postId}`,
    rows: [
      { label: 'This post', table: 'posts', rowId: postId, value: engagement },
      { label: `Median of ${others.length} earlier posts at that age`, table: 'metric_snapshots', value: middle },
    ],
  };
}

/** What a post had at an age: at its last look until then, if that was not much earlier. */
function engagementAt({ publishedAt, looks }: Looked, age: number): number | null {
  const until = publishedAt.getTime() + age;
  const last = looks.findLast(({ at }) => at.getTime() <= until);
  return last && until - last.at.getTime() <= Math.max(2 * hourMs, age / 2) ? last.engagement : null;
}

async function readLooks(inside: Inside, appId: string, since: Date): Promise<Looked[]> {
  const from = new Date(since.getTime() - oldest - daysCompared * 24 * hourMs);
  const { rows } = await sql<Omit<Looked, 'looks'> & { at: Date; engagement: number }>`
    select p.id as post_id, u.account_id, p.title, u.published_at, s.taken_at as at,
      (coalesce(s.likes, 0) + coalesce(s.replies, 0) + coalesce(s.reposts, 0) + coalesce(s.quotes, 0) + coalesce(s.bookmarks, 0))::float8 as engagement
    from publications u
    join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
    join publication_parts t on t.workspace_id = u.workspace_id and t.publication_id = u.id and t.position = 0
    join metric_snapshots s on s.workspace_id = u.workspace_id and s.publication_part_id = t.id
    where p.app_id = ${appId} and u.published_at >= ${from} and s.taken_at >= ${from}
      and s.taken_at <= u.published_at + interval '72 hours'
    order by s.taken_at`.execute(inside.tx);
  return [...Map.groupBy(rows, ({ postId, accountId }) => `${postId} ${accountId}`).values()].map((own) => {
    const { postId, accountId, title, publishedAt } = own[0]!;
    return { postId, accountId, title, publishedAt, looks: own.map(({ at, engagement }) => ({ at, engagement })) };
  });
}

async function mentionsOf(inside: Inside, appId: string, bar: number, since: Date): Promise<Found[]> {
  const { rows } = await sql<{
    id: string;
    contactId: string;
    handle: string;
    followers: number;
    kind: string;
    text: string;
    receivedAt: Date;
  }>`
    select i.id, c.id as contact_id, c.handle, c.followers::float8 as followers, i.kind, i.text, i.received_at
    from inbox_items i
    join contacts c on c.workspace_id = i.workspace_id and c.id = i.contact_id
    left join publications u on u.workspace_id = i.workspace_id and u.id = i.publication_id
    left join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
    where i.kind in ('reply', 'mention', 'quote') and i.received_at >= ${since} and c.followers >= ${bar}
      -- What answers no post of ours is told once, with the oldest app, not with each.
      and coalesce(p.app_id, (select id from apps where status = 'active' order by created_at, id limit 1)) = ${appId}
    order by i.received_at`.execute(inside.tx);
  return rows.map((row) => ({
    subject: `mention:${row.contactId}`,
    title: `@${row.handle} speaks of you to ${row.followers.toLocaleString('en')} followers`,
    body: `${row.kind === 'reply' ? 'A reply' : row.kind === 'quote' ? 'A quote' : 'A mention'}: “${shortened(row.text, 200)}”`,
    usual: null,
    advice: 'Answer soon: what is said in the first hours is read by most of them.',
    since: row.receivedAt,
    value: row.followers,
    path: '/inbox',
    dedupe: `mention:${row.id}`,
    rows: [
      { label: `Followers of @${row.handle}`, table: 'contacts', rowId: row.contactId, value: row.followers },
      { label: 'What was written', table: 'inbox_items', rowId: row.id },
    ],
  }));
}

async function soonPaidBack(inside: Inside, appId: string, bar: number): Promise<Found[]> {
  const { rows } = await returnsBy(inside, { appId, by: 'channel', range: '90d', compare: 'none', limit: 50 });
  const now = inside.clock.now();
  const { timeZone } = await workspaceOf(inside);
  return rows.flatMap(({ key, name, ratios, customers }) => {
    const months = ratios.paybackMonths.value;
    if (key === '' || months === null || months >= bar) return [];
    return [
      {
        subject: `channel:${key}`,
        title: `${name} pays back within ${months < 1 ? 'a month' : `${months.toFixed(1)} months`}`,
        body: `A new customer from there has paid for being won after ${months.toFixed(1)} months (last 90 days, ${whole(customers)} new customers).`,
        usual: null,
        advice: 'Spend a little more there for two weeks and see whether it stays so.',
        since: now,
        value: months,
        path: '/returns',
        // Once a month as long as it holds.
        dedupe: `payback:${key}:${dayIn(timeZone, now).slice(0, 7)}`,
        rows: [{ label: 'Months until paid back', table: 'credits', value: Math.round(months * 100) / 100 }],
      },
    ];
  });
}

async function gapsOf(inside: Inside, appId: string, since: Date): Promise<Found[]> {
  const { timeZone } = await workspaceOf(inside);
  const rows = await inside.tx
    .selectFrom('keywords')
    .select(['id', 'phrase', 'score', 'foundAt'])
    .where('appId', '=', appId)
    .where('source', '=', 'competitors')
    .where('state', '=', 'proposed')
    .where('foundAt', '>=', since)
    .orderBy('score', 'desc')
    .execute();
  const days = [...Map.groupBy(rows, ({ foundAt }) => dayIn(timeZone, foundAt))].sort(([a], [b]) => (a < b ? -1 : 1));
  return days.map(([day, own]) => ({
    subject: 'keywords',
    title: own.length === 1 ? 'A phrase that only competitors use' : `${own.length} phrases that only competitors use`,
    body: `New on their pages and on none of yours: ${own
      .slice(0, 5)
      .map(({ phrase }) => `“${phrase}”`)
      .join(', ')}${own.length > 5 ? ` and ${own.length - 5} more` : ''}.`,
    usual: null,
    advice: 'Decide which of them you want to be found for, and give that one a page.',
    since: own[0]!.foundAt,
    value: own.length,
    path: '/keywords',
    dedupe: `keywords:${day}`,
    rows: own
      .slice(0, 10)
      .map(({ id, phrase, score }) => ({ label: phrase, table: 'keywords', rowId: id, value: score })),
  }));
}

async function risesOf(inside: Inside, appId: string, since: Date): Promise<Found[]> {
  const rows = await inside.tx
    .selectFrom('insights')
    .select(['id', 'subject', 'sentence', 'foundAt'])
    .where('appId', '=', appId)
    .where('direction', '=', 'up')
    .where('kind', '<>', 'anomaly')
    .where('foundAt', '>=', since)
    .orderBy('foundAt')
    .execute();
  return rows.map((row) => ({
    subject: row.subject,
    title: 'A number goes up',
    body: row.sentence,
    since: row.foundAt,
    path: '/insights',
    dedupe: `insight:${row.id}`,
    rows: [{ label: 'The finding and its rows', table: 'insights', rowId: row.id }],
  }));
}

function medianOf(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)]! : (sorted[half - 1]! + sorted[half]!) / 2;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

function shortened(text: string, most: number): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}
