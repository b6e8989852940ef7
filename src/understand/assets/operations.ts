import { z } from 'zod';
import { type Inside, transaction } from '#src/context.ts';
import { done, id, operation, pageInput } from '#src/operation.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { assetKinds, chosenKinds, describeAsset, mediaUrl, removeAsset } from '#src/understand/assets.ts';

type Kind = (typeof assetKinds)[number];

async function listAssets(
  inside: Inside,
  wanted: { appId?: string | undefined; kind?: Kind | undefined; limit: number; cursor?: string | undefined },
) {
  if (wanted.appId) await appOf(inside, wanted.appId);
  const offset = Number(wanted.cursor ?? 0);
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw refuse('invalid', 'bad_cursor', 'This is not a place in the list.');
  const rows = await assetsOf(inside)
    // What no app owns is there for all of them.
    .$if(wanted.appId !== undefined, (query) =>
      query.where((eb) => eb.or([eb('a.appId', '=', wanted.appId as string), eb('a.appId', 'is', null)])),
    )
    .$if(wanted.kind !== undefined, (query) => query.where('a.kind', '=', wanted.kind as Kind))
    .orderBy('a.createdAt', 'desc')
    .orderBy('a.id')
    .offset(offset)
    .limit(wanted.limit)
    .execute();
  return {
    assets: rows.map((row) => ({ ...row, uses: row.uses ?? 0, url: mediaUrl(inside, row.id) })),
    cursor: rows.length === wanted.limit ? String(offset + rows.length) : null,
  };
}

/** A file with every post it stands in. */
async function showAsset(inside: Inside, assetId: string) {
  const row = await assetsOf(inside).where('a.id', '=', assetId).executeTakeFirst();
  if (!row) throw notFound('file');
  const posts = await inside.tx
    .selectFrom('partMedia as m')
    .innerJoin('parts as t', 't.id', 'm.partId')
    .innerJoin('postVariants as v', 'v.id', 't.variantId')
    .innerJoin('posts as p', 'p.id', 'v.postId')
    .select(['p.id', 'p.title', 'p.status', 'v.platform', 'm.altText', 'p.createdAt'])
    .distinct()
    .where('m.assetId', '=', assetId)
    .orderBy('p.createdAt', 'desc')
    .orderBy('v.platform')
    .limit(200)
    .execute();
  return {
    ...row,
    uses: row.uses ?? 0,
    url: mediaUrl(inside, row.id),
    usedIn: posts.map(({ createdAt: _, ...post }) => post),
  };
}

function assetsOf({ tx }: Inside) {
  return tx
    .selectFrom('assets as a')
    .select(['a.id', 'a.appId', 'a.kind', 'a.mediaType', 'a.bytes', 'a.width', 'a.height', 'a.milliseconds'])
    .select(['a.title', 'a.altText', 'a.createdAt'])
    .select((eb) =>
      eb
        .selectFrom('partMedia as m')
        .innerJoin('parts as t', 't.id', 'm.partId')
        .innerJoin('postVariants as v', 'v.id', 't.variantId')
        .whereRef('m.assetId', '=', 'a.id')
        .select((count) => count.fn.count<number>('v.postId').distinct().as('n'))
        .as('uses'),
    );
}

const shown = {
  id,
  appId: id.nullable(),
  kind: z.enum(assetKinds),
  mediaType: z.string(),
  bytes: z.int(),
  width: z.int().nullable(),
  height: z.int().nullable(),
  milliseconds: z.int().nullable(),
  /** What people of the workspace call it. */
  title: z.string().nullable(),
  altText: z.string().nullable(),
  createdAt: z.date(),
  /** Posts it stands in. */
  uses: z.int(),
  /** Where signed-in people of this workspace find the file. */
  url: z.string(),
};

export const assetOperations = {
  list: operation({
    summary: 'List brand assets and media. New ones are sent to POST /uploads.',
    route: 'GET /assets',
    access: 'read',
    input: z.strictObject({ appId: id.optional(), kind: z.enum(assetKinds).optional(), ...pageInput }),
    output: z.object({ assets: z.array(z.object(shown)), cursor: z.string().nullable() }),
    run: (context, input) => transaction(context, (inside) => listAssets(inside, input)),
  }),
  get: operation({
    summary: 'Show a file with the posts it stands in.',
    route: 'GET /assets/{assetId}',
    access: 'read',
    input: z.strictObject({ assetId: id }),
    output: z.object({
      ...shown,
      usedIn: z.array(
        z.object({
          id,
          title: z.string(),
          status: z.string(),
          platform: z.string(),
          /** What this post says of it in place of its own words. */
          altText: z.string().nullable(),
        }),
      ),
    }),
    run: (context, { assetId }) => transaction(context, (inside) => showAsset(inside, assetId)),
  }),
  describe: operation({
    summary: 'Say what a file shows for people who cannot see it, what you call it, what it is, and whose it is.',
    route: 'PATCH /assets/{assetId}',
    access: 'write',
    input: z.strictObject({
      assetId: id,
      altText: z.string().trim().max(1000).nullable().optional(),
      title: z.string().trim().max(200).nullable().optional(),
      kind: z.enum(chosenKinds).optional(),
      appId: id.nullable().optional(),
    }),
    output: done,
    run: (context, { assetId, ...said }) => describeAsset(context, assetId, said),
  }),
  remove: operation({
    summary: 'Remove a file that stands in no post.',
    route: 'DELETE /assets/{assetId}',
    access: 'destructive',
    input: z.strictObject({ assetId: id }),
    output: done,
    run: (context, { assetId }) => removeAsset(context, assetId),
  }),
};
