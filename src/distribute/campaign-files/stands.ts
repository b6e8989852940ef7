import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type Applied, type Fields, type Standing, things, type Value } from '#src/plan/campaign-files.ts';
import { readVariants } from '#src/plan/posts/read.ts';

export type StandingPost = {
  id: string;
  version: number;
  status: string;
  proposedFor: Date | null;
  /** What waits of it, by account (`x/ada`). */
  waiting: Map<string, { publicationId: string; dueAt: Date }>;
};

/** A campaign as it stands, in the words of a campaign file, and what its things are. */
export type Stands = Standing & {
  campaignId: string | null;
  currency: string | null;
  status: string | null;
  posts: Map<string, StandingPost>;
  costs: Map<string, { id: string }>;
  links: Map<string, { id: string }>;
};

const OUT = 'It is out already, and what is published stays as it went.';

/** Reads how a campaign stands; with `key` of no campaign, that nothing does. */
export async function readStands(
  inside: Inside,
  appId: string,
  key: string,
  applied: Applied | null = null,
): Promise<Stands> {
  const campaign = await inside.tx
    .selectFrom('campaigns')
    .selectAll()
    .where('appId', '=', appId)
    .where('slug', '=', key)
    .executeTakeFirst();
  const nothing = { campaign: {}, things: { post: {}, cost: {}, link: {} } };
  const maps = { posts: new Map(), costs: new Map(), links: new Map() };
  if (!campaign)
    return { ...nothing, ...maps, exists: false, locked: {}, campaignId: null, currency: null, status: null };
  const stands: Stands = {
    ...nothing,
    ...maps,
    exists: true,
    locked:
      campaign.status === 'completed' || campaign.status === 'cancelled'
        ? { campaign: `The campaign is ${campaign.status} and stays as it was.` }
        : {},
    campaignId: campaign.id,
    currency: campaign.currency,
    status: campaign.status,
  };
  const { tx } = inside;
  const audiences = await tx
    .selectFrom('campaignAudiences')
    .innerJoin('audiences', 'audiences.id', 'campaignAudiences.audienceId')
    .select('audiences.name')
    .where('campaignId', '=', campaign.id)
    .execute();
  const regions = await tx
    .selectFrom('campaignRegions')
    .select('region')
    .where('campaignId', '=', campaign.id)
    .execute();
  const goals = await tx
    .selectFrom('campaignGoals')
    .select(['metric', 'target'])
    .where('campaignId', '=', campaign.id)
    .execute();
  stands.campaign = {
    name: campaign.name,
    objective: campaign.objective,
    status: campaign.status === 'scheduled' ? 'active' : campaign.status,
    description: campaign.description,
    starts: campaign.startsOn,
    ends: campaign.endsOn,
    budget: campaign.budgetMinor === null ? null : { minor: campaign.budgetMinor, currency: campaign.currency },
    pacing: campaign.pacing,
    colour: campaign.colour,
    audiences: audiences.map((row) => row.name).sort(),
    regions: regions.map((row) => row.region).sort(),
    goals: Object.fromEntries(goals.map((goal) => [goal.metric, goal.target])),
    currency: campaign.currency,
  };
  await readPosts(inside, campaign.id, stands, applied);
  await readCosts(inside, campaign.id, stands);
  await readLinks(inside, campaign.id, stands);
  return stands;
}

async function readPosts(inside: Inside, campaignId: string, stands: Stands, applied: Applied | null): Promise<void> {
  const posts = await inside.tx
    .selectFrom('posts')
    .leftJoin('contentThemes', 'contentThemes.id', 'posts.themeId')
    .leftJoin('templates', 'templates.id', 'posts.templateId')
    .selectAll('posts')
    .select(['contentThemes.name as theme', 'templates.name as template'])
    .where('posts.campaignId', '=', campaignId)
    .where('posts.source', '<>', 'reply')
    .orderBy('posts.createdAt')
    .orderBy('posts.id')
    .execute();
  const publications = await inside.tx
    .selectFrom('publications')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .select(['publications.id', 'publications.postId', 'publications.state', 'publications.dueAt'])
    .select(['accounts.platform', 'accounts.handle'])
    .where('posts.campaignId', '=', campaignId)
    .where('publications.state', 'in', ['scheduled', 'asking', 'publishing', 'published'])
    .orderBy('publications.dueAt')
    .execute();
  for (const post of posts) {
    const key = post.fileKey ?? `post-${post.id.slice(0, 8)}`;
    const own = publications.filter((one) => one.postId === post.id);
    const waiting: StandingPost['waiting'] = new Map();
    const fields: Fields = {
      title: post.title,
      kind: post.kind,
      theme: post.theme,
      link: post.linkUrl,
      evergreen: post.evergreen,
      cool_down_days: post.coolDownDays,
      minutes: post.minutesSpent,
      approved: approvedIn(post.status),
      at: (own[0]?.dueAt ?? post.proposedFor)?.toISOString() ?? null,
      template: templateIn(applied?.said.things.post[key]?.template ?? null, post.template),
    };
    for (const variant of await readVariants(inside, post.id))
      fields[`text.${variant.platform}`] = {
        title: variant.title,
        firstReply: variant.firstReply,
        replySettings: variant.replySettings,
        community: variant.community,
        longPost: variant.longPost,
        parts: variant.parts.map((part) => ({
          text: part.text,
          media: part.media.map((one) => ({ asset: one.assetId, alt: one.altText })),
          poll: part.poll,
        })),
      };
    for (const one of own) {
      const account = `${one.platform}/${one.handle}`;
      const waits = one.state === 'scheduled' || one.state === 'asking';
      if (waits && !waiting.has(account)) waiting.set(account, { publicationId: one.id, dueAt: one.dueAt });
      if (fields.approved === true)
        fields[`schedule.${account}`] = (waiting.get(account)?.dueAt ?? one.dueAt).toISOString();
    }
    if (post.status === 'published' || own.some((one) => one.state === 'published' || one.state === 'publishing'))
      stands.locked[`post/${key}`] = OUT;
    stands.things.post[key] = fields;
    stands.posts.set(key, {
      id: post.id,
      version: post.version,
      status: post.status,
      proposedFor: post.proposedFor,
      waiting,
    });
  }
}

function approvedIn(status: string): Value {
  if (status === 'in_review') return status;
  return ['approved', 'scheduled', 'published', 'failed'].includes(status) ? true : null;
}

/** The variables a template was filled with are known from the file only. */
function templateIn(said: Value, stands: string | null): Value {
  if (typeof said === 'object' && said !== null && !Array.isArray(said) && said.name === stands) return said;
  return stands === null ? null : { name: stands };
}

async function readCosts(inside: Inside, campaignId: string, stands: Stands): Promise<void> {
  const rows = await inside.tx
    .selectFrom('costEntries')
    .leftJoin('channels', 'channels.id', 'costEntries.channelId')
    .selectAll('costEntries')
    .select('channels.name as channel')
    .where('costEntries.campaignId', '=', campaignId)
    // What a platform charged belongs to the ledger.
    .where('costEntries.source', '<>', 'spend_ledger')
    .orderBy('costEntries.day')
    .orderBy('costEntries.id')
    .execute();
  for (const row of rows) {
    const key = row.fileKey ?? `cost-${row.id.slice(0, 8)}`;
    const isTime = row.kind === 'time' && row.minutes !== null && row.hourlyRateMinor !== null;
    const post = [...stands.posts].find(([, one]) => one.id === row.postId)?.[0] ?? null;
    stands.things.cost[key] = {
      day: row.day,
      kind: row.kind,
      ...(isTime
        ? { minutes: row.minutes, rate: { minor: row.hourlyRateMinor, currency: row.currency } }
        : { amount: { minor: row.amountMinor, currency: row.currency } }),
      channel: row.channel,
      post,
      note: row.note,
    };
    stands.costs.set(key, { id: row.id });
  }
}

async function readLinks(inside: Inside, campaignId: string, stands: Stands): Promise<void> {
  const rows = await inside.tx
    .selectFrom('links')
    .leftJoin('channels', 'channels.id', 'links.channelId')
    .selectAll('links')
    .select('channels.name as channel')
    .where('links.campaignId', '=', campaignId)
    // Those that posts and affiliates have made by themselves follow from them.
    .where('links.publicationId', 'is', null)
    .where('links.postId', 'is', null)
    .where('links.affiliateId', 'is', null)
    .orderBy('links.createdAt')
    .orderBy('links.id')
    .execute();
  for (const row of rows) {
    const key = row.fileKey ?? `link-${row.id.slice(0, 8)}`;
    stands.things.link[key] = {
      to: row.destination,
      code: row.code,
      channel: row.channel,
      expires: row.expiresAt?.toISOString() ?? null,
      fallback: row.fallbackUrl,
      source: row.utmSource,
      medium: row.utmMedium,
      content: row.utmContent,
      term: row.utmTerm,
    };
    stands.links.set(key, { id: row.id });
  }
}

/** The campaign that a key, a name or an id means. */
export async function campaignNamed({ tx }: Inside, named: string, appId: string | undefined) {
  const isId = /^[0-9a-f-]{36}$/i.test(named);
  return tx
    .selectFrom('campaigns')
    .innerJoin('apps', 'apps.id', 'campaigns.appId')
    .select(['campaigns.id', 'campaigns.appId', 'campaigns.slug', 'campaigns.name', 'apps.url as appUrl'])
    .$if(appId !== undefined, (query) => query.where('campaigns.appId', '=', appId ?? ''))
    .where((eb) =>
      eb.or([
        eb('campaigns.slug', '=', named),
        eb(sql`lower(campaigns.name)`, '=', named.toLowerCase()),
        ...(isId ? [eb('campaigns.id', '=', named)] : []),
      ]),
    )
    .orderBy('campaigns.createdAt', 'desc')
    .limit(5)
    .execute();
}

/** How many things of a campaign stand in no file. */
export function madeInApp(stands: Stands, file: Applied['said']): number {
  return things.reduce(
    (sum, thing) =>
      sum + Object.keys(stands.things[thing]).filter((key) => !Object.hasOwn(file.things[thing], key)).length,
    0,
  );
}
