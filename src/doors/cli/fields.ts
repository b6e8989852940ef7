import { z } from 'zod';
import type { Offered } from '#src/doors/operations.ts';
import { kebab } from '#src/doors/stages.ts';

/** A field of an operation's input, as the command line sees it. */
export type Field = {
  name: string;
  /** Its flag without the dashes. */
  flag: string;
  kind: 'text' | 'number' | 'boolean' | 'list' | 'json';
  /** What the elements of a list are. */
  of?: 'text' | 'number' | 'json';
  required: boolean;
  nullable: boolean;
  choices?: string[];
  default?: unknown;
  description?: string;
};

type JsonSchema = {
  type?: string | string[];
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  items?: JsonSchema;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  default?: unknown;
  description?: string;
  format?: string;
};

/** The fields of an operation's input, in their own order. */
export function fieldsOf(operation: Offered): Field[] {
  const schema = z.toJSONSchema(operation.input, {
    io: 'input',
    unrepresentable: 'any',
    reused: 'inline',
  }) as JsonSchema;
  return Object.entries(schema.properties ?? {}).map(([name, property]) => describe(name, property, schema));
}

function describe(name: string, property: JsonSchema, whole: JsonSchema): Field {
  const branches = property.anyOf ?? property.oneOf ?? [property];
  const real = branches.filter((branch) => branch.type !== 'null');
  const first = real[0] ?? {};
  const kinds = new Set(real.map(kindOf));
  const kind = kinds.size === 1 ? kindOf(first) : kinds.has('json') ? 'json' : 'text';
  const choices = real
    .flatMap((branch) => branch.enum ?? (branch.const === undefined ? [] : [branch.const]))
    .map(String);
  return {
    name,
    flag: kebab(name),
    kind,
    ...(kind === 'list' ? { of: elementOf(first.items) } : {}),
    required: (whole.required ?? []).includes(name),
    nullable: branches.length > real.length,
    ...(choices.length > 0
      ? { choices }
      : kind === 'list' && first.items?.enum
        ? { choices: first.items.enum.map(String) }
        : {}),
    ...(property.default === undefined ? {} : { default: property.default }),
    ...((property.description ?? hint(first)) ? { description: property.description ?? hint(first) } : {}),
  };
}

function kindOf(schema: JsonSchema): Field['kind'] {
  if (schema.type === 'array') return 'list';
  if (schema.type === 'boolean') return 'boolean';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'string' || schema.enum || schema.const !== undefined) return 'text';
  return 'json';
}

function elementOf(schema: JsonSchema | undefined): 'text' | 'number' | 'json' {
  const kind = schema ? kindOf(schema) : 'text';
  return kind === 'number' || kind === 'text' ? kind : 'json';
}

function hint(schema: JsonSchema): string {
  if (schema.format === 'date-time') return 'a moment, 2026-11-22T09:00:00+01:00';
  if (schema.format === 'date') return 'a day, 2026-11-22';
  if (kindOf(schema) === 'json') return shapeOf(schema);
  if (schema.items && kindOf(schema.items) === 'json') return `each ${shapeOf(schema.items)}`;
  return '';
}

/** `{"text": text, "position"?: number}`: what a JSON value has to look like, on one line. */
function shapeOf(schema: JsonSchema): string {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches) return [...new Set(branches.map(shapeOf))].join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.type === 'array') return `[${schema.items ? shapeOf(schema.items) : ''}]`;
  if (!schema.properties) return kindOf(schema) === 'json' ? String(schema.type ?? 'JSON') : kindOf(schema);
  const parts = Object.entries(schema.properties).map(
    ([name, one]) => `"${name}"${(schema.required ?? []).includes(name) ? '' : '?'}: ${shapeOf(one)}`,
  );
  return `{${parts.join(', ')}}`;
}

/**
 * The field that may be given without its flag: the one `{…Id}` of the path, else the one required id, else the only
 * required text.
 */
export function positionalOf(operation: Offered, fields: Field[]): Field | undefined {
  const inPath = [...operation.path.matchAll(/\{\+?(\w+)\}/g)].map((match) => match[1]);
  const candidates = [
    fields.filter((field) => inPath.includes(field.name)),
    fields.filter((field) => field.required && /(^id|Id)$/.test(field.name)),
    fields.filter((field) => field.required),
  ];
  const chosen = candidates.find((list) => list.length > 0);
  return chosen?.length === 1 && chosen[0]!.kind === 'text' ? chosen[0] : undefined;
}

/** Something on the command line that does not fit; shown as it is, exit code 2. */
export class WrongInput extends Error {}

/** What was typed for a field as the value to send. */
export function typedValue(field: Field, typed: unknown): unknown {
  if (typeof typed === 'boolean') return typed;
  if (Array.isArray(typed)) return typed.flatMap((one) => elements(field, String(one)));
  const text = String(typed);
  if (field.nullable && text === 'null') return null;
  if (field.kind === 'number') return numberOf(field, text);
  if (field.kind === 'json') return jsonOf(field, text);
  return choiceOf(field, text);
}

/** Checked by the server too; here it saves the way there. */
function choiceOf(field: Field, text: string): string {
  if (field.choices && !field.choices.includes(text))
    throw new WrongInput(`--${field.flag} takes one of ${field.choices.join(', ')}; "${text}" is none of them.`);
  return text;
}

function elements(field: Field, text: string): unknown[] {
  // A whole list at once is welcome too: --tags '["a","b"]'.
  if (text.trimStart().startsWith('[')) {
    const list = jsonOf(field, text);
    if (Array.isArray(list)) return list;
  }
  if (field.of === 'number') return [numberOf(field, text)];
  return [field.of === 'json' ? jsonOf(field, text) : choiceOf(field, text)];
}

function numberOf(field: Field, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value))
    throw new WrongInput(`--${field.flag} takes a number; "${text}" is none.`);
  return value;
}

function jsonOf(field: Field, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongInput(`--${field.flag} takes JSON, and this is not valid JSON: ${text.slice(0, 80)}`);
  }
}
