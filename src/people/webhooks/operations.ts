import { z } from 'zod';
import { activities, activityNames, type Happening } from '#src/activities.ts';
import { transaction } from '#src/context.ts';
import { done, id, idCursor, nothing, operation, pageInput } from '#src/operation.ts';
import {
  createWebhook,
  removeWebhook,
  replayNotes,
  rotateSecret,
  testWebhook,
  updateWebhook,
} from '#src/people/webhooks.ts';
import { listDeliveries, listWebhooks } from './log.ts';

const name = z.string().trim().max(80);
const url = z.string().trim().min(1).max(2_048).describe('Where notes go: a public https address.');
const chosen = z
  .array(z.enum(['*', ...activityNames], 'There is no such activity. webhooks.activities lists them; * means all.'))
  .min(1, 'Choose at least one activity, or * for all.')
  .max(activityNames.length + 1)
  .transform((names) => (names.includes('*') ? ['*'] : [...new Set(names)]))
  .describe('Names of activities, or * for all, those to come too.');
const states = ['waiting', 'sending', 'delivered', 'failed'] as const;
const secret = z.string().describe('What the receiver verifies signatures with. Shown this once.');

export const webhookOperations = {
  activities: operation({
    summary: 'List the activities that webhooks can tell of.',
    route: 'GET /webhook-activities',
    access: 'read',
    input: nothing,
    output: z.object({
      activities: z.array(
        z.object({
          name: z.string(),
          says: z.string(),
          subject: z.string().nullable(),
          detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
        }),
      ),
    }),
    run: async () => ({
      activities: Object.entries<Happening>(activities).map(([name, what]) => ({ name, ...what })),
    }),
  }),
  list: operation({
    summary: 'List the webhooks and how each stands.',
    route: 'GET /webhooks',
    access: 'read',
    role: 'editor',
    input: nothing,
    output: z.object({
      webhooks: z.array(
        z.object({
          id,
          name: z.string(),
          url: z.string(),
          activities: z.array(z.string()),
          createdAt: z.date(),
          /** When a note was last taken. */
          deliveredAt: z.date().nullable(),
          failingSince: z.date().nullable(),
          /** Attempts in a row that failed. */
          failures: z.int(),
          /** Nothing is sent before. */
          waitsUntil: z.date().nullable(),
          switchedOffAt: z.date().nullable(),
          switchedOffReason: z.string().nullable(),
          /** Until when notes are signed with the secret before, too. */
          previousUntil: z.date().nullable(),
          waiting: z.int(),
          failed: z.int(),
        }),
      ),
    }),
    run: (context) => transaction(context, async (inside) => ({ webhooks: await listWebhooks(inside) })),
  }),
  create: operation({
    summary: 'Have signed notes of chosen activities sent to an address.',
    route: 'POST /webhooks',
    access: 'write',
    input: z.strictObject({ name: name.default(''), url, activities: chosen }),
    output: z.object({ id, secret }),
    run: createWebhook,
  }),
  update: operation({
    summary: 'Change a webhook: its name, address or activities, or switch it on or off.',
    route: 'PATCH /webhooks/{webhookId}',
    access: 'write',
    input: z.strictObject({
      webhookId: id,
      name: name.optional(),
      url: url.optional(),
      activities: chosen.optional(),
      isOn: z.boolean().optional(),
    }),
    output: z.object({ id }),
    run: (context, { webhookId, ...changes }) => updateWebhook(context, webhookId, changes),
  }),
  remove: operation({
    summary: 'Remove a webhook with its log.',
    route: 'DELETE /webhooks/{webhookId}',
    access: 'destructive',
    input: z.strictObject({ webhookId: id }),
    output: done,
    run: async (context, { webhookId }) => {
      await removeWebhook(context, webhookId);
      return { done: true };
    },
  }),
  rotate: operation({
    summary: 'Make another secret for a webhook; for a day notes are signed with both.',
    route: 'POST /webhooks/{webhookId}/rotate',
    access: 'write',
    input: z.strictObject({ webhookId: id }),
    output: z.object({ secret, previousUntil: z.date() }),
    run: (context, { webhookId }) => rotateSecret(context, webhookId),
  }),
  test: operation({
    summary: 'Send a test to a webhook; one that arrives switches it on again.',
    route: 'POST /webhooks/{webhookId}/test',
    access: 'write',
    long: true,
    input: z.strictObject({ webhookId: id }),
    output: z.object({ arrived: z.boolean(), status: z.int().nullable(), message: z.string() }),
    run: (context, { webhookId }) => testWebhook(context, webhookId),
  }),
  deliveries: operation({
    summary: 'List the notes a webhook was sent or is to be sent, newest first, with every attempt and its answer.',
    route: 'GET /webhooks/{webhookId}/deliveries',
    access: 'read',
    role: 'editor',
    input: z.strictObject({ webhookId: id, state: z.enum(states).optional(), ...pageInput, cursor: idCursor }),
    output: z.object({
      deliveries: z.array(
        z.object({
          /** The webhook-id of every attempt. */
          id,
          state: z.enum(states),
          /** Null of a test. */
          activityId: id.nullable(),
          activity: z.string().nullable(),
          happenedAt: z.date().nullable(),
          createdAt: z.date(),
          nextTryAt: z.date().nullable(),
          /** Why it is not delivered. */
          reason: z.string().nullable(),
          attempts: z.array(
            z.object({
              number: z.int(),
              sentAt: z.date(),
              settledAt: z.date().nullable(),
              status: z.int().nullable(),
              answer: z.string().nullable(),
            }),
          ),
        }),
      ),
      cursor: z.string().nullable(),
    }),
    run: listDeliveries,
  }),
  replay: operation({
    summary: 'Send a note again, or all that were given up, under the ids they had.',
    route: 'POST /webhooks/{webhookId}/replay',
    access: 'write',
    input: z.strictObject({
      webhookId: id,
      deliveryId: id.optional().describe('Left out: everything that was given up.'),
    }),
    output: z.object({ waiting: z.int() }),
    run: (context, { webhookId, deliveryId }) => replayNotes(context, webhookId, deliveryId),
  }),
};
