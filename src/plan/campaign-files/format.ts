/** What a campaign file may say. The JSON Schema for editors is cut from this. */
import { z } from 'zod';
import { day } from '#src/operation.ts';
import { campaignStatuses, goalMetrics } from '#src/plan/campaigns/outline.ts';
import { costKinds } from '#src/plan/costs/import.ts';
import { objectives } from '#src/plan/strategies/propose.ts';
import { templateKinds } from '#src/plan/writing/index.ts';

const key = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9-]{0,62}$/,
    'A key has small letters, digits and dashes, e.g. "launch-teaser". It never changes.',
  );
const amount = z
  .union([z.number().min(0).max(1e12), z.string()])
  .refine((value) => /^\d{1,18}(\.\d{1,4})?$/.test(String(value)), 'An amount is written 12.50, without a sign.');
const currency = z.string().regex(/^[A-Z]{3}$/, 'A currency is three capital letters, e.g. EUR.');
const money = z.strictObject({ amount, currency });
const account = z.string().regex(/^[a-z0-9_-]+\/\S{1,200}$/, 'An account is written platform/handle, e.g. x/driftlog.');
const moment = z
  .string()
  .regex(
    /^(next slot|\d{4}-\d{2}-\d{2}[ T]([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2})?)$/,
    'A moment is a local time such as "2026-12-01 09:00", or "next slot".',
  );
const zone = z.string().max(64).meta({ description: 'IANA time zone of the local times, e.g. Europe/Berlin' });
const url = z.url({ protocol: /^https?$/ }).max(2000);

const media = z
  .strictObject({
    path: z.string().min(1).max(500).optional().meta({ description: 'From the folder of this file' }),
    asset: z.uuid().optional().meta({ description: 'The id of a picture or video in Fanfare' }),
    alt: z.string().max(1000).nullable().optional(),
  })
  .refine((one) => (one.path === undefined) !== (one.asset === undefined), 'Give a path or an asset, one of them.');
const part = z.union([
  z.string().min(1).max(30_000),
  z.strictObject({
    text: z.string().max(30_000),
    media: z.array(media).max(20).optional(),
    poll: z
      .strictObject({
        minutes: z.int().min(5).max(10_080),
        options: z.array(z.string().trim().min(1).max(25)).min(2).max(4),
      })
      .optional(),
  }),
]);
const words = z.union([
  z.string().min(1).max(30_000),
  z.array(part).min(1).max(50),
  z.strictObject({
    title: z.string().trim().min(1).max(300).nullable().optional(),
    parts: z.array(part).min(1).max(50),
    first_reply: z.string().max(30_000).nullable().optional(),
    reply_settings: z.enum(['everyone', 'following', 'mentioned', 'subscribers', 'verified']).nullable().optional(),
    community: z.string().max(200).nullable().optional(),
    long_post: z.boolean().optional(),
  }),
]);

const post = z
  .strictObject({
    key,
    title: z.string().trim().min(1).max(300).optional(),
    kind: z.enum(templateKinds).nullable().optional(),
    theme: z.string().min(1).max(200).nullable().optional(),
    link: url.nullable().optional().meta({ description: 'Where {{link}} leads' }),
    evergreen: z.boolean().optional(),
    cool_down_days: z.int().min(0).max(3650).optional(),
    minutes: z.int().min(0).max(100_000).optional().meta({ description: 'Own time it took' }),
    text: z
      .record(z.string().min(1).max(40), words)
      .optional()
      .meta({ description: 'By platform: a text, the parts of a thread, or all there is to say' }),
    template: z
      .strictObject({
        name: z.string().min(1).max(200),
        variables: z.record(z.string().max(60), z.string().max(2000)).optional(),
        platforms: z.array(z.string().min(1).max(40)).min(1).max(20).optional(),
      })
      .optional(),
    at: moment.nullable().optional(),
    zone: zone.optional(),
    accounts: z.array(account).min(1).max(50).optional(),
    schedule: z
      .array(z.strictObject({ account, at: moment }))
      .max(50)
      .optional()
      .meta({ description: 'Instead of at and accounts, where accounts have moments of their own' }),
    approve: z.boolean().optional().meta({ description: 'Approved as it stands here, by whoever applies the file' }),
  })
  .refine((one) => (one.text === undefined) !== (one.template === undefined), 'Give a text or a template, one of them.')
  .refine(
    (one) => one.schedule === undefined || (one.at === undefined && one.accounts === undefined),
    'Give a schedule, or at and accounts, not both.',
  );

const cost = z.strictObject({
  key,
  day,
  kind: z.enum(costKinds),
  amount: money.optional(),
  minutes: z.int().min(1).max(100_000).optional(),
  hourly_rate: money.optional(),
  channel: z.string().min(1).max(200).optional(),
  post: key.optional(),
  note: z.string().trim().max(1000).optional(),
});

const utm = z.string().trim().min(1).max(200).nullable().optional();
const link = z.strictObject({
  key,
  to: url,
  code: z
    .string()
    .regex(/^[A-Za-z0-9_-]{2,64}$/, 'A code has 2 to 64 letters, digits, - or _.')
    .optional(),
  channel: z.string().min(1).max(200).nullable().optional(),
  expires: moment.nullable().optional(),
  fallback: url.nullable().optional(),
  source: utm,
  medium: utm,
  content: utm,
  term: utm,
});

export const campaignFormat = z
  .strictObject({
    app: z.string().min(1).max(2000).optional().meta({ description: 'The app’s address, host or name' }),
    campaign: key.meta({ description: 'The key of the campaign; it stands in utm_campaign and never changes' }),
    revision: z.string().max(64).optional().meta({ description: 'Written by an export: the state it was taken from' }),
    name: z.string().trim().min(1).max(200).optional(),
    objective: z.enum(objectives).optional(),
    status: z.enum(campaignStatuses).optional(),
    description: z.string().trim().max(5000).optional(),
    starts: day.nullable().optional(),
    ends: day.nullable().optional(),
    budget: money.nullable().optional(),
    pacing: z.enum(['even', 'front', 'none']).optional(),
    colour: z.int().min(1).max(6).optional(),
    audiences: z.array(z.string().min(1).max(200)).max(50).optional(),
    regions: z
      .array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'A region is an ISO 3166 code such as DE or US-CA.'))
      .max(300)
      .optional(),
    goals: z.partialRecord(z.enum(goalMetrics), amount).optional(),
    zone: zone.optional(),
    accounts: z.array(account).max(50).optional().meta({ description: 'For every post that names none' }),
    posts: z.array(post).max(500).optional(),
    costs: z.array(cost).max(500).optional(),
    links: z.array(link).max(500).optional(),
  })
  .meta({ title: 'Fanfare campaign' });

export type CampaignText = z.output<typeof campaignFormat>;
export type PostText = NonNullable<CampaignText['posts']>[number];
export type CostText = NonNullable<CampaignText['costs']>[number];
export type LinkText = NonNullable<CampaignText['links']>[number];
export type WordsText = NonNullable<PostText['text']>[string];

/** The format as JSON Schema (draft 2020-12), for editors that complete and check YAML. */
export function campaignSchema(): Record<string, unknown> {
  return z.toJSONSchema(campaignFormat, { io: 'input', unrepresentable: 'any' }) as Record<string, unknown>;
}

type Schema = { properties?: Record<string, Schema>; items?: Schema; anyOf?: Schema[]; additionalProperties?: Schema };

/** The names a file may use at a place: `fieldsAt(['posts', 2])`. */
export function fieldsAt(path: readonly PropertyKey[]): string[] {
  let here: Schema[] = [campaignSchema() as Schema];
  for (const step of path)
    here = here
      .flatMap(alternatives)
      .flatMap(
        (one) =>
          (typeof step === 'number' ? one.items : (one.properties?.[String(step)] ?? one.additionalProperties)) ?? [],
      );
  return [...new Set(here.flatMap(alternatives).flatMap((one) => Object.keys(one.properties ?? {})))];
}

function alternatives(schema: Schema): Schema[] {
  return schema.anyOf ? schema.anyOf.flatMap(alternatives) : [schema];
}
