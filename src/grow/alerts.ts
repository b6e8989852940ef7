import { type Context, type Inside, transaction } from '#src/context.ts';
import { dayOf } from '#src/grow/detectors/detector.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { dayIn, momentOf } from '#src/plan/times.ts';
import { eachApp } from '#src/understand/apps/each.ts';
import { metricMeta } from './alerts/metrics.ts';
import { opportunities, pastOpportunities } from './alerts/opportunities.ts';
import { type NewAlert, putInLine, raise } from './alerts/raise.ts';
import { readSeen, startAlerts, thresholdOf } from './alerts/rules.ts';
import { isAtLeast, type Severity, type Weight } from './alerts/severity.ts';
import { type Seen, step, type Threshold } from './alerts/threshold.ts';
import { shownValue } from './alerts/words.ts';

/** Days shown beside a threshold that was crossed, and days looked back for since when it is. */
const shownDays = 14;
const daysRead = 60;
/** An event that nobody acknowledged is no news any more. */
const eventEndsAfterMs = 7 * 86_400_000;
/** Opportunities are looked for so far back: what was missed while the process was down is still told. */
const lookBackMs = 3 * 86_400_000;

/**
 * For the hourly clock: holds every threshold against its number and looks for opportunities, ends what is over with its
 * closing value, and brings back what was snoozed. An alert opens beyond the threshold and ends only beyond the release
 * value, so that it does not flap. A number that is not measured, or rests on too little, changes nothing.
 */
export async function checkAlerts(context: Context): Promise<void> {
  const check = async (appId: string) => {
    await startAlerts(context, appId);
    await transaction(context, (inside) => checkApp(inside, appId));
  };
  try {
    await eachApp(context, check, { active: true });
  } finally {
    await transaction(context, async (inside) => {
      await endOver(inside);
      await bringBack(inside);
    });
  }
}

/** Raises an alert for an insight when a rule of the app asks for it. Safe to run twice. */
export function alertOnInsight(context: Context, insightId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const insight = await inside.tx.selectFrom('insights').selectAll().where('id', '=', insightId).executeTakeFirst();
    // It was closed and its app erased in between.
    if (!insight) return;
    const isAnomaly = insight.kind === 'anomaly';
    if (!isAnomaly && insight.direction !== 'up') return;
    const rule = (await rulesFor(inside, insight.appId, isAnomaly ? 'anomaly' : 'opportunity')).find((one) =>
      isAnomaly ? isAtLeast(insight.severity, one.leastSeverity ?? 'low') : one.metric === 'changes',
    );
    if (!rule) return;
    const evidence = await inside.tx
      .selectFrom('insightEvidence')
      .select(['label', 'tableName as table', 'rowId', 'day', 'value'])
      .where('insightId', '=', insightId)
      .orderBy('position', 'desc')
      .limit(shownDays)
      .execute();
    const { timeZone } = await workspaceOf(inside);
    const { effect, effectLow, effectHigh } = insight;
    await raise(inside, {
      appId: insight.appId,
      kind: isAnomaly ? 'anomaly' : 'opportunity',
      ruleId: rule.id,
      insightId,
      subject: insight.subject,
      direction: insight.direction === 'steady' ? null : insight.direction,
      metric: insight.metric,
      title: isAnomaly ? anomalyTitle(insight, rule.name) : rule.name,
      body: insight.sentence,
      usual:
        effect === null
          ? null
          : `${effect.toFixed(2)} times what was to be expected${effectLow === null || effectHigh === null ? '' : ` (95% interval ${effectLow.toFixed(2)} to ${effectHigh.toFixed(2)})`}.`,
      advice: 'The finding lists what else happened on those days; begin there.',
      severity: rule.severity,
      // Insights begin with a day; which moment that is depends on where one lives.
      since: insight.startsAt ? momentOf(timeZone, dayOf(insight.startsAt), '00:00') : insight.foundAt,
      path: '/insights',
      dedupe: `insight:${insightId}`,
      rows: evidence.reverse().map(({ label, value, ...row }) => ({
        ...row,
        // Its day stands beside it.
        label: row.day === null ? label : label.replace(` on ${row.day}`, ''),
        value: value === null ? null : Number(value),
      })),
    });
  });
}

/** Raises an alert for what a competitor changed when a rule of the app asks for it. Safe to run twice. */
export function alertOnCompetitor(context: Context, changeId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const change = await inside.tx
      .selectFrom('competitorChanges as h')
      .innerJoin('competitors as c', 'c.id', 'h.competitorId')
      .select(['h.id', 'h.competitorId', 'h.kind', 'h.sentence', 'h.before', 'h.after', 'h.severity', 'h.foundAt'])
      .select(['c.appId', 'c.name'])
      .where('h.id', '=', changeId)
      .executeTakeFirst();
    if (!change) return;
    const weight: Weight = change.severity;
    const rule = (await rulesFor(inside, change.appId, 'competitor')).find((one) =>
      isAtLeast(weight, one.leastSeverity ?? 'low'),
    );
    if (!rule) return;
    await raise(inside, {
      appId: change.appId,
      kind: 'competitor',
      ruleId: rule.id,
      subject: `competitor:${change.competitorId}`,
      direction: null,
      title: `${change.name} changed ${change.kind === 'price' ? 'a price' : change.kind === 'feature' ? 'a feature' : 'its pages'}`,
      body: change.sentence ?? `Before: ${change.before ?? 'nothing'}. Now: ${change.after ?? 'nothing'}.`,
      advice:
        'Compare it with your own page, and decide whether anybody who chooses between the two has to hear of it.',
      severity: rule.severity,
      since: change.foundAt,
      path: '/competitors',
      dedupe: `competitor:${change.id}`,
      rows: [{ label: 'What was found', table: 'competitor_changes', rowId: change.id, value: null }],
    });
  });
}

async function checkApp(inside: Inside, appId: string): Promise<void> {
  const now = inside.clock.now();
  const { timeZone, currency } = await workspaceOf(inside);
  const today = dayIn(timeZone, now);
  // Locked, so that two checks at once see the same and raise one alert.
  const rules = await inside.tx
    .selectFrom('alertRules')
    .selectAll()
    .where('appId', '=', appId)
    .where('kind', 'in', ['threshold', 'opportunity'])
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const rule of rules) {
    const isMuted = rule.mutedUntil !== null && rule.mutedUntil > now;
    const threshold = thresholdOf(rule);
    if (threshold) {
      const seen = await readSeen(inside, threshold, { appId, timeZone, currency, today, days: daysRead });
      await holdAgainst(inside, rule, threshold, seen, { isMuted, timeZone, currency });
      continue;
    }
    const which = opportunities.find((one) => one === rule.metric);
    if (!which || which === 'changes' || isMuted) continue;
    const since = new Date(Math.max(rule.createdAt.getTime(), now.getTime() - lookBackMs));
    for (const found of await pastOpportunities(inside, appId, which, Number(rule.value), since))
      await raise(inside, {
        ...found,
        appId,
        kind: 'opportunity',
        ruleId: rule.id,
        direction: 'up',
        severity: rule.severity,
      });
  }
}

async function holdAgainst(
  inside: Inside,
  rule: { id: string; appId: string; name: string; severity: Severity },
  threshold: Threshold,
  seen: readonly Seen[],
  { isMuted, timeZone, currency }: { isMuted: boolean; timeZone: string; currency: string },
): Promise<void> {
  const now = seen.at(-1);
  if (!now || now.value === null) return;
  const open = await inside.tx
    .selectFrom('alerts')
    .select('id')
    .where('alertRuleId', '=', rule.id)
    .where('endedAt', 'is', null)
    .executeTakeFirst();
  const isOpen = step(open !== undefined, threshold, now.value);
  if (open && !isOpen)
    await inside.tx
      .updateTable('alerts')
      .set({ endedAt: inside.clock.now(), closingValue: now.value })
      .where('id', '=', open.id)
      .execute();
  if (open || !isOpen || isMuted) return;
  const shown = seen.slice(-shownDays - 1);
  const meta = metricMeta[threshold.metric];
  const show = (value: number) => shownValue(value, meta.unit, currency);
  const span =
    meta.shape === 'moment' ? '' : threshold.windowDays === 1 ? ' in a day' : ` in ${threshold.windowDays} days`;
  await raise(inside, {
    appId: rule.appId,
    kind: 'threshold',
    ruleId: rule.id,
    subject: `metric:${threshold.metric}`,
    direction: threshold.comparison === 'above' ? 'up' : 'down',
    metric: threshold.metric,
    title: rule.name,
    body: `${meta.label}${span}: ${show(now.value)}, ${threshold.comparison} ${show(threshold.value)}.`,
    usual: usualOf(shown, show),
    advice: meta.advice[threshold.comparison],
    severity: rule.severity,
    since: momentOf(timeZone, firstBeyond(threshold, seen), '00:00'),
    value: now.value,
    path: meta.path,
    dedupe: `rule:${rule.id}:${inside.clock.now().toISOString()}`,
    rows: shown.map(({ day, value }) => ({ label: `${meta.label}${span}`, table: meta.table, day, value })),
  });
}

/** The first of the days without a break on which the number was beyond the threshold. */
function firstBeyond(threshold: Threshold, seen: readonly Seen[]): string {
  const calm = seen.findLastIndex(({ value }) => !step(false, threshold, value));
  return seen[calm + 1]!.day;
}

function usualOf(seen: readonly Seen[], show: (value: number) => string): string | null {
  const before = seen
    .slice(0, -1)
    .flatMap(({ value }) => value ?? [])
    .sort((a, b) => a - b);
  if (before.length < 7) return null;
  return `In the ${before.length} days before it lay between ${show(before[0]!)} and ${show(before.at(-1)!)}.`;
}

/** Anomalies end with their insight, events by themselves after a week. */
async function endOver({ tx, clock }: Inside): Promise<void> {
  const now = clock.now();
  await tx
    .updateTable('alerts as a')
    .from('insights as i')
    .set((eb) => ({
      endedAt: now,
      closingValue: eb
        .selectFrom('insightEvidence as e')
        .select('e.value')
        .whereRef('e.insightId', '=', 'i.id')
        .orderBy('e.position', 'desc')
        .limit(1),
    }))
    .whereRef('a.insightId', '=', 'i.id')
    .where('a.kind', '=', 'anomaly')
    .where('a.endedAt', 'is', null)
    .where('i.closedAt', 'is not', null)
    .execute();
  await tx
    .updateTable('alerts')
    .set({ endedAt: now })
    .where('kind', 'in', ['opportunity', 'competitor'])
    .where('endedAt', 'is', null)
    .where('raisedAt', '<', new Date(now.getTime() - eventEndsAfterMs))
    .execute();
}

/** What was snoozed and still holds is told again; each time is a round of its own. */
async function bringBack(inside: Inside): Promise<void> {
  const back = await inside.tx
    .updateTable('alerts')
    .set((eb) => ({ snoozedUntil: null, round: eb('round', '+', 1) }))
    .where('snoozedUntil', '<=', inside.clock.now())
    .where('endedAt', 'is', null)
    .where('acknowledgedAt', 'is', null)
    .returning(['id', 'round'])
    .execute();
  for (const { id, round } of back) await putInLine(inside, id, round);
}

/** What the detector calls the main numbers of a day, in words. */
const dayNumbers: Record<string, string> = {
  visits: 'Visits',
  signups: 'Signups',
  payments: 'Payments',
  churned: 'Subscriptions that ended',
  refunds: 'Refunds and disputes',
  clicks: 'Clicks on tracked links',
  mentions: 'Mentions',
  replies: 'Replies',
  subscribers: 'New newsletter subscribers',
  unsubscribed: 'Newsletter subscribers lost',
  bots: 'Visits by bots',
  failures: 'Posts that failed',
};

function anomalyTitle(
  { metric, direction }: { metric: string | null; direction: string | null },
  otherwise: string,
): string {
  const words = metric === null ? undefined : dayNumbers[metric];
  return words ? `${words} ${direction === 'down' ? 'below' : 'above'} what is usual` : otherwise;
}

function rulesFor({ tx, clock }: Inside, appId: string, kind: NewAlert['kind']) {
  return tx
    .selectFrom('alertRules')
    .selectAll()
    .where('appId', '=', appId)
    .where('kind', '=', kind)
    .where((eb) => eb.or([eb('mutedUntil', 'is', null), eb('mutedUntil', '<=', clock.now())]))
    .orderBy('createdAt')
    .execute();
}
