import fc from 'fast-check';
import type { Offered } from '#src/doors/operations.ts';
import { operations } from '#test/bad-input/house.ts';
import { isId, kindOf, type Place, places, type Schema, schemaOf, smallestInput } from '#test/bad-input/inputs.ts';

/** Who calls: the owner or a viewer in their browser, a program by its key, or nobody. */
export type Who = 'owner' | 'viewer' | 'key' | 'nobody';

/**
 * One call, at the HTTP API or at the page's own door. Ids stand as words (`«own appId»`, `«foreign postId»`): what a seed gives is the same whatever ids the
 * database made.
 */
export type Call = { name: string; who: Who; input: unknown; door: 'api' | 'page' };

const PLACEHOLDER = /«(own|foreign) (\w+)»/g;
const owned = (kind: string) => `«own ${kind}»`;
const everyOwn = new Proxy({} as Record<string, string>, { get: (_, kind) => owned(String(kind)) });

/** The call's input with the ids put in that the words stand for. */
export function resolve(input: unknown, own: Record<string, string>, foreign: Record<string, string>): unknown {
  if (typeof input === 'string')
    return input.replaceAll(PLACEHOLDER, (_, whose, kind) => (whose === 'own' ? own : foreign)[kind] ?? NEVER);
  if (Array.isArray(input)) return input.map((one) => resolve(one, own, foreign));
  if (typeof input !== 'object' || input === null) return input;
  return Object.fromEntries(Object.entries(input).map(([name, one]) => [name, resolve(one, own, foreign)]));
}

const NEVER = '00000000-0000-4000-8000-000000000000';

/** What has broken programs before: of another type, too large, of another calendar, of another language's grammar. */
const trouble = fc.constantFrom<unknown>(
  ...['', ' ', '\u0000', '\ud800', '\u202e\u0007', "'; drop table posts; --", '%_\\', '(((', '*'.repeat(99), '/*'],
  ...['{{a}}', '<script>alert(1)</script>', 'a'.repeat(70_000), '\ufeff', '🏴‍☠️'.repeat(40), '../../etc/passwd'],
  ...['0000-01-01', '9999-12-31', '2026-02-30', '0001-01-01T00:00:00+14:00', '24:00', '-1', '1e309', '9'.repeat(18)],
  ...['__proto__', 'constructor', 'toString', 'AAA', 'http://[::1', 'https://a:b@c.d/', 'javascript:alert(1)'],
  ...['Mars/Base', 'NaN', 'null', 'true', '0x10', '١٢', '2026-11-22T09:00:00.000000001Z', 'P1Y', '.', '..'],
  ...[0, -0, -1, 1.5, 1e21, 2 ** 31, 2 ** 53, Number.MIN_VALUE, null, true, [], {}, [null], [[]], { __proto__: null }],
);
export const anything = fc.oneof(
  { weight: 4, arbitrary: trouble },
  fc.jsonValue({ maxDepth: 4 }),
  fc.string({ unit: 'binary' }),
);

const who = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Who>('owner') },
  { weight: 2, arbitrary: fc.constant<Who>('key') },
  fc.constantFrom<Who>('viewer', 'nobody'),
);

const door = fc.oneof({ weight: 5, arbitrary: fc.constant<Call['door']>('api') }, fc.constant<Call['door']>('page'));

/** A call of any operation: with an input that fits its schema, with one that is spoilt in one place, or with anything. */
export const call: fc.Arbitrary<Call> = fc
  .constantFrom(...operations.values())
  .chain((operation) => fc.record({ name: fc.constant(operation.name), who, input: inputsOf(operation), door }));

/** The call that a person would make first: the owner's, with what is required and nothing else. */
export function simplest(name: string): Call {
  const operation = operations.get(name);
  if (!operation) throw new Error(`There is no operation ${name}.`);
  return { name, who: 'owner', input: smallestInput(operation, everyOwn), door: 'api' };
}

const known = new Map<string, fc.Arbitrary<unknown>>();

function inputsOf(operation: Offered): fc.Arbitrary<unknown> {
  const made = known.get(operation.name);
  if (made) return made;
  const schema = schemaOf(operation);
  const full = fitting(schema, []) as fc.Arbitrary<Record<string, unknown>>;
  const smallest = smallestInput(operation, everyOwn);
  const within = places(schema, () => true).filter((at) => at.length > 0);
  const spoilt =
    within.length === 0
      ? full
      : fc
          .tuple(fc.constantFrom(...within), anything)
          .map(([at, value]) => smallestInput(operation, everyOwn, { at, value }));
  const strange = places(schema, isId);
  const foreign =
    strange.length === 0
      ? full
      : fc
          .constantFrom(...strange)
          .map((at) => smallestInput(operation, everyOwn, { at, value: `«foreign ${kindOf(at)}»` }));
  const inputs = fc.oneof(
    { weight: 4, arbitrary: full },
    // What the schema cannot say (one of two fields, say) the smallest input knows; anything optional comes on top.
    { weight: 5, arbitrary: full.map((one) => ({ ...one, ...smallest })) },
    { weight: 6, arbitrary: spoilt },
    { weight: 2, arbitrary: foreign },
    {
      weight: 2,
      arbitrary: fc.tuple(full, fc.string(), anything).map(([one, name, value]) => ({ ...one, [name]: value })),
    },
    { weight: 1, arbitrary: anything },
  );
  known.set(operation.name, inputs);
  return inputs;
}

/** Whatever fits the schema, as far as a schema can say it. */
function fitting(schema: Schema, at: Place): fc.Arbitrary<unknown> {
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return fc.oneof(...alternatives.map((one) => fitting(one, at)));
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  if (schema.type === 'object') return fittingObject(schema, at);
  if (schema.type === 'array')
    return fc.array(fitting(schema.items ?? {}, [...at, 0]), {
      minLength: schema.minItems ?? 0,
      maxLength: Math.max(schema.minItems ?? 0, Math.min(schema.maxItems ?? 4, 4)),
    });
  if (schema.type === 'integer') {
    const { minimum = -1e6, maximum = 1e6 } = schema;
    return fc.oneof(
      fc.constantFrom(minimum, maximum),
      fc.integer({ min: Math.max(minimum, -(2 ** 53)), max: Math.min(maximum, 2 ** 53 - 1) }),
    );
  }
  if (schema.type === 'number')
    return fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
  if (schema.type === 'boolean') return fc.boolean();
  if (schema.type === 'null') return fc.constant(null);
  if (schema.type === 'string') return fittingText(schema, at);
  return fc.jsonValue({ maxDepth: 2 });
}

function fittingObject(schema: Schema, at: Place): fc.Arbitrary<unknown> {
  const own = Object.entries(schema.properties ?? {});
  const rest = schema.additionalProperties;
  if (own.length === 0 && typeof rest === 'object')
    return fc.dictionary(fc.string({ minLength: 1, maxLength: 12 }), fitting(rest, at), { maxKeys: 4 });
  return fc.record(Object.fromEntries(own.map(([name, one]) => [name, fitting(one, [...at, name])])), {
    requiredKeys: schema.required ?? [],
    noNullPrototype: true,
  });
}

const ADDRESSES = [
  'https://example.com/page',
  'http://localhost:1/',
  'https://user@example.com/?a=b#c',
  'https://xn--bcher-kva.example/',
];
const moments = fc.date({
  min: new Date('1970-01-01T00:00:00Z'),
  max: new Date('2199-12-31T00:00:00Z'),
  noInvalidDate: true,
});
const SPECIAL: Record<string, string[]> = {
  url: [...ADDRESSES, 'outpost.dev'],
  destination: ADDRESSES,
  platform: ['sandbox', 'x', 'mastodon', 'bluesky', 'reddit', 'newsletter', 'nowhere'],
  timeZone: ['UTC', 'Europe/Berlin', 'Pacific/Apia', 'America/St_Johns'],
  cursor: ['0', '999999999999999', NEVER, '2026-11-01_x', 'nonsense'],
};

function fittingText(schema: Schema, at: Place): fc.Arbitrary<string> {
  if (isId(schema))
    return fc.oneof(
      { weight: 8, arbitrary: fc.constant(owned(kindOf(at))) },
      { weight: 2, arbitrary: fc.constant(`«foreign ${kindOf(at)}»`) },
      fc.uuid(),
    );
  if (schema.format === 'date') return moments.map((moment) => moment.toISOString().slice(0, 10));
  if (schema.format === 'date-time') return moments.map((moment) => moment.toISOString());
  if (schema.format === 'uri') return fc.constantFrom(...ADDRESSES);
  if (schema.format === 'email') return fc.constantFrom('someone@example.com', 'a+b@example.co.uk', 'maya@example.com');
  const special = SPECIAL[kindOf(at)];
  if (special) return fc.constantFrom(...special);
  if (schema.pattern) return matching(schema.pattern);
  const within = {
    minLength: schema.minLength ?? 0,
    maxLength: Math.max(schema.minLength ?? 0, Math.min(schema.maxLength ?? 40, 40)),
  };
  const longest = 'a'.repeat(Math.min(schema.maxLength ?? 5_000, 20_000));
  return fc.oneof(
    { weight: 4, arbitrary: fc.string(within) },
    { weight: 4, arbitrary: fc.string({ ...within, unit: 'grapheme' }) },
    fc.constantFrom('Some words', '100', 'EUR', '#tag', '/path', '%', '_', longest),
  );
}

/** What the pattern takes, where the generator understands it; else what such patterns often take. */
function matching(pattern: string): fc.Arbitrary<string> {
  const common = fc.constantFrom(
    '100',
    'EUR',
    '10:30',
    'a_name',
    '2027-01',
    '#aabbcc',
    '/path',
    'DE',
    'example.com',
    '2026-11-20',
  );
  try {
    const made = fc.stringMatching(new RegExp(pattern, 'u'));
    fc.sample(made, 1);
    return fc.oneof(made, common);
  } catch {
    return common;
  }
}
