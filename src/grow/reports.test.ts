import { inflateSync } from 'node:zlib';
import { extractText, getDocumentProxy } from 'unpdf';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { restateReports } from '#src/grow/reports.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { drawPng } from './reports/charts.ts';
import { chartsOf, type ReportContent } from './reports/content.ts';
import { letterHtml, letterText } from './reports/letter.ts';
import { readReport } from './reports/read.ts';
import { withoutEmoji } from './reports/words.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
const written: Record<string, string> = {};

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-23T09:41:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
  await past.tracked('2025-10-01T00:00:00Z');
  await past.account();
  for (const [day, visits, signups] of [
    ['2026-11-10', 200, 6],
    ['2026-11-17', 320, 24],
  ] as const)
    await past.insert('traffic_days', {
      app_id: past.appId,
      day,
      dimension: 'total',
      value: '',
      visits,
      visitors: visits,
      signups,
    });
  await past.signups(new Date('2026-11-10T10:00:00Z'), 6);
  await past.signups(new Date('2026-11-18T10:00:00Z'), 24);
  await past.post(new Date('2026-11-17T09:00:00Z'), { title: 'Webhooks that wait', visits: 120, signups: 3 });
  await attribute(maya.context, past.appId);
});
afterAll(async () => {
  await past.close();
  await world.close();
});

const write = async (kind: 'weekly' | 'monthly' | 'quarterly' | 'annual', periodStartsOn?: string) => {
  const { id } = await maya.call.reports.write({
    appId: past.appId,
    kind,
    ...(periodStartsOn ? { periodStartsOn } : {}),
  });
  written[kind] = id;
  return maya.call.reports.get({ reportId: id });
};
const figureIn = ({ sections }: ReportContent, key: string) =>
  sections
    .flatMap(({ blocks }) => blocks.flatMap((block) => (block.type === 'figures' ? block.figures : [])))
    .find((figure) => figure.key === key);

test('a week says what happened, what earned and what to do, in numbers the dashboards show too', async () => {
  const { title, content } = await write('weekly');
  expect(title).toBe('outpost.dev marketing summary: Week 47, 16 to 22 November 2026');
  expect(content.headline).toBe('Signups up: 24 after 6 the week before');
  expect(content.sections.map((section) => section.title)).toEqual([
    'What happened',
    'Day by day',
    'What to do next week',
    'What earned',
    'What stood out',
  ]);
  const { figures } = await maya.call.analytics.totals({
    appId: past.appId,
    range: 'custom',
    from: '2026-11-16',
    until: '2026-11-22',
  });
  expect(figureIn(content, 'visits')).toMatchObject({
    value: String(figures.visits.value),
    shown: '320',
    before: '200',
  });
  expect(figureIn(content, 'signups')).toMatchObject({ value: '24', shownBefore: '6', change: 3 });
  const posts = content.sections[3]?.blocks[0];
  expect(posts).toMatchObject({ type: 'table', rows: [['Webhooks that wait', '120', '0', '0%', '0', '$0.00']] });
});

test('each kind has a purpose of its own, and says where there is not enough data', async () => {
  const titles = ({ content }: { content: ReportContent }) => content.sections.map((section) => section.title);
  const [month, quarter, year] = [
    await write('monthly', '2026-10-01'),
    await write('quarterly', '2026-07-01'),
    await write('annual', '2025-01-01'),
  ];
  expect(titles(month)).toEqual([
    'Growth in short',
    'Funnel',
    'Recurring revenue',
    'Channels',
    'Cohorts',
    'Spend and return',
    'Experiments',
  ]);
  expect(titles(quarter)).toContain('Targets against results');
  expect(titles(year)).toContain('Proposal for the next year');
  expect(figureIn(month.content, 'churn')).toMatchObject({
    value: null,
    shown: 'not enough data',
    missing: 'A rate needs 30 paying customers at the beginning; there were 0.',
  });
  const shared = new Set(titles(month)).intersection(new Set([...titles(quarter), ...titles(year)]));
  expect([...shared]).toEqual([]);
});

test('its charts are drawn on the server: as SVG for the page, as PNG with letters in it', async () => {
  const { charts } = await maya.call.reports.charts({ reportId: written.weekly!, scheme: 'dark', width: 'narrow' });
  expect(charts.map(({ key }) => key)).toEqual(['visits-day']);
  expect(charts[0]?.svg).toMatch(/^<svg width="340"[\s\S]*16 Nov[\s\S]*#8080f5/);
  const { content } = await maya.call.reports.get({ reportId: written.weekly! });
  const [chart] = chartsOf(content);
  const drawn = pixelsOf((await drawPng(chart!)).png);
  const mute = pixelsOf(
    (
      await drawPng({
        ...chart!,
        labels: chart!.labels.map(() => ''),
        series: chart!.series.map((one) => ({ ...one, name: ' ' })),
      })
    ).png,
  );
  expect(drawn).toMatchObject({ width: 1440, height: 440 });
  expect(drawn.coloured([91, 91, 214])).toBeGreaterThan(1000);
  // Without a font nothing is written and nothing is said: with the words there must be more ink.
  expect(drawn.inked() - mute.inked()).toBeGreaterThan(500);
});

test('as a document it has selectable text, an outline and page numbers', async () => {
  const { name, base64 } = await maya.call.reports.pdf({ reportId: written.monthly! });
  expect(name).toBe('monthly-2026-10-01.pdf');
  const document = await getDocumentProxy(new Uint8Array(Buffer.from(base64, 'base64')));
  const { totalPages, text } = await extractText(document, { mergePages: true });
  expect(totalPages).toBeGreaterThan(1);
  const read = text.replaceAll(/\s+/g, ' ');
  expect(read).toContain('outpost.dev growth report: October 2026');
  expect(read).toContain('A rate needs 30 paying customers at the beginning; there were 0.');
  expect(read).toContain(`Page ${totalPages} of ${totalPages}`);
  // Long names are whole, not cut to the width of their column.
  expect(read).toContain('Customers lost, of those at the beginning');
  const outline = (await document.getOutline()) as { title: string }[];
  expect(outline.map(({ title }) => title).slice(0, 3)).toEqual(['Growth in short', 'Funnel', 'Recurring revenue']);
});

test('in plain text nothing is cut; on a phone each number of a wide table has its name', async () => {
  const around = { readUrl: 'https://fanfare.example/reports/1', leaveUrl: null };
  const { report, wide } = await transaction(maya.context, async (inside) => ({
    report: await readReport(inside, written.annual!),
    wide: await readReport(inside, written.weekly!),
  }));
  const text = letterText(report, around);
  expect(text).toMatch(/^Months until a customer has paid for itself {2}not enough data {2}Nothing was spent\.$/m);
  expect(text).toMatch(/^What a new subscriber pays in three years {2}not enough data\n {2}0 of the 30 customers/m);
  expect(text).not.toContain('…');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const html = letterHtml(wide, around, ({ key }) => key);
  expect(html).toMatch(
    /<table class="many"[\s\S]*<span class="name" style="display:none;mso-hide:all">Visits <\/span>120</,
  );
});

test('emoji leave a document without an empty box', () => {
  expect(['Launch 🚀 day', '🎉 1.0', '1 of 3 © ☂️ end'].map(withoutEmoji)).toEqual([
    'Launch day',
    '1.0',
    '1 of 3 © end',
  ]);
});

test('it is frozen: what is counted otherwise later stands beside it with its date, once', async () => {
  const reportId = written.weekly!;
  const before = await maya.call.reports.get({ reportId });
  await past.query(`update traffic_days set visits = 322 where day = '2026-11-17' and dimension = 'total'`);
  expect(await restateReports(maya.context)).toBe(0);
  await past.query(`update traffic_days set visits = 250 where day = '2026-11-17' and dimension = 'total'`);
  world.clock.forward('1 d');
  expect(await restateReports(maya.context)).toBe(1);
  expect(await restateReports(maya.context)).toBe(0);
  world.clock.forward('1 h');
  await maya.call.reports.correct({ reportId, text: 'Bots were taken out.' });
  const after = await maya.call.reports.get({ reportId });
  expect(after.content).toEqual(before.content);
  expect(after.tolerance).toContain('more than 1%');
  expect(after.corrections).toMatchObject([
    {
      source: 'recount',
      correctedAt: new Date('2026-11-24T09:41:00Z'),
      text: 'Counted again: Visits 320 → 250.',
      changes: [{ key: 'visits', was: '320', now: '250' }],
    },
    { source: 'person', text: 'Bots were taken out.', changes: [] },
  ]);
  expect((await maya.call.reports.write({ appId: past.appId, kind: 'weekly' })).isNew).toBe(false);
});

test('another workspace finds none of it', async () => {
  const reportId = written.weekly!;
  await expect(rival.call.reports.get({ reportId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.reports.pdf({ reportId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.reports.correct({ reportId, text: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.reports.write({ appId: past.appId, kind: 'weekly' })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

/** A PNG of eight bits a channel without interlacing, unfiltered (RFC 2083). */
function pixelsOf(png: Buffer) {
  const [width, height] = [png.readUInt32BE(16), png.readUInt32BE(20)];
  const channels = png[25] === 6 ? 4 : 3;
  const parts: Buffer[] = [];
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12)
    if (png.toString('latin1', at + 4, at + 8) === 'IDAT')
      parts.push(png.subarray(at + 8, at + 8 + png.readUInt32BE(at)));
  const packed = inflateSync(Buffer.concat(parts));
  const row = width * channels;
  const pixels = Buffer.alloc(row * height);
  for (let y = 0; y < height; y++) {
    const [filter, from, to] = [packed[y * (row + 1)]!, y * (row + 1) + 1, y * row];
    for (let x = 0; x < row; x++) {
      const left = x < channels ? 0 : pixels[to + x - channels]!;
      const up = y === 0 ? 0 : pixels[to + x - row]!;
      const corner = x < channels || y === 0 ? 0 : pixels[to + x - row - channels]!;
      pixels[to + x] = packed[from + x]! + guess(filter, left, up, corner);
    }
  }
  const count = (fits: (at: number) => boolean) => {
    let found = 0;
    for (let at = 0; at < pixels.length; at += channels) if (fits(at)) found += 1;
    return found;
  };
  return {
    width,
    height,
    coloured: (rgb: number[]) => count((at) => rgb.every((value, channel) => pixels[at + channel] === value)),
    inked: () => count((at) => pixels[at]! < 200),
  };
}

function guess(filter: number, left: number, up: number, corner: number): number {
  if (filter < 2) return filter * left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const [a, b, c] = [Math.abs(up - corner), Math.abs(left - corner), Math.abs(left + up - 2 * corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}
