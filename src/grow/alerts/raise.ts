import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { type Severity, severities } from './severity.ts';
import { wakeTelling } from './wake.ts';

export type AlertKind = 'threshold' | 'anomaly' | 'opportunity' | 'competitor';
export type Row = { label: string; table: string; rowId?: string | null; day?: string | null; value?: number | null };

export type NewAlert = {
  appId: string;
  kind: AlertKind;
  ruleId: string;
  insightId?: string | null;
  /** What it is about, for muting and for seeing that two rules see the same thing. */
  subject: string;
  direction: 'up' | 'down' | null;
  metric?: string | null;
  title: string;
  /** What happened, a sentence. */
  body: string;
  /** How unusual it is, a sentence. */
  usual?: string | null;
  /** What one can do. */
  advice?: string | null;
  severity: Severity;
  since: Date;
  value?: number | null;
  path: string;
  /** What may be told once ever; an alert that may come again names its moment in it. */
  dedupe: string;
  rows: readonly Row[];
};

/** A thing that came again so soon after its end is the same one: it opens again, and nobody is told twice. */
const refractoryMs = 86_400_000;

/**
 * Raises an alert, once: not while an open one has the same cause (or a graver one), not twice for the same event, not on
 * what is muted. Within a day of its end the old one opens again in silence. Every target that is on gets a delivery.
 */
export async function raise(inside: Inside, alert: NewAlert): Promise<void> {
  const now = inside.clock.now();
  if (await isMuted(inside, alert)) return;
  const causes = severities.slice(severities.indexOf(alert.severity)).map((severity) => causeOf(alert, severity));
  const known = await inside.tx
    .selectFrom('alerts')
    .select(['id', 'endedAt', 'closingValue', 'alertRuleId'])
    .where('appId', '=', alert.appId)
    .where('cause', 'in', causes)
    .where((eb) => eb.or([eb('endedAt', 'is', null), eb('endedAt', '>', new Date(now.getTime() - refractoryMs))]))
    .orderBy('endedAt', (order) => order.desc().nullsFirst())
    .executeTakeFirst();
  if (known?.endedAt === null) return;
  // Without a closing value it ended because its rule was changed: what it says was measured by other words.
  if (known && alert.kind === 'threshold' && known.alertRuleId === alert.ruleId && known.closingValue !== null) {
    await inside.tx
      .updateTable('alerts')
      .set((eb) => ({ endedAt: null, closingValue: null, reopened: eb('reopened', '+', 1) }))
      .where('id', '=', known.id)
      .execute();
    return;
  }
  const row = await inside.tx
    .insertInto('alerts')
    .values({
      workspaceId: inside.workspaceId,
      appId: alert.appId,
      kind: alert.kind,
      alertRuleId: alert.ruleId,
      insightId: alert.insightId ?? null,
      subject: alert.subject,
      cause: causeOf(alert, alert.severity),
      metric: alert.metric ?? null,
      title: alert.title,
      body: alert.body,
      usual: alert.usual ?? null,
      advice: alert.advice ?? null,
      severity: alert.severity,
      since: alert.since,
      value: alert.value ?? null,
      path: alert.path,
      raisedAt: now,
      dedupe: alert.dedupe,
    })
    // Another process raised it at the same moment, or it was raised for this event before.
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst();
  if (!row) return;
  if (alert.rows.length > 0)
    await inside.tx
      .insertInto('alertEvidence')
      .values(
        alert.rows.map(({ label, table, rowId, day, value }, position) => ({
          workspaceId: inside.workspaceId,
          alertId: row.id,
          position,
          label,
          tableName: table,
          rowId: rowId ?? null,
          day: day ?? null,
          value: value ?? null,
        })),
      )
      .execute();
  await putInLine(inside, row.id, 0);
  await record(inside, 'alert.raised', { subjectId: row.id, detail: { appId: alert.appId, severity: alert.severity } });
}

/** One delivery to each target that is on, and wakes who sends them. */
export async function putInLine(inside: Inside, alertId: string, round: number): Promise<void> {
  const targets = await inside.tx.selectFrom('alertTargets').select('id').where('offAt', 'is', null).execute();
  if (targets.length === 0) return;
  await inside.tx
    .insertInto('alertDeliveries')
    .values(
      targets.map(({ id }) => ({
        workspaceId: inside.workspaceId,
        alertId,
        alertTargetId: id,
        round,
        state: 'due' as const,
        at: inside.clock.now(),
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  await wakeTelling(inside);
}

function causeOf({ subject, direction, kind, dedupe }: NewAlert, severity: Severity): string {
  // Each move of a competitor and each day's new phrases are news; a number that is low is low, whoever sees it.
  return kind === 'competitor' || subject === 'keywords' ? dedupe : `${subject}:${direction ?? 'event'}:${severity}`;
}

async function isMuted({ tx, clock }: Inside, { appId, subject }: NewAlert): Promise<boolean> {
  const mute = await tx
    .selectFrom('alertMutes')
    .select('subject')
    .where('appId', '=', appId)
    .where('subject', '=', subject)
    .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', clock.now())]))
    .executeTakeFirst();
  return mute !== undefined;
}
