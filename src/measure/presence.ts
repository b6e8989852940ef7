import { z } from 'zod';
import { presence, presenceShown } from '#src/measure/presence/account.ts';
import { comparePlatforms, compareShown, comparisons } from '#src/measure/presence/platforms.ts';
import { rangeFields } from '#src/measure/range.ts';
import { id, operation } from '#src/operation.ts';

export const presenceOperations = {
  show: operation({
    summary: 'Show an account over time: followers, growth, posts, engagement, replies, and what it brought to an app.',
    route: 'GET /presence',
    access: 'read',
    input: z.strictObject({ appId: id, accountId: id.optional(), ...rangeFields }),
    output: presenceShown,
    run: presence,
  }),
};

export const platformOperations = {
  compare: operation({
    summary: 'Compare platforms, accounts or formats: posts, impressions, engagement, visits, signups, revenue, cost.',
    route: 'GET /platforms/compare',
    access: 'read',
    input: z.strictObject({ appId: id, by: z.enum(comparisons).default('platform'), ...rangeFields }),
    output: compareShown,
    run: comparePlatforms,
  }),
};
