import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type CountMetric, countFigure, countMetrics, moneyFigures, readCounts, readMoney } from '#src/grow/numbers.ts';
import type { Block } from '#src/grow/reports/content.ts';
import type { Numbers } from '#src/grow/reports/numbers.ts';
import { countWords, moneyWords, noneBlock, percentWords, tableOf, valueWords } from '#src/grow/reports/words.ts';
import { PERIOD, progressOf } from '#src/grow/success/progress.ts';
import { returnsIn } from '#src/measure/returns/by.ts';
import { dayIn } from '#src/plan/times.ts';

const DAY = 86_400_000;
const STATES = {
  reached: 'reached',
  on_track: 'on track',
  behind: 'behind',
  missed: 'missed',
  no_date: 'no date set',
  not_enough_data: 'not enough data',
} as const;

/** The app's targets against what the last 28 days of the period came to, by the rule of the success page. */
export async function goalsBlock(inside: Inside, appId: string, { period, currency, span }: Numbers): Promise<Block> {
  const targets = await inside.tx
    .selectFrom('successTargets')
    .selectAll()
    .where('appId', '=', appId)
    .orderBy('area')
    .orderBy('metric')
    .execute();
  if (targets.length === 0) return noneBlock('No targets are set. Set them on the page Success.');
  const { until } = period;
  const [from, earlier] = [new Date(until.getTime() - PERIOD * DAY), new Date(until.getTime() - 2 * PERIOD * DAY)];
  const [counts, countsBefore] = [
    await readCounts(inside, appId, from, until),
    await readCounts(inside, appId, earlier, from),
  ];
  const [money, moneyBefore] = [
    await readMoney(inside, appId, from, until),
    await readMoney(inside, appId, earlier, from),
  ];
  const rows = targets.flatMap(({ metric, target, byDay }) => {
    const found = countMetrics.includes(metric as CountMetric)
      ? countFigure(metric as CountMetric, counts, countsBefore)
      : moneyFigures(metric as 'mrr', money, moneyBefore, currency)[0];
    if (!found) return [];
    const { state, reason } = progressOf(found, { target, byDay, today: span.until });
    const words = (value: string) => valueWords(value, found.unit, found.currency);
    return [
      [
        found.label,
        found.value === null ? 'not enough data' : words(found.value),
        words(target),
        byDay ?? 'no date',
        STATES[state],
        reason,
      ],
    ];
  });
  return tableOf(
    'Targets',
    ['Number', '#Reached', '#Target', 'By', 'How it stands', 'Why'],
    rows,
    `Reached: the last ${PERIOD} days of the period, or the level at its end.`,
  );
}

/** The versions of the strategy that began in the period, with the reason of each. */
export async function strategiesBlock(inside: Inside, appId: string, { period, timeZone }: Numbers): Promise<Block> {
  const versions = await inside.tx
    .selectFrom('strategies')
    .select(['version', 'objective', 'reason', 'decidedAt', 'postsPerWeek', 'state'])
    .where('appId', '=', appId)
    .where('state', 'in', ['current', 'superseded'])
    .where('decidedAt', '>=', period.from)
    .where('decidedAt', '<', period.until)
    .orderBy('version')
    .execute();
  if (versions.length === 0) return noneBlock('The strategy did not change in this period.');
  return tableOf(
    'Versions of the strategy',
    ['#Version', 'Since', 'Objective', '#Posts a week', 'Why'],
    versions.map((each) => [
      String(each.version),
      each.decidedAt ? dayIn(timeZone, each.decidedAt) : '',
      each.objective,
      String(each.postsPerWeek),
      each.reason ?? '',
    ]),
  );
}

/** What campaigns cost and brought in the period, most profit first. */
export async function campaignsBlock(inside: Inside, appId: string, { period, currency }: Numbers): Promise<Block> {
  const { rows } = await returnsIn(inside, { appId, by: 'campaign', limit: 12 }, period);
  if (rows.length === 0) return noneBlock('No campaign brought or cost anything in this period.');
  return tableOf(
    'Campaigns',
    ['Campaign', '#Visits', '#Signups', '#Customers', '#Revenue', '#Cost', '#Profit', '#Return'],
    rows.map((row) => [
      row.name,
      countWords(row.visits),
      countWords(row.signups),
      countWords(row.customers),
      moneyWords(row.revenueMinor, currency),
      moneyWords(row.cost.allMinor, currency),
      moneyWords(row.profitMinor, currency),
      row.ratios.roi.value === null ? 'nothing spent' : percentWords(row.ratios.roi.value),
    ]),
    'Return: profit on what was spent.',
  );
}

/** What competitors changed in the period, the heaviest first. */
export async function competitorsBlock(inside: Inside, appId: string, { period, timeZone }: Numbers): Promise<Block> {
  const changes = await inside.tx
    .selectFrom('competitorChanges as c')
    .innerJoin('competitors as o', 'o.id', 'c.competitorId')
    .select(['o.name', 'c.kind', 'c.sentence', 'c.before', 'c.after', 'c.foundAt'])
    .where('o.appId', '=', appId)
    .where('o.state', '<>', 'dismissed')
    .where('c.foundAt', '>=', period.from)
    .where('c.foundAt', '<', period.until)
    .orderBy(sql`array_position(array['high', 'medium', 'low'], c.severity)`)
    .orderBy('c.foundAt', 'desc')
    .orderBy('c.id')
    .limit(10)
    .execute();
  if (changes.length === 0) return noneBlock('No watched competitor changed anything that is not noise.');
  return {
    type: 'list',
    items: changes.map(({ name, kind, sentence, before, after, foundAt }) => ({
      text: `${name}: ${sentence ?? `${kind} changed`}`,
      detail: [dayIn(timeZone, foundAt), before && after ? `before “${before}”, after “${after}”` : null]
        .filter((part) => part !== null)
        .join(', '),
      path: '/competitors',
    })),
  };
}

/** Experiments that ended in the period with their conclusions, and those that run. */
export async function experimentsBlock(inside: Inside, appId: string, { period }: Numbers): Promise<Block> {
  const rows = await inside.tx
    .selectFrom('experiments')
    .select(['name', 'state', 'conclusion', 'metric'])
    .where('appId', '=', appId)
    .where('startedAt', '<', period.until)
    .where((eb) => eb.or([eb('endedAt', 'is', null), eb('endedAt', '>=', period.from)]))
    .orderBy('startedAt')
    .execute();
  if (rows.length === 0) return noneBlock('No experiment ran in this period.');
  return {
    type: 'list',
    items: rows.map(({ name, state, conclusion, metric }) => ({
      text: name,
      detail: state === 'ended' ? (conclusion ?? 'It ended without a conclusion.') : `Running, by ${metric}.`,
      path: null,
    })),
  };
}
