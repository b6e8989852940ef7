import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { normaliseUrl } from '#src/outside/web.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { requestAnalysis } from './analyse/request.ts';
import type { categories } from './findings.ts';
import { accountIn } from './reading.ts';

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

/** The app's own profiles elsewhere, replaced by what the newest reading found, unless a person has set them. */
export async function learnSocialLinks(
  inside: Inside,
  appId: string,
  links: { platform: string; url: string; handle: string | null }[],
): Promise<void> {
  const { editedFields } = await appOf(inside, appId);
  if (!editedFields.includes('socialLinks')) await replaceLinks(inside, appId, links);
}

export type AppChanges = {
  name?: string | undefined;
  tagline?: string | null | undefined;
  description?: string | null | undefined;
  category?: (typeof categories)[number] | undefined;
  stage?: (typeof stages)[number] | undefined;
  status?: (typeof statuses)[number] | undefined;
  launchOn?: string | null | undefined;
  logoUrl?: string | null | undefined;
  faviconUrl?: string | null | undefined;
  brandColours?: string[] | undefined;
  repositoryUrl?: string | null | undefined;
  /** Addresses of its profiles, and of its pages in stores. */
  socialLinks?: string[] | undefined;
};

/** Changes what is known of an app. What a person sets is theirs: no reading writes over it. */
export function updateApp(context: Context, appId: string, changes: AppChanges): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const app = await appOf(inside, appId);
    const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
    if (Object.keys(set).length === 0)
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    const { socialLinks, ...columns } = set as AppChanges;
    const editedFields = [...new Set([...app.editedFields, ...Object.keys(set)])];
    await inside.tx
      .updateTable('apps')
      .set({ ...columns, editedFields, updatedAt: inside.clock.now() })
      .where('id', '=', appId)
      .execute();
    if (socialLinks) await replaceLinks(inside, appId, socialLinks.map(linkOf));
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
  });
}

/** Gives fields back to the readings: the next one writes what it finds there. */
export function releaseFields(context: Context, appId: string, fields: readonly string[]): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const app = await appOf(inside, appId);
    const editedFields = app.editedFields.filter((field) => !fields.includes(field));
    await inside.tx.updateTable('apps').set({ editedFields }).where('id', '=', appId).execute();
    await audit(inside, { operation: 'apps.release', subject: appId, after: { fields: fields.join(', ') } });
    return { id: appId };
  });
}

async function replaceLinks(
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

/** What a person typed as a profile: known networks with their handle, stores as such, anything else as a page. */
function linkOf(typed: string): { platform: string; url: string; handle: string | null } {
  const { href } = new URL(typed);
  return accountIn(href) ?? { platform: 'other', url: href, handle: null };
}

/** The app with this id in this workspace, or "not found". */
export async function appOf({ tx }: Inside, appId: string) {
  const app = await tx.selectFrom('apps').selectAll().where('id', '=', appId).executeTakeFirst();
  if (!app) throw notFound('app');
  return app;
}
