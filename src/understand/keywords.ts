import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import type { FoundKeyword } from './findings.ts';

const kinds = ['primary', 'long_tail'] as const;
const intents = ['informational', 'commercial', 'transactional', 'navigational'] as const;
const states = ['proposed', 'confirmed', 'retired'] as const;
type State = (typeof states)[number];

/**
 * Keeps the phrases a reading found and where they stand now. A phrase known before keeps its row and what a person
 * decided; one that is gone from the pages keeps its row without places. `pages`: id by address, of the pages read.
 */
export async function learnKeywords(
  inside: Inside,
  appId: string,
  found: readonly FoundKeyword[],
  pages: ReadonlyMap<string, string>,
): Promise<void> {
  const { tx, workspaceId } = inside;
  const pageIds = [...pages.values()];
  if (pageIds.length > 0) await tx.deleteFrom('keywordOccurrences').where('pageId', 'in', pageIds).execute();
  const distinct = new Map(found.map((keyword) => [keyword.phrase, keyword]));
  for (const { phrase, kind, intent, score, difficulty, occurrences } of distinct.values()) {
    const seen = { kind, intent, score, difficulty: difficulty === null ? null : difficulty / 100 };
    const row = await tx
      .insertInto('keywords')
      .values({ workspaceId, appId, phrase, ...seen, foundAt: inside.clock.now() })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'phrase']).doUpdateSet(seen))
      .returning('id')
      .executeTakeFirstOrThrow();
    const places = occurrences.flatMap(({ url, place, count }) => {
      const pageId = pages.get(url);
      return pageId && count > 0 ? [{ workspaceId, keywordId: row.id, pageId, place, times: count }] : [];
    });
    if (places.length > 0)
      await tx
        .insertInto('keywordOccurrences')
        .values(places)
        .onConflict((oc) => oc.doNothing())
        .execute();
  }
}

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

function addKeyword(
  context: Context,
  wanted: { appId: string; phrase: string; intent: (typeof intents)[number] },
): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const phrase = wanted.phrase.toLowerCase().replace(/\s+/g, ' ');
    const row = await inside.tx
      .insertInto('keywords')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        phrase,
        kind: phrase.split(' ').length >= 3 ? 'long_tail' : 'primary',
        intent: wanted.intent,
        score: 0,
        state: 'confirmed',
        foundAt: inside.clock.now(),
      })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'phrase']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) throw refuse('conflict', 'keyword_exists', `“${phrase}” is in the list already.`);
    await audit(inside, { operation: 'keywords.add', subject: row.id, after: { phrase } });
    await record(inside, 'keyword.confirmed', { subjectId: row.id, detail: { appId: wanted.appId } });
    return row;
  });
}

async function listKeywords(inside: Inside, wanted: { appId: string; state?: State | undefined }) {
  await appOf(inside, wanted.appId);
  const rows = await inside.tx
    .selectFrom('keywords')
    .select(['id', 'phrase', 'kind', 'intent', 'score', 'difficulty', 'state', 'foundAt'])
    .where('appId', '=', wanted.appId)
    .$if(wanted.state !== undefined, (query) => query.where('state', '=', wanted.state as State))
    .orderBy('score', 'desc')
    .orderBy('phrase')
    .execute();
  const places = await inside.tx
    .selectFrom('keywordOccurrences as o')
    .innerJoin('pages as p', 'p.id', 'o.pageId')
    .leftJoin('competitors as c', 'c.id', 'p.competitorId')
    .select([
      'o.keywordId',
      'o.place',
      'o.times',
      'p.id as pageId',
      'p.url',
      'p.kind as pageKind',
      'c.name as competitor',
    ])
    .where('p.appId', '=', wanted.appId)
    .orderBy('p.url')
    .execute();
  return {
    keywords: rows.map((row) => {
      const occurrences = places.filter((one) => one.keywordId === row.id).map(({ keywordId: _, ...one }) => one);
      const own = occurrences.some((one) => one.competitor === null);
      return {
        ...row,
        difficulty: row.difficulty === null ? null : Math.round(row.difficulty * 100) / 100,
        occurrences,
        gap: !own && occurrences.length > 0,
      };
    }),
  };
}

const named = z.strictObject({ keywordId: id });
const changed = z.object({ id });

export const keywordOperations = {
  list: operation({
    summary: 'List the phrases people would search for, with where they stand.',
    route: 'GET /apps/{appId}/keywords',
    access: 'read',
    input: z.strictObject({ appId: id, state: z.enum(states).optional() }),
    output: z.object({
      keywords: z.array(
        z.object({
          id,
          phrase: z.string(),
          kind: z.enum(kinds),
          intent: z.enum(intents),
          /** 0 to 100, relative to the strongest phrase of the pages; 0 for one a person added. */
          score: z.number(),
          /** 0 (open) to 1 (crowded), a proxy; null = not known. */
          difficulty: z.number().nullable(),
          state: z.enum(states),
          foundAt: z.date(),
          occurrences: z.array(
            z.object({
              pageId: id,
              url: z.string(),
              pageKind: z.string(),
              place: z.enum(['title', 'description', 'heading', 'text']),
              times: z.int(),
              /** Whose page it is; null = the app's own. */
              competitor: z.string().nullable(),
            }),
          ),
          /** It stands on competitors' pages and on none of the app's own. */
          gap: z.boolean(),
        }),
      ),
    }),
    run: (context, input) => transaction(context, (inside) => listKeywords(inside, input)),
  }),
  add: operation({
    summary: 'Add a phrase you want to be found by.',
    route: 'POST /apps/{appId}/keywords',
    access: 'write',
    input: z.strictObject({ appId: id, phrase: z.string().trim().min(2).max(120), intent: z.enum(intents) }),
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
