import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { agentNameField, decideOnAgent } from '#src/measure/events/reclassify.ts';
import { refusalWords } from '#src/measure/events/refusals.ts';
import type { EventRefusal } from '#src/measure/events/steps.ts';
import { ensureTracking, keyOf, ownHost, snippetOf, trackerName } from '#src/measure/events/tracking.ts';
import { requestRecount } from '#src/measure/rollups/recount.ts';
import { day, done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const host = z
  .string()
  .trim()
  .toLowerCase()
  .max(253)
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/, 'A host is written as example.com, without https:// and path.');
const parameter = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/);
const scriptUrl = z
  .url({ protocol: /^https?$/ })
  .max(500)
  .regex(/^[^?#"<>\s]+\.js$/, 'The address of a script, such as https://example.com/hello.js.');
const models = ['first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position', 'markov', 'shapley'] as const;

const recount = z.object({
  recountId: id,
  reason: z.enum(['upgrade', 'time_zone', 'agents', 'import', 'request']),
  fromDay: z.string(),
  untilDay: z.string(),
  requestedAt: z.date(),
  doneAt: z.date().nullable(),
  visitsBefore: z.int().nullable(),
  visitsAfter: z.int().nullable(),
  botsBefore: z.int().nullable(),
  botsAfter: z.int().nullable(),
});

const shown = z.object({
  publicKey: z.string(),
  snippet: z.string(),
  /** The script's own name on this server, e.g. `/3f9a1c07be.js`. */
  scriptPath: z.string(),
  /** Where the pages load it from instead: under the app's own domain. */
  scriptUrl: z.string().nullable(),
  hosts: z.array(z.string()),
  ownHosts: z.array(z.string()),
  privacyTier: z.enum(['anonymous', 'consented']),
  keptQueryParameters: z.array(z.string()),
  attributionWindowDays: z.int(),
  attributionModel: z.enum(models),
  /** Time decay: a touch so many days before the last one weighs half. */
  decayHalfLifeDays: z.int(),
  /** Position: what the first and the last touch get, in percent. */
  positionFirstPercent: z.int(),
  positionLastPercent: z.int(),
  /** How many channels back the Markov chain remembers. */
  markovOrder: z.int(),
  /** What an hour of own time is worth, in minor units of the workspace's currency; null = not said. */
  hourlyRateMinor: z.string().nullable(),
  firstEventAt: z.date().nullable(),
  lastVisitAt: z.date().nullable(),
  /** So many alike within ten minutes are looked at as a burst; null = never. */
  burstVisits: z.int().nullable(),
  /** Not counted in the last 30 days. */
  refusals: z.array(z.object({ reason: z.string(), words: z.string(), times: z.int(), lastDay: z.string() })),
  /** Bots, previews and what is unsure in the last 30 days, most visits first. */
  agents: z.array(z.object({ name: z.string(), agentClass: z.string(), visits: z.int() })),
  decisions: z.array(z.object({ agentName: z.string(), verdict: z.enum(['bot', 'person']), madeAt: z.date() })),
  /** The newest first. */
  recounts: z.array(recount),
});

async function show(context: Context, { appId }: { appId: string }): Promise<z.output<typeof shown>> {
  return transaction(context, async (inside) => {
    const { tx } = inside;
    const publicKey = (await keyOf(inside, appId)) ?? (await ensureTracking(inside, appId));
    const settings = await tx
      .selectFrom('trackingSettings')
      .selectAll()
      .where('appId', '=', appId)
      .executeTakeFirstOrThrow();
    const since = new Date(inside.clock.now().getTime() - 30 * 86_400_000).toISOString().slice(0, 10);
    const refusals = await tx
      .selectFrom('eventRefusals')
      .select((eb) => [
        'reason',
        eb.cast<number>(eb.fn.sum('times'), 'bigint').as('times'),
        eb.fn.max('day').as('lastDay'),
      ])
      .where('appId', '=', appId)
      .where('day', '>=', since)
      .groupBy('reason')
      .orderBy('times', 'desc')
      .execute();
    const app = await appOf(inside, appId);
    return {
      publicKey,
      snippet: snippetOf(inside, publicKey, { scriptUrl: settings.scriptUrl, keep: settings.keptQueryParameters }),
      scriptPath: `/${trackerName(inside)}.js`,
      scriptUrl: settings.scriptUrl,
      hosts: settings.hosts,
      ownHosts: [ownHost(app.url)],
      privacyTier: settings.privacyTier,
      keptQueryParameters: settings.keptQueryParameters,
      attributionWindowDays: settings.attributionWindowDays,
      attributionModel: settings.attributionModel,
      decayHalfLifeDays: settings.decayHalfLifeDays,
      positionFirstPercent: settings.positionFirstPercent,
      positionLastPercent: settings.positionLastPercent,
      markovOrder: settings.markovOrder,
      hourlyRateMinor: settings.hourlyRateMinor,
      firstEventAt: settings.firstEventAt,
      lastVisitAt: await lastVisitOf(inside, appId),
      burstVisits: settings.burstVisits,
      refusals: refusals.map((one) => ({ ...one, words: refusalWords[one.reason as EventRefusal] ?? one.reason })),
      agents: await agentsOf(inside, appId, since),
      decisions: await decisionsOf(inside, appId),
      recounts: await recountsOf(inside, appId),
    };
  });
}

async function lastVisitOf({ tx }: Inside, appId: string): Promise<Date | null> {
  const row = await tx
    .selectFrom('visits')
    .select('startedAt')
    .where('appId', '=', appId)
    .orderBy('startedAt', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.startedAt ?? null;
}

/** The dimension's value is `bot/Googlebot`. */
async function agentsOf({ tx }: Inside, appId: string, since: string) {
  const rows = await tx
    .selectFrom('trafficDays')
    .select((eb) => ['value', eb.cast<number>(eb.fn.sum('visits'), 'bigint').as('visits')])
    .where('appId', '=', appId)
    .where('dimension', '=', 'agent')
    .where('day', '>=', since)
    .groupBy('value')
    .orderBy('visits', 'desc')
    .orderBy('value')
    .limit(50)
    .execute();
  return rows
    .filter((row) => row.visits > 0)
    .map(({ value, visits }) => {
      const at = value.indexOf('/');
      return { agentClass: value.slice(0, at), name: value.slice(at + 1), visits };
    });
}

function decisionsOf({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('agentRules')
    .select(['agentName', 'verdict', 'madeAt'])
    .where('appId', '=', appId)
    .orderBy('madeAt', 'desc')
    .orderBy('agentName')
    .execute();
}

function recountsOf({ tx }: Inside, appId: string) {
  return tx
    .selectFrom('recounts')
    .select(['id as recountId', 'reason', 'fromDay', 'untilDay', 'requestedAt', 'doneAt'])
    .select(['visitsBefore', 'visitsAfter', 'botsBefore', 'botsAfter'])
    .where('appId', '=', appId)
    .orderBy('requestedAt', 'desc')
    .orderBy('id')
    .limit(10)
    .execute();
}

async function assertPosition(
  { tx }: Inside,
  appId: string,
  changes: { positionFirstPercent?: number | undefined; positionLastPercent?: number | undefined },
): Promise<void> {
  const row = await tx
    .selectFrom('trackingSettings')
    .select(['positionFirstPercent', 'positionLastPercent'])
    .where('appId', '=', appId)
    .executeTakeFirstOrThrow();
  const first = changes.positionFirstPercent ?? row.positionFirstPercent;
  if (first + (changes.positionLastPercent ?? row.positionLastPercent) > 100)
    throw refuse('invalid', 'position', 'The first and the last touch cannot get more than 100 percent together.');
}

export const trackingOperations = {
  get: operation({
    summary: 'Show how an app is measured: its public key, the script for its pages, hosts, what was refused.',
    route: 'GET /apps/{appId}/tracking',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: shown,
    run: show,
  }),
  set: operation({
    summary: 'Change how an app is measured. No hosts means its own and its subdomains.',
    route: 'PATCH /apps/{appId}/tracking',
    access: 'write',
    input: z.strictObject({
      appId: id,
      hosts: z.array(host).max(50).optional(),
      privacyTier: z.enum(['anonymous', 'consented']).optional(),
      keptQueryParameters: z.array(parameter).max(20).optional(),
      scriptUrl: scriptUrl.nullable().optional(),
      burstVisits: z.int().min(10).max(10_000).nullable().optional(),
      attributionWindowDays: z.int().min(1).max(365).optional(),
      attributionModel: z.enum(models).optional(),
      decayHalfLifeDays: z.int().min(1).max(365).optional(),
      positionFirstPercent: z.int().min(0).max(100).optional(),
      positionLastPercent: z.int().min(0).max(100).optional(),
      markovOrder: z.int().min(1).max(3).optional(),
      hourlyRateMinor: z
        .string()
        .regex(/^\d{1,12}$/, 'A whole number of minor units, such as "6000" for 60.00 an hour.')
        .nullable()
        .optional(),
    }),
    output: shown,
    run: async (context, { appId, ...changes }) => {
      const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
      if (Object.keys(set).length === 0)
        throw refuse('invalid', 'nothing_to_change', 'Name at least one setting to change.');
      await transaction(context, async (inside) => {
        await ensureTracking(inside, appId);
        await assertPosition(inside, appId, changes);
        const row = await inside.tx
          .updateTable('trackingSettings')
          .set(set)
          .where('appId', '=', appId)
          .returning('appId')
          .executeTakeFirst();
        if (!row) throw notFound('app');
        await audit(inside, { operation: 'tracking.set', subject: appId, after: set });
      });
      return show(context, { appId });
    },
  }),
  reclassify: operation({
    summary: 'Decide whether an agent or browser is a bot or a person; visits that are stored are counted again.',
    route: 'POST /apps/{appId}/tracking/agents',
    access: 'write',
    input: z.strictObject({
      appId: id,
      agentName: agentNameField.describe('As it is shown: Googlebot, Burst, UC Browser.'),
      verdict: z.enum(['bot', 'person']).nullable().describe('Null takes the decision back.'),
    }),
    output: done,
    run: async (context, input) => {
      await transaction(context, (inside) => decideOnAgent(inside, input));
      return { done: true };
    },
  }),
  recount: operation({
    summary: 'Count an app’s visits of some days again, or of all days that are kept.',
    route: 'POST /apps/{appId}/tracking/recount',
    access: 'write',
    input: z.strictObject({ appId: id, from: day.optional(), until: day.optional() }),
    output: z.object({ recountId: id.nullable() }),
    run: (context, { appId, from, until }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        if ((from === undefined) !== (until === undefined) || (from && until && from > until))
          throw refuse('invalid', 'range', 'Name the first and the last day, in this order, or neither.');
        const days = from && until ? { from, until } : undefined;
        const recountId = await requestRecount(inside, { appId, reason: 'request', ...(days ? { days } : {}) });
        await audit(inside, { operation: 'tracking.recount', subject: appId, after: { from, until } });
        return { recountId };
      }),
  }),
};
