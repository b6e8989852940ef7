import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { verifyAudit } from '#src/people/audit.ts';
import { learnSocialLinks } from '#src/understand/apps.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
});
afterAll(() => world.close());

test('an app is registered by its URL alone, with or without a scheme', async () => {
  const app = await maya.call.apps.register({ url: 'outpost.dev' });
  expect(app.url).toBe('https://outpost.dev/');
  expect(await maya.call.apps.list({})).toMatchObject({
    apps: [{ id: app.id, name: 'outpost.dev', stage: 'launched' }],
  });
});

test('the same app twice is a conflict said in words', async () => {
  await expect(maya.call.apps.register({ url: 'https://outpost.dev' })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'outpost.dev is already one of your apps.',
  });
});

test.each([['mailto:me@example.com'], ['javascript:alert(1)'], ['not a url'], ['http://']])(
  '%s is refused with a reason',
  async (url) => {
    await expect(maya.call.apps.register({ url })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  },
);

test('unknown fields are refused', async () => {
  await expect(maya.call.apps.register({ url: 'a.dev', price: 3 } as { url: string })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('what a person set is remembered as theirs, and a stage change is a row', async () => {
  const { apps } = await maya.call.apps.list({});
  const appId = apps[0]!.id;
  await maya.call.apps.update({ appId, name: 'Outpost', stage: 'scaling' });
  const app = await maya.call.apps.get({ appId });
  expect(app.editedFields).toEqual(expect.arrayContaining(['name', 'stage']));
  expect(app.lifeCycle).toMatchObject([
    { aspect: 'stage', fromValue: 'launched', toValue: 'scaling', changedBy: 'Maya Lind' },
  ]);
});

test('everything of the profile is edited, readings leave it alone, and a field can be given back to them', async () => {
  const { apps } = await maya.call.apps.list({});
  const appId = apps[0]!.id;
  await maya.call.apps.update({
    appId,
    description: 'Keeps every webhook.',
    logoUrl: 'https://outpost.dev/logo.svg',
    brandColours: ['#5B5BD6'],
    socialLinks: [
      'https://x.com/outpost',
      'https://apps.apple.com/us/app/outpost/id12345678',
      'https://outpost.dev/press',
    ],
  });
  const app = await maya.call.apps.get({ appId });
  expect(app).toMatchObject({ description: 'Keeps every webhook.', logoUrl: 'https://outpost.dev/logo.svg' });
  expect(app.socialLinks.map((link) => [link.platform, link.handle])).toEqual([
    ['other', null],
    ['store', null],
    ['x', 'outpost'],
  ]);
  await transaction(maya.context, (inside) => learnSocialLinks(inside, appId, []));
  expect((await maya.call.apps.get({ appId })).socialLinks).toHaveLength(3);
  await maya.call.apps.release({ appId, fields: ['socialLinks'] });
  await transaction(maya.context, (inside) => learnSocialLinks(inside, appId, []));
  expect((await maya.call.apps.get({ appId })).socialLinks).toEqual([]);
  await expect(maya.call.apps.update({ appId, logoUrl: 'javascript:alert(1)' })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
  });
});

test('another workspace’s app is not found, neither to read nor to change', async () => {
  const { apps } = await maya.call.apps.list({});
  const appId = apps[0]!.id;
  await expect(rival.call.apps.get({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.apps.update({ appId, name: 'Mine' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  expect(await rival.call.apps.list({})).toEqual({ apps: [] });
});

test('the audit chain holds', async () => {
  expect(await verifyAudit(maya.context)).toEqual({ rows: expect.any(Number), brokenAt: null });
});

test('an archived app leaves the list, and can be asked for', async () => {
  const { id } = await maya.call.apps.register({ url: 'https://mistyped.dev' });
  await maya.call.apps.update({ appId: id, status: 'archived' });
  expect((await maya.call.apps.list({})).apps.map((app) => app.id)).not.toContain(id);
  expect((await maya.call.apps.list({ archived: true })).apps.map((app) => app.id)).toContain(id);
});
