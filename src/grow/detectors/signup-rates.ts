import { sql } from 'kysely';
import type { Tx } from '#src/db/client.ts';
import { sum } from '#src/grow/comparison.ts';
import { rateRatio, wilson } from '#src/measure/uncertainty.ts';
import {
  type Candidate,
  count,
  type Detector,
  dayOf,
  daysBefore,
  type Frame,
  type Judgement,
  lacking,
  percent,
} from './detector.ts';
import { noTracker } from './measured-posts.ts';

/** Visits of four weeks that came from one source, entered on one page or were brought by one post. */
export type Arrivals = {
  key: string;
  name: string;
  table: string;
  rowId: string | null;
  visits: number;
  signups: number;
};

const days = 28;
const visitsNeeded = 30;
const signupsExpected = 5;
/** A page or post is only worth a word about its signup rate when many came that way. */
const manyVisits = 100;

export const sourceSignups: Detector = {
  name: 'source_signups',
  question: 'Do visitors from one source sign up more often than the others?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    return judgeSourceSignups(await readSources(inside.tx, frame), frame.until);
  },
};

export const lowSignups: Detector = {
  name: 'low_signups',
  question: 'Is there a page or post with many visits but few signups?',
  async look(inside, frame) {
    if (!frame.measuredSince) return lacking(noTracker);
    const pages = judgeLowSignups(await readEntryPages(inside.tx, frame), 'page', frame.until);
    const posts = judgeLowSignups(await readPosts(inside.tx, frame), 'post', frame.until);
    const candidates = [...pages.candidates, ...posts.candidates];
    return { candidates, missing: candidates.length > 0 ? null : pages.missing };
  },
};

/**
 * Each source's signups per visit against all other sources: exact (signups are rare, so a Poisson count errs on the
 * safe side).
 */
export function judgeSourceSignups(sources: readonly Arrivals[], until: Date): Judgement {
  const candidates = sources.flatMap((source) =>
    compare(source, sources, until, visitsNeeded, (rates) => ({
      subject: `source:${source.key}`,
      sentence: `Of ${count(source.visits)} visits from ${source.name} ${rates.these} ended in a signup, of the ${rates.others} others ${rates.rest}.`,
    })),
  );
  return candidates.length > 0 ? { candidates, missing: null } : lackingArrivals(sources, visitsNeeded);
}

/** Pages or posts that many came by and that sign up less than the rest; those that do better are left out. */
export function judgeLowSignups(arrivals: readonly Arrivals[], what: 'page' | 'post', until: Date): Judgement {
  const candidates = arrivals.flatMap((one) =>
    compare(one, arrivals, until, manyVisits, (rates) => ({
      subject: `${what}:${one.key}`,
      sentence:
        `${count(one.visits)} visits ${what === 'page' ? `began on ${one.name}` : `came by “${one.name}”`} and ` +
        `${one.signups === 0 ? 'none' : `only ${rates.these}`} signed up; of the ${rates.others} others ${rates.rest} did.`,
    })),
  );
  if (candidates.length === 0) return lackingArrivals(arrivals, manyVisits);
  return { candidates: candidates.filter(({ direction }) => direction === 'down'), missing: null };
}

type Words = (rates: { these: string; others: string; rest: string }) => { subject: string; sentence: string };

function compare(one: Arrivals, all: readonly Arrivals[], until: Date, atLeast: number, words: Words): Candidate[] {
  const others = all.filter((other) => other !== one);
  const rest = { visits: sum(others.map(({ visits }) => visits)), signups: sum(others.map(({ signups }) => signups)) };
  if (one.visits < atLeast || rest.visits < visitsNeeded) return [];
  const expected = ((one.signups + rest.signups) / (one.visits + rest.visits)) * Math.min(one.visits, rest.visits);
  if (expected < signupsExpected) return [];
  const found = rateRatio(
    { events: rest.signups, exposure: rest.visits },
    { events: one.signups, exposure: one.visits },
  );
  if (!found) return [];
  const effect = { ratio: found.estimate, ...found.interval };
  const evidence = [one, { ...rest, name: 'All others', table: one.table, rowId: null }].flatMap((each) => [
    { label: `${each.name}: visits`, table: each.table, rowId: each.rowId, value: each.visits },
    { label: `${each.name}: signups (${rate(each)})`, table: each.table, rowId: each.rowId, value: each.signups },
  ]);
  return [
    {
      ...words({ these: shareOf(one), others: count(rest.visits), rest: shareOf(rest) }),
      direction: effect.ratio > 1 ? 'up' : 'down',
      p: found.p,
      effect,
      sampleBefore: rest.visits,
      sampleAfter: one.visits,
      startsAt: daysBefore(until, days),
      endsAt: until,
      evidence,
    },
  ];
}

function lackingArrivals(arrivals: readonly Arrivals[], atLeast: number): Judgement {
  const visits = sum(arrivals.map((one) => one.visits));
  const signups = sum(arrivals.map((one) => one.signups));
  return lacking(
    `Not enough data: to compare, one needs ${atLeast} visits and the rest ${visitsNeeded}, with ${signupsExpected} signups to be expected ` +
      `on each side. The last four weeks have ${visits} visits and ${signups} signups in all.`,
  );
}

function shareOf({ signups, visits }: { signups: number; visits: number }): string {
  return percent(signups / visits);
}

/** The share with Wilson's interval. */
function rate({ signups, visits }: { signups: number; visits: number }): string {
  const range = wilson(Math.min(signups, visits), visits);
  if (!range) return 'no visits';
  return `${shareOf({ signups, visits })}, 95% interval ${percent(range.low)} to ${percent(range.high)}`;
}

async function readSources(tx: Tx, frame: Frame): Promise<Arrivals[]> {
  const { rows } = await sql<Arrivals>`
    select value as key, value as name, 'traffic_days' as table, null::uuid as row_id, sum(visits)::int as visits, sum(signups)::int as signups
    from traffic_days
    where app_id = ${frame.appId} and dimension = 'source' and day >= ${dayOf(daysBefore(frame.until, days))}::date and day < ${dayOf(frame.until)}::date
    group by value having sum(visits) > 0 order by sum(visits) desc`.execute(tx);
  return rows;
}

async function readPosts(tx: Tx, frame: Frame): Promise<Arrivals[]> {
  const { rows } = await sql<Arrivals>`
    select p.id as key, p.title as name, 'posts' as table, p.id as row_id, sum(d.visits)::int as visits, sum(d.signups)::int as signups
    from traffic_days d join posts p on p.workspace_id = d.workspace_id and p.id::text = d.value
    where d.app_id = ${frame.appId} and d.dimension = 'post' and d.day >= ${dayOf(daysBefore(frame.until, days))}::date and d.day < ${dayOf(frame.until)}::date
    group by p.id, p.title having sum(d.visits) > 0 order by sum(d.visits) desc`.execute(tx);
  return rows;
}

async function readEntryPages(tx: Tx, frame: Frame): Promise<Arrivals[]> {
  const { rows } = await sql<Arrivals>`
    select v.entry_path as key, v.entry_path as name, 'visits' as table, null::uuid as row_id, count(*)::int as visits,
      count(*) filter (where exists (
        select from conversions c where c.workspace_id = v.workspace_id and c.app_id = v.app_id and c.visit_id = v.id and c.kind = 'signup'
      ))::int as signups
    from visits v
    where v.app_id = ${frame.appId} and v.agent_class in ('human', 'unsure')
      and v.started_at >= ${daysBefore(frame.until, days)} and v.started_at < ${frame.until}
    group by v.entry_path order by count(*) desc`.execute(tx);
  return rows;
}
