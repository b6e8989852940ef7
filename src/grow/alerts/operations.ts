import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { createAlertTarget, removeAlertTarget } from '#src/grow/alerts/targets.ts';
import {
  acknowledgeAlert,
  createAlertRule,
  muteAlertRule,
  removeAlertRule,
  snoozeAlert,
  thresholdMetrics,
} from '#src/grow/alerts.ts';
import { done, id, instant, nothing, operation } from '#src/operation.ts';
import { isTimeZone } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';

const severity = z.enum(['info', 'warning', 'urgent']);
const name = z.string().trim().min(1).max(200);

export const alertOperations = {
  list: operation({
    summary: 'List the alerts of an app, newest first; by default those that wait for you.',
    route: 'GET /alerts',
    access: 'read',
    input: z.strictObject({
      appId: id,
      which: z.enum(['waiting', 'all']).default('waiting'),
      limit: z.int().min(1).max(200).default(50),
    }),
    output: z.object({
      alerts: z.array(
        z.object({
          id,
          appId: id,
          alertRuleId: id.nullable(),
          ruleName: z.string().nullable(),
          insightId: id.nullable(),
          title: z.string(),
          body: z.string(),
          severity,
          raisedAt: z.date(),
          endedAt: z.date().nullable(),
          acknowledgedAt: z.date().nullable(),
          acknowledgedByName: z.string().nullable(),
          snoozedUntil: z.date().nullable(),
        }),
      ),
    }),
    run: (context, { appId, which, limit }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const alerts = await inside.tx
          .selectFrom('alerts as a')
          .leftJoin('alertRules as r', 'r.id', 'a.alertRuleId')
          .leftJoin('users as u', 'u.id', 'a.acknowledgedBy')
          .select([
            'a.id',
            'a.appId',
            'a.alertRuleId',
            'r.name as ruleName',
            'a.insightId',
            'a.title',
            'a.body',
            'a.severity',
          ])
          .select(['a.raisedAt', 'a.endedAt', 'a.acknowledgedAt', 'u.name as acknowledgedByName', 'a.snoozedUntil'])
          .where('a.appId', '=', appId)
          .$if(which === 'waiting', (query) =>
            query
              .where('a.acknowledgedAt', 'is', null)
              .where((eb) => eb.or([eb('a.snoozedUntil', 'is', null), eb('a.snoozedUntil', '<=', inside.clock.now())])),
          )
          .orderBy('a.raisedAt', 'desc')
          .limit(limit)
          .execute();
        return { alerts };
      }),
  }),
  acknowledge: operation({
    summary: 'Acknowledge an alert.',
    route: 'POST /alerts/{alertId}/acknowledge',
    access: 'write',
    input: z.strictObject({ alertId: id }),
    output: done,
    run: async (context, { alertId }) => {
      await acknowledgeAlert(context, alertId);
      return { done: true };
    },
  }),
  snooze: operation({
    summary: 'Put an alert out of sight until a moment.',
    route: 'POST /alerts/{alertId}/snooze',
    access: 'write',
    input: z.strictObject({ alertId: id, until: instant }),
    output: done,
    run: async (context, { alertId, until }) => {
      await snoozeAlert(context, alertId, until);
      return { done: true };
    },
  }),
};

export const alertRuleOperations = {
  list: operation({
    summary: 'List when alerts are raised for an app.',
    route: 'GET /alert-rules',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      rules: z.array(
        z.object({
          id,
          kind: z.enum(['threshold', 'anomaly', 'opportunity', 'competitor']),
          name: z.string(),
          metric: z.string().nullable(),
          comparison: z.enum(['above', 'below']).nullable(),
          value: z.number().nullable(),
          releaseValue: z.number().nullable(),
          windowDays: z.int().nullable(),
          severity,
          mutedUntil: z.date().nullable(),
          createdAt: z.date(),
        }),
      ),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const rows = await inside.tx
          .selectFrom('alertRules')
          .selectAll()
          .where('appId', '=', appId)
          .orderBy('createdAt')
          .execute();
        return {
          rules: rows.map(({ workspaceId: _, appId: __, createdBy: ___, settings, ...rule }) => {
            const { windowDays = null, severity: how = 'warning' } = settings as {
              windowDays?: number;
              severity?: z.infer<typeof severity>;
            };
            const number = (text: string | null) => (text === null ? null : Number(text));
            return {
              ...rule,
              value: number(rule.value),
              releaseValue: number(rule.releaseValue),
              windowDays,
              severity: how,
            };
          }),
        };
      }),
  }),
  create: operation({
    summary:
      'Raise an alert when a number passes a threshold, or when an insight goes down (anomaly) or up (opportunity).',
    route: 'POST /alert-rules',
    access: 'write',
    input: z.strictObject({
      appId: id,
      kind: z.enum(['threshold', 'anomaly', 'opportunity']),
      name,
      metric: z.enum(thresholdMetrics).optional(),
      comparison: z.enum(['above', 'below']).optional(),
      value: z.number().min(0).max(1e12).optional(),
      releaseValue: z.number().min(0).max(1e12).optional(),
      windowDays: z.int().min(1).max(28).optional(),
      severity: severity.default('warning'),
    }),
    output: z.object({ id }),
    run: (context, input) => createAlertRule(context, input),
  }),
  remove: operation({
    summary: 'Remove an alert rule; alerts it raised stay.',
    route: 'DELETE /alert-rules/{ruleId}',
    access: 'destructive',
    input: z.strictObject({ ruleId: id }),
    output: done,
    run: async (context, { ruleId }) => {
      await removeAlertRule(context, ruleId);
      return { done: true };
    },
  }),
  mute: operation({
    summary: 'Mute an alert rule until a moment; "until": null ends the silence.',
    route: 'POST /alert-rules/{ruleId}/mute',
    access: 'write',
    input: z.strictObject({ ruleId: id, until: instant.nullable() }),
    output: done,
    run: async (context, { ruleId, until }) => {
      await muteAlertRule(context, ruleId, until);
      return { done: true };
    },
  }),
};

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'This is not a time of day such as 22:00.');

export const alertTargetOperations = {
  list: operation({
    summary: 'List where alerts go, with quiet hours and budget.',
    route: 'GET /alert-targets',
    access: 'read',
    input: nothing,
    output: z.object({
      targets: z.array(
        z.object({
          id,
          kind: z.enum(['email', 'slack', 'discord', 'telegram', 'webhook', 'app']),
          address: z.string(),
          weeklyBudget: z.int(),
          quietFrom: z.string().nullable(),
          quietUntil: z.string().nullable(),
          timeZone: z.string(),
        }),
      ),
    }),
    run: (context) =>
      transaction(context, async ({ tx }) => ({
        targets: await tx
          .selectFrom('alertTargets')
          .select(['id', 'kind', 'address', 'weeklyBudget', 'quietFrom', 'quietUntil', 'timeZone'])
          .orderBy('kind')
          .orderBy('id')
          .execute(),
      })),
  }),
  create: operation({
    summary: 'Have alerts told in the app, with quiet hours and a budget of alerts in seven days.',
    route: 'POST /alert-targets',
    access: 'write',
    input: z
      .strictObject({
        weeklyBudget: z.int().min(0).max(1000).default(10),
        quietFrom: time.optional(),
        quietUntil: time.optional(),
        timeZone: z.string().refine(isTimeZone, 'This is not an IANA time zone such as Europe/Berlin.').default('UTC'),
      })
      .refine(
        (target) => (target.quietFrom === undefined) === (target.quietUntil === undefined),
        'Quiet hours need a beginning and an end.',
      ),
    output: z.object({ id }),
    run: (context, input) => createAlertTarget(context, input),
  }),
  remove: operation({
    summary: 'Remove a place where alerts go.',
    route: 'DELETE /alert-targets/{targetId}',
    access: 'destructive',
    input: z.strictObject({ targetId: id }),
    output: done,
    run: async (context, { targetId }) => {
      await removeAlertTarget(context, targetId);
      return { done: true };
    },
  }),
};
