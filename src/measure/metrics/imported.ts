import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

export const counters = [
  'impressions',
  'views',
  'likes',
  'replies',
  'reposts',
  'quotes',
  'bookmarks',
  'linkClicks',
  'profileClicks',
  'follows',
] as const;
export type Counter = (typeof counters)[number];

/** A part's final numbers as another place has them; a counter it does not tell is left out. */
export type ImportedMetrics = { publicationPartId: string; postId: string; at: Date } & Partial<
  Record<Counter, number>
>;

/**
 * Keeps final numbers of published parts. Where newer ones are known those stay; what only one side tells is kept.
 * Returns how many were new or changed.
 */
export async function keepImportedMetrics(
  { tx, workspaceId }: Inside,
  metrics: readonly ImportedMetrics[],
): Promise<number> {
  if (metrics.length === 0) return 0;
  const told = await tx
    .insertInto('postMetrics')
    .values(
      metrics.map(({ publicationPartId, postId, at, ...counts }) => ({
        workspaceId,
        publicationPartId,
        postId,
        takenAt: at,
        ...counts,
        final: true,
        nextLookAt: null,
      })),
    )
    .onConflict((oc) =>
      oc
        .columns(['workspaceId', 'publicationPartId'])
        .doUpdateSet((eb) =>
          Object.fromEntries([
            ...counters.map((name) => [name, eb.fn.coalesce(`excluded.${name}`, `postMetrics.${name}`)]),
            ['takenAt', eb.ref('excluded.takenAt')],
          ]),
        )
        .where(
          sql<boolean>`post_metrics.taken_at <= excluded.taken_at and (${sql.join(
            counters.map((name) => {
              const column = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
              return sql`coalesce(excluded.${sql.ref(column)} <> post_metrics.${sql.ref(column)}, excluded.${sql.ref(column)} is not null)`;
            }),
            sql` or `,
          )})`,
        ),
    )
    .returning('publicationPartId')
    .execute();
  return told.length;
}
