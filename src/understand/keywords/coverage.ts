import type { Inside } from '#src/context.ts';
import { appOf } from '#src/understand/apps.ts';
import { pagesKnown, searchable } from './pages.ts';
import { placesOf } from './places.ts';

/** Pages that are made to be found; a policy or a changelog is not. */
const kinds = new Set(['home', 'features', 'pricing', 'about', 'docs', 'blog']);

/**
 * For each own page that is made to be found: the keyword it serves best, and which of title, description and heading lack it. The
 * keyword is the one that weighs most on the page (title 6, description 4, heading 3, text 1 with the square root of the times);
 * one a person confirmed weighs three times as much. A page without any of the keywords has none.
 */
export async function listCoverage(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const keywords = await inside.tx
    .selectFrom('keywords')
    .select(['id', 'phrase', 'state', 'intent', 'score'])
    .where('appId', '=', appId)
    .where('state', '<>', 'retired')
    .where('intent', '<>', 'navigational')
    .execute();
  const pages = searchable(
    (await pagesKnown(inside, appId)).filter((page) => page.competitor === null && kinds.has(page.kind)),
  );
  return {
    pages: pages.map(({ page, in: text }) => {
      const ranked = keywords
        .map((keyword) => {
          const places = placesOf(text, keyword.phrase);
          const weight = places.reduce((sum, { place, times }) => sum + weights[place] * Math.sqrt(times), 0);
          return {
            keyword,
            places,
            weight: weight * (keyword.state === 'confirmed' ? 3 : 1) * (0.5 + keyword.score / 200),
          };
        })
        .filter(({ weight }) => weight > 0)
        .sort((a, b) => b.weight - a.weight || (a.keyword.phrase < b.keyword.phrase ? -1 : 1));
      const best = ranked[0];
      const has = new Set(best?.places.map(({ place }) => place));
      return {
        pageId: page.pageId,
        url: page.url,
        pageKind: page.kind,
        title: page.title,
        keyword: best ? { id: best.keyword.id, phrase: best.keyword.phrase } : null,
        missing: best ? (['title', 'description', 'heading'] as const).filter((place) => !has.has(place)) : [],
      };
    }),
  };
}

const weights = { title: 6, description: 4, heading: 3, text: 1 };
