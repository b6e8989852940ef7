import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { dayMs } from './detectors/detector.ts';
import {
  measureDoneSuggestions,
  measureSuggestion,
  suggestAllStarters,
  suggestGrowth,
  suggestStarters,
} from './suggestions.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;
let insightId: string;

beforeAll(async () => {
  world = await openTestWorld({ now: '2026-11-22T09:00:00Z' });
  maya = await world.join();
  rival = await world.join('Rival');
  past = await openPast(world, maya);
});
afterAll(async () => {
  await past.close();
  await world.close();
});

const byTitle = async (title: string) => {
  const { suggestions } = await maya.call.suggestions.list({ appId: past.appId });
  const found = suggestions.find((one) => one.title === title);
  if (!found) throw new Error(`No suggestion “${title}”.`);
  return found;
};

test('a new app gets its first steps, honest about having no measured effect', async () => {
  await suggestAllStarters(maya.context);
  expect(await suggestStarters(maya.context, past.appId)).toBe(0);
  const { suggestions, counts } = await maya.call.suggestions.list({ appId: past.appId });
  expect(suggestions.map(({ title }) => title)).toEqual([
    'Connect an account to post from',
    'Put the tracker on your site',
    'Plan your first week',
  ]);
  expect(suggestions.every((one) => one.returnLowMinor === null && one.returnReason?.startsWith('A first step'))).toBe(
    true,
  );
  expect(counts).toEqual({ proposed: 3, accepted: 0, in_progress: 0, done: 0, dismissed: 0 });
});

test('a step that is in place by now settles itself', async () => {
  await maya.call.suggestions.accept({ suggestionId: (await byTitle('Connect an account to post from')).id });
  await past.account();
  await past.tracked('2026-11-01T00:00:00Z');
  await suggestStarters(maya.context, past.appId);
  expect(await byTitle('Connect an account to post from')).toMatchObject({ state: 'done' });
  expect(await byTitle('Put the tracker on your site')).toMatchObject({ state: 'dismissed' });
});

test('without a current strategy a suggestion is accepted, and nothing is revised', async () => {
  const { id } = await byTitle('Plan your first week');
  expect(await maya.call.suggestions.accept({ suggestionId: id })).toEqual({
    state: 'accepted',
    strategyVersion: null,
  });
});

test('an insight becomes a suggestion, once', async () => {
  const rows = await past.query(
    `insert into insights (workspace_id, app_id, detector, subject, sentence, direction, effect, effect_low, effect_high, sample_before, sample_after, found_at, dedupe)
     values ($1, $2, 'post_kinds', 'kind:educational', 'Posts of the kind “educational” bring more.', 'up', 4, 3, 5, 27, 9, '2026-11-22T09:00:00Z', 'x') returning id`,
    [maya.workspaceId, past.appId],
  );
  insightId = rows[0].id;
  const suggestionId = await suggestGrowth(maya.context, insightId);
  expect(await suggestGrowth(maya.context, insightId)).toBeNull();
  const shown = await maya.call.suggestions.get({ suggestionId: suggestionId ?? '' });
  expect(shown).toMatchObject({
    title: 'Post more of what works: educational',
    category: 'content',
    insight: { id: insightId },
    returnLowMinor: null,
    returnReason: 'Not enough data: 0 of the 10 payments of the last 90 days needed.',
    strategyChange: { add: [{ kind: 'pillar', statement: 'Post more often: educational.' }] },
  });
});

test('with enough payments the return is an interval in their currency', async () => {
  const [source] = await past.query(
    `insert into payment_sources (workspace_id, app_id, provider, name) values ($1, $2, 'api', 'Shop') returning id`,
    [maya.workspaceId, past.appId],
  );
  for (let index = 0; index < 12; index++)
    await past.insert('payments', {
      app_id: past.appId,
      payment_source_id: source.id,
      provider_id: `p${index}`,
      amount_minor: 2000,
      currency: 'EUR',
      paid_at: '2026-11-10T00:00:00Z',
      described_at: '2026-11-10T00:00:00Z',
    });
  await past.visits(new Date('2026-11-10T00:00:00Z'), 1200);
  const rows = await past.query(
    `insert into insights (workspace_id, app_id, detector, subject, sentence, direction, effect, effect_low, effect_high, sample_before, sample_after, found_at, dedupe)
     values ($1, $2, 'posting_times', 'time:morning', 'Mornings bring more.', 'up', 4, 3, 5, 20, 9, '2026-11-22T09:00:00Z', 'y') returning id`,
    [maya.workspaceId, past.appId],
  );
  await past.insert('insight_evidence', {
    insight_id: rows[0].id,
    position: 0,
    label: 'Visits of the other posts',
    table_name: 'traffic_days',
    value: 400,
  });
  const suggestionId = await suggestGrowth(maya.context, rows[0].id);
  const shown = await maya.call.suggestions.get({ suggestionId: suggestionId ?? '' });
  // 20 visits a post, 4 posts, 2 to 4 times more: 160 to 320 visits × 0.5 to 1.7 payments in a hundred × 20 EUR.
  expect(shown.currency).toBe('EUR');
  expect(Number(shown.returnLowMinor)).toBeCloseTo(160 * (6.2006 / 1200) * 2000, -1);
  expect(Number(shown.returnHighMinor)).toBeCloseTo(320 * (20.9616 / 1200) * 2000, -1);
});

test('accepting revises the current strategy in the same change, and the decision names the version', async () => {
  await past.insert('strategies', {
    app_id: past.appId,
    version: 1,
    state: 'current',
    objective: 'growth',
    summary: 'Tell what works.',
    source: 'person',
  });
  const { id } = await byTitle('Post more of what works: educational');
  expect(await maya.call.suggestions.accept({ suggestionId: id, note: 'Yes' })).toEqual({
    state: 'accepted',
    strategyVersion: 2,
  });
  const [strategy] = await past.query(
    `select s.source, i.statement from strategies s join strategy_items i on i.strategy_id = s.id where s.app_id = $1 and s.state = 'current'`,
    [past.appId],
  );
  expect(strategy).toEqual({ source: 'suggestion', statement: 'Post more often: educational.' });
  const shown = await maya.call.suggestions.get({ suggestionId: id });
  expect(shown.decisions).toMatchObject([
    { toState: 'accepted', note: 'Yes', decidedByName: 'Maya Lind', strategyVersion: 2 },
  ]);
  const recorded = await past.query(
    `select detail from activities where name = 'suggestion.accepted' and subject_id = $1`,
    [id],
  );
  expect(recorded).toMatchObject([{ detail: { strategyVersion: 2 } }]);
});

test('a state that does not follow is a conflict in words, and changes nothing', async () => {
  const { id } = await byTitle('Post more of what works: educational');
  await expect(maya.call.suggestions.accept({ suggestionId: id })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'This suggestion is already accepted. It can become in progress or done or dismissed.',
  });
  const versions = await past.query('select version from strategies where app_id = $1', [past.appId]);
  expect(versions).toHaveLength(2);
});

test('steps are ticked off and on; the work is begun and done', async () => {
  const { id } = await byTitle('Post more of what works: educational');
  await maya.call.suggestions.start({ suggestionId: id });
  await maya.call.suggestions.completeAction({ suggestionId: id, position: 0 });
  await maya.call.suggestions.completeAction({ suggestionId: id, position: 1 });
  await maya.call.suggestions.completeAction({ suggestionId: id, position: 1, done: false });
  expect(await byTitle('Post more of what works: educational')).toMatchObject({ actionsDone: 1, actionsAll: 2 });
  await expect(maya.call.suggestions.completeAction({ suggestionId: id, position: 9 })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await maya.call.suggestions.complete({ suggestionId: id });
  expect((await maya.call.suggestions.list({ appId: past.appId, state: 'done' })).counts.done).toBe(2);
});

test('its result waits for four weeks after, then compares with four weeks before', async () => {
  const { id } = await byTitle('Post more of what works: educational');
  await past.query(`update tracking_settings set first_event_at = '2026-06-01' where app_id = $1`, [past.appId]);
  expect(await measureSuggestion(maya.context, id)).toMatchObject({
    verdict: 'not_enough_data',
    reason: 'Not enough data yet: the four weeks after it was done end on 2026-12-21.',
  });
  await past.query('delete from traffic_hours where app_id = $1', [past.appId]);
  const start = Date.parse('2026-10-25T00:00:00Z');
  for (let week = 0; week < 9; week++)
    await past.visits(new Date(start + week * 7 * dayMs + 2 * dayMs), (week < 4 ? 300 : 900) + week * 5);
  world.clock.set('2026-12-22T09:00:00Z');
  await measureDoneSuggestions(maya.context);
  const { results } = await maya.call.suggestions.results({ appId: past.appId });
  const result = results.find(({ suggestionId }) => suggestionId === id);
  expect(result).toMatchObject({ metric: 'visits', verdict: 'better', reason: null });
  expect(result?.effectLow).toBeGreaterThan(2);
  expect(result?.effectHigh).toBeLessThan(4);
});

test('what was dismissed is not brought up again for 90 days', async () => {
  const [row] = await past.query(
    `insert into insights (workspace_id, app_id, detector, subject, sentence, direction, found_at, dedupe)
     values ($1, $2, 'empty_week', 'next_week', 'Nothing is scheduled for the next seven days.', null, '2026-12-22T09:00:00Z', 'z') returning id`,
    [maya.workspaceId, past.appId],
  );
  const suggestionId = (await suggestGrowth(maya.context, row.id)) ?? '';
  await maya.call.suggestions.dismiss({ suggestionId, note: 'On holiday' });
  const [next] = await past.query(
    `insert into insights (workspace_id, app_id, detector, subject, sentence, direction, found_at, dedupe)
     values ($1, $2, 'empty_week', 'next_week', 'Nothing is scheduled for the next seven days.', null, '2026-12-29T09:00:00Z', 'z2') returning id`,
    [maya.workspaceId, past.appId],
  );
  world.clock.forward('7 d');
  expect(await suggestGrowth(maya.context, next.id)).toBeNull();
  world.clock.forward('90 d');
  expect(await suggestGrowth(maya.context, next.id)).not.toBeNull();
});

test('another workspace finds none of it', async () => {
  const { id } = await byTitle('Plan your first week');
  await expect(rival.call.suggestions.get({ suggestionId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.suggestions.accept({ suggestionId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.suggestions.list({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
