/**
 * Every question of the dashboards over 30 and 90 days, beside the same question on raw events in the same run; filters
 * beside a scan of all visits of the months; what an event costs on disk, the server in memory, the page on its first
 * load. Sizes one after the other, then how each question grew with them.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import pg from 'pg';
import { transaction } from '#src/context.ts';
import { ensureCounted } from '#src/measure/attribution/days.ts';
import { closeTraffic } from '#src/measure/rollups/close.ts';
import { funnels } from './funnel.ts';
import { openHouse } from './house.ts';
import { fillTraffic } from './traffic.ts';

type House = Awaited<ReturnType<typeof openHouse>>;
type Range = '30d' | '90d';
const ZONE = 'Europe/Berlin';
const RANGES: readonly Range[] = ['30d', '90d'];

/** A question as the page asks it, and as it would be asked of the raw events: SQL with $1 workspace, $2 app, $3 since. */
export type Question = { name: string; ask(house: House, range: Range): Promise<unknown>; raw: string };

/** Milliseconds by question and range. */
type Times = Map<string, Record<Range, { ours: number; raw: number }>>;

const EVENTS = `events e where e.workspace_id = $1 and e.app_id = $2 and e.occurred_at >= $3`;
const JOINED = `events e join visits v on v.workspace_id = e.workspace_id and v.app_id = e.app_id and v.id = e.visit_id
  where e.workspace_id = $1 and e.app_id = $2 and e.occurred_at >= $3 and v.agent_class in ('human', 'unsure')`;
const by = (dimension: string, column: string, name: string): Question => ({
  name,
  ask: ({ call, appId }, range) => call.analytics.breakdown({ appId, range, dimension: dimension as 'path' }),
  raw: `select ${column}, count(distinct e.visit_id), count(*) from ${JOINED} group by 1 order by 2 desc limit 10`,
});

export const questions: Question[] = [
  {
    name: 'totals',
    ask: ({ call, appId }, range) => call.analytics.totals({ appId, range }),
    raw: `select count(distinct v.visitor), count(distinct e.visit_id), count(*) from ${JOINED} and e.kind = 'pageview'`,
  },
  {
    name: 'by day',
    ask: ({ call, appId }, range) =>
      call.analytics.series({ appId, range, measures: ['visitors', 'views', 'revenue'] }),
    raw: `select (e.occurred_at at time zone '${ZONE}')::date, count(distinct e.visit_id), count(*) from ${EVENTS} group by 1`,
  },
  {
    ...by('path', 'e.path', 'top pages'),
    raw: `select e.path, count(*), count(distinct e.visit_id) from ${EVENTS} and e.kind = 'pageview' group by 1 order by 2 desc limit 10`,
  },
  by('entry', 'v.entry_path', 'entry pages'),
  by('exit', 'v.exit_path', 'exit pages'),
  by('source', 'v.source', 'sources'),
  by('channel', 'v.channel', 'channels'),
  by('referrer', 'v.referrer_host', 'referrers'),
  by('campaign', 'v.utm_campaign', 'campaigns'),
  by('country', 'v.country', 'countries'),
  by('browser', 'v.browser', 'browsers'),
  by('post', 'v.post_id', 'posts'),
  {
    name: 'events',
    ask: ({ call, appId }, range) => call.analytics.events({ appId, range }),
    raw: `select e.kind, count(*) from ${EVENTS} and e.kind <> 'pageview' group by 1`,
  },
  {
    name: 'bots',
    ask: ({ call, appId }, range) => call.analytics.agents({ appId, range }),
    raw: `select v.agent_class, v.agent_name, v.started_at::date, count(*) from visits v
      where v.workspace_id = $1 and v.app_id = $2 and v.started_at >= $3 and v.agent_class <> 'human' group by 1, 2, 3`,
  },
  {
    name: 'hours of the week',
    ask: ({ call, appId }, range) => call.analytics.week({ appId, range }),
    raw: `select extract(isodow from e.occurred_at), extract(hour from e.occurred_at), count(distinct e.visit_id) from ${EVENTS} group by 1, 2`,
  },
  {
    name: 'home',
    ask: ({ call, appId }, range) => call.dashboards.home({ appId, range }),
    raw: `select v.post_id, count(distinct e.visit_id), count(*) from ${JOINED} group by 1`,
  },
  {
    name: 'overview',
    ask: ({ call, appId }, range) => call.dashboards.overview({ appId, range }),
    raw: `select count(distinct v.visitor), count(distinct e.visit_id), count(*) from ${JOINED}`,
  },
  {
    name: 'attribution by post',
    ask: ({ call, appId }, range) => call.attribution.compare({ appId, range, by: 'post' }),
    raw: `select v.post_id, count(*) from ${JOINED} and exists (select from conversions c
      where c.workspace_id = v.workspace_id and c.visit_id = v.id and c.occurred_at >= $3) group by 1`,
  },
  {
    name: 'live',
    ask: ({ call, appId }) => call.analytics.live({ appId }),
    raw: `select count(distinct e.visit_id) from ${EVENTS} and e.occurred_at >= now() - interval '30 minutes'`,
  },
];

/** Beside a sequential scan of the visits (and for pages and events also of the events) of the same months. */
const VISITS_SCAN = `select count(*) from visits v where v.workspace_id = $1 and v.app_id = $2 and v.started_at >= $3 and v.agent_class <> 'bot'`;
const EVENTS_SCAN = `select count(*) from ${EVENTS} and e.path is not null`;
const is = (dimension: string, value: string) => [
  { dimension: dimension as 'path', operator: 'is' as const, values: [value] },
];

export const filtered: Question[] = [
  {
    name: 'channel: totals',
    ask: ({ call, appId }, range) => call.analytics.totals({ appId, range, filters: is('channel', 'Organic Social') }),
    raw: VISITS_SCAN,
  },
  {
    name: 'country: by day',
    ask: ({ call, appId }, range) => call.analytics.series({ appId, range, filters: is('country', 'DE') }),
    raw: VISITS_SCAN,
  },
  {
    name: 'device: sources',
    ask: ({ call, appId }, range) =>
      call.analytics.breakdown({ appId, range, dimension: 'source', filters: is('device', 'mobile') }),
    raw: VISITS_SCAN,
  },
  {
    name: 'page seen: totals',
    ask: ({ call, appId }, range) => call.analytics.totals({ appId, range, filters: is('path', '/page-3') }),
    raw: EVENTS_SCAN,
  },
  {
    name: 'event done: sources',
    ask: ({ call, appId }, range) =>
      call.analytics.breakdown({ appId, range, dimension: 'source', filters: is('event', 'cta_click') }),
    raw: EVENTS_SCAN,
  },
];

/** `keep`: a folder in which the filled database of each size stays, and is opened again the next time. */
export async function dashboards(sizes: readonly number[], keep?: string): Promise<void> {
  const all: { events: number; times: Times }[] = [];
  for (const events of sizes) {
    const house = await openHouse({}, keep === undefined ? undefined : join(resolve(keep), String(events)));
    try {
      console.log(`\n${words(events)} events over 90 days, four fifths of them one app's`);
      const begun = performance.now();
      if (!house.filled) await fill(house, events);
      console.log(house.filled ? '  filled before' : `  filled in ${Math.round((performance.now() - begun) / 1000)} s`);
      const times = await measure(house, questions, 9);
      table(times, 'the question, median ms', 'on raw events', 50);
      for (const [name, each] of await measure(house, filtered, 3)) times.set(name, each);
      table(
        new Map([...times].filter(([name]) => filtered.some((one) => one.name === name))),
        'filters',
        'a scan',
        1000,
      );
      const walked = await measure(house, funnels, 3);
      for (const [name, each] of walked) times.set(name, each);
      table(walked, 'funnels of three steps', 'a scan', 2000);
      await yearOfHome(house);
      await storage(house, events);
      await memory(house);
      all.push({ events, times });
    } finally {
      await house.close();
    }
  }
  growth(all);
  await firstLoad();
}

export async function fill(house: House, events: number): Promise<void> {
  const appIds = [house.appId];
  for (let app = 1; app < 5; app += 1)
    appIds.push((await house.call.apps.register({ url: `https://bench${app}.example` })).id);
  const { workspaceId } = house.context;
  await house.call.workspaces.update({ timeZone: ZONE });
  const until = new Date();
  await fillTraffic(house.owner, { workspaceId, appIds, timeZone: ZONE }, { events, until });
  for (const appId of appIds) await transaction(house.context, (inside) => ensureCounted(inside, appId));
  await closeTraffic(house.context);
  await house.remember(until);
}

async function measure(house: House, those: readonly Question[], times: number): Promise<Times> {
  const found: Times = new Map();
  const client = new pg.Client(house.owner);
  await client.connect();
  try {
    for (const question of those) {
      const row = { '30d': { ours: 0, raw: 0 }, '90d': { ours: 0, raw: 0 } };
      for (const range of RANGES) {
        const since = new Date(house.now().getTime() - Number.parseInt(range, 10) * 86_400_000);
        const values = [house.context.workspaceId, house.appId, since];
        row[range].ours = await median(times, () => question.ask(house, range));
        row[range].raw = await once(() => client.query(question.raw, values));
      }
      found.set(question.name, row);
    }
  } finally {
    await client.end();
  }
  return found;
}

/** The first time is not counted: it fetches what the next ones find in memory. */
async function median(times: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  const all: number[] = [];
  for (let time = 0; time < times; time += 1) {
    all.push(await once(run));
  }
  return all.sort((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
}

async function once(run: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await run();
  return performance.now() - begun;
}

function table(times: Times, ours: string, raw: string, target: number): void {
  console.log(
    `  ${ours.padEnd(28)}${'30 d'.padStart(9)}${'90 d'.padStart(9)}   ${raw.padEnd(24)}   ratio   (target ${target} ms)`,
  );
  for (const [name, row] of times) {
    const cell = (value: number) => value.toFixed(1).padStart(9);
    const ratios = RANGES.map((range) => `${Math.round(row[range].raw / row[range].ours)} x`).join(' / ');
    const over = RANGES.some((range) => row[range].ours > target) ? '  over' : '';
    console.log(
      `  ${name.padEnd(28)}${cell(row['30d'].ours)}${cell(row['90d'].ours)}   ${cell(row['30d'].raw)} / ${cell(row['90d'].raw)}    ${ratios}${over}`,
    );
  }
}

async function yearOfHome({ call, appId }: House): Promise<void> {
  const ms = await median(5, () => call.dashboards.home({ appId, range: '12m' }));
  console.log(`  home over 12 months ${ms.toFixed(1)} ms (target 50)`);
}

/** What events leave behind, with indexes: themselves, their visits and touches, the totals. */
async function storage(house: House, events: number): Promise<void> {
  const client = new pg.Client(house.owner);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string; bytes: string }>(`
      select name, (select coalesce(sum(pg_total_relation_size(c.oid)), 0) from pg_class c
        where c.relkind in ('r', 'p') and (c.relname = name or c.relname ~ ('^' || name || '_([0-9]{6}|other)$')))::text as bytes
      from unnest(array['events', 'visits', 'touches', 'traffic_days', 'traffic_hours', 'traffic_weeks', 'visit_pages', 'credit_days', 'credit_visits']) name`);
    const each = rows.map(({ name, bytes }) => `${name} ${Math.round(Number(bytes) / events)}`);
    const sum = rows.reduce((total, row) => total + Number(row.bytes), 0);
    console.log(`  storage ${Math.round(sum / events)} bytes an event (target 250): ${each.join(', ')}`);
  } finally {
    await client.end();
  }
}

/** Resident memory while 64 questions are asked at once; this process holds the server and the bench. */
async function memory(house: House): Promise<void> {
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const until = performance.now() + 5000;
  await Promise.all(
    Array.from({ length: 64 }, async (_, index) => {
      for (let at = index; performance.now() < until; at += 1)
        await questions[at % questions.length]?.ask(house, RANGES[at % 2] as Range);
    }),
  );
  clearInterval(watch);
  const { stdout } = await promisify(execFile)(process.execPath, ['-p', 'process.memoryUsage.rss()']);
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  console.log(`  resident memory ${mb(peak)} under load (target 300 MB), plain Node ${mb(Number(stdout))}`);
}

function growth(all: readonly { events: number; times: Times }[]): void {
  console.log('\nhow cost grows with the number of events: median ms over 90 days');
  console.log(`  ${''.padEnd(28)}${all.map(({ events }) => words(events).padStart(10)).join('')}   from first to last`);
  for (const name of all[0]?.times.keys() ?? []) {
    const values = all.map(({ times }) => times.get(name)?.['90d'].ours ?? 0);
    const grown = all.length > 1 ? `${((values.at(-1) ?? 0) / (values[0] ?? 1)).toFixed(1)} x` : '';
    console.log(`  ${name.padEnd(28)}${values.map((value) => value.toFixed(1).padStart(10)).join('')}   ${grown}`);
  }
}

/** The scripts that the page names itself: charts come later. */
async function firstLoad(): Promise<void> {
  const dist = join(import.meta.dirname, '..', 'dist', 'web');
  const page = await readFile(join(dist, 'index.html'), 'utf8').catch(() => null);
  if (page === null) return console.log('\nfirst load of the page: not built here (npm run build)');
  const scripts = [...page.matchAll(/(?:src|href)="\/([^"]+\.js)"/g)].flatMap((match) => match[1] ?? []);
  let bytes = 0;
  for (const script of new Set(scripts)) bytes += gzipSync(await readFile(join(dist, script))).length;
  console.log(
    `\nfirst load of the page: ${Math.round(bytes / 1024)} KB of JavaScript, gzip, before charts (target 180)`,
  );
}

function words(events: number): string {
  return events >= 1e6 ? `${events / 1e6} M` : events.toLocaleString('en');
}

if (process.argv[1] === import.meta.filename) await dashboards([Number(process.argv[2] ?? 1e6)]);
