import { sql } from 'kysely';
import { signupsAt } from '#src/grow/suggestions/baselines.ts';
import { counted, type Frame, type Kind, listed, type Proposal } from '#src/grow/suggestions/kind.ts';
import { bySearch, type Finding, openFindings, rowsOf } from './read.ts';

const previews = ['og_image', 'open_graph', 'og_title', 'og_description', 'twitter_card'];
const forReaders = ['alt', 'lang'];
const forSpeed = ['performance', 'weight', 'slow'];
/** Rules with a kind of their own, here and in `social` and `ux`. */
export const rulesOf = {
  titles: ['title', 'h1', 'headings'],
  descriptions: ['description'],
  previews,
  forReaders,
  forSpeed,
};

export const seo: Kind[] = [
  {
    name: 'seo.titles',
    category: 'seo',
    when: 'A title or main heading of an own page is missing, too long or there twice.',
    look: async (inside, frame) =>
      together(frame, await openFindings(inside, frame, rulesOf.titles), {
        title: (pages) => `Mend the titles of ${pages}`,
        why: 'The title is the line people read in search results and in the tab.',
        each: 15,
      }),
  },
  {
    name: 'seo.descriptions',
    category: 'seo',
    when: 'An own page has no description, or one that results pages cut.',
    look: async (inside, frame) =>
      together(frame, await openFindings(inside, frame, rulesOf.descriptions), {
        title: (pages) => `Write the description of ${pages}`,
        why: 'The description is what stands below the title in search results; without one the engine picks words itself.',
        each: 15,
      }),
  },
  {
    name: 'seo.technical',
    category: 'seo',
    when: 'Another finding of the page checklist is open: address, structured data, robots, broken links.',
    look: async (inside, frame) =>
      together(frame, await openFindings(inside, frame, Object.values(rulesOf).flat(), false), {
        title: (pages) => `Clear the technical findings on ${pages}`,
        why: 'Search engines file a page wrongly, or not at all, when these are open.',
        each: 20,
      }),
  },
  {
    name: 'seo.keyword_gap',
    category: 'seo',
    when: 'A phrase with buying intent stands in the text of the pages but in no title or heading.',
    look: async (inside, frame) => {
      const phrases = await rowsOf(
        inside,
        sql<{ id: string; phrase: string; intent: string; times: number }>`
          select k.id, k.phrase, k.intent, coalesce(sum(o.times), 0)::int as times from keywords k
          left join keyword_occurrences o on o.workspace_id = k.workspace_id and o.keyword_id = k.id
          where k.app_id = ${frame.appId} and k.state <> 'retired' and k.intent in ('commercial', 'transactional')
          group by k.id, k.phrase, k.intent, k.score
          having count(*) filter (where o.place in ('title', 'heading')) = 0
          order by k.score desc limit 8`,
      );
      if (phrases.length < 2) return [];
      const names = phrases.map(({ phrase }) => phrase);
      return [
        {
          subject: '',
          title: `Put ${counted(phrases.length, 'phrase')} people search for into a heading`,
          reasoning: `${listed(names.map((name) => `“${name}”`))} ${phrases.length === 1 ? 'stands' : 'stand'} in the text of your pages, but in no title or heading.`,
          evidence: phrases.map(({ id, phrase, times }) => ({
            label: `“${phrase}”, times on your pages`,
            table: 'keywords',
            rowId: id,
            value: times,
          })),
          weight: phrases.length,
          flow: signupsAt(frame.base, 'channel', ['Organic Search']),
          minutes: 20 + 20 * Math.min(5, phrases.length),
          effortReason: '20 minutes for each of the first five phrases, 20 to choose the pages.',
          actions: [
            ...names
              .slice(0, 5)
              .map((name) => `Choose the page that answers “${name}” and use the phrase in its heading.`),
            'Read the pages once more: a heading still has to say what follows.',
          ],
          timeFrameDays: 60,
          measure: { of: 'visits', dimension: 'channel', values: ['Organic Search'] },
        },
      ];
    },
  },
  {
    name: 'seo.questions',
    category: 'seo',
    when: 'A long search phrase has no page of its own: it stands in no title or heading.',
    look: async (inside, frame) => {
      const phrases = await rowsOf(
        inside,
        sql<{ id: string; phrase: string; score: number }>`
          select k.id, k.phrase, k.score from keywords k
          where k.app_id = ${frame.appId} and k.state <> 'retired' and k.intent = 'informational'
            and not exists (select from keyword_occurrences o where o.workspace_id = k.workspace_id and o.keyword_id = k.id
              and o.place in ('title', 'heading'))
          order by k.score desc limit 3`,
      );
      const first = phrases[0];
      if (!first) return [];
      return [
        {
          subject: first.id,
          title: `Write a page that answers “${first.phrase}”`,
          reasoning: `People look for “${first.phrase}”; no title or heading of yours says it.`,
          evidence: phrases.map(({ id, phrase, score }) => ({
            label: `“${phrase}”, score`,
            table: 'keywords',
            rowId: id,
            value: Math.round(score * 100) / 100,
          })),
          weight: phrases.length,
          flow: signupsAt(frame.base, 'channel', ['Organic Search']),
          minutes: 240,
          effortReason: 'Four hours: reading, writing, one picture, links from two pages.',
          actions: [
            `Collect what people ask about “${first.phrase}”, in your inbox too.`,
            'Write one page that answers it in the first paragraph.',
            'Link to it from the home page or a guide.',
          ],
          timeFrameDays: 90,
          measure: { of: 'visits', dimension: 'channel', values: ['Organic Search'] },
          makes: {
            drafts: [
              {
                title: `What we learnt about ${first.phrase}`,
                kind: 'educational',
                text: `We wrote down what we know about ${first.phrase}. The short answer first, then how we got there:`,
              },
            ],
          },
        },
      ];
    },
  },
];

/** One proposal for all pages a rule is about: mending them is one sitting. */
function together(
  frame: Frame,
  findings: readonly Finding[],
  words: { title: (pages: string) => string; why: string; each: number },
): Proposal[] {
  if (findings.length === 0) return [];
  const paths = [...new Set(findings.map(({ path }) => path))];
  const dimension = 'path' as const;
  return [
    {
      subject: '',
      title: words.title(paths.length === 1 ? (paths[0] ?? '') : counted(paths.length, 'page')),
      reasoning: `${findings[0]?.message ?? ''} ${words.why} It concerns ${listed(paths)}.`,
      evidence: findings.slice(0, 12).map(({ id, rule, path }) => ({
        label: `${path}: ${rule.replaceAll('_', ' ')}, visits that began there`,
        table: 'page_findings',
        rowId: id,
        value: frame.base.places.get(dimension)?.get(path)?.visits ?? 0,
      })),
      weight: findings.length,
      flow: bySearch(frame.base, paths),
      minutes: 10 + words.each * findings.length,
      effortReason: `${words.each} minutes for each of ${counted(findings.length, 'finding')}, 10 to publish.`,
      actions: [...new Set(findings.map(({ path, fix }) => `${path}: ${fix}`))].slice(0, 8),
      timeFrameDays: 60,
      measure: { of: 'visits', dimension, values: paths },
    },
  ];
}
