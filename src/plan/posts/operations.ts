import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { done, id, instant, operation } from '#src/operation.ts';
import {
  approvePost,
  createPost,
  duplicatePost,
  editPost,
  linkClaim,
  removePost,
  returnPost,
  submitPost,
  unlinkClaim,
  withdrawPost,
} from '#src/plan/posts.ts';
import { templateKinds } from '#src/plan/writing/index.ts';
import { listedPost, listInput, listPosts } from './list.ts';
import { postStatuses, readPost, shownPost } from './read.ts';
import { variantInput } from './words.ts';

const settings = {
  title: z.string().trim().min(1).max(300).optional(),
  campaignId: id.nullable().optional(),
  themeId: id.nullable().optional(),
  kind: z.enum(templateKinds).nullable().optional(),
  linkUrl: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .nullable()
    .optional(),
  evergreen: z.boolean().optional(),
  coolDownDays: z.int().min(0).max(3650).optional(),
  minutesSpent: z.int().min(0).max(100_000).optional(),
  proposedFor: instant.nullable().optional(),
};
const variants = z.array(variantInput).min(1).max(20);
const made = z.object({ id, version: z.int() });
const one = z.strictObject({ postId: id });
const note = z.string().trim().max(1000).optional();

export const postOperations = {
  create: operation({
    summary: 'Write a post as a draft.',
    route: 'POST /posts',
    access: 'write',
    input: z.strictObject({ appId: id, templateId: id.nullable().optional(), ...settings, variants }),
    output: made,
    run: createPost,
  }),
  list: operation({
    summary: 'List posts, last changed first.',
    route: 'GET /posts',
    access: 'read',
    input: listInput,
    output: z.object({ posts: z.array(listedPost), cursor: z.string().nullable() }),
    run: (context, input) => transaction(context, (inside) => listPosts(inside, input)),
  }),
  get: operation({
    summary: 'Show a post with its texts, claims, problems, approvals and publications.',
    route: 'GET /posts/{postId}',
    access: 'read',
    input: one,
    output: shownPost,
    run: (context, { postId }) => transaction(context, (inside) => readPost(inside, postId)),
  }),
  update: operation({
    summary: 'Change a post; an edit based on an older version is refused.',
    route: 'PATCH /posts/{postId}',
    access: 'write',
    input: z.strictObject({ postId: id, version: z.int().min(1), ...settings, variants: variants.optional() }),
    output: made.extend({ status: z.enum(postStatuses) }),
    run: (context, { postId, version, ...change }) => editPost(context, postId, version, change),
  }),
  submit: operation({
    summary: 'Send a draft for review; an owner approves it or returns it.',
    route: 'POST /posts/{postId}/submit',
    access: 'write',
    input: z.strictObject({ postId: id, note }),
    output: done,
    run: async (context, { postId, note: why }) => {
      await submitPost(context, postId, why);
      return { done: true };
    },
  }),
  approve: operation({
    summary: 'Approve a post as it stands; where posts are reviewed, an owner does.',
    route: 'POST /posts/{postId}/approve',
    access: 'write',
    input: z.strictObject({
      postId: id,
      note,
      evenIfSimilar: z.boolean().optional(),
      /** The version that was read; approving another one is refused. */
      version: z.int().min(1).optional(),
    }),
    output: done,
    run: (context, { postId, ...options }) =>
      transaction(context, async (inside) => {
        await approvePost(inside, postId, options);
        return { done: true };
      }),
  }),
  returnToDraft: operation({
    summary: 'Make a post a draft again; what is scheduled of it is withdrawn.',
    route: 'POST /posts/{postId}/return',
    access: 'write',
    input: z.strictObject({ postId: id, note }),
    output: done,
    run: async (context, { postId, note: why }) => {
      await returnPost(context, postId, why);
      return { done: true };
    },
  }),
  withdraw: operation({
    summary: 'Take a post out of the plan without removing it.',
    route: 'POST /posts/{postId}/withdraw',
    access: 'write',
    input: z.strictObject({ postId: id, note }),
    output: done,
    run: async (context, { postId, note: why }) => {
      await withdrawPost(context, postId, why);
      return { done: true };
    },
  }),
  remove: operation({
    summary: 'Remove a post that never went out.',
    route: 'DELETE /posts/{postId}',
    access: 'destructive',
    input: one,
    output: done,
    run: async (context, { postId }) => {
      await removePost(context, postId);
      return { done: true };
    },
  }),
  duplicate: operation({
    summary: 'Copy a post into a new draft.',
    route: 'POST /posts/{postId}/duplicate',
    access: 'write',
    input: one,
    output: made,
    run: (context, { postId }) => duplicatePost(context, postId),
  }),
  supportClaim: operation({
    summary: 'Link a claim of a post to the fact it rests on, or to another one than before.',
    route: 'PUT /posts/{postId}/claims/{claimId}',
    access: 'write',
    input: z.strictObject({ postId: id, claimId: id, factId: id }),
    output: done,
    run: async (context, input) => {
      await linkClaim(context, input);
      return { done: true };
    },
  }),
  unlinkClaim: operation({
    summary: 'Take a claim of a post off the fact it was linked to; it then has no evidence.',
    route: 'POST /posts/{postId}/claims/{claimId}/unlink',
    access: 'write',
    input: z.strictObject({ postId: id, claimId: id }),
    output: done,
    run: async (context, input) => {
      await unlinkClaim(context, input);
      return { done: true };
    },
  }),
};
