import { findInsights } from '#src/grow/insights.ts';
import { measureDoneSuggestions, suggestGrowth, suggestStarters } from '#src/grow/suggestions.ts';
import { attribute } from '#src/measure/attribution/attribute.ts';
import { tidyEvents } from '#src/measure/events/store.ts';
import { closeDays } from '#src/measure/ledger.ts';
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

/** Credits what was earned until now. */
export async function settle({ context }: Story, { appId }: Planned): Promise<void> {
  await attribute(context, appId);
  await tidyEvents(context);
}

/** Looks for what the numbers say, as every Monday, and suggests what follows from it. */
export async function learn(story: Story, { appId }: Planned): Promise<void> {
  const { context } = story;
  await suggestStarters(context, appId);
  const { checks } = await findInsights(context, appId);
  for (const insightId of checks.flatMap((check) => check.insightIds)) await suggestGrowth(context, insightId);
  await measureDoneSuggestions(context);
}

export const isLearningDay = (ago: number) => ago in DECISIONS || ago % 60 === 0 || ago === 14;

/** What she does with the suggestion that stands first; dismissed is the last. An accepted one that changes the strategy makes its next version. */
export async function decide({ call }: Story, { appId }: Planned, ago: number): Promise<void> {
  const wanted = DECISIONS[ago];
  if (!wanted) return;
  const state = wanted === 'finish' ? 'accepted' : 'proposed';
  const { suggestions } = await call.suggestions.list({ appId, state });
  const found = suggestions.filter(({ insightId }) => insightId !== null);
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
