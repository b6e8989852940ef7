import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { day, done, id, operation } from '#src/operation.ts';
import {
  cancelCampaign,
  completeCampaign,
  createCampaign,
  pauseCampaign,
  proposeCampaigns,
  startCampaign,
  updateCampaign,
} from '#src/plan/campaigns.ts';
import { objectives } from '#src/plan/strategies/propose.ts';
import { campaignStatuses, goalMetrics } from './outline.ts';
import { listCampaigns, listedCampaign, readCampaign, shownCampaign } from './read.ts';

const settings = {
  description: z.string().trim().max(5000).optional(),
  startsOn: day.nullable().optional(),
  endsOn: day.nullable().optional(),
  budget: z
    .strictObject({ minor: z.string().regex(/^\d{1,18}$/), currency: z.string().regex(/^[A-Z]{3}$/) })
    .nullable()
    .optional(),
  pacing: z.enum(['even', 'front', 'none']).optional(),
  colour: z.int().min(1).max(6).optional(),
  goals: z
    .array(z.strictObject({ metric: z.enum(goalMetrics), target: z.string().regex(/^[1-9]\d{0,17}$/) }))
    .max(6)
    .optional(),
  audienceIds: z.array(id).max(50).optional(),
  regions: z
    .array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3})?$/, 'A region is an ISO 3166 code such as DE or US-CA.'))
    .max(300)
    .optional(),
};
const name = z.string().trim().min(1).max(200);
const objective = z.enum(objectives);
const one = z.strictObject({ campaignId: id });

export const campaignOperations = {
  propose: operation({
    summary: 'Propose the next month’s campaign from the current strategy.',
    route: 'POST /apps/{appId}/campaigns/propose',
    access: 'write',
    input: z.strictObject({ appId: id }),
    output: z.object({ id: id.nullable() }),
    run: async (context, { appId }) => ({ id: (await proposeCampaigns(context, appId))?.id ?? null }),
  }),
  list: operation({
    summary: 'List campaigns with goals and progress, running ones first.',
    route: 'GET /campaigns',
    access: 'read',
    input: z.strictObject({ appId: id.optional(), status: z.enum(campaignStatuses).optional() }),
    output: z.object({ campaigns: z.array(listedCampaign) }),
    run: (context, input) =>
      transaction(context, async (inside) => ({ campaigns: await listCampaigns(inside, input) })),
  }),
  get: operation({
    summary: 'Show a campaign with goals, costs, slots and history.',
    route: 'GET /campaigns/{campaignId}',
    access: 'read',
    input: one,
    output: shownCampaign,
    run: (context, { campaignId }) => transaction(context, (inside) => readCampaign(inside, campaignId)),
  }),
  create: operation({
    summary: 'Create a campaign as a draft.',
    route: 'POST /campaigns',
    access: 'write',
    input: z.strictObject({ appId: id, name, objective, ...settings }),
    output: z.object({ id }),
    run: createCampaign,
  }),
  update: operation({
    summary: 'Change a campaign that has not ended.',
    route: 'PATCH /campaigns/{campaignId}',
    access: 'write',
    input: z.strictObject({ campaignId: id, name: name.optional(), objective: objective.optional(), ...settings }),
    output: done,
    run: async (context, { campaignId, ...change }) => {
      await updateCampaign(context, campaignId, change);
      return { done: true };
    },
  }),
  start: operation({
    summary: 'Start or resume a campaign; with a first day ahead it is scheduled.',
    route: 'POST /campaigns/{campaignId}/start',
    access: 'write',
    input: one,
    output: z.object({ status: z.enum(campaignStatuses) }),
    run: async (context, { campaignId }) => ({ status: await startCampaign(context, campaignId) }),
  }),
  pause: operation({
    summary: 'Pause a campaign.',
    route: 'POST /campaigns/{campaignId}/pause',
    access: 'write',
    input: one,
    output: done,
    run: async (context, { campaignId }) => {
      await pauseCampaign(context, campaignId);
      return { done: true };
    },
  }),
  complete: operation({
    summary: 'End a campaign as completed.',
    route: 'POST /campaigns/{campaignId}/complete',
    access: 'write',
    input: one,
    output: done,
    run: async (context, { campaignId }) => {
      await completeCampaign(context, campaignId);
      return { done: true };
    },
  }),
  cancel: operation({
    summary: 'Cancel a campaign for good; its posts stay.',
    route: 'POST /campaigns/{campaignId}/cancel',
    access: 'destructive',
    input: one,
    output: done,
    run: async (context, { campaignId }) => {
      await cancelCampaign(context, campaignId);
      return { done: true };
    },
  }),
};
