import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
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

test('with an app, the templates that suit its category come first', async () => {
  const { id: appId } = await maya.call.apps.register({ url: 'https://suited.dev' });
  await maya.call.apps.update({ appId, category: 'developer_tools' });
  const { category, templates } = await maya.call.templates.list({ appId });
  expect(category).toBe('developer_tools');
  expect(templates[0]).toMatchObject({ kind: 'educational', suits: true });
  const first = templates.findIndex((one) => !one.suits);
  expect(templates.slice(first).some((one) => one.suits)).toBe(false);
  expect((await maya.call.templates.list({ category: 'games' })).templates[0]).toMatchObject({
    kind: 'behind_the_scenes',
  });
  expect((await maya.call.templates.list({})).templates.every((one) => !one.suits)).toBe(true);
});

test('variables have types: a value of another type is refused, a day is written out, a kind of fact is one’s own choice', async () => {
  const template = { kind: 'promotional' as const, platform: 'x' };
  const parts = ['{{size}} seats until {{until}}, {{off}} % off. {{worry}} {{terms}}'];
  const variables = [
    { name: 'size', type: 'choice' as const, choices: ['Ten', 'Fifty'] },
    { name: 'until', type: 'date' as const },
    { name: 'off', type: 'number' as const },
    { name: 'terms', type: 'url' as const },
    { name: 'worry', type: 'fact' as const, factKind: 'pain_point' as const },
  ];
  const { id: templateId } = await maya.call.templates.create({ ...template, name: 'Sale', parts, variables });
  const values = { size: 'Ten', until: '2026-12-01', off: '20', terms: 'https://outpost.dev/terms' };
  const { missing } = await maya.call.templates.preview({ templateId, appId });
  expect(missing.map(({ name }) => name)).toEqual(['size', 'until', 'off', 'terms']);
  const filled = await maya.call.templates.preview({ templateId, appId, values });
  expect(filled.complete).toBe(true);
  expect(filled.parts[0]!.text).toMatch(
    /^Ten seats until 1 December 2026, 20 % off\. .+ https:\/\/outpost\.dev\/terms$/,
  );
  expect(filled.parts[0]!.claims).toHaveLength(1);
  for (const wrong of [{ size: 'Two' }, { until: '2026-02-31' }, { off: 'a lot' }, { terms: 'javascript:alert(1)' }])
    await expect(
      maya.call.templates.preview({ templateId, appId, values: { ...values, ...wrong } }),
      JSON.stringify(wrong),
    ).rejects.toMatchObject({ data: { reason: 'value_type' } });
  const without = (set: object) =>
    maya.call.templates.create({
      ...template,
      name: 'Odd',
      parts: ['{{it}}'],
      variables: [{ name: 'it', ...set }] as never,
    });
  await expect(without({ type: 'choice', choices: ['one'] })).rejects.toMatchObject({
    data: { reason: 'variable_choices' },
  });
  await expect(without({ type: 'fact' })).rejects.toMatchObject({ data: { reason: 'variable_fact_kind' } });
});

test('a preview is cut to the platform: a thread becomes one post where there are none, and what does not fit says why', async () => {
  const { templates } = await maya.call.templates.list({});
  const { id: templateId } = templates.find((one) => one.name === 'Three features')!;
  const onX = await maya.call.templates.preview({ templateId, appId });
  const joined = await maya.call.templates.preview({ templateId, appId, platform: 'linkedin' });
  expect(onX.parts).toHaveLength(4);
  expect(joined.parts).toHaveLength(1);
  expect(joined.parts[0]!.claims).toHaveLength(onX.parts.flatMap((part) => part.claims).length);
  for (const { start, end, text } of joined.parts[0]!.claims)
    expect(joined.parts[0]!.text.slice(start, end)).toBe(text);
  expect(joined.fits.find((one) => one.platform === 'linkedin')).toMatchObject({ valid: true, why: null });
  const long = { name: 'Long', kind: 'community' as const, platform: 'x', parts: ['word '.repeat(80)] };
  const { id: tooLong } = await maya.call.templates.create(long);
  const { fits } = await maya.call.templates.preview({ templateId: tooLong, appId });
  expect(fits.find((one) => one.platform === 'x')).toMatchObject({
    valid: false,
    why: expect.stringMatching(/of 280/),
  });
});

test('what it said before is kept and can be had again', async () => {
  const { id: templateId } = await maya.call.templates.create({
    name: 'Changing',
    kind: 'community',
    platform: 'x',
    parts: ['First {{code}}'],
    variables: [{ name: 'code', type: 'number', description: 'A number' }],
  });
  await maya.call.templates.update({ templateId, parts: ['Second'], name: 'Changed' });
  const { versions } = await maya.call.templates.versions({ templateId });
  expect(versions).toMatchObject([{ version: 1, content: { name: 'Changing', parts: ['First {{code}}'] } }]);
  await maya.call.templates.restore({ templateId, version: 1 });
  expect(await maya.call.templates.get({ templateId })).toMatchObject({
    name: 'Changing',
    version: 3,
    parts: ['First {{code}}'],
    variables: [{ name: 'code', type: 'number', description: 'A number' }],
  });
  await expect(maya.call.templates.restore({ templateId, version: 9 })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a template goes from house to house as a file and by a link that ends, and what is no template stays out', async () => {
  const file = await maya.call.templates.export({ templateId: own });
  expect(JSON.stringify(file)).not.toContain(maya.workspaceId);
  const taken = await rival.call.templates.import({ file: JSON.stringify(file) });
  expect(await rival.call.templates.get({ templateId: taken.id })).toMatchObject({
    name: 'Price and code',
    builtIn: false,
    importedFrom: 'a file',
    parts: file.parts,
  });
  expect((await rival.call.templates.import({ file: JSON.stringify(file) })).name).toBe('Price and code (2)');

  const { url } = await maya.call.templates.share({ templateId: own });
  const token = url.split('/').at(-1)!;
  expect(await rival.call.templates.shared({ token })).toEqual(file);
  const byLink = await rival.call.templates.import({ link: url });
  expect(await rival.call.templates.get({ templateId: byLink.id })).toMatchObject({
    importedFrom: 'a link of this house',
  });
  expect((await maya.call.templates.get({ templateId: own })).links).toBe(1);
  await maya.call.templates.unshare({ templateId: own });
  await expect(rival.call.templates.shared({ token })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.templates.import({ link: url })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const late = await maya.call.templates.share({ templateId: own, days: 1 });
  world.clock.forward('2 d');
  await expect(rival.call.templates.import({ link: late.url })).rejects.toMatchObject({ code: 'NOT_FOUND' });

  for (const [text, reason] of [
    ['no JSON', 'template_file'],
    [JSON.stringify({ ...file, format: 2 }), 'template_file'],
    [JSON.stringify({ ...file, more: true }), 'template_file'],
    [JSON.stringify({ ...file, parts: ['Hi <script>alert(1)</script>'] }), 'template_script'],
    [JSON.stringify({ ...file, parts: ['Go to javascript:alert(1)'] }), 'template_script'],
    [JSON.stringify({ ...file, platform: 'nowhere' }), 'platform_unknown'],
  ] as const)
    await expect(rival.call.templates.import({ file: text }), text).rejects.toMatchObject({ data: { reason } });
  await expect(rival.call.templates.import({ link: 'https://example.com/else' })).rejects.toMatchObject({
    data: { reason: 'template_link' },
  });
  await expect(rival.call.templates.import({})).rejects.toMatchObject({ data: { reason: 'file_or_link' } });
  for (const attempt of [
    () => rival.call.templates.export({ templateId: own }),
    () => rival.call.templates.share({ templateId: own }),
    () => rival.call.templates.unshare({ templateId: own }),
    () => rival.call.templates.versions({ templateId: own }),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a template has its own words, length and manners where a platform asks for them, from the same facts', async () => {
  const { templates } = await maya.call.templates.list({});
  const { id: templateId } = templates.find((one) => one.name === 'Problem and promise')!;
  const on = (platform: string) => maya.call.templates.preview({ templateId, appId, platform });
  const [x, linkedin, reddit, blog, slack] = await Promise.all(['x', 'linkedin', 'reddit', 'devto', 'slack'].map(on));
  const facts = (preview: typeof x) => preview!.parts.flatMap(({ claims }) => claims.map((claim) => claim.factId));
  for (const preview of [linkedin, reddit, blog, slack]) {
    expect(preview).toMatchObject({ own: true, complete: true });
    expect(preview!.parts).toHaveLength(1);
    expect(preview!.parts[0]!.text).not.toBe(x!.parts[0]!.text);
    expect(facts(preview)).toEqual(expect.arrayContaining(facts(x)));
    for (const { claims, text } of preview!.parts)
      for (const claim of claims) expect(text.slice(claim.start, claim.end)).toBe(claim.text);
  }
  expect(x).toMatchObject({ own: false, headline: null });
  expect(reddit!.headline).toBe('Is this a problem you know?');
  expect(reddit!.parts[0]!.text).toContain('That is why I make Outpost');
  expect(blog!.parts[0]!.text).toMatch(
    /^## The problem\n[^\n]+\.\n\n## The answer\n[\s\S]+## What it costs\nOutpost costs \$19/,
  );
  expect(blog!.parts[0]!.text.length).toBeGreaterThan(linkedin!.parts[0]!.text.length);
  // Nothing is known of a price: the paragraph is not there, and the rest is.
  const { id: freeId } = await maya.call.apps.register({ url: 'https://free.dev', name: 'Free' });
  for (const [kind, statement] of [
    ['pain_point', 'Nobody reads logs at night.'],
    ['value_proposition', 'Free reads your logs while you sleep.'],
  ] as const)
    await maya.call.knowledge.add({ appId: freeId, kind, statement });
  const poor = await maya.call.templates.preview({ templateId, appId: freeId, platform: 'devto' });
  expect(poor.parts[0]!.text).toBe(
    '## The problem\nNobody reads logs at night.\n\n## The answer\nFree reads your logs while you sleep.\n\nTry it: {{link}}',
  );

  const made = await maya.call.templates.use({ templateId, appId, platforms: ['x', 'reddit', 'hashnode'] });
  const post = await maya.call.posts.get({ postId: made.id });
  expect(post).toMatchObject({
    source: 'template',
    kind: 'problem_solution',
    template: { name: 'Problem and promise' },
  });
  expect(post.variants.map(({ platform, title }) => [platform, title])).toEqual([
    ['x', null],
    ['reddit', 'Is this a problem you know?'],
    ['hashnode', 'Why there is Outpost'],
  ]);
  for (const { parts } of post.variants)
    expect(parts.flatMap(({ claims }) => claims.map(({ fact }) => fact?.statement ?? null))).toEqual(
      expect.arrayContaining(['Outpost catches every webhook and replays it until your server has taken it.']),
    );
});

test('built-in templates that came before the words for platforms get them', async () => {
  await transaction(maya.context, ({ tx }) => tx.deleteFrom('templateWordings').execute());
  const { templates } = await maya.call.templates.list({});
  for (const seed of builtInTemplates) {
    const template = templates.find((one) => one.name === seed.name);
    if (template) expect(template.wordings, seed.name).toHaveLength(seed.wordings.length);
  }
});

test('one’s own template has words for a platform as well; they travel with it, and what they need is asked for', async () => {
  const wordings = [{ platform: 'reddit', title: 'Ask {{app}}', parts: ['{{pain}} Tell us about {{town}}. {{link}}'] }];
  const said = { name: 'Asking', kind: 'community' as const, platform: 'x', parts: ['{{pain}} {{link}}'] };
  const { id: templateId } = await maya.call.templates.create({ ...said, wordings });
  const preview = (values: Record<string, string>) =>
    maya.call.templates.preview({ templateId, appId, platform: 'reddit', values });
  expect(await preview({})).toMatchObject({ complete: false, missing: [{ name: 'town' }], headline: 'Ask Outpost' });
  expect((await maya.call.templates.preview({ templateId, appId })).complete).toBe(true);
  const filled = await preview({ town: 'Riga' });
  expect(filled).toMatchObject({ complete: true, headline: 'Ask Outpost', own: true });
  expect(filled.parts[0]!.text).toMatch(/ Tell us about Riga\. \{\{link\}\}$/);
  await maya.call.templates.update({ templateId, wordings: [] });
  expect((await preview({})).own).toBe(false);
  await maya.call.templates.restore({ templateId, version: 1 });
  expect((await maya.call.templates.get({ templateId })).wordings).toEqual(wordings);
  const file = await maya.call.templates.export({ templateId });
  const { id: taken } = await rival.call.templates.import({ file: JSON.stringify(file) });
  expect((await rival.call.templates.get({ templateId: taken })).wordings).toEqual(wordings);
  for (const wrong of [[...wordings, ...wordings], [{ platform: 'x', title: '', parts: ['Hi'] }]])
    await expect(maya.call.templates.update({ templateId, wordings: wrong })).rejects.toMatchObject({
      data: { reason: 'platform_twice' },
    });
});
