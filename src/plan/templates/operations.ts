import { sql } from 'kysely';
import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { done, id, instant, operation } from '#src/operation.ts';
import { createPost } from '#src/plan/posts.ts';
import {
  createTemplate,
  readTemplates,
  removeTemplate,
  seedTemplates,
  templateOf,
  updateTemplate,
} from '#src/plan/templates.ts';
import { appOf } from '#src/understand/apps.ts';
import { categories } from '#src/understand/findings.ts';
import { content, contentFields } from './file.ts';
import { byCategory } from './fit.ts';
import { previewed, previewTemplate, wordsFrom } from './preview.ts';
import { openLinks, templateSharingOperations } from './sharing.ts';
import { variableTypes } from './variables.ts';
import { readVersions, versionOf } from './versions.ts';

const results = z.object({
  posts: z.int(),
  published: z.int(),
  /** Visits of people that came by its posts. */
  visits: z.int(),
  /** Signups credited to its posts by the app's attribution model; shares add up. */
  signups: z.number(),
  impressions: z.int(),
});
const shown = z.object({
  id,
  name: z.string(),
  kind: contentFields.kind,
  platform: z.string(),
  /** One more with each change. */
  version: z.int(),
  importedFrom: z.string().nullable(),
  /** Links by which others read it, those that have ended left out. */
  links: z.int(),
  builtIn: z.boolean(),
  retiredAt: z.date().nullable(),
  createdAt: z.date(),
  parts: z.array(z.string()),
  variables: z.array(
    z.object({
      name: z.string(),
      type: z.enum(variableTypes),
      factKind: z.string().nullable(),
      choices: z.array(z.string()),
      description: z.string(),
    }),
  ),
  /** The words for single platforms; others take the parts. */
  wordings: z.array(z.object({ platform: z.string(), title: z.string(), parts: z.array(z.string()) })),
  performance: results,
});

const { name, kind, platform, parts } = contentFields;
const variables = contentFields.variables.optional();
const wordings = contentFields.wordings.unwrap().optional().describe('The words for single platforms.');
const one = z.strictObject({ templateId: id });

async function shownTemplates(inside: Inside, filter: { templateId?: string; retired?: boolean }) {
  const templates = await readTemplates(inside, filter);
  const became = await performanceOf(inside);
  const links = await openLinks(inside);
  return templates.map((template) => ({
    ...template,
    links: links.get(template.id) ?? 0,
    variables: template.variables.map(({ factKind = null, choices = [], ...variable }) => ({
      ...variable,
      factKind,
      choices,
    })),
    performance: became.get(template.id) ?? { posts: 0, published: 0, visits: 0, signups: 0, impressions: 0 },
  }));
}

/** What became of the posts made from each template. */
async function performanceOf({ tx }: Inside): Promise<Map<string, z.input<typeof results>>> {
  const { rows } = await sql<{
    templateId: string;
    posts: number;
    published: number;
    visits: number;
    signups: string;
    impressions: string;
  }>`
    with made as (select id, app_id, template_id, status from posts where template_id is not null),
      visited as (select post_id, count(*) as visits from visits where post_id in (select id from made) and agent_class = 'human' group by 1),
      seen as (select post_id, sum(impressions) as impressions from post_metrics where post_id in (select id from made) group by 1),
      signed as (
        select c.post_id, sum(c.share) as signups from credits c
        join conversions v on v.id = c.conversion_id and v.workspace_id = c.workspace_id and v.kind = 'signup'
        left join tracking_settings t on t.app_id = c.app_id and t.workspace_id = c.workspace_id
        where c.post_id in (select id from made) and c.model = coalesce(t.attribution_model, 'last_non_direct') group by 1
      )
    select made.template_id, count(*) as posts, count(*) filter (where made.status = 'published') as published,
      coalesce(sum(visited.visits), 0)::int8 as visits, coalesce(sum(signed.signups), 0)::text as signups, coalesce(sum(seen.impressions), 0)::text as impressions
    from made left join visited on visited.post_id = made.id left join seen on seen.post_id = made.id left join signed on signed.post_id = made.id
    group by 1`.execute(tx);
  return new Map(
    rows.map(({ templateId, signups, impressions, ...row }) => [
      templateId,
      { ...row, signups: Number(signups), impressions: Number(impressions) },
    ]),
  );
}

export const templateOperations = {
  list: operation({
    summary: 'List templates with how their posts did; with an app, those that suit its category first.',
    route: 'GET /templates',
    access: 'read',
    input: z.strictObject({
      appId: id.optional(),
      /** Left out, the app's own. */
      category: z.enum(categories).optional(),
    }),
    output: z.object({
      category: z.enum(categories).nullable(),
      templates: z.array(
        shown.extend({
          /** Made for apps of this category; false as well when no category is asked for. */
          suits: z.boolean(),
        }),
      ),
    }),
    run: (context, { appId, category: wanted }) =>
      transaction(context, async (inside) => {
        await seedTemplates(inside);
        const category = wanted ?? (appId ? (await appOf(inside, appId)).category : null);
        return { category, templates: byCategory(await shownTemplates(inside, {}), category) };
      }),
  }),
  get: operation({
    summary: 'Show a template.',
    route: 'GET /templates/{templateId}',
    access: 'read',
    input: one,
    output: shown,
    run: (context, { templateId }) =>
      transaction(context, async (inside) => {
        await templateOf(inside, templateId);
        const [template] = await shownTemplates(inside, { templateId });
        return template as NonNullable<typeof template>;
      }),
  }),
  create: operation({
    summary: 'Make a template; {{variables}} the product knows are filled from knowledge.',
    route: 'POST /templates',
    access: 'write',
    input: z.strictObject({ name, kind, platform, parts, variables, wordings }),
    output: z.object({ id }),
    run: createTemplate,
  }),
  update: operation({
    summary: 'Change a template of your own.',
    route: 'PATCH /templates/{templateId}',
    access: 'write',
    input: z.strictObject({
      templateId: id,
      name: name.optional(),
      kind: kind.optional(),
      platform: platform.optional(),
      parts: parts.optional(),
      variables,
      wordings,
    }),
    output: done,
    run: async (context, { templateId, ...change }) => {
      await updateTemplate(context, templateId, change);
      return { done: true };
    },
  }),
  remove: operation({
    summary: 'Take a template out of use.',
    route: 'DELETE /templates/{templateId}',
    access: 'destructive',
    input: one,
    output: done,
    run: async (context, { templateId }) => {
      await removeTemplate(context, templateId);
      return { done: true };
    },
  }),
  versions: operation({
    summary: 'List what a template said before it was changed, the latest first.',
    route: 'GET /templates/{templateId}/versions',
    access: 'read',
    input: one,
    output: z.object({ versions: z.array(z.object({ version: z.int(), replacedAt: z.date(), content })) }),
    run: (context, { templateId }) =>
      transaction(context, async (inside) => {
        await templateOf(inside, templateId);
        return { versions: await readVersions(inside, templateId) };
      }),
  }),
  restore: operation({
    summary: 'Let a template say again what an earlier version said; what it says now is kept as a version, too.',
    route: 'POST /templates/{templateId}/restore',
    access: 'write',
    input: z.strictObject({ templateId: id, version: z.int().min(1).max(1_000_000) }),
    output: done,
    run: async (context, { templateId, version }) => {
      const said = await transaction(context, async (inside) => {
        await templateOf(inside, templateId);
        return versionOf(inside, templateId, version);
      });
      await updateTemplate(context, templateId, said);
      return { done: true };
    },
  }),
  preview: operation({
    summary: 'Fill a template with what is known of an app, and say which platforms it fits.',
    route: 'POST /templates/{templateId}/preview',
    access: 'read',
    input: z.strictObject({
      templateId: id,
      appId: id,
      platform: platform.optional().describe('As it would be posted there; left out, its own platform.'),
      values: z.record(z.string().max(60), z.string().max(2000)).optional(),
    }),
    output: previewed,
    run: (context, input) => transaction(context, (inside) => previewTemplate(inside, input)),
  }),
  use: operation({
    summary: 'Write a draft from a template: each platform in its own words, every claim linked to its fact.',
    route: 'POST /templates/{templateId}/posts',
    access: 'write',
    input: z.strictObject({
      templateId: id,
      appId: id,
      platforms: z.array(platform).max(20).default([]).describe('Left out, the platform the template is written for.'),
      values: z.record(z.string().max(60), z.string().max(2000)).optional(),
      campaignId: id.nullable().optional(),
      proposedFor: instant.nullable().optional(),
    }),
    output: z.object({
      id,
      version: z.int(),
      /** Variables that nothing fills yet; they still stand in the text. */
      missing: z.array(z.string()),
    }),
    run: (context, { templateId, appId, platforms, values, ...settings }) =>
      transaction(context, async (inside) => {
        const { missing, complete: _, ...words } = await wordsFrom(inside, { templateId, appId, platforms, values });
        const post = await createPost(inside, { appId, templateId, source: 'template', ...settings, ...words });
        return { ...post, missing: missing.map((one) => one.name) };
      }),
  }),
  ...templateSharingOperations,
};
