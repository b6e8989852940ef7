import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays, dayIn } from '#src/plan/times.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type AlertMetric, alertMetrics, type Day, metricMeta, readMetricDays } from './metrics.ts';
import { type Opportunity, pastOpportunities } from './opportunities.ts';
import { type Severity, type Weight, weights } from './severity.ts';
import { firings, type Seen, type Threshold, usualRelease, watched } from './threshold.ts';

export type RuleInput = {
  kind: 'threshold' | 'anomaly' | 'opportunity' | 'competitor';
  name: string;
  severity: Severity;
  metric?: AlertMetric | undefined;
  comparison?: 'above' | 'below' | undefined;
  value?: number | undefined;
  releaseValue?: number | undefined;
  windowDays?: number | undefined;
  opportunity?: Opportunity | undefined;
  least?: Weight | undefined;
};

/** What a rule for opportunities compares with when nothing else is said; see `metric` of `alert_rules`. */
export const usualBars: Record<Opportunity, number | null> = {
  posts: 3,
  mentions: 10_000,
  payback: 1,
  keywords: null,
  changes: null,
};

/** Days a preview looks back. */
export const previewDays = 60;

export function createAlertRule(context: Context, { appId, ...input }: RuleInput & { appId: string }) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const row = await inside.tx
      .insertInto('alertRules')
      .values({
        workspaceId: inside.workspaceId,
        appId,
        ...columnsOf(input),
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'alertRules.create', subject: row.id, after: { name: input.name } });
    return row;
  });
}

/** Changes a rule as a whole. What it raised before and is still open ends: it was measured by other words. */
export function changeAlertRule(context: Context, { ruleId, ...input }: RuleInput & { ruleId: string }): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('alertRules')
      .set(columnsOf(input))
      .where('id', '=', ruleId)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('alert rule');
    await endOf(inside, ruleId);
    await audit(inside, { operation: 'alertRules.change', subject: ruleId, after: { name: input.name } });
  });
}

/** Removes a rule; its alerts stay, and an open one ends. */
export function removeAlertRule(context: Context, ruleId: string): Promise<void> {
  return transaction(context, async (inside) => {
    await endOf(inside, ruleId);
    const row = await inside.tx.deleteFrom('alertRules').where('id', '=', ruleId).returning('name').executeTakeFirst();
    if (!row) throw notFound('alert rule');
    await audit(inside, { operation: 'alertRules.remove', subject: ruleId, before: { name: row.name } });
  });
}

/** A muted rule raises nothing until then; null ends the silence. */
export async function muteAlertRule(context: Context, ruleId: string, until: Date | null): Promise<void> {
  await transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('alertRules')
      .set({ mutedUntil: until })
      .where('id', '=', ruleId)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('alert rule');
    const after = { until: until?.toISOString() ?? null };
    await audit(inside, { operation: 'alertRules.mute', subject: ruleId, after });
  });
}

/** When a rule, kept or not, would have raised an alert in the last 60 days, by the rows there are of them. */
export function previewAlertRule(context: Context, { appId, ...input }: RuleInput & { appId: string }) {
  return transaction(context, async (inside) => {
    await appOf(inside, appId);
    const rule = columnsOf(input);
    const { timeZone, currency } = await workspaceOf(inside);
    const today = dayIn(timeZone, inside.clock.now());
    const first = addDays(today, -previewDays);
    const threshold = thresholdOf(rule);
    if (threshold) {
      const seen = await readSeen(inside, threshold, { appId, timeZone, currency, today, days: previewDays });
      const measured = seen.filter(({ value }) => value !== null);
      const missing = measured.length === 0 ? (seen.at(-1)?.missing ?? 'Nothing of it is measured yet.') : null;
      const { fired, isOpen } = firings(threshold, seen);
      return { fired: fired.map(({ day, value }) => ({ day, value, what: null })), isOpen, missing, seen };
    }
    const since = new Date(inside.clock.now().getTime() - previewDays * 86_400_000);
    const found = await pastEvents(inside, appId, rule, since);
    const fired = found
      .map(({ at, what }) => ({ day: dayIn(timeZone, at), value: null, what }))
      .filter(({ day }) => day >= first);
    return { fired, isOpen: false, missing: null, seen: [] as Seen[] };
  });
}

/** A row of `alert_rules` as the threshold it is; null when it is none. */
export function thresholdOf(rule: {
  kind: string;
  metric: string | null;
  comparison: 'above' | 'below' | null;
  value: number | string | null;
  releaseValue: number | string | null;
  windowDays: number | null;
}): Threshold | null {
  const metric = alertMetrics.find((one) => one === rule.metric);
  if (rule.kind !== 'threshold' || !metric || rule.comparison === null || rule.value === null) return null;
  const value = Number(rule.value);
  return {
    metric,
    comparison: rule.comparison,
    value,
    release: Number(rule.releaseValue ?? usualRelease(rule.comparison, value)),
    windowDays: rule.windowDays ?? 1,
  };
}

/** What a threshold sees at the end of each of the last `days` days. */
export async function readSeen(
  inside: Inside,
  threshold: Threshold,
  of: { appId: string; timeZone: string; currency: string; today: string; days: number },
): Promise<Seen[]> {
  const first = addDays(of.today, -(of.days + threshold.windowDays));
  const days: Day[] = await readMetricDays(inside, threshold.metric, { ...of, first, last: of.today });
  return watched(threshold, days, of.today);
}

const starters: RuleInput[] = [
  { kind: 'anomaly', name: 'A main number left what is usual', severity: 'warning', least: 'medium' },
  {
    kind: 'threshold',
    name: 'Posts fail to go out',
    severity: 'warning',
    metric: 'failedPosts',
    comparison: 'above',
    value: 0,
    windowDays: 1,
  },
  {
    kind: 'threshold',
    name: 'A campaign has used its budget',
    severity: 'warning',
    metric: 'budgetUsed',
    comparison: 'above',
    value: 95,
  },
  { kind: 'opportunity', name: 'A post is doing unusually well', severity: 'info', opportunity: 'posts' },
  { kind: 'opportunity', name: 'A large account speaks of you', severity: 'info', opportunity: 'mentions' },
  { kind: 'competitor', name: 'A competitor makes a large move', severity: 'info', least: 'high' },
];

/** Gives an app its first rules, once, and the workspace its notices in the app. A handful, so that it stays quiet. */
export function startAlerts(context: Context, appId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    const { workspaceId } = inside;
    const fresh = await inside.tx
      .insertInto('alertStarts')
      .values({ workspaceId, appId, startedAt: now })
      .onConflict((conflict) => conflict.doNothing())
      .returning('appId')
      .executeTakeFirst();
    if (!fresh) return;
    // In order, a second apart on paper: the list shows them by when they were made.
    const rows = starters.map((rule, index) => ({
      workspaceId,
      appId,
      ...columnsOf(rule),
      createdAt: new Date(now.getTime() + index),
    }));
    await inside.tx.insertInto('alertRules').values(rows).execute();
    const others = await inside.tx
      .selectFrom('alertStarts')
      .select('appId')
      .where('appId', '<>', appId)
      .executeTakeFirst();
    if (others) return;
    await inside.tx
      .insertInto('alertTargets')
      .values({ workspaceId, kind: 'app', address: 'Everyone here', createdAt: now })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  });
}

function columnsOf(rule: RuleInput) {
  const { kind, name, severity, metric, comparison, value, opportunity, least } = rule;
  const nothing = {
    metric: null,
    comparison: null,
    value: null,
    releaseValue: null,
    windowDays: null,
    leastSeverity: null,
  };
  const base = { kind, name, severity, ...nothing };
  const thresholdOnly = [metric, comparison, rule.releaseValue, rule.windowDays];
  if (kind !== 'threshold' && thresholdOnly.some((one) => one !== undefined))
    throw refuse('invalid', 'no_threshold', `A rule of kind ${kind} has no threshold; leave its fields out.`);
  if (kind === 'threshold') {
    if (metric === undefined || comparison === undefined || value === undefined)
      throw refuse('invalid', 'threshold', 'A threshold needs "metric", "comparison" and "value".');
    const release = rule.releaseValue ?? usualRelease(comparison, value);
    if (comparison === 'above' ? release > value : release < value)
      throw refuse(
        'invalid',
        'release_value',
        'The alert would end before it begins. Put "releaseValue" on the calm side of "value".',
      );
    const isOfMoment = metricMeta[metric].shape === 'moment';
    return {
      ...base,
      metric,
      comparison,
      value,
      releaseValue: release,
      windowDays: isOfMoment ? null : (rule.windowDays ?? 7),
    };
  }
  if (kind === 'opportunity') {
    if (opportunity === undefined)
      throw refuse(
        'invalid',
        'opportunity',
        `An opportunity needs "opportunity": ${Object.keys(usualBars).join(', ')}.`,
      );
    return { ...base, metric: opportunity, value: value ?? usualBars[opportunity] };
  }
  return { ...base, leastSeverity: least ?? 'medium' };
}

async function pastEvents(inside: Inside, appId: string, rule: ReturnType<typeof columnsOf>, since: Date) {
  const enough = weights.slice(weights.indexOf(rule.leastSeverity ?? 'low'));
  if (rule.kind === 'anomaly')
    return inside.tx
      .selectFrom('insights')
      .select(['foundAt as at', 'sentence as what'])
      .where('appId', '=', appId)
      .where('kind', '=', 'anomaly')
      .where('severity', 'in', enough)
      .where('foundAt', '>=', since)
      .orderBy('foundAt')
      .execute();
  if (rule.kind === 'competitor')
    return inside.tx
      .selectFrom('competitorChanges as h')
      .innerJoin('competitors as c', 'c.id', 'h.competitorId')
      .select((eb) => ['h.foundAt as at', eb.fn.coalesce('h.sentence', 'h.what').as('what')])
      .where('c.appId', '=', appId)
      .where('h.severity', 'in', enough)
      .where('h.foundAt', '>=', since)
      .orderBy('h.foundAt')
      .execute();
  const found = await pastOpportunities(inside, appId, rule.metric as Opportunity, Number(rule.value), since);
  return found.map(({ since: at, body }) => ({ at, what: body }));
}

async function endOf({ tx, clock }: Inside, ruleId: string): Promise<void> {
  await tx
    .updateTable('alerts')
    .set({ endedAt: clock.now() })
    .where('alertRuleId', '=', ruleId)
    .where('endedAt', 'is', null)
    .execute();
}
