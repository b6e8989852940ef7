import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Block } from '#src/grow/reports/content.ts';
import type { Numbers } from '#src/grow/reports/numbers.ts';
import { countWords, moneyWords, noneBlock, percentWords, tableOf } from '#src/grow/reports/words.ts';
import { settingsOf } from '#src/measure/attribution/settings.ts';
import { type CreditModel, creditModels, defaultCreditModel } from '#src/measure/credit.ts';
import { postsThatBrought } from '#src/measure/dashboards/brought.ts';
import { FLOOR } from '#src/measure/traffic/shapes.ts';

/** The posts that brought people in the period, most visits first. */
export async function postsBlock(inside: Inside, appId: string, numbers: Numbers, most: number): Promise<Block> {
  const posts = await postsOf(inside, appId, numbers, most);
  if (posts.length === 0) return noneBlock('No visit of this period came by a post.');
  return tableOf(
    'Posts that brought people',
    ['Post', '#Visits', '#Signups', '#Signups of visits', '#Customers', '#Revenue'],
    posts.map((post) => [
      post.title,
      countWords(post.visits),
      countWords(post.signups),
      post.visits < FLOOR ? 'not enough data' : percentWords(post.signups / post.visits),
      countWords(post.customers),
      moneyWords(post.revenueMinor, numbers.currency),
    ]),
    `Signups and money as the app’s attribution model credits them; a rate needs ${FLOOR} visits.`,
  );
}

export async function postsOf(inside: Inside, appId: string, { currency, timeZone, period }: Numbers, most: number) {
  const wanted = (await settingsOf(inside, appId)).model;
  const model: CreditModel = creditModels.find((each) => each === wanted) ?? defaultCreditModel;
  const view = { appIds: [appId], timeZone, currency, current: period, previous: period, model };
  return (await postsThatBrought(inside, view, most)).posts;
}

/** What the numbers said in the period: the heaviest first, then the newest. */
export async function insightsBlock(
  inside: Inside,
  appId: string,
  { period }: Numbers,
  most: number,
  way?: 'up' | 'down',
): Promise<Block> {
  const found = await inside.tx
    .selectFrom('insights')
    .select(['detector', 'subject', 'sentence', 'sampleBefore', 'sampleAfter'])
    .where('appId', '=', appId)
    .where('foundAt', '>=', period.from)
    .where('foundAt', '<', period.until)
    .where('dismissedAt', 'is', null)
    .$if(way !== undefined, (query) => query.where('direction', '=', way as 'up'))
    .orderBy(sql`array_position(array['high', 'medium', 'low'], severity)`)
    .orderBy('foundAt', 'desc')
    .orderBy('id')
    .execute();
  if (found.length === 0)
    return noneBlock(
      way === undefined
        ? 'Nothing stood out that chance would not explain.'
        : `Nothing went ${way} by more than chance would explain.`,
    );
  return {
    type: 'list',
    items: latest(found, most).map(({ sentence, sampleBefore, sampleAfter }) => ({
      text: sentence,
      detail:
        sampleBefore === null || sampleAfter === null
          ? null
          : `Rests on ${countWords(sampleBefore)} and ${countWords(sampleAfter)} counted.`,
      path: '/insights',
    })),
  };
}

/** What was found again and again counts once, as it was said last. */
function latest<F extends { detector: string; subject: string }>(found: readonly F[], most: number): F[] {
  const seen = new Map<string, F>();
  for (const one of found)
    if (!seen.has(`${one.detector} ${one.subject}`)) seen.set(`${one.detector} ${one.subject}`, one);
  return [...seen.values()].slice(0, most);
}

/** The open suggestions by their place: the most expected for the effort first. */
export async function suggestionsBlock(inside: Inside, appId: string, most: number): Promise<Block> {
  const open = await inside.tx
    .selectFrom('suggestions')
    .select(['title', 'minutes', 'returnLowMinor', 'returnHighMinor', 'currency', 'returnReason'])
    .select(['signupsLow', 'signupsHigh'])
    .where('appId', '=', appId)
    .where('state', 'in', ['proposed', 'accepted', 'in_progress'])
    .orderBy('place', (order) => order.asc().nullsLast())
    .orderBy('createdAt')
    .limit(most)
    .execute();
  if (open.length === 0) return noneBlock('There is no open suggestion.');
  return {
    type: 'list',
    items: open.map((each) => ({
      text: each.title,
      detail: [worthOf(each), each.minutes === null ? null : `about ${countWords(each.minutes)} minutes of work`]
        .filter((part) => part !== null)
        .join('; '),
      path: '/suggestions',
    })),
  };
}

function worthOf(of: {
  returnLowMinor: string | null;
  returnHighMinor: string | null;
  currency: string | null;
  returnReason: string | null;
  signupsLow: number | null;
  signupsHigh: number | null;
}): string {
  const { returnLowMinor: low, returnHighMinor: high, currency } = of;
  if (low !== null && high !== null && currency !== null)
    return `expected ${moneyWords(low, currency)} to ${moneyWords(high, currency)} a month (90% interval)`;
  if (of.signupsLow !== null && of.signupsHigh !== null)
    return `expected ${countWords(of.signupsLow)} to ${countWords(of.signupsHigh)} signups a month (90% interval)`;
  return (of.returnReason ?? 'What it brings cannot be said yet.').replace(/\.$/, '');
}

/** Suggestions that were finished, with what their measured result says; those measured in the period. */
export async function lessonsBlock(inside: Inside, appId: string, { period }: Numbers): Promise<Block> {
  const rows = await inside.tx
    .selectFrom('suggestionResults as r')
    .innerJoin('suggestions as s', 's.id', 'r.suggestionId')
    .select(['s.title', 'r.metric', 'r.verdict', 'r.effect', 'r.effectLow', 'r.effectHigh', 'r.reason'])
    .where('s.appId', '=', appId)
    .where('r.measuredAt', '>=', period.from)
    .where('r.measuredAt', '<', period.until)
    .orderBy(sql`array_position(array['better', 'worse', 'no_difference', 'not_enough_data'], r.verdict)`)
    .orderBy('s.title')
    .execute();
  if (rows.length === 0) return noneBlock('No finished suggestion was measured in this period.');
  return tableOf(
    'What finished suggestions changed',
    ['Suggestion', 'Number', 'Result', '#After ÷ before', '#90% interval'],
    rows.map((row) => [
      row.title,
      row.metric.replaceAll('_', ' '),
      VERDICTS[row.verdict as keyof typeof VERDICTS],
      row.effect === null || row.verdict === 'not_enough_data' ? 'not enough data' : row.effect.toFixed(2),
      row.effectLow === null || row.effectHigh === null || row.verdict === 'not_enough_data'
        ? (row.reason ?? '')
        : `${row.effectLow.toFixed(2)} to ${row.effectHigh.toFixed(2)}`,
    ]),
  );
}

const VERDICTS = {
  better: 'better',
  worse: 'worse',
  no_difference: 'no difference',
  not_enough_data: 'not enough data',
} as const;

/** What is planned to go out in the week after the period. */
export async function plannedBlock(inside: Inside, appId: string, { period }: Numbers): Promise<Block> {
  const { count } = await inside.tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .select((eb) => eb.fn.count<number>('posts.id').distinct().as('count'))
    .where('posts.appId', '=', appId)
    .where('publications.state', '=', 'scheduled')
    .where('publications.dueAt', '>=', period.until)
    .where('publications.dueAt', '<', new Date(period.until.getTime() + 7 * 86_400_000))
    .executeTakeFirstOrThrow();
  return {
    type: 'text',
    sentences: [
      count === 0
        ? 'Nothing is scheduled for the week after this one.'
        : `${countWords(count)} ${count === 1 ? 'post is' : 'posts are'} scheduled for the week after this one.`,
    ],
  };
}
