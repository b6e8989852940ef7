/** What stands in `{{…}}`: its type, and whether a given value is of it. */
import { z } from 'zod';
import { builtInTemplates, type TemplateVariable } from '#src/plan/writing/index.ts';
import { baseOf, namesIn as namesOf } from '#src/plan/writing/templates.ts';
import { refuse } from '#src/refusal.ts';
import { factKinds } from '#src/understand/findings.ts';

export const variableTypes = ['text', 'number', 'url', 'date', 'choice', 'fact'] as const;

/** A variable as its author describes it. */
export const givenVariable = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/)
    .max(60),
  type: z.enum(variableTypes),
  description: z.string().trim().max(300).optional(),
  factKind: z.enum(factKinds).nullable().optional().describe('Of a fact: which kind of knowledge fills it.'),
  choices: z.array(z.string().trim().min(1).max(200)).max(30).optional().describe('Of a choice: what it is between.'),
});
export type GivenVariable = z.output<typeof givenVariable>;

/**
 * The variables of these texts: those the product knows with their meaning, others as the author described them.
 * Refuses a fact without a kind and a choice without alternatives.
 */
export function variablesOf(parts: readonly string[], described: readonly GivenVariable[]): TemplateVariable[] {
  return namesIn(parts).map((name) => {
    const known = knownVariables.get(baseOf(name));
    if (known) return { name, ...known };
    const own = described.find((variable) => variable.name === name);
    const { type = 'text', description = '', factKind, choices = [] } = own ?? {};
    if (type === 'fact' && !factKind)
      throw refuse('invalid', 'variable_fact_kind', `Say which kind of knowledge fills “${name}”.`);
    if (type === 'choice' && new Set(choices).size < 2)
      throw refuse('invalid', 'variable_choices', `Give “${name}” at least two different values to choose from.`);
    return {
      name,
      type,
      description,
      ...(type === 'fact' && factKind ? { factKind } : {}),
      ...(type === 'choice' ? { choices: [...new Set(choices)] } : {}),
    };
  });
}

const knownVariables = new Map<string, Omit<TemplateVariable, 'name'>>(
  builtInTemplates.flatMap((template) => template.variables.map(({ name, ...rest }) => [baseOf(name), rest] as const)),
);

/** The names in `{{…}}`, each once, in their order. Refuses one that is no name. */
export function namesIn(texts: readonly string[]): string[] {
  const names = namesOf(texts);
  for (const name of names)
    if (!/^[a-z][a-z0-9_]*$/.test(name))
      throw refuse('invalid', 'variable_name', `“${name}” is no name for a variable: use small letters, digits and _.`);
  return names;
}

const longDate = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });

/** A given value as it is written into the text: a day as `1 December 2026`. Refuses one of another type. */
export function wordsOfValue({ name, type, choices }: TemplateVariable, value: string): string {
  const wrong = (what: string) => refuse('invalid', 'value_type', `“${value}” does not fit “${name}”: ${what}.`);
  if (type === 'number' && !/^-?\d{1,3}(,?\d{3})*(\.\d+)?$/.test(value))
    throw wrong('it takes a number such as 1200 or 4.5');
  if (type === 'url' && !isAddress(value)) throw wrong('it takes an address that begins with https:// or http://');
  if (type === 'choice' && !choices?.includes(value)) throw wrong(`choose one of: ${choices?.join(', ')}`);
  if (type === 'date') {
    const day = new Date(`${value}T00:00:00Z`);
    const isDay = /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(day.getTime());
    // 31 February would become a day of March.
    if (!isDay || day.toISOString().slice(0, 10) !== value) throw wrong('it takes a day such as 2026-12-01');
    return longDate.format(day);
  }
  return value;
}

function isAddress(value: string): boolean {
  return URL.canParse(value) && /^https?:$/.test(new URL(value).protocol);
}
