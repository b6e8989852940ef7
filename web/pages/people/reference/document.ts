/** The parts of an OpenAPI 3.1 document that the reference shows. */
export interface Document {
  servers?: { url: string }[];
  paths: Record<string, Record<string, Described>>;
}

export interface Schema {
  type?: string | string[];
  format?: string;
  enum?: unknown[];
  const?: unknown;
  description?: string;
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  additionalProperties?: boolean | Schema;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  'x-native-type'?: string;
}

interface Described {
  operationId?: string;
  summary?: string;
  tags?: string[];
  parameters?: {
    name: string;
    in: string;
    required?: boolean;
    schema?: Schema;
    description?: string;
    example?: unknown;
  }[];
  requestBody?: { content?: Content };
  responses?: Record<string, { content?: Content }>;
  /** Why there is no example: it needs somebody else's server. */
  'x-example-elsewhere'?: string;
}

type Content = Record<string, { schema?: Schema; example?: unknown }>;

/** One operation: method, path, and what goes in and comes out. */
export interface Call {
  /** `posts.schedule`. */
  id: string;
  tag: string;
  method: string;
  path: string;
  summary: string;
  parameters: Field[];
  body: Schema | undefined;
  answer: Schema | undefined;
  /** What was sent and answered once; undefined where none was recorded. */
  example: Example | undefined;
  elsewhere: string | undefined;
}

export interface Example {
  parameters: Record<string, unknown>;
  body: unknown;
  answer: unknown;
}

export interface Field {
  name: string;
  where: string;
  required: boolean;
  schema: Schema;
}

export function callsOf(document: Document): Call[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]): Call => {
      const id = described.operationId ?? `${method} ${path}`;
      return {
        id,
        // Grouped as the operations are named, so that nouns below another's path stand by themselves.
        tag: id.includes('.') ? id.slice(0, id.indexOf('.')) : (described.tags?.[0] ?? 'other'),
        method: method.toUpperCase(),
        path,
        summary: described.summary ?? '',
        parameters: (described.parameters ?? []).map((each) => ({
          name: each.name,
          where: each.in,
          required: each.required ?? false,
          schema: each.schema ?? {},
        })),
        body: described.requestBody?.content?.['application/json']?.schema,
        answer: answerOf(described)?.schema,
        example: exampleOf(described),
        elsewhere: described['x-example-elsewhere'],
      };
    }),
  );
}

function answerOf({ responses = {} }: Described): Content[string] | undefined {
  return Object.entries(responses).find(([status]) => status.startsWith('2'))?.[1].content?.['application/json'];
}

function exampleOf(described: Described): Example | undefined {
  const answer = answerOf(described)?.example;
  if (answer === undefined) return undefined;
  const given = (described.parameters ?? []).filter((each) => each.example !== undefined);
  return {
    parameters: Object.fromEntries(given.map((each) => [each.name, each.example])),
    body: described.requestBody?.content?.['application/json']?.example,
    answer,
  };
}

export function groupsOf(calls: Call[]): [tag: string, calls: Call[]][] {
  return [...Map.groupBy(calls, (call) => call.tag)];
}

/** The fields of an object; of anything else none. */
export function fieldsOf(schema: Schema | undefined): Field[] {
  return Object.entries(schema?.properties ?? {}).map(([name, inner]) => ({
    name,
    where: 'body',
    required: schema?.required?.includes(name) ?? false,
    schema: inner,
  }));
}

/** A type in a few words: `text`, `uuid`, `whole number, 1 to 200`, `read | write`, `list of objects`. */
export function typeWords(schema: Schema): string {
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return [...new Set(either.map(typeWords))].join(' or ');
  const types = [schema.type ?? []].flat();
  if (types.includes('array')) return `list of ${plural(typeWords(schema.items ?? {}))}`;
  const plain = types.filter((type) => type !== 'null').map((type) => named(type, schema));
  return [plain.join(' or ') || 'any', ...(types.includes('null') ? ['null'] : [])].join(' or ');
}

/** The smallest JSON of this shape, with names of types for values: what an answer looks like. */
export function shapeOf(schema: Schema | undefined, depth = 0): unknown {
  if (!schema) return null;
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return shapeOf(either.find((each) => each.type !== 'null') ?? either[0], depth);
  if (schema.properties && depth < 5)
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [name, shapeOf(inner, depth + 1)]),
    );
  if ([schema.type].flat().includes('array') && depth < 5) return [shapeOf(schema.items, depth + 1)];
  return typeWords(schema);
}

/**
 * The call as a line for a shell: with the values of the example, or, where there is none, with the required fields
 * filled by the names of their types.
 */
export function curlOf(call: Call, server: string): string {
  const given = call.example?.parameters;
  const path = call.path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    given ? encodeURIComponent(String(given[name])) : `<${name}>`,
  );
  const asked = call.parameters.filter(
    (each) => each.where === 'query' && (given ? each.name in given : each.required),
  );
  const query = asked.flatMap(({ name }) => (given ? queryOf(name, given[name]) : [`${name}=<${name}>`])).join('&');
  const lines = [
    `curl -X ${call.method} '${server}${path}${query && `?${query}`}'`,
    `-H 'Authorization: Bearer <your key>'`,
  ];
  if (call.body) {
    const required = fieldsOf(call.body).filter((each) => each.required);
    const shape = Object.fromEntries(required.map((each) => [each.name, shapeOf(each.schema)]));
    const body = JSON.stringify(call.example ? call.example.body : shape).replaceAll("'", "'\\''");
    lines.push(`-H 'Content-Type: application/json'`, `-d '${body}'`);
  }
  return lines.join(' \\\n  ');
}

/** Bracket notation, as the API reads it: `range[from]=…`. */
function queryOf(name: string, value: unknown): string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => queryOf(`${name}[${key}]`, inner));
  return [`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`];
}

function named(type: string, schema: Schema): string {
  if (type === 'string') return schema.format ? (formats[schema.format] ?? schema.format) : `text${lengthOf(schema)}`;
  if (type === 'integer') return `whole number${rangeOf(schema)}`;
  if (type === 'boolean') return 'true or false';
  return type;
}

const formats: Record<string, string> = { 'date-time': 'moment', uri: 'URL', date: 'day', email: 'e-mail' };

function lengthOf({ maxLength }: Schema): string {
  return maxLength === undefined ? '' : ` up to ${maxLength}`;
}

function rangeOf({ minimum, maximum }: Schema): string {
  if (minimum === undefined || maximum === undefined || maximum > 1e12) return '';
  return ` ${minimum} to ${maximum}`;
}

function plural(words: string): string {
  return words === 'object' ? 'objects' : words === 'text' ? 'texts' : words;
}
