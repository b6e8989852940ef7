import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { AgentClass } from '#src/measure/events/steps.ts';

/** What one batch adds to a visit, and what is known of the visit. */
export type Traffic = {
  appId: string;
  at: Date;
  startedNow: boolean;
  newVisitor: boolean;
  agentClass: AgentClass;
  paths: string[];
  entryPath: string;
  source: string;
  channel: string;
  device: string | null;
  country: string | null;
  campaign: string | null;
  postId: string | null;
};

type Counts = { visitors: number; visits: number; views: number; signups: number };
type Dimension = 'path' | 'source' | 'channel' | 'country' | 'device' | 'campaign' | 'post';

/** People are shown, bots and link previews are counted apart. An agent we cannot place counts as a person. */
export function isPerson(agentClass: AgentClass): boolean {
  return agentClass === 'human' || agentClass === 'unsure';
}

/** Adds a batch's traffic to the hours and days it fell in. A visit is counted when it starts. */
export async function countTraffic(inside: Inside, traffic: readonly Traffic[]): Promise<void> {
  const hours = new Map<string, Omit<Counts, 'signups'> & { bots: number }>();
  const days = new Map<string, Counts>();
  for (const one of traffic) {
    const person = isPerson(one.agentClass);
    const started = one.startedNow ? 1 : 0;
    const visitors = one.startedNow && one.newVisitor ? 1 : 0;
    const hour = at(hours, `${one.appId} ${hourOf(one.at)}`, { visitors: 0, visits: 0, views: 0, bots: 0 });
    if (!person) {
      hour.bots += started;
      continue;
    }
    hour.visitors += visitors;
    hour.visits += started;
    hour.views += one.paths.length;
    for (const [dimension, value] of dimensionsOf(one))
      add(days, one, dimension, value, { visitors, visits: started, views: one.paths.length, signups: 0 });
    if (started > 0) add(days, one, 'path', one.entryPath, { visitors, visits: started, views: 0, signups: 0 });
    for (const path of one.paths) add(days, one, 'path', path, { visitors: 0, visits: 0, views: 1, signups: 0 });
  }
  await writeHours(inside, hours);
  await writeDays(inside, days);
}

/** Adds a signup to the dimensions of the visit it came from. */
export async function countSignup(
  inside: Inside,
  signup: Pick<Traffic, 'appId' | 'at' | 'source' | 'channel' | 'device' | 'country' | 'campaign' | 'postId'>,
): Promise<void> {
  const days = new Map<string, Counts>();
  for (const [dimension, value] of dimensionsOf(signup))
    add(days, signup, dimension, value, { visitors: 0, visits: 0, views: 0, signups: 1 });
  await writeDays(inside, days);
}

function dimensionsOf(
  one: Pick<Traffic, 'source' | 'channel' | 'device' | 'country' | 'campaign' | 'postId'>,
): [Dimension, string][] {
  const all: [Dimension, string | null][] = [
    ['source', one.source],
    ['channel', one.channel],
    ['country', one.country],
    ['device', one.device],
    ['campaign', one.campaign],
    ['post', one.postId],
  ];
  return all.filter((pair): pair is [Dimension, string] => pair[1] !== null);
}

function add(
  days: Map<string, Counts>,
  { appId, at: moment }: { appId: string; at: Date },
  dimension: Dimension,
  value: string,
  counts: Counts,
): void {
  const key = JSON.stringify([appId, moment.toISOString().slice(0, 10), dimension, value]);
  const row = at(days, key, { visitors: 0, visits: 0, views: 0, signups: 0 });
  for (const name of ['visitors', 'visits', 'views', 'signups'] as const) row[name] += counts[name];
}

function at<V>(map: Map<string, V>, key: string, empty: V): V {
  const known = map.get(key);
  if (known) return known;
  map.set(key, empty);
  return empty;
}

function hourOf(moment: Date): string {
  return `${moment.toISOString().slice(0, 13)}:00:00.000Z`;
}

/** Rows in the order of their keys, so that two processes never wait for each other crosswise. */
function sorted<V>(map: Map<string, V>): [string, V][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

async function writeHours(
  { tx, workspaceId }: Inside,
  hours: Map<string, Omit<Counts, 'signups'> & { bots: number }>,
): Promise<void> {
  if (hours.size === 0) return;
  await tx
    .insertInto('trafficHours')
    .values(
      sorted(hours).map(([key, counts]) => {
        const [appId = '', hour = ''] = key.split(' ');
        return { workspaceId, appId, hour, ...counts };
      }),
    )
    .onConflict((oc) =>
      oc.columns(['workspaceId', 'appId', 'hour']).doUpdateSet({
        visitors: sql<number>`traffic_hours.visitors + excluded.visitors`,
        visits: sql<number>`traffic_hours.visits + excluded.visits`,
        views: sql<number>`traffic_hours.views + excluded.views`,
        bots: sql<number>`traffic_hours.bots + excluded.bots`,
      }),
    )
    .execute();
}

async function writeDays({ tx, workspaceId }: Inside, days: Map<string, Counts>): Promise<void> {
  const rows = sorted(days).map(([key, counts]) => {
    const [appId, day, dimension, value] = JSON.parse(key) as [string, string, Dimension, string];
    return { workspaceId, appId, day, dimension, value, ...counts };
  });
  for (let from = 0; from < rows.length; from += 1000)
    await tx
      .insertInto('trafficDays')
      .values(rows.slice(from, from + 1000))
      .onConflict((oc) =>
        oc.columns(['workspaceId', 'appId', 'day', 'dimension', 'value']).doUpdateSet({
          visitors: sql<number>`traffic_days.visitors + excluded.visitors`,
          visits: sql<number>`traffic_days.visits + excluded.visits`,
          views: sql<number>`traffic_days.views + excluded.views`,
          signups: sql<number>`traffic_days.signups + excluded.signups`,
        }),
      )
      .execute();
}
