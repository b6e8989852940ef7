import { z } from 'zod';
import { transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { compareOperation } from './compare.ts';
import { modelOperations } from './models.ts';
import { receiptOperation } from './receipt.ts';
import { allModels } from './settings.ts';
import { waysOperation } from './ways.ts';

const minor = z.string();

export const attributionOperations = {
  compare: compareOperation,
  paths: waysOperation,
  receipt: receiptOperation,
  ...modelOperations,
  credits: operation({
    summary: 'Show the credits of a post or of a conversion, with the evidence each rests on.',
    route: 'GET /credits',
    access: 'read',
    input: z.strictObject({
      postId: id.optional(),
      conversionId: id.optional(),
      model: z.enum(allModels).default('last_non_direct'),
    }),
    output: z.object({
      credits: z.array(
        z.object({
          id,
          model: z.string(),
          conversionId: id,
          kind: z.enum(['signup', 'trial', 'purchase', 'goal']),
          occurredAt: z.date(),
          person: z.string().nullable(),
          postId: id.nullable(),
          postTitle: z.string().nullable(),
          campaignName: z.string().nullable(),
          channel: z.string().nullable(),
          source: z.string().nullable(),
          arrivedAt: z.date().nullable(),
          share: z.number(),
          /** As frozen: the share of what was paid. */
          amountMinor: minor,
          /** What is left of it after tax, refunds and disputes. */
          netMinor: minor,
          currency: z.string().nullable(),
          grade: z.string().nullable(),
          evidence: z.object({
            event: id.nullish(),
            payment: id.nullish(),
            visit: id.nullish(),
            click: id.nullish(),
            identityLinks: z.array(id).optional(),
          }),
          frozenAt: z.date(),
        }),
      ),
    }),
    run: async (context, { postId, conversionId, model }) => {
      if ((postId === undefined) === (conversionId === undefined))
        throw refuse('invalid', 'post_or_conversion', 'Name either a post or a conversion.');
      return transaction(context, async ({ tx }) => {
        const about =
          postId === undefined
            ? await tx
                .selectFrom('conversions')
                .select('id')
                .where('id', '=', conversionId ?? '')
                .executeTakeFirst()
            : await tx.selectFrom('posts').select('id').where('id', '=', postId).executeTakeFirst();
        if (!about) throw notFound(postId === undefined ? 'conversion' : 'post');
        const rows = await tx
          .selectFrom('credits')
          .innerJoin('conversions', 'conversions.id', 'credits.conversionId')
          .leftJoin('customers', 'customers.id', 'conversions.customerId')
          .leftJoin('posts', 'posts.id', 'credits.postId')
          .leftJoin('campaigns', 'campaigns.id', 'credits.campaignId')
          .leftJoin('touches', 'touches.id', 'credits.touchId')
          .select(['credits.id', 'credits.model', 'credits.conversionId', 'conversions.kind', 'conversions.occurredAt'])
          .select(['customers.person', 'credits.postId', 'posts.title as postTitle', 'campaigns.name as campaignName'])
          .select(['credits.channel', 'touches.source', 'touches.occurredAt as arrivedAt', 'credits.share'])
          .select(['credits.amountMinor', 'credits.netMinor', 'credits.currency', 'credits.grade'])
          .select(['credits.evidence', 'credits.frozenAt'])
          .where('credits.model', '=', model)
          .$if(postId !== undefined, (query) => query.where('credits.postId', '=', postId ?? ''))
          .$if(conversionId !== undefined, (query) => query.where('credits.conversionId', '=', conversionId ?? ''))
          .orderBy('conversions.occurredAt', 'desc')
          .limit(500)
          .execute();
        return {
          credits: rows.map((row) => ({
            ...row,
            share: Number(row.share),
            evidence: row.evidence as Record<string, never>,
          })),
        };
      });
    },
  }),
};
