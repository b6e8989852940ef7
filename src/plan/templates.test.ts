import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtInTemplates } from '#src/plan/writing/index.ts';
import { knownApp } from '#test/known-app.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let appId: string;
let own: string;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
  appId = await knownApp(maya);
});
afterAll(() => world.close());

test('every workspace has the built-in templates, once, however often they are listed', async () => {
  await Promise.all([maya.call.templates.list({}), maya.call.templates.list({})]);
  const { templates } = await maya.call.templates.list({});
  expect(templates).toHaveLength(builtInTemplates.length);
  const template = templates.find((one) => one.name === 'Problem and promise')!;
  expect(template).toMatchObject({ kind: 'problem_solution', platform: 'x', builtIn: true, performance: { posts: 0 } });
  expect(template.variables.map((variable) => variable.factKind)).toContain('pain_point');
});

test('a preview fills a template from knowledge and links each claim to its fact', async () => {
  const { templates } = await maya.call.templates.list({});
  const template = templates.find((one) => one.name === 'Problem and promise')!;
  const preview = await maya.call.templates.preview({ templateId: template.id, appId });
  expect(preview).toMatchObject({ complete: true, missing: [] });
  const [part] = preview.parts;
  expect(part!.text).toContain('Outpost catches every webhook');
  expect(part!.text).toContain('{{link}}');
  expect(part!.valid).toBe(true);
  for (const claim of part!.claims) expect(part!.text.slice(claim.start, claim.end)).toBe(claim.text);
});

test('a template of one’s own is filled from knowledge and given values; what is missing is said', async () => {
  own = (
    await maya.call.templates.create({
      name: 'Price and code',
      kind: 'promotional',
      platform: 'x',
      parts: ['{{price}} Use {{code}} until {{until}}. {{link}}'],
      variables: [{ name: 'code', type: 'text', description: 'The discount code' }],
    })
  ).id;
  expect((await maya.call.templates.get({ templateId: own })).variables).toMatchObject([
    { name: 'price', type: 'fact', factKind: 'pricing' },
    { name: 'code', type: 'text', description: 'The discount code' },
    { name: 'until', type: 'text' },
    { name: 'link', type: 'url' },
  ]);
  const open = await maya.call.templates.preview({ templateId: own, appId, values: { code: 'EARLY' } });
  expect(open.complete).toBe(false);
  expect(open.missing).toMatchObject([{ name: 'until', why: 'Give a value.' }]);
  const filled = await maya.call.templates.preview({
    templateId: own,
    appId,
    values: { code: 'EARLY', until: 'Friday' },
  });
  expect(filled.parts[0]!.text).toBe('Outpost costs $19 a month. Use EARLY until Friday. {{link}}');
});

test('its text changes with its variables; built-in ones stay as they are', async () => {
  await maya.call.templates.update({ templateId: own, parts: ['{{price}} Use {{code}}. {{link}}'] });
  const { variables } = await maya.call.templates.get({ templateId: own });
  expect(variables.map((variable) => [variable.name, variable.description])).toContainEqual([
    'code',
    'The discount code',
  ]);
  expect(variables).toHaveLength(3);
  const { templates } = await maya.call.templates.list({});
  const builtIn = templates.find((one) => one.builtIn)!;
  await expect(maya.call.templates.update({ templateId: builtIn.id, name: 'Mine' })).rejects.toMatchObject({
    data: { reason: 'built_in' },
  });
});

test('a removed template is out of use and does not come back', async () => {
  const { templates } = await maya.call.templates.list({});
  const gone = templates.find((one) => one.name === 'Plain launch')!;
  await maya.call.templates.remove({ templateId: gone.id });
  const after = await maya.call.templates.list({});
  expect(after.templates).toHaveLength(templates.length - 1);
  expect((await maya.call.templates.get({ templateId: gone.id })).retiredAt).toBeInstanceOf(Date);
});

test('how its posts did is counted', async () => {
  await maya.call.posts.create({ appId, templateId: own, variants: [{ platform: 'x', parts: [{ text: 'Hello' }] }] });
  expect((await maya.call.templates.get({ templateId: own })).performance).toEqual({
    posts: 1,
    published: 0,
    visits: 0,
    signups: 0,
    impressions: 0,
  });
});

test('names are unique, variables well named, values known; other workspaces find nothing', async () => {
  const template = { kind: 'community' as const, platform: 'x', parts: ['Hi'] };
  await expect(maya.call.templates.create({ ...template, name: 'Plain launch' })).rejects.toMatchObject({
    code: 'CONFLICT',
  });
  await expect(maya.call.templates.create({ ...template, name: 'Odd', parts: ['{{Odd}}'] })).rejects.toMatchObject({
    data: { reason: 'variable_name' },
  });
  await expect(
    maya.call.templates.preview({ templateId: own, appId, values: { colour: 'red' } }),
  ).rejects.toMatchObject({ data: { reason: 'variable_unknown' } });
  for (const attempt of [
    () => rival.call.templates.get({ templateId: own }),
    () => rival.call.templates.update({ templateId: own, name: 'Mine' }),
    () => rival.call.templates.remove({ templateId: own }),
    () => rival.call.templates.preview({ templateId: own, appId }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
