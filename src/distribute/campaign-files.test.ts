import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, personOf, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  appId = await knownApp(maya);
  await maya.call.accounts.connectSandbox({ handle: 'ada' });
  await world.drain();
});
afterAll(() => world.close());

const FILE = `app: outpost.dev
campaign: winter-launch
name: Winter launch
objective: growth
status: active
starts: 2026-12-01
ends: 2026-12-28
budget: { amount: 500.00, currency: EUR }
pacing: front
audiences: [Small SaaS teams]
regions: [DE, US-CA]
goals: { signups: 50, revenue: 1200.50 }
zone: Europe/Berlin
accounts: [sandbox/ada]
posts:
  - key: teaser
    text:
      x: "Webhooks that wait for you. {{link}}"
    at: 2026-12-01 09:00
    approve: true
  - key: thread
    text:
      x:
        - How we keep every event.
        - text: What would you replay first?
          poll: { minutes: 60, options: [Payments, Pushes] }
      bluesky: How we keep every event, told in one post.
    at: 2026-12-03 17:30
costs:
  - { key: banner, day: 2026-12-02, kind: ads, amount: { amount: 49.90, currency: EUR }, post: teaser }
  - { key: editing, day: 2026-12-02, kind: time, minutes: 90, hourly_rate: { amount: 60, currency: EUR } }
links:
  - { key: podcast, to: https://outpost.dev/podcast, code: winter-podcast, source: podcast }
`;
const files = (yaml: string, name = 'winter.yaml') => [{ name, yaml }];
const plan = (yaml: string, more: { take?: 'file' | 'app'; prune?: boolean } = {}) =>
  maya.call.campaignFiles.plan({ files: files(yaml), ...more });
const apply = (yaml: string, more: { take?: 'file' | 'app'; prune?: boolean } = {}) =>
  maya.call.campaignFiles.apply({ files: files(yaml), ...more });
type Result = Awaited<ReturnType<typeof plan>>;
const said = (result: Result) =>
  result.campaigns.flatMap(({ changes }) =>
    changes.map((one) => `${one.kind} ${one.thing} ${one.key} ${one.field ?? ''}`.trim()),
  );
const postsOf = async (campaignId: string) => (await maya.call.posts.list({ campaignId })).posts;
const theCampaign = async () =>
  (await maya.call.campaigns.list({ appId })).campaigns.find((one) => one.slug === 'winter-launch')!;

test('plan shows what would be done and does nothing; apply does it; applied again nothing changes', async () => {
  const planned = await plan(FILE);
  expect(said(planned)).toEqual([
    'create campaign winter-launch',
    'create post teaser',
    'create post thread',
    'create cost banner',
    'create cost editing',
    'create link podcast',
  ]);
  expect((await maya.call.campaigns.list({ appId })).campaigns).toEqual([]);

  const applied = await apply(FILE);
  expect(applied.summary).toBe('6 created.');
  const { id: campaignId } = await theCampaign();
  const campaign = await maya.call.campaigns.get({ campaignId });
  expect(campaign).toMatchObject({
    name: 'Winter launch',
    status: 'scheduled',
    budget: { minor: '50000', currency: 'EUR' },
    audiences: [{ name: 'Small SaaS teams' }],
    regions: ['DE', 'US-CA'],
    spent: { minor: '13990', currency: 'EUR' },
  });
  expect(campaign.goals.map((goal) => [goal.metric, goal.target])).toEqual([
    ['signups', '50'],
    ['revenue', '120050'],
  ]);
  const { publications } = await maya.call.publications.list({ state: 'scheduled' });
  expect(publications.map((one) => [one.account.handle, one.dueAt.toISOString()])).toEqual([
    ['ada', '2026-12-01T08:00:00.000Z'],
  ]);
  await world.drain();
  const again = await apply(FILE);
  expect(again).toMatchObject({ nothingToChange: true, summary: 'Nothing to change.' });
  const history = await maya.call.campaignFiles.list({ campaignId });
  expect(history.files).toMatchObject([{ name: 'winter.yaml', by: 'Maya Lind' }]);
  // The posts stand in the file: starting the campaign wrote none by itself.
  expect(await postsOf(campaignId)).toHaveLength(2);
});

test('what it changes is only what the file changed; a name is no key', async () => {
  const edited = FILE.replace('name: Winter launch', 'name: Winter sale')
    .replace('2026-12-03 17:30', '2026-12-04 10:00')
    .replace('amount: 49.90', 'amount: 59.90');
  expect(said(await plan(edited))).toEqual([
    'change campaign winter-launch name',
    'change post thread at',
    'change cost banner amount',
  ]);
  await apply(edited);
  const campaign = await theCampaign();
  expect(campaign).toMatchObject({ slug: 'winter-launch', name: 'Winter sale', spent: { minor: '14990' } });
  expect((await apply(edited)).nothingToChange).toBe(true);
  await apply(FILE);
});

test('words of an approved post changed by a file go back to draft, unless the file approves them', async () => {
  const { id: campaignId } = await theCampaign();
  const approved = FILE.replace('Webhooks that wait for you.', 'Webhooks which wait for you.');
  expect(said(await apply(approved))).toEqual(['change post teaser text.x']);
  const post = (await postsOf(campaignId)).find((one) => one.title.includes('which'))!;
  expect(post.status).toBe('scheduled');
  const unapproved = approved.replace('    approve: true\n', '').replace('which wait', 'that always wait');
  expect(said(await apply(unapproved))).toEqual([
    'change post teaser text.x',
    'change post teaser schedule.sandbox/ada',
  ]);
  const returned = await maya.call.posts.get({ postId: post.id });
  expect(returned).toMatchObject({ status: 'draft', proposedFor: new Date('2026-12-01T08:00:00Z') });
  expect((await apply(unapproved)).nothingToChange).toBe(true);
  await apply(FILE);
  expect((await maya.call.posts.get({ postId: post.id })).status).toBe('scheduled');
});

test('what was changed in the app is shown and never overwritten silently', async () => {
  const { id: campaignId } = await theCampaign();
  await maya.call.campaigns.update({ campaignId, description: 'Written in the app', regions: ['FR'] });
  const drifted = await apply(FILE);
  expect(drifted.nothingToChange).toBe(true);
  expect(said(drifted)).toEqual(['drift campaign winter-launch regions']);
  expect((await maya.call.campaigns.get({ campaignId })).regions).toEqual(['FR']);

  const both = FILE.replace('[DE, US-CA]', '[DE, AT]').replace('pacing: front', 'pacing: even');
  const planned = await plan(both);
  expect(planned.conflicts).toBe(1);
  await expect(apply(both)).rejects.toMatchObject({ code: 'CONFLICT', data: { reason: 'campaign_conflict' } });
  expect((await theCampaign()).pacing).toBe('front');

  await apply(both, { take: 'app' });
  expect(await maya.call.campaigns.get({ campaignId })).toMatchObject({ regions: ['FR'], pacing: 'even' });
  await apply(both, { take: 'file' });
  expect(await maya.call.campaigns.get({ campaignId })).toMatchObject({ regions: ['AT', 'DE'] });
  expect((await apply(both)).summary).toBe('Nothing to change.');
  await apply(FILE);
});

test('what leaves the file stays until it is pruned, and what is published stays whatever is said', async () => {
  const { id: campaignId } = await theCampaign();
  const start = FILE.indexOf('  - key: thread');
  const without = FILE.slice(0, start) + FILE.slice(FILE.indexOf('costs:'));
  expect(said(await apply(without))).toEqual(['left post thread']);
  expect(await postsOf(campaignId)).toHaveLength(2);
  expect(said(await apply(without, { prune: true }))).toEqual(['remove post thread']);
  expect(await postsOf(campaignId)).toHaveLength(1);

  const gone = without.slice(0, without.indexOf('posts:')) + without.slice(without.indexOf('costs:'));
  const [post] = await postsOf(campaignId);
  const { publications } = await maya.call.publications.list({ state: 'scheduled' });
  await maya.call.publications.reschedule({ publicationId: publications[0]!.id, at: '2026-11-22T09:00:00Z' });
  const { publishDue } = await import('#src/distribute/publications.ts');
  await publishDue(world.world);
  expect((await maya.call.posts.get({ postId: post!.id })).status).toBe('published');
  const late = await apply(without.replace('that wait for you', 'that never get lost'), { take: 'file' });
  expect(late.campaigns[0]?.changes.every((one) => one.kind === 'kept')).toBe(true);
  expect(said(await apply(gone.replace(', post: teaser', ''), { prune: true, take: 'file' }))).toContain(
    'kept post teaser',
  );
  expect(await postsOf(campaignId)).toHaveLength(1);
});

test('several campaigns go together or not at all, and a template is filled once', async () => {
  const two = `app: outpost.dev
campaign: one
name: One
objective: awareness
posts:
  - key: filled
    template: { name: Milestone, variables: { number: "900", what: teams } }
---
app: outpost.dev
campaign: two
objective: awareness
`;
  const { templates } = await maya.call.templates.list({});
  const template =
    templates.find((one) => one.variables.every((variable) => variable.name === 'app'))?.name ?? templates[0]!.name;
  const named = two.replace(
    'name: Milestone, variables: { number: "900", what: teams }',
    `name: ${JSON.stringify(template)}`,
  );
  await expect(apply(named)).rejects.toMatchObject({ message: expect.stringContaining('winter.yaml:10:1') });
  expect((await maya.call.campaigns.list({ appId })).campaigns).toHaveLength(1);
  const whole = named.replace('campaign: two\n', 'campaign: two\nname: Two\n');
  const planned = await plan(whole).catch((error: Error) => error);
  if (planned instanceof Error) expect(planned.message).toContain('The template cannot be filled');
  else {
    await apply(whole);
    expect((await apply(whole)).nothingToChange).toBe(true);
  }
});

test('each mistake is named with its line, its column and what to do', async () => {
  const wrong = `app: outpost.dev
campaign: Wrong Key
objective: fame
audiences: [Nobody]
zone: Mars/Olympus
posts:
  - key: a
    text: { x: hi }
    at: tomorrow
  - key: a
    text: { x: hi }
    colour: red
`;
  const message = await plan(wrong).then(String, (error: Error) => error.message);
  expect(message).toMatch(/winter\.yaml:2:1: campaign: A key has small letters/);
  expect(message).toMatch(/winter\.yaml:3:1: objective: This must be one of/);
  expect(message).toMatch(/winter\.yaml:9:5: posts 1 at: A moment is a local time/);
  expect(message).toMatch(/winter\.yaml:12:5: posts 2: There is no field "colour" here/);
  const names = FILE.replace('sandbox/ada', 'x/nobody')
    .replace('[Small SaaS teams]', '[Nobody]')
    .replace('Europe/Berlin', 'UTC');
  const unknown = await plan(names).then(String, (error: Error) => error.message);
  expect(unknown).toMatch(/winter\.yaml:10:13: There is no audience “Nobody” here. There are: Small SaaS teams/);
});

test('YAML that blows up is refused', async () => {
  const bomb = `a: &a [x, x]\nb: &b [*a, *a]\ncampaign: bomb\n`;
  await expect(plan(bomb)).rejects.toMatchObject({ message: expect.stringContaining('The alias *a is not followed') });
  await expect(plan(`campaign: ${'['.repeat(20_000)}`)).rejects.toMatchObject({ data: { reason: 'campaign_file' } });
  await expect(plan('campaign: !!js/function "x"')).rejects.toMatchObject({ data: { reason: 'campaign_file' } });
  await expect(plan('campaign: a\ncampaign: b')).rejects.toMatchObject({ message: expect.stringContaining('twice') });
  await expect(plan('- a\n- b')).rejects.toMatchObject({ data: { reason: 'campaign_file' } });
});

test('who may not approve sends for review, and approving it later is no change', async () => {
  await maya.call.workspaces.update({ needsApproval: true });
  const eve = personOf(
    world.world,
    { id: maya.userId, name: 'Eve', email: 'eve@example.com' },
    maya.workspaceId,
    'editor',
  );
  const yaml = `app: outpost.dev
campaign: reviewed
name: Reviewed
objective: awareness
posts:
  - key: only
    text: { x: A quiet note about replays. }
    at: 2026-12-10 09:00
    accounts: [sandbox/ada]
    approve: true
`;
  await eve.call.campaignFiles.apply({ files: files(yaml) });
  const campaignId = (await maya.call.campaigns.list({ appId })).campaigns.find((one) => one.slug === 'reviewed')!.id;
  const [post] = await postsOf(campaignId);
  expect(post).toMatchObject({ status: 'in_review' });
  expect((await eve.call.campaignFiles.apply({ files: files(yaml) })).nothingToChange).toBe(true);
  await maya.call.campaignFiles.apply({ files: files(yaml) });
  expect((await maya.call.posts.get({ postId: post!.id })).status).toBe('scheduled');
  expect((await maya.call.campaignFiles.apply({ files: files(yaml) })).nothingToChange).toBe(true);
  await maya.call.workspaces.update({ needsApproval: false });
});

test('whatever a campaign holds, its exported file changes nothing', async () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
    .filter((one) => one.trim() === one && one !== '' && !one.includes('\0'));
  let number = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        name: text,
        description: text,
        words: fc.array(text, { minLength: 1, maxLength: 3 }),
        title: text,
        minor: fc.bigInt(0n, 10n ** 12n),
        currency: fc.constantFrom('USD', 'JPY', 'KWD'),
        at: fc.date({
          min: new Date('2026-12-01T00:00:00Z'),
          max: new Date('2027-12-01T00:00:00Z'),
          noInvalidDate: true,
        }),
      }),
      async ({ name, description, words, title, minor, currency, at }) => {
        const { id: campaignId } = await maya.call.campaigns.create({
          appId,
          name: `${name} ${++number}`,
          objective: 'growth',
          description,
          budget: { minor: String(minor), currency },
          goals: [{ metric: 'revenue', target: '1234' }],
        });
        await maya.call.posts.create({
          appId,
          campaignId,
          title,
          proposedFor: at.toISOString(),
          variants: [{ platform: 'bluesky', firstReply: words[0] ?? null, parts: words.map((one) => ({ text: one })) }],
        });
        await maya.call.costs.add({
          appId,
          campaignId,
          day: '2026-11-20',
          kind: 'ads',
          amount: { minor: String(minor), currency },
          note: description,
        });
        await maya.call.links.create({
          appId,
          campaignId,
          destination: 'https://outpost.dev/a?b=c',
          utmContent: title,
        });
        const { yaml } = await maya.call.campaignFiles.export({ campaign: campaignId });
        const planned = await plan(yaml);
        expect(said(planned)).toEqual([]);
        // An export that is edited is a change, not a conflict.
        const edited = await plan(yaml.replace('pacing: even', 'pacing: front'));
        expect(said(edited)).toEqual([expect.stringMatching(/^change campaign \S+ pacing$/)]);
      },
    ),
    { numRuns: 6, seed: 5 },
  );
});

test('the schema is there for editors', async () => {
  const schema = await maya.call.campaignFiles.schema({});
  expect(schema).toMatchObject({ type: 'object', additionalProperties: false });
  expect(Object.keys(schema.properties as object)).toContain('posts');
});
