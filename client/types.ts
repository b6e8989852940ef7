import { z } from 'zod';
import type { Offered } from '#src/doors/operations.ts';

/** The part of JSON Schema that our operations are described in. */
type Schema = {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  items?: Schema | false;
  prefixItems?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: Schema | boolean;
  description?: string;
  $ref?: string;
  $defs?: Record<string, Schema>;
};

/** The declarations of the client: one function an operation, with what goes in and what comes back. */
export function declarationsOf(operations: Offered[]): string {
  const nouns = [...new Set(operations.map((one) => one.noun))];
  const bodies = nouns.map((noun) => {
    const verbs = operations.filter((one) => one.noun === noun).map(verbOf);
    return `  ${noun}: {\n${verbs.join('\n')}\n  };`;
  });
  return `${HEAD}
/** Everything Fanfare can do. Moments are ISO 8601 text in UTC, amounts of money whole minor units in text. */
export interface Fanfare {
${bodies.join('\n')}
}
`;
}

const HEAD = `// Made from the catalog of operations; do not edit.
export interface Options {
  /** Where Fanfare is: \`https://fanfare.example.com\`. */
  url: string;
  /** A key from Settings, API keys. */
  key: string;
  /** Which workspace, where the key's person has several. */
  workspace?: string;
  /** Milliseconds until a call is given up; 120,000 by default. Nothing is ever sent twice. */
  timeoutMs?: number;
  /** Instead of the global one. */
  fetch?: typeof fetch;
}

/** What was refused or went wrong, in words, with the field each problem is about. */
export class FanfareError extends Error {
  readonly name: 'FanfareError';
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** A word for programs, where there is one: \`invalid_input\`, \`not_found\`. */
  readonly reason: string | undefined;
  readonly problems: { path: string; message: string }[];
}

export function createClient(options: Options): Fanfare;
`;

function verbOf(operation: Offered): string {
  const input = schemaOf(operation.input, 'input');
  const free = (input.required ?? []).length === 0;
  const described = [operation.summary, operation.access === 'destructive' ? 'It cannot be undone.' : '']
    .filter(Boolean)
    .join(' ');
  return [
    `    /** ${described.replaceAll('*/', '*\\/')} */`,
    `    ${operation.verb}(input${free ? '?' : ''}: ${typeOf(input)}): Promise<${typeOf(schemaOf(operation.output, 'output'))}>;`,
  ].join('\n');
}

/** As it travels: a date is text. */
function schemaOf(type: z.ZodType, io: 'input' | 'output'): Schema {
  return z.toJSONSchema(type, {
    io,
    unrepresentable: 'any',
    reused: 'inline',
    override: ({ zodSchema, jsonSchema }) => {
      if (zodSchema._zod.def.type === 'date') jsonSchema.type = 'string';
    },
  }) as Schema;
}

/** A schema as a TypeScript type. What stands for itself again (a tree) is `unknown` from there on. */
export function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return union(either.map(typeOf));
  if (schema.allOf) return schema.allOf.map((one) => `(${typeOf(one)})`).join(' & ');
  if (Array.isArray(schema.type)) return union(schema.type.map((type) => typeOf({ ...schema, type })));
  switch (schema.type) {
    case 'string':
    case 'boolean':
    case 'null':
      return schema.type;
    case 'number':
    case 'integer':
      return 'number';
    case 'array':
      return schema.prefixItems
        ? `[${schema.prefixItems.map(typeOf).join(', ')}]`
        : `Array<${schema.items ? typeOf(schema.items) : 'unknown'}>`;
    case 'object':
      return objectOf(schema);
    default:
      return 'unknown';
  }
}

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(([name, one]) => {
    const note = one.description ? `/** ${one.description.replaceAll('*/', '*\\/')} */ ` : '';
    return `${note}${/^\w+$/.test(name) ? name : JSON.stringify(name)}${required.includes(name) ? '' : '?'}: ${typeOf(one)}`;
  });
  if (fields.length > 0) return `{ ${fields.join('; ')} }`;
  if (typeof additionalProperties === 'object') return `Record<string, ${typeOf(additionalProperties)}>`;
  return additionalProperties === false ? 'Record<string, never>' : 'Record<string, unknown>';
}

function union(types: string[]): string {
  const different = [...new Set(types)];
  return different.length === 1 ? different[0]! : `(${different.join(' | ')})`;
}
