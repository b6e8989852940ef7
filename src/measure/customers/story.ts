import { sql } from 'kysely';
import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { id, money, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { notFound } from '#src/refusal.ts';

/** So many things of each kind, the newest; nobody reads more of one person. */
const MOST = 100;

const kinds = ['visit', 'told', 'event', 'conversion', 'payment', 'refund'] as const;

const entry = z.object({
  kind: z.enum(kinds),
  at: z.date(),
  /** The path come in at, the event's name, the conversion's kind, what was told, the plan paid for. */
  title: z.string(),
  /** A visit's source; how a touch was told (`code`, `self_report`). */
  source: z.string().nullable(),
  post: z.object({ postId: id, title: z.string() }).nullable(),
  views: z.int().nullable(),
  amount: money.nullable(),
  properties: z.record(z.string(), z.unknown()).nullable(),
});
type Entry = z.output<typeof entry>;

const shown = z.object({
  timeZone: z.string(),
  customer: z.object({
    customerId: id,
    appId: id,
    person: z.string().nullable(),
    name: z.string().nullable(),
    firstSeenAt: z.date(),
    audience: z.string().nullable(),
    /** Their name and links are gone; what they paid stays in the books. */
    erasedAt: z.date().nullable(),
    mergedInto: id.nullable(),
  }),
  /** How each thing is known to be theirs. */
  links: z.array(z.object({ kind: z.string(), grade: z.string(), linkedAt: z.date() })),
  /** Newest first. */
  story: z.array(entry),
  /** There is more of a kind than is told. */
  shortened: z.boolean(),
});

/** What one customer did, as far as it is known to be theirs: visits, what they told, events, conversions, payments. */
export function customerStory(context: Context, { customerId }: { customerId: string }) {
  return transaction(context, async (inside) => {
    const { tx } = inside;
    const { timeZone } = await workspaceOf(inside);
    const row = await tx
      .selectFrom('customers')
      .leftJoin('audiences', 'audiences.id', 'customers.audienceId')
      .select(['customers.id as customerId', 'customers.appId', 'customers.person', 'customers.name'])
      .select(['customers.firstSeenAt', 'audiences.name as audience', 'customers.erasedAt', 'customers.mergedInto'])
      .where('customers.id', '=', customerId)
      .executeTakeFirst();
    if (!row) throw notFound('customer');
    const links = await tx
      .selectFrom('identityLinks')
      .select(['kind', 'value', 'grade', 'linkedAt'])
      .where('customerId', '=', customerId)
      .orderBy('linkedAt', 'desc')
      .execute();
    const values = (kind: string) => links.filter((link) => link.kind === kind).map(({ value }) => value);
    const whose = { appId: row.appId, customerId, visitors: values('visitor'), persons: values('person') };
    const parts = [
      await visitsOf(inside, whose),
      await toldBy(inside, whose),
      await eventsOf(inside, whose),
      await conversionsOf(inside, whose),
      await paymentsOf(inside, whose),
      await refundsOf(inside, whose),
    ];
    return {
      timeZone,
      customer: row,
      links: links.map(({ value: _, ...link }) => link),
      story: parts.flat().sort((a, b) => b.at.getTime() - a.at.getTime()),
      shortened: parts.some((part) => part.length === MOST),
    };
  });
}

type Whose = { appId: string; customerId: string; visitors: string[]; persons: string[] };
const NOTHING = { source: null, post: null, views: null, amount: null, properties: null };

async function visitsOf({ tx }: Inside, { appId, visitors }: Whose): Promise<Entry[]> {
  if (visitors.length === 0) return [];
  const rows = await tx
    .selectFrom('visits')
    .leftJoin('posts', 'posts.id', 'visits.postId')
    .select(['visits.startedAt as at', 'entryPath', 'visits.source', 'views', 'posts.id as postId', 'posts.title'])
    .where('visits.appId', '=', appId)
    .where('visits.visitor', 'in', visitors)
    .orderBy('visits.startedAt', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(({ at, entryPath, source, views, postId, title }) => ({
    ...NOTHING,
    kind: 'visit',
    at,
    title: entryPath,
    source,
    views,
    post: postId === null ? null : { postId, title: title ?? '' },
  }));
}

async function toldBy({ tx }: Inside, { appId, visitors }: Whose): Promise<Entry[]> {
  if (visitors.length === 0) return [];
  const rows = await tx
    .selectFrom('touches')
    .select(['occurredAt', 'kind', 'told'])
    .where('appId', '=', appId)
    .where('visitor', 'in', visitors)
    .where('kind', '<>', 'arrival')
    .orderBy('occurredAt', 'desc')
    .limit(MOST)
    .execute();
  return rows.map((row) => ({
    ...NOTHING,
    kind: 'told',
    at: row.occurredAt,
    title: row.told ?? '',
    source: row.kind,
  }));
}

/**
 * Custom events; pages are counted in their visit. Each way in which an event is somebody's is looked up by an index of
 * its own: in their visits as long as those lasted, by the app's own id of them, and by the visitor it was told with.
 */
async function eventsOf({ tx, workspaceId }: Inside, { appId, visitors, persons }: Whose): Promise<Entry[]> {
  if (visitors.length + persons.length === 0) return [];
  const own = sql`e.workspace_id = ${workspaceId} and e.app_id = ${appId} and e.kind <> 'pageview'`;
  const newest = sql`order by e.occurred_at desc limit ${sql.lit(MOST)}`;
  const { rows } = await sql<{ at: Date; kind: string; props: Record<string, unknown> | null }>`
    with known as (
      (select e.occurred_at, e.id, e.kind, e.props
       from (
         select v.id, v.started_at, v.last_seen_at from visits v
         where v.workspace_id = ${workspaceId} and v.app_id = ${appId} and v.visitor = any(${visitors}::text[])
         order by v.started_at desc limit ${sql.lit(MOST)}
       ) visit
       cross join lateral (
         select e.* from events e
         -- What came late may have happened up to half an hour before the visit's beginning.
         where ${own} and e.occurred_at >= visit.started_at - interval '30 minutes' and e.occurred_at <= visit.last_seen_at
           and e.visit_id = visit.id
       ) e
       ${newest})
      union
      (select e.occurred_at, e.id, e.kind, e.props from events e where ${own} and e.person = any(${persons}::text[]) ${newest})
      union
      (select e.occurred_at, e.id, e.kind, e.props from events e where ${own} and e.visitor = any(${visitors}::text[]) ${newest})
    )
    select occurred_at as at, kind, props from known order by occurred_at desc, id limit ${sql.lit(MOST)}
  `.execute(tx);
  return rows.map((row) => ({ ...NOTHING, kind: 'event', at: row.at, title: row.kind, properties: row.props }));
}

async function conversionsOf({ tx }: Inside, { customerId }: Whose): Promise<Entry[]> {
  const rows = await tx
    .selectFrom('conversions')
    .leftJoin('goals', 'goals.id', 'conversions.goalId')
    .select(['conversions.occurredAt as at', 'conversions.kind', 'goals.name', 'conversions.valueMinor'])
    .select('conversions.currency')
    .where('conversions.customerId', '=', customerId)
    // A purchase stands there as the payment it is.
    .where('conversions.kind', '<>', 'purchase')
    .orderBy('conversions.occurredAt', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(({ at, kind, name, valueMinor, currency }) => ({
    ...NOTHING,
    kind: 'conversion',
    at,
    title: kind === 'goal' ? (name ?? 'goal') : kind,
    amount: currency === null ? null : { minor: valueMinor, currency },
  }));
}

async function paymentsOf({ tx }: Inside, { customerId }: Whose): Promise<Entry[]> {
  const rows = await tx
    .selectFrom('payments')
    .leftJoin('subscriptions', 'subscriptions.id', 'payments.subscriptionId')
    .select(['payments.paidAt as at', 'subscriptions.plan', 'payments.amountMinor', 'payments.currency'])
    .where('payments.customerId', '=', customerId)
    .orderBy('payments.paidAt', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(({ at, plan, amountMinor, currency }) => ({
    ...NOTHING,
    kind: 'payment',
    at,
    title: plan ?? '',
    amount: { minor: amountMinor, currency },
  }));
}

async function refundsOf({ tx }: Inside, { customerId }: Whose): Promise<Entry[]> {
  const rows = await tx
    .selectFrom('refunds')
    .innerJoin('payments', 'payments.id', 'refunds.paymentId')
    .select(['refunds.refundedAt as at', 'refunds.kind', 'refunds.amountMinor', 'refunds.currency'])
    .where('payments.customerId', '=', customerId)
    .where('refunds.status', '=', 'succeeded')
    .orderBy('refunds.refundedAt', 'desc')
    .limit(MOST)
    .execute();
  return rows.map(({ at, kind, amountMinor, currency }) => ({
    ...NOTHING,
    kind: 'refund',
    at,
    title: kind,
    amount: { minor: amountMinor, currency },
  }));
}

export const customerStoryOperations = {
  show: operation({
    summary: 'Show one customer: visits, what they told, events, conversions and payments, newest first.',
    route: 'GET /customers/{customerId}',
    access: 'read',
    input: z.strictObject({ customerId: id }),
    output: shown,
    run: customerStory,
  }),
};
