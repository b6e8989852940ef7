import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { day, done, id, instant, operation } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { acknowledgeAlert, muteSubject, snoozeAlert, unmuteSubject } from './decide.ts';
import { alertMetrics } from './metrics.ts';
import { opportunities } from './opportunities.ts';
import {
  changeAlertRule,
  createAlertRule,
  muteAlertRule,
  previewAlertRule,
  previewDays,
  removeAlertRule,
} from './rules.ts';
import { severities, weights } from './severity.ts';
import { listAlerts, shownAlert, which } from './show.ts';

const severity = z.enum(severities);
const kinds = z.enum(['threshold', 'anomaly', 'opportunity', 'competitor']);

export const alertOperations = {
  list: operation({
    summary: 'List the alerts of an app with what they rest on and who was told; by default those that wait for you.',
    route: 'GET /alerts',
    access: 'read',
    input: z.strictObject({
      appId: id,
      which: z.enum(which).default('waiting'),
      limit: z.int().min(1).max(200).default(50),
    }),
    output: z.object({ alerts: z.array(shownAlert) }),
    run: (context, input) => transaction(context, (inside) => listAlerts(inside, input)),
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
    summary: 'Put an alert out of sight until a moment; if it still holds then, it comes back.',
    route: 'POST /alerts/{alertId}/snooze',
    access: 'write',
    input: z.strictObject({ alertId: id, until: instant }),
    output: done,
    run: async (context, { alertId, until }) => {
      await snoozeAlert(context, alertId, until);
      return { done: true };
    },
  }),
  mute: operation({
    summary: 'Raise no more alerts about what this one is about, until a moment or, with "until": null, for good.',
    route: 'POST /alerts/{alertId}/mute',
    access: 'write',
    input: z.strictObject({ alertId: id, until: instant.nullable() }),
    output: done,
    run: async (context, { alertId, until }) => {
      await muteSubject(context, alertId, until);
      return { done: true };
    },
  }),
  muted: operation({
    summary: 'List what no alerts are raised about.',
    route: 'GET /alert-mutes',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      mutes: z.array(
        z.object({ subject: z.string(), label: z.string(), until: z.date().nullable(), mutedAt: z.date() }),
      ),
    }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => {
        await appOf(inside, appId);
        const mutes = await inside.tx
          .selectFrom('alertMutes')
          .select(['subject', 'label', 'until', 'mutedAt'])
          .where('appId', '=', appId)
          .where((eb) => eb.or([eb('until', 'is', null), eb('until', '>', inside.clock.now())]))
          .orderBy('mutedAt', 'desc')
          .execute();
        return { mutes };
      }),
  }),
  unmute: operation({
    summary: 'Raise alerts about something again.',
    route: 'POST /alert-mutes/remove',
    access: 'write',
    input: z.strictObject({ appId: id, subject: z.string().min(1).max(300) }),
    output: done,
    run: async (context, { appId, subject }) => {
      await unmuteSubject(context, appId, subject);
      return { done: true };
    },
  }),
};

const ruleFields = {
  kind: kinds,
  name: z.string().trim().min(1).max(200),
  severity: severity.default('warning'),
  metric: z.enum(alertMetrics).optional().describe('Of a threshold.'),
  comparison: z.enum(['above', 'below']).optional().describe('Of a threshold.'),
  value: z
    .number()
    .min(0)
    .max(1e12)
    .optional()
    .describe(
      'The threshold: money in minor units, rates in percent. Of opportunities: times the usual, followers or months.',
    ),
  releaseValue: z
    .number()
    .min(0)
    .max(1e12)
    .optional()
    .describe('An open alert ends only at this value, on the calm side of the threshold; a tenth away when left out.'),
  windowDays: z.int().min(1).max(28).optional().describe('Days a threshold adds up; 7 when left out.'),
  opportunity: z.enum(opportunities).optional().describe('Of an opportunity: what to look for.'),
  least: z.enum(weights).optional().describe('Of anomalies and competitors: the least severity that raises an alert.'),
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
          kind: kinds,
          name: z.string(),
          metric: z.enum(alertMetrics).nullable(),
          opportunity: z.enum(opportunities).nullable(),
          comparison: z.enum(['above', 'below']).nullable(),
          value: z.number().nullable(),
          releaseValue: z.number().nullable(),
          windowDays: z.int().nullable(),
          least: z.enum(weights).nullable(),
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
          .select([
            'id',
            'kind',
            'name',
            'metric',
            'comparison',
            'value',
            'releaseValue',
            'windowDays',
            'leastSeverity as least',
          ])
          .select(['severity', 'mutedUntil', 'createdAt'])
          .where('appId', '=', appId)
          .orderBy('createdAt')
          .orderBy('id')
          .execute();
        const number = (text: string | null) => (text === null ? null : Number(text));
        return {
          rules: rows.map((rule) => ({
            ...rule,
            metric: alertMetrics.find((one) => one === rule.metric && rule.kind === 'threshold') ?? null,
            opportunity: opportunities.find((one) => one === rule.metric && rule.kind === 'opportunity') ?? null,
            value: number(rule.value),
            releaseValue: number(rule.releaseValue),
          })),
        };
      }),
  }),
  create: operation({
    summary: 'Raise alerts on a threshold, an anomaly, an opportunity or a competitor’s move.',
    route: 'POST /alert-rules',
    access: 'write',
    input: z.strictObject({ appId: id, ...ruleFields }),
    output: z.object({ id }),
    run: (context, input) => createAlertRule(context, input),
  }),
  change: operation({
    summary: 'Change an alert rule as a whole; an open alert of it ends.',
    route: 'PUT /alert-rules/{ruleId}',
    access: 'write',
    input: z.strictObject({ ruleId: id, ...ruleFields }),
    output: done,
    run: async (context, input) => {
      await changeAlertRule(context, input);
      return { done: true };
    },
  }),
  preview: operation({
    summary: `Say when a rule would have raised an alert in the last ${previewDays} days.`,
    route: 'POST /alert-rules/preview',
    access: 'read',
    input: z.strictObject({ appId: id, ...ruleFields }),
    output: z.object({
      fired: z.array(z.object({ day, value: z.number().nullable(), what: z.string().nullable() })),
      /** Of a threshold: whether its alert would be open now. */
      isOpen: z.boolean(),
      /** Why nothing can be said; null when it can. */
      missing: z.string().nullable(),
      /** Of a threshold: what it would have seen at the end of each day. */
      seen: z.array(z.object({ day, value: z.number().nullable(), missing: z.string().nullable() })),
    }),
    run: (context, input) => previewAlertRule(context, input),
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
