import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type Ask, askOf, type Statement } from '#src/db/client.ts';
import type { AgentClass } from '#src/measure/agent.ts';
import { localDay } from '#src/measure/local-days.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { REOPENS } from './closed.ts';
import { MOST_VALUES, OTHERS, openCrowds } from './crowds.ts';
import { unpacked } from './packing.ts';

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
export type Measures = [number, number, number, number, number, number];

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

/** Under this name one after the other adds to the totals of a workspace. */
export const TOTALS_TURN = 'fanfare.totals';

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

/** Keeps changes until they are added, as `packed` gives them, in the parameter of this number; the workspace is the first. */
export const insertChanges = (parameter: number, condition: string) =>
  `insert into traffic_changes (workspace_id, changes) select $1::uuid, $${parameter}::text where ${condition} returning id`;

/**
 * Adds to the totals what was kept, and `also` what was not, in the caller's transaction. Each kept change is added
 * once, whoever does it; what somebody else is just adding is waited for. Returns how many batches were added.
 */
export async function addChanges(inside: Inside, also: readonly Change[] = []): Promise<number> {
  // Whoever counts anew what somebody else is just adding would have it counted twice.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${TOTALS_TURN} ${inside.workspaceId}`}, 0))`.execute(
    inside.tx,
  );
  return addWith(askOf(inside.tx), inside.workspaceId, also);
}

/** What a process has kept itself: under which numbers, and what it comes to. Nobody has to read it again. */
export type KeptChanges = { ids: ReadonlySet<number>; sums: Sums };

/** The same with prepared statements. */
export async function addWith(
  ask: Ask,
  workspaceId: string,
  also: readonly Change[],
  known?: KeptChanges,
): Promise<number> {
  const waiting = (await ask<{ id: number }>(HOLD, [workspaceId])).map(({ id }) => id);
  const all = new Set(waiting);
  // What somebody else is just adding, or has added, is not added again: then each is looked at.
  const summed = known && [...known.ids].every((id) => all.has(id)) ? known : null;
  const sums = summed?.sums ?? new Sums();
  for (const change of also) sums.add(change);
  if (waiting.length > 0) {
    const read = waiting.filter((id) => !summed?.ids.has(id));
    const taken = await ask<{ changes: string | null }>(TAKE, [workspaceId, waiting, read]);
    for (const { changes } of taken) if (changes !== null) for (const change of unpacked(changes)) sums.add(change);
  }
  await sums.write(ask, workspaceId);
  return waiting.length;
}

const HOLD: Statement = {
  name: 'hold_traffic_changes',
  text: `select id from traffic_changes where workspace_id = $1 order by id limit 2000 for update skip locked`,
};

const TAKE: Statement = {
  name: 'take_traffic_changes',
  text: `delete from traffic_changes where workspace_id = $1 and id = any($2::bigint[])
    returning case when id = any($3::bigint[]) then changes end as changes`,
};

type ByValue = Map<string, Measures>;

/** What this process has counted, for all workspaces: keys begin with the app. */
const crowds = openCrowds();

/** Sums by row of `traffic_days` and `traffic_hours`. */
export class Sums {
  /** By app and day, dimension, value. */
  private readonly days = new Map<string, Map<string, ByValue>>();
  private readonly hours = new Map<string, [...Measures, number]>();

  add({ app, day, hour, bot, by, of, entry, paths, kinds, exit }: Change): void {
    const sums = at(this.days, `${app} ${day}`, () => new Map<string, ByValue>());
    for (const [dimension, value] of of) sum(sums, dimension, value, by, 1);
    if (entry !== null) sum(sums, 'path', entry, withoutViews(by), 1);
    for (const [path, times] of paths) sum(sums, 'path', path, [0, 0, times, 0, 0, 0], 1);
    for (const [kind, times] of kinds) sum(sums, 'event', kind, [0, 0, times, 0, 0, 0], 1);
    if (exit) {
      const [from, then, to, now] = exit;
      if (from !== null) sum(sums, 'exit', from, withoutViews(then), -1);
      sum(sums, 'exit', to, withoutViews(now), 1);
    }
    const counts = at(this.hours, `${app} ${hour}`, (): [...Measures, number] => [0, 0, 0, 0, 0, 0, 0]);
    if (bot) counts[6] += by[1];
    else for (let index = 0; index < by.length; index++) (counts[index] as number) += by[index] as number;
  }

  async write(ask: Ask, workspaceId: string): Promise<void> {
    const days: unknown[][] = [];
    const crowded: unknown[][] = [];
    for (const [key, sums] of this.days) {
      const [app, day] = key.split(' ');
      for (const [dimension, values] of sums)
        for (const [value, measures] of values) {
          if (measures.every((each) => each === 0)) continue;
          const rows = crowds.isCrowded(`${key} ${dimension}`, value) ? crowded : days;
          rows.push([app, day, dimension, value, ...measures]);
        }
    }
    const hours = [...this.hours].map(([key, counts]) => {
      const [app, hour] = key.split(' ');
      return [app, Number(hour), ...counts];
    });
    // Also where it was added to: somebody else may have taken away first.
    const emptied = [...days, ...crowded].filter((row) => row[2] === 'exit');
    const writing: Promise<unknown>[] = [];
    if (days.length > 0) writing.push(ask(ADD_DAYS, [workspaceId, JSON.stringify(days)]));
    if (crowded.length > 0) writing.push(ask(ADD_CROWDED, [workspaceId, JSON.stringify(crowded)]));
    if (hours.length > 0) writing.push(ask(ADD_HOURS, [workspaceId, JSON.stringify(hours)]));
    if (emptied.length > 0) writing.push(ask(DROP_EMPTY, [workspaceId, JSON.stringify(emptied)]));
    await Promise.all(writing);
  }
}

function at<V>(map: Map<string, V>, key: string, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/** Views of a path are those of the path itself, wherever the visit came in or ended. */
function withoutViews([visitors, visits, , signups, bounces, seconds]: Measures): Measures {
  return [visitors, visits, 0, signups, bounces, seconds];
}

function sum(sums: Map<string, ByValue>, dimension: string, value: string, by: Measures, sign: 1 | -1): void {
  const values = at(sums, dimension, () => new Map<string, Measures>());
  const measures = at(values, value, (): Measures => [0, 0, 0, 0, 0, 0]);
  for (let index = 0; index < 6; index++) (measures[index] as number) += sign * (by[index] as number);
}

/** Rows are written in the order of their keys, so that two who add never wait for each other crosswise. */
const addDays = (value: string) => `
  with told as (
    select (row ->> 0)::uuid as app, (row ->> 1)::date as day, row ->> 2 as dimension, row ->> 3 as value,
      (row ->> 4)::int as visitors, (row ->> 5)::int as visits, (row ->> 6)::int as views, (row ->> 7)::int as signups,
      (row ->> 8)::int as bounces, (row ->> 9)::bigint as seconds
    from json_array_elements($2::json) row
  ), reopened as (
    delete from traffic_closed closed using (select distinct app, day from told) changed
    where closed.workspace_id = $1 and closed.app_id = changed.app and ${REOPENS}
  )
  insert into traffic_days (workspace_id, app_id, day, dimension, value, visitors, visits, views, signups, bounces, seconds)
  select $1::uuid, app, day, dimension, ${value}, sum(visitors), sum(visits), sum(views), sum(signups), sum(bounces), sum(seconds)
  from told group by 2, 3, 4, 5 order by 2, 4, 3, 5
  on conflict (workspace_id, app_id, dimension, day, value) do update set
    visitors = traffic_days.visitors + excluded.visitors, visits = traffic_days.visits + excluded.visits,
    views = traffic_days.views + excluded.views, signups = traffic_days.signups + excluded.signups,
    bounces = traffic_days.bounces + excluded.bounces, seconds = traffic_days.seconds + excluded.seconds`;

const ADD_DAYS: Statement = { name: 'add_traffic_days', text: addDays('value') };

/** What has no row of its own on a crowded day, and what is taken back of it, belongs to the others. */
const ADD_CROWDED: Statement = {
  name: 'add_crowded_traffic_days',
  text: addDays(`case
    when exists (select from traffic_days t where t.workspace_id = $1 and t.app_id = told.app and t.dimension = told.dimension
      and t.day = told.day and t.value = told.value) then value
    when visits < 0 or (select count(*) from (select from traffic_days t where t.workspace_id = $1 and t.app_id = told.app
      and t.dimension = told.dimension and t.day = told.day limit ${MOST_VALUES}) rows) >= ${MOST_VALUES} then '${OTHERS}'
    else value end`),
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
