import type { Inside } from '#src/context.ts';
import { type Searched, searched } from './places.ts';

/** A page as it was last read, own or a competitor's. */
export type KnownPage = {
  pageId: string;
  url: string;
  kind: string;
  /** Null = the app's own. */
  competitor: string | null;
  competitorId: string | null;
  title: string | null;
  description: string | null;
  headings: string[];
  text: string;
  readAt: Date;
};

/** Characters looked through of one page; past that a page repeats itself. */
const mostText = 60_000;

/** The pages of an app and of the competitors nobody dismissed, as they were last read, without those that are gone. */
export async function pagesKnown({ tx }: Inside, appId: string): Promise<KnownPage[]> {
  const rows = await tx
    .selectFrom('pages as p')
    .innerJoinLateral(
      (eb) =>
        eb
          .selectFrom('pageVersions as v')
          .select(['v.title', 'v.description', 'v.text', 'v.readAt'])
          .whereRef('v.workspaceId', '=', 'p.workspaceId')
          .whereRef('v.pageId', '=', 'p.id')
          .orderBy('v.readAt', 'desc')
          .limit(1)
          .as('v'),
      (join) => join.onTrue(),
    )
    .leftJoin('competitors as c', 'c.id', 'p.competitorId')
    .leftJoin('pageReadings as r', 'r.pageId', 'p.id')
    .select(['p.id as pageId', 'p.url', 'p.kind', 'c.name as competitor', 'p.competitorId'])
    .select(['v.title', 'v.description', 'v.text', 'v.readAt', 'r.said'])
    .where('p.appId', '=', appId)
    .where('p.goneAt', 'is', null)
    .where((eb) => eb.or([eb('p.competitorId', 'is', null), eb('c.state', '<>', 'dismissed')]))
    .orderBy('p.url')
    .execute();
  return rows.map(({ said, text, ...row }) => ({ ...row, text: text.slice(0, mostText), headings: headingsIn(said) }));
}

/** Pages prepared for looking phrases up in them. */
export function searchable(pages: readonly KnownPage[]): { page: KnownPage; in: Searched }[] {
  return pages.map((page) => ({ page, in: searched(page) }));
}

function headingsIn(said: unknown): string[] {
  if (typeof said !== 'object' || said === null || !('headings' in said) || !Array.isArray(said.headings)) return [];
  return said.headings.flatMap((heading: unknown) =>
    typeof heading === 'object' && heading !== null && 'text' in heading && typeof heading.text === 'string'
      ? [heading.text]
      : [],
  );
}
