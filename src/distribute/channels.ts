import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Inside, transaction } from '#src/context.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const kinds = [
  'social',
  'store',
  'marketplace',
  'content',
  'community',
  'directory',
  'ads',
  'email',
  'affiliate',
  'partnership',
  'press',
  'search',
] as const;
const statuses = ['idea', 'preparing', 'active', 'paused', 'dropped'] as const;

const fields = {
  name: z.string().trim().min(1).max(120),
  kind: z.enum(kinds),
  platform: z.string().trim().min(1).max(40).nullable(),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable(),
  status: z.enum(statuses),
  /** What is usual there: when to post, what is frowned upon. */
  customs: z.string().trim().max(5000),
  /** How often one may post, and what it takes to be let in. */
  limits: z.string().trim().max(5000),
  nextStep: z.string().trim().max(500).nullable(),
  nextStepOn: day.nullable(),
};

export const channelOperations = {
  list: operation({
    summary: 'List the channels by which an app reaches people, with their links and clicks.',
    route: 'GET /channels',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      channels: z.array(
        z.object({
          id,
          ...fields,
          links: z.int(),
          /** Clicks by people; bots and previews are left out. */
          clicks: z.int(),
          createdAt: z.date(),
        }),
      ),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const channels = await inside.tx
          .selectFrom('channels')
          .selectAll()
          .select((eb) => [
            eb
              .selectFrom('links')
              .select((in_) => in_.fn.countAll<number>().as('count'))
              .whereRef('links.channelId', '=', 'channels.id')
              .as('links'),
            eb
              .selectFrom('clicks')
              .innerJoin('links', 'links.id', 'clicks.linkId')
              .select((in_) => in_.fn.countAll<number>().as('count'))
              .whereRef('links.channelId', '=', 'channels.id')
              .where('clicks.agentClass', 'in', ['human', 'unsure'])
              .as('clicks'),
          ])
          .where('appId', '=', appId)
          .orderBy('createdAt')
          .execute();
        return { channels: channels.map((row) => ({ ...row, links: row.links ?? 0, clicks: row.clicks ?? 0 })) };
      }),
  }),
  create: operation({
    summary: 'Add a channel.',
    route: 'POST /channels',
    access: 'write',
    input: z.strictObject({
      appId: id,
      name: fields.name,
      kind: fields.kind,
      platform: fields.platform.optional(),
      url: fields.url.optional(),
      status: fields.status.default('idea'),
      customs: fields.customs.default(''),
      limits: fields.limits.default(''),
      nextStep: fields.nextStep.optional(),
      nextStepOn: fields.nextStepOn.optional(),
    }),
    output: z.object({ id }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        await appOf(inside, input.appId);
        const row = await inside.tx
          .insertInto('channels')
          .values({ workspaceId: inside.workspaceId, ...input, createdAt: inside.clock.now() })
          .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'name']).doNothing())
          .returning('id')
          .executeTakeFirst();
        if (!row) throw refuse('conflict', 'channel_exists', `There is a channel "${input.name}" already.`);
        await record(inside, 'channel.created', { subjectId: row.id });
        return row;
      }),
  }),
  update: operation({
    summary: 'Change a channel: its status, customs or next step.',
    route: 'PATCH /channels/{channelId}',
    access: 'write',
    input: z.strictObject({ channelId: id, ...z.object(fields).partial().shape }),
    output: done,
    run: (context, { channelId, ...changes }) =>
      transaction(context, async (inside) => {
        const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
        if (Object.keys(set).length === 0)
          throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
        if (changes.name !== undefined) await assertNameFree(inside, channelId, changes.name);
        const row = await inside.tx
          .updateTable('channels')
          .set(set)
          .where('id', '=', channelId)
          .returning('id')
          .executeTakeFirst();
        if (!row) throw notFound('channel');
        await audit(inside, { operation: 'channels.update', subject: channelId, after: set });
        return { done: true };
      }),
  }),
  remove: operation({
    summary: 'Remove a channel; its links keep counting.',
    route: 'DELETE /channels/{channelId}',
    access: 'destructive',
    input: z.strictObject({ channelId: id }),
    output: done,
    run: (context, { channelId }) =>
      transaction(context, async (inside) => {
        const row = await inside.tx
          .deleteFrom('channels')
          .where('id', '=', channelId)
          .returning('name')
          .executeTakeFirst();
        if (!row) throw notFound('channel');
        await audit(inside, { operation: 'channels.remove', subject: channelId, before: { name: row.name } });
        return { done: true };
      }),
  }),
};

/** A channel's name is told apart within its app. */
async function assertNameFree({ tx }: Inside, channelId: string, name: string): Promise<void> {
  const twin = await tx
    .selectFrom('channels')
    .innerJoin('channels as twin', 'twin.appId', 'channels.appId')
    .select('twin.id')
    .where('channels.id', '=', channelId)
    .where('twin.name', '=', name)
    .where('twin.id', '<>', channelId)
    .executeTakeFirst();
  if (twin) throw refuse('conflict', 'channel_exists', `There is a channel "${name}" already.`);
}
