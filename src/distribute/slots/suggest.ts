import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { nextFreeSlot } from '#src/distribute/slots.ts';
import { id, operation } from '#src/operation.ts';
import { balanceOf, byTurn } from '#src/plan/calendar/themes.ts';

/** Posts that wait for a day are looked at up to here, the oldest first. */
const MOST_WAITING = 200;

const suggestion = z.object({
  at: z.date(),
  post: z.object({ id, title: z.string(), status: z.enum(['draft', 'in_review', 'approved']) }),
  theme: z.object({ id, name: z.string() }).nullable(),
  /** Why this one: how its theme stands against its share. */
  why: z.string(),
});

export const suggestSlots = operation({
  summary: 'Suggest which waiting post takes each of the next free slots: the theme furthest behind its share first.',
  route: 'GET /apps/{appId}/slots/suggestions',
  access: 'read',
  input: z.strictObject({ appId: id, accountId: id, count: z.int().min(1).max(20).default(3) }),
  output: z.object({
    suggestions: z.array(suggestion),
    /** Why there are fewer than asked for; null when there are as many. */
    missing: z.string().nullable(),
  }),
  run: (context, { appId, accountId, count }) =>
    transaction(context, async (inside) => {
      const account = await accountOf(inside, accountId);
      const balance = await balanceOf(inside, appId);
      const turns = byTurn(balance, await waitingPosts(inside, appId, account.platform)).slice(0, count);
      const suggestions: z.input<typeof suggestion>[] = [];
      let after = inside.clock.now();
      for (const { post, why } of turns) {
        const at = await nextFreeSlot(inside, accountId, after);
        if (!at)
          return { suggestions, missing: 'This account has no queue times. Add some under Settings, Queue times.' };
        const theme = balance.themes.find((one) => one.id === post.themeId);
        const { id: postId, title, status } = post;
        suggestions.push({
          ...{ at, post: { id: postId, title, status }, why },
          theme: theme ? { id: theme.id, name: theme.name } : null,
        });
        after = at;
      }
      const due = balance.next ? ` “${balance.next.name}” would be due.` : '';
      const missing = suggestions.length < count ? `No more posts wait for a day.${due}` : null;
      return { suggestions, missing };
    }),
});

/** Posts without a day that can go out on a platform: with words for it, or in the words of another one. */
async function waitingPosts({ tx }: Inside, appId: string, platform: string) {
  const rows = await tx
    .selectFrom('posts')
    .select(['id', 'title', 'status', 'themeId'])
    .where('appId', '=', appId)
    .where('status', 'in', ['draft', 'in_review', 'approved'])
    .where('source', '<>', 'reply')
    .where('proposedFor', 'is', null)
    .where((eb) => eb.not(eb.exists(eb.selectFrom('recurrences').select('id').whereRef('postId', '=', 'posts.id'))))
    // The sandbox takes what was written for any platform.
    .$if(platform !== 'sandbox', (query) =>
      query.where((eb) =>
        eb.exists(
          eb
            .selectFrom('postVariants')
            .select('id')
            .whereRef('postId', '=', 'posts.id')
            .where('platform', '=', platform),
        ),
      ),
    )
    .orderBy('createdAt')
    .orderBy('id')
    .limit(MOST_WAITING)
    .execute();
  return rows.map((row) => ({ ...row, status: row.status as z.input<typeof suggestion>['post']['status'] }));
}
