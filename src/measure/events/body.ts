import { z } from 'zod';

export type Scalar = string | number | boolean | null;

/** What a page claims somebody paid. It is told with the event and never enters the ledger. */
export type Claimed = { amount: string; currency: string };

/** An event as the tracker sends it. */
export type BrowserEvent = {
  app: string;
  id: string;
  kind: string;
  url: string;
  referrer: string | null;
  props: Record<string, Scalar> | null;
  width: number | null;
  /** A first-party id; used only where visitors have consented. */
  visitor: string | null;
  /** The browser's time zone, by its IANA name. */
  zone: string | null;
  /** A program steers the browser, says the browser. */
  automated: boolean;
  revenue: Claimed | null;
};

/** Text that PostgreSQL can keep: no NUL, no half of a surrogate pair. */
export const storable = (limit: number) =>
  z
    .string()
    .max(limit)
    .transform((text) => text.replaceAll('\u0000', '').toWellFormed());

const propName = storable(64).pipe(z.string().min(1));
export const props = z
  .record(propName, z.union([storable(500), z.number(), z.boolean(), z.null()]))
  .refine((record) => Object.keys(record).length <= 30, 'An event carries at most 30 properties.');
export const kind = storable(64).pipe(z.string().trim().min(1));

const pageUrl = z
  .string()
  .max(8192)
  .refine((url) => URL.canParse(url) && /^https?:$/.test(new URL(url).protocol), 'The url is no web address.')
  .transform((url) => withoutNul(url.toWellFormed()));

const revenue = z.object({
  amount: z.string().regex(/^-?\d{1,12}(\.\d{1,4})?$/, 'An amount is written as "19.00".'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'A currency is written as "EUR".'),
});

/** The body the tracker sends. Fields that are not known are ignored, so that an old server takes a newer script. */
export const browserEvent = z
  .object({
    app: z.string().regex(/^[a-z0-9]{10,40}$/),
    id: z.guid().transform((text) => text.toLowerCase()),
    kind,
    url: pageUrl,
    referrer: z
      .string()
      .nullish()
      .transform((text) => (text && text.length <= 8192 ? text.toWellFormed() : null)),
    props: props.nullish().transform((value) => (value && Object.keys(value).length > 0 ? value : null)),
    width: z.number().min(0).max(100_000).nullish(),
    visitor: storable(64).pipe(z.string().min(1)).nullish(),
    zone: z.string().max(64).nullish(),
    auto: z.unknown().optional(),
    revenue: revenue.nullish(),
  })
  .transform(
    ({ auto, ...event }): BrowserEvent => ({
      ...event,
      width: event.width ?? null,
      visitor: event.visitor ?? null,
      zone: event.zone ?? null,
      automated: auto === 1 || auto === true,
      revenue: event.revenue ?? null,
    }),
  );

/**
 * Reads the body of an event, or says in words what is wrong with it. `browserEvent` is the rule; what is plainly right
 * is recognised by hand, which is thirty times cheaper, and has to come to the same (`body.test.ts`).
 */
export function readEvent(body: unknown): { event: BrowserEvent } | { message: string } {
  const plain = readPlain(body);
  if (plain) return { event: plain };
  const parsed = browserEvent.safeParse(body);
  if (parsed.success) return { event: parsed.data };
  const issue = parsed.error.issues[0];
  return { message: `The event cannot be read: ${issue?.path.join('.') || 'body'}: ${issue?.message}` };
}

/** An ordinary event, or null when the rule has to be asked. */
export function readPlain(body: unknown): BrowserEvent | null {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null;
  const { app, id, kind, url, referrer, props, width, visitor, zone, auto, revenue } = body as Record<string, unknown>;
  if (typeof app !== 'string' || !/^[a-z0-9]{10,40}$/.test(app)) return null;
  if (typeof id !== 'string' || !/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(id)) return null;
  if (typeof kind !== 'string' || !/^[a-z0-9_:.-]{1,64}$/i.test(kind)) return null;
  if (typeof url !== 'string' || url.length > 2000 || !/^https?:\/\/[a-z0-9.-]+(?::\d{1,4})?(?:[/?#]|$)/i.test(url))
    return null;
  if (!isPlain(url) || url.includes('%00') || !URL.canParse(url)) return null;
  if (referrer != null && (typeof referrer !== 'string' || referrer.length > 2000 || !isPlain(referrer))) return null;
  if (width != null && !(typeof width === 'number' && width >= 0 && width <= 100_000)) return null;
  if (visitor != null && !(typeof visitor === 'string' && /^[\w-]{1,64}$/.test(visitor))) return null;
  if (zone != null && !(typeof zone === 'string' && zone.length <= 64)) return null;
  if (revenue != null) return null;
  const kept = props == null ? null : plainProps(props);
  if (kept === undefined) return null;
  return {
    app,
    id,
    kind,
    url,
    referrer: (referrer as string | null | undefined) || null,
    props: kept,
    width: width ?? null,
    visitor: visitor ?? null,
    zone: zone ?? null,
    automated: auto === 1 || auto === true,
    revenue: null,
  };
}

/** The properties, null when there are none, undefined when they are not plain. */
function plainProps(props: unknown): Record<string, Scalar> | null | undefined {
  if (typeof props !== 'object' || props === null || Object.getPrototypeOf(props) !== Object.prototype)
    return undefined;
  const names = Object.keys(props);
  if (names.length === 0) return null;
  if (names.length > 30) return undefined;
  for (const name of names) {
    const value = (props as Record<string, unknown>)[name];
    const isScalar = value === null || typeof value === 'boolean' || Number.isFinite(value);
    const isText = typeof value === 'string' && value.length <= 500 && isPlain(value);
    if (!/^\w{1,64}$/.test(name) || name === '__proto__' || !(isScalar || isText)) return undefined;
  }
  return props as Record<string, Scalar>;
}

/** Nothing in it that would have to be cleaned. */
function isPlain(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

/** Taken away until none is left: what stood around one may make another. */
function withoutNul(url: string): string {
  let clean = url;
  while (clean.includes('%00')) clean = clean.replaceAll('%00', '');
  return clean;
}
