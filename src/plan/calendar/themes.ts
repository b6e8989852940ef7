import { sql } from 'kysely';
import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';

/** Posts with a theme that there have to be before shares are spoken of: below, one post moves a share by an eighth. */
const LEAST = 8;
/** How far a share may be off before it is worth a word, and by how many posts at least. */
const OFF = 0.15;
const POSTS_OFF = 2;
/** Around today, in days: what readers have just seen and what is planned for them. */
const BEHIND = 28;
const AHEAD = 14;

export const themeBalance = z.object({
  /** From four weeks ago to two weeks ahead. */
  from: z.date(),
  to: z.date(),
  /** Posts that went out, wait or are proposed in that time and have a theme; and those that have none. */
  posts: z.int(),
  untagged: z.int(),
  themes: z.array(
    z.object({
      id,
      name: z.string(),
      /** Of all posts, by the strategy; 0 to 1. */
      wanted: z.number(),
      /** Null below the floor. */
      actual: z.number().nullable(),
      posts: z.int(),
      verdict: z.enum(['on', 'over', 'under']).nullable(),
    }),
  ),
  /** What is missing before shares can be compared. */
  missing: z.object({ have: z.int(), need: z.int() }).nullable(),
  /** The theme whose turn it is: the one furthest below its share. */
  next: z.object({ id, name: z.string() }).nullable(),
  message: z.string().nullable(),
});
export type ThemeBalance = z.output<typeof themeBalance>;

/** How often each theme comes up around today, against the shares that the strategy wants. */
export async function balanceOf(inside: Inside, appId: string): Promise<ThemeBalance> {
  await appOf(inside, appId);
  const now = inside.clock.now();
  const from = new Date(now.getTime() - BEHIND * 864e5);
  const to = new Date(now.getTime() + AHEAD * 864e5);
  const themes = await inside.tx
    .selectFrom('contentThemes')
    .select(['id', 'name', 'share'])
    .where('appId', '=', appId)
    .where('share', '>', 0)
    .orderBy('share', 'desc')
    .orderBy('name')
    .execute();
  const rows = await inside.tx
    .selectFrom('posts')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('publications')
          .select(sql<Date>`min(coalesce(published_at, due_at))`.as('at'))
          .whereRef('publications.postId', '=', 'posts.id')
          .where('publications.state', 'in', ['scheduled', 'asking', 'publishing', 'published'])
          .as('going'),
      (join) => join.onTrue(),
    )
    .select((eb) => ['posts.themeId', eb.fn.countAll<number>().as('posts')])
    .where('posts.appId', '=', appId)
    .where('posts.source', '<>', 'reply')
    .where('posts.status', 'not in', ['withdrawn', 'failed'])
    .where(sql<Date>`coalesce(going.at, posts.proposed_for)`, '>=', from)
    .where(sql<Date>`coalesce(going.at, posts.proposed_for)`, '<', to)
    .groupBy('posts.themeId')
    .execute();
  const countOf = (themeId: string | null) => Number(rows.find((row) => row.themeId === themeId)?.posts ?? 0);
  const posts = themes.reduce((sum, theme) => sum + countOf(theme.id), 0);
  const all = rows.reduce((sum, row) => sum + Number(row.posts), 0);
  const enough = posts >= LEAST && themes.length > 1;
  const shown = themes.map((theme) => {
    const own = countOf(theme.id);
    const actual = enough ? own / posts : null;
    const off = actual === null ? 0 : actual - theme.share;
    const far = Math.abs(off) > OFF && Math.abs(own - theme.share * posts) >= POSTS_OFF;
    const verdict = !enough ? null : !far ? ('on' as const) : off > 0 ? ('over' as const) : ('under' as const);
    return { id: theme.id, name: theme.name, wanted: theme.share, actual, posts: own, verdict };
  });
  // What is furthest behind after one more post; before there is enough, the largest share that has not had its turn.
  const [next] = [...shown].sort((a, b) => b.wanted * (posts + 1) - b.posts - (a.wanted * (posts + 1) - a.posts));
  return {
    from,
    to,
    posts,
    untagged: all - posts,
    themes: shown,
    missing: themes.length > 1 && !enough ? { have: posts, need: LEAST } : null,
    next: next ? { id: next.id, name: next.name } : null,
    message: messageOf(shown),
  };
}

/** A gentle word for a post whose theme has had more than its share already; null when there is nothing to say. */
export async function themeWarning(inside: Inside, appId: string, themeId: string | null): Promise<string | null> {
  if (themeId === null) return null;
  const balance = await balanceOf(inside, appId);
  const theme = balance.themes.find((one) => one.id === themeId);
  if (theme?.verdict !== 'over' || theme.actual === null) return null;
  const instead = balance.next && balance.next.id !== themeId ? ` “${balance.next.name}” would be due.` : '';
  return `“${theme.name}” is the theme of ${theme.posts} of ${balance.posts} posts around today (${percent(theme.actual)}; the strategy wants ${percent(theme.wanted)}).${instead}`;
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

function messageOf(themes: readonly { name: string; wanted: number; actual: number | null; verdict: string | null }[]) {
  const words = themes.flatMap(({ name, wanted, actual, verdict }) =>
    actual !== null && (verdict === 'over' || verdict === 'under')
      ? [`“${name}” has ${percent(actual)} of the posts instead of ${percent(wanted)}`]
      : [],
  );
  return words.length > 0 ? `${words.join('; ')}.` : null;
}
