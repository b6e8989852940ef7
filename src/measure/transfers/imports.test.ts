import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { letOwnDaysWin } from '#src/measure/rollups/imported-days.ts';
import { continueTransfers, keepUpload } from '#src/measure/transfers.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { writeZip } from './zip-write.ts';

let world: TestWorld;
let maya: Person;
let owner: pg.Client;
let folder: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  folder = await mkdtemp(join(tmpdir(), 'fanfare-imports-'));
  maya = await world.join();
  owner = new pg.Client(world.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await rm(folder, { recursive: true, force: true });
  await world.close();
});

let apps = 0;
const newApp = async () => (await maya.call.apps.register({ url: `https://import${++apps}.example` })).id;
const rows = async <T extends object>(text: string, values: unknown[]) => (await owner.query<T>(text, values)).rows;

async function zipped(files: Record<string, string>): Promise<Readable> {
  const path = join(folder, `${Math.random()}.zip`);
  const zip = await writeZip(path);
  for (const [name, text] of Object.entries(files)) await zip.add(name, Readable.from([Buffer.from(text)]));
  await zip.finish();
  return createReadStream(path);
}

type Wanted = Omit<Parameters<Person['call']['transfers']['start']>[0], 'transferId'>;

/** Sends a file, brings it in, and tells what came of it. */
async function bring(file: string | Readable, wanted: Wanted, name = 'file.csv') {
  const pieces = typeof file === 'string' ? Readable.from([Buffer.from(file)]) : file;
  const { id: transferId } = await keepUpload(maya.context, name, pieces);
  await maya.call.transfers.start({ transferId, ...wanted });
  await world.drain();
  const done = await maya.call.transfers.get({ transferId });
  const failed = await rows<{ message: string }>(`select message from flow_runs where outcome = 'failed'`, []);
  expect(failed).toEqual([]);
  const { refusals } = await maya.call.transfers.refusals({ transferId });
  return { ...done, refusals };
}

const tweet = (id: string, text: string, more: object = {}) => ({
  tweet: {
    id_str: id,
    id,
    full_text: text,
    created_at: 'Wed Oct 08 20:19:24 +0000 2025',
    favorite_count: '12',
    retweet_count: '3',
    entities: { urls: [], media: [] },
    ...more,
  },
});
const js = (name: string, list: object[]) => `window.YTD.${name} = ${JSON.stringify(list, null, 1)}`;
const accountJs = js('account.part0', [
  { account: { accountId: '42', username: 'maya', accountDisplayName: 'Maya [L]' } },
]);

test('an X archive becomes published posts with their numbers, threads whole, replies apart', async () => {
  const appId = await newApp();
  const files = {
    'data/account.js': accountJs,
    'data/tweets.js': js('tweets.part0', [
      tweet('1003', 'third part', { in_reply_to_status_id_str: '1002', in_reply_to_user_id_str: '42' }),
      tweet('1002', 'second part', { in_reply_to_status_id_str: '1001', in_reply_to_user_id_str: '42' }),
      tweet('1001', 'How I built it &amp; why: https://t.co/a', {
        entities: { urls: [{ url: 'https://t.co/a', expanded_url: 'https://import.example/why' }] },
      }),
      tweet('1010', 'RT @other: look'),
      tweet('1011', '@other thanks', { in_reply_to_status_id_str: '9', in_reply_to_user_id_str: '7' }),
      tweet('1012', 'a long one that X cut off after so many charac… https://t.co/z', {
        created_at: 'Wed Oct 08 21:00:00 +0000 2025',
      }),
    ]),
    'data/tweets-part1.js': js('tweets.part1', [
      tweet('1020', 'with a picture https://t.co/p', {
        entities: { media: [{ url: 'https://t.co/p' }] },
        extended_entities: { media: [{ id: 1 }] },
      }),
      { tweet: { id_str: 'x' } },
    ]),
    'data/note-tweet.js': js('note_tweet.part0', [
      {
        noteTweet: {
          noteTweetId: '5',
          createdAt: '2025-10-08T21:00:00.000Z',
          core: { text: 'a long one that X cut off after so many characters, and this is the rest "[{' },
        },
      },
    ]),
  };
  const first = await bring(await zipped(files), { appId }, 'twitter.zip');
  expect(first).toMatchObject({ format: 'x_archive', state: 'done', rowsDone: 6, rowsRefused: 1 });
  expect(first.refusals).toEqual([{ file: '', line: 8, reason: expect.stringMatching(/not in the form of a post/) }]);
  expect(first.summary.join(' ')).toMatch(/1 replies to others are kept apart as answers, 1 reposts/);
  const posts = await rows<{ source: string; status: string; text: string; likes: string; at: Date; n: string }>(
    `select p.source, p.status, pp.text, m.likes, pp.published_at as at, pp.position as n
     from posts p join publications u on u.post_id = p.id join publication_parts pp on pp.publication_id = u.id
     join post_metrics m on m.publication_part_id = pp.id where p.app_id = $1 order by pp.platform_id`,
    [appId],
  );
  expect(posts.map(({ source, text, n }) => [source, Number(n), text])).toEqual([
    ['import', 0, 'How I built it & why: https://import.example/why'],
    ['import', 1, 'second part'],
    ['import', 2, 'third part'],
    ['reply', 0, '@other thanks'],
    ['import', 0, 'a long one that X cut off after so many characters, and this is the rest "[{'],
    ['import', 0, 'with a picture'],
  ]);
  expect(posts[0]).toMatchObject({ status: 'published', likes: '12', at: new Date('2025-10-08T20:19:24Z') });
  const again = await bring(await zipped(files), { appId }, 'twitter.zip');
  expect(again).toMatchObject({ state: 'done', rowsDone: 0, rowsKnown: 6 });
  expect(await rows(`select 1 from posts where app_id = $1`, [appId])).toHaveLength(4);
});

test('an X archive whose account cannot be read is refused in words, and a broken long post is passed over', async () => {
  const appId = await newApp();
  const sent = async (files: Record<string, string>) => {
    const { id: transferId } = await keepUpload(maya.context, 'twitter.zip', await zipped(files));
    return maya.call.transfers.preview({ transferId });
  };
  const tweets = js('tweets.part0', [tweet('2001', 'one')]);
  await expect(sent({ 'data/account.js': '[{x}]', 'data/tweets.js': tweets })).rejects.toThrow(/whose archive/);
  const files = { 'data/account.js': accountJs, 'data/tweets.js': tweets, 'data/note-tweet.js': '[{x}]' };
  expect(await bring(await zipped(files), { appId }, 'twitter.zip')).toMatchObject({ state: 'done', rowsDone: 1 });
});

const PLAUSIBLE = {
  'imported_visitors_20261001_20261002.csv':
    'date,visitors,pageviews,bounces,visits,visit_duration\n2026-10-01,10,30,4,12,600\n2026-10-02,5,9,1,6,60\n2026-10-40,1,1,1,1,1\n2026-11-21,7,7,7,7,7\n',
  'imported_pages_20261001_20261002.csv':
    'date,hostname,page,visits,visitors,pageviews\n2026-10-01,a.example,/,8,8,20\n2026-10-01,a.example,"/a,b",4,4,10\n',
  'imported_entry_pages_20261001_20261002.csv':
    'date,entry_page,visitors,entrances,visit_duration,bounces,pageviews\n2026-10-01,/,10,12,600,4,30\n',
  'imported_sources_20261001_20261002.csv':
    'date,source,referrer,utm_source,utm_medium,utm_campaign,utm_content,utm_term,pageviews,visitors,visits,visit_duration,bounces\n2026-10-01,Google,google.com,,,,,,20,6,8,300,2\n2026-10-01,Direct / None,,,,,,,10,4,4,300,2\n',
  'imported_browsers_20261001_20261002.csv':
    'date,browser,browser_version,visitors,visits,visit_duration,bounces,pageviews\n2026-10-01,Chrome,141,6,7,300,2,20\n2026-10-01,Chrome,140,4,5,300,2,10\n',
  'imported_custom_events_20261001_20261002.csv': 'date,name,link_url,path,visitors,events\n2026-10-01,Signup,,/,2,3\n',
};

test('days of Plausible stand in the totals up to the first own day, and never beside own visits', async () => {
  const appId = await newApp();
  const first = await bring(await zipped(PLAUSIBLE), { appId }, 'plausible.zip');
  expect(first).toMatchObject({ format: 'plausible', state: 'done', rowsRefused: 1 });
  expect(first.refusals[0]).toMatchObject({ file: 'imported_visitors_20261001_20261002.csv', line: 4 });
  const totals = () =>
    rows<{ day: string; visits: number; views: number }>(
      `select day::text, visits, views from traffic_days where app_id = $1 and dimension = 'total' order by day`,
      [appId],
    );
  expect(await totals()).toEqual([
    { day: '2026-10-01', visits: 12, views: 30 },
    { day: '2026-10-02', visits: 6, views: 9 },
    { day: '2026-11-21', visits: 7, views: 7 },
  ]);
  const values = await rows<{ what: string }>(
    `select concat_ws(' ', dimension, value, visits, views) as what from traffic_days
     where app_id = $1 and day = '2026-10-01' order by dimension collate "C", value collate "C"`,
    [appId],
  );
  expect(values.map(({ what }) => what)).toEqual([
    'browser Chrome 12 30',
    'channel Direct 4 10',
    'channel Organic Search 8 20',
    'event Signup 0 3',
    'medium (none) 4 10',
    expect.stringMatching(/^medium (organic|search) 8 20$/),
    'path / 12 20',
    'path /a,b 0 10',
    'referrer google.com 8 20',
    'source Direct 4 10',
    'source Google 8 20',
    'total  12 30',
  ]);
  expect(await bring(await zipped(PLAUSIBLE), { appId }, 'plausible.zip')).toMatchObject({
    state: 'done',
    rowsDone: 0,
  });
  expect(await totals()).toHaveLength(3);

  // Own visits, also imported ones, of 2 October on.
  const csv = `time,visitor,path\n2026-10-02T10:00:00Z,v1,/\n`;
  const events = await bring(csv, { appId, content: 'events' });
  expect(events.summary.join(' ')).toMatch(/Own visits are counted since 2026-10-02/);
  expect(await totals()).toEqual([
    { day: '2026-10-01', visits: 12, views: 30 },
    { day: '2026-10-02', visits: 1, views: 1 },
  ]);
  await transaction(maya.context, (inside) => letOwnDaysWin(inside));
  expect(await totals()).toHaveLength(2);
});

test('rows of Umami become visits and events in whatever order they stand, once', async () => {
  const appId = await newApp();
  const head =
    'website_id,session_id,visit_id,event_id,hostname,browser,os,device,country,url_path,url_query,referrer_domain,event_type,event_name,created_at';
  const csv = [
    head,
    'w,s1,v1,11111111-1111-4111-8111-111111111111,import.example,chrome,Mac OS,mobile,DE,/pricing,,,1,,2026-10-01 10:05:00',
    'w,s1,v1,,import.example,chrome,Mac OS,mobile,DE,/,utm_source=x,t.co,1,,2026-10-01 10:00:00',
    'w,s1,v1,,import.example,chrome,Mac OS,mobile,DE,/pricing,,,2,clicked,2026-10-01 10:06:00',
    'w,s2,v2,,import.example,firefox,Linux,desktop,FR,/,,,1,,yesterday',
    'w,s1,v3,,import.example,chrome,Mac OS,mobile,DE,/,,,1,,2026-10-01 12:00:00',
    'w,s3',
  ].join('\n');
  const first = await bring(csv, { appId });
  expect(first).toMatchObject({ format: 'umami', state: 'done', rowsDone: 4, rowsRefused: 2, message: null });
  expect(first.refusals.map(({ line }) => line)).toEqual([5, 7]);
  const visits = await rows(
    `select source, device, browser, system, country, views, events, entry_path, exit_path from visits where app_id = $1 order by started_at`,
    [appId],
  );
  expect(visits).toEqual([
    {
      source: 'X',
      device: 'phone',
      browser: 'Chrome',
      system: 'macOS',
      country: 'DE',
      views: 2,
      events: 1,
      entry_path: '/',
      exit_path: '/pricing',
    },
    expect.objectContaining({ views: 1, events: 0 }),
  ]);
  expect(await rows(`select distinct origin from events where app_id = $1`, [appId])).toEqual([{ origin: 'import' }]);
  await owner.query('delete from event_ids');
  expect(await bring(csv, { appId })).toMatchObject({ state: 'done', rowsDone: 0, rowsKnown: 4 });
  expect(await rows(`select 1 from events where app_id = $1`, [appId])).toHaveLength(4);
  const zip = await zipped({
    'website_event.csv': 'session_id,url_path,event_type,created_at\ns9,/zip,1,2026-10-03T00:00:00Z\n',
    'session.csv': 'session_id,browser,os,device,country\ns9,safari,iOS,mobile,US\n',
  });
  await bring(zip, { appId }, 'umami.zip');
  expect(await rows(`select browser, country from visits where app_id = $1 and entry_path = '/zip'`, [appId])).toEqual([
    { browser: 'Safari', country: 'US' },
  ]);
});

test('a report of Google Analytics is read by its days; one without days is refused in words', async () => {
  const appId = await newApp();
  const report = [
    '# ----------------------------------------',
    '# Pages and screens',
    '# Start date: 20261001',
    '# End date: 20261002',
    '# ----------------------------------------',
    '',
    'Date,Session source / medium,Active users,Sessions,Views,Engaged sessions',
    '20261001,google / organic,5,"1,006",9,1000',
    '20261001,(direct) / (none),2,2,2,2',
    '20261002,newsletter / email,x,1,1,1',
    ',,7,8,11,6,Grand total',
    '',
    'Nth day,Active users,Sessions,Views',
    '0000,6,7,11',
    '0001,3,3,3',
    '',
  ].join('\n');
  const done = await bring(report, { appId }, 'report.csv');
  expect(done).toMatchObject({ format: 'google_analytics', state: 'done', rowsRefused: 1 });
  expect(done.refusals).toEqual([{ file: 'report.csv', line: 10, reason: expect.stringMatching(/“x” is no count/) }]);
  const found = await rows<{ what: string }>(
    `select concat_ws(' ', day, dimension, value, visitors, visits, views, bounces) as what from imported_days where app_id = $1
     and dimension in ('total', 'source') order by 1`,
    [appId],
  );
  expect(found.map(({ what }) => what)).toEqual([
    '2026-10-01 source Direct 2 2 2 0',
    '2026-10-01 source Google 5 1006 9 6',
    '2026-10-01 total  6 7 11 0',
    '2026-10-02 total  3 3 3 0',
  ]);
  const without = '# Start date: 20261001\n# End date: 20261031\nCountry,Active users\nGermany,5\n';
  await expect(bring(without, { appId })).rejects.toThrow(/no days.*dimension Date/s);
});

test('a CSV tells what it is, says what is missing, and takes every content once', async () => {
  const appId = await newApp();
  const payments =
    'id;Created (UTC);Amount;Currency;Customer Email\nch_1;2026-10-01 10:00:00;19.99;eur;a@example.com\nch_2;2026-10-02;12,5;eur;\nch_3;2026-10-03;1.5;JPY;\n';
  const first = await bring(payments, { appId });
  expect(first).toMatchObject({ format: 'csv', content: 'payments', state: 'done', rowsDone: 1, rowsRefused: 2 });
  expect(first.refusals.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/“12,5” is no amount/),
    expect.stringMatching(/“1.5” is no amount in JPY/),
  ]);
  expect(await bring(payments, { appId })).toMatchObject({ rowsDone: 0, rowsKnown: 1 });
  await world.drain();
  expect(await rows(`select amount_minor, currency from payments where app_id = $1`, [appId])).toEqual([
    { amount_minor: '1999', currency: 'EUR' },
  ]);

  const signups = 'user_id,signed_up_at,email\np1,2026-10-01T10:00:00Z,b@example.com\np2,2024-01-01T10:00:00Z,\n';
  const second = await bring(signups, { appId, content: 'conversions' });
  expect(second).toMatchObject({ rowsDone: 1, rowsRefused: 1 });
  expect(second.refusals[0]?.reason).toMatch(/more than a year back/);
  expect(await bring(signups, { appId, content: 'conversions' })).toMatchObject({ rowsDone: 0, rowsKnown: 1 });

  const costs = 'date,amount,currency,channel,note\n2026-10-01,12.50,EUR,,ads\n2026-10-01,1,EUR,Nowhere,\n';
  expect(await bring(costs, { appId })).toMatchObject({ content: 'costs', rowsDone: 1, rowsRefused: 1 });
  expect(await bring(costs, { appId })).toMatchObject({ rowsDone: 0, rowsKnown: 1 });

  const metrics =
    'Post Link,Impressions,Likes\nhttps://x.com/maya/status/1001,5000,99\nhttps://x.com/maya/status/77,1,1\n';
  expect(await bring(metrics, { appId })).toMatchObject({ content: 'post_metrics', rowsDone: 1, rowsRefused: 1 });
  expect(
    await rows(
      `select impressions, likes, reposts from post_metrics m join publication_parts p on p.id = m.publication_part_id where platform_id = '1001'`,
      [],
    ),
  ).toEqual([{ impressions: '5000', likes: '99', reposts: '3' }]);

  const odd = 'When,Who\n2026-10-05T10:00:00Z,v1\nnever,v2\n2026-10-05T10:01:00Z\n';
  const { id: transferId } = await keepUpload(maya.context, 'odd.csv', Readable.from([Buffer.from(odd)]));
  expect(await maya.call.transfers.preview({ transferId, content: 'events' })).toMatchObject({
    head: ['When', 'Who'],
    missing: ['time', 'visitor'],
    rows: [['2026-10-05T10:00:00Z', 'v1'], ['never', 'v2'], ['2026-10-05T10:01:00Z']],
  });
  await expect(maya.call.transfers.start({ transferId, appId })).rejects.toThrow(/Say what the rows are/);
  await expect(maya.call.transfers.start({ transferId, appId, content: 'events' })).rejects.toThrow(/time, visitor/);
  await maya.call.transfers.start({ transferId, appId, content: 'events', columns: { time: 'When', visitor: 'Who' } });
  await world.drain();
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({ state: 'done', rowsDone: 1, rowsRefused: 2 });
});

test('bad encodings, endless lines and quotation marks without an end are refused in words', async () => {
  const appId = await newApp();
  await expect(
    bring(Readable.from([Buffer.from('time,visitor\n2026-10-01,caf\xe9\n', 'latin1')]), { appId }),
  ).rejects.toThrow(/CSV UTF-8/);
  await expect(bring(`time,visitor\n${'x'.repeat(1_100_000)}`, { appId })).rejects.toThrow(/Line 2 is too long/);
  await expect(bring('', { appId })).rejects.toThrow(/empty/);
  const open = await bring(
    'time,visitor\n2026-10-01,a\n2026-10-01,"b\n2026-10-02,c\n2026-10-03,d\n2026-10-04,e\n2026-10-05,f\n2026-10-06,g\n2026-10-07,h\n',
    { appId },
  ).catch((error: Error) => ({ message: error.message }));
  expect(open.message).toMatch(/quotation mark/);
});

test('an import that a dead process left goes on where it was, one that lives is left alone', async () => {
  const appId = await newApp();
  const lines = Array.from(
    { length: 1400 },
    (_, at) => `2026-09-0${1 + (at % 9)}T10:00:${String(at % 60).padStart(2, '0')}Z,v${at},/p${at}`,
  );
  const { id: transferId } = await keepUpload(
    maya.context,
    'a.csv',
    Readable.from([Buffer.from(`time,visitor,path\n${lines.join('\n')}\n`)]),
  );
  await maya.call.transfers.start({ transferId, appId });
  // It had read the first thousand rows and set them aside when it was killed; another one is said to work on it.
  const left = (until: string) =>
    owner.query(
      `update transfers set state = 'running', claimed_until = $2, place = '{"step":"reading","line":1001}' where id = $1`,
      [transferId, until],
    );
  await left('2026-11-22T09:04:00Z');
  await world.drain();
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({ state: 'running', rowsDone: 0 });
  await left('2026-11-22T08:59:00Z');
  await continueTransfers(maya.context);
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({ state: 'done', rowsDone: 400, rowsRefused: 0 });
  await owner.query(`update transfers set state = 'running', place = '{"step":"storing","line":0}' where id = $1`, [
    transferId,
  ]);
  await continueTransfers(maya.context);
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({ state: 'done', rowsDone: 400 });
  expect(await rows(`select 1 from events where app_id = $1`, [appId])).toHaveLength(400);
  // A week later the file is gone; what came of it stays on record.
  world.clock.forward('8 d');
  await continueTransfers(maya.context);
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({ hasFile: false, rowsDone: 400 });
  world.clock.set('2026-11-22T09:00:00Z');
});

test('an import that was cancelled stops, and nobody else sees it', async () => {
  const appId = await newApp();
  const csv = 'time,visitor,path\n2026-09-01T10:00:00Z,v1,/\n';
  const { id: transferId } = await keepUpload(maya.context, 'a.csv', Readable.from([Buffer.from(csv)]));
  await maya.call.transfers.start({ transferId, appId });
  await maya.call.transfers.cancel({ transferId });
  await world.drain();
  expect(await maya.call.transfers.get({ transferId })).toMatchObject({
    state: 'cancelled',
    rowsDone: 0,
    hasFile: false,
  });
  const other = await world.join('Nina Berg');
  await expect(other.call.transfers.get({ transferId })).rejects.toThrow(/no import or export/);
  const viewer = await world.join('Vera Klein', 'viewer');
  await expect(viewer.call.transfers.list({})).rejects.toThrow(/editor/);
});
