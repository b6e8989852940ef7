import { sql } from 'kysely';
import { allSignups, signupsByVisits } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed } from '#src/grow/suggestions/kind.ts';
import { daysAgo, rowsOf } from './read.ts';

const roundNumbers = [10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 25_000, 50_000, 100_000];

export const pr: Kind[] = [
  {
    name: 'pr.milestone',
    category: 'pr',
    when: 'Customers or signups passed a round number in the last 30 days.',
    look: async (inside, frame) => {
      const [row] = await rowsOf(
        inside,
        sql<{ signups: number; signupsBefore: number; customers: number; customersBefore: number }>`
          select count(*) filter (where kind = 'signup')::int as signups,
            count(*) filter (where kind = 'signup' and occurred_at < ${daysAgo(frame, 30)})::int as signups_before,
            count(distinct customer_id) filter (where kind = 'purchase')::int as customers,
            count(distinct customer_id) filter (where kind = 'purchase' and occurred_at < ${daysAgo(frame, 30)})::int as customers_before
          from conversions where app_id = ${frame.appId}`,
      );
      if (!row) return [];
      const passed = (now: number, before: number) => roundNumbers.findLast((round) => before < round && now >= round);
      const customers = passed(row.customers, row.customersBefore);
      const signups = passed(row.signups, row.signupsBefore);
      const reached = customers ?? signups;
      if (reached === undefined) return [];
      const what = customers === undefined ? 'signups' : 'customers';
      return [
        {
          subject: `${what} ${reached}`,
          title: `Tell the story of ${reached.toLocaleString('en')} ${what}`,
          reasoning: `You passed ${reached.toLocaleString('en')} ${what} in the last 30 days. Real numbers with what they cost are what other makers read and pass on.`,
          evidence: [
            { label: 'Customers', table: 'conversions', rowId: null, value: row.customers },
            { label: 'Signups', table: 'conversions', rowId: null, value: row.signups },
          ],
          weight: reached,
          flow: perPostVisits(frame),
          minutes: 60,
          effortReason: 'One honest post with one chart.',
          actions: [
            'Write down what worked, what did not, and one number you are not proud of.',
            'Post it, and offer the longer version to one newsletter in your field.',
          ],
          timeFrameDays: 14,
          measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
          makes: {
            drafts: [
              {
                title: `${reached.toLocaleString('en')} ${what}`,
                kind: 'milestone',
                text: `${frame.appName} has ${reached.toLocaleString('en')} ${what}.\n\nWhat worked, what did not, and one thing I would do differently:`,
              },
            ],
          },
        },
      ];
    },
  },
  {
    name: 'pr.launch_steps',
    category: 'pr',
    when: 'A planned launch lies within three weeks, and steps that were due are open.',
    look: async (inside, frame) => {
      const steps = await rowsOf(
        inside,
        sql<{ id: string; plan: string; name: string; launch: string; due: string; late: boolean }>`
          select s.id, p.id as plan, s.name, p.launch_on::text as launch,
            (p.launch_on + s.days_from_launch)::text as due, p.launch_on + s.days_from_launch < ${frame.today}::date as late
          from launch_plans p join launch_steps s on s.workspace_id = p.workspace_id and s.launch_plan_id = p.id
          where p.app_id = ${frame.appId} and p.state = 'planned' and p.launch_on between ${frame.today}::date - 7 and ${frame.today}::date + 21
            and s.done_at is null and s.skipped_at is null and p.launch_on + s.days_from_launch <= ${frame.today}::date + 3
          order by p.launch_on + s.days_from_launch, s.position`,
      );
      const first = steps[0];
      if (!first) return [];
      const late = steps.filter((step) => step.late).length;
      return [
        {
          subject: first.plan,
          title: `Do the ${counted(steps.length, 'open step')} of the launch on ${first.launch}`,
          reasoning: `The launch is on ${first.launch}. ${late > 0 ? `${counted(late, 'step')} should have been done by now, ` : ''}${listed(steps.slice(late, late + 2).map(({ name }) => name))} ${late > 0 ? 'come next' : 'are next'}.`,
          evidence: steps.slice(0, 12).map(({ id, name, due }) => ({
            label: `${name}, due ${due}`,
            table: 'launch_steps',
            rowId: id,
            value: null,
          })),
          weight: steps.length,
          flow: { missing: 'What a launch brings differs too much from one to the next to be said beforehand.' },
          minutes: 30 * Math.min(10, steps.length),
          effortReason: `30 minutes for each of the first ${Math.min(10, steps.length)} steps.`,
          actions: steps.slice(0, 8).map(({ name }) => name),
          timeFrameDays: 14,
          measure: { of: 'visits', dimension: 'total', values: [] },
        },
      ];
    },
  },
  {
    name: 'pr.forgotten_listings',
    category: 'pr',
    when: 'A directory or press channel stands as an idea, or in preparation, for more than 30 days.',
    look: async (inside, frame) => {
      const channels = await rowsOf(
        inside,
        sql<{ id: string; name: string; kind: string; days: number }>`
          select id, name, kind, (${frame.today}::date - created_at::date)::int as days from channels
          where app_id = ${frame.appId} and kind in ('directory', 'press', 'marketplace', 'store') and status in ('idea', 'preparing')
            and created_at < ${daysAgo(frame, 30)} order by created_at, name limit 6`,
      );
      if (channels.length === 0) return [];
      const names = channels.map(({ name }) => name);
      return [
        {
          subject: '',
          title: `Finish the listing on ${listed(names, 2)}`,
          reasoning: `${listed(names)} ${names.length === 1 ? 'waits' : 'wait'} for ${Math.min(...channels.map(({ days }) => days))} days or more. A listing costs an hour once and is found for years.`,
          evidence: channels.map(({ id, name, days }) => ({
            label: `${name}: waits for`,
            table: 'channels',
            rowId: id,
            value: days,
            unit: 'days' as const,
          })),
          weight: channels.length,
          flow: allSignups(frame.base),
          minutes: 60 * Math.min(3, channels.length),
          effortReason: 'An hour each for the first three: text, pictures, answers.',
          actions: channels
            .slice(0, 3)
            .map(({ name }) => `Hand in ${name}: text, three pictures, one link that is tracked.`),
          timeFrameDays: 60,
          measure: { of: 'visits', dimension: 'channel', values: ['Referral'] },
          strategyChange: {
            add: [
              {
                kind: 'channel',
                statement: `Be listed on ${listed(names, 2)}.`,
                reasoning: 'Listings that stand half done bring nothing.',
              },
            ],
          },
        },
      ];
    },
  },
  {
    name: 'pr.press_kit',
    category: 'pr',
    when: 'There is no logo, or fewer than two screenshots, among the pictures kept for the app.',
    look: async (inside, frame) => {
      const [row] = await rowsOf(
        inside,
        sql<{ logos: number; screenshots: number; posts: number }>`
          select count(*) filter (where kind = 'logo')::int as logos, count(*) filter (where kind = 'screenshot')::int as screenshots,
            (select count(*) from channels where app_id = ${frame.appId} and kind in ('press', 'partnership', 'directory') and status <> 'dropped')::int as posts
          from assets where app_id = ${frame.appId} or app_id is null`,
      );
      if (!row || (row.logos > 0 && row.screenshots >= 2) || row.posts === 0) return [];
      return [
        {
          subject: '',
          title: 'Put a press kit where writers find it',
          reasoning: `${counted(row.posts, 'channel')} of yours ${row.posts === 1 ? 'is' : 'are'} press, partners or directories, and you keep ${counted(row.logos, 'logo')} and ${counted(row.screenshots, 'screenshot')} for them.`,
          evidence: [
            { label: 'Logos', table: 'assets', rowId: null, value: row.logos },
            { label: 'Screenshots', table: 'assets', rowId: null, value: row.screenshots },
          ],
          weight: row.posts,
          flow: { missing: 'Writers who gave up for want of a picture cannot be counted.' },
          minutes: 90,
          effortReason: 'An hour and a half: logo, four screenshots, two texts.',
          actions: [
            'Upload the logo and four screenshots here.',
            'Write what the app is in 20, 50 and 100 words.',
            'Put both on a page of your site.',
          ],
          timeFrameDays: 30,
          measure: null,
        },
      ];
    },
  },
];

/** A story of this sort reaches about as many as the best post of the last weeks did. */
function perPostVisits(frame: Parameters<Kind['look']>[1]) {
  const best = Math.max(0, ...[...(frame.base.places.get('post')?.values() ?? [])].map(({ visits }) => visits));
  return signupsByVisits(frame.base, 'visits of the best post, once in three months', best, 91);
}
