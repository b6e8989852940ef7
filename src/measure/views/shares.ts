import { z } from 'zod';
import { type Inside, transaction, userOf } from '#src/context.ts';
import { rangeFields } from '#src/measure/range.ts';
import { filterFields, measures } from '#src/measure/traffic/shapes.ts';
import { done, id, instant, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { hashToken, randomToken } from '#src/secrets.ts';
import { appOf } from '#src/understand/apps.ts';

const DAY = 86_400_000;
/** A link ends after so many days when nothing else is said. */
const USUAL = 90;

/** What a shared view of Analytics is fixed to. What else its page keeps is left out. */
export const sharable = z.object({
  appId: id,
  ...rangeFields,
  ...filterFields,
  measure: z.enum(measures).default('visitors'),
});
export type Sharable = z.output<typeof sharable>;

/** Refuses what cannot be shown to the world: another page than Analytics, settings it does not know. */
export async function assertSharable(inside: Inside, view: { page: string; settings: unknown }): Promise<Sharable> {
  if (view.page !== 'analytics')
    throw refuse('invalid', 'not_shared', 'Only views of Analytics can be shared by a link. Save one there first.');
  const parsed = sharable.safeParse(view.settings);
  if (!parsed.success)
    throw refuse(
      'invalid',
      'not_shared',
      'This view cannot be shared as it is: its app, range or filters are not known. Save it again on the Analytics page.',
    );
  await appOf(inside, parsed.data.appId);
  return parsed.data;
}

/** The links of the workspace that lead somewhere. */
export async function openShares({ tx, workspaceId, clock }: Inside, viewId?: string) {
  return tx
    .selectFrom('sharedViews')
    .select(['id as shareId', 'savedViewId as viewId'])
    .where('workspaceId', '=', workspaceId)
    .$if(viewId !== undefined, (query) => query.where('savedViewId', '=', viewId ?? ''))
    .where('revokedAt', 'is', null)
    .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', clock.now())]))
    .execute();
}

async function viewOf({ tx }: Inside, viewId: string) {
  const view = await tx
    .selectFrom('savedViews')
    .select(['id', 'name', 'page', 'settings'])
    .where('id', '=', viewId)
    .executeTakeFirst();
  if (!view) throw notFound('saved view');
  return view;
}

export const shareOperations = {
  share: operation({
    summary: 'Make a link by which everyone who has it reads a saved view of Analytics, and nothing else.',
    route: 'POST /views/{viewId}/shares',
    // Whoever has the link sees the numbers without an account.
    access: 'destructive',
    input: z.strictObject({
      viewId: id,
      expiresAt: instant.nullable().optional().describe('Left out: in 90 days. Null: when it is revoked.'),
      withMoney: z.boolean().default(false).describe('Show revenue, too.'),
    }),
    output: z.object({ shareId: id, url: z.string(), expiresAt: z.date().nullable() }),
    run: (context, { viewId, expiresAt, withMoney }) =>
      transaction(context, async (inside) => {
        const { tx, workspaceId, clock } = inside;
        const now = clock.now();
        const view = await viewOf(inside, viewId);
        await assertSharable(inside, view);
        const ends = expiresAt === undefined ? new Date(now.getTime() + USUAL * DAY) : expiresAt;
        if (ends !== null && ends <= now)
          throw refuse('invalid', 'expired', 'This link would have ended already. Choose a later moment.');
        const token = randomToken(32);
        const { id: shareId } = await tx
          .insertInto('sharedViews')
          .values({
            tokenHash: hashToken(token),
            workspaceId,
            savedViewId: viewId,
            createdBy: userOf(context),
            createdAt: now,
            expiresAt: ends,
            withMoney,
          })
          .returning('id')
          .executeTakeFirstOrThrow();
        await audit(inside, { operation: 'views.share', subject: viewId, after: { shareId, withMoney } });
        return { shareId, url: `${inside.publicUrl}/shared/${token}`, expiresAt: ends };
      }),
  }),
  shares: operation({
    summary: 'List the links to a saved view: until when they last, when they were last read.',
    route: 'GET /views/{viewId}/shares',
    access: 'read',
    input: z.strictObject({ viewId: id }),
    output: z.object({
      shares: z.array(
        z.object({
          shareId: id,
          withMoney: z.boolean(),
          createdAt: z.date(),
          expiresAt: z.date().nullable(),
          revokedAt: z.date().nullable(),
          lastReadAt: z.date().nullable(),
          open: z.boolean(),
        }),
      ),
    }),
    run: (context, { viewId }) =>
      transaction(context, async (inside) => {
        await viewOf(inside, viewId);
        const rows = await inside.tx
          .selectFrom('sharedViews')
          .select(['id as shareId', 'withMoney', 'createdAt', 'expiresAt', 'revokedAt', 'lastReadAt'])
          .where('workspaceId', '=', inside.workspaceId)
          .where('savedViewId', '=', viewId)
          .orderBy('createdAt', 'desc')
          .limit(200)
          .execute();
        const now = inside.clock.now();
        return {
          shares: rows.map((row) => ({
            ...row,
            open: row.revokedAt === null && (row.expiresAt === null || row.expiresAt > now),
          })),
        };
      }),
  }),
  revoke: operation({
    summary: 'End a link to a saved view at once.',
    route: 'POST /view-shares/{shareId}/revoke',
    access: 'write',
    input: z.strictObject({ shareId: id }),
    output: done,
    run: (context, { shareId }) =>
      transaction(context, async (inside) => {
        const { tx, workspaceId, clock } = inside;
        const row = await tx
          .updateTable('sharedViews')
          .set((eb) => ({ revokedAt: eb.fn.coalesce('revokedAt', eb.val(clock.now())) }))
          .where('workspaceId', '=', workspaceId)
          .where('id', '=', shareId)
          .returning('savedViewId')
          .executeTakeFirst();
        if (!row) throw notFound('link to a view');
        await audit(inside, { operation: 'views.revoke', subject: row.savedViewId, after: { shareId } });
        return { done: true };
      }),
  }),
};
