/** What a reading of a competitor's pages changes in what is known of it. */
import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { storable } from '#src/understand/analyse/clean.ts';
import { type Change, follow, type Memory, remember } from '#src/understand/difference.ts';
import { addressesMachine } from '#src/understand/findings.ts';
import { savePage } from '#src/understand/pages.ts';
import type { PageKind } from '#src/understand/reading.ts';
import { postsOn, type Read, type Tried } from './read.ts';

/** What is remembered of a page; `posts` of a blog's front page. */
type Remembered = { shape: Memory; posts: string[] | null };

export type Kept = { pages: { read: Read; pageId: string; versionId: string; waits: boolean }[]; told: number };

/** Keeps the pages as versions and follows what they say; a change that is confirmed is dated and recorded. */
export async function keepPages(
  inside: Inside,
  competitor: { id: string; appId: string; name: string },
  tried: readonly Tried[],
): Promise<Kept> {
  const kept: Kept = { pages: [], told: 0 };
  for (const one of tried) {
    if (one.state !== 'read') {
      await noteTrouble(inside, competitor, one);
      continue;
    }
    const { pageId, versionId } = await savePage(inside, competitor.appId, one, competitor.id);
    const before = await memoryOf(inside, pageId);
    const step = before ? follow(before.shape, one.shape) : { memory: remember(one.shape), told: [] };
    const posts = one.kind === 'blog' ? postsOn(one) : [];
    const fresh = before?.posts ? posts.filter(({ url }) => !before.posts?.includes(url)) : [];
    const known =
      one.kind === 'blog'
        ? [...new Set([...posts.map(({ url }) => url), ...(before?.posts ?? [])])].slice(0, 300)
        : null;
    await keepMemory(inside, competitor.id, pageId, { shape: step.memory, posts: known });
    // A blog's front page changes by its posts; the posts themselves are what is told.
    const changes = one.kind === 'blog' ? [] : step.told;
    for (const change of changes) await tell(inside, competitor, pageId, one.url, change);
    for (const post of fresh.slice(0, 10)) await tellOfPost(inside, competitor, pageId, post);
    kept.told += changes.length + Math.min(fresh.length, 10);
    kept.pages.push({ read: one, pageId, versionId, waits: one.kind !== 'blog' && step.memory.open.length > 0 });
  }
  return kept;
}

async function memoryOf({ tx }: Inside, pageId: string): Promise<Remembered | null> {
  const row = await tx.selectFrom('competitorWatches').select('memory').where('pageId', '=', pageId).executeTakeFirst();
  return (row?.memory as Remembered | null | undefined) ?? null;
}

async function keepMemory(
  { tx, workspaceId, clock }: Inside,
  competitorId: string,
  pageId: string,
  memory: Remembered,
): Promise<void> {
  const now = clock.now();
  const row = {
    state: 'read' as const,
    message: null,
    memory: JSON.stringify(storable(memory)),
    triedAt: now,
    readAt: now,
  };
  await tx
    .insertInto('competitorWatches')
    .values({ workspaceId, pageId, competitorId, ...row })
    .onConflict((oc) => oc.columns(['workspaceId', 'pageId']).doUpdateSet(row))
    .execute();
}

/** A page that is known and was not read this time keeps what is remembered of it. */
async function noteTrouble(
  { tx, clock }: Inside,
  competitor: { id: string; appId: string },
  one: Extract<Tried, { message: string }>,
): Promise<void> {
  await tx
    .updateTable('competitorWatches')
    .set({ state: one.state, message: one.message, triedAt: clock.now() })
    .where('competitorId', '=', competitor.id)
    .where('pageId', 'in', (eb) =>
      eb.selectFrom('pages').select('id').where('competitorId', '=', competitor.id).where('url', '=', one.url),
    )
    .execute();
}

async function tell(
  inside: Inside,
  competitor: { id: string; appId: string; name: string },
  pageId: string,
  url: string,
  change: Change,
): Promise<void> {
  const { kind, what, severity, before, after, where, plan, percent, sentence } = change;
  const row = { kind, what, severity, before, after, place: where, plan, percent, sentence: safe(sentence) };
  await keepChange(inside, competitor, { ...row, pageId, url });
}

async function tellOfPost(
  inside: Inside,
  competitor: { id: string; appId: string; name: string },
  pageId: string,
  { url, title }: { url: string; title: string },
): Promise<void> {
  const row = {
    kind: 'post' as const,
    what: 'post',
    severity: 'low' as const,
    before: null,
    after: title,
    place: 'blog',
    plan: null,
    percent: null,
  };
  await keepChange(inside, competitor, { ...row, sentence: safe(`New post “${title}”.`), pageId, url });
}

type Row = Pick<Change, 'before' | 'after' | 'plan' | 'percent' | 'severity' | 'sentence'> & {
  kind: Change['kind'] | 'post';
  what: string;
  place: string;
  pageId: string;
  url: string;
};

async function keepChange(
  inside: Inside,
  competitor: { id: string; appId: string; name: string },
  row: Row,
): Promise<void> {
  const { tx, workspaceId, clock } = inside;
  const clean = storable(row);
  const { id } = await tx
    .insertInto('competitorChanges')
    .values({ workspaceId, competitorId: competitor.id, ...clean, foundAt: clock.now() })
    .returning('id')
    .executeTakeFirstOrThrow();
  await record(inside, 'competitor.changed', {
    subjectId: competitor.id,
    detail: {
      appId: competitor.appId,
      changeId: id,
      kind: row.kind,
      what: row.what,
      severity: row.severity,
      percent: row.percent,
      competitor: competitor.name,
      sentence: clean.sentence,
    },
  });
}

/** Words that give orders to a machine are shown as what they are, never passed on. */
function safe(sentence: string): string {
  return addressesMachine(sentence)
    ? 'Words changed that address machines; they are shown as they stand and nothing follows them.'
    : sentence;
}

export async function knownPagesOf({ tx }: Inside, competitorId: string): Promise<{ url: string; kind: PageKind }[]> {
  return tx
    .selectFrom('pages')
    .select(['url', 'kind'])
    .where('competitorId', '=', competitorId)
    .where('goneAt', 'is', null)
    .where('kind', '<>', 'home')
    .orderBy('firstSeenAt')
    .execute();
}
