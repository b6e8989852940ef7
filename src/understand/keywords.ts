import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import { listQuestions } from './keywords/asked.ts';
import { listCoverage } from './keywords/coverage.ts';
import { countPlaces, findGaps } from './keywords/learn.ts';
import { kindOf } from './keywords/rules.ts';
import { listKeywords, type State, showKeyword } from './keywords/show.ts';

export { findGaps, findNewGaps, learnKeywords } from './keywords/learn.ts';

const kinds = ['primary', 'long_tail'] as const;
const intents = ['informational', 'commercial', 'transactional', 'navigational'] as const;
const states = ['proposed', 'confirmed', 'retired'] as const;
const sources = ['pages', 'competitors', 'questions', 'person'] as const;
const places = ['title', 'description', 'heading', 'text'] as const;

function setState(context: Context, keywordId: string, state: State, verb: string): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('keywords')
      .set({ state })
      .where('id', '=', keywordId)
      .returning(['id', 'appId', 'phrase'])
      .executeTakeFirst();
    if (!row) throw notFound('keyword');
    await audit(inside, { operation: `keywords.${verb}`, subject: keywordId, after: { phrase: row.phrase, state } });
    await record(inside, `keyword.${state}`, { subjectId: keywordId, detail: { appId: row.appId } });
    return { id: row.id };
  });
}

type Added = {
  appId: string;
  phrase: string;
  intent: (typeof intents)[number];
  source: 'person' | 'questions';
  state: 'confirmed' | 'retired';
};

function addKeyword(context: Context, { appId, intent, source, state, ...wanted }: Added): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const phrase = wanted.phrase.toLowerCase().replace(/\s+/g, ' ');
    const row = await inside.tx
      .insertInto('keywords')
      .values({
        workspaceId: inside.workspaceId,
        appId,
        phrase,
        kind: source === 'questions' ? 'long_tail' : kindOf(phrase),
        intent,
        score: 0,
        difficulty: 0.5,
        state,
        source,
        foundAt: inside.clock.now(),
      })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'phrase']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) throw refuse('conflict', 'keyword_exists', `“${phrase}” is in the list already.`);
    await countPlaces(inside, appId);
    await audit(inside, { operation: 'keywords.add', subject: row.id, after: { phrase, state } });
    await record(inside, `keyword.${state}`, { subjectId: row.id, detail: { appId } });
    return row;
  });
}

async function refreshKeywords(context: Context, appId: string): Promise<{ gaps: number }> {
  await transaction(context, (inside) => appOf(inside, appId));
  return findGaps(context, appId);
}

const named = z.strictObject({ keywordId: id });
const changed = z.object({ id });
const ofApp = z.strictObject({ appId: id });

const keyword = z.object({
  id,
  phrase: z.string(),
  kind: z.enum(kinds),
  intent: z.enum(intents),
  /** 0 to 100, relative to the strongest phrase of its source; 0 for one a person added. */
  score: z.number(),
  /** 0 (open) to 1 (crowded), a proxy; null = not known. */
  difficulty: z.number().nullable(),
  state: z.enum(states),
  source: z.enum(sources),
  foundAt: z.date(),
  /** Where it should stand to be found by, and stands on no page of one's own. */
  missing: z.array(z.enum(['title', 'description', 'heading'])),
});

export const keywordOperations = {
  list: operation({
    summary: 'List the phrases people would search for, with where they stand and how many own posts use them.',
    route: 'GET /apps/{appId}/keywords',
    access: 'read',
    input: z.strictObject({ appId: id, state: z.enum(states).optional() }),
    output: z.object({
      keywords: z.array(
        keyword.extend({
          occurrences: z.array(
            z.object({
              pageId: id,
              url: z.string(),
              pageKind: z.string(),
              place: z.enum(places),
              times: z.int(),
              /** Whose page it is; null = the app's own. */
              competitor: z.string().nullable(),
            }),
          ),
          /** It stands on competitors' pages and on none of the app's own. */
          gap: z.boolean(),
          /** Own posts that use it, withdrawn ones not counted. */
          posts: z.int(),
        }),
      ),
    }),
    run: (context, input) => transaction(context, (inside) => listKeywords(inside, input)),
  }),
  get: operation({
    summary: 'Show a phrase with the words it stands in, the posts that use it, and the reasons of what is said of it.',
    route: 'GET /keywords/{keywordId}',
    access: 'read',
    input: named,
    output: keyword.extend({
      appId: id,
      intentReasons: z.array(z.string()),
      difficultyReasons: z.array(z.string()),
      pages: z.array(
        z.object({
          pageId: id,
          url: z.string(),
          pageKind: z.string(),
          competitor: z.string().nullable(),
          places: z.array(z.object({ place: z.enum(places), times: z.int() })),
          /** Word for word, each with the phrase or an inflection of it. */
          quotes: z.array(z.string()),
        }),
      ),
      posts: z.array(z.object({ postId: id, title: z.string(), status: z.string(), at: z.date(), quote: z.string() })),
      /** Published posts that use it in each of the last six months, oldest first. */
      use: z.array(z.object({ month: z.string(), posts: z.int() })),
    }),
    run: (context, { keywordId }) => transaction(context, (inside) => showKeyword(inside, keywordId)),
  }),
  questions: operation({
    summary:
      'List questions from the inbox and from pages as people would search for them, and whether a page answers.',
    route: 'GET /apps/{appId}/keywords/questions',
    access: 'read',
    input: ofApp,
    output: z.object({
      questions: z.array(
        z.object({
          phrase: z.string(),
          /** Messages of the last 365 days that ask it. */
          asked: z.int(),
          onPages: z.int(),
          sources: z.array(
            z.discriminatedUnion('kind', [
              z.object({
                kind: z.literal('inbox'),
                itemId: id,
                quote: z.string(),
                url: z.string().nullable(),
                at: z.date(),
                from: z.string().nullable(),
              }),
              z.object({
                kind: z.literal('page'),
                pageId: id,
                quote: z.string(),
                url: z.string(),
                at: z.date(),
                /** The competitor whose page it is; null = the app's own. */
                from: z.string().nullable(),
              }),
            ]),
          ),
          /** A title, heading or short line of an own page that holds all it is about. */
          answeredOn: z.object({ url: z.string(), quote: z.string() }).nullable(),
          keywordId: id.nullable(),
          state: z.enum(states).nullable(),
        }),
      ),
    }),
    run: (context, { appId }) => transaction(context, (inside) => listQuestions(inside, appId)),
  }),
  coverage: operation({
    summary: 'Show which keyword each own page serves, and whether title, description and heading hold it.',
    route: 'GET /apps/{appId}/keywords/coverage',
    access: 'read',
    input: ofApp,
    output: z.object({
      pages: z.array(
        z.object({
          pageId: id,
          url: z.string(),
          pageKind: z.string(),
          title: z.string().nullable(),
          keyword: z.object({ id, phrase: z.string() }).nullable(),
          missing: z.array(z.enum(['title', 'description', 'heading'])),
        }),
      ),
    }),
    run: (context, { appId }) => transaction(context, (inside) => listCoverage(inside, appId)),
  }),
  refresh: operation({
    summary: 'Look again where phrases stand, and which ones competitors use that the app’s pages do not.',
    route: 'POST /apps/{appId}/keywords/refresh',
    access: 'write',
    input: ofApp,
    output: z.object({ gaps: z.int() }),
    run: (context, { appId }) => refreshKeywords(context, appId),
  }),
  add: operation({
    summary: 'Add a phrase you want to be found by, or one that is none of yours.',
    route: 'POST /apps/{appId}/keywords',
    access: 'write',
    input: z.strictObject({
      appId: id,
      phrase: z.string().trim().min(2).max(120),
      intent: z.enum(intents),
      source: z.enum(['person', 'questions']).default('person'),
      state: z.enum(['confirmed', 'retired']).default('confirmed'),
    }),
    output: changed,
    run: addKeyword,
  }),
  confirm: operation({
    summary: 'Confirm a phrase as one you want to be found by.',
    route: 'POST /keywords/{keywordId}/confirm',
    access: 'write',
    input: named,
    output: changed,
    run: (context, { keywordId }) => setState(context, keywordId, 'confirmed', 'confirm'),
  }),
  retire: operation({
    summary: 'Retire a phrase: it is kept, but used no more.',
    route: 'POST /keywords/{keywordId}/retire',
    access: 'write',
    input: named,
    output: changed,
    run: (context, { keywordId }) => setState(context, keywordId, 'retired', 'retire'),
  }),
};
