import type { DemoPost } from './posts.ts';
import { APP_URL } from './site.ts';
import { type Story, ZONE } from './story.ts';

export type Campaigns = Record<NonNullable<DemoPost['campaign']>, string>;
export type Planned = { appId: string; publicKey: string; accountId: string; campaigns: Campaigns };

/** Colours by the web page's own order: 1 iris, 2 teal, 3 amber, 4 pink. */
const CAMPAIGNS = [
  {
    key: 'build',
    audiences: ['Indie hackers'],
    name: 'Build in public',
    objective: 'awareness',
    colour: 2,
    from: 362,
    until: null,
    description: 'What works, what does not, with the numbers. One honest post a week.',
    budget: '60000',
    goals: [
      { metric: 'impressions', target: '400000' },
      { metric: 'signups', target: '200' },
    ],
  },
  {
    key: 'guide',
    audiences: ['Small SaaS teams'],
    name: 'SEO guide',
    objective: 'traffic',
    colour: 3,
    from: 325,
    until: null,
    description: 'One long guide a month that answers one question well, and the posts that lead to it.',
    budget: '120000',
    goals: [
      { metric: 'clicks', target: '3000' },
      { metric: 'signups', target: '120' },
    ],
  },
  {
    key: 'switch',
    audiences: ['Small product teams'],
    name: 'Switch to Driftlog',
    objective: 'conversions',
    colour: 4,
    from: 300,
    until: -60,
    description: 'For teams that pay by reader, or that start each note from an empty page.',
    budget: '40000',
    goals: [{ metric: 'conversions', target: '40' }],
  },
  {
    key: 'launch',
    audiences: ['Indie hackers', 'Small SaaS teams'],
    name: 'v2 launch',
    objective: 'growth',
    colour: 1,
    from: 28,
    until: -14,
    description: 'Four weeks to the launch and two after it.',
    budget: '90000',
    goals: [
      { metric: 'signups', target: '150' },
      { metric: 'revenue', target: '300000' },
    ],
  },
] as const;

/** The first week: the app is registered and read, an account connected, a strategy approved, campaigns planned. */
export async function begin(story: Story, readApp: () => Promise<void>): Promise<Planned> {
  const { call, days } = story;
  story.at(story.momentOf(days, '08:30'));
  const { id: appId } = await call.apps.register({ url: APP_URL });
  await readApp();
  await call.apps.update({ appId, stage: 'beta' });
  story.at(story.momentOf(days, '09:40'));
  await call.apps.update({ appId, stage: 'launched' });
  await setAside(story, appId);
  await confirmWhatMatters(story, appId);
  const { id: accountId } = await call.accounts.connectSandbox({ handle: 'mayabuilds' });
  await call.slots.add({ accountId, weekdays: [1, 3, 5], atTime: '09:00', timeZone: 'Europe/Berlin' });
  await call.slots.add({ accountId, weekdays: [2, 4], atTime: '12:15', timeZone: 'Europe/Berlin' });
  await call.tracking.set({ appId, privacyTier: 'consented', hourlyRateMinor: '6000' });
  const { publicKey } = await call.tracking.get({ appId });
  const campaigns = {} as Campaigns;
  for (const one of CAMPAIGNS) campaigns[one.key] = await planCampaign(story, appId, one);
  const { strategies } = await call.strategies.list({ appId });
  const proposed = strategies.find((strategy) => strategy.state === 'proposed');
  if (proposed) await call.strategies.approve({ strategyId: proposed.id });
  return { appId, publicKey, accountId, campaigns };
}

async function confirmWhatMatters({ call }: Story, appId: string): Promise<void> {
  const { groups } = await call.knowledge.list({ appId });
  const sure = groups.flatMap(({ facts }) => facts.slice(0, 2));
  for (const fact of sure) await call.knowledge.confirm({ factId: fact.id });
  // What she wishes to be found by.
  const { keywords } = await call.keywords.list({ appId });
  const wishes = keywords.filter(({ intent }) => intent !== 'navigational').slice(0, 3);
  for (const { id: keywordId } of wishes) await call.keywords.confirm({ keywordId });
  await call.keywords.add({ appId, phrase: 'changelog tool for saas', intent: 'commercial' });
}

async function planCampaign(story: Story, appId: string, one: (typeof CAMPAIGNS)[number]): Promise<string> {
  const from = Math.min(one.from, story.days);
  const { id } = await story.call.campaigns.create({
    appId,
    name: one.name,
    objective: one.objective,
    colour: one.colour,
    description: one.description,
    startsOn: story.dayOf(from),
    ...(one.until === null ? {} : { endsOn: story.dayOf(one.until) }),
    budget: { minor: one.budget, currency: 'USD' },
    goals: [...one.goals],
    audienceIds: await audiencesNamed(story, appId, one.audiences),
  });
  return id;
}

async function audiencesNamed({ call }: Story, appId: string, names: readonly string[]): Promise<string[]> {
  const { audiences } = await call.audiences.list({ appId });
  return audiences.filter(({ name }) => names.includes(name)).map(({ id }) => id);
}

/** What the checklist says of the About page, she means. */
async function setAside({ call }: Story, appId: string): Promise<void> {
  const { rules } = await call.findings.list({ appId });
  const thin = rules.find((one) => one.rule === 'thin')?.pages.find((one) => one.url.endsWith('/about'));
  if (thin) await call.findings.ignore({ findingId: thin.id, reason: 'Short on purpose: two people, one paragraph.' });
}

/** What is due on a day of the plan: campaigns that begin, money and time spent, steps of the launch. */
export async function planOfDay(
  story: Story,
  planned: Planned,
  ago: number,
  react: () => Promise<void>,
): Promise<void> {
  const { call } = story;
  const { appId, campaigns } = planned;
  for (const one of CAMPAIGNS)
    if (ago === Math.min(one.from, story.days)) await startCampaign(story, campaigns[one.key], react);
  const day = story.dayOf(ago);
  const spend = (campaign: keyof Campaigns, minor: string, note: string) =>
    call.costs.add({
      appId,
      day,
      kind: 'tools',
      amount: { minor, currency: 'USD' },
      campaignId: campaigns[campaign],
      note,
    });
  if (day.endsWith('-01')) await spend('build', '2900', 'Screen recorder and fonts');
  if (day.endsWith('-15') && ago < 320) await spend('guide', '4900', 'Keyword tool');
  if (ago === 24) await spend('launch', '24000', 'Video for the launch');
  if (ago === 26) await call.launch.plan({ appId, launchOn: story.dayOf(-2) });
  if (ago === 5) await fromRepository(story, planned);
  if (ago === 1) await tickLaunch(story, appId);
  if (ago === 0) await call.keywords.refresh({ appId });
}

/** A campaign that starts gets its first drafts by itself. She writes her own. */
async function startCampaign({ call }: Story, campaignId: string, react: () => Promise<void>) {
  await call.campaigns.start({ campaignId });
  await react();
  const { posts } = await call.posts.list({ campaignId, status: 'draft' });
  for (const post of posts) await call.posts.remove({ postId: post.id });
}

/** A campaign of the new year stands in her repository, and two drafts are made from templates for it. */
async function fromRepository({ call, dayOf }: Story, { appId }: Planned): Promise<void> {
  const yaml = `# See what it would change: fanfare plan campaigns/fresh-start.yaml. Make it so: fanfare apply FILE.
app: ${new URL(APP_URL).host}
campaign: fresh-start
name: Fresh start
objective: growth
status: draft
description: For teams that decide in a quiet week to write better notes.
starts: ${dayOf(-30)}
ends: ${dayOf(-58)}
budget: { amount: 250, currency: USD }
pacing: front
audiences: [Small SaaS teams]
goals: { signups: 60 }
zone: ${ZONE}
accounts: [sandbox/mayabuilds]
posts:
  - key: teaser
    title: A note nobody had to write twice
    text:
      sandbox: "New year, same release notes written at midnight? There is a kinder way. {{link}}"
    at: ${dayOf(-30)} 09:00
  - key: reminder
    text:
      sandbox: "Pick one day a week for release notes. Readers get used to it sooner than you do. {{link}}"
    at: ${dayOf(-37)} 12:15
costs:
  - { key: banner, day: ${dayOf(-30)}, kind: ads, amount: { amount: 40, currency: USD }, post: teaser }
links:
  - { key: podcast, to: "${APP_URL}", code: fresh-start-podcast, source: podcast }
`;
  const applied = await call.campaignFiles.apply({ files: [{ name: 'campaigns/fresh-start.yaml', yaml }] });
  const campaignId = applied.campaigns[0]?.campaignId ?? null;
  const { templates } = await call.templates.list({ appId });
  for (const [at, name] of ['Problem and promise', 'One feature, explained'].entries()) {
    const template = templates.find((one) => one.name === name);
    if (!template) throw new Error(`The demo writes from the template “${name}”, and there is none.`);
    const proposedFor = new Date(Date.parse(`${dayOf(-32 - 7 * at)}T09:00:00Z`));
    await call.templates.use({
      templateId: template.id,
      appId,
      campaignId,
      platforms: ['sandbox'],
      proposedFor: proposedFor.toISOString(),
    });
  }
}

/** What was due is done, but for the one thing that never gets done in time. */
async function tickLaunch({ call, chance }: Story, appId: string): Promise<void> {
  const { plan } = await call.launch.get({ appId });
  for (const step of plan?.steps ?? [])
    if (step.state === 'late' && chance.happens(0.85)) await call.launch.completeStep({ stepId: step.id });
}
