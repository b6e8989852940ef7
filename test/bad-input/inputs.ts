import { z } from 'zod';
import type { Offered } from '#src/doors/operations.ts';

type Schema = {
  type?: string | string[];
  format?: string;
  pattern?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maxLength?: number;
  minLength?: number;
  minItems?: number;
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

/** What an operation asks for beyond its schema: one of two fields, say, or something to change. */
const MORE: Record<string, Record<string, unknown>> = {
  'alertRules.change': { metric: 'visits', comparison: 'above', value: 5 },
  'alertRules.create': { metric: 'visits', comparison: 'above', value: 5 },
  'alertRules.preview': { metric: 'visits', comparison: 'above', value: 5 },
  'affiliates.update': { name: 'Another name' },
  'apps.update': { name: 'Another name' },
  'assisted.create': { platform: 'reddit' },
  'assisted.fromPost': { platform: 'reddit' },
  'assisted.noteNumbers': { likes: 1 },
  'attribution.credits': {},
  'audiences.update': { name: 'Another name' },
  'calendar.exportCsv': { to: '2027-02-01T00:00:00Z' },
  'calendar.moveMany': { days: 1 },
  'calendar.range': { to: '2027-02-01T00:00:00Z' },
  'channels.update': { name: 'Another name' },
  'competitors.add': { name: 'Another one' },
  'competitors.update': { name: 'Another name' },
  'costs.add': { amount: { minor: '100', currency: 'EUR' } },
  'goals.create': { eventKind: 'signup' },
  'launch.plan': { launchOn: '2027-03-01' },
  'links.update': { destination: 'https://example.com/other' },
  'posts.publishNow': { evenIfSimilar: true },
  'posts.schedule': { at: '2027-01-04T10:00:00Z', evenIfSimilar: true },
  'publications.reschedule': { at: '2027-01-05T10:00:00Z' },
  'slots.add': { atTime: '10:30' },
  'tracking.set': { privacyTier: 'anonymous' },
};

/** What was put in is not covered up again. */
function spared(extra: Record<string, unknown>, put: { at: Place } | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => name !== put?.at[0]));
}

function more(name: string, put: { at: Place } | undefined): Record<string, unknown> {
  if (name === 'spend.price') return put?.at[0] === 'postId' ? {} : { texts: ['Some words'] };
  return MORE[name] ?? {};
}

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
  if (fitting === 'Some words') return `Some words ${at.findLast((step) => /^\d+$/.test(String(step))) ?? ''}`.trim();
  if (fitting === undefined) throw new Error(`No sample for ${JSON.stringify(at)} ${JSON.stringify(schema)}`);
  return fitting;
}

function same(one: Place, other: Place): boolean {
  return one.length === other.length && one.every((step, index) => step === other[index]);
}
