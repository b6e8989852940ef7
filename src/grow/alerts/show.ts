import { z } from 'zod';
import type { Inside } from '#src/context.ts';
import { id } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';
import { unitOf } from './metrics.ts';
import { severities } from './severity.ts';

export const which = ['waiting', 'snoozed', 'history', 'all'] as const;

export const shownAlert = z.object({
  id,
  appId: id,
  kind: z.enum(['threshold', 'anomaly', 'opportunity', 'competitor']),
  alertRuleId: id.nullable(),
  ruleName: z.string().nullable(),
  insightId: id.nullable(),
  subject: z.string(),
  metric: z.string().nullable(),
  /** How `value`, `closingValue` and the rows of a threshold are meant; money in minor units of `currency`. */
  unit: z.enum(['count', 'money', 'percent']),
  currency: z.string(),
  title: z.string(),
  body: z.string(),
  usual: z.string().nullable(),
  advice: z.string().nullable(),
  severity: z.enum(severities),
  path: z.string().nullable(),
  since: z.date(),
  raisedAt: z.date(),
  value: z.number().nullable(),
  endedAt: z.date().nullable(),
  closingValue: z.number().nullable(),
  /** How often it came again within a day of its end, in silence. */
  reopened: z.int(),
  acknowledgedAt: z.date().nullable(),
  acknowledgedByName: z.string().nullable(),
  snoozedUntil: z.date().nullable(),
  rows: z.array(
    z.object({
      label: z.string(),
      table: z.string(),
      rowId: id.nullable(),
      day: z.string().nullable(),
      value: z.number().nullable(),
    }),
  ),
  deliveries: z.array(
    z.object({
      targetId: id,
      targetKind: z.string(),
      address: z.string(),
      /** waiting: held back, or not looked at yet; dropped: decided on before it was told; else how its message stands. */
      state: z.enum(['waiting', 'dropped', 'prepared', 'sent', 'confirmed', 'failed', 'unknown']),
      kind: z.enum(['alerts', 'digest']).nullable(),
      reason: z.string().nullable(),
      at: z.date(),
      /** Every try at its message, with what was answered. */
      attempts: z.array(
        z.object({
          number: z.int(),
          sentAt: z.date(),
          outcome: z.enum(['confirmed', 'later', 'refused', 'unknown']).nullable(),
          said: z.string().nullable(),
        }),
      ),
    }),
  ),
});

/** Alerts of an app, newest first, with the rows they rest on and what became of each delivery. */
export async function listAlerts(
  inside: Inside,
  asked: { appId: string; which: (typeof which)[number]; limit: number },
) {
  await appOf(inside, asked.appId);
  const { currency } = await workspaceOf(inside);
  const now = inside.clock.now();
  const alerts = await inside.tx
    .selectFrom('alerts as a')
    .leftJoin('alertRules as r', 'r.id', 'a.alertRuleId')
    .leftJoin('users as u', 'u.id', 'a.acknowledgedBy')
    .select([
      'a.id',
      'a.appId',
      'a.kind',
      'a.alertRuleId',
      'r.name as ruleName',
      'a.insightId',
      'a.subject',
      'a.metric',
    ])
    .select(['a.title', 'a.body', 'a.usual', 'a.advice', 'a.severity', 'a.path', 'a.since', 'a.raisedAt', 'a.value'])
    .select([
      'a.endedAt',
      'a.closingValue',
      'a.reopened',
      'a.acknowledgedAt',
      'u.name as acknowledgedByName',
      'a.snoozedUntil',
    ])
    .where('a.appId', '=', asked.appId)
    .$if(asked.which === 'waiting', (query) =>
      query
        .where('a.endedAt', 'is', null)
        .where('a.acknowledgedAt', 'is', null)
        .where((eb) => eb.or([eb('a.snoozedUntil', 'is', null), eb('a.snoozedUntil', '<=', now)])),
    )
    .$if(asked.which === 'snoozed', (query) =>
      query.where('a.endedAt', 'is', null).where('a.acknowledgedAt', 'is', null).where('a.snoozedUntil', '>', now),
    )
    .$if(asked.which === 'history', (query) =>
      query.where((eb) => eb.or([eb('a.endedAt', 'is not', null), eb('a.acknowledgedAt', 'is not', null)])),
    )
    .orderBy('a.raisedAt', 'desc')
    .orderBy('a.id')
    .limit(asked.limit)
    .execute();
  const ids = alerts.map((alert) => alert.id);
  if (ids.length === 0) return { alerts: [] };
  const rows = await inside.tx
    .selectFrom('alertEvidence')
    .select(['alertId', 'label', 'tableName as table', 'rowId', 'day', 'value'])
    .where('alertId', 'in', ids)
    .orderBy('position')
    .execute();
  const deliveries = await readDeliveries(inside, ids);
  return {
    alerts: alerts.map((alert) => ({
      ...alert,
      unit: unitOf(alert.kind, alert.metric),
      currency,
      value: numberOf(alert.value),
      closingValue: numberOf(alert.closingValue),
      rows: rows.filter(({ alertId }) => alertId === alert.id).map((row) => ({ ...row, value: numberOf(row.value) })),
      deliveries: deliveries.filter(({ alertId }) => alertId === alert.id),
    })),
  };
}

/** Targets as they are shown: nothing of what is secret. */
export function listTargets({ tx }: Inside) {
  return tx
    .selectFrom('alertTargets')
    .select([
      'id',
      'kind',
      'address',
      'createdAt',
      'confirmedAt',
      'failingSince',
      'failures',
      'nextTryAt',
      'offAt',
      'trouble',
    ])
    .orderBy('createdAt')
    .orderBy('id')
    .execute();
}

async function readDeliveries(inside: Inside, alertIds: readonly string[]) {
  const rows = await inside.tx
    .selectFrom('alertDeliveries as d')
    .innerJoin('alertTargets as t', 't.id', 'd.alertTargetId')
    .leftJoin('alertMessages as m', 'm.id', 'd.alertMessageId')
    .select([
      'd.alertId',
      'd.alertTargetId as targetId',
      't.kind as targetKind',
      't.address',
      'd.state as line',
      'd.reason as why',
      'd.at',
    ])
    .select(['m.id as messageId', 'm.state', 'm.kind', 'm.reason', 'm.settledAt'])
    .where('d.alertId', 'in', alertIds)
    .orderBy('d.at')
    .execute();
  const messages = rows.flatMap(({ messageId }) => messageId ?? []);
  const attempts =
    messages.length === 0
      ? []
      : await inside.tx
          .selectFrom('alertAttempts')
          .select(['alertMessageId', 'number', 'sentAt', 'outcome', 'said'])
          .where('alertMessageId', 'in', messages)
          .orderBy('number')
          .execute();
  return rows.map(({ line, why, state, reason, messageId, settledAt, at, ...row }) => ({
    ...row,
    // What was told before messages were kept has none.
    state: line === 'dropped' ? line : line !== 'bundled' ? ('waiting' as const) : (state ?? ('confirmed' as const)),
    reason: why ?? reason,
    at: settledAt ?? at,
    attempts: attempts.filter(({ alertMessageId }) => alertMessageId === messageId),
  }));
}

function numberOf(value: string | null): number | null {
  return value === null ? null : Number(value);
}
