import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { asksConversions, isConversion, isEvent, maskOf, type Step } from '#src/measure/funnels/steps.ts';
import type { Period } from '#src/measure/range.ts';
import { columns, visitsThatFit } from '#src/measure/traffic/filters.ts';
import type { Scope } from '#src/measure/traffic/question.ts';

/** Whose history it is: a visitor, as the privacy tier knows them, or a person as far as one is known. */
export type By = 'visitor' | 'person';

/** A visit began at most so long before one of its events, in milliseconds. */
const LONGEST_VISIT = 2 * 86_400_000;

export type Wanted = {
  steps: readonly Step[];
  by: By;
  /** Also what is no step at all. */
  everything: boolean;
  /** Steps may be taken until then; the first one only in the period. */
  until: Date;
  /** The first step's visit is grouped by this. */
  value?: keyof typeof columns | undefined;
  /** Of so many of them one, chosen by who it is; then only what was done in visits. */
  oneIn?: number | undefined;
};

/**
 * Common table expressions, the last of which is `happened (who, at, id, m, begins, value, what)`: what people did in a period,
 * `m` saying by its bits which steps that is, `begins` that the funnel may begin with it. An event that became a
 * conversion is one happening. Bots are left out. Visitors are told apart by the visit's visitor; people by the identity
 * links as they are now, the newest first; who was never linked stays a visitor.
 */
export function histories({ workspaceId }: Inside, scope: Scope, period: Period, wanted: Wanted): RawBuilder<unknown> {
  const { steps, by, everything, oneIn = 1 } = wanted;
  const sampled = oneIn > 1;
  const since = new Date(period.from.getTime() - LONGEST_VISIT);
  const filtered = scope.filters.length > 0;
  const withConversions = asksConversions(steps);
  const visitor = by === 'person' ? sql`coalesce(known.customer, v.visitor)` : sql`v.visitor`;
  const value = wanted.value === undefined ? sql`null::text` : sql`${sql.ref(`v.${columns[wanted.value]}`)}::text`;
  const events = sql`e.workspace_id = ${workspaceId} and e.app_id = ${scope.appId}
    and e.occurred_at >= ${period.from} and e.occurred_at < ${wanted.until}`;
  const conversions = sql`c.workspace_id = ${workspaceId} and c.app_id = ${scope.appId} and c.occurred_at >= ${period.from}
    and c.occurred_at < ${wanted.until} and (${sql.join(steps.map(isConversion), sql` or `)})`;
  // Looked up one by one: conversions are few.
  const itsEvent = (of: RawBuilder<unknown>) =>
    sql`(select ${of} from events e where ${events} and e.occurred_at = made.at and e.id = made.event_id)`;
  const withVisit = filtered || wanted.value !== undefined;
  const begins = (at: RawBuilder<unknown>) =>
    filtered ? sql`${at} < ${period.until} and seen.fits` : sql`${at} < ${period.until}`;
  // No common table expression where many rows are joined: none is read by several processors.
  const links = sql`
    select distinct on (link.kind, link.value) link.kind, link.value, coalesce(customer.merged_into, customer.id)::text as customer
    from identity_links link
    join customers customer on customer.workspace_id = link.workspace_id and customer.id = link.customer_id
    where link.workspace_id = ${workspaceId} and link.app_id = ${scope.appId} and link.kind in ('visitor', 'person')
    order by link.kind, link.value, link.linked_at desc`;
  const personOf = (who: RawBuilder<unknown>) =>
    sql`(select known.customer from known where known.kind = 'person' and known.value = ${who})`;
  const alone =
    by === 'person'
      ? sql`coalesce((select known.customer from known where known.kind = 'visitor' and known.value = e.visitor), ${personOf(sql`e.person`)}, e.visitor, 'person ' || e.person)`
      : sql`coalesce(e.visitor, 'person ' || e.person)`;
  return sql`
    with ${by === 'person' ? sql`known as materialized (${links}),` : sql``}
    ${
      filtered
        ? sql`fitting as materialized (
            select v.id from visits v where ${visitsThatFit(workspaceId, { ...scope }, { from: since, until: wanted.until })}
          ),`
        : sql``
    }
    seen as not materialized (
      select v.id, ${visitor} as who, v.agent_class <> 'bot' and v.agent_class <> 'preview' as person, ${value} as value,
        ${filtered ? sql`fitting.id is not null` : sql`true`} as fits
      from visits v
      ${by === 'person' ? sql`left join (${links}) known on known.kind = 'visitor' and known.value = v.visitor` : sql``}
      ${filtered ? sql`left join fitting on fitting.id = v.id` : sql``}
      where v.workspace_id = ${workspaceId} and v.app_id = ${scope.appId} and v.started_at >= ${since}
        and v.started_at < ${wanted.until}
        ${sampled ? sql`and hashtext(${visitor}) % ${sql.lit(oneIn)} = 0` : sql``}
    ),
    ${
      withConversions
        ? sql`made as materialized (
            select coalesce(c.event_id, c.id) as id, c.event_id, min(c.occurred_at) as at, bit_or(${maskOf(steps, isConversion)}) as m,
              (array_agg(c.visit_id) filter (where c.visit_id is not null))[1] as visit_id,
              coalesce(${
                by === 'person'
                  ? sql`max(coalesce(customer.merged_into, customer.id)::text),
                     (select known.customer from known where known.kind = 'visitor' and known.value = min(c.visitor)), min(c.visitor)`
                  : sql`min(c.visitor), 'customer ' || max(c.customer_id::text)`
              }) as who
            from conversions c
            ${by === 'person' ? sql`left join customers customer on customer.workspace_id = c.workspace_id and customer.id = c.customer_id` : sql``}
            where ${conversions}
            group by coalesce(c.event_id, c.id), c.event_id
          ),`
        : sql``
    }
    happened as (
      select coalesce(seen.who, ${sampled ? sql`null` : alone}) as who, e.occurred_at as at, e.id, ${maskOf(steps, isEvent)} as m,
        ${begins(sql`e.occurred_at`)} as begins, seen.value, ${everything ? sql`case when e.kind = 'pageview' then e.path else e.kind end` : sql`null::text`} as what
      from events e
      ${sampled ? sql`join` : sql`left join`} seen on seen.id = e.visit_id
      where ${events} ${everything ? sql`` : sql`and (${sql.join(steps.map(isEvent), sql` or `)})`}
        and ${sampled ? sql`seen.person` : sql`(seen.person or seen.id is null and (e.visitor is not null and e.visit_id is null or e.person is not null))`}
        ${
          withConversions
            ? sql`and not exists (select from conversions c where ${conversions} and c.event_id = e.id)`
            : sql``
        }
      ${
        withConversions
          ? sql`union all
            select made.who, made.at, made.id, made.m | coalesce(${itsEvent(maskOf(steps, isEvent))}, 0), ${begins(sql`made.at`)},
              ${withVisit ? sql`seen.value` : sql`null::text`}, ${everything ? sql`coalesce(${itsEvent(sql`e.kind`)}, 'conversion')` : sql`null::text`}
            from made ${withVisit ? sql`left join seen on seen.id = made.visit_id` : sql``}
            where made.who is not null ${sampled ? sql`and hashtext(made.who) % ${sql.lit(oneIn)} = 0` : sql``}`
          : sql``
      }
    )`;
}
