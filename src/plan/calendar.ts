import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { done, id, instant, operation } from '#src/operation.ts';
import { proposePostFor } from '#src/plan/posts.ts';
import { exportCsv } from './calendar/export.ts';
import { calendarItem, calendarRange, rangeInput } from './calendar/range.ts';
import { listRecurrences, recurrencesInput, shownRecurrence } from './calendar/recurrences.ts';
import { balanceOf, themeBalance } from './calendar/themes.ts';
import { calendarWarning } from './calendar/warnings.ts';

export { momentsOf, occurrencesOf } from './calendar/occurrences.ts';
export { calendarRange } from './calendar/range.ts';
export { comesAgain, type Recurrence, recurInput, startRecurrence, stopRecurrence } from './calendar/recurrences.ts';

export const calendarOperations = {
  range: operation({
    summary: 'Show what goes out and what is proposed between two moments, and what would tire readers.',
    route: 'GET /calendar',
    access: 'read',
    input: rangeInput,
    output: z.object({ timeZone: z.string(), items: z.array(calendarItem), warnings: z.array(calendarWarning) }),
    run: calendarRange,
  }),
  exportCsv: operation({
    summary: 'Export what goes out and is proposed between two moments as a table (CSV) that can be imported again.',
    route: 'GET /calendar/export',
    access: 'read',
    input: rangeInput,
    output: z.object({ csv: z.string(), rows: z.int() }),
    run: exportCsv,
  }),
  move: operation({
    summary: 'Propose another moment for a post that is not scheduled yet.',
    route: 'POST /calendar/drafts/{postId}/move',
    access: 'write',
    input: z.strictObject({ postId: id, to: instant.nullable() }),
    output: done,
    run: async (context, { postId, to }) => {
      await proposePostFor(context, postId, to);
      return { done: true };
    },
  }),
  themes: operation({
    summary: 'Compare how often each theme comes up around today with the shares that the strategy wants.',
    route: 'GET /apps/{appId}/themes',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: themeBalance,
    run: (context, { appId }) => transaction(context, (inside) => balanceOf(inside, appId)),
  }),
  recurrences: operation({
    summary: 'List the posts that come again, with their days and what comes next.',
    route: 'GET /calendar/recurrences',
    access: 'read',
    input: recurrencesInput,
    output: z.object({ recurrences: z.array(shownRecurrence) }),
    run: (context, input) =>
      transaction(context, async (inside) => ({ recurrences: await listRecurrences(inside, input) })),
  }),
};
