import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import { listed, whole } from './competitors/shapes.ts';
import { showCompetitor, showCompetitors } from './competitors/show.ts';
import type { FoundCompetitor } from './findings.ts';

export { competitorWatchOperations } from './competitors/feed.ts';
export { featureOperations } from './competitors/matrix.ts';
export { readCompetitor, readCompetitors, readNewCompetitor } from './competitors/watch.ts';

const states = ['proposed', 'watched', 'dismissed'] as const;

/** Keeps the competitors a reading found as proposals; one that a person decided on is left as it is. */
export async function learnCompetitors(
  inside: Inside,
  appId: string,
  found: readonly FoundCompetitor[],
): Promise<void> {
  const { tx, workspaceId } = inside;
  const known = await tx
    .selectFrom('competitors')
    .select(['id', 'name', 'url', 'state'])
    .where('appId', '=', appId)
    .execute();
  for (const [key, [first]] of Map.groupBy(found, (competitor) => competitor.name.toLowerCase())) {
    if (!first) continue;
    const { name, url, quote, pageUrl, confidence } = first;
    const same = known.find((one) => one.name.toLowerCase() === key || isSite(one.url, name, url));
    const seen = { quote, quoteUrl: pageUrl, confidence };
    if (!same)
      await tx
        .insertInto('competitors')
        .values({ workspaceId, appId, name, url, ...seen, createdAt: inside.clock.now() })
        .execute();
    else if (same.state === 'proposed')
      await tx
        .updateTable('competitors')
        .set({ ...seen, url: url ?? same.url })
        .where('id', '=', same.id)
        .execute();
  }
}

/** Whether a known address is that of a product found by its name: added as “freshbooks.com”, named “FreshBooks” on a page. */
function isSite(known: string | null, name: string, url: string | null): boolean {
  if (known === null) return false;
  const [host, other] = [known, url ?? ''].map((each) =>
    URL.canParse(each) ? new URL(each).hostname.replace(/^www\./, '') : null,
  );
  return host === other || host?.split('.').at(0) === name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');
}

/** A person names a competitor, by its address or by name alone. It is watched from then on. */
export function addCompetitor(
  context: Context,
  wanted: { appId: string; url?: string | undefined; name?: string | undefined },
): Promise<{ id: string }> {
  const url = wanted.url === undefined ? null : addressOf(context, wanted.url);
  const name = wanted.name ?? (url ? new URL(url).hostname.replace(/^www\./, '') : null);
  if (!name) throw refuse('invalid', 'nothing_named', 'Give the competitor’s address or its name.');
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    await refuseTwin(inside, wanted.appId, name, url);
    const row = await inside.tx
      .insertInto('competitors')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        name,
        url,
        state: 'watched',
        addedBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'competitors.add', subject: row.id, after: { name, url } });
    await record(inside, 'competitor.watched', { subjectId: row.id, detail: { appId: wanted.appId } });
    return row;
  });
}

type Changes = {
  name?: string | undefined;
  url?: string | null | undefined;
  positioning?: string | null | undefined;
  description?: string | null | undefined;
  marketingStrategy?: string | null | undefined;
  contentStrategy?: string | null | undefined;
};

function updateCompetitor(context: Context, competitorId: string, { url, ...texts }: Changes): Promise<{ id: string }> {
  const address = url ? addressOf(context, url) : url;
  return transaction(context, async (inside) => {
    const competitor = await competitorOf(inside, competitorId);
    const set = Object.fromEntries(
      Object.entries({ ...texts, url: address }).filter(([, value]) => value !== undefined),
    ) as Changes;
    if (Object.keys(set).length === 0)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    if (set.name && set.name.toLowerCase() !== competitor.name.toLowerCase())
      await refuseTwin(inside, competitor.appId, set.name, null);
    // What a person has worked on is not proposed any more.
    const state = competitor.state === 'proposed' ? 'watched' : competitor.state;
    const editedFields = [...new Set([...competitor.editedFields, ...Object.keys(set)])].sort();
    // Another address is another site: it is read as if for the first time.
    const moved = set.url !== undefined && set.url !== competitor.url;
    await inside.tx
      .updateTable('competitors')
      .set({ ...set, state, editedFields, ...(moved ? { lastReadAt: null, nextReadAt: null, trouble: null } : {}) })
      .where('id', '=', competitorId)
      .execute();
    await audit(inside, { operation: 'competitors.update', subject: competitorId, after: set });
    await record(inside, 'competitor.edited', { subjectId: competitorId, detail: { appId: competitor.appId } });
    return { id: competitorId };
  });
}

function setState(context: Context, competitorId: string, state: 'watched' | 'dismissed'): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const competitor = await competitorOf(inside, competitorId);
    await inside.tx.updateTable('competitors').set({ state }).where('id', '=', competitorId).execute();
    await audit(inside, {
      operation: `competitors.${state === 'watched' ? 'confirm' : 'dismiss'}`,
      subject: competitorId,
      before: { state: competitor.state },
      after: { state },
    });
    await record(inside, `competitor.${state}`, { subjectId: competitorId, detail: { appId: competitor.appId } });
    return { id: competitorId };
  });
}

async function competitorOf({ tx }: Inside, competitorId: string) {
  const row = await tx
    .selectFrom('competitors')
    .select(['appId', 'name', 'url', 'state', 'editedFields'])
    .where('id', '=', competitorId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('competitor');
  return row;
}

async function refuseTwin({ tx }: Inside, appId: string, name: string, url: string | null): Promise<void> {
  const all = await tx.selectFrom('competitors').select(['name', 'url', 'state']).where('appId', '=', appId).execute();
  const twin = all.find((one) => one.name.toLowerCase() === name.toLowerCase() || (url !== null && one.url === url));
  if (twin)
    throw refuse(
      'conflict',
      'competitor_exists',
      `${twin.name} is in the list already${twin.state === 'dismissed' ? ', dismissed. Confirm it to take it back' : ''}.`,
    );
}

function addressOf({ config }: Context, typed: string): string {
  const url = normaliseUrl(typed, config.WEB_ALLOW);
  if (!(url instanceof URL)) throw refuse('invalid', url.code, url.message);
  return url.href;
}

const name = z.string().trim().min(1).max(120);
const address = z.string().trim().min(1).max(2000);
const text = z.string().trim().max(5000).nullable().optional();
const named = z.strictObject({ competitorId: id });
const changed = z.object({ id });

export const competitorOperations = {
  list: operation({
    summary: 'List who else the audience considers.',
    route: 'GET /apps/{appId}/competitors',
    access: 'read',
    input: z.strictObject({ appId: id, state: z.enum(states).optional() }),
    output: z.object({ competitors: z.array(listed) }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        await appOf(inside, input.appId);
        return { competitors: await showCompetitors(inside, input.appId, input.state) };
      }),
  }),
  get: operation({
    summary: 'Show a competitor: profile, prices, strengths and weaknesses, presence, pages and changes.',
    route: 'GET /competitors/{competitorId}',
    access: 'read',
    input: named,
    output: whole,
    run: (context, { competitorId }) => transaction(context, (inside) => showCompetitor(inside, competitorId)),
  }),
  add: operation({
    summary: 'Add a competitor by its address or its name.',
    route: 'POST /apps/{appId}/competitors',
    access: 'write',
    input: z.strictObject({ appId: id, url: address.optional(), name: name.optional() }),
    output: changed,
    run: async (context, input) => addCompetitor(context, input),
  }),
  update: operation({
    summary: 'Change what is known of a competitor.',
    route: 'PATCH /competitors/{competitorId}',
    access: 'write',
    input: z.strictObject({
      competitorId: id,
      name: name.optional(),
      url: address.nullable().optional(),
      positioning: text,
      description: text,
      marketingStrategy: text,
      contentStrategy: text,
    }),
    output: changed,
    run: async (context, { competitorId, ...changes }) => updateCompetitor(context, competitorId, changes),
  }),
  confirm: operation({
    summary: 'Confirm a competitor: it is watched from now on.',
    route: 'POST /competitors/{competitorId}/confirm',
    access: 'write',
    input: named,
    output: changed,
    run: (context, { competitorId }) => setState(context, competitorId, 'watched'),
  }),
  dismiss: operation({
    summary: 'Dismiss a competitor; a reading that finds it again does not bring it back.',
    route: 'POST /competitors/{competitorId}/dismiss',
    access: 'write',
    input: named,
    output: changed,
    run: (context, { competitorId }) => setState(context, competitorId, 'dismissed'),
  }),
};
