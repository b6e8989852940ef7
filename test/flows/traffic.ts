/** Weeks of visits to a site, told to a house as its tracker would have told them, each at its own time. */
import { randomUUID } from 'node:crypto';
import type { World } from '#src/context.ts';
import { openIntake } from '#src/measure/events/intake.ts';

export interface Visit {
  at: Date;
  /** What they looked at, a minute apart; the query of the first tells where they came from. */
  pages: string[];
  referrer?: string;
  /** The browser's time zone, from which the country is known. */
  zone?: string;
  agent?: string;
  /** Done at the end, as `fanfare(kind, props)`. */
  event?: { kind: string; props?: Record<string, string> };
}

const CHROME =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const SAFARI =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';
const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';
const GOOGLEBOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)';

/** Sends them in the order of time; everything stands in the totals when it returns. */
export async function sendVisits(world: World, { key, site }: { key: string; site: string }, visits: Visit[]) {
  const events = visits
    .flatMap((visit, index) => {
      const moments = visit.pages.map((page, step) => ({ kind: 'pageview', props: {}, page, step }));
      const done = visit.event ? [{ props: {}, ...visit.event, page: visit.pages.at(-1)!, step: moments.length }] : [];
      return [...moments, ...done].map((each) => ({ ...each, visit, index }));
    })
    .map((each) => ({ ...each, at: each.visit.at.getTime() + each.step * 60_000 }))
    .sort((one, other) => one.at - other.at);
  let now = 0;
  const intake = openIntake({ ...world, clock: { now: () => new Date(now) } });
  for (const { at, visit, index, kind, props, page, step } of events) {
    now = at;
    const reception = await intake.receive({
      body: {
        app: key,
        id: randomUUID(),
        kind,
        url: `${site}${page}`,
        referrer: step === 0 ? (visit.referrer ?? '') : '',
        props,
        width: 1440,
        zone: visit.zone ?? 'Europe/Berlin',
      },
      address: `198.51.${Math.floor(index / 250)}.${(index % 250) + 1}`,
      userAgent: visit.agent ?? CHROME,
      acceptLanguage: 'en',
      proxyCountry: null,
      doNotTrack: false,
      privacyControl: false,
    });
    if (reception.outcome !== 'stored') throw new Error(`${reception.reason}: ${reception.message}`);
  }
  await intake.rest();
  await intake.close();
}

/** The same days every time: more on weekdays, more after noon, more in the newer half. */
export function weeksOfVisits(now: Date, days = 45): Visit[] {
  const sources: [referrer: string, query: string][] = [
    ['https://t.co/abc', '?utm_source=x&utm_medium=social&utm_campaign=launch'],
    ['https://www.google.com/', ''],
    ['', ''],
    ['https://news.ycombinator.com/', ''],
    ['https://chatgpt.com/', ''],
  ];
  const zones = ['Europe/Berlin', 'America/New_York', 'Europe/Berlin', 'Asia/Kolkata', 'Europe/Paris', 'Europe/London'];
  const paths = ['/', '/pricing', '/docs', '/blog/month-9'];
  const agents = [CHROME, SAFARI, CHROME, FIREFOX];
  const visits: Visit[] = [];
  for (let back = days; back >= 1; back--) {
    const weekend = [0, 6].includes(new Date(now.getTime() - back * 86_400_000).getUTCDay());
    const many = 2 + (weekend ? 0 : 2) + (back < days / 2 ? 2 : 0) + (back % 7 === 3 ? 4 : 0);
    for (let one = 0; one < many; one++) {
      const turn = back * 7 + one * 3;
      const [referrer, query] = sources[(turn + one) % 5]!;
      const minutes = ((turn * 53) % 600) - 300;
      visits.push({
        at: new Date(now.getTime() - back * 86_400_000 + minutes * 60_000),
        pages: [`${paths[turn % 4]}${query}`, ...(turn % 3 === 0 ? [] : ['/pricing', '/signup'].slice(0, turn % 3))],
        referrer,
        zone: zones[turn % 6]!,
        agent: turn % 23 === 0 ? GOOGLEBOT : agents[turn % 4]!,
        ...(turn % 4 === 0
          ? { event: { kind: 'export_done', props: { plan: turn % 8 === 0 ? 'pro' : 'team', format: 'csv' } } }
          : {}),
      });
    }
  }
  return visits;
}
