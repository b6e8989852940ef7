import { startAlerts } from '#src/grow/alerts/rules.ts';
import { tellAlerts } from '#src/grow/alerts/tell.ts';
import { alertOnInsight, checkAlerts } from '#src/grow/alerts.ts';
import { findInsights } from '#src/grow/insights.ts';
import { measureDoneSuggestions, suggest, suggestGrowth, suggestStarters } from '#src/grow/suggestions.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { tidyEvents } from '#src/measure/events/store.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { lookForChanges } from '#src/understand/analyse.ts';
import type { Planned } from './plan.ts';
import type { Story } from './story.ts';

/** When she looks at what was found and decides, in days before the end. */
const DECISIONS: Record<number, 'accept' | 'finish' | 'dismiss'> = {
  150: 'accept',
  137: 'finish',
  94: 'accept',
  80: 'finish',
  45: 'dismiss',
  31: 'accept',
};

/** Credits what was earned until now, and asks for a look at the app's pages as by the week. */
export async function settle({ context }: Story, { appId }: Planned): Promise<void> {
  await attribute(context, appId);
  await tidyEvents(context);
  await lookForChanges(context);
}

/** Looks for what the numbers say, as every Monday, and suggests what follows from it. All rows are looked through before she takes something on, and at the end. */
export async function learn(story: Story, { appId }: Planned, ago: number): Promise<void> {
  const { context } = story;
  await suggestStarters(context, appId);
  const { checks } = await findInsights(context, appId);
  for (const insightId of checks.flatMap((check) => check.insightIds)) await suggestGrowth(context, insightId);
  if (ago <= ALERTS_SINCE)
    await beAlerted(
      story,
      appId,
      checks.flatMap((check) => check.insightIds),
      ago,
    );
  if (ago === 0 || DECISIONS[ago] === 'accept') await suggest(context, appId);
  await measureDoneSuggestions(context);
}

/** She lets herself be told of the large things since so many days; what she saw on the day she acknowledges. */
const ALERTS_SINCE = 45;

async function beAlerted({ call, context }: Story, appId: string, insightIds: string[], ago: number): Promise<void> {
  await startAlerts(context, appId);
  const { rules } = await call.alertRules.list({ appId });
  const own = {
    kind: 'threshold',
    name: 'Fewer than five signups in a week',
    metric: 'signups',
    comparison: 'below',
  } as const;
  if (!rules.some(({ name }) => name === own.name))
    await call.alertRules.create({ appId, ...own, value: 5, releaseValue: 8, windowDays: 7 });
  for (const insightId of insightIds) await alertOnInsight(context, insightId);
  await checkAlerts(context);
  await tellAlerts(context);
  if (ago === 0) return;
  const { alerts } = await call.alerts.list({ appId });
  for (const { id: alertId } of alerts) await call.alerts.acknowledge({ alertId });
  const { notices } = await call.notices.list({});
  for (const { id: noticeId, kind } of notices) if (kind === 'alert') await call.notices.read({ noticeId });
}

const DOES = new Set([
  'social.timing',
  'social.previews',
  'conversion.proof_on_pricing',
  'conversion.low_signups',
  'ux.leaky_entry',
  'email.few_forms',
  'seo.technical',
]);

export const isLearningDay = (ago: number) => ago in DECISIONS || ago % 60 === 0 || ago === 14;

/** What she does with the suggestion that stands first; dismissed is the last. An accepted one that changes the strategy makes its next version. */
export async function decide({ call }: Story, { appId }: Planned, ago: number): Promise<void> {
  const wanted = DECISIONS[ago];
  if (!wanted) return;
  const state = wanted === 'finish' ? 'accepted' : 'proposed';
  const { suggestions } = await call.suggestions.list({ appId, state });
  // What needs no drafts: she does it on the site or with the slots, and it can be measured.
  const found = suggestions.filter(({ kind }) => DOES.has(kind));
  const chosen = wanted === 'dismiss' ? found.at(-1) : (found[0] ?? suggestions[0]);
  if (!chosen) return;
  const suggestionId = chosen.id;
  if (wanted === 'accept') await call.suggestions.accept({ suggestionId });
  if (wanted === 'dismiss')
    await call.suggestions.dismiss({ suggestionId, note: 'Tried it last spring, it cost more than it brought.' });
  if (wanted === 'finish') {
    for (let position = 0; position < chosen.actionsAll; position++)
      await call.suggestions.completeAction({ suggestionId, position });
    await call.suggestions.complete({ suggestionId });
  }
}

/** Closes the books of all days of the story. */
export async function closeBooks({ context, days }: Story): Promise<void> {
  await closeDays(context, days);
}

/** The reports of the week, month, quarter and year that ended last, and who gets the weekly one. */
export async function report({ call }: Story, { appId }: Planned): Promise<void> {
  for (const kind of ['annual', 'quarterly', 'monthly', 'weekly'] as const) await call.reports.write({ appId, kind });
  await call.reports.addRecipient({ appId, kind: 'weekly', address: 'maya@driftlog.example' });
}
