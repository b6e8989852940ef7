import type { Inside } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import type { KnownKind } from './decide.ts';
import { staleness } from './doubts.ts';
import { usesOf } from './uses.ts';

type State = 'proposed' | 'confirmed' | 'corrected' | 'retired';

/** What to show: everything of an app, or one fact. */
type Wanted = { appId: string; kind?: KnownKind | undefined; state?: State | undefined } | { factIds: string[] };

/** Facts with the words they rest on, the strongest first within each kind. */
export async function showFacts(inside: Inside, wanted: Wanted) {
  const { tx } = inside;
  const facts = await tx
    .selectFrom('facts')
    .leftJoin('users', 'users.id', 'facts.decidedBy')
    .select(['facts.id', 'facts.appId', 'kind', 'statement', 'detail', 'confidence', 'state', 'source'])
    .select(['decidedAt', 'facts.createdAt', 'users.name as decidedBy'])
    .$if('appId' in wanted, (query) => query.where('facts.appId', '=', (wanted as { appId: string }).appId))
    .$if('factIds' in wanted, (query) => query.where('facts.id', 'in', (wanted as { factIds: string[] }).factIds))
    .$if('kind' in wanted && wanted.kind !== undefined, (query) =>
      query.where('kind', '=', (wanted as { kind: KnownKind }).kind),
    )
    .$if('state' in wanted && wanted.state !== undefined, (query) =>
      query.where('state', '=', (wanted as { state: State }).state),
    )
    .orderBy('confidence', 'desc')
    .orderBy('facts.createdAt')
    .orderBy('facts.id')
    .execute();
  if (facts.length === 0) return [];
  const ids = facts.map((fact) => fact.id);
  const evidence = await tx
    .selectFrom('evidence as e')
    .leftJoin('pageVersions as v', 'v.id', 'e.pageVersionId')
    // A page read since without a change still carries the quote.
    .leftJoin('pageReadings as r', (join) =>
      join
        .onRef('r.pageId', '=', 'v.pageId')
        .on(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('pageVersions as newer')
                .select('newer.id')
                .whereRef('newer.pageId', '=', 'v.pageId')
                .whereRef('newer.readAt', '>', 'v.readAt'),
            ),
          ),
        ),
    )
    .select(['e.id', 'e.factId', 'e.url', 'e.quote', 'v.title as pageTitle'])
    .select((eb) => eb.fn<Date>('greatest', ['e.seenAt', 'r.readAt']).as('seenAt'))
    .where('e.factId', 'in', ids)
    .orderBy('e.seenAt', 'desc')
    .execute();
  const looked = await tx
    .selectFrom('factChanges')
    .distinctOn('factId')
    .select(['factId', 'change', 'changedAt'])
    .where('factId', 'in', ids)
    .where('change', 'in', ['found', 'seen_again', 'no_longer_found'])
    .orderBy('factId')
    .orderBy('changedAt', 'desc')
    .execute();
  return facts.map(({ detail, ...fact }) => {
    const last = looked.find((one) => one.factId === fact.id);
    const quotes = evidence.filter((one) => one.factId === fact.id).map(({ factId: _, ...one }) => one);
    const isGone = last?.change === 'no_longer_found';
    const seenAt = [last?.changedAt, ...quotes.map((one) => one.seenAt)].filter((at) => at !== undefined);
    const seen = {
      ...fact,
      confidence: Math.round(fact.confidence * 100) / 100,
      detail: detail as Record<string, string | number | null>,
      evidence: quotes,
      /** When a reading, or the person who added it, last saw it. */
      lastSeenAt: last && !isGone ? new Date(Math.max(...seenAt.map((at) => at.getTime()))) : null,
      missingSince: last && isGone ? last.changedAt : null,
    };
    return { ...seen, stale: staleness(seen, inside.clock.now()) };
  });
}

/** One fact with its whole history, newest first, and where it is used. */
export async function showFact(inside: Inside, factId: string) {
  const [fact] = await showFacts(inside, { factIds: [factId] });
  if (!fact) throw notFound('fact');
  const history = await inside.tx
    .selectFrom('factChanges as c')
    .leftJoin('users as u', 'u.id', 'c.changedBy')
    .select(['c.id', 'c.change', 'c.before', 'c.after', 'c.changedAt', 'c.analysisId', 'u.name as changedBy'])
    .where('c.factId', '=', factId)
    .orderBy('c.changedAt', 'desc')
    .orderBy('c.id')
    .execute();
  return { ...fact, history, uses: await usesOf(inside, fact) };
}

/** What a reading changed; without a reading named, the last one that succeeded. */
export async function showDifference(inside: Inside, appId: string, analysisId?: string) {
  await appOf(inside, appId);
  const analysis = await inside.tx
    .selectFrom('analyses')
    .select(['id', 'method', 'finishedAt'])
    .where('appId', '=', appId)
    .where('state', '=', 'done')
    .$if(analysisId !== undefined, (query) => query.where('id', '=', analysisId as string))
    .orderBy('finishedAt', 'desc')
    .executeTakeFirst();
  if (!analysis && analysisId !== undefined) throw notFound('finished analysis');
  if (!analysis) return { analysis: null, found: [], seenAgain: [], noLongerFound: [] };
  const changes = await inside.tx
    .selectFrom('factChanges')
    .select(['factId', 'change', 'before', 'after'])
    .where('analysisId', '=', analysis.id)
    .execute();
  const factIds = changes.map((one) => one.factId);
  const facts = factIds.length > 0 ? await showFacts(inside, { factIds }) : [];
  const those = (what: string) =>
    changes
      .filter(({ change }) => change === what)
      .flatMap(({ factId, before, after }) => {
        const fact = facts.find((one) => one.id === factId);
        if (!fact) return [];
        return [
          { ...fact, reworded: what === 'seen_again' && before !== null ? { before, after: after ?? '' } : null },
        ];
      });
  return { analysis, found: those('found'), seenAgain: those('seen_again'), noLongerFound: those('no_longer_found') };
}
