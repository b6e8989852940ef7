import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { createAutomation, removeAutomation, switchAutomation, updateAutomation } from '#src/distribute/automations.ts';
import { done, id, idCursor, operation, pageInput } from '#src/operation.ts';
import { appOf } from '#src/understand/apps.ts';
import { listAutomations, listRuns, shownAutomation, shownRun } from './list.ts';
import { previewed, previewRule } from './preview.ts';
import { rule } from './rule.ts';

const name = z.string().trim().min(1).max(200);
/** On this account only; null = on all whose platform can. */
const accountId = id.nullable();

export const automationOperations = {
  list: operation({
    summary: 'List the rules that act by themselves, with what acting once costs.',
    route: 'GET /automations',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({ automations: z.array(shownAutomation) }),
    run: (context, { appId }) =>
      transaction(context, async (inside) => ({ automations: await listAutomations(inside, appId) })),
  }),
  create: operation({
    summary:
      'Make a rule that acts by itself: a reply, a repost, a clean-up, or drafts from a feed; it begins switched off.',
    route: 'POST /automations',
    access: 'write',
    input: z.strictObject({ appId: id, name, accountId: accountId.default(null), rule }),
    output: z.object({ id }),
    run: createAutomation,
  }),
  update: operation({
    summary: 'Change a rule; its kind stays.',
    route: 'PATCH /automations/{automationId}',
    access: 'destructive',
    input: z.strictObject({
      automationId: id,
      name: name.optional(),
      accountId: accountId.optional(),
      rule: rule.optional(),
    }),
    output: done,
    run: async (context, { automationId, ...change }) => {
      await updateAutomation(context, automationId, change);
      return { done: true };
    },
  }),
  switch: operation({
    summary: 'Switch a rule on or off; what a feed holds already is left alone.',
    route: 'POST /automations/{automationId}/switch',
    access: 'destructive',
    input: z.strictObject({ automationId: id, on: z.boolean() }),
    output: done,
    run: async (context, { automationId, on }) => {
      await switchAutomation(context, automationId, on);
      return { done: true };
    },
  }),
  remove: operation({
    summary: 'Remove a rule; what it did stays in the history.',
    route: 'DELETE /automations/{automationId}',
    access: 'destructive',
    input: z.strictObject({ automationId: id }),
    output: done,
    run: async (context, { automationId }) => {
      await removeAutomation(context, automationId);
      return { done: true };
    },
  }),
  preview: operation({
    summary: 'Show what a rule would do: the posts it would have acted on, or the drafts it would write.',
    route: 'POST /automations/preview',
    access: 'read',
    long: true,
    input: z.strictObject({
      /** Of a saved rule: what it did already is left out of what it would do now. */
      automationId: id.optional(),
      appId: id,
      accountId: accountId.default(null),
      rule,
    }),
    output: previewed,
    run: previewRule,
  }),
  runs: operation({
    summary: 'List what the rules did and why, newest first.',
    route: 'GET /automations/runs',
    access: 'read',
    input: z.strictObject({ appId: id, automationId: id.optional(), ...pageInput, cursor: idCursor }),
    output: z.object({ runs: z.array(shownRun), cursor: z.string().nullable() }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        await appOf(inside, input.appId);
        return listRuns(inside, input);
      }),
  }),
};
