import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type Dimension, UNATTRIBUTED, WITHOUT } from './days.ts';

/** What money and people are put down to on the pages; hook, template and kind are those of the post. */
export const groupings = [
  'channel',
  'source',
  'campaign',
  'post',
  'hook',
  'template',
  'kind',
  'account',
  'affiliate',
  'link',
] as const;
export type Grouping = (typeof groupings)[number];

const ofPost = { hook: 'posts.hook', template: 'posts.template_id', kind: 'posts.kind' } as const;

/** The dimension a grouping is counted by. */
export function dimensionOf(by: Grouping): Dimension {
  return by in ofPost ? 'post' : (by as Dimension);
}

/**
 * Which group each value of the dimension belongs to: itself, or what its post says. `''` = credited, but to none of
 * these; `?` = unattributed.
 */
export async function groupsOf(
  { tx }: Inside,
  by: Grouping,
  values: readonly string[],
): Promise<(value: string) => string> {
  if (!(by in ofPost)) return (value) => value;
  const ids = values.filter((value) => value !== WITHOUT && value !== UNATTRIBUTED);
  if (ids.length === 0) return (value) => value;
  const column = sql.ref<string | null>(ofPost[by as keyof typeof ofPost]);
  const rows = await tx
    .selectFrom('posts')
    .select(['posts.id', sql<string | null>`${column}::text`.as('own')])
    .where('posts.id', 'in', ids)
    .execute();
  const known = new Map(rows.map((row) => [row.id, row.own ?? WITHOUT]));
  return (value) => (value === UNATTRIBUTED ? value : (known.get(value) ?? WITHOUT));
}

/** What the groups are called, and a quieter word beside it; those that are gone are left out. */
export async function namesOf(
  { tx }: Inside,
  by: Grouping | 'place',
  keys: readonly string[],
): Promise<Map<string, { name: string; note: string | null }>> {
  const ids = keys.filter((key) => key !== WITHOUT && key !== UNATTRIBUTED);
  const plain = () => new Map(ids.map((key) => [key, { name: by === 'kind' ? wordsOf(key) : key, note: null }]));
  if (ids.length === 0) return new Map();
  const named = (rows: readonly { id: string; name: string; note: string | null }[]) =>
    new Map(rows.map(({ id, ...row }) => [id, row]));
  const none = sql<string | null>`null::text`;
  switch (by) {
    case 'channel':
    case 'source':
    case 'hook':
    case 'kind':
      return plain();
    case 'post':
      return named(
        await tx
          .selectFrom('posts')
          .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
          .select(['posts.id', 'posts.title as name', 'campaigns.name as note'])
          .where('posts.id', 'in', ids)
          .execute(),
      );
    case 'campaign':
      return named(
        await tx
          .selectFrom('campaigns')
          .select(['id', 'name', none.as('note')])
          .where('id', 'in', ids)
          .execute(),
      );
    case 'place':
      return named(
        await tx.selectFrom('channels').select(['id', 'name', 'kind as note']).where('id', 'in', ids).execute(),
      );
    case 'template':
      return named(
        await tx
          .selectFrom('templates')
          .select(['id', 'name', none.as('note')])
          .where('id', 'in', ids)
          .execute(),
      );
    case 'account':
      return named(
        await tx
          .selectFrom('accounts')
          .select(['id', 'handle as name', 'platform as note'])
          .where('id', 'in', ids)
          .execute(),
      );
    case 'affiliate':
      return named(
        await tx.selectFrom('affiliates').select(['id', 'name', 'code as note']).where('id', 'in', ids).execute(),
      );
    case 'link':
      return named(
        await tx
          .selectFrom('links')
          .select(['id', 'code as name', 'destination as note'])
          .where('id', 'in', ids)
          .execute(),
      );
  }
}

/** `behind_the_scenes` → `Behind the scenes`. */
function wordsOf(key: string): string {
  const words = key.replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
