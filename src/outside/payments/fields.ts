import { z } from 'zod';
import { type Metadata, UnreadableEvent } from './payment.ts';

/** Fields that several providers write alike, and how a provider's object is parsed. Unknown fields are ignored. */

/** Parses, or throws an `UnreadableEvent` that says in words what is missing. `what` is the event's type. */
export function reader(provider: string) {
  return <T extends z.ZodType>(schema: T, object: unknown, what: string): z.output<T> => {
    const parsed = schema.safeParse(object);
    if (parsed.success) return parsed.data;
    throw new UnreadableEvent(
      `${provider}'s ${what} is not as its documentation describes it: ${z.prettifyError(parsed.error)}`,
    );
  };
}

/** The end of the year 9999, as far as ISO 8601 texts go. */
const LAST_MOMENT = Date.UTC(10_000, 0) - 1;

/** A moment as ISO 8601 text, with or without fractions of a second, with an offset. */
export const isoInstant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
export const optionalIsoInstant = isoInstant.nullish().transform((value) => value ?? null);

/** A moment as a number of units since 1970, each of so many milliseconds; one that no calendar knows is refused. */
export const momentIn = (milliseconds: number) =>
  z
    .number()
    .min(0)
    .max(LAST_MOMENT / milliseconds)
    .transform((units) => new Date(units * milliseconds));

/** A whole number of minor units; bigger than JavaScript counts exactly is refused. */
export const minor = z.int().transform((value) => BigInt(value));

/** The same as text. */
export const minorText = z
  .string()
  .regex(/^-?\d+$/)
  .transform((value) => BigInt(value));

export const currency = z
  .string()
  .regex(/^[A-Za-z]{3}$/)
  .transform((code) => code.toUpperCase());

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** Ids that are numbers at one place and text at another. */
export const id = z.union([z.string(), z.number()]).transform(String);
export const optionalId = id.nullish().transform((value) => value ?? null);

/** What the app handed over: plain values as text; lists and objects inside are left out, an empty list is none. */
export const metadata = z
  .unknown()
  .optional()
  .transform((value): Metadata => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {};
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, one]) =>
        ['string', 'number', 'boolean'].includes(typeof one) ? [[key, String(one)]] : [],
      ),
    );
  });
