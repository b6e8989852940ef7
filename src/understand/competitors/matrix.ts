import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { done, id, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { showCompetitors } from './show.ts';

const supports = ['yes', 'partly', 'no', 'unknown'] as const;

/** Rows are features, columns the app itself (first) and the competitors that are watched. What nobody filled in is unknown. */
async function showMatrix(inside: Inside, appId: string) {
  const app = await appOf(inside, appId);
  const watched = await showCompetitors(inside, appId, 'watched');
  const features = await inside.tx
    .selectFrom('features')
    .select(['id', 'name'])
    .where('appId', '=', appId)
    .orderBy('position')
    .orderBy('name')
    .execute();
  const cells = await inside.tx
    .selectFrom('featureSupport as s')
    .innerJoin('features as f', 'f.id', 's.featureId')
    .select(['s.featureId', 's.competitorId', 's.support', 's.note', 's.quote', 's.quoteUrl', 's.source'])
    .where('f.appId', '=', appId)
    .execute();
  const columns = [
    { competitorId: null, name: app.name },
    ...watched.map((one) => ({ competitorId: one.id, name: one.name })),
  ];
  return {
    columns,
    features: features.map((feature) => ({
      ...feature,
      cells: columns.map(({ competitorId }) => {
        const cell = cells.find((one) => one.featureId === feature.id && one.competitorId === competitorId);
        return {
          competitorId,
          support: cell?.support ?? ('unknown' as const),
          note: cell?.note ?? null,
          quote: cell?.quote ?? null,
          quoteUrl: cell?.quoteUrl ?? null,
          byHand: cell?.source === 'person',
        };
      }),
    })),
  };
}

function addFeature(context: Context, wanted: { appId: string; name: string }): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    const { tx, workspaceId } = inside;
    const last = await tx
      .selectFrom('features')
      .select((eb) => eb.fn.max('position').as('position'))
      .where('appId', '=', wanted.appId)
      .executeTakeFirst();
    const row = await tx
      .insertInto('features')
      .values({ workspaceId, ...wanted, position: (last?.position ?? 0) + 1 })
      .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'name']).doNothing())
      .returning('id')
      .executeTakeFirst();
    if (!row) throw refuse('conflict', 'feature_exists', `“${wanted.name}” is in the comparison already.`);
    await audit(inside, { operation: 'features.add', subject: row.id, after: { name: wanted.name } });
    return row;
  });
}

type Cell = {
  featureId: string;
  competitorId: string | null;
  support: (typeof supports)[number];
  note?: string | null | undefined;
  quote?: string | null | undefined;
  quoteUrl?: string | null | undefined;
};

function setCell(context: Context, cell: Cell): Promise<{ done: boolean }> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId } = inside;
    const { featureId, competitorId, support } = cell;
    const feature = await tx.selectFrom('features').select('appId').where('id', '=', featureId).executeTakeFirst();
    if (!feature) throw notFound('feature');
    if (competitorId) {
      const competitor = await tx
        .selectFrom('competitors')
        .select('appId')
        .where('id', '=', competitorId)
        .executeTakeFirst();
      if (competitor?.appId !== feature.appId) throw notFound('competitor');
    }
    const texts = { note: cell.note ?? null, quote: cell.quote ?? null, quoteUrl: cell.quoteUrl ?? null };
    const says = { support, ...texts, source: 'person' as const };
    await tx
      .insertInto('featureSupport')
      .values({ workspaceId, featureId, competitorId, ...says })
      .onConflict((oc) => oc.columns(['workspaceId', 'featureId', 'competitorId']).doUpdateSet(says))
      .execute();
    await audit(inside, { operation: 'features.set', subject: featureId, after: { competitorId, support } });
    return { done: true };
  });
}

function removeFeature(context: Context, featureId: string): Promise<{ done: boolean }> {
  return transaction(context, async (inside) => {
    const row = await inside.tx.deleteFrom('features').where('id', '=', featureId).returning('name').executeTakeFirst();
    if (!row) throw notFound('feature');
    await audit(inside, { operation: 'features.remove', subject: featureId, before: { name: row.name } });
    return { done: true };
  });
}

const text = z.string().trim().min(1).max(2000).nullable().optional();
const cellShown = z.object({
  competitorId: id.nullable(),
  support: z.enum(supports),
  note: z.string().nullable(),
  quote: z.string().nullable(),
  quoteUrl: z.string().nullable(),
  /** A person set it; readings leave it alone. */
  byHand: z.boolean(),
});

export const featureOperations = {
  list: operation({
    summary: 'Show the feature comparison of an app and its watched competitors.',
    route: 'GET /apps/{appId}/features',
    access: 'read',
    input: z.strictObject({ appId: id }),
    output: z.object({
      /** The app itself first (no competitor), then the competitors. */
      columns: z.array(z.object({ competitorId: id.nullable(), name: z.string() })),
      features: z.array(z.object({ id, name: z.string(), cells: z.array(cellShown) })),
    }),
    run: (context, { appId }) => transaction(context, (inside) => showMatrix(inside, appId)),
  }),
  add: operation({
    summary: 'Add a feature to the comparison.',
    route: 'POST /apps/{appId}/features',
    access: 'write',
    input: z.strictObject({ appId: id, name: z.string().trim().min(1).max(120) }),
    output: z.object({ id }),
    run: addFeature,
  }),
  set: operation({
    summary: 'Say who has a feature; no competitor means the app itself.',
    route: 'PUT /features/{featureId}',
    access: 'write',
    input: z.strictObject({
      featureId: id,
      competitorId: id.nullable().default(null),
      support: z.enum(supports),
      note: text,
      quote: text,
      quoteUrl: z
        .url({ protocol: /^https?$/ })
        .max(2000)
        .nullable()
        .optional(),
    }),
    output: done,
    run: setCell,
  }),
  remove: operation({
    summary: 'Remove a feature from the comparison.',
    route: 'DELETE /features/{featureId}',
    access: 'destructive',
    input: z.strictObject({ featureId: id }),
    output: done,
    run: (context, { featureId }) => removeFeature(context, featureId),
  }),
};
