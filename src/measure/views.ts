import { z } from 'zod';
import { listViews, removeView, renameView, saveView, settings, viewName } from '#src/measure/views/saved.ts';
import { sharedOperation } from '#src/measure/views/shared.ts';
import { shareOperations } from '#src/measure/views/shares.ts';
import { done, id, operation } from '#src/operation.ts';

const page = z.string().regex(/^[a-z][a-z_-]{0,39}$/, 'A page is named by one word, such as analytics.');

export const viewOperations = {
  list: operation({
    summary: 'List saved views: a page as someone likes it, with its range, comparison and filters.',
    route: 'GET /views',
    access: 'read',
    input: z.strictObject({ page: page.optional() }),
    output: z.object({
      views: z.array(
        z.object({
          viewId: id,
          name: z.string(),
          page: z.string(),
          settings,
          createdAt: z.date(),
          updatedAt: z.date(),
          /** Links to it that are open. */
          shares: z.int(),
        }),
      ),
    }),
    run: listViews,
  }),
  save: operation({
    summary: 'Save a view of a page; with viewId in place of what it was.',
    route: 'POST /views',
    access: 'write',
    input: z.strictObject({ name: viewName, page, settings, viewId: id.optional() }),
    output: z.object({ viewId: id }),
    run: saveView,
  }),
  rename: operation({
    summary: 'Give a saved view another name.',
    route: 'POST /views/{viewId}/rename',
    access: 'write',
    input: z.strictObject({ viewId: id, name: viewName }),
    output: done,
    run: renameView,
  }),
  remove: operation({
    summary: 'Remove a saved view; links to it end.',
    route: 'DELETE /views/{viewId}',
    access: 'destructive',
    input: z.strictObject({ viewId: id }),
    output: done,
    run: removeView,
  }),
  ...shareOperations,
  shared: sharedOperation,
};
