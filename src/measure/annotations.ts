import { z } from 'zod';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { type Period, periodsFor, type RangeAsked, rangeFields } from '#src/measure/range.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn } from '#src/plan/times.ts';
import { notFound } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const kinds = ['note', 'post', 'release', 'campaign'] as const;

const annotation = z.object({
  kind: z.enum(kinds),
  /** Of an own note, which can be removed. */
  noteId: id.nullable(),
  /** Local day of the workspace. */
  day: z.string(),
  at: z.date().nullable(),
  title: z.string(),
  text: z.string(),
  postId: id.nullable(),
  campaignId: id.nullable(),
  platform: z.string().nullable(),
});
export type Annotation = z.output<typeof annotation>;

/** So many of each kind are shown; a chart has no room for more. */
const MOST = 300;

/**
 * What happened on the days of a chart: own notes, posts that went out, releases that a rule of the app saw, campaigns
 * that began. By day, then by time.
 */
export async function annotationsIn(
  inside: Inside,
  appId: string,
  period: Period,
  timeZone: string,
): Promise<Annotation[]> {
  const all = [
    ...(await notesIn(inside, appId, period)),
    ...(await postsIn(inside, appId, period, timeZone)),
    ...(await releasesIn(inside, appId, period, timeZone)),
    ...(await campaignsIn(inside, appId, period)),
  ];
  return all.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : (a.at?.getTime() ?? 0) - (b.at?.getTime() ?? 0)));
}

const NOTHING = { noteId: null, at: null, text: '', postId: null, campaignId: null, platform: null };

async function notesIn({ tx }: Inside, appId: string, { days }: Period): Promise<Annotation[]> {
  const rows = await tx
    .selectFrom('annotations')
    .select(['id as noteId', 'day', 'title', 'text'])
    .where('appId', '=', appId)
    .where('day', '>=', days[0] ?? '')
    .where('day', '<=', days.at(-1) ?? '')
    .orderBy('day')
    .orderBy('createdAt')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({ ...NOTHING, kind: 'note', ...row }));
}

async function postsIn(
  { tx }: Inside,
  appId: string,
  { from, until }: Period,
  timeZone: string,
): Promise<Annotation[]> {
  const rows = await tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['posts.id as postId', 'posts.title', 'posts.campaignId', 'publications.publishedAt', 'accounts.platform'])
    .where('posts.appId', '=', appId)
    // An answer in the inbox is no post of one's own.
    .where('publications.replyTo', 'is', null)
    .where('publications.publishedAt', '>=', from)
    .where('publications.publishedAt', '<', until)
    .orderBy('publications.publishedAt', 'desc')
    .limit(MOST)
    .execute();
  return rows.flatMap(({ publishedAt: at, ...row }) =>
    at === null ? [] : [{ ...NOTHING, ...row, kind: 'post' as const, at, day: dayIn(timeZone, at) }],
  );
}

/** Rules that draft from releases note each new one when they see it, at the latest an hour after it came out. */
async function releasesIn(
  { tx }: Inside,
  appId: string,
  { from, until }: Period,
  timeZone: string,
): Promise<Annotation[]> {
  const rows = await tx
    .selectFrom('automationRuns')
    .innerJoin('automations', 'automations.id', 'automationRuns.automationId')
    .select(['automationRuns.at', 'automationRuns.cause', 'automationRuns.postId'])
    .where('automations.appId', '=', appId)
    .where('automations.kind', '=', 'release_to_draft')
    .where('automationRuns.dedupe', 'like', 'item:%')
    .where('automationRuns.at', '>=', from)
    .where('automationRuns.at', '<', until)
    .orderBy('automationRuns.at', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(({ at, cause, postId }) => ({
    ...NOTHING,
    kind: 'release',
    at,
    day: dayIn(timeZone, at),
    title: cause.replace(/^New: /, ''),
    postId,
  }));
}

async function campaignsIn({ tx }: Inside, appId: string, { days }: Period): Promise<Annotation[]> {
  const rows = await tx
    .selectFrom('campaigns')
    .select(['id', 'name', 'startsOn'])
    .where('appId', '=', appId)
    .where('status', 'in', ['active', 'paused', 'completed'])
    .where('startsOn', '>=', days[0] ?? '')
    .where('startsOn', '<=', days.at(-1) ?? '')
    .orderBy('startsOn')
    .limit(MOST)
    .execute();
  return rows.flatMap(({ id, name, startsOn }) =>
    startsOn === null ? [] : [{ ...NOTHING, kind: 'campaign' as const, day: startsOn, title: name, campaignId: id }],
  );
}

async function list(context: Context, { appId, ...asked }: { appId: string } & RangeAsked) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const { timeZone } = await workspaceOf(inside);
    const began = await inside.tx
      .selectFrom('trafficDays')
      .select((eb) => eb.fn.min('day').as('day'))
      .where('appId', '=', appId)
      .where('dimension', '=', 'total')
      .executeTakeFirst();
    const { current } = periodsFor(asked, inside.clock.now(), timeZone, began?.day ?? null);
    return { timeZone, annotations: await annotationsIn(inside, appId, current, timeZone) };
  });
}

export const annotationOperations = {
  list: operation({
    summary: 'List what happened in a range: own notes, posts published, releases seen, campaigns begun.',
    route: 'GET /annotations',
    access: 'read',
    input: z.strictObject({ appId: id, ...rangeFields }),
    output: z.object({ timeZone: z.string(), annotations: z.array(annotation) }),
    run: list,
  }),
  add: operation({
    summary: 'Write a note on a day, to be shown in the charts.',
    route: 'POST /annotations',
    access: 'write',
    input: z.strictObject({
      appId: id,
      day,
      title: z.string().trim().min(1).max(200),
      text: z.string().trim().max(2000).default(''),
    }),
    output: z.object({ noteId: id }),
    run: (context, { appId, day, title, text }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const row = await inside.tx
          .insertInto('annotations')
          .values({
            workspaceId: inside.workspaceId,
            appId,
            day,
            title,
            text,
            createdBy: userOf(context),
            createdAt: inside.clock.now(),
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        await audit(inside, { operation: 'annotations.add', subject: row.id, after: { day, title } });
        return { noteId: row.id };
      }),
  }),
  remove: operation({
    summary: 'Remove an own note from the charts.',
    route: 'DELETE /annotations/{noteId}',
    access: 'destructive',
    input: z.strictObject({ noteId: id }),
    output: done,
    run: (context, { noteId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .deleteFrom('annotations')
          .where('id', '=', noteId)
          .returning(['day', 'title'])
          .executeTakeFirst();
        if (!row) throw notFound('note');
        await audit(inside, { operation: 'annotations.remove', subject: noteId, before: row });
        return { done: true };
      }),
  }),
};
