import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Grade } from '#src/measure/identities.ts';
import { keepTold, tellsHow } from './told.ts';
import { arrivalOf, throughLink } from './touches.ts';

const DAY = 86_400_000;

export type Conversion = {
  id: string;
  kind: string;
  customerId: string | null;
  visitor: string | null;
  visitId: string | null;
  eventId: string | null;
  paymentId: string | null;
  /** The latest moment a touch may have to count; up to a second after `happenedAt`. */
  occurredAt: Date;
  happenedAt: Date;
  valueMinor: string;
  currency: string | null;
};

/** How a visitor is known to be this person: by the best of its links, and the rows these are. */
export type Known = { grade: Grade; links: string[] };

/** From the best evidence to the weakest. */
export const grades: readonly Grade[] = [
  'click_id',
  'checkout_metadata',
  'code',
  'server_event',
  'self_report',
  'timing',
];

/** Keeps what the event or the payment behind a conversion told of how its person came. */
export async function keepToldWith(inside: Inside, appId: string, conversion: Conversion): Promise<void> {
  const { tx, workspaceId } = inside;
  const whose = { appId, customerId: conversion.customerId, visitor: conversion.visitor, at: conversion.happenedAt };
  if (conversion.eventId !== null) {
    const { rows } = await sql<{ said: Record<string, unknown> }>`
      select props as said from events where workspace_id = ${workspaceId} and id = ${conversion.eventId}
        and occurred_at between ${new Date(conversion.occurredAt.getTime() - DAY)}
                        and ${new Date(conversion.occurredAt.getTime() + DAY)}`.execute(tx);
    const said = rows[0]?.said;
    if (said && tellsHow(said)) await keepTold(inside, { ...whose, said, eventId: conversion.eventId });
  }
  if (conversion.paymentId !== null) {
    const payment = await tx
      .selectFrom('payments')
      .select('metadata')
      .where('id', '=', conversion.paymentId)
      .executeTakeFirst();
    const said = payment?.metadata as Record<string, unknown> | undefined;
    if (said && tellsHow(said)) await keepTold(inside, { ...whose, said, paymentId: conversion.paymentId });
  }
}

/** The visitors this person has been: the one who converted, and those linked to the customer, also through clicks. */
export async function visitorsOf({ tx }: Inside, appId: string, conversion: Conversion): Promise<Map<string, Known>> {
  const visitors = new Map<string, Known>();
  const add = (visitor: string, grade: Grade, link: string | null) => {
    const known = visitors.get(visitor) ?? { grade, links: [] };
    if (grades.indexOf(grade) < grades.indexOf(known.grade)) known.grade = grade;
    if (link) known.links.push(link);
    visitors.set(visitor, known);
  };
  if (conversion.visitor !== null) add(conversion.visitor, 'server_event', null);
  if (conversion.customerId === null) return visitors;
  const links = await tx
    .selectFrom('identityLinks')
    .select(['id', 'kind', 'value', 'grade'])
    .where('appId', '=', appId)
    .where('customerId', '=', conversion.customerId)
    .where('kind', 'in', ['visitor', 'click'])
    .orderBy('linkedAt')
    .execute();
  for (const link of links) if (link.kind === 'visitor') add(link.value, link.grade, link.id);
  const clicks = links.filter((link) => link.kind === 'click');
  if (clicks.length === 0) return visitors;
  const visits = await tx
    .selectFrom('visits')
    .select(['visitor', 'clickId'])
    .where('appId', '=', appId)
    .where(
      'clickId',
      'in',
      clicks.map((link) => link.value),
    )
    .execute();
  for (const visit of visits) {
    const link = clicks.find((each) => each.value === visit.clickId);
    if (link) add(visit.visitor, link.grade, link.id);
  }
  return visitors;
}

/** Anybody can come as often as they like; one person must not hold up the credits of all others. */
const MOST = 1000;

export type TouchRow = {
  id: string;
  visitor: string;
  visitId: string | null;
  occurredAt: Date;
  channel: string;
  direct: boolean;
  clickId: string | null;
  postId: string | null;
  campaignId: string | null;
  kind: 'arrival' | 'code' | 'self_report';
  told: string | null;
  affiliateId: string | null;
  eventId: string | null;
  paymentId: string | null;
  /** Whether it stands among the touches; else only its visit does. */
  kept: boolean;
};

/**
 * The touches that count, in order of time. For a customer the window lies before their first conversion: what brought
 * them is credited with the renewals, too. Arrivals shortly before a later conversion count besides. What was told
 * counts once: a code unless they came by its owner's link as well, an answer only where nothing but direct visits is
 * known. Of somebody who came more than a thousand times the first arrival and the newest ones count.
 */
export async function touchesOf(
  inside: Inside,
  appId: string,
  conversion: Conversion,
  visitors: ReadonlyMap<string, Known>,
  windowDays: number,
): Promise<TouchRow[]> {
  const first =
    conversion.customerId === null
      ? undefined
      : await inside.tx
          .selectFrom('conversions')
          .select((eb) => eb.fn.min('occurredAt').as('at'))
          .where('customerId', '=', conversion.customerId)
          .executeTakeFirst();
  const anchor = first?.at && first.at < conversion.occurredAt ? first.at : conversion.occurredAt;
  const back = (at: Date) => new Date(at.getTime() - windowDays * DAY);
  if (visitors.size === 0) return [];
  const touches = whatCounts(
    await readTouches(inside, appId, [...visitors.keys()], conversion.occurredAt, [
      { from: back(anchor), until: anchor },
      { from: back(conversion.occurredAt), until: conversion.occurredAt },
    ]),
  );
  return touches.length <= MOST ? touches : [...touches.slice(0, 1), ...touches.slice(1 - MOST)];
}

/** Those that are kept, and the arrivals of visits that nobody has had a reason to keep until now. */
async function readTouches(
  { tx, workspaceId }: Inside,
  appId: string,
  visitors: string[],
  latest: Date,
  windows: readonly { from: Date; until: Date }[],
): Promise<TouchRow[]> {
  const kept = await tx
    .selectFrom('touches')
    .select(['id', 'visitor', 'visitId', 'occurredAt', 'channel', 'direct', 'clickId', 'postId', 'campaignId'])
    .select(['kind', 'told', 'affiliateId', 'eventId', 'paymentId'])
    .where('appId', '=', appId)
    .where('visitor', 'in', visitors)
    .where('occurredAt', '<=', latest)
    .where((eb) =>
      eb.or(windows.map(({ from, until }) => eb.and([eb('occurredAt', '>=', from), eb('occurredAt', '<=', until)]))),
    )
    .execute();
  const within = windows.map(({ from, until }) => sql`v.started_at between ${from} and ${until}`);
  const earliest = new Date(Math.min(...windows.map(({ from }) => from.getTime())));
  const { rows: arrivals } = await sql<Omit<TouchRow, 'kept'>>`
    select ${arrivalOf}, 'arrival' as kind, null as told, null as event_id, null as payment_id
    from visits v ${throughLink}
    where v.workspace_id = ${workspaceId} and v.app_id = ${appId} and v.visitor = any(${visitors}::text[])
      and v.started_at >= ${earliest} and v.started_at <= ${latest} and (${sql.join(within, sql` or `)})
      and v.agent_class in ('human', 'unsure')`.execute(tx);
  const ofVisits = new Set(kept.flatMap(({ kind, visitId }) => (kind === 'arrival' && visitId ? visitId : [])));
  return [
    ...kept.map((touch) => ({ ...touch, kept: true })),
    ...arrivals.filter(({ id }) => !ofVisits.has(id)).map((touch) => ({ ...touch, kept: false })),
  ].sort((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime() || (a.id < b.id ? -1 : 1));
}

/** What is told says something only where it is not known better, and only once. */
export function whatCounts<T extends Pick<TouchRow, 'kind' | 'told' | 'direct' | 'affiliateId'>>(
  touches: readonly T[],
): T[] {
  const arrivals = touches.filter((touch) => touch.kind === 'arrival');
  const codes = new Map<string, T>();
  for (const touch of touches) {
    if (touch.kind !== 'code') continue;
    const owner = touch.affiliateId ?? `code ${touch.told?.toLowerCase()}`;
    const known = touch.affiliateId !== null && arrivals.some((arrival) => arrival.affiliateId === touch.affiliateId);
    if (!known && !codes.has(owner)) codes.set(owner, touch);
  }
  const kept = new Set<T>([...arrivals, ...codes.values()]);
  const answer = touches.find((touch) => touch.kind === 'self_report');
  if (answer && ![...kept].some((touch) => !touch.direct)) kept.add(answer);
  return touches.filter((touch) => kept.has(touch));
}
