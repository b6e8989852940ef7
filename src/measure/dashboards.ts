import { z } from 'zod';
import { home, homeShown } from '#src/measure/dashboards/home.ts';
import { overview, overviewShown } from '#src/measure/dashboards/overview.ts';
import { postNumbers, postShown } from '#src/measure/dashboards/post.ts';
import { rangeFields } from '#src/measure/range.ts';
import { id, operation } from '#src/operation.ts';

export const dashboardOperations = {
  home: operation({
    summary:
      'Show Home: key figures by day, the posts that brought people, the funnel, what is next, what is worth doing.',
    route: 'GET /home',
    access: 'read',
    input: z.strictObject({ appId: id.optional(), range: z.enum(['7d', '30d', '90d', '12m']).default('30d') }),
    output: homeShown,
    run: home,
  }),
  overview: operation({
    summary:
      'Show an app at a glance: performance, marketing return, growth, competition and X, with the page of each.',
    route: 'GET /overview',
    access: 'read',
    input: z.strictObject({ appId: id, ...rangeFields }),
    output: overviewShown,
    run: overview,
  }),
  post: operation({
    summary:
      'Show the numbers of a post: over time, visits, signups, revenue by model, cost, and a receipt per amount.',
    route: 'GET /posts/{postId}/numbers',
    access: 'read',
    input: z.strictObject({ postId: id }),
    output: postShown,
    run: postNumbers,
  }),
};
