import { z } from 'zod';
import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { id, money, operation } from '#src/operation.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from './apps.ts';
import { presences, replacePlatforms, replaceTraits, traitKinds } from './audiences/profile.ts';
import { type State, showAudiences, states } from './audiences/show.ts';
import { replaceSteps, type SizeStep, sizeOf } from './audiences/size.ts';

export { learnAudiences } from './audiences/learn.ts';

/** By what an audience's customers are told from others; without it, by the campaigns that address it. */
const segmentColumns = ['country', 'channel', 'source', 'plan', 'entry', 'utm_campaign', 'campaign'] as const;

type Changes = {
  name?: string | undefined;
  description?: string | undefined;
  estimatedSize?: number | null | undefined;
  sizeReasoning?: string | null | undefined;
  sizeSteps?: SizeStep[] | undefined;
  segment?: { by: (typeof segmentColumns)[number]; values: string[] } | null | undefined;
  estimatedLtv?: { minor: string; currency: string } | null | undefined;
  estimatedCac?: { minor: string; currency: string } | null | undefined;
  traits?: { kind: (typeof traitKinds)[number]; statement: string }[] | undefined;
  platforms?: { platform: string; presence: (typeof presences)[number]; reasoning?: string | undefined }[] | undefined;
};

/** A person describes an audience of their own; it counts as confirmed. */
export function addAudience(
  context: Context,
  wanted: Changes & { appId: string; name: string },
): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    await appOf(inside, wanted.appId);
    await refuseTwin(inside, wanted.appId, wanted.name);
    const { id: audienceId } = await inside.tx
      .insertInto('audiences')
      .values({
        workspaceId: inside.workspaceId,
        appId: wanted.appId,
        name: wanted.name,
        state: 'confirmed',
        createdAt: inside.clock.now(),
        ...columnsOf(wanted),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await replaceTraits(inside, audienceId, wanted.traits ?? []);
    await replacePlatforms(inside, audienceId, wanted.platforms ?? []);
    await replaceSteps(inside, audienceId, wanted.sizeSteps ?? []);
    await audit(inside, { operation: 'audiences.add', subject: audienceId, after: { name: wanted.name } });
    await record(inside, 'audience.confirmed', { subjectId: audienceId, detail: { appId: wanted.appId } });
    return { id: audienceId };
  });
}

/** A person changes an audience; from then on it is theirs (confirmed), and no reading changes it. */
export function updateAudience(context: Context, audienceId: string, changes: Changes): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    if (Object.values(changes).every((value) => value === undefined))
      throw refuse('invalid', 'nothing_to_change', 'Name at least one field to change.');
    const audience = await audienceOf(inside, audienceId);
    if (changes.name !== undefined && changes.name.toLowerCase() !== audience.name.toLowerCase())
      await refuseTwin(inside, audience.appId, changes.name);
    await inside.tx
      .updateTable('audiences')
      .set({ state: 'confirmed', ...columnsOf(changes) })
      .where('id', '=', audienceId)
      .execute();
    if (changes.traits) await replaceTraits(inside, audienceId, changes.traits);
    if (changes.platforms) await replacePlatforms(inside, audienceId, changes.platforms);
    if (changes.sizeSteps) await replaceSteps(inside, audienceId, changes.sizeSteps);
    // A number of one's own has no steps behind it.
    else if (changes.estimatedSize !== undefined) await replaceSteps(inside, audienceId, []);
    await audit(inside, {
      operation: 'audiences.update',
      subject: audienceId,
      before: { name: audience.name },
      after: changes,
    });
    await record(inside, 'audience.confirmed', { subjectId: audienceId, detail: { appId: audience.appId } });
    return { id: audienceId };
  });
}

function setState(context: Context, audienceId: string, state: State, verb: string): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const audience = await audienceOf(inside, audienceId);
    await inside.tx.updateTable('audiences').set({ state }).where('id', '=', audienceId).execute();
    await audit(inside, {
      operation: `audiences.${verb}`,
      subject: audienceId,
      before: { state: audience.state },
      after: { state },
    });
    await record(inside, `audience.${state}`, { subjectId: audienceId, detail: { appId: audience.appId } });
    return { id: audienceId };
  });
}

async function audienceOf({ tx }: Inside, audienceId: string) {
  const row = await tx
    .selectFrom('audiences')
    .select(['appId', 'name', 'state'])
    .where('id', '=', audienceId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('audience');
  return row;
}

async function refuseTwin({ tx }: Inside, appId: string, name: string): Promise<void> {
  const twin = await tx
    .selectFrom('audiences')
    .select('id')
    .where('appId', '=', appId)
    .where((eb) => eb(eb.fn('lower', ['name']), '=', name.toLowerCase()))
    .executeTakeFirst();
  if (twin)
    throw refuse('conflict', 'audience_exists', `There is an audience called “${name}” already. Change that one.`);
}

function columnsOf(changes: Changes) {
  const { name, description, sizeReasoning, sizeSteps: steps, segment, estimatedLtv: ltv, estimatedCac: cac } = changes;
  if (ltv && cac && ltv.currency !== cac.currency)
    throw refuse('invalid', 'two_currencies', 'Give lifetime value and acquisition cost in one currency.');
  if (steps && changes.estimatedSize !== undefined)
    throw refuse('invalid', 'two_sizes', 'Give the size or its steps, not both: the size follows from the steps.');
  const set = {
    name,
    description,
    estimatedSize: steps ? sizeOf(steps) : changes.estimatedSize,
    sizeReasoning,
    segmentBy: segment === null ? null : segment?.by,
    segmentValues: segment === null ? [] : segment?.values,
    estimatedLtvMinor: ltv === null ? null : ltv?.minor,
    estimatedCacMinor: cac === null ? null : cac?.minor,
    currency: ltv?.currency ?? cac?.currency,
  };
  return Object.fromEntries(Object.entries(set).filter(([, value]) => value !== undefined)) as Partial<typeof set>;
}

const trait = z.strictObject({ kind: z.enum(traitKinds), statement: z.string().trim().min(1).max(500) });
const place = z.strictObject({
  platform: z.string().trim().min(1).max(60),
  presence: z.enum(presences),
  reasoning: z.string().trim().max(500).optional(),
});
const amount = z.strictObject({ minor: z.string().regex(/^\d{1,15}$/), currency: z.string().regex(/^[A-Z]{3}$/) });
const step = z.strictObject({
  label: z.string().trim().min(1).max(200),
  /** Of the first step a number of people, of the others mostly a share of those before. */
  factor: z.number().min(0).max(10_000_000_000),
  /** Why: a source, or what is taken for granted. */
  assumption: z.string().trim().max(500).default(''),
});
const segment = z.strictObject({
  by: z.enum(segmentColumns),
  values: z.array(z.string().trim().max(500)).min(1).max(50),
});
const fields = {
  description: z.string().trim().max(2000).optional(),
  estimatedSize: z.int().min(0).max(10_000_000_000).nullable().optional(),
  sizeReasoning: z.string().trim().max(1000).nullable().optional(),
  /** The size is their product. */
  sizeSteps: z.array(step).max(12).optional(),
  /** Which customers are theirs: by what their first purchase is credited to most, or the plan they took. */
  segment: segment.nullable().optional(),
  estimatedLtv: amount.nullable().optional(),
  estimatedCac: amount.nullable().optional(),
  traits: z.array(trait).max(40).optional(),
  platforms: z.array(place).max(30).optional(),
};
const name = z.string().trim().min(1).max(120);
const named = z.strictObject({ audienceId: id });
const changed = z.object({ id });
const shown = z.object({
  id,
  name: z.string(),
  description: z.string(),
  state: z.enum(states),
  confidence: z.number().nullable(),
  quote: z.string().nullable(),
  quoteUrl: z.string().nullable(),
  traits: z.array(
    z.object({ kind: z.enum(traitKinds), statement: z.string(), factId: id.nullable(), fact: z.string().nullable() }),
  ),
  platforms: z.array(z.object({ platform: z.string(), presence: z.enum(presences), reasoning: z.string().nullable() })),
  /** Which customers are theirs; null = those who came by a campaign that addresses them. */
  segment: z.object({ by: z.enum(segmentColumns), values: z.array(z.string()) }).nullable(),
  campaigns: z.array(z.object({ id, name: z.string() })),
  estimated: z.object({
    size: z.int().nullable(),
    sizeReasoning: z.string().nullable(),
    sizeSteps: z.array(z.object({ label: z.string(), factor: z.number(), assumption: z.string() })),
    lifetimeValue: money.nullable(),
    acquisitionCost: money.nullable(),
  }),
});

export const audienceOperations = {
  list: operation({
    summary: 'List whom an app is for.',
    route: 'GET /apps/{appId}/audiences',
    access: 'read',
    input: z.strictObject({ appId: id, state: z.enum(states).optional() }),
    output: z.object({ audiences: z.array(shown) }),
    run: (context, input) =>
      transaction(context, async (inside) => {
        await appOf(inside, input.appId);
        return { audiences: await showAudiences(inside, input) };
      }),
  }),
  get: operation({
    summary: 'Show an audience.',
    route: 'GET /audiences/{audienceId}',
    access: 'read',
    input: named,
    output: shown,
    run: (context, { audienceId }) =>
      transaction(context, async (inside) => {
        const [audience] = await showAudiences(inside, { audienceId });
        if (!audience) throw notFound('audience');
        return audience;
      }),
  }),
  add: operation({
    summary: 'Add an audience of your own.',
    route: 'POST /apps/{appId}/audiences',
    access: 'write',
    input: z.strictObject({ appId: id, name, ...fields }),
    output: changed,
    run: addAudience,
  }),
  update: operation({
    summary: 'Change an audience; it is then yours and no reading changes it.',
    route: 'PATCH /audiences/{audienceId}',
    access: 'write',
    input: z.strictObject({ audienceId: id, name: name.optional(), ...fields }),
    output: changed,
    run: (context, { audienceId, ...changes }) => updateAudience(context, audienceId, changes),
  }),
  confirm: operation({
    summary: 'Confirm an audience.',
    route: 'POST /audiences/{audienceId}/confirm',
    access: 'write',
    input: named,
    output: changed,
    run: (context, { audienceId }) => setState(context, audienceId, 'confirmed', 'confirm'),
  }),
  retire: operation({
    summary: 'Retire an audience: it is kept, but used no more.',
    route: 'POST /audiences/{audienceId}/retire',
    access: 'write',
    input: named,
    output: changed,
    run: (context, { audienceId }) => setState(context, audienceId, 'retired', 'retire'),
  }),
};
