import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { day, id, operation } from '#src/operation.ts';
import { notFound } from '#src/refusal.ts';
import { registerApp, releaseFields, stages, statuses, updateApp } from '#src/understand/apps.ts';
import { categories } from '#src/understand/findings.ts';

/** Fields that a reading fills in. */
const readFields = [
  'name',
  'tagline',
  'description',
  'category',
  'logoUrl',
  'faviconUrl',
  'brandColours',
  'repositoryUrl',
  'socialLinks',
] as const;

/** The address of a picture: out on the web, or one of the workspace's own files. */
const picture = z
  .string()
  .trim()
  .max(2000)
  .refine((text) => /^\/media\/[0-9a-f-]{36}\?workspace=[0-9a-f-]{36}$/.test(text) || /^https?:\/\/\S+$/.test(text), {
    message: 'This must be an address with https, or one of your files.',
  });

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
          changedBy: z.string().nullable(),
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
          .selectFrom('appLifeCycle as c')
          .leftJoin('users as u', 'u.id', 'c.changedBy')
          .select(['c.aspect', 'c.fromValue', 'c.toValue', 'c.changedAt', 'u.name as changedBy'])
          .where('c.appId', '=', appId)
          .orderBy('c.changedAt', 'desc')
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
      logoUrl: picture.nullable().optional(),
      faviconUrl: picture.nullable().optional(),
      brandColours: z
        .array(z.string().regex(/^#[0-9a-f]{6}$/i))
        .max(12)
        .optional(),
      repositoryUrl: z.url().nullable().optional(),
      /** Addresses of its profiles and of its pages in stores; they stand in place of those that were there. */
      socialLinks: z
        .array(z.url({ protocol: /^https?$/ }).max(2000))
        .max(40)
        .optional(),
    }),
    output: z.object({ id }),
    run: (context, { appId, ...changes }) => updateApp(context, appId, changes),
  }),
  release: operation({
    summary: 'Give fields that you set back to the readings; the next one writes what it finds.',
    route: 'POST /apps/{appId}/release',
    access: 'write',
    input: z.strictObject({ appId: id, fields: z.array(z.enum(readFields)).min(1).max(20) }),
    output: z.object({ id }),
    run: (context, { appId, fields }) => releaseFields(context, appId, fields),
  }),
};
