import type { Inside } from '#src/context.ts';
import { type Ask, askOf, type Statement } from '#src/db/client.ts';
import type { AgentClass } from '#src/measure/agent.ts';
import { localDay } from '#src/measure/local-days.ts';
import { workspaceOf } from '#src/people/workspaces.ts';

/**
 * How the totals are kept. A visit counts with all it holds on the local day (and in the UTC hour) in which it began. A
 * batch of events writes down what its visits were like before it and after it (`traffic_changes`, in the events' own
 * transaction); `addChanges` adds the differences to the totals: at once for a single event, under load for many
 * batches together, so that a busy row is not rewritten for each event. What a visit was like is a function of the
 * visit alone: totals are therefore the same in whatever batches the events came, and the same as when counted anew.
 */

/** What the totals need to know of a visit. */
export type VisitCount = {
  appId: string;
  startedAt: Date;
  lastSeenAt: Date;
  agentClass: AgentClass;
  agentName: string | null;
  firstToday: boolean;
  views: number;
  events: number;
  entryPath: string;
  exitPath: string;
  host: string | null;
  source: string;
  medium: string;
  channel: string;
  referrerHost: string | null;
  utmCampaign: string | null;
  utmContent: string | null;
  utmTerm: string | null;
  country: string | null;
  device: string | null;
  browser: string | null;
  system: string | null;
  postId: string | null;
};

/** Visitors, visits, views, signups, bounces, seconds. */
type Measures = [number, number, number, number, number, number];

/** What changed in one visit (or by one signup), ready to be kept as JSON. */
export type Change = {
  app: string;
  day: string;
  /** Beginning of the UTC hour, in milliseconds. */
  hour: number;
  bot: boolean;
  by: Measures;
  /** Dimension and value of everything the whole change counts for. */
  of: [string, string][];
  /** The path they came in at: all but views count for it, too. */
  entry: string | null;
  /** Views by path, custom events by kind. */
  paths: [string, number][];
  kinds: [string, number][];
  /** Where the visit seemed to end before, with what was counted for that, and where it does now. */
  exit: [string | null, Measures, string, Measures] | null;
};

const NOTHING: Measures = [0, 0, 0, 0, 0, 0];

/** People are shown, bots and link previews are counted apart. An agent we cannot place counts as a person. */
export function isPerson(agentClass: AgentClass): boolean {
  return agentClass === 'human' || agentClass === 'unsure';
}

/** The difference between a visit as it was (null: it had not begun) and as it is, with what it saw and did meanwhile. */
export function changesOf(
  before: Pick<VisitCount, 'lastSeenAt' | 'views' | 'events' | 'exitPath'> | null,
  visit: VisitCount,
  did: { paths: readonly string[]; kinds: readonly string[] },
  timeZone: string,
): Change {
  const now = measuresOf(visit);
  const then = before === null ? NOTHING : measuresOf({ ...visit, ...before });
  const person = isPerson(visit.agentClass);
  return {
    ...timeOf(visit.appId, visit.startedAt, timeZone),
    bot: !person,
    by: now.map((value, index) => value - (then[index] as number)) as Measures,
    of: [...agentOf(visit), ...(person ? dimensionsOf(visit) : [])],
    entry: person ? visit.entryPath : null,
    paths: person ? tally(did.paths) : [],
    kinds: person ? tally(did.kinds) : [],
    exit: person ? [before?.exitPath ?? null, then, visit.exitPath, now] : null,
  };
}

/** Counts a signup on its own local day, for the total and for what is known of the visit it came from. */
export async function countSignup(
  inside: Inside,
  signup: { appId: string; at: Date; visit: SignupVisit | null },
): Promise<void> {
  const { timeZone } = await workspaceOf(inside);
  const change: Change = {
    ...timeOf(signup.appId, signup.at, timeZone),
    bot: false,
    by: [0, 0, 0, 1, 0, 0],
    of: signup.visit === null ? [['total', '']] : dimensionsOf(signup.visit),
    entry: signup.visit?.entryPath ?? null,
    paths: [],
    kinds: [],
    exit: null,
  };
  await inside.tx
    .insertInto('trafficChanges')
    .values({ workspaceId: inside.workspaceId, changes: JSON.stringify([change]) })
    .execute();
}

export type SignupVisit = Partial<Omit<VisitCount, 'source' | 'channel'>> & { source: string; channel: string };

/** Keeps changes until they are added: a JSON array in the parameter of this number, or null; the workspace is the first. */
export const insertChanges = (parameter: number) =>
  `insert into traffic_changes (workspace_id, changes) select $1::uuid, $${parameter}::text where $${parameter}::text is not null`;

/**
 * Adds to the totals what was kept, and `also` what was not, in the caller's transaction. Each kept change is added
 * once, whoever does it; what another process is just adding is left to it. Returns how many batches were added.
 */
export async function addChanges(inside: Inside, also: readonly Change[] = []): Promise<number> {
  return addWith(askOf(inside.tx), inside.workspaceId, also);
}

/** The same with prepared statements. `only` is the caller's promise that nothing is kept, so nothing is looked for. */
export async function addWith(ask: Ask, workspaceId: string, also: readonly Change[], only = false): Promise<number> {
  const kept = only ? [] : await ask<{ changes: string }>(TAKE, [workspaceId]);
  const sum = new Totals();
  for (const change of also) sum.add(change);
  for (const { changes } of kept) for (const change of JSON.parse(changes) as Change[]) sum.add(change);
  await sum.write(ask, workspaceId);
  return kept.length;
}

const TAKE: Statement = {
  name: 'take_traffic_changes',
  text: `delete from traffic_changes where workspace_id = $1 and id in (
    select id from traffic_changes where workspace_id = $1 order by id limit 1000 for update skip locked) returning changes`,
};

/** Sums by row of `traffic_days` and `traffic_hours`. */
class Totals {
  private readonly days = new Map<string, Map<string, Measures>>();
  private readonly hours = new Map<string, [...Measures, number]>();

  add({ app, day, hour, bot, by, of, entry, paths, kinds, exit }: Change): void {
    const sums = this.sumsOf(app, day);
    for (const [dimension, value] of of) sum(sums, dimension, value, by, 1);
    if (entry !== null) sum(sums, 'path', entry, withoutViews(by), 1);
    for (const [path, times] of paths) sum(sums, 'path', path, [0, 0, times, 0, 0, 0], 1);
    for (const [kind, times] of kinds) sum(sums, 'event', kind, [0, 0, times, 0, 0, 0], 1);
    if (exit) {
      const [from, then, to, now] = exit;
      if (from !== null) sum(sums, 'exit', from, withoutViews(then), -1);
      sum(sums, 'exit', to, withoutViews(now), 1);
    }
    const key = `${app} ${hour}`;
    const counts = this.hours.get(key) ?? [0, 0, 0, 0, 0, 0, 0];
    if (bot) counts[6] += by[1];
    else for (let index = 0; index < by.length; index++) (counts[index] as number) += by[index] as number;
    this.hours.set(key, counts);
  }

  async write(ask: Ask, workspaceId: string): Promise<void> {
    const days: unknown[][] = [];
    for (const [key, sums] of this.days) {
      const [app, day] = key.split(' ');
      for (const [name, measures] of sums) {
        if (measures.every((value) => value === 0)) continue;
        const at = name.indexOf(' ');
        days.push([app, day, name.slice(0, at), name.slice(at + 1), ...measures]);
      }
    }
    const hours = [...this.hours].map(([key, counts]) => {
      const [app, hour] = key.split(' ');
      return [app, Number(hour), ...counts];
    });
    // Also where it was added to: somebody else may have taken away first.
    const emptied = days.filter((row) => row[2] === 'exit');
    const writing: Promise<unknown>[] = [];
    if (days.length > 0) writing.push(ask(ADD_DAYS, [workspaceId, JSON.stringify(days)]));
    if (hours.length > 0) writing.push(ask(ADD_HOURS, [workspaceId, JSON.stringify(hours)]));
    if (emptied.length > 0) writing.push(ask(DROP_EMPTY, [workspaceId, JSON.stringify(emptied)]));
    await Promise.all(writing);
  }

  private sumsOf(app: string, day: string): Map<string, Measures> {
    const key = `${app} ${day}`;
    const known = this.days.get(key) ?? new Map<string, Measures>();
    this.days.set(key, known);
    return known;
  }
}

/** Views of a path are those of the path itself, wherever the visit came in or ended. */
function withoutViews([visitors, visits, , signups, bounces, seconds]: Measures): Measures {
  return [visitors, visits, 0, signups, bounces, seconds];
}

function sum(sums: Map<string, Measures>, dimension: string, value: string, by: Measures, sign: 1 | -1): void {
  const key = `${dimension} ${value}`;
  const measures = sums.get(key) ?? [0, 0, 0, 0, 0, 0];
  for (let index = 0; index < 6; index++) (measures[index] as number) += sign * (by[index] as number);
  sums.set(key, measures);
}

/** Rows are written in the order of their keys, so that two who add never wait for each other crosswise. */
const ADD_DAYS: Statement = {
  name: 'add_traffic_days',
  text: `insert into traffic_days (workspace_id, app_id, day, dimension, value, visitors, visits, views, signups, bounces, seconds)
    select $1::uuid, (row ->> 0)::uuid, (row ->> 1)::date, row ->> 2, row ->> 3, (row ->> 4)::int, (row ->> 5)::int,
      (row ->> 6)::int, (row ->> 7)::int, (row ->> 8)::int, (row ->> 9)::bigint
    from json_array_elements($2::json) row order by 2, 4, 3, 5
    on conflict (workspace_id, app_id, dimension, day, value) do update set
      visitors = traffic_days.visitors + excluded.visitors, visits = traffic_days.visits + excluded.visits,
      views = traffic_days.views + excluded.views, signups = traffic_days.signups + excluded.signups,
      bounces = traffic_days.bounces + excluded.bounces, seconds = traffic_days.seconds + excluded.seconds`,
};

const ADD_HOURS: Statement = {
  name: 'add_traffic_hours',
  text: `insert into traffic_hours (workspace_id, app_id, hour, visitors, visits, views, signups, bounces, seconds, bots)
    select $1::uuid, (row ->> 0)::uuid, to_timestamp((row ->> 1)::float8 / 1000), (row ->> 2)::int, (row ->> 3)::int,
      (row ->> 4)::int, (row ->> 5)::int, (row ->> 6)::int, (row ->> 7)::bigint, (row ->> 8)::int
    from json_array_elements($2::json) row order by 2, 3
    on conflict (workspace_id, app_id, hour) do update set
      visitors = traffic_hours.visitors + excluded.visitors, visits = traffic_hours.visits + excluded.visits,
      views = traffic_hours.views + excluded.views, signups = traffic_hours.signups + excluded.signups,
      bounces = traffic_hours.bounces + excluded.bounces, seconds = traffic_hours.seconds + excluded.seconds,
      bots = traffic_hours.bots + excluded.bots`,
};

/** A page where nobody's visit ended after all is no exit. */
const DROP_EMPTY: Statement = {
  name: 'drop_empty_exits',
  text: `delete from traffic_days total using json_array_elements($2::json) row
    where total.workspace_id = $1 and total.app_id = (row ->> 0)::uuid and total.day = (row ->> 1)::date
      and total.dimension = 'exit' and total.value = row ->> 3
      and (total.visitors, total.visits, total.views, total.signups, total.bounces, total.seconds) = (0, 0, 0, 0, 0, 0)`,
};

function timeOf(app: string, at: Date, timeZone: string): Pick<Change, 'app' | 'day' | 'hour'> {
  const moment = at.getTime();
  return { app, day: localDay(timeZone, moment).day, hour: moment - (moment % 3_600_000) };
}

function measuresOf(visit: VisitCount): Measures {
  const seconds = Math.floor((visit.lastSeenAt.getTime() - visit.startedAt.getTime()) / 1000);
  const isBounce = visit.views === 1 && visit.events === 0;
  return [visit.firstToday ? 1 : 0, 1, visit.views, 0, isBounce ? 1 : 0, seconds];
}

/** What is no person, or may be none, counts by its name. */
function agentOf({ agentClass, agentName }: VisitCount): [string, string][] {
  return agentClass === 'human' ? [] : [['agent', `${agentClass}/${agentName ?? ''}`]];
}

function dimensionsOf(visit: SignupVisit): [string, string][] {
  const all: [string, string | null | undefined][] = [
    ['total', ''],
    ['host', visit.host],
    ['source', visit.source],
    ['medium', visit.medium],
    ['channel', visit.channel],
    ['referrer', visit.referrerHost],
    ['campaign', visit.utmCampaign],
    ['content', visit.utmContent],
    ['term', visit.utmTerm],
    ['country', visit.country],
    ['device', visit.device],
    ['browser', visit.browser],
    ['system', visit.system],
    ['post', visit.postId],
  ];
  return all.filter((pair): pair is [string, string] => pair[1] != null);
}

function tally(words: readonly string[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts];
}
