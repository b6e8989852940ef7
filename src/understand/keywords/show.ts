import type { Inside } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { crowdOf } from './learn.ts';
import { type KnownPage, pagesKnown } from './pages.ts';
import { quotesIn, stemsOf, timesIn } from './places.ts';
import { difficultyOf, intentOf } from './rules.ts';

export type State = 'proposed' | 'confirmed' | 'retired';

/** The keywords of an app, strongest first, each with where it stands and how many own posts use it. */
export async function listKeywords(inside: Inside, wanted: { appId: string; state?: State | undefined }) {
  await appOf(inside, wanted.appId);
  const rows = await inside.tx
    .selectFrom('keywords')
    .select(['id', 'phrase', 'kind', 'intent', 'score', 'difficulty', 'state', 'source', 'foundAt'])
    .where('appId', '=', wanted.appId)
    .$if(wanted.state !== undefined, (query) => query.where('state', '=', wanted.state as State))
    .orderBy('score', 'desc')
    .orderBy('phrase')
    .execute();
  const places = Map.groupBy(await placesOfApp(inside, wanted.appId), (place) => place.keywordId);
  const posts = rows.length === 0 ? [] : await ownPosts(inside, wanted.appId);
  return {
    keywords: rows.map((row) => {
      const occurrences = (places.get(row.id) ?? []).map(({ keywordId: _, competitorId: __, ...one }) => one);
      const own = occurrences.filter((one) => one.competitor === null);
      const key = stemsOf(row.phrase);
      return {
        ...row,
        difficulty: rounded(row.difficulty),
        occurrences,
        gap: own.length === 0 && occurrences.length > 0,
        missing: missingOf(own),
        posts: new Set(posts.filter((post) => timesIn(post.stems, key) > 0).map((post) => post.postId)).size,
      };
    }),
  };
}

/** Places that a phrase one wants to be found by should stand in, and that no own page has it in. */
function missingOf(own: readonly { place: string }[]): ('title' | 'description' | 'heading')[] {
  return (['title', 'description', 'heading'] as const).filter((place) => own.every((one) => one.place !== place));
}

/** One keyword with the words it stands in, own posts that use it, the reasons of what is said of it, and its use by month. */
export async function showKeyword(inside: Inside, keywordId: string) {
  const row = await inside.tx
    .selectFrom('keywords')
    .select(['id', 'appId', 'phrase', 'kind', 'intent', 'score', 'difficulty', 'state', 'source', 'foundAt'])
    .where('id', '=', keywordId)
    .executeTakeFirst();
  if (!row) throw notFound('keyword');
  const [app, pages, places, posts] = [
    await inside.tx
      .selectFrom('apps as a')
      .innerJoin('workspaces as w', 'w.id', 'a.workspaceId')
      .select(['a.name', 'w.timeZone'])
      .where('a.id', '=', row.appId)
      .executeTakeFirstOrThrow(),
    await pagesKnown(inside, row.appId),
    (await placesOfApp(inside, row.appId)).filter((place) => place.keywordId === keywordId),
    await ownPosts(inside, row.appId),
  ];
  const key = stemsOf(row.phrase);
  const own = places.filter((one) => one.competitor === null);
  const others = [...new Set(pages.flatMap(({ competitor }) => competitor ?? []))];
  const byRule = intentOf(row.phrase, { own: app.name ?? '', others, places: own.map((one) => one.place) });
  const difficulty = difficultyOf(row.phrase, crowdOf(places.map((one) => ({ ...one, competitor: one.competitorId }))));
  const using = posts.filter((post) => timesIn(post.stems, key) > 0);
  return {
    ...row,
    difficulty: rounded(row.difficulty),
    intentReasons:
      byRule.value === row.intent
        ? byRule.reasons
        : ['Chosen by a person or a model; the words alone would not say so.'],
    difficultyReasons: row.difficulty === null ? ['A name of your own is not fought over.'] : difficulty.reasons,
    missing: missingOf(own),
    pages: pages
      .filter((page) => places.some((place) => place.pageId === page.pageId))
      .map((page) => whereOn(page, places, row.phrase)),
    posts: firstOfEach(using).map(({ stems: _, text, ...post }) => ({
      ...post,
      quote: quotesIn(text, row.phrase, 1)[0] ?? text.slice(0, 280),
    })),
    use: monthly(using, inside.clock.now(), app.timeZone),
  };
}

function whereOn(page: KnownPage, places: Awaited<ReturnType<typeof placesOfApp>>, phrase: string) {
  const { pageId, url, kind, competitor, title, description, text } = page;
  const quotes = [
    ...quotesIn(title ?? '', phrase, 1),
    ...quotesIn(description ?? '', phrase, 1),
    ...quotesIn(text, phrase, 3),
  ];
  return {
    pageId,
    url,
    pageKind: kind,
    competitor,
    places: places.flatMap((one) => (one.pageId === pageId ? [{ place: one.place, times: one.times }] : [])),
    quotes: [...new Set(quotes)],
  };
}

async function placesOfApp({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('keywordOccurrences as o')
    .innerJoin('pages as p', 'p.id', 'o.pageId')
    .leftJoin('competitors as c', 'c.id', 'p.competitorId')
    .select(['o.keywordId', 'o.place', 'o.times', 'p.id as pageId', 'p.url', 'p.kind as pageKind'])
    .select(['c.name as competitor', 'p.competitorId'])
    .where('p.appId', '=', appId)
    .orderBy('p.url')
    .execute();
}

/** As many parts of own posts as are looked through, newest first: years of posting. */
const mostParts = 3000;

type OwnPost = { postId: string; title: string; status: string; at: Date; text: string; stems: string };

/** The words of own posts that were not withdrawn, with when they went out (or else were written). */
async function ownPosts({ tx }: Inside, appId: string): Promise<OwnPost[]> {
  const rows = await tx
    .selectFrom('posts as p')
    .innerJoin('postVariants as v', 'v.postId', 'p.id')
    .innerJoin('parts as t', 't.variantId', 'v.id')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('publications as u')
          .select((e) => e.fn.min('u.publishedAt').as('publishedAt'))
          .whereRef('u.postId', '=', 'p.id')
          .as('u'),
      (join) => join.onTrue(),
    )
    .select(['p.id as postId', 'p.title', 'p.status', 'p.createdAt', 'u.publishedAt', 't.text'])
    .where('p.appId', '=', appId)
    .where('p.status', 'not in', ['withdrawn'])
    .orderBy('p.createdAt', 'desc')
    .orderBy('t.position')
    .limit(mostParts)
    .execute();
  return rows.map(({ createdAt, publishedAt, ...row }) => ({
    ...row,
    at: publishedAt ?? createdAt,
    stems: stemsOf(row.text),
  }));
}

function firstOfEach(posts: readonly OwnPost[]): OwnPost[] {
  return [...new Map([...posts].reverse().map((post) => [post.postId, post])).values()].sort(
    (a, b) => b.at.getTime() - a.at.getTime(),
  );
}

/** How many own posts of each of the last six months use the phrase, oldest first; months in the workspace's zone. */
function monthly(posts: readonly OwnPost[], now: Date, timeZone: string): { month: string; posts: number }[] {
  const local = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit' });
  const monthOf = (at: Date) => local.format(at).slice(0, 7);
  const published = firstOfEach(posts.filter((post) => post.status === 'published'));
  const [year = 0, month = 0] = monthOf(now).split('-').map(Number);
  return Array.from({ length: 6 }, (_, back) => {
    const at = new Date(Date.UTC(year, month - 6 + back, 1));
    const name = `${at.getUTCFullYear()}-${String(at.getUTCMonth() + 1).padStart(2, '0')}`;
    return { month: name, posts: published.filter((post) => monthOf(post.at) === name).length };
  });
}

function rounded(difficulty: number | null): number | null {
  return difficulty === null ? null : Math.round(difficulty * 100) / 100;
}
