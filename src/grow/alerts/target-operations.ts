import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { done, id, nothing, operation } from '#src/operation.ts';
import { mannersOf, setManners } from './settings.ts';
import { listTargets } from './show.ts';
import { createAlertTarget, removeAlertTarget, type TargetInput, targetKinds, testAlertTarget } from './targets.ts';

const time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'This is not a time of day such as 22:00.');
const line = z.string().trim().min(1).max(2_000);

export const alertTargetOperations = {
  list: operation({
    summary: 'List where alerts go and how each place stands.',
    route: 'GET /alert-targets',
    access: 'read',
    input: nothing,
    output: z.object({
      targets: z.array(
        z.object({
          id,
          kind: z.enum(targetKinds),
          address: z.string(),
          createdAt: z.date(),
          /** When a message was last taken. */
          confirmedAt: z.date().nullable(),
          failingSince: z.date().nullable(),
          failures: z.int(),
          nextTryAt: z.date().nullable(),
          /** Switched off for failing; a test that arrives switches it on again. */
          offAt: z.date().nullable(),
          trouble: z.string().nullable(),
        }),
      ),
    }),
    run: (context) => transaction(context, async (inside) => ({ targets: await listTargets(inside) })),
  }),
  create: operation({
    summary: 'Have alerts told in the app, by e-mail, Slack, Discord, Telegram or a signed webhook.',
    route: 'POST /alert-targets',
    access: 'write',
    input: z
      .strictObject({
        kind: z.enum(targetKinds),
        address: line.optional().describe('E-mail address, or the address of a webhook.'),
        token: line.optional().describe('Bot token of Slack or Telegram.'),
        channel: line.optional().describe('Slack channel id, with a bot token.'),
        chat: line.optional().describe('Telegram chat: an @name or an id.'),
        server: line.optional().describe('API address, where it is not the usual one.'),
      })
      .superRefine((input, issues) => {
        const missing = needed[input.kind].filter((name) => input[name] === undefined);
        for (const name of missing) issues.addIssue({ code: 'custom', path: [name], message: 'This is missing.' });
        if (
          input.kind === 'email' &&
          input.address !== undefined &&
          !z.email().max(254).safeParse(input.address).success
        )
          issues.addIssue({ code: 'custom', path: ['address'], message: 'This must be an e-mail address.' });
      }),
    output: z.object({
      id,
      /** Of a webhook: what the receiver checks signatures with. Shown this once. */
      secret: z.string().nullable(),
    }),
    run: (context, input) => createAlertTarget(context, input as TargetInput),
  }),
  test: operation({
    summary: 'Send a test to a place where alerts go.',
    route: 'POST /alert-targets/{targetId}/test',
    access: 'write',
    long: true,
    input: z.strictObject({ targetId: id }),
    output: z.object({ sent: z.boolean(), message: z.string() }),
    run: (context, { targetId }) => testAlertTarget(context, targetId),
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

const needed = {
  app: [],
  email: ['address'],
  slack: [],
  discord: ['address'],
  telegram: ['token', 'chat'],
  webhook: ['address'],
} as const satisfies Record<(typeof targetKinds)[number], readonly string[]>;

const manners = {
  weeklyBudget: z
    .int()
    .min(0)
    .max(1000)
    .describe('Messages to each place in seven days; the rest comes in a digest on Monday.'),
  quietFrom: time.nullable(),
  quietUntil: time.nullable(),
  urgentPasses: z.boolean().describe('Whether urgent alerts are told in quiet hours and over the budget too.'),
};

export const alertSettingsOperations = {
  show: operation({
    summary: 'Show how often and when alerts may speak.',
    route: 'GET /alert-settings',
    access: 'read',
    input: nothing,
    output: z.object({
      ...manners,
      quietFrom: z.string().nullable(),
      quietUntil: z.string().nullable(),
      timeZone: z.string(),
    }),
    run: (context) => transaction(context, mannersOf),
  }),
  set: operation({
    summary: 'Set the weekly budget and the quiet hours of alerts, in the workspace’s time zone.',
    route: 'PUT /alert-settings',
    access: 'write',
    input: z.strictObject(manners),
    output: done,
    run: async (context, input) => {
      await setManners(context, input);
      return { done: true };
    },
  }),
};
