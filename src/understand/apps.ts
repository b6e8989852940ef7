import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { day, id, operation } from '#src/operation.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { requestAnalysis } from './analyse/request.ts';
import { categories } from './findings.ts';

export const stages = ['idea', 'development', 'beta', 'launched', 'scaling', 'mature'] as const;
export const statuses = ['active', 'paused', 'archived', 'discontinued'] as const;

export type AppProfile = {
  name?: string;
  tagline?: string | null;
  description?: string | null;
  category?: (typeof categories)[number];
  logoUrl?: string | null;
  faviconUrl?: string | null;
  brandColours?: string[];
  repositoryUrl?: string | null;
  language?: string | null;
};

/** Registers an app by its URL alone. What its pages say is read afterwards: see the flow. */
export async function registerApp(
  context: Context,
  wanted: { url: string; name?: string | undefined },
): Promise<{ id: string; url: string }> {
  const url = normaliseUrl(wanted.url, context.config.WEB_ALLOW);
  if (!(url instanceof URL)) throw refuse('invalid', url.code, url.message);
  return transaction(context, async (inside) => {
    const known = await inside.tx.selectFrom('apps').select('id').where('url', '=', url.href).executeTakeFirst();
    if (known) throw refuse('conflict', 'app_exists', `${url.host} is already one of your apps.`);
    const row = await inside.tx
      .insertInto('apps')
      .values({
        workspaceId: inside.workspaceId,
        url: url.href,
        name: wanted.name ?? url.hostname.replace(/^www\./, ''),
        editedFields: wanted.name ? ['name'] : [],
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
        updatedAt: inside.clock.now(),
      })
      .returning(['id', 'url'])
      .executeTakeFirstOrThrow();
    await requestAnalysis(inside, row.id);
    await record(inside, 'app.registered', { subjectId: row.id, detail: { url: row.url } });
    await audit(inside, { operation: 'apps.register', subject: row.id, after: { url: row.url } });
    return row;
  });
}

/** Writes what a reading found, but leaves alone whatever a person has set. */
export async function learnProfile(inside: Inside, appId: string, found: AppProfile): Promise<void> {
  const app = await inside.tx
    .selectFrom('apps')
    .select('editedFields')
    .where('id', '=', appId)
    .executeTakeFirstOrThrow();
  const open = Object.entries(found).filter(
    ([field, value]) => value !== undefined && !app.editedFields.includes(field),
  );
  if (open.length === 0) return;
  await inside.tx
    .updateTable('apps')
    .set({ ...Object.fromEntries(open), updatedAt: inside.clock.now() })
    .where('id', '=', appId)
    .execute();
}

/**
 * The address under which the app answered, when it differs from the one that was typed only in http or https: links
 * that are made of it must open.
 */
export async function learnAddress(inside: Inside, appId: string, answered: string): Promise<void> {
  const app = await inside.tx.selectFrom('apps').select('url').where('id', '=', appId).executeTakeFirstOrThrow();
  const [typed, url] = [new URL(app.url), new URL(answered)];
  if (typed.protocol === url.protocol || typed.host !== url.host) return;
  typed.protocol = url.protocol;
  const twin = await inside.tx.selectFrom('apps').select('id').where('url', '=', typed.href).executeTakeFirst();
  if (!twin) await inside.tx.updateTable('apps').set({ url: typed.href }).where('id', '=', appId).execute();
}

/** The app's own profiles elsewhere, replaced by what the newest reading found. */
export async function learnSocialLinks(
  inside: Inside,
  appId: string,
  links: { platform: string; url: string; handle: string | null }[],
): Promise<void> {
  await inside.tx.deleteFrom('socialLinks').where('appId', '=', appId).execute();
  if (links.length === 0) return;
  await inside.tx
    .insertInto('socialLinks')
    .values(links.map((link) => ({ workspaceId: inside.workspaceId, appId, ...link })))
    .onConflict((oc) => oc.doNothing())
    .execute();
}

/** The app with this id in this workspace, or "not found". */
export async function appOf({ tx }: Inside, appId: string) {
  const app = await tx.selectFrom('apps').selectAll().where('id', '=', appId).executeTakeFirst();
  if (!app) throw notFound('app');
  return app;
}

const shown = z.object({
  id,
  url: z.string(),
  name: z.string(),
  tagline: z.string().nullable(),
  description: z.string().nullable(),
  category: z.enum(categories),
  stage: z.enum(stages),
  status: z.enum(statuses),
  launchOn: z.string().nullable(),
  logoUrl: z.string().nullable(),
  faviconUrl: z.string().nullable(),
  brandColours: z.array(z.string()),
  repositoryUrl: z.string().nullable(),
  editedFields: z.array(z.string()),
  createdAt: z.date(),
});
const columns = [
  'id',
  'url',
  'name',
  'tagline',
  'description',
  'category',
  'stage',
  'status',
  'launchOn',
  'logoUrl',
  'faviconUrl',
  'brandColours',
  'repositoryUrl',
  'editedFields',
  'createdAt',
] as const;

export const appOperations = {
  register: operation({
    summary: 'Register an app by its URL; its pages are then read.',
    route: 'POST /apps',
    access: 'write',
    input: z.strictObject({
      url: z.string().trim().min(1).max(2000),
      name: z.string().trim().min(1).max(200).optional(),
    }),
    output: z.object({ id, url: z.string() }),
    run: registerApp,
  }),
  list: operation({
    summary: 'List your apps; archived ones only when asked for.',
    route: 'GET /apps',
    access: 'read',
    input: z.strictObject({ archived: z.boolean().optional() }),
    output: z.object({ apps: z.array(shown) }),
    run: (context, { archived }) =>
      transaction(context, async ({ tx }) => ({
        apps: await tx
          .selectFrom('apps')
          .select(columns)
          .$if(!archived, (query) => query.where('status', '<>', 'archived'))
          .orderBy('createdAt')
          .execute(),
      })),
  }),
  get: operation({
    summary: 'Show an app with its social links and life cycle.',
    route: 'GET /apps/{appId}',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: shown.extend({
      socialLinks: z.array(z.object({ platform: z.string(), url: z.string(), handle: z.string().nullable() })),
      lifeCycle: z.array(
        z.object({
          aspect: z.enum(['stage', 'status']),
          fromValue: z.string().nullable(),
          toValue: z.string(),
          changedAt: z.date(),
        }),
      ),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        const app = await inside.tx.selectFrom('apps').select(columns).where('id', '=', appId).executeTakeFirst();
        if (!app) throw notFound('app');
        const socialLinks = await inside.tx
          .selectFrom('socialLinks')
          .select(['platform', 'url', 'handle'])
          .where('appId', '=', appId)
          .orderBy('platform')
          .execute();
        const lifeCycle = await inside.tx
          .selectFrom('appLifeCycle')
          .select(['aspect', 'fromValue', 'toValue', 'changedAt'])
          .where('appId', '=', appId)
          .orderBy('changedAt', 'desc')
          .execute();
        return { ...app, socialLinks, lifeCycle };
      }),
  }),
  update: operation({
    summary: 'Change what is known of an app; what you set is never overwritten by a reading.',
    route: 'PATCH /apps/{appId}',
    access: 'write',
    input: z.strictObject({
      appId: id,
      name: z.string().trim().min(1).max(200).optional(),
      tagline: z.string().trim().max(300).nullable().optional(),
      description: z.string().trim().max(5000).nullable().optional(),
      category: z.enum(categories).optional(),
      stage: z.enum(stages).optional(),
      status: z.enum(statuses).optional(),
      launchOn: day.nullable().optional(),
      brandColours: z
        .array(z.string().regex(/^#[0-9a-f]{6}$/i))
        .max(12)
        .optional(),
      repositoryUrl: z.url().nullable().optional(),
    }),
    output: z.object({ id }),
    run: (context, { appId, ...changes }) =>
      transaction(context, async (inside) => {
        const app = await appOf(inside, appId);
        const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        if (Object.keys(set).length === 0)
          throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
        const editedFields = [...new Set([...app.editedFields, ...Object.keys(set)])];
        await inside.tx
          .updateTable('apps')
          .set({ ...set, editedFields, updatedAt: inside.clock.now() })
          .where('id', '=', appId)
          .execute();
        for (const aspect of ['stage', 'status'] as const) {
          const to = changes[aspect];
          if (to && to !== app[aspect])
            await inside.tx
              .insertInto('appLifeCycle')
              .values({
                workspaceId: inside.workspaceId,
                appId,
                aspect,
                fromValue: app[aspect],
                toValue: to,
                changedBy: userOf(inside),
                changedAt: inside.clock.now(),
              })
              .execute();
        }
        await audit(inside, { operation: 'apps.update', subject: appId, after: set });
        await record(inside, 'app.changed', { subjectId: appId });
        return { id: appId };
      }),
  }),
};
