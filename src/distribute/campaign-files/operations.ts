import { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import { applyFiles, exportFile, type PlannedCampaign, planFiles } from '#src/distribute/campaign-files.ts';
import { id, nothing, operation } from '#src/operation.ts';
import { toDecimal } from '#src/outside/payments/currency.ts';
import {
  appliedFiles,
  type Change,
  campaignSchema,
  changeKinds,
  things,
  type Value,
} from '#src/plan/campaign-files.ts';
import { notFound } from '#src/refusal.ts';

const input = {
  files: z
    .array(z.strictObject({ name: z.string().trim().min(1).max(300), yaml: z.string().max(300_000) }))
    .min(1)
    .max(20),
  /** Which app, where the file names none and there are several. */
  appId: id.optional(),
  /** Whose word counts where the app was changed too. Left out, nothing made in the app is overwritten. */
  take: z.enum(['file', 'app']).optional(),
  /** Remove what is no longer in the file. What is published stays. */
  prune: z.boolean().optional(),
  /** The pictures that the files name by path: sent to /uploads before, by their ids. */
  media: z
    .array(
      z.strictObject({
        path: z.string().min(1).max(500),
        /** Of the file as it lies there: the same one need not be sent again to be planned with. */
        sha256: z
          .string()
          .regex(/^[0-9a-f]{64}$/)
          .optional(),
        assetId: id.optional(),
      }),
    )
    .max(500)
    .optional(),
};

const change = z.object({
  /** Done: create, change, remove. Left as it is: drift, conflict, kept, left; `why` says so. */
  kind: z.enum(changeKinds),
  thing: z.enum(['campaign', ...things]),
  key: z.string(),
  field: z.string().nullable(),
  now: z.string().nullable(),
  file: z.string().nullable(),
  why: z.string(),
});
const result = z.object({
  /** One sentence. */
  summary: z.string(),
  nothingToChange: z.boolean(),
  conflicts: z.int(),
  campaigns: z.array(
    z.object({
      file: z.string(),
      line: z.int(),
      app: z.object({ id, name: z.string() }),
      campaignId: id.nullable(),
      key: z.string(),
      name: z.string(),
      changes: z.array(change),
      madeInApp: z.int(),
    }),
  ),
});

export const campaignFileOperations = {
  plan: operation({
    summary: 'Show what applying campaign files would change; nothing is done.',
    route: 'POST /campaign-files/plan',
    access: 'read',
    input: z.strictObject(input),
    output: result,
    run: async (context, wanted) => told(await planFiles(context, wanted), 'to'),
  }),
  apply: operation({
    summary: 'Make campaigns as their files say, all or nothing; the same files again change nothing.',
    route: 'POST /campaign-files/apply',
    access: 'destructive',
    input: z.strictObject({
      ...input,
      /** Only shows what would be done. */
      dryRun: z.boolean().optional(),
    }),
    output: result,
    run: async (context, { dryRun, ...wanted }) =>
      dryRun ? told(await planFiles(context, wanted), 'to') : told(await applyFiles(context, wanted), 'done'),
  }),
  export: operation({
    summary: 'Write the file of a campaign as it stands; applying it changes nothing.',
    route: 'GET /campaign-files/export',
    access: 'read',
    input: z.strictObject({
      /** Its key, its name or its id. */
      campaign: z.string().trim().min(1).max(200),
      appId: id.optional(),
    }),
    output: z.object({ name: z.string(), yaml: z.string(), campaignId: id }),
    run: (context, { campaign, appId }) => exportFile(context, campaign, appId),
  }),
  schema: operation({
    summary: 'Show the format of campaign files as JSON Schema, for editors.',
    route: 'GET /campaign-files/schema',
    access: 'read',
    input: nothing,
    output: z.record(z.string(), z.unknown()),
    run: async () => campaignSchema(),
  }),
  list: operation({
    summary: 'List the files that were applied to a campaign: which, by whom, when.',
    route: 'GET /campaigns/{campaignId}/files',
    access: 'read',
    input: z.strictObject({ campaignId: id }),
    output: z.object({
      files: z.array(
        z.object({
          id,
          name: z.string(),
          sha256: z.string(),
          appliedAt: z.date(),
          /** Null when it was somebody who is gone, or the system. */
          by: z.string().nullable(),
        }),
      ),
    }),
    run: (context: Context, { campaignId }) =>
      transaction(context, async (inside) => {
        const { tx } = inside;
        const campaign = await tx.selectFrom('campaigns').select('id').where('id', '=', campaignId).executeTakeFirst();
        if (!campaign) throw notFound('campaign');
        return { files: await appliedFiles(inside, campaignId) };
      }),
  }),
};

function told(planned: readonly PlannedCampaign[], form: 'to' | 'done'): z.input<typeof result> {
  const all = planned.flatMap((one) => one.changes);
  const count = (...kinds: Change['kind'][]) => all.filter((one) => kinds.includes(one.kind)).length;
  const parts = [
    [count('create'), form === 'to' ? 'to create' : 'created'],
    [count('change'), form === 'to' ? 'to change' : 'changed'],
    [count('remove'), form === 'to' ? 'to remove' : 'removed'],
    [count('drift'), 'changed in the app and left as they are'],
    [count('conflict'), 'in conflict'],
  ] as const;
  const said = parts.filter(([number]) => number > 0).map(([number, words]) => `${number} ${words}`);
  const nothingToChange = count('create', 'change', 'remove', 'conflict') === 0;
  const rest = said.length > 0 ? ` ${said.join(', ')}.` : '';
  return {
    summary: nothingToChange ? `Nothing to change.${rest}` : `${rest.trim()}`,
    nothingToChange,
    conflicts: count('conflict'),
    campaigns: planned.map((one) => ({
      ...one,
      changes: one.changes.map((each) => ({ ...each, now: shown(each.now), file: shown(each.file) })),
    })),
  };
}

/** A value for people: money as it is written, the words of a post, lists with commas. */
function shown(value: Value): string | null {
  if (value === null) return null;
  if (Array.isArray(value)) return value.map((one) => shown(one) ?? '').join(', ');
  if (typeof value !== 'object') return String(value);
  if ('parts' in value && Array.isArray(value.parts))
    return value.parts
      .map((part) => (typeof part === 'object' && part !== null && !Array.isArray(part) ? String(part.text) : ''))
      .join('\n⁂\n');
  if ('minor' in value && 'currency' in value)
    return `${toDecimal(BigInt(String(value.minor)), String(value.currency))} ${value.currency}`;
  return Object.entries(value)
    .filter(([, inner]) => inner !== null)
    .map(([name, inner]) => `${name} ${shown(inner)}`)
    .join('; ');
}
