import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kaplanMeier } from '#src/measure/survival.ts';
import { published } from '#test/published.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

const DAY = 86_400_000;
const NOW = Date.parse('2026-11-22T09:00:00Z');
let world: TestWorld;
let maya: Person;
let owner: pg.Client;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  owner = new pg.Client(world.owner);
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await world.close();
});

const register = async () =>
  (await maya.call.apps.register({ url: `https://a${crypto.randomUUID().slice(0, 8)}.dev` })).id;

/** Somebody who began to pay so many days ago and, if `stopped`, did so `days` later. */
async function pays(appId: string, who: { name: string; began: number; stopped: number | null }[]): Promise<void> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into payment_sources (workspace_id, app_id, provider, name) values ($1, $2, 'stripe', 'Stripe') returning id`,
    [maya.workspaceId, appId],
  );
  for (const { name, began, stopped } of who) {
    const made = await owner.query<{ id: string }>(
      `insert into subscriptions (workspace_id, app_id, payment_source_id, provider_id, provider_customer_id, status, currency, updated_at)
       values ($1, $2, $3, $4, $4, 'active', 'EUR', now()) returning id`,
      [maya.workspaceId, appId, rows[0]?.id, name],
    );
    const moves: [string, number, number][] = [['new', 900, began]];
    if (stopped !== null) moves.push(['churn', -900, began + stopped * DAY]);
    for (const [kind, amount, at] of moves)
      await owner.query(
        `insert into mrr_movements (workspace_id, app_id, subscription_id, kind, amount_minor, currency, occurred_at)
         values ($1, $2, $3, $4, $5, 'EUR', $6)`,
        [maya.workspaceId, appId, made.rows[0]?.id, kind, amount, new Date(at)],
      );
  }
}

describe('who still pays', () => {
  const text = published('survival/freireich_6mp.csv');

  test.skipIf(text === null)(
    'is the published curve, through the product (skipped where shared/data is absent)',
    async () => {
      const lives = (text ?? '')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.replaceAll('"', '').split(','))
        .filter(([, , group]) => group === '6-MP')
        .map(([time, status]) => ({ time: Number(time), event: status === '1' }));
      const appId = await register();
      // Who had not stopped when last seen began just so long ago.
      await pays(
        appId,
        lives.map(({ time, event }, index) => ({
          name: `p${index}`,
          began: event ? NOW - 300 * DAY : NOW - time * DAY,
          stopped: event ? time : null,
        })),
      );
      const { survival } = await maya.call.cohorts.show({ appId, of: 'paying' });
      const pure = kaplanMeier(lives);
      expect(survival?.n).toBe(lives.length);
      expect(survival?.steps.map(({ day, share, atRisk }) => [day, share, atRisk])).toEqual(
        pure.steps.map(({ time, survival: share, atRisk }) => [time, share, atRisk]),
      );
      // Fewer than thirty: the curve stands there with its bounds, a median would be a claim.
      expect(survival?.median).toBeNull();
    },
  );

  test('counts nobody as gone whose time is not over, and says nothing of few', async () => {
    const appId = await register();
    await pays(appId, [
      ...Array.from({ length: 40 }, (_, index) => ({
        name: `old${index}`,
        began: Date.parse('2026-06-10T00:00:00Z'),
        stopped: index < 10 ? 40 : null,
      })),
      ...Array.from({ length: 31 }, (_, index) => ({
        name: `new${index}`,
        began: Date.parse('2026-11-05T00:00:00Z'),
        stopped: null,
      })),
      { name: 'lone', began: Date.parse('2026-08-05T00:00:00Z'), stopped: null },
    ]);
    const { cohorts, survival } = await maya.call.cohorts.show({ appId, of: 'paying' });
    expect(cohorts.map(({ cohort, size }) => [cohort, size])).toEqual([
      ['2026-06', 40],
      ['2026-08', 1],
      ['2026-11', 31],
    ]);
    expect(cohorts[0]?.cells.map(({ share }) => share)).toEqual([1, 1, 0.75, 0.75, 0.75, 0.75]);
    expect(cohorts[0]?.cells[2]?.interval?.low).toBeGreaterThan(0.5);
    expect(cohorts[1]?.cells.every(({ share }) => share === null)).toBe(true);
    expect(cohorts[2]?.cells).toMatchObject([{ after: 0, n: 31, share: 1, complete: false }]);
    expect(survival).toMatchObject({ n: 72, stopped: 10, median: { day: null } });
  });
});

describe('who came back', () => {
  test('is known by what the app told of them, month by month; the running month is not judged', async () => {
    const appId = await register();
    world.clock.set('2026-09-10T10:00:00Z');
    const people = Array.from({ length: 32 }, (_, index) => `p${index}`);
    await maya.call.events.send({ appId, events: people.map((person) => ({ kind: 'signup', person })) });
    world.clock.set('2026-10-15T10:00:00Z');
    await maya.call.events.send({
      appId,
      events: people.slice(0, 16).map((person) => ({ kind: 'export_done', person })),
    });
    world.clock.set('2026-11-20T10:00:00Z');
    await maya.call.events.send({
      appId,
      events: people.slice(0, 4).map((person) => ({ kind: 'export_done', person })),
    });
    world.clock.set('2026-11-22T09:00:00Z');
    const answer = await maya.call.cohorts.show({ appId });
    expect(answer.survival).toBeNull();
    expect(answer.cohorts).toMatchObject([
      {
        cohort: '2026-09',
        size: 32,
        cells: [
          { after: 0, n: 32, share: 1, complete: true },
          { after: 1, n: 16, share: 0.5, complete: true },
          { after: 2, n: 4, share: null, complete: false },
        ],
      },
    ]);
    const weeks = await maya.call.cohorts.show({ appId, by: 'week', cohorts: 12 });
    expect(weeks.cohorts[0]).toMatchObject({ cohort: '2026-09-07', size: 32 });
    expect(weeks.cohorts[0]?.cells[5]).toMatchObject({ after: 5, n: 16, share: 0.5 });
  });

  test('cannot be known of visitors without consent', async () => {
    const appId = await register();
    expect(await maya.call.cohorts.show({ appId, of: 'visitors' })).toMatchObject({ missing: 'consent', cohorts: [] });
    await maya.call.tracking.set({ appId, privacyTier: 'consented' });
    await owner.query(
      `insert into visits (workspace_id, app_id, id, started_at, last_seen_at, visitor, entry_path, exit_path, source, medium, channel, agent_class)
       select $1, $2, gen_random_uuid(), day, day, 'id:' || n, '/', '/', 'Direct', '(none)', 'Direct', 'human'
       from generate_series(1, 30) n cross join lateral (values ('2026-09-10'::timestamptz), (case when n <= 10 then '2026-10-10'::timestamptz end)) d (day)
       where day is not null`,
      [maya.workspaceId, appId],
    );
    const { cohorts, missing } = await maya.call.cohorts.show({ appId, of: 'visitors' });
    expect(missing).toBeNull();
    expect(cohorts[0]?.cells.map(({ n }) => n)).toEqual([30, 10, 0]);
    expect(cohorts[0]?.cells[1]?.share).toBeCloseTo(1 / 3);
  });

  test('is nobody of another workspace', async () => {
    const appId = await register();
    const ada = await world.join('Ada');
    await expect(ada.call.cohorts.show({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('a customer', () => {
  test('has a story: visits, events, a signup; only their own workspace reads it', async () => {
    const appId = await register();
    const visitId = crypto.randomUUID();
    await maya.call.events.send({ appId, events: [{ kind: 'signup', person: 'u1', visitor: 'x1' }] });
    await maya.call.events.send({ appId, events: [{ kind: 'export_done', person: 'u1', props: { plan: 'pro' } }] });
    await owner.query(
      `insert into visits (workspace_id, app_id, id, started_at, last_seen_at, visitor, entry_path, exit_path, source, medium, channel, views)
       values ($1, $2, $3, '2026-11-20', '2026-11-20', 'id:x1', '/pricing', '/', 'X', 'social', 'Organic Social', 3)`,
      [maya.workspaceId, appId, visitId],
    );
    // One is known by its visit, one by its visit and its person, one is somebody else's.
    await owner.query(
      `insert into events (workspace_id, app_id, id, occurred_at, kind, visit_id, person)
       values ($1, $2, gen_random_uuid(), '2026-11-20', 'opened', $3, null),
         ($1, $2, gen_random_uuid(), '2026-11-19T23:50:00Z', 'closed', $3, 'u1'),
         ($1, $2, gen_random_uuid(), '2026-11-20', 'strange', gen_random_uuid(), 'u2')`,
      [maya.workspaceId, appId, visitId],
    );
    const { customers } = await maya.call.customers.list({ appId });
    const customerId = customers[0]?.id ?? '';
    expect(customers).toMatchObject([{ person: 'u1', erasedAt: null }]);
    const { customer, story, links } = await maya.call.customers.show({ customerId });
    expect(customer).toMatchObject({ customerId, person: 'u1', erasedAt: null });
    expect(story.map(({ kind, title }) => `${kind} ${title}`).sort()).toEqual([
      'conversion signup',
      'event closed',
      'event export_done',
      'event opened',
      'event signup',
      'visit /pricing',
    ]);
    expect(story.find(({ kind }) => kind === 'visit')).toMatchObject({ source: 'X', views: 3 });
    expect(links.map(({ kind }) => kind).sort()).toEqual(['person', 'visitor']);
    const ada = await world.join('Ada');
    await expect(ada.call.customers.show({ customerId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
