import { z } from 'zod';
import { dataClasses, mayLeaveAtFirst, modelSettingsOf } from '#src/ask.ts';
import { type Inside, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { refuse } from '#src/refusal.ts';

export const dataClass = z.enum(dataClasses);

/** US dollars in millionths for a million tokens: $0.25 is 250,000. At most $10,000. */
const tokenPrice = z.int().min(0).max(10_000_000_000);

export const price = z.object({ inputMicros: tokenPrice, outputMicros: tokenPrice });

export const limitsInput = z.strictObject({
  /** Millionths of a US dollar a month; null = no limit. Left out: as it is. */
  monthlyBudgetMicros: z.int().min(0).max(1_000_000_000_000).nullable().optional(),
  /** The classes of data that may be sent to a model. Left out: as they are. */
  mayLeave: z.array(dataClass).max(10).optional(),
  /** What the model in use charges you; null = by the price list. Left out: as it is. */
  price: z.strictObject(price.shape).nullable().optional(),
});

/** The columns of ai_settings that a change of the limits sets. An own price is kept with the name of the model it is for. */
export async function limitColumns(inside: Inside, input: z.output<typeof limitsInput>) {
  const { monthlyBudgetMicros, mayLeave, price: own } = input;
  if (monthlyBudgetMicros === undefined && mayLeave === undefined && own === undefined)
    throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
  const model = own ? (await modelSettingsOf(inside))?.model : null;
  if (own && !model) throw refuse('conflict', 'no_model', 'Choose a model first; the price is kept with its name.');
  return {
    updatedAt: inside.clock.now(),
    updatedBy: userOf(inside),
    ...(monthlyBudgetMicros === undefined ? {} : { monthlyBudgetMicros }),
    ...(mayLeave === undefined ? {} : { mayLeave: dataClasses.filter((one) => mayLeave.includes(one)) }),
    ...(own === undefined
      ? {}
      : {
          priceModel: own ? (model ?? null) : null,
          priceInputMicros: own?.inputMicros ?? null,
          priceOutputMicros: own?.outputMicros ?? null,
        }),
  };
}

export async function auditLimits(inside: Inside, input: z.output<typeof limitsInput>): Promise<void> {
  await audit(inside, { operation: 'ai.limits', after: input });
}

export function mayLeaveOf(kept: readonly string[] | undefined) {
  return kept?.map((one) => dataClass.parse(one)) ?? mayLeaveAtFirst;
}
