import { z } from 'zod';
import { ask, modelOf, type Part, promptOf } from '#src/ask.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { id, operation } from '#src/operation.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { type Material, materialFor, textsSoFar } from './draft/material.ts';
import { createPost, LINK, measurePart } from './posts.ts';
import { saidOn, variantsOf } from './templates/variants.ts';
import { spreadMoments } from './times.ts';
import { type Draft, likeWords, nearestOf, writeWeek } from './writing/index.ts';
import { draftsSchema, toDrafts } from './writing/modelled.ts';

export type Drafted = {
  postIds: string[];
  method: 'model' | 'built_in';
  /** A sentence: which method wrote them and why, and why there are fewer than wanted. */
  reason: string;
};

/** What whoever asked does in the transaction that keeps the drafts: they may be wanted no more, and belong to something. */
export type Asked = {
  areWanted: (inside: Inside) => Promise<boolean>;
  note: (inside: Inside, postIds: string[]) => Promise<void>;
};

/**
 * Writes drafts from knowledge and templates, or by the workspace's model; when the model fails the templates stand in
 * and the reason says so; when its call is cancelled nothing is written. Each claim is linked to its fact. Each draft has
 * a moment in the coming days; none resembles a post there is already. Asks the model outside any transaction: do not
 * call it inside one.
 */
export async function draftWeek(
  context: Context,
  wanted: { appId: string; campaignId?: string | null | undefined; count: number },
  asked?: Asked,
): Promise<Drafted> {
  const material = await transaction(context, (inside) => materialFor(inside, wanted));
  if (material.facts.length === 0)
    throw refuse('conflict', 'no_knowledge', `Nothing is known of ${material.app.name} yet. Read its pages first.`);
  const written = await write(context, material, { ...wanted, subject: wanted.campaignId ?? wanted.appId });
  if (written.cancelled)
    return { postIds: [], method: 'model', reason: 'The writing was cancelled. Nothing was kept.' };
  return transaction(context, async (inside) => {
    if (asked && !(await asked.areWanted(inside)))
      return { postIds: [], method: written.method, reason: 'None were kept: they were not wanted any more.' };
    const { postIds, alike } = await keep(inside, material, written.drafts, wanted);
    await asked?.note(inside, postIds);
    const reason = `${written.reason}${shortfall(postIds.length, wanted.count)}${alike}`;
    return { postIds, method: written.method, reason };
  });
}

/**
 * The first week of a campaign that has just started. Safe to run twice: a campaign that has drafts gets no more, one
 * whose posts stand in a file gets none, and without knowledge nothing is written. The campaign waits for them, so the
 * templates stand in for a call that was cancelled, too.
 */
export async function draftPosts(context: Context, campaignId: string): Promise<Drafted | null> {
  const plan = await transaction(context, (inside) => campaignThatWaits(inside, campaignId));
  if (!plan || plan.postsPerWeek === 0) return null;
  const count = Math.min(plan.postsPerWeek ?? 5, 14);
  const material = await transaction(context, (inside) => materialFor(inside, { appId: plan.appId, campaignId }));
  const written = await write(context, material, { subject: campaignId, count });
  return transaction(context, async (inside) => {
    await lockApp(inside, plan.appId);
    // A model takes its time: somebody may have drafted or ended the campaign meanwhile.
    if (!(await campaignThatWaits(inside, campaignId))) return null;
    const { postIds, alike } = await keep(inside, material, written.drafts, { appId: plan.appId, campaignId });
    const reason = `${written.reason}${shortfall(postIds.length, count)}${alike}`;
    return { postIds, method: written.method, reason };
  });
}

/** The campaign when its first drafts are still to be written and there is something to write from. */
async function campaignThatWaits(inside: Inside, campaignId: string) {
  const campaign = await inside.tx
    .selectFrom('campaigns')
    .leftJoin('strategies', 'strategies.id', 'campaigns.strategyId')
    .select(['campaigns.appId', 'campaigns.status', 'strategies.postsPerWeek'])
    .where('campaigns.id', '=', campaignId)
    .executeTakeFirst();
  if (!campaign || campaign.status === 'cancelled' || campaign.status === 'completed') return null;
  if ((await hasDrafts(inside, campaignId)) || (await hasFile(inside, campaignId))) return null;
  const fact = await inside.tx
    .selectFrom('facts')
    .select('id')
    .where('appId', '=', campaign.appId)
    .where('state', '<>', 'retired')
    .executeTakeFirst();
  return fact ? campaign : null;
}

/** `cancelled`: somebody ended the model's call, and the templates stood in. */
type Written = { drafts: Draft[]; method: Drafted['method']; reason: string; cancelled?: boolean };

/** `subject`: the row by which the model's call is found while it runs. */
async function write(
  context: Context,
  material: Material,
  { subject, count }: { subject: string; count: number },
): Promise<Written> {
  const model = await modelOf(context);
  if (!model) return byTemplates(context, material, count, 'Written from your templates and what your pages say.');
  const answer = await ask(context, model, {
    purpose: 'draft',
    subject,
    prompt: await promptOf(new URL('./draft.prompt.md', import.meta.url)),
    task: `Write ${count} posts for the objective “${material.objective}”.${kindsDue(material)}`,
    parts: partsOf(material),
    schema: draftsSchema,
  });
  if (!answer.ok) {
    const because = answer.cancelled
      ? `the call to ${model.model} was cancelled.`
      : `${model.model} failed: ${answer.reason}`;
    const written = byTemplates(context, material, count, `Written from your templates, because ${because}`);
    return { ...written, cancelled: answer.cancelled };
  }
  const { drafts, refused } = toDrafts(answer.value, {
    url: LINK,
    facts: material.facts,
    avoid: material.used,
    measure: measureFor(context, material),
  });
  if (drafts.length === 0)
    return byTemplates(
      context,
      material,
      count,
      `Written from your templates, because nothing ${model.model} wrote could be used${refused[0] ? `: ${refused[0].reason}` : '.'}`,
    );
  const left = refused.length > 0 ? ` ${refused.length} more could not be used: ${refused[0]?.reason}` : '';
  return { drafts: drafts.slice(0, count), method: 'model', reason: `Written by ${model.model}.${left}` };
}

/** The material by class of data. Without the facts there is nothing to write from. */
function partsOf({ app, campaign, facts, audiences, voice, used }: Material): Part[] {
  const plan = campaign && { name: campaign.name, description: campaign.description };
  const known = facts.map(({ id: factId, kind, statement, quote }) => ({ id: factId, kind, statement, quote }));
  return [
    { class: 'knowledge', label: 'the app', text: JSON.stringify({ name: app.name, tagline: app.tagline }) },
    { class: 'knowledge', label: 'facts', text: JSON.stringify(known), needed: true },
    { class: 'knowledge', label: 'voice and audiences', text: JSON.stringify({ voice, audiences }) },
    ...(plan ? [{ class: 'own_posts' as const, label: 'the plan', text: JSON.stringify(plan) }] : []),
    { class: 'own_posts', label: 'texts already used', text: JSON.stringify(used.slice(0, 30).map((one) => one.text)) },
  ];
}

/** Themes that have had less than their share come first. */
function kindsDue({ balance }: Material): string {
  const due = [...balance].flatMap(([kind, off]) => (off < 0 ? [kind.replaceAll('_', ' ')] : []));
  return due.length > 0 ? ` These kinds are due: ${due.join(', ')}.` : '';
}

function byTemplates(context: Context, material: Material, count: number, reason: string): Written {
  const drafts = writeWeek({
    app: { name: material.app.name, url: LINK, tagline: material.app.tagline },
    facts: material.facts,
    templates: material.templates,
    objective: material.objective,
    count,
    measure: measureFor(context, material),
    // Repeatable for the same state, other words once there are posts.
    seed: material.used.length + 1,
    avoid: material.used.map((one) => one.text),
    balance: material.balance,
  });
  return { drafts, method: 'built_in', reason };
}

/** A part fits when it fits every platform the post will have a variant for. */
function measureFor(context: Context, material: Material): (text: string) => { length: number; valid: boolean } {
  return (text) => {
    const all = material.platforms.map((platform) => measurePart(context, platform, text, false));
    return { length: Math.max(...all.map((one) => one.length)), valid: all.every((one) => one.valid) };
  };
}

async function keep(
  inside: Inside,
  material: Material,
  drafts: readonly Draft[],
  wanted: { appId: string; campaignId?: string | null | undefined },
): Promise<{ postIds: string[]; alike: string }> {
  await lockApp(inside, wanted.appId);
  // Somebody may have written meanwhile.
  const used = await textsSoFar(inside, wanted.appId);
  const fresh: Draft[] = [];
  let alike = '';
  for (const draft of drafts) {
    const text = draft.parts.join('\n');
    const other = nearestOf(text, used);
    if (other) alike ||= ` “${draft.title}” was left out: ${likeWords(other)}.`;
    else {
      fresh.push(draft);
      used.push({ title: draft.title, text });
    }
  }
  const moments = spreadMoments({
    zone: material.zone,
    after: material.after,
    count: fresh.length,
    perWeek: material.postsPerWeek,
    taken: material.taken,
  });
  const postIds: string[] = [];
  for (const [at, draft] of fresh.entries()) {
    const template = material.templates.find((one) => one.name === draft.templateName);
    const from = { template: template ?? null, app: material.app, facts: material.facts };
    const { variants, claims } = variantsOf(material.platforms, (platform) => saidOn(inside, platform, draft, from));
    const post = await createPost(inside, {
      appId: wanted.appId,
      campaignId: wanted.campaignId ?? null,
      templateId: template?.id ?? null,
      themeId: material.themes.get(draft.kind) ?? null,
      title: draft.title.slice(0, 300),
      kind: draft.kind,
      source: template ? 'template' : 'model',
      proposedFor: moments[at] ?? null,
      variants,
      claims: [
        ...claims,
        ...draft.unsupported.map(({ part, text, reason }) => ({ part, text, factId: null, unsupportedReason: reason })),
      ],
    });
    postIds.push(post.id);
  }
  return { postIds, alike };
}

function shortfall(made: number, wanted: number): string {
  if (made >= wanted) return '';
  if (made === 0)
    return ' Nothing new could be written: everything known was said already. Add knowledge or a template.';
  return ` ${made} instead of ${wanted}: more would repeat what was said. Add knowledge or a template.`;
}

async function hasDrafts({ tx }: Inside, campaignId: string): Promise<boolean> {
  const post = await tx
    .selectFrom('posts')
    .select('id')
    .where('campaignId', '=', campaignId)
    .where('source', 'in', ['template', 'model'])
    .executeTakeFirst();
  return post !== undefined;
}

async function hasFile({ tx }: Inside, campaignId: string): Promise<boolean> {
  const file = await tx
    .selectFrom('campaignFiles')
    .select('id')
    .where('campaignId', '=', campaignId)
    .executeTakeFirst();
  return file !== undefined;
}

async function lockApp({ tx }: Inside, appId: string): Promise<void> {
  const app = await tx.selectFrom('apps').select('id').where('id', '=', appId).forUpdate().executeTakeFirst();
  if (!app) throw notFound('app');
}

export const draftOperations = {
  write: operation({
    summary: 'Write drafts for the coming days, each claim linked to its evidence.',
    route: 'POST /apps/{appId}/drafts',
    access: 'write',
    long: true,
    input: z.strictObject({ appId: id, campaignId: id.optional(), count: z.int().min(1).max(30).default(5) }),
    output: z.object({ postIds: z.array(id), method: z.enum(['model', 'built_in']), reason: z.string() }),
    run: draftWeek,
  }),
};
