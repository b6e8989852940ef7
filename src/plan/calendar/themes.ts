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
  const [next] = inTurn(shown);
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

/**
 * Themes by whose turn it is: what is furthest behind its share after one more post. Before there is enough to compare,
 * that is the largest share that has not had its turn.
 */
export function inTurn<T extends { wanted: number; posts: number }>(themes: readonly T[]): T[] {
  const more = themes.reduce((sum, theme) => sum + theme.posts, 0) + 1;
  return [...themes].sort((a, b) => b.wanted * more - b.posts - (a.wanted * more - a.posts));
}

export type Turn<T> = { post: T; why: string };

/**
 * Posts in the order in which their themes are due, each counted before the next one is chosen; of a theme in the order
 * given, those without a theme last. With the reason for each.
 */
export function byTurn<T extends { themeId: string | null }>(balance: ThemeBalance, posts: readonly T[]): Turn<T>[] {
  const counts = balance.themes.map((theme) => ({ ...theme }));
  const left = [...posts];
  const turns: Turn<T>[] = [];
  while (left.length > 0) {
    const theme = inTurn(counts).find(({ id: themeId }) => left.some((post) => post.themeId === themeId));
    const at = theme ? left.findIndex((post) => post.themeId === theme.id) : 0;
    for (const post of left.splice(at, 1)) turns.push({ post, why: whyOf(balance, theme) });
    if (theme) theme.posts += 1;
  }
  return turns;

  function whyOf({ missing, themes }: ThemeBalance, theme: (typeof counts)[number] | undefined): string {
    if (!theme) return themes.length > 0 ? 'It has no theme, and no post of a theme waits.' : 'It waits longest.';
    if (themes.length < 2) return 'It waits longest.';
    if (missing)
      return `“${theme.name}” has not had its turn. Not enough data to compare shares: ${missing.have} of ${missing.need} posts with a theme.`;
    const all = counts.reduce((sum, one) => sum + one.posts, 0);
    const share = percent(theme.posts / all);
    const stands = `“${theme.name}” has ${theme.posts} of ${all} posts (${share}), the strategy wants ${percent(theme.wanted)}`;
    const [due] = inTurn(counts);
    return due && due.id !== theme.id ? `${stands}. “${due.name}” is due, but no post of it waits.` : `${stands}.`;
  }
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
