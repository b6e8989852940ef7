import { type Context, type Inside, transaction } from '#src/context.ts';
import type { FoundKeyword } from '#src/understand/findings.ts';
import { keyphrasesOf } from '#src/understand/keyphrases.ts';
import { type KnownPage, pagesKnown, searchable } from './pages.ts';
import { placesOf, stemsOf, timesIn } from './places.ts';
import { difficultyOf, intentOf, kindOf } from './rules.ts';

/**
 * Keeps the phrases a reading found. A phrase known before keeps its row and what a person decided: kind and intent of one that is
 * confirmed, retired or typed in are theirs. One that is gone from the pages keeps its row without places. The pages have been
 * saved before: where each phrase stands is counted on what is kept of them.
 */
export async function learnKeywords(inside: Inside, appId: string, found: readonly FoundKeyword[]): Promise<void> {
  const distinct = new Map(found.map((keyword) => [keyword.phrase, keyword]));
  for (const { phrase, kind, intent, score, difficulty } of distinct.values())
    await keep(inside, appId, {
      phrase,
      kind,
      intent,
      score,
      difficulty: difficulty === null ? null : difficulty / 100,
      source: 'pages',
    });
  await countPlaces(inside, appId);
}

/**
 * Finds phrases that competitors' pages use and none of the app's own does, and counts anew where every phrase stands. Reads what was
 * read of the pages, asks nobody. Safe to run twice; a person's decisions stay. Returns how many gaps there are.
 */
export async function findGaps(context: Context, appId: string): Promise<{ gaps: number }> {
  const { pages, name } = await transaction(context, async (inside) => ({
    pages: await pagesKnown(inside, appId),
    name: (await inside.tx.selectFrom('apps').select('name').where('id', '=', appId).executeTakeFirst())?.name ?? null,
  }));
  // Takes a second for many long pages, so no transaction waits for it.
  const gaps = gapsIn(pages, name ?? '');
  return transaction(context, async (inside) => {
    const app = await inside.tx.selectFrom('apps').select('id').where('id', '=', appId).executeTakeFirst();
    if (!app) return { gaps: 0 };
    for (const gap of gaps) await keep(inside, appId, { ...gap, source: 'competitors' });
    await countPlaces(inside, appId);
    // A proposal nobody decided on goes with the words it was made of.
    await inside.tx
      .deleteFrom('keywords as k')
      .where('k.appId', '=', appId)
      .where('k.source', '=', 'competitors')
      .where('k.state', '=', 'proposed')
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('keywordOccurrences as o').select('o.keywordId').whereRef('o.keywordId', '=', 'k.id'))),
      )
      .execute();
    return { gaps: gaps.length };
  });
}

/** The same for each app of the workspace of which a competitor's page was read anew since yesterday. */
export async function findNewGaps(context: Context): Promise<void> {
  const apps = await transaction(context, ({ tx, clock }) =>
    tx
      .selectFrom('pages as p')
      .innerJoin('pageVersions as v', 'v.pageId', 'p.id')
      .select('p.appId')
      .distinct()
      .where('p.competitorId', 'is not', null)
      .where('v.readAt', '>=', new Date(clock.now().getTime() - A_DAY_AND_MORE))
      .execute(),
  );
  for (const { appId } of apps) await findGaps(context, appId);
}

/** The clock's day, and two hours for one that ran late. */
const A_DAY_AND_MORE = 26 * 3_600_000;

type Kept = Pick<FoundKeyword, 'phrase' | 'kind' | 'intent' | 'score' | 'difficulty'> & {
  source: 'pages' | 'competitors';
};

async function keep(
  inside: Inside,
  appId: string,
  { phrase, kind, intent, score, difficulty, source }: Kept,
): Promise<void> {
  const { tx, workspaceId } = inside;
  await tx
    .insertInto('keywords')
    .values({ workspaceId, appId, phrase, kind, intent, score, difficulty, source, foundAt: inside.clock.now() })
    .onConflict((oc) =>
      oc.columns(['workspaceId', 'appId', 'phrase']).doUpdateSet((eb) => {
        const undecided = eb.and([eb('keywords.state', '=', 'proposed'), eb('keywords.source', '<>', 'person')]);
        return {
          kind: eb.case().when(undecided).then(eb.ref('excluded.kind')).else(eb.ref('keywords.kind')).end(),
          intent: eb.case().when(undecided).then(eb.ref('excluded.intent')).else(eb.ref('keywords.intent')).end(),
          source: eb.case().when(undecided).then(eb.ref('excluded.source')).else(eb.ref('keywords.source')).end(),
          score,
          difficulty,
        };
      }),
    )
    .execute();
}

/** Counts anew where each phrase of the app stands, on own pages and competitors', and how crowded that makes it. */
export async function countPlaces(inside: Inside, appId: string): Promise<void> {
  const { tx, workspaceId } = inside;
  const keywords = await tx
    .selectFrom('keywords')
    .select(['id', 'phrase', 'difficulty'])
    .where('appId', '=', appId)
    .execute();
  if (keywords.length === 0) return;
  const pages = searchable(await pagesKnown(inside, appId));
  const rows = keywords.flatMap(({ id: keywordId, phrase }) =>
    pages.flatMap(({ page: { pageId }, in: text }) =>
      placesOf(text, phrase).map(({ place, times }) => ({ workspaceId, keywordId, pageId, place, times })),
    ),
  );
  const ids = keywords.map((keyword) => keyword.id);
  await tx.deleteFrom('keywordOccurrences').where('keywordId', 'in', ids).execute();
  for (let at = 0; at < rows.length; at += 1000)
    await tx
      .insertInto('keywordOccurrences')
      .values(rows.slice(at, at + 1000))
      .execute();
  const competitorOf = new Map(
    pages.flatMap(({ page }) => (page.competitorId ? [[page.pageId, page.competitorId]] : [])),
  );
  const byKeyword = Map.groupBy(rows, (row) => row.keywordId);
  for (const keyword of keywords) {
    if (keyword.difficulty === null) continue;
    const own = byKeyword.get(keyword.id) ?? [];
    const { value } = difficultyOf(
      keyword.phrase,
      crowdOf(own.map((row) => ({ ...row, competitor: competitorOf.get(row.pageId) ?? null }))),
    );
    if (Math.abs(value - keyword.difficulty) > 0.001)
      await tx.updateTable('keywords').set({ difficulty: value }).where('id', '=', keyword.id).execute();
  }
}

/** How many competitors have a phrase, and how many of them in a title or a heading. */
export function crowdOf(places: readonly { competitor: string | null; place: string }[]): {
  prominent: number;
  mentioned: number;
} {
  const named = places.flatMap(({ competitor, place }) => (competitor === null ? [] : [{ competitor, place }]));
  const many = (rows: typeof named) => new Set(rows.map(({ competitor }) => competitor)).size;
  return { prominent: many(named.filter(({ place }) => place !== 'text')), mentioned: many(named) };
}

/** Most gaps kept of an app; a longer list is not worked through. */
const mostGaps = 40;

type Gap = Omit<Kept, 'source'>;

/**
 * Phrases of two words and more that competitors' pages are about and that stand on none of the app's own, best first: the more competitors
 * and the more pages, the better; without anyone's name. Scores are relative to the best.
 */
export function gapsIn(pages: readonly KnownPage[], name: string): Gap[] {
  const own = pages.filter((page) => page.competitor === null);
  const theirs = pages.filter((page) => page.competitor !== null);
  if (own.length === 0 || theirs.length === 0) return [];
  const said = own.map(({ title, description, text }) => stemsOf(`${title ?? ''}\n${description ?? ''}\n${text}`));
  const names = [name, ...new Set(theirs.flatMap(({ competitor, url }) => [competitor ?? '', hostOf(url)]))]
    .map(stemsOf)
    .filter((stems) => stems !== ' ');
  const found = new Map<string, { phrase: string; weight: number; by: Set<string> }>();
  for (const { title, text, competitor } of theirs)
    for (const { phrase, score } of keyphrasesOf(`${title ?? ''}\n\n${text}`, { most: 25 })) {
      const key = stemsOf(phrase);
      if (!phrase.includes(' ') || phrase.split(' ').length > 4) continue;
      if (names.some((each) => timesIn(key, each) > 0) || said.some((each) => timesIn(each, key) > 0)) continue;
      const gap = found.get(key) ?? { phrase, weight: 0, by: new Set() };
      gap.weight += score;
      gap.by.add(competitor ?? '');
      found.set(key, gap);
    }
  const ranked = [...found.values()]
    .map((gap) => ({ ...gap, worth: gap.weight * gap.by.size }))
    .sort((a, b) => b.worth - a.worth || (a.phrase < b.phrase ? -1 : 1))
    .slice(0, mostGaps);
  const top = ranked[0]?.worth ?? 1;
  return ranked.map(({ phrase, worth }) => ({
    phrase,
    kind: kindOf(phrase),
    intent: intentOf(phrase).value,
    score: Math.max(1, Math.round((worth / top) * 100)),
    difficulty: difficultyOf(phrase).value,
  }));
}

function hostOf(url: string): string {
  return URL.canParse(url) ? (new URL(url).hostname.replace(/^www\./, '').split('.')[0] ?? '') : '';
}
