import { z } from 'zod';
import type { Offered } from '#src/doors/operations.ts';

export type Schema = {
  type?: string | string[];
  format?: string;
  pattern?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  minLength?: number;
  minItems?: number;
  maxItems?: number;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
};
/** Where in an input something stands: names of fields, and 0 for the first of a list. */
export type Place = (string | 0)[];

export function schemaOf(operation: Offered): Schema {
  return z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Schema;
}

/** Every place of an operation's input that takes what `wanted` looks for. */
export function places(schema: Schema, wanted: (schema: Schema) => boolean, at: Place = []): Place[] {
  const own = wanted(schema) ? [at] : [];
  const alternatives = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  return [
    ...own,
    ...alternatives.flatMap((one) => places(one, wanted, at)),
    ...(schema.items ? places(schema.items, wanted, [...at, 0]) : []),
    ...Object.entries(schema.properties ?? {}).flatMap(([name, one]) => places(one, wanted, [...at, name])),
  ];
}

export const isId = (schema: Schema) => schema.format === 'uuid' || schema.format === 'guid';
export const isText = (schema: Schema) =>
  schema.type === 'string' && !schema.format && !schema.enum && !schema.const && !schema.pattern;

/** The name of the thing an id stands for: `postIds.0` and `postId` are both a post. */
export function kindOf(place: Place): string {
  const names = place.filter((step): step is string => step !== 0);
  return (names.at(-1) ?? '').replace(/Ids$/, 'Id');
}

/**
 * The smallest input that the operation's schema takes: required fields alone, and what leads to `put.at`, where
 * `put.value` stands. `ids` gives the ids by kind.
 */
export function smallestInput(
  operation: Offered,
  ids: Record<string, string>,
  put?: { at: Place; value: unknown },
): Record<string, unknown> {
  const grow = (schema: Schema, at: Place): unknown => {
    if (put && same(at, put.at)) return put.value;
    const towards = put?.at.length && same(put.at.slice(0, at.length), at) ? put.at[at.length] : undefined;
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives) {
      const one = alternatives.find((each) => towards === undefined || each.properties?.[towards] || each.items);
      return grow(one ?? alternatives[0] ?? {}, at);
    }
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    if (schema.type === 'object') {
      const names = new Set([...(schema.required ?? []), ...(typeof towards === 'string' ? [towards] : [])]);
      return Object.fromEntries([...names].map((name) => [name, grow(schema.properties?.[name] ?? {}, [...at, name])]));
    }
    if (schema.type === 'array') {
      const count = Math.max(schema.minItems ?? 0, towards === 0 ? 1 : 0);
      return Array.from({ length: count }, (_, index) =>
        grow(schema.items ?? {}, [...at, index === 0 ? 0 : String(index)]),
      );
    }
    if (schema.type === 'integer' || schema.type === 'number') return Math.max(schema.minimum ?? 1, 1);
    if (schema.type === 'boolean') return true;
    return isId(schema) ? (ids[kindOf(at)] ?? crypto.randomUUID()) : text(schema, at);
  };
  return { ...(grow(schemaOf(operation), []) as Record<string, unknown>), ...spared(more(operation.name, put), put) };
}

const CAMPAIGN = {
  name: 'winter.yaml',
  yaml: 'campaign: winter-launch\nname: Winter launch\nobjective: growth\nstatus: draft\ngoals: { signups: 50 }\n',
};

/** What an operation asks for beyond its schema: one of two fields, say, or something to change. */
const MORE: Record<string, Record<string, unknown>> = {
  'accounts.setDeveloperApp': { platform: 'x', clientId: 'the-client-id' },
  'accounts.setPolicy': { missedPolicy: 'ask' },
  'affiliates.update': { name: 'Another name' },
  'ai.limits': { monthlyBudgetMicros: 5_000_000 },
  'ai.set': { model: 'gpt-5-mini' },
  'alertRules.change': { metric: 'visits', comparison: 'above', value: 5 },
  'alertRules.create': { metric: 'visits', comparison: 'above', value: 5 },
  'alertRules.preview': { metric: 'visits', comparison: 'above', value: 5 },
  'alertSettings.set': { quietFrom: '22:00', quietUntil: '07:00' },
  'apps.update': { name: 'Another name' },
  'assets.describe': { altText: 'The inbox with three events' },
  'assisted.create': { platform: 'reddit' },
  'assisted.done': { url: 'https://www.reddit.com/r/SideProject/comments/1abcde/outpost/' },
  'assisted.fromPost': { platform: 'reddit' },
  'assisted.noteNumbers': { likes: 1 },
  'audiences.update': { name: 'Another name' },
  'automations.update': { name: 'Another name' },
  'calendar.exportCsv': { to: '2027-02-01T00:00:00Z' },
  'calendar.importCsv': {
    csv: 'platform,title,text\nsandbox,Webhooks that wait,They wait until your server is back.\n',
  },
  'calendar.moveMany': { days: 1 },
  'calendar.range': { to: '2027-02-01T00:00:00Z' },
  'calendar.recur': { evenIfSimilar: true },
  'campaignFiles.apply': { files: [CAMPAIGN] },
  'campaignFiles.plan': { files: [CAMPAIGN] },
  'campaigns.update': { name: 'Another name' },
  'channels.adopt': { placeIds: ['mastodon'] },
  'channels.update': { name: 'Another name' },
  'competitors.add': { name: 'Another one' },
  'competitors.update': { name: 'Another name' },
  'consents.record': { email: 'ada@example.com' },
  'costs.add': { amount: { minor: '100', currency: 'EUR' } },
  'costs.import': { csv: 'date,amount,currency\n2026-11-01,49.90,EUR\n' },
  'goals.create': { eventKind: 'signup' },
  'launch.plan': { launchOn: '2027-03-01' },
  'links.update': { destination: 'https://example.com/other' },
  'mailingLists.update': { name: 'Another name' },
  'newsletter.recordBounce': { email: 'stock@example.com' },
  'posts.approve': { evenIfSimilar: true },
  'posts.publishNow': { evenIfSimilar: true },
  'posts.schedule': { at: '2027-01-04T10:00:00Z', evenIfSimilar: true },
  'posts.update': { title: 'A better title' },
  'privacy.erase': { email: 'ada@example.com' },
  'privacy.export': { email: 'ada@example.com' },
  'privacy.find': { email: 'ada@example.com' },
  'publications.reschedule': { at: '2027-01-05T10:00:00Z' },
  'retention.set': { days: 90 },
  'slots.add': { atTime: '10:30' },
  'subscribers.import': { csv: 'email\nada@example.com\n' },
  'success.setTarget': { area: 'acquisition', metric: 'visits', target: 2000 },
  'templates.update': { name: 'Another name' },
  'tracking.set': { privacyTier: 'anonymous' },
  'workspaces.update': { timeZone: 'Europe/Berlin' },
};

/** What was put in is not covered up again. */
function spared(extra: Record<string, unknown>, put: { at: Place } | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => name !== put?.at[0]));
}

function more(name: string, put: { at: Place } | undefined): Record<string, unknown> {
  if (name === 'spend.price')
    return put?.at[0] === 'postId' ? {} : { texts: ['Webhooks wait until your server is back.'] };
  return MORE[name] ?? {};
}

/** What people write into a field of this name: the examples of the API are made of it. */
const WORDS: Record<string, string> = {
  agentName: 'Support agent',
  arm: 'Arm',
  item: 'Ask ten users',
  kind: 'signup',
  name: 'Winter launch',
  parts: 'New in {{app_name}}: webhooks that wait',
  payment: 'inv-1001',
  phrase: 'webhook inbox',
  plan: 'Team',
  postalAddress: '1 Main Street, Oslo',
  reference: 'inv-1002',
  reason: 'It was said twice',
  statement: 'Webhooks wait until the server is back',
  text: 'Webhooks wait until your server is back',
  texts: 'Webhooks wait until your server is back',
  title: 'Webhooks that wait',
};

function text(schema: Schema, at: Place): string {
  if (schema.format === 'date') return '2027-01-04';
  if (schema.format === 'date-time') return '2027-01-04T10:00:00Z';
  if (schema.format === 'uri') return 'https://example.com/page';
  if (schema.format === 'email') return 'someone@example.com';
  const name = kindOf(at);
  if (name === 'url' || name === 'destination') return 'https://example.com/page';
  if (name === 'platform') return 'sandbox';
  if (name === 'timeZone') return 'Europe/Berlin';
  const candidates = [
    WORDS[name] ?? 'Some words',
    'Some words',
    '100',
    'EUR',
    '10:30',
    'a_name',
    '2027-01',
    '#aabbcc',
    '/path',
    'DE',
    'example.com',
  ];
  const fitting = candidates.find(
    (one) => (!schema.pattern || new RegExp(schema.pattern, 'u').test(one)) && one.length <= (schema.maxLength ?? 1e9),
  );
  if (fitting === 'Some words' || fitting === WORDS[name])
    return `${fitting} ${at.findLast((step) => /^\d+$/.test(String(step))) ?? ''}`.trim();
  if (fitting === undefined) throw new Error(`No sample for ${JSON.stringify(at)} ${JSON.stringify(schema)}`);
  return fitting;
}

function same(one: Place, other: Place): boolean {
  return one.length === other.length && one.every((step, index) => step === other[index]);
}
