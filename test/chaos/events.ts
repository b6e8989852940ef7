import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import pg from 'pg';
import { transaction } from '#src/context.ts';
import { oneAtATime } from '#src/measure/events/store.ts';
import { workRecounts } from '#src/measure/rollups/recount.ts';
import { addChanges } from '#src/measure/rollups.ts';
import { type Running, startHouse } from '#test/chaos/processes.ts';
import type { TestDatabase } from '#test/database.ts';
import { openTestWorld } from '#test/world.ts';

/** An answer that does not come in this time is none, in milliseconds. */
const ANSWER = 4000;
/** Something that is not acknowledged after this time is wrong. */
const PATIENCE = 300_000;

const onceIn = (n: number) => fc.noBias(fc.integer({ min: 1, max: n })).map((drawn) => drawn === 1);
const soon = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 400 }));

/** One event, or one batch of the app's own server. */
const one = fc.record({
  /** So many at once by key, else one from a browser. */
  batch: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 20 }) }),
  kind: fc.constantFrom('pageview', 'pageview', 'pageview', 'signup', 'exported'),
  who: fc.integer({ min: 0, max: 400 }),
  /** It was stored, but its sender never heard of it. */
  twice: onceIn(8),
  /** Its sender gives up at the first trouble. */
  gaveUp: onceIn(20),
});
type One = typeof one extends fc.Arbitrary<infer T> ? T : never;

/** Events that come in at the same time, while what takes them in is killed. */
export const eventRound = fc.record({
  events: fc.array(one, { minLength: 30, maxLength: 120, size: 'max' }),
  senders: fc.integer({ min: 2, max: 24 }),
  /** The process that answers is killed so long after the first event, and each next one so long after that. */
  deaths: fc.array(soon, { minLength: 1, maxLength: 2 }),
  /** So is the database, where there is one of our own. */
  databaseDies: fc.tuple(onceIn(5), soon).map(([so, moment]) => (so ? moment : null)),
});
export type EventRound = typeof eventRound extends fc.Arbitrary<infer T> ? T : never;

/**
 * A house whose doors are processes that die, and browsers and servers that send it events: what is not answered is sent
 * again under the same id. `killDatabase` where the database may be killed.
 */
export async function openEventArena({
  database,
  killDatabase,
}: {
  database: TestDatabase;
  killDatabase?: () => Promise<void>;
}) {
  const world = await openTestWorld({
    database,
    now: new Date().toISOString(),
    overrides: { clock: { now: () => new Date() } },
  });
  const maya = await world.join();
  const { id: appId } = await maya.call.apps.register({ url: 'https://outpost.dev' });
  const { publicKey } = await maya.call.tracking.get({ appId });
  const { key } = await maya.call.keys.create({ name: 'server', scopes: ['events'] });

  const acknowledged = new Set<string>();
  const counts = { houses: 0, databases: 0, again: 0, twice: 0 };
  let wrong = 0;
  /** Those that are up: each request goes to the next one. */
  let up: House[] = [];
  let turn = 0;
  let house = await another();
  let spare = another();

  return {
    /** Plays a round; returns what was wrong in the end. */
    async play(number: number, round: EventRound): Promise<string[]> {
      const waiting = [...round.events];
      const found: string[] = [];
      const sender = async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const says = await deliver(next);
          if (says !== null) found.push(`round ${number}: ${says}`);
        }
      };
      await Promise.all([
        ...Array.from({ length: round.senders }, sender),
        killHouses(round.deaths),
        killServer(round.databaseDies),
      ]);
      wrong += found.length;
      return found;
    },

    /** Counts what stands in the database, of all rounds. */
    async close() {
      const end = Date.now() + PATIENCE;
      let result = await count();
      // What was kept in files comes in when the database is back.
      for (; result.lost > 0 && Date.now() < end; result = await count()) await wait(250);
      const totals = await patiently(() => differencesInTotals());
      await house.running.kill();
      await (await spare).running.kill();
      await world.close();
      const deaths = `houses killed ${counts.houses}, database killed ${counts.databases}, sent again ${counts.again}, sent twice ${counts.twice}`;
      return { ...result, wrong: wrong + totals.length, says: totals, deaths };
    },
  };

  type House = { running: Running; url: string };

  async function another(): Promise<House> {
    const running = await startHouse({ server: database.server, data: world.data });
    const one = { running, url: `http://127.0.0.1:${running.said}` };
    up.push(one);
    return one;
  }

  function nextUrl(): string {
    return up[turn++ % up.length]?.url ?? house.url;
  }

  /** Sends until it is acknowledged; says what is wrong when it never is. */
  async function deliver(event: One): Promise<string | null> {
    const ids = Array.from({ length: event.batch || 1 }, () => randomUUID());
    const post = event.batch === 0 ? () => postEvent(event, ids[0] ?? '') : () => postBatch(event, ids);
    const end = Date.now() + PATIENCE;
    for (let tries = 0; Date.now() < end; tries++) {
      const answer = await post().catch(() => 'none' as const);
      if (answer === 'stored') {
        for (const id of ids) acknowledged.add(id);
        if (event.twice) {
          counts.twice += 1;
          await post().catch(() => undefined);
        }
        return null;
      }
      if (answer !== 'none') return answer;
      if (event.gaveUp) return null;
      counts.again += 1;
      await wait(20 + Math.min(tries, 10) * 30);
    }
    return `not acknowledged after ${PATIENCE / 1000} s`;
  }

  /** `none`: no answer, or one that asks to come again. Anything else that is not `stored` is wrong. */
  async function postEvent({ kind, who }: One, id: string): Promise<string> {
    const response = await fetch(`${nextUrl()}/e`, {
      method: 'POST',
      body: JSON.stringify({
        app: publicKey,
        id,
        kind,
        url: `https://outpost.dev/${who % 7}`,
        referrer: '',
        width: 1280,
      }),
      headers: {
        'content-type': 'text/plain',
        'accept-language': 'en',
        'user-agent': `Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.${who}`,
      },
      signal: AbortSignal.timeout(ANSWER),
    });
    const answer = (await response.json()) as { stored: boolean; reason?: string };
    if (response.status === 202 && answer.stored) return 'stored';
    return response.status >= 500 ? 'none' : `refused with ${response.status} ${answer.reason}`;
  }

  async function postBatch({ kind, who }: One, ids: readonly string[]): Promise<string> {
    const events = ids.map((id, index) => ({
      id,
      kind: kind === 'pageview' ? 'exported' : kind,
      person: `p${who}-${index}`,
    }));
    const response = await fetch(`${nextUrl()}/api/v1/events/batch`, {
      method: 'POST',
      body: JSON.stringify({ appId, events }),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      signal: AbortSignal.timeout(ANSWER),
    });
    if (response.status >= 500) return 'none';
    const answer = (await response.json()) as { events?: { outcome: string; message?: string }[]; message?: string };
    const refused = answer.events?.find(({ outcome }) => outcome === 'refused');
    if (response.status === 200 && answer.events?.length === ids.length && !refused) return 'stored';
    return `refused with ${response.status} ${refused?.message ?? answer.message}`;
  }

  async function killHouses(deaths: readonly number[]): Promise<void> {
    for (const moment of deaths) {
      await wait(moment);
      const dying = house;
      await dying.running.kill();
      up = up.filter((one) => one !== dying);
      counts.houses += 1;
      house = await spare;
      spare = another();
    }
  }

  async function killServer(moment: number | null): Promise<void> {
    if (moment === null || !killDatabase) return;
    await wait(moment);
    await killDatabase();
    counts.databases += 1;
  }

  /** The database may be away for a moment. */
  async function patiently<T>(ask: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries++)
      try {
        return await ask();
      } catch (error) {
        if (tries === 40) throw error;
        await wait(250);
      }
  }

  async function rows<T extends object>(text: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client(database.owner);
    client.on('error', () => undefined);
    await client.connect();
    return (await client.query<T>(text, values).finally(() => client.end())).rows;
  }

  async function count() {
    const stored = await patiently(() =>
      rows<{ id: string; times: number }>(
        'select id, count(*)::int as times from events where app_id = $1 group by id',
        [appId],
      ),
    );
    const known = new Set(stored.map(({ id }) => id));
    return {
      events: acknowledged.size,
      lost: [...acknowledged].filter((id) => !known.has(id)).length,
      duplicates: stored.reduce((sum, { times }) => sum + times - 1, 0),
    };
  }

  /** Visits and totals say the same as the events, and the same when they are counted again. */
  async function differencesInTotals(): Promise<string[]> {
    await transaction(maya.context, async (inside) => {
      await oneAtATime(inside);
      await addChanges(inside);
    });
    const [sums] = await rows<{ seen: number; visits: number; counted: number }>(
      `select (select count(*) from events where app_id = $1 and kind = 'pageview')::int as seen,
        (select coalesce(sum(views), 0) from visits where app_id = $1)::int as visits,
        (select coalesce(sum(views), 0) from traffic_days where app_id = $1 and dimension = 'total')::int as counted`,
      [appId],
    );
    const found: string[] = [];
    if (sums && (sums.visits !== sums.seen || sums.counted !== sums.seen))
      found.push(`${sums.seen} page views are stored, the visits say ${sums.visits}, the totals ${sums.counted}`);
    const totals = () =>
      rows(
        `select day::text, dimension, value, visitors, visits, views, signups, bounces, seconds from traffic_days
         where app_id = $1 and (visitors, visits, views, signups, bounces, seconds) <> (0, 0, 0, 0, 0, 0)
         order by day, dimension collate "C", value collate "C"`,
        [appId],
      );
    const before = await totals();
    await maya.call.tracking.recount({ appId });
    await workRecounts(maya.context);
    if (JSON.stringify(await totals()) !== JSON.stringify(before)) found.push('counted again, the totals are others');
    return found;
  }
}
