import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { daysBefore } from '#src/grow/detectors/detector.ts';
import { audit } from '#src/people/audit.ts';
import { notify } from '#src/people/notices.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { mayTell } from './alerts/quiet.ts';
import { type CountMetric, labelOf, readCounts } from './numbers.ts';

export const thresholdMetrics = [
  'visits',
  'signups',
  'posts',
  'failedPosts',
  'followers',
  'replies',
  'mentions',
] as const satisfies CountMetric[];
export type Severity = 'info' | 'warning' | 'urgent';
type Settings = { windowDays?: number; severity?: Severity };

export type NewRule = {
  appId: string;
  kind: 'threshold' | 'anomaly' | 'opportunity';
  name: string;
  metric?: (typeof thresholdMetrics)[number] | undefined;
  comparison?: 'above' | 'below' | undefined;
  value?: number | undefined;
  releaseValue?: number | undefined;
  windowDays?: number | undefined;
  severity: Severity;
};

/** A rule on a number over its last days (threshold), or on insights that go down (anomaly) or up (opportunity). */
export function createAlertRule(context: Context, rule: NewRule): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, rule.appId);
    const { metric, comparison, value } = rule;
    if (rule.kind === 'threshold') {
      if (metric === undefined || comparison === undefined || value === undefined)
        throw refuse('invalid', 'threshold', 'A threshold needs "metric", "comparison" and "value".');
      const release = rule.releaseValue ?? value;
      if (comparison === 'above' ? release > value : release < value)
        throw refuse(
          'invalid',
          'release_value',
          'The alert would end before it begins. Put "releaseValue" on the calm side of "value".',
        );
    } else if ([metric, comparison, value, rule.releaseValue, rule.windowDays].some((one) => one !== undefined))
      throw refuse('invalid', 'no_threshold', `A rule of kind ${rule.kind} follows insights; leave the threshold out.`);
    const settings: Settings = {
      severity: rule.severity,
      ...(rule.kind === 'threshold' ? { windowDays: rule.windowDays ?? 7 } : {}),
    };
    const row = await inside.tx
      .insertInto('alertRules')
      .values({
        workspaceId: inside.workspaceId,
        appId: rule.appId,
        kind: rule.kind,
        name: rule.name,
        metric: metric ?? null,
        comparison: comparison ?? null,
        value: value ?? null,
        releaseValue: rule.kind === 'threshold' ? (rule.releaseValue ?? value ?? null) : null,
        settings: JSON.stringify(settings),
        createdBy: userOf(inside),
        createdAt: inside.clock.now(),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'alertRules.create', subject: row.id, after: { name: rule.name } });
    return row;
  });
}

/** Removes a rule; its alerts stay, and an open one ends. */
export function removeAlertRule(context: Context, ruleId: string): Promise<void> {
  return transaction(context, async (inside) => {
    await inside.tx
      .updateTable('alerts')
      .set({ endedAt: inside.clock.now() })
      .where('alertRuleId', '=', ruleId)
      .where('endedAt', 'is', null)
      .execute();
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
    await audit(inside, {
      operation: 'alertRules.mute',
      subject: ruleId,
      after: { until: until?.toISOString() ?? null },
    });
  });
}

/**
 * For the hourly clock: holds every threshold against its number. An alert is raised once when the value is crossed and
 * ends only beyond the release value, so that it does not flap. A number that is not measured raises nothing.
 */
export function checkAlerts(context: Context): Promise<void> {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    // Locked, so that two checks at once raise one alert.
    const rules = await inside.tx
      .selectFrom('alertRules')
      .selectAll()
      .where('kind', '=', 'threshold')
      .orderBy('id')
      .forUpdate()
      .execute();
    for (const rule of rules) {
      const metric = thresholdMetrics.find((one) => one === rule.metric);
      if (!metric || rule.value === null || rule.comparison === null) continue;
      const { windowDays = 7, severity = 'warning' } = rule.settings as Settings;
      const seen = (await readCounts(inside, rule.appId, daysBefore(now, windowDays), now))[metric];
      if (seen === null) continue;
      const open = await openAlert(inside, rule.id);
      const beyond = (limit: number) => (rule.comparison === 'above' ? seen > limit : seen < limit);
      if (open && !beyond(Number(rule.releaseValue ?? rule.value)))
        await inside.tx.updateTable('alerts').set({ endedAt: now }).where('id', '=', open.id).execute();
      if (open || !beyond(Number(rule.value)) || (rule.mutedUntil && rule.mutedUntil > now)) continue;
      await raise(inside, {
        appId: rule.appId,
        alertRuleId: rule.id,
        insightId: null,
        title: rule.name,
        body: `${labelOf(metric)} in the last ${windowDays === 1 ? 'day' : `${windowDays} days`}: ${seen}, ${rule.comparison} ${Number(rule.value)}.`,
        severity,
        dedupe: `rule:${rule.id}:${now.toISOString()}`,
      });
    }
  });
}

/** Raises an alert for an insight when a rule of the app asks for its direction. Safe to run twice. */
export function alertOnInsight(context: Context, insightId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const insight = await inside.tx.selectFrom('insights').selectAll().where('id', '=', insightId).executeTakeFirst();
    if (!insight) throw notFound('insight');
    if (insight.direction !== 'up' && insight.direction !== 'down') return;
    const now = inside.clock.now();
    const rule = await inside.tx
      .selectFrom('alertRules')
      .selectAll()
      .where('appId', '=', insight.appId)
      .where('kind', '=', insight.direction === 'up' ? 'opportunity' : 'anomaly')
      .where((eb) => eb.or([eb('mutedUntil', 'is', null), eb('mutedUntil', '<=', now)]))
      .orderBy('createdAt')
      .executeTakeFirst();
    if (!rule) return;
    await raise(inside, {
      appId: insight.appId,
      alertRuleId: rule.id,
      insightId,
      title: rule.name,
      body: insight.sentence,
      severity: (rule.settings as Settings).severity ?? 'info',
      dedupe: `insight:${insightId}`,
    });
  });
}

export function acknowledgeAlert(context: Context, alertId: string): Promise<void> {
  return change(context, alertId, (inside) => ({ acknowledgedAt: inside.clock.now(), acknowledgedBy: userOf(inside) }));
}

/** Out of sight until then. */
export function snoozeAlert(context: Context, alertId: string, until: Date): Promise<void> {
  if (until <= context.clock.now())
    throw refuse('invalid', 'past', 'This moment has passed. Name one that is still to come.');
  return change(context, alertId, () => ({ snoozedUntil: until }));
}

function change(
  context: Context,
  alertId: string,
  set: (inside: Inside) => { acknowledgedAt: Date; acknowledgedBy: string | null } | { snoozedUntil: Date },
): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .updateTable('alerts')
      .set(set(inside))
      .where('id', '=', alertId)
      .returning('id')
      .executeTakeFirst();
    if (!row) throw notFound('alert');
  });
}

function openAlert({ tx }: Inside, ruleId: string) {
  return tx
    .selectFrom('alerts')
    .select('id')
    .where('alertRuleId', '=', ruleId)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
}

type NewAlert = {
  appId: string;
  alertRuleId: string;
  insightId: string | null;
  title: string;
  body: string;
  severity: Severity;
  dedupe: string;
};

async function raise(inside: Inside, alert: NewAlert): Promise<void> {
  const row = await inside.tx
    .insertInto('alerts')
    .values({ workspaceId: inside.workspaceId, ...alert, raisedAt: inside.clock.now() })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'dedupe']).doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return;
  await deliver(inside, row.id, alert);
  await record(inside, 'alert.raised', { subjectId: row.id, detail: { appId: alert.appId, severity: alert.severity } });
}

/** As a notice in the app. With targets it is told once at least one of them is neither quiet nor over its budget. */
async function deliver(inside: Inside, alertId: string, alert: NewAlert): Promise<void> {
  const targets = await inside.tx.selectFrom('alertTargets').selectAll().where('kind', '=', 'app').execute();
  let isTold = targets.length === 0;
  for (const target of targets) {
    const told = await inside.tx
      .selectFrom('alertDeliveries')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('alertTargetId', '=', target.id)
      .where('state', '=', 'sent')
      .where('at', '>', daysBefore(inside.clock.now(), 7))
      .executeTakeFirstOrThrow();
    const held = mayTell(target, told.count, alert.severity, inside.clock.now());
    await inside.tx
      .insertInto('alertDeliveries')
      .values({
        workspaceId: inside.workspaceId,
        alertId,
        alertTargetId: target.id,
        state: held ? 'held' : 'sent',
        reason: held,
        at: inside.clock.now(),
      })
      .execute();
    isTold ||= held === null;
  }
  if (isTold)
    await notify(inside, {
      kind: 'alert',
      title: alert.title,
      body: alert.body,
      path: `/alerts/${alertId}`,
      dedupe: `alert:${alertId}`,
    });
}
