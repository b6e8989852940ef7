import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { finishByHand } from '#src/distribute/assisted/done.ts';
import { lookForTask } from '#src/distribute/assisted/find.ts';
import { listTasks, shownTask } from '#src/distribute/assisted/list.ts';
import { composePages } from '#src/distribute/assisted/pages.ts';
import { createFromPost, createTask, moveTask, skipTask } from '#src/distribute/assisted/tasks.ts';
import { done, id, instant, numberCursor, operation, pageInput } from '#src/operation.ts';

const one = z.strictObject({ taskId: id });
const address = z.url({ protocol: /^https?$/ }).max(2000);
const created = z.object({ id, composeUrl: z.string() });

export const assistedOperations = {
  platforms: operation({
    summary: 'List the platforms on which one posts by hand with a prepared page.',
    route: 'GET /assisted/platforms',
    access: 'read',
    input: z.strictObject({}),
    output: z.object({
      platforms: z.array(
        z.object({ id: z.string(), name: z.string(), fillsText: z.boolean(), threads: z.boolean(), tip: z.string() }),
      ),
    }),
    run: async () => ({
      platforms: Object.entries(composePages).map(([key, { name, fills, threads, tip }]) => ({
        id: key,
        name,
        fillsText: fills.includes('text'),
        threads,
        tip,
      })),
    }),
  }),
  list: operation({
    summary: 'List posts to be sent by hand, soonest first; with the finished ones too, latest first.',
    route: 'GET /assisted',
    access: 'read',
    input: z.strictObject({
      appId: id.optional(),
      postId: id.optional(),
      open: z.stringbool().or(z.boolean()).default(true),
      ...pageInput,
      cursor: numberCursor,
    }),
    output: z.object({
      tasks: z.array(shownTask),
      /** How many are due now, of all apps. */
      due: z.int(),
      cursor: z.string().nullable(),
    }),
    run: (context, input) => transaction(context, (inside) => listTasks(inside, input)),
  }),
  create: operation({
    summary: 'Prepare a post to be sent by hand, with a tracked link of its own.',
    route: 'POST /assisted',
    access: 'write',
    input: z.strictObject({
      appId: id,
      platform: z.string().max(40),
      dueAt: instant,
      title: z.string().trim().min(1).max(300),
      /** Left out, the words of the post. `{{link}}` is where the link goes. */
      text: z.string().max(10_000).optional(),
      url: address.optional(),
      postId: id.optional(),
      launchStepId: id.optional(),
      accountId: id.optional(),
    }),
    output: created,
    run: createTask,
  }),
  fromPost: operation({
    summary:
      'Prepare a post to be sent by hand on a platform, with its words and pictures; a draft is approved by this.',
    route: 'POST /posts/{postId}/by-hand',
    access: 'write',
    input: z.strictObject({
      postId: id,
      platform: z.string().max(40),
      dueAt: instant,
      accountId: id.optional(),
      /** Takes back what is scheduled of it on the accounts of that platform. */
      instead: z.boolean().optional(),
    }),
    output: created,
    run: createFromPost,
  }),
  move: operation({
    summary: 'Move a post to be sent by hand to another moment.',
    route: 'POST /assisted/{taskId}/move',
    access: 'write',
    input: z.strictObject({ taskId: id, dueAt: instant }),
    output: done,
    run: async (context, { taskId, dueAt }) => {
      await moveTask(context, taskId, dueAt);
      return { done: true };
    },
  }),
  find: operation({
    summary: 'Look now whether a post that was sent by hand is out, where Fanfare can look; looking on X costs money.',
    route: 'POST /assisted/{taskId}/find',
    access: 'write',
    long: true,
    input: one,
    output: z.object({ url: z.string().nullable() }),
    run: async (context, { taskId }) => ({ url: await lookForTask(context, taskId) }),
  }),
  done: operation({
    summary: 'Say that a post was sent by hand, with its address so that it can be measured.',
    route: 'POST /assisted/{taskId}/done',
    access: 'write',
    input: z.strictObject({ taskId: id, url: address.nullable() }),
    output: done,
    run: async (context, { taskId, url }) => {
      await finishByHand(context, taskId, url);
      return { done: true };
    },
  }),
  skip: operation({
    summary: 'Leave out a post that was to be sent by hand.',
    route: 'POST /assisted/{taskId}/skip',
    access: 'write',
    input: one,
    output: done,
    run: async (context, { taskId }) => {
      await skipTask(context, taskId);
      return { done: true };
    },
  }),
};
