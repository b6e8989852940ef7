import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPast, type Past } from '#test/measured.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import {
  draftAccepted,
  measureDoneSuggestions,
  measureSuggestion,
  suggest,
  suggestAll,
  suggestGrowth,
  suggestStarters,
} from './suggestions.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let past: Past;

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

const list = async () => (await maya.call.suggestions.list({ appId: past.appId })).suggestions;
const byTitle = async (title: string) => {
  const found = (await list()).find((one) => one.title === title);
  if (!found) throw new Error(`No suggestion “${title}”.`);
  return found;
};
const ofKind = async (kind: string) => (await list()).filter((one) => one.kind === kind);

/** Days of traffic with a daily value, as the measuring stage keeps them. */
const days = (
  from: string,
  count: number,
  rows: { dimension: string; value: string; visits: number; signups?: number }[],
) =>
  past.query(
    `insert into traffic_days (workspace_id, app_id, day, dimension, value, visits, visitors, signups)
     select $1, $2, $3::date + n, r.dimension, r.value, r.visits, r.visits, coalesce(r.signups, 0)
     from generate_series(0, $4::int - 1) n cross join jsonb_to_recordset($5::jsonb) as r (dimension text, value text, visits int, signups int)`,
    [maya.workspaceId, past.appId, from, count, JSON.stringify(rows)],
  );

test('a new app gets its first steps, honest about having no measured effect, and nothing from empty rows', async () => {
  await suggestAll(maya.context);
  expect(await suggestStarters(maya.context, past.appId)).toBe(0);
  const { suggestions, counts } = await maya.call.suggestions.list({ appId: past.appId });
  const steps = suggestions.filter(({ kind }) => kind === '');
  expect(steps.map(({ title }) => title).sort()).toEqual([
    'Connect an account to post from',
    'Plan your first week',
    'Put the tracker on your site',
  ]);
  expect(suggestions.every((one) => one.returnLowMinor === null && one.signups === null && one.returnReason)).toBe(
    true,
  );
  expect(counts.proposed).toBe(suggestions.length);
});

test('a step that is in place by now settles itself', async () => {
  await maya.call.suggestions.accept({ suggestionId: (await byTitle('Connect an account to post from')).id });
  await past.account();
  await past.tracked('2026-06-01T00:00:00Z');
  await suggestStarters(maya.context, past.appId);
  expect(await byTitle('Connect an account to post from')).toMatchObject({ state: 'done' });
  expect(await byTitle('Put the tracker on your site')).toMatchObject({ state: 'dismissed' });
});

test('findings on pages become one suggestion for each rule, with rows, steps and an interval of signups', async () => {
  await days('2026-08-01', 113, [
    { dimension: 'total', value: '', visits: 60, signups: 2 },
    { dimension: 'channel', value: 'Organic Search', visits: 20, signups: 1 },
    { dimension: 'channel', value: 'Direct', visits: 40, signups: 1 },
    { dimension: 'path', value: '/', visits: 40, signups: 1 },
    { dimension: 'path', value: '/guide', visits: 20, signups: 1 },
  ]);
  for (const [url, rule] of [
    ['https://outpost.dev/guide', 'title'],
    ['https://outpost.dev/', 'title'],
  ]) {
    const [page] = await past.query(
      `insert into pages (workspace_id, app_id, url, kind) values ($1, $2, $3, 'other')
       on conflict (workspace_id, app_id, competitor_id, url) do update set gone_at = null returning id`,
      [maya.workspaceId, past.appId, url],
    );
    await past.insert('page_findings', {
      page_id: page.id,
      rule,
      severity: 'fix',
      message: 'The page has no title.',
      fix: 'Add a title.',
    });
  }
  await suggest(maya.context, past.appId);
  const [titles, ...more] = await ofKind('seo.titles');
  expect(more).toEqual([]);
  expect(titles).toMatchObject({ title: 'Mend the titles of 2 pages', category: 'seo', minutes: 40, currency: null });
  expect(titles?.returnReason).toMatch(/^Not enough data to say it in money: 0 of the 10 new customers/);
  expect(titles?.signups?.low).toBeLessThan(titles?.signups?.mean ?? 0);
  expect(titles?.signups?.mean).toBeLessThan(titles?.signups?.high ?? 0);
  const shown = await maya.call.suggestions.get({ suggestionId: titles?.id ?? '' });
  expect(shown.evidence).toMatchObject([
    { label: '/: title, visits that began there', tableName: 'page_findings', value: 40 * 84 },
    { label: '/guide: title, visits that began there', tableName: 'page_findings', value: 20 * 84 },
  ]);
  expect(shown.actions.map(({ text }) => text)).toEqual(['/: Add a title.', '/guide: Add a title.']);
  // 20 visits a day from search × 1 signup in 20, of which all visits begin on these two pages.
  expect(shown.working?.factors.map(({ label, mean }) => [label, Math.round(mean * 1000) / 1000])).toEqual([
    ['visits a month (Organic Search)', expect.closeTo(609, 0)],
    ['signups per visit there', expect.closeTo(0.05, 2)],
    ['part of all visits that begin on these pages', expect.closeTo(1, 2)],
  ]);
  // What is ticked off, and said in signups, is still there after the next look.
  const { id: suggestionId } = shown;
  await maya.call.suggestions.completeAction({ suggestionId, position: 1 });
  await maya.call.suggestions.estimate({ suggestionId, minutes: 30, impact: 12 });
  expect(await suggest(maya.context, past.appId)).toEqual([]);
  const { actions, own } = await maya.call.suggestions.get({ suggestionId });
  expect(actions.map(({ doneAt, doneByName }) => doneAt && doneByName)).toEqual([null, 'Maya Lind']);
  expect(own).toMatchObject({ minutes: 30, impact: 12 });
});

test('with enough customers it is money too, and the same rows give the same interval', async () => {
  const [source] = await past.query(
    `insert into payment_sources (workspace_id, app_id, provider, name) values ($1, $2, 'api', 'Shop') returning id`,
    [maya.workspaceId, past.appId],
  );
  for (let index = 0; index < 12; index++)
    await past.insert('payments', {
      app_id: past.appId,
      payment_source_id: source.id,
      provider_id: `p${index}`,
      provider_customer_id: `c${index}`,
      amount_minor: 2000,
      currency: 'USD',
      paid_at: '2026-11-10T00:00:00Z',
      described_at: '2026-11-10T00:00:00Z',
    });
  await past.signups(new Date('2026-11-10T00:00:00Z'), 60);
  await suggest(maya.context, past.appId);
  const [first] = await ofKind('seo.titles');
  await suggest(maya.context, past.appId);
  const [again] = await ofKind('seo.titles');
  expect(again).toEqual(first);
  // Twelve signups are not twelve cents.
  expect(first?.own).toMatchObject({ minutes: 30, impact: null });
  // 12 × 20.00 by 60 signups: 4.00 for each.
  expect(Number(first?.returnMeanMinor)).toBeCloseTo((first?.signups?.mean ?? 0) * 400, -2);
  expect(first?.currency).toBe('USD');
});

test('a person’s own estimate counts before the computed one, and can be taken back', async () => {
  const [titles] = await ofKind('seo.titles');
  const suggestionId = titles?.id ?? '';
  await maya.call.suggestions.estimate({ suggestionId, minutes: 15, impact: 1_000_000 });
  const [own] = await ofKind('seo.titles');
  expect(own).toMatchObject({ place: 1, own: { minutes: 15, impact: 1_000_000, byName: 'Maya Lind' } });
  expect(own?.returnMeanMinor).toBe(titles?.returnMeanMinor);
  await maya.call.suggestions.estimate({ suggestionId, minutes: null, impact: null });
  expect((await ofKind('seo.titles'))[0]?.own).toBeNull();
  const { id } = await byTitle('Plan your first week');
  await expect(maya.call.suggestions.estimate({ suggestionId: id, minutes: null, impact: 500 })).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: expect.stringContaining('from 1 to 5'),
  });
  await maya.call.suggestions.estimate({ suggestionId: id, minutes: null, impact: 5 });
  expect((await byTitle('Plan your first week')).own).toMatchObject({ impact: 5 });
});

test('accepting revises the strategy, gives the steps days and makes drafts; taking it back undoes all of it', async () => {
  await past.insert('strategies', {
    app_id: past.appId,
    version: 1,
    state: 'current',
    objective: 'growth',
    summary: 'Tell what works.',
    source: 'person',
  });
  await past.query(
    `insert into keywords (workspace_id, app_id, phrase, kind, intent, score, state) values ($1, $2, 'release notes', 'long_tail', 'informational', 0.9, 'confirmed')`,
    [maya.workspaceId, past.appId],
  );
  await suggest(maya.context, past.appId);
  const [question] = await ofKind('seo.questions');
  const suggestionId = question?.id ?? '';
  const accepted = await maya.call.suggestions.accept({ suggestionId, note: 'Yes' });
  expect(accepted).toMatchObject({ state: 'accepted', strategyVersion: 2, campaignId: null, writing: 0 });
  const shown = await maya.call.suggestions.get({ suggestionId });
  expect(shown.made.map(({ what }) => what).sort()).toEqual(['post', 'strategy']);
  expect(shown.actions.map(({ dueOn }) => dueOn)).toEqual(['2026-12-02', '2026-12-11', '2026-12-20']);
  expect(shown.decisions).toMatchObject([
    { toState: 'accepted', note: 'Yes', decidedByName: 'Maya Lind', strategyVersion: 2 },
  ]);
  expect(await maya.call.posts.get({ postId: accepted.postIds[0] ?? '' })).toMatchObject({ status: 'draft' });
  await expect(maya.call.suggestions.accept({ suggestionId })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: 'This suggestion is already accepted. It can become in progress or done or dismissed.',
  });

  expect(await maya.call.suggestions.undoAccept({ suggestionId })).toEqual({ state: 'proposed' });
  await expect(maya.call.posts.get({ postId: accepted.postIds[0] ?? '' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const [current] = await past.query(
    `select s.version, count(i.id)::int as items from strategies s left join strategy_items i on i.strategy_id = s.id
     where s.app_id = $1 and s.state = 'current' group by s.version`,
    [past.appId],
  );
  expect(current).toEqual({ version: 3, items: 0 });
  await maya.call.suggestions.accept({ suggestionId });
  await maya.call.suggestions.start({ suggestionId });
  await expect(maya.call.suggestions.undoAccept({ suggestionId })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('where it fits accepting begins a campaign, and taking it back cancels it', async () => {
  const [rivalApp] = await past.query(
    `insert into competitors (workspace_id, app_id, name, state) values ($1, $2, 'Headwater', 'watched') returning id`,
    [maya.workspaceId, past.appId],
  );
  await past.insert('competitor_changes', {
    competitor_id: rivalApp.id,
    kind: 'price',
    severity: 'high',
    before: '9 a month',
    after: '15 a month',
    found_at: '2026-11-20T09:00:00Z',
  });
  await suggest(maya.context, past.appId);
  const [compare] = await ofKind('conversion.competitor_price');
  const suggestionId = compare?.id ?? '';
  const { campaignId, postIds } = await maya.call.suggestions.accept({ suggestionId });
  expect(await maya.call.posts.get({ postId: postIds[0] ?? '' })).toMatchObject({
    campaign: { id: campaignId },
    kind: 'comparison',
  });
  await maya.call.suggestions.undoAccept({ suggestionId });
  const { campaigns } = await maya.call.campaigns.list({ appId: past.appId });
  expect(campaigns).toMatchObject([{ id: campaignId, name: 'Compared with Headwater', status: 'cancelled' }]);
});

test('what follows from an insight is drawn towards what is usual', async () => {
  const insight = async (detector: string, subject: string, effect: number | null, dedupe: string) => {
    const [row] = await past.query(
      `insert into insights (workspace_id, app_id, detector, subject, sentence, direction, effect, effect_low, effect_high, sample_before, sample_after, found_at, dedupe)
       values ($1, $2, $3, $4, 'Posts of the kind “educational” bring more.', 'up', $5, $5::real / 2, $5::real * 2, 20, 9, '2026-11-22T09:00:00Z', $6) returning id`,
      [maya.workspaceId, past.appId, detector, subject, effect, dedupe],
    );
    return row.id as string;
  };
  const id = await insight('post_kinds', 'kind:educational', 4, 'x');
  await past.insert('insight_evidence', {
    insight_id: id,
    position: 0,
    label: 'Visits of the others',
    table_name: 'posts',
    value: 400,
  });
  const suggestionId = (await suggestGrowth(maya.context, id)) ?? '';
  expect(await suggestGrowth(maya.context, id)).toBeNull();
  const shown = await maya.call.suggestions.get({ suggestionId });
  expect(shown).toMatchObject({ title: 'Post more of what works: educational', insight: { id } });
  expect(shown.working?.seen).toBeCloseTo(4);
  expect(shown.working?.effect.mid).toBeGreaterThan(1.1);
  expect(shown.working?.effect.mid).toBeLessThan(2.5);
  const { writing } = await maya.call.suggestions.accept({ suggestionId });
  expect(writing).toBe(2);
  // Nothing is known of this app, so nothing can be written.
  expect(await draftAccepted(maya.context, suggestionId)).toBeNull();
  for (const statement of ['Outpost sends a weekly digest of what changed.', 'Each feature has a page of its own.'])
    await past.insert('facts', {
      app_id: past.appId,
      kind: 'feature',
      statement,
      detail: '{}',
      confidence: 0.9,
      state: 'confirmed',
      source: 'person',
    });
  const drafts = async () => (await maya.call.posts.list({ appId: past.appId, status: 'draft' })).posts.length;
  const before = await drafts();
  const written = await Promise.all([1, 2].map(() => draftAccepted(maya.context, suggestionId)));
  expect(written.filter((ids) => ids !== null)).toHaveLength(1);
  const { made } = await maya.call.suggestions.get({ suggestionId });
  expect(await drafts()).toBe(before + written.flatMap((ids) => ids ?? []).length);
  expect(made.flatMap(({ what, id: postId }) => (what === 'post' ? [postId] : [])).sort()).toEqual(
    written.flatMap((ids) => ids ?? []).sort(),
  );
});

test('a done one is measured against what was not touched, again until its window closes, and its kind learns', async () => {
  const [titles] = await ofKind('seo.titles');
  const suggestionId = titles?.id ?? '';
  await past.query(
    `update suggestions set measure = '{"of":"visits","dimension":"path","values":["/guide"]}' where id = $1`,
    [suggestionId],
  );
  await maya.call.suggestions.accept({ suggestionId });
  await maya.call.suggestions.completeAction({ suggestionId, position: 0 });
  await maya.call.suggestions.complete({ suggestionId });
  expect(await measureSuggestion(maya.context, suggestionId)).toMatchObject({
    verdict: 'not_enough_data',
    reason: 'Not enough data yet: 0 of the 4 whole weeks after it are over. The four weeks after it end on 2026-12-28.',
    settled: false,
  });
  // Both fall by half over the holidays; what was changed is half above what was not.
  await days('2026-11-22', 80, [
    { dimension: 'path', value: '/guide', visits: 15 },
    { dimension: 'path', value: '/', visits: 20 },
  ]);
  world.clock.set('2026-12-30T09:00:00Z');
  await measureDoneSuggestions(maya.context);
  const early = (await maya.call.suggestions.get({ suggestionId })).results[0];
  expect(early).toMatchObject({ verdict: 'better', method: 'difference_in_differences', settled: false });
  expect(early?.effect).toBeCloseTo(1.5, 1);
  world.clock.set('2027-02-01T09:00:00Z');
  await measureDoneSuggestions(maya.context);
  const [late] = (await maya.call.suggestions.results({ appId: past.appId })).results;
  expect(late).toMatchObject({ settled: true, control: 'the other pages, which were not touched' });
  expect(late?.weeks).toHaveLength(20);
  expect((late?.effectHigh ?? 9) - (late?.effectLow ?? 0)).toBeLessThan(
    (early?.effectHigh ?? 0) - (early?.effectLow ?? 9),
  );
  const { kinds } = await maya.call.suggestions.kinds({});
  const kind = kinds.find(({ name }) => name === 'seo.titles');
  expect(kind?.learntFrom).toBe(1);
  expect(kind?.expected.mid).toBeGreaterThan(Math.sqrt((kind?.prior.low ?? 0) * (kind?.prior.high ?? 0)));
});

test('what was dismissed stays away for 90 days, unless its evidence doubles; what the rows no longer say is gone', async () => {
  await past.query(
    `insert into keywords (workspace_id, app_id, phrase, kind, intent, score, state)
     select $1, $2, 'phrase ' || n, 'primary', 'commercial', 0.5, 'confirmed' from generate_series(1, 3) n`,
    [maya.workspaceId, past.appId],
  );
  await suggest(maya.context, past.appId);
  const [gap] = await ofKind('seo.keyword_gap');
  await maya.call.suggestions.dismiss({ suggestionId: gap?.id ?? '', note: 'On holiday' });
  expect(await suggest(maya.context, past.appId)).toEqual([]);
  await past.query(
    `insert into keywords (workspace_id, app_id, phrase, kind, intent, score, state)
     select $1, $2, 'other ' || n, 'primary', 'commercial', 0.5, 'confirmed' from generate_series(1, 3) n`,
    [maya.workspaceId, past.appId],
  );
  expect(await suggest(maya.context, past.appId)).toHaveLength(1);
  expect((await ofKind('seo.keyword_gap')).map(({ state }) => state).sort()).toEqual(['dismissed', 'proposed']);
  await past.query(`update keywords set state = 'retired' where app_id = $1`, [past.appId]);
  world.clock.forward('15 d');
  await suggest(maya.context, past.appId);
  expect((await ofKind('seo.keyword_gap')).map(({ state }) => state).sort()).toEqual(['dismissed', 'expired']);
});

test('another workspace finds none of it', async () => {
  const { id } = await byTitle('Plan your first week');
  await expect(rival.call.suggestions.get({ suggestionId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.suggestions.accept({ suggestionId: id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(rival.call.suggestions.estimate({ suggestionId: id, minutes: 5, impact: null })).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
  await expect(rival.call.suggestions.list({ appId: past.appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});
