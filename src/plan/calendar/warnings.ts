import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { NEAR_DUPLICATE } from '#src/plan/posts/problems.ts';
import { LINK } from '#src/plan/posts.ts';
import { dayIn } from '#src/plan/times.ts';
import { resemblance } from '#src/plan/writing/index.ts';

/** More than that on one account and day, and followers grow tired of it. */
const MOST_A_DAY = 3;
/** Posts that lead to the same page should lie half a day apart: a daily post with the app's address is no nuisance. */
const SAME_LINK_HOURS = 12;
const NEAR_DUPLICATE_DAYS = 7;

export const calendarWarning = z.object({
  kind: z.enum(['many_in_a_day', 'same_link', 'near_duplicate']),
  account: z.object({ id, platform: z.string(), handle: z.string() }),
  /** Local to the calendar. */
  day: z.string(),
  publicationIds: z.array(id),
  message: z.string(),
});
export type CalendarWarning = z.output<typeof calendarWarning>;

type Going = {
  id: string;
  postId: string;
  at: Date;
  day: string;
  waits: boolean;
  title: string;
  text: string;
  links: string[];
  account: CalendarWarning['account'];
};

/** What would tire or annoy the followers of an account between two moments: only where something still waits. */
export async function warningsBetween(
  inside: Inside,
  range: { from: Date; to: Date; timeZone: string },
): Promise<CalendarWarning[]> {
  const all = await goingOut(inside, range);
  const warnings: CalendarWarning[] = [];
  for (const own of Map.groupBy(all, (one) => one.account.id).values()) {
    for (const [day, ofDay] of Map.groupBy(own, (one) => one.day)) {
      const [first] = ofDay;
      if (first && ofDay.length > MOST_A_DAY)
        warnings.push(
          warning('many_in_a_day', day, ofDay, `${ofDay.length} posts on @${first.account.handle} in one day.`),
        );
    }
    for (const [at, later] of own.entries())
      for (const before of own.slice(0, at)) {
        const hours = (later.at.getTime() - before.at.getTime()) / 36e5;
        if (hours > NEAR_DUPLICATE_DAYS * 24) continue;
        const pair = [before, later];
        const names = `“${short(before.title)}” and “${short(later.title)}”`;
        const handle = `@${later.account.handle}`;
        if (hours < SAME_LINK_HOURS && later.links.some((link) => before.links.includes(link)))
          warnings.push(
            warning('same_link', later.day, pair, `${names} bring the same link to ${handle} within half a day.`),
          );
        if (before.postId !== later.postId && resemblance(before.text, later.text) >= NEAR_DUPLICATE)
          warnings.push(
            warning('near_duplicate', later.day, pair, `${names} read alike and go out on ${handle} within a week.`),
          );
      }
  }
  const ids = new Set(all.filter((one) => one.waits && one.at >= range.from && one.at < range.to).map((one) => one.id));
  return warnings
    .filter((one) => one.publicationIds.some((publicationId) => ids.has(publicationId)))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

function short(title: string): string {
  return title.length <= 50 ? title : `${title.slice(0, 48).replace(/\s+\S*$/, '')}…`;
}

function warning(kind: CalendarWarning['kind'], day: string, of: readonly Going[], message: string): CalendarWarning {
  const account = of[0]?.account ?? { id: '', platform: '', handle: '' };
  return { kind, account, day, publicationIds: of.map((one) => one.id), message };
}

/** What goes out and went out around the range, as it reads on its platform, by time. */
async function goingOut(inside: Inside, range: { from: Date; to: Date; timeZone: string }): Promise<Going[]> {
  const around = NEAR_DUPLICATE_DAYS * 864e5;
  const at = sql<Date>`coalesce(publications.published_at, publications.due_at)`;
  const rows = await inside.tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select([
      'publications.id',
      'publications.postId',
      'publications.state',
      at.as('at'),
      'posts.title',
      'posts.linkUrl',
    ])
    .select(['accounts.id as accountId', 'accounts.platform', 'accounts.handle'])
    .select(
      sql<string>`coalesce((select string_agg(p.text, chr(10) order by p.position) from parts p where p.variant_id = (
        select v.id from post_variants v where v.post_id = posts.id
        order by v.platform = accounts.platform desc, v.position, v.platform limit 1)), '')`.as('text'),
    )
    .where('publications.state', 'in', ['scheduled', 'publishing', 'asking', 'published'])
    .where('posts.source', '<>', 'reply')
    .where(at, '>=', new Date(range.from.getTime() - around))
    .where(at, '<', new Date(range.to.getTime() + around))
    .orderBy(at)
    .limit(3000)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    postId: row.postId,
    at: row.at,
    day: dayIn(range.timeZone, row.at),
    waits: row.state === 'scheduled' || row.state === 'asking',
    title: row.title,
    text: row.text,
    links: linksOf(row.text, row.linkUrl),
    account: { id: row.accountId, platform: row.platform, handle: row.handle },
  }));
}

/** The addresses a text leads to, in a form in which the same page is the same text. */
function linksOf(text: string, linkUrl: string | null): string[] {
  const written = text.match(/https?:\/\/[^\s<>"]+/g) ?? [];
  const all = text.includes(LINK) && linkUrl ? [...written, linkUrl] : written;
  return [
    ...new Set(
      all.map((url) =>
        url
          .replace(/[.,;:!?)]+$/, '')
          .replace(/#.*$/, '')
          .replace(/\/$/, ''),
      ),
    ),
  ];
}
