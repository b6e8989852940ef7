import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { asSystem, transaction } from '#src/context.ts';
import { proposeCampaigns, turnCampaigns } from '#src/plan/campaigns.ts';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;
let campaignId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-18T09:00:00Z' }); // a Wednesday
  maya = await world.join();
  rival = await world.join('Rival');
  appId = await knownApp(maya);
});
afterAll(() => world.close());

test('a campaign is proposed from the approved strategy, not before', async () => {
  await expect(maya.call.campaigns.propose({ appId })).rejects.toMatchObject({ data: { reason: 'no_strategy' } });
  expect(await proposeCampaigns(asSystem(world.world, maya.workspaceId, 'test'), appId)).toBeNull();
  const { id: strategyId } = await maya.call.strategies.propose({ appId });
  await maya.call.strategies.approve({ strategyId });
  campaignId = (await maya.call.campaigns.propose({ appId })).id!;
  const campaign = await maya.call.campaigns.get({ campaignId });
  expect(campaign).toMatchObject({
    name: 'First month',
    slug: 'first-month',
    status: 'draft',
    objective: 'conversions',
    startsOn: '2026-11-23',
    endsOn: '2026-12-20',
    strategyVersion: 1,
    audiences: [{ name: 'Small SaaS teams' }],
    spent: { minor: '0', currency: 'USD' },
    history: [{ fromStatus: null, toStatus: 'draft', by: 'Maya Lind' }],
  });
  expect(campaign.goals.map((goal) => [goal.metric, goal.reached])).toEqual([
    ['clicks', '0'],
    ['signups', '0'],
    ['conversions', '0'],
  ]);
  expect(campaign.description).toContain('no numbers of your own yet');
  const { postsPerWeek } = (await maya.call.strategies.current({ appId })).strategy!;
  expect(campaign.slots).toHaveLength(4 * postsPerWeek);
  expect(campaign.slots[0]!.toISOString().slice(0, 10) >= '2026-11-23').toBe(true);
});

test('while one is planned or running, no other is proposed', async () => {
  expect(await maya.call.campaigns.propose({ appId })).toEqual({ id: null });
});

test('states follow their rules by name, and each change is a row', async () => {
  await expect(maya.call.campaigns.complete({ campaignId })).rejects.toMatchObject({
    code: 'CONFLICT',
    data: { reason: 'campaign_draft' },
  });
  expect(await maya.call.campaigns.start({ campaignId })).toEqual({ status: 'scheduled' });
  expect(await maya.call.campaigns.start({ campaignId })).toEqual({ status: 'scheduled' });
  world.clock.set('2026-11-23T09:00:00Z');
  await turnCampaigns(maya.context);
  await turnCampaigns(maya.context);
  await maya.call.campaigns.pause({ campaignId });
  expect(await maya.call.campaigns.start({ campaignId })).toEqual({ status: 'active' });
  const { history } = await maya.call.campaigns.get({ campaignId });
  expect(history.map((one) => one.toStatus).sort()).toEqual(
    ['draft', 'scheduled', 'active', 'paused', 'active'].sort(),
  );
  const names = await transaction(maya.context, ({ tx }) =>
    tx.selectFrom('activities').select('name').where('subjectId', '=', campaignId).orderBy('happenedAt').execute(),
  );
  expect(names.map((one) => one.name).filter((name) => name === 'campaign.started')).toHaveLength(1);
  expect(names.map((one) => one.name)).toContain('campaign.resumed');
});

test('goals are measured by what the later stages wrote', async () => {
  await maya.call.campaigns.update({
    campaignId,
    goals: [
      { metric: 'impressions', target: '1000' },
      { metric: 'engagement', target: '10' },
      { metric: 'clicks', target: '2' },
      { metric: 'signups', target: '4' },
      { metric: 'revenue', target: '5000' },
    ],
  });
  const post = await maya.call.posts.create({
    appId,
    campaignId,
    variants: [{ platform: 'x', parts: [{ text: 'Outpost catches every webhook.' }] }],
  });
  await measured(post.id);
  const { goals, posts } = await maya.call.campaigns.get({ campaignId });
  expect(goals).toMatchObject([
    { metric: 'impressions', target: '1000', reached: '250', ratio: 0.25 },
    { metric: 'engagement', reached: '7' },
    { metric: 'clicks', reached: '1' },
    { metric: 'signups', reached: '1', ratio: 0.25 },
    { metric: 'revenue', target: '5000', reached: '1900', ratio: 0.38 },
  ]);
  expect(posts).toMatchObject({ drafts: 1, all: 1 });
});

test('costs in the campaign’s currency are its spending', async () => {
  const budget = { minor: '50000', currency: 'EUR' };
  await maya.call.campaigns.update({ campaignId, budget, regions: ['DE', 'US-CA'] });
  await maya.call.costs.add({
    appId,
    campaignId,
    day: '2026-11-24',
    kind: 'ads',
    amount: { minor: '1250', currency: 'EUR' },
  });
  await maya.call.costs.add({
    appId,
    campaignId,
    day: '2026-11-24',
    kind: 'tools',
    amount: { minor: '900', currency: 'USD' },
  });
  expect(await maya.call.campaigns.get({ campaignId })).toMatchObject({
    budget,
    spent: { minor: '1250', currency: 'EUR' },
    spentElse: [{ minor: '900', currency: 'USD' }],
    regions: ['DE', 'US-CA'],
  });
});

test('after its last day it completes by itself and stays as it was; the next one has another name', async () => {
  world.clock.set('2026-12-21T09:00:00Z');
  await turnCampaigns(maya.context);
  await expect(maya.call.campaigns.update({ campaignId, name: 'Later' })).rejects.toMatchObject({
    data: { reason: 'campaign_completed' },
  });
  await expect(maya.call.campaigns.start({ campaignId })).rejects.toMatchObject({ code: 'CONFLICT' });
  const next = (await maya.call.campaigns.propose({ appId })).id!;
  expect(await maya.call.campaigns.get({ campaignId: next })).toMatchObject({ name: 'December 2026', colour: 2 });
  await maya.call.campaigns.cancel({ campaignId: next });
  const { campaigns } = await maya.call.campaigns.list({ appId });
  expect(campaigns.map((one) => one.status)).toEqual(['completed', 'cancelled']);
});

test('names may come twice, slugs do not; wrong dates and regions are refused', async () => {
  const again = await maya.call.campaigns.create({ appId, name: 'First month', objective: 'traffic' });
  expect((await maya.call.campaigns.get({ campaignId: again.id })).slug).toBe('first-month-2');
  await expect(
    maya.call.campaigns.update({ campaignId: again.id, startsOn: '2027-02-01', endsOn: '2027-01-01' }),
  ).rejects.toMatchObject({ data: { reason: 'dates' } });
  await expect(maya.call.campaigns.update({ campaignId: again.id, regions: ['Germany'] })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
  await expect(maya.call.campaigns.update({ campaignId: again.id, audienceIds: [randomUUID()] })).rejects.toMatchObject(
    {
      code: 'NOT_FOUND',
    },
  );
  await maya.call.campaigns.update({ campaignId: again.id, startsOn: '2026-01-01', endsOn: '2026-01-31' });
  await expect(maya.call.campaigns.start({ campaignId: again.id })).rejects.toMatchObject({
    data: { reason: 'campaign_over' },
  });
});

test('other workspaces find nothing', async () => {
  expect(await rival.call.campaigns.list({})).toEqual({ campaigns: [] });
  for (const attempt of [
    () => rival.call.campaigns.get({ campaignId }),
    () => rival.call.campaigns.update({ campaignId, name: 'Mine' }),
    () => rival.call.campaigns.start({ campaignId }),
    () => rival.call.campaigns.cancel({ campaignId }),
    () => rival.call.campaigns.create({ appId, name: 'Mine', objective: 'traffic' }),
    () => rival.call.campaigns.propose({ appId }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

/** What distribute and measure would have written: a published post, its counters, two clicks, a signup and a payment. */
async function measured(postId: string): Promise<void> {
  await transaction(maya.context, async ({ tx, workspaceId, clock }) => {
    const now = clock.now();
    const account = await tx
      .insertInto('accounts')
      .values({ workspaceId, platform: 'x', platformUserId: '1', handle: 'maya', name: 'Maya', status: 'connected' })
      .returning('id')
      .executeTakeFirstOrThrow();
    const publication = await tx
      .insertInto('publications')
      .values({
        workspaceId,
        postId,
        accountId: account.id,
        postVersion: 1,
        dueAt: now,
        scheduledBy: 'test',
        state: 'published',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    const part = await tx
      .insertInto('publicationParts')
      .values({ workspaceId, publicationId: publication.id, position: 0, text: 'x', textHash: 'x' })
      .returning('id')
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('postMetrics')
      .values({ workspaceId, publicationPartId: part.id, postId, takenAt: now, impressions: 250, likes: 5, replies: 2 })
      .execute();
    const link = await tx
      .insertInto('links')
      .values({
        workspaceId,
        appId,
        code: 'abc1234',
        destination: 'https://outpost.dev/',
        postId,
        campaignId,
        createdBy: 'test',
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (const agentClass of ['human', 'bot'] as const)
      await tx
        .insertInto('clicks')
        .values({ workspaceId, linkId: link.id, appId, agentClass, occurredAt: now })
        .execute();
    for (const [kind, share, amountMinor] of [
      ['signup', '0.3333333333', 0],
      ['signup', '0.6666666666', 0],
      ['purchase', '1', 1900],
    ] as const) {
      const conversion = await tx
        .insertInto('conversions')
        .values({ workspaceId, appId, kind, occurredAt: now, dedupe: `${kind}:${share}` })
        .returning('id')
        .executeTakeFirstOrThrow();
      for (const model of ['last_non_direct', 'first'] as const)
        await tx
          .insertInto('credits')
          .values({
            workspaceId,
            appId,
            conversionId: conversion.id,
            model,
            campaignId,
            share,
            amountMinor,
            netMinor: amountMinor,
            currency: 'USD',
          })
          .execute();
    }
  });
}
