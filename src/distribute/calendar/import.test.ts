import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let appId: string;

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  await maya.call.workspaces.update({ timeZone: 'Europe/Berlin' });
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  const { id: accountId } = await maya.call.accounts.connectSandbox({ handle: 'ada' });
  await maya.call.slots.add({ accountId, weekdays: [1], atTime: '09:30' });
});
afterAll(() => world.close());

const DECEMBER = { from: '2026-11-22T00:00:00Z', to: '2027-01-01T00:00:00Z' };
const table = (...lines: string[]) =>
  ['date,time,time zone,account,platform,title,text,link,tags', ...lines].join('\r\n');
const GOOD = table(
  '2026-12-01,09:30,America/New_York,@ada,,Launch,"Outpost is live.\n---\nIt keeps webhooks. {{link}}",https://outpost.dev/launch,webhooks dev',
  '2026-12-02,18:00,,,x,,A draft for X,,',
  ',,,ada,sandbox,,Into the next free slot,,',
);

test('a dry run says what would become of each row and writes nothing', async () => {
  const dry = await maya.call.calendar.importCsv({ appId, csv: GOOD });
  expect(dry).toMatchObject({ dryRun: true, imported: false, posts: 3, scheduled: 2, drafts: 1, problems: [] });
  expect(dry.rows).toMatchObject([
    { line: 2, title: 'Launch', account: 'ada', at: new Date('2026-12-01T14:30:00Z'), becomes: 'scheduled' },
    { line: 5, platform: 'x', account: null, at: new Date('2026-12-02T17:00:00Z'), becomes: 'draft' },
    { line: 6, at: new Date('2026-11-23T08:30:00Z'), becomes: 'scheduled' },
  ]);
  expect((await maya.call.posts.list({})).posts).toEqual([]);
});

test('each bad row is named with its line, column and reason, and nothing of the file is written', async () => {
  const csv = table(
    '2026-12-01,09:30,,@nobody,,,No such account,,',
    '2026-02-30,09:30,,ada,,,No such day,,',
    '2026-12-01,9am,,ada,,,No such time,,',
    '2026-12-01,09:30,Mars/Base,ada,,,No such zone,,',
    '2026-12-01,09:30,,,friendster,,No such platform,,',
    '2020-12-01,09:30,,ada,,,Long ago,,',
    '2026-12-01,09:30,,ada,,,,,',
    `2026-12-01,09:30,,ada,,,${'long '.repeat(80)},,`,
    '2026-12-01,09:30,,ada,,,A wrong link,javascript:alert(1),',
    '2026-12-03,09:30,,ada,,,This one is fine,,',
  );
  const result = await maya.call.calendar.importCsv({ appId, csv, dryRun: false });
  expect(result.problems.map(({ line, column }) => [line, column])).toEqual([
    [2, 'account'],
    [3, 'date'],
    [4, 'time'],
    [5, 'time_zone'],
    [6, 'platform'],
    [7, 'date'],
    [8, 'text'],
    [9, 'text'],
    [10, 'link'],
  ]);
  expect(result.problems[0]?.reason).toContain('Connected: @ada (sandbox)');
  expect(result).toMatchObject({ imported: false, rows: [{ line: 11 }] });
  expect((await maya.call.posts.list({})).posts).toEqual([]);
});

test('for real it is one change; the same file again has to be meant', async () => {
  const real = await maya.call.calendar.importCsv({ appId, csv: GOOD, dryRun: false });
  expect(real).toMatchObject({ imported: true, posts: 3, scheduled: 2, importedBefore: null });
  const { items } = await maya.call.calendar.range(DECEMBER);
  expect(items.map((item) => [item.at.toISOString(), item.kind, item.title])).toEqual([
    ['2026-11-23T08:30:00.000Z', 'publication', 'Into the next free slot'],
    ['2026-12-01T14:30:00.000Z', 'publication', 'Launch'],
    ['2026-12-02T17:00:00.000Z', 'draft', 'A draft for X'],
  ]);
  const { variants, linkUrl, source } = await maya.call.posts.get({ postId: items[1]?.postId ?? '' });
  expect({ linkUrl, source }).toEqual({ linkUrl: 'https://outpost.dev/launch', source: 'import' });
  expect(variants[0]?.parts.map((part) => part.text)).toEqual([
    'Outpost is live. #webhooks #dev',
    'It keeps webhooks. {{link}}',
  ]);
  await expect(maya.call.calendar.importCsv({ appId, csv: GOOD, dryRun: false })).rejects.toMatchObject({
    data: { reason: 'already_imported' },
  });
  const dry = await maya.call.calendar.importCsv({ appId, csv: GOOD });
  expect(dry.importedBefore).toEqual(world.clock.now());
  const again = { appId, csv: GOOD, dryRun: false, again: true, evenIfSimilar: true };
  const twice = await Promise.all([maya.call.calendar.importCsv(again), maya.call.calendar.importCsv(again)]);
  expect(twice.map((one) => one.imported)).toEqual([true, true]);
});

test('what is exported is imported as the same calendar elsewhere', async () => {
  const { csv, rows } = await maya.call.calendar.exportCsv({ ...DECEMBER, appId });
  expect(rows).toBe(9);
  const other = await world.join('Another');
  const { id } = await other.call.apps.register({ url: 'outpost.dev' });
  await other.call.accounts.connectSandbox({ handle: 'ada' });
  const result = await other.call.calendar.importCsv({ appId: id, csv, dryRun: false, evenIfSimilar: true });
  expect(result.problems).toEqual([]);
  const shape = ({ items }: Awaited<ReturnType<typeof maya.call.calendar.range>>) =>
    items.map((item) => [item.at.toISOString(), item.kind, item.title, item.threadLength, item.account?.handle]).sort();
  expect(shape(await other.call.calendar.range(DECEMBER))).toEqual(shape(await maya.call.calendar.range(DECEMBER)));
  await expect(other.call.calendar.importCsv({ appId, csv })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('rows that name the same post are one post, with a text for each platform', async () => {
  const csv = [
    'post,date,time,platform,account,text',
    'a,2026-12-10,10:00,x,,Short for X',
    'a,2026-12-11,10:00,sandbox,ada,Longer for the sandbox',
  ].join('\n');
  const result = await maya.call.calendar.importCsv({ appId, csv, dryRun: false });
  expect(result).toMatchObject({ imported: true, posts: 1, scheduled: 1, drafts: 1 });
  const clash = csv.replace(',sandbox,ada,', ',x,,');
  expect((await maya.call.calendar.importCsv({ appId, csv: clash })).problems).toMatchObject([
    { line: 3, column: 'text', reason: expect.stringContaining('one text for each platform') },
  ]);
});
