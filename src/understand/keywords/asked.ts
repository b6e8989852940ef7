import type { Inside } from '#src/context.ts';
import { appOf } from '#src/understand/apps.ts';
import { pagesKnown } from './pages.ts';
import { stemsOf } from './places.ts';
import { asSearch, contentOf, questionsIn, sameQuestion } from './questions.ts';

/** As far back as the inbox is looked through, in days, and as many messages as that are looked at. */
const DAYS = 365;
const mostItems = 2000;

type Source =
  | { kind: 'inbox'; itemId: string; quote: string; url: string | null; at: Date; from: string | null }
  | { kind: 'page'; pageId: string; quote: string; url: string; at: Date; from: string | null };

type Group = { phrase: string; content: string[]; sources: Source[] };

/**
 * Questions people asked in the inbox within a year, and questions that stand on own and competitors' pages, as they would be searched
 * for; the same question in other words counts together. Most asked first, people before pages.
 */
export async function listQuestions(inside: Inside, appId: string) {
  const { name } = await appOf(inside, appId);
  const pages = await pagesKnown(inside, appId);
  const groups: Group[] = [];
  const add = (text: string, source: Source) => {
    const phrase = asSearch(text, name ?? '');
    if (phrase === null) return;
    const own = new Set(contentOf(name ?? ''));
    const content = contentOf(phrase).filter((word) => !own.has(word));
    const group = groups.find((each) => sameQuestion(each.content, content));
    if (group) group.sources.push(source);
    else groups.push({ phrase, content, sources: [source] });
  };
  for (const item of await itemsOf(inside, appId))
    for (const { text } of questionsIn(item.text))
      add(text, { kind: 'inbox', itemId: item.id, quote: text, url: item.url, at: item.receivedAt, from: item.handle });
  for (const page of pages)
    for (const { text } of questionsIn(page.text))
      add(text, {
        kind: 'page',
        pageId: page.pageId,
        quote: text,
        url: page.url,
        at: page.readAt,
        from: page.competitor,
      });
  const keywords = await inside.tx
    .selectFrom('keywords')
    .select(['id', 'phrase', 'state'])
    .where('appId', '=', appId)
    .execute();
  const answers = pages
    .filter((page) => page.competitor === null)
    .flatMap((page) =>
      [page.title ?? '', ...page.headings, ...page.text.split('\n').filter((line) => line.length < 120)].map(
        (line) => ({
          url: page.url,
          line,
          stems: stemsOf(line),
        }),
      ),
    );
  return {
    questions: groups
      .map(({ phrase, content, sources }) => {
        const keyword = keywords.find((each) => each.phrase === phrase);
        const answer = answers.find(
          ({ stems }) => content.length > 1 && content.every((word) => stems.includes(` ${word} `)),
        );
        return {
          phrase,
          asked: sources.filter((source) => source.kind === 'inbox').length,
          onPages: sources.filter((source) => source.kind === 'page').length,
          sources: sources.slice(0, 20),
          answeredOn: answer ? { url: answer.url, quote: answer.line.slice(0, 280) } : null,
          keywordId: keyword?.id ?? null,
          state: keyword?.state ?? null,
        };
      })
      .sort((a, b) => b.asked - a.asked || b.onPages - a.onPages || (a.phrase < b.phrase ? -1 : 1))
      .slice(0, 100),
  };
}

/** What was written to the app's posts, or to the accounts without answering any post. */
async function itemsOf({ tx, clock }: Inside, appId: string) {
  return tx
    .selectFrom('inboxItems as i')
    .leftJoin('contacts as c', 'c.id', 'i.contactId')
    .leftJoin('publicationParts as part', 'part.id', 'i.publicationPartId')
    .leftJoin('publications as u', 'u.id', 'part.publicationId')
    .leftJoin('posts as p', 'p.id', 'u.postId')
    .select(['i.id', 'i.text', 'i.url', 'i.receivedAt', 'c.handle'])
    .where('i.receivedAt', '>=', new Date(clock.now().getTime() - DAYS * 86_400_000))
    .where((eb) => eb.or([eb('i.publicationPartId', 'is', null), eb('p.appId', '=', appId)]))
    .orderBy('i.receivedAt', 'desc')
    .limit(mostItems)
    .execute();
}
