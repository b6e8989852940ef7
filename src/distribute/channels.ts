import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Inside, transaction } from '#src/context.ts';
import { day, done, id, money, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays, dayIn, momentOf } from '#src/plan/times.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { categories } from '#src/understand/findings.ts';
import { adoptPlaces, FITS, shownPlace, showPlaces } from './channels/adopt.ts';
import { FLOOR, numbersOf, returnsOf } from './channels/numbers.ts';
import { channelKinds, hostsOf, placeOf } from './channels/places.ts';

const statuses = ['idea', 'preparing', 'active', 'paused', 'dropped'] as const;

const fields = {
  name: z.string().trim().min(1).max(120),
  kind: z.enum(channelKinds),
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

const shownPlaceFields = {
  id: z.string(),
  name: z.string(),
  kind: z.enum(channelKinds),
  url: z.string().nullable(),
  submitUrl: z.string().nullable(),
  platform: z.string().nullable(),
  customs: z.array(z.string()),
  limits: z.array(z.string()),
  next: z.string(),
  launch: z.array(z.object({ days: z.int(), name: z.string(), instructions: z.string() })),
  /** `seen`: the month in which what stands here was compared with it; null = not compared yet. */
  sources: z.array(z.object({ url: z.string(), seen: z.string().nullable() })),
};
const numbers = z.object({
  links: z.int(),
  /** Clicks by people on the channel's links; bots and previews are left out. */
  clicks: z.int(),
  visits: z.int(),
  signups: z.int(),
  customers: z.int(),
  revenue: money,
  cost: money,
  minutes: z.int(),
  otherRevenue: z.array(money),
  otherCost: z.array(money),
  /** False below ten signups, or where no cost is written down: then the two figures stay open. */
  enough: z.boolean(),
  costPerSignup: money.nullable(),
  /** Revenue as a part of the cost: 1 = it has come back. */
  payback: z.number().nullable(),
});

/** The channels of an app with what they brought in the last `days` days of the workspace's zone. */
async function listChannels(inside: Inside, { appId, days }: { appId: string; days: number }) {
  await appOf(inside, appId);
  const { timeZone, currency } = await workspaceOf(inside);
  const now = inside.clock.now();
  const fromDay = addDays(dayIn(timeZone, now), 1 - days);
  const rows = await inside.tx
    .selectFrom('channels')
    .selectAll()
    .where('appId', '=', appId)
    .orderBy('createdAt')
    .orderBy('name')
    .execute();
  const channels = rows.map((row) => ({ row, known: placeOf(row.place) }));
  const numbersFor = await numbersOf(
    inside,
    channels.map(({ row, known }) => ({
      id: row.id,
      hosts: known ? hostsOf(known) : row.url && URL.canParse(row.url) ? hostsOf({ url: row.url }) : [],
    })),
    { appId, currency, from: momentOf(timeZone, fromDay, '00:00'), until: new Date(now.getTime() + 1), fromDay },
  );
  return {
    from: fromDay,
    floor: FLOOR,
    channels: channels.map(({ row, known }) => {
      const own = numbersFor(row.id);
      return { ...row, place: known ? shownPlace(known) : null, numbers: { ...own, ...returnsOf(own) } };
    }),
  };
}

export const channelOperations = {
  places: operation({
    summary: 'List known places where apps reach people, those for the app’s category first, with customs and limits.',
    route: 'GET /channels/places',
    access: 'read',
    input: z.strictObject({
      appId: id,
      kind: z.enum(channelKinds).optional(),
      /** Left out, the app's own. */
      category: z.enum(categories).optional(),
    }),
    output: z.object({
      category: z.enum(categories),
      places: z.array(
        z.object({
          ...shownPlaceFields,
          /** Made for apps of this category, for any app, or rather for others. */
          fit: z.enum(FITS),
          /** The channel that stands for it already. */
          channelId: id.nullable(),
        }),
      ),
    }),
    run: (context, input) => transaction(context, (inside) => showPlaces(inside, input)),
  }),
  adopt: operation({
    summary: 'Take known places on as channels, with their customs, limits and first step.',
    route: 'POST /channels/adopt',
    access: 'write',
    input: z.strictObject({ appId: id, placeIds: z.array(z.string().min(1).max(60)).min(1).max(100) }),
    output: z.object({
      channels: z.array(z.object({ id, placeId: z.string() })),
      /** Places for which there was a channel. */
      alreadyThere: z.array(z.string()),
    }),
    run: adoptPlaces,
  }),
  list: operation({
    summary: 'List the channels by which an app reaches people, with traffic, conversions, revenue and cost.',
    route: 'GET /channels',
    access: 'read',
    input: z.strictObject({ appId: id, days: z.int().min(1).max(3660).default(90) }),
    output: z.object({
      /** The first day that is counted. */
      from: z.string(),
      floor: z.int(),
      channels: z.array(
        z.object({
          id,
          ...fields,
          /** The known place it was made from. */
          place: z.object(shownPlaceFields).nullable(),
          numbers,
          createdAt: z.date(),
        }),
      ),
    }),
    run: (context, input) => transaction(context, (inside) => listChannels(inside, input)),
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
