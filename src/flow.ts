import type { ActivityName } from '#src/activities.ts';
import { type Context, transaction } from '#src/context.ts';
import { remindOfEndings } from '#src/distribute/accounts/endings.ts';
import { followChange, lookForTasks, REMIND, remindOfTasks } from '#src/distribute/assisted.ts';
import { actOnPosts, draftFromFeeds } from '#src/distribute/automations.ts';
import { noteAnswer, readInbox } from '#src/distribute/inbox.ts';
import { completeStepOfPublication, completeStepOfTask } from '#src/distribute/launch.ts';
import { sendDue } from '#src/distribute/newsletter/send.ts';
import { SENDING } from '#src/distribute/newsletter/wake.ts';
import { fillEmptySlots } from '#src/distribute/publications/evergreen.ts';
import { scheduleRecurrences } from '#src/distribute/publications/recur.ts';
import { scheduleApproved, withdrawAllOf } from '#src/distribute/publications.ts';
import { startAlerts } from '#src/grow/alerts/rules.ts';
import { tellAlerts } from '#src/grow/alerts/tell.ts';
import { TELLING } from '#src/grow/alerts/wake.ts';
import { alertOnCompetitor, alertOnInsight, checkAlerts } from '#src/grow/alerts.ts';
import { endAnswered } from '#src/grow/experiments.ts';
import { findAllInsights } from '#src/grow/insights.ts';
import { REPORTING, restateReports, runReports } from '#src/grow/reports.ts';
import {
  draftAccepted,
  measureDoneSuggestions,
  measureSuggestion,
  suggestAll,
  suggestGrowth,
  suggestStarters,
} from '#src/grow/suggestions.ts';
import { attribute, attributeAll } from '#src/measure/attribution/attribute.ts';
import { learnAll } from '#src/measure/attribution/learn.ts';
import { settleAllCommissions, settleCommissions } from '#src/measure/commissions.ts';
import { applyDecision, findBursts } from '#src/measure/events/reclassify.ts';
import { tidyEvents } from '#src/measure/events/store.ts';
import { ensureTracking } from '#src/measure/events/tracking.ts';
import { closeDays } from '#src/measure/ledger.ts';
import { collectByHand } from '#src/measure/metrics/by-hand.ts';
import { collectAccounts, collectMetrics } from '#src/measure/metrics.ts';
import { continueBackfills, requestBackfills, runBackfill } from '#src/measure/revenue/backfill.ts';
import { processPayments } from '#src/measure/revenue/process.ts';
import { keepRates } from '#src/measure/revenue/rates.ts';
import { refreshMrr } from '#src/measure/revenue/subscriptions.ts';
import { closeTraffic } from '#src/measure/rollups/close.ts';
import { recountForTimeZone, workRecounts } from '#src/measure/rollups/recount.ts';
import { removeFinishedFiles } from '#src/measure/transfers/run.ts';
import { continueTransfers, runTransfer } from '#src/measure/transfers.ts';
import { workErasures } from '#src/people/privacy/requests.ts';
import { purge } from '#src/people/privacy/retention.ts';
import { sweepNotes } from '#src/people/webhooks/deliver.ts';
import { proposeCampaigns, turnCampaigns } from '#src/plan/campaigns.ts';
import { draftPosts } from '#src/plan/draft.ts';
import { reviewPostsOf, tellOfRestored } from '#src/plan/posts/false-facts.ts';
import { proposeStrategy } from '#src/plan/strategies.ts';
import { analyse, lookForChanges } from '#src/understand/analyse.ts';
import { readCompetitors, readNewCompetitor } from '#src/understand/competitors.ts';
import { findGaps, findNewGaps } from '#src/understand/keywords.ts';

/** What set a reaction off: the row of the activity. */
export type Activity = { id: string; name: string; subjectId: string; detail: Record<string, string> };

export type Stage = 'understand' | 'plan' | 'distribute' | 'measure' | 'grow';

export type Reaction = { stage: Stage; does: string } & (
  | {
      when: ActivityName;
      run(context: Context, activity: Activity): Promise<unknown>;
      /** It works through all that is open: one waiting job per workspace, or per subject, is enough. */
      sweeps?: 'workspace' | 'subject';
    }
  | { every: Period; run(context: Context): Promise<unknown> }
);

export type Period = '15 minutes' | 'hour' | 'day' | 'monday';

/** When each clock line runs, as cron in UTC. Spread over the hour so that they do not meet. */
export const crontab: Record<Period, string> = {
  '15 minutes': '*/15 * * * *',
  hour: '7 * * * *',
  day: '23 3 * * *',
  monday: '41 6 * * 1',
};

/**
 * THE LOOP. What each activity or the clock sets off; every line is safe to run twice. Publishing what is due is not
 * here: it has its own queue, looked at every second (distribute/publications). Accepting a suggestion revises the
 * strategy in its own transaction (grow/suggestions), which is where the loop closes.
 */
export const flow: Reaction[] = [
  ...inStage('understand', [
    when('app.registered', 'analyse the app', (context, { subjectId }) => analyse(context, subjectId)),
    when('analysis.requested', 'read the app again', (context, { subjectId }) => analyse(context, subjectId)),
    when('app.analysed', 'find phrases that only competitors use', (context, { subjectId }) =>
      findGaps(context, subjectId),
    ),
    every('day', 'find phrases that only competitors use', findNewGaps),
    every('monday', 'look whether pages changed', lookForChanges),
    when('competitor.watched', 'read its pages', (context, { subjectId }) => readNewCompetitor(context, subjectId)),
    when('competitor.edited', 'read its pages at another address', (context, { subjectId }) =>
      readNewCompetitor(context, subjectId),
    ),
    every('hour', 're-read competitors, each once a day', readCompetitors),
  ]),
  ...inStage('plan', [
    when('app.analysed', 'propose a strategy', (context, { subjectId }) => proposeStrategy(context, subjectId)),
    when('strategy.approved', 'propose campaigns', (context, { detail }) => proposeCampaigns(context, detail.appId!)),
    when('campaign.started', 'draft posts', (context, { subjectId }) => draftPosts(context, subjectId)),
    every('day', 'start and end campaigns', turnCampaigns),
    when('fact.retired', 'take posts back to review that rest on it', (context, { subjectId }) =>
      reviewPostsOf(context, subjectId),
    ),
    when('fact.corrected', 'take posts back to review that rest on its old words', (context, { subjectId }) =>
      reviewPostsOf(context, subjectId),
    ),
    when('fact.contradicted', 'take posts back to review that the pages deny', (context, { subjectId, detail }) =>
      reviewPostsOf(context, subjectId, detail.instead),
    ),
    when('fact.restored', 'tell of posts that may go out again', (context, { subjectId }) =>
      tellOfRestored(context, subjectId),
    ),
  ]),
  ...inStage('distribute', [
    when('post.approved', 'schedule its publications', (context, { subjectId }) =>
      scheduleApproved(context, subjectId),
    ),
    when('post.approved', 'schedule the days on which it comes again', (context, { subjectId }) =>
      scheduleRecurrences(context, subjectId),
    ),
    when('post.returned', 'take back its publications', (context, { subjectId }) => withdrawAllOf(context, subjectId)),
    when('post.withdrawn', 'withdraw its publications', (context, { subjectId }) => withdrawAllOf(context, subjectId)),
    every('day', 'remind of accounts to connect again', (context) => remindOfEndings(context)),
    every('hour', 'fill empty slots with evergreen posts', fillEmptySlots),
    every('day', 'schedule what comes again', (context) => scheduleRecurrences(context)),
    every('15 minutes', SENDING, sendDue),
    when('post.changed', 'give new words to posts to send by hand', (context, { subjectId }) =>
      followChange(context, subjectId),
    ),
    when('post.withdrawn', 'leave out its posts to send by hand', (context, { subjectId }) =>
      followChange(context, subjectId),
    ),
    every('hour', REMIND, (context) => remindOfTasks(context)),
    when('assisted.done', 'tick off its step of the launch', (context, { subjectId }) =>
      completeStepOfTask(context, subjectId),
    ),
    when('publication.published', 'tick off its step of the launch', (context, { subjectId }) =>
      completeStepOfPublication(context, subjectId),
    ),
    every('15 minutes', 'look for posts sent by hand', (context) => lookForTasks(context)),
    every('15 minutes', 'read replies and mentions', (context) => readInbox(context)),
    when('publication.published', 'note answers that are out', (context, { subjectId }) =>
      noteAnswer(context, subjectId),
    ),
    every('15 minutes', 'let the rules act on posts', actOnPosts),
    every('hour', 'draft from feeds and releases', draftFromFeeds),
    every('15 minutes', 'send webhooks that wait', sweepNotes),
  ]),
  ...inStage('measure', [
    when('app.registered', 'make its tracking key', (context, { subjectId }) =>
      transaction(context, (inside) => ensureTracking(inside, subjectId)),
    ),
    when('agent.decided', 'give its visits their class', (context, { subjectId, detail }) =>
      applyDecision(context, { appId: subjectId, agentName: detail.agentName!, foundClass: detail.foundClass! }),
    ),
    when('time_zone.changed', 'ask for days by the new time zone', recountForTimeZone, 'workspace'),
    when('recount.requested', 'count traffic again', (context) => workRecounts(context), 'workspace'),
    every('hour', 'count traffic again that was left', workRecounts),
    every('hour', 'close days of traffic that are over', closeTraffic),
    every('15 minutes', 'look for bursts of bots', findBursts),
    when('publication.published', 'watch its performance', (context) => collectMetrics(context), 'workspace'),
    when('payment.received', 'process payments', (context) => processPayments(context), 'workspace'),
    when(
      'backfill.requested',
      'read what a payment provider has on record',
      (context, { subjectId }) => runBackfill(context, subjectId),
      'subject',
    ),
    when(
      'workspace.currency_changed',
      'bring all money into the new currency',
      (context) => keepRates(context),
      'workspace',
    ),
    when(
      'conversion.made',
      'attribute new conversions',
      (context, { subjectId }) => attribute(context, subjectId),
      'subject',
    ),
    when(
      'conversion.made',
      'write down what affiliates earned',
      (context, { subjectId }) => settleCommissions(context, subjectId),
      'subject',
    ),
    every('hour', 'write down what affiliates earned', settleAllCommissions),
    every('15 minutes', 'collect platform metrics', (context) => collectMetrics(context)),
    every('hour', 'collect account growth', collectAccounts),
    every('hour', 'collect numbers of posts sent by hand', (context) => collectByHand(context)),
    every('hour', 'process payments that were left', (context) => processPayments(context)),
    every('15 minutes', 'go on reading payment providers’ records', continueBackfills),
    every('day', 'read payment providers’ records', requestBackfills),
    every('hour', 'keep exchange rates', keepRates),
    every('hour', 'attribute what had to wait', attributeAll),
    when('transfer.requested', 'bring in or hand out data', (context, { subjectId }) =>
      runTransfer(context, subjectId),
    ),
    every('15 minutes', 'go on with imports and exports that were left', continueTransfers),
    every('hour', 'forget old salts and event ids', tidyEvents),
    every('day', 'learn from journeys', learnAll),
    every('day', 'recount recurring revenue', refreshMrr),
    every('day', 'close the ledger', (context) => closeDays(context)),
    when('privacy.erased', 'remove files in which they may stand', removeFinishedFiles),
    every('15 minutes', 'go on with erasures that were left', workErasures),
    every('day', 'remove what is kept no longer', purge),
  ]),
  ...inStage('grow', [
    when('app.analysed', 'suggest the first steps', (context, { subjectId }) => suggestStarters(context, subjectId)),
    when('insight.found', 'suggest growth', (context, { subjectId }) => suggestGrowth(context, subjectId)),
    when('app.registered', 'give it its first alert rules', (context, { subjectId }) =>
      startAlerts(context, subjectId),
    ),
    when('insight.found', 'raise alerts', (context, { subjectId }) => alertOnInsight(context, subjectId)),
    when('competitor.changed', 'raise alerts on large moves', (context, { detail }) =>
      alertOnCompetitor(context, detail.changeId!),
    ),
    when('suggestion.accepted', 'write the drafts it asks for', (context, { subjectId }) =>
      draftAccepted(context, subjectId),
    ),
    when('suggestion.done', 'measure what it changed', (context, { subjectId }) =>
      measureSuggestion(context, subjectId),
    ),
    every('hour', 'check the alert rules', checkAlerts),
    every('15 minutes', TELLING, tellAlerts),
    every('day', 'find insights', findAllInsights),
    every('day', 'end experiments that have their answer', endAnswered),
    every('day', 'suggest what is worth doing', suggestAll),
    every('day', 'measure finished suggestions', measureDoneSuggestions),
    every('15 minutes', REPORTING, runReports),
    every('day', 'look whether the numbers of reports still hold', restateReports),
  ]),
];

type Line =
  | Omit<Extract<Reaction, { when: ActivityName }>, 'stage'>
  | Omit<Extract<Reaction, { every: Period }>, 'stage'>;

function inStage(stage: Stage, lines: Line[]): Reaction[] {
  return lines.map((line) => ({ stage, ...line }));
}

function when(
  name: ActivityName,
  does: string,
  run: (context: Context, activity: Activity) => Promise<unknown>,
  sweeps?: 'workspace' | 'subject',
): Line {
  return { when: name, does, run, ...(sweeps ? { sweeps } : {}) };
}

function every(period: Period, does: string, run: (context: Context) => Promise<unknown>): Line {
  return { every: period, does, run };
}
