import { z } from 'zod';
import { allModels } from '#src/measure/attribution/settings.ts';
import { rangeFields } from '#src/measure/range.ts';
import { id, operation } from '#src/operation.ts';
import { returnsBy, returnsShown } from './by.ts';
import { campaignNumbers, campaignNumbersShown } from './campaign.ts';
import { returnGroupings } from './outcome.ts';

export const returnOperations = {
  by: operation({
    summary:
      'Set cost against outcome over a range, by post, hook, template, kind, campaign, channel, account or affiliate.',
    route: 'GET /apps/{appId}/returns',
    access: 'read',
    input: z.strictObject({
      appId: id,
      ...rangeFields,
      by: z.enum(returnGroupings).default('post'),
      /** Left out, the app's own. */
      model: z.enum(allModels).optional(),
      /** For LTV to CAC: what a customer brings over their life, in minor units of the workspace's currency. Left out, as measured. */
      lifetimeValueMinor: z
        .string()
        .regex(/^\d{1,18}$/, 'An amount is a whole number of minor units, e.g. "1250" for 12.50.')
        .optional(),
      limit: z.int().min(1).max(500).default(100),
    }),
    output: returnsShown,
    run: returnsBy,
  }),
};

export const campaignNumbersOperations = {
  numbers: operation({
    summary: 'Show what a campaign cost and brought: goals, pace of spending, return, its posts, day by day.',
    route: 'GET /campaigns/{campaignId}/numbers',
    access: 'read',
    input: z.strictObject({ campaignId: id, model: z.enum(allModels).optional() }),
    output: campaignNumbersShown,
    run: campaignNumbers,
  }),
};
