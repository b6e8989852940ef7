import type { Inside } from '#src/context.ts';
import { lockAccounts } from '#src/distribute/accounts/status.ts';
import { createLink, updateLink } from '#src/distribute/links.ts';
import type { Change, Fields, Names, Settled, Value } from '#src/plan/campaign-files.ts';
import type { CampaignSettings, Goal, Objective } from '#src/plan/campaigns.ts';
import {
  cancelCampaign,
  completeCampaign,
  createCampaign,
  pauseCampaign,
  startCampaign,
  updateCampaign,
} from '#src/plan/campaigns.ts';
import { costKinds } from '#src/plan/costs/import.ts';
import { addCost, removeCost } from '#src/plan/costs.ts';
import { Refusal, refuse } from '#src/refusal.ts';
import { writePost } from './posts.ts';
import type { Stands } from './stands.ts';

export type Work = {
  appId: string;
  key: string;
  file: Settled;
  stands: Stands;
  names: Names;
  /** Where a thing of the file stands, for what is refused. */
  place(thing: Change['thing'], key: string): string;
};

/** Does what the comparison found: create, change, remove. All of it or nothing; what is refused says where it stands. */
export async function carryOut(
  inside: Inside,
  work: Work,
  changes: readonly Change[],
): Promise<{ campaignId: string }> {
  const wanted = changes.filter((one) => one.kind === 'create' || one.kind === 'change' || one.kind === 'remove');
  const accountIds = [...new Set(wanted.flatMap((one) => accountsIn(one, work)))];
  if (accountIds.length > 0) await lockAccounts(inside, accountIds);
  const of = (thing: Change['thing']) => wanted.filter((one) => one.thing === thing);
  const campaignId = await at(work, 'campaign', work.key, () => writeCampaign(inside, work, of('campaign')));
  const posts = new Map([...work.stands.posts].map(([key, one]) => [key, one.id]));
  for (const [key, own] of byKey(of('post')))
    await at(work, 'post', key, async () => {
      const id = await writePost(inside, work, campaignId, key, own);
      if (id) posts.set(key, id);
    });
  for (const [key, own] of byKey(of('cost')))
    await at(work, 'cost', key, () => writeCost(inside, work, campaignId, key, own, posts));
  for (const [key] of byKey(of('link'))) await at(work, 'link', key, () => writeLink(inside, work, campaignId, key));
  const status = of('campaign').find((one) => one.field === 'status' || one.kind === 'create');
  if (status) await at(work, 'campaign', work.key, () => turn(inside, campaignId, work.file.campaign.status ?? null));
  return { campaignId };
}

async function writeCampaign(inside: Inside, work: Work, changes: readonly Change[]): Promise<string> {
  const { campaign } = work.file;
  const created = changes.some((one) => one.kind === 'create');
  const changed = new Set(created ? Object.keys(campaign) : changes.flatMap((one) => one.field ?? []));
  changed.delete('status');
  const settings = settingsOf(campaign, changed, work.names);
  if (!created) {
    const { campaignId } = work.stands;
    if (!campaignId) throw new Error(`${work.key} is changed, but is not there.`);
    if (changed.size > 0) await updateCampaign(inside, campaignId, settings);
    return campaignId;
  }
  const { name, objective, ...more } = settings;
  if (!name || !objective)
    throw refuse('invalid', 'campaign_incomplete', 'A new campaign needs a name and an objective. Write both.');
  return (await createCampaign(inside, { appId: work.appId, slug: work.key, name, objective, ...more })).id;
}

function settingsOf(campaign: Fields, changed: ReadonlySet<string>, names: Names): CampaignSettings {
  const has = (field: string) => changed.has(field);
  const text = (field: string) => campaign[field] as string;
  return {
    ...(has('name') ? { name: text('name') } : {}),
    ...(has('objective') ? { objective: text('objective') as Objective } : {}),
    ...(has('description') ? { description: text('description') } : {}),
    ...(has('starts') ? { startsOn: campaign.starts as string | null } : {}),
    ...(has('ends') ? { endsOn: campaign.ends as string | null } : {}),
    ...(has('budget') ? { budget: campaign.budget as { minor: string; currency: string } | null } : {}),
    ...(has('pacing') ? { pacing: text('pacing') as 'even' | 'front' | 'none' } : {}),
    ...(has('colour') ? { colour: campaign.colour as number } : {}),
    ...(has('regions') ? { regions: campaign.regions as string[] } : {}),
    ...(has('audiences')
      ? { audienceIds: (campaign.audiences as string[]).flatMap((name) => names.audiences.get(name) ?? []) }
      : {}),
    ...(has('goals')
      ? {
          goals: Object.entries(campaign.goals as Record<string, string>).map(
            ([metric, target]) => ({ metric, target }) as Goal,
          ),
        }
      : {}),
  };
}

async function turn(inside: Inside, campaignId: string, status: Value): Promise<void> {
  if (status === 'active') await startCampaign(inside, campaignId);
  if (status === 'cancelled') await cancelCampaign(inside, campaignId);
  if (status !== 'paused' && status !== 'completed') return;
  const { status: now } = await inside.tx
    .selectFrom('campaigns')
    .select('status')
    .where('id', '=', campaignId)
    .executeTakeFirstOrThrow();
  if (now === 'draft') await startCampaign(inside, campaignId);
  if (status === 'paused') await pauseCampaign(inside, campaignId);
  else await completeCampaign(inside, campaignId);
}

async function writeCost(
  inside: Inside,
  work: Work,
  campaignId: string,
  key: string,
  changes: readonly Change[],
  posts: ReadonlyMap<string, string>,
): Promise<void> {
  const standing = work.stands.costs.get(key);
  // An entry is written down once; another one takes its place.
  if (standing) await removeCost(inside, standing.id);
  const cost = work.file.things.cost[key];
  if (!cost || changes.some((one) => one.kind === 'remove')) return;
  const kind = costKinds.find((one) => one === cost.kind) ?? 'other';
  const rate = cost.rate as { minor: string; currency: string } | undefined;
  await addCost(inside, {
    appId: work.appId,
    campaignId,
    day: String(cost.day),
    kind,
    ...(cost.amount ? { amount: cost.amount as { minor: string; currency: string } } : {}),
    ...(cost.minutes ? { minutes: Number(cost.minutes) } : {}),
    ...(rate ? { hourlyRate: rate } : {}),
    channelId: work.names.channels.get(String(cost.channel)) ?? null,
    postId: posts.get(String(cost.post)) ?? null,
    note: String(cost.note ?? ''),
    fileKey: key,
  });
}

async function writeLink(inside: Inside, work: Work, campaignId: string, key: string): Promise<void> {
  const link = work.file.things.link[key] ?? {};
  const text = (field: string) => (field in link ? (link[field] as string | null) : undefined);
  const expires = text('expires');
  const settings = {
    ...(link.channel === undefined ? {} : { channelId: work.names.channels.get(String(link.channel)) ?? null }),
    expiresAt: expires == null ? expires : new Date(expires),
    fallbackUrl: text('fallback'),
    utmSource: text('source'),
    utmMedium: text('medium'),
    utmContent: text('content'),
    utmTerm: text('term'),
  };
  const standing = work.stands.links.get(key);
  if (standing) await updateLink(inside, { linkId: standing.id, destination: String(link.to), ...settings });
  else
    await createLink(inside, {
      appId: work.appId,
      campaignId,
      destination: String(link.to),
      code: text('code') ?? undefined,
      utmCampaign: work.key,
      fileKey: key,
      ...settings,
    });
}

function byKey(changes: readonly Change[]): Map<string, Change[]> {
  return Map.groupBy(changes, (one) => one.key);
}

function accountsIn(change: Change, { file, stands, names }: Work): string[] {
  if (change.thing !== 'post') return [];
  const named = Object.keys(file.things.post[change.key] ?? {}).flatMap((name) =>
    name.startsWith('schedule.') ? [name.slice('schedule.'.length)] : [],
  );
  const waiting = [...(stands.posts.get(change.key)?.waiting.keys() ?? [])];
  return [...named, ...waiting].flatMap((account) => names.accounts.get(account) ?? []);
}

async function at<T>(work: Work, thing: Change['thing'], key: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw refuse(error.kind, error.reason, `${work.place(thing, key)}: ${thing} “${key}”: ${error.message}`);
  }
}
