import type { ActivityName } from '#src/activity.ts';
import type { Context } from '#src/context.ts';
import { scheduleApproved } from '#src/distribute/publications.ts';
import { proposeCampaigns } from '#src/plan/campaigns.ts';
import { draftPosts } from '#src/plan/draft.ts';
import { proposeStrategy } from '#src/plan/strategies.ts';
import { analyse } from '#src/understand/analyse.ts';

/** What set a reaction off: the row of the activity. */
export type Activity = { id: string; name: string; subjectId: string; detail: Record<string, string> };

export type Reaction =
  | { when: ActivityName; does: string; run(context: Context, activity: Activity): Promise<void> }
  | { every: Period; does: string; run(context: Context): Promise<void> };

export type Period = 'hour' | 'day' | 'monday' | 'month' | 'quarter' | 'year';

/** When each clock line runs, as cron in UTC. Spread over the hour so that they do not meet. */
export const crontab: Record<Period, string> = {
  hour: '7 * * * *',
  day: '23 3 * * *',
  monday: '41 6 * * 1',
  month: '47 6 1 * *',
  quarter: '51 6 1 1,4,7,10 *',
  year: '55 6 1 1 *',
};

/**
 * THE LOOP. What each activity or the clock sets off; every line is safe to run twice. Publishing what is due is not
 * here: it has its own queue, looked at every second (distribute/publications).
 */
export const flow: Reaction[] = [
  when('app.registered', 'analyse the app', (context, { subjectId }) => analyse(context, subjectId)),
  when('analysis.requested', 'read the app again', (context, { subjectId }) => analyse(context, subjectId)),
  when('app.analysed', 'propose a strategy', async (context, { subjectId }) => void (await proposeStrategy(context, subjectId))),
  when('strategy.approved', 'propose campaigns', async (context, { detail }) => void (await proposeCampaigns(context, detail.appId!))),
  when('campaign.started', 'draft posts', async (context, { subjectId }) => void (await draftPosts(context, subjectId))),
  when('post.approved', 'schedule its publications', async (context, { subjectId }) => void (await scheduleApproved(context, subjectId))),
];

function when(name: ActivityName, does: string, run: (context: Context, activity: Activity) => Promise<void>): Reaction {
  return { when: name, does, run };
}
