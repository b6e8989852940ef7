import { type RawBuilder, sql } from 'kysely';
import { z } from 'zod';
import { id } from '#src/operation.ts';

/** What a property of an event must be: one of the values, none of them, or a text that holds one of them. */
const property = z.strictObject({
  name: z.string().min(1).max(100),
  operator: z.enum(['is', 'is_not', 'contains']).default('is'),
  values: z.array(z.string().max(500)).min(1).max(20),
});

const name = z.string().trim().max(100).default('').describe('What the step is called; empty = by what it is.');

export const step = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('page'),
    name,
    match: z.enum(['exact', 'prefix', 'pattern']).default('exact').describe('In a pattern * stands for anything.'),
    path: z.string().trim().startsWith('/').max(500),
  }),
  z.strictObject({
    kind: z.literal('event'),
    name,
    event: z.string().trim().min(1).max(64),
    properties: z.array(property).max(10).default([]),
  }),
  z.strictObject({
    kind: z.literal('conversion'),
    name,
    conversion: z.enum(['signup', 'trial', 'purchase']),
  }),
  z.strictObject({ kind: z.literal('goal'), name, goalId: id }),
]);
export type Step = z.output<typeof step>;
export type PropertyCondition = z.output<typeof property>;

export const properties = z.array(property);

/** Whether a row of events `e` is this step; false for conversions, which are no events. */
export function isEvent(step: Step): RawBuilder<boolean> {
  switch (step.kind) {
    case 'page':
      return sql`(e.kind = 'pageview' and ${isPath(step)})`;
    case 'event':
      return sql`(e.kind = ${step.event} ${sql.join(
        step.properties.map((one) => sql`and ${says(one)}`),
        sql` `,
      )})`;
    default:
      return sql`false`;
  }
}

/** Whether a row of conversions `c` is this step. */
export function isConversion(step: Step): RawBuilder<boolean> {
  if (step.kind === 'conversion') return sql`(c.kind = ${step.conversion})`;
  if (step.kind === 'goal') return sql`(c.kind = 'goal' and c.goal_id = ${step.goalId}::uuid)`;
  return sql`false`;
}

export function asksConversions(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === 'conversion' || step.kind === 'goal');
}

/** The number whose bit `n` says that a row is step `n` (from 0). */
export function maskOf(steps: readonly Step[], is: (step: Step) => RawBuilder<boolean>): RawBuilder<number> {
  return sql`(${sql.join(
    steps.map((one, index) => sql`case when ${is(one)} then ${sql.lit(2 ** index)} else 0 end`),
    sql` + `,
  )})`;
}

function isPath({ match, path }: Extract<Step, { kind: 'page' }>): RawBuilder<boolean> {
  if (match === 'exact') return sql`e.path = ${path}`;
  const literal = (text: string) => text.replaceAll(/[\\%_]/g, '\\$&');
  const pattern = match === 'prefix' ? `${literal(path)}%` : path.split('*').map(literal).join('%');
  return sql`e.path like ${pattern}`;
}

function says({ name: key, operator, values }: PropertyCondition): RawBuilder<boolean> {
  const value = sql`e.props ->> ${key}`;
  if (operator === 'contains')
    return sql`(${value}) ilike any(${values.map((text) => `%${text.replaceAll(/[\\%_]/g, '\\$&')}%`)}::text[])`;
  const is = sql`coalesce(${value}, '') = any(${values}::text[])`;
  return operator === 'is' ? sql`${is}` : sql`not (${is})`;
}
