import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { lossOf, moneyOf } from '#src/grow/suggestions/baselines.ts';
import { counted, type Frame, type Kind, percent } from '#src/grow/suggestions/kind.ts';
import { daysAgo, rowsOf } from './read.ts';

/** Subscriptions in the workspace's currency; `mrr` in minor units a month. */
type Subscription = { id: string; mrr: number; plan: string | null; every: string | null };

export const retention: Kind[] = [
  {
    name: 'retention.failed_payments',
    category: 'retention',
    when: 'A payment for a subscription failed and the subscription is past due.',
    look: async (inside, frame) => {
      const due = await subscriptions(inside, frame, sql`s.status in ('past_due', 'unpaid')`);
      if (due.length === 0) return [];
      return [
        {
          subject: '',
          title: `Win back ${counted(due.length, 'failed payment')}`,
          reasoning: `${counted(due.length, 'subscription')} ${due.length === 1 ? 'is' : 'are'} past due. Most of these people did not decide to leave: a card ran out.`,
          evidence: mrrRows(due),
          weight: due.length,
          flow: moneyOf(
            'recurring revenue that is past due',
            due.map(({ mrr }) => mrr),
            30.44,
          ),
          minutes: 60,
          effortReason: 'An hour: switching on reminders, writing to each.',
          actions: [
            'Switch on the reminders for failed payments at your payment provider.',
            'Write to each of them, with the link to change the card.',
          ],
          timeFrameDays: 14,
          measure: null,
        },
      ];
    },
  },
  {
    name: 'retention.ask_why',
    category: 'retention',
    when: 'Five subscriptions or more ended in the last 90 days.',
    look: async (inside, frame) => {
      const left = await churned(inside, frame, 90);
      if (left.length < 5) return [];
      const [active] = await rowsOf(
        inside,
        sql<{
          count: number;
        }>`select count(*)::int as count from subscriptions where app_id = ${frame.appId} and status in ('active', 'past_due')`,
      );
      const all = (active?.count ?? 0) + left.length;
      return [
        {
          subject: '',
          title: 'Ask everybody who leaves for the reason',
          reasoning: `${counted(left.length, 'subscription')} of ${all} ended in 90 days (${percent(left.length / all)}). One question at the moment of leaving tells more than any number here.`,
          evidence: mrrRows(left),
          weight: left.length,
          flow: lossOf(
            'recurring revenue that ends a month',
            left.map(({ mrr }) => mrr),
            90,
          ),
          minutes: 90,
          effortReason: 'An hour and a half: one question when cancelling, ten personal mails.',
          actions: [
            'Ask one question when somebody cancels: what did you hope for?',
            `Write to the ${Math.min(10, left.length)} who left last, by hand.`,
            'Sort the answers, and mend the first one on the list.',
          ],
          timeFrameDays: 60,
          measure: { of: 'churn' },
        },
      ];
    },
  },
  {
    name: 'retention.early_leavers',
    category: 'retention',
    when: 'Of the subscriptions that ended in 180 days, half or more lasted less than two months (of at least six).',
    look: async (inside, frame) => {
      const left = await rowsOf(
        inside,
        sql<Subscription & { days: number }>`
          select s.id, s.plan, s.every, (extract(epoch from s.ended_at - coalesce(s.first_paid_at, s.started_at)) / 86400)::int as days,
            coalesce((select -sum(m.amount_minor) from mrr_movements m where m.workspace_id = s.workspace_id and m.subscription_id = s.id and m.kind = 'churn'), 0)::float8 as mrr
          from subscriptions s where s.app_id = ${frame.appId} and s.currency = ${frame.base.currency} and s.ended_at >= ${daysAgo(frame, 180)}
            and coalesce(s.first_paid_at, s.started_at) is not null`,
      );
      const early = left.filter(({ days }) => days < 62);
      if (left.length < 6 || early.length * 2 < left.length) return [];
      return [
        {
          subject: '',
          title: 'Look after customers in their first two months',
          reasoning: `${early.length} of the ${left.length} subscriptions that ended in half a year lasted less than two months: they left before the product became a habit.`,
          evidence: [
            ...mrrRows(early).slice(0, 6),
            { label: 'Ended in 180 days', table: 'subscriptions', rowId: null, value: left.length },
          ],
          weight: early.length,
          flow: lossOf(
            'recurring revenue that ends early, a month',
            early.map(({ mrr }) => mrr),
            180,
          ),
          minutes: 180,
          effortReason: 'Three hours: three short mails for the first weeks, one call a week.',
          actions: [
            'Write three mails for the first two months: first result, second use, with colleagues.',
            'Offer every new customer fifteen minutes.',
            'Note after which step those who stay differ from those who leave.',
          ],
          timeFrameDays: 90,
          measure: { of: 'churn' },
        },
      ];
    },
  },
  {
    name: 'retention.yearly_plan',
    category: 'retention',
    when: 'Fewer than a quarter of 20 or more subscriptions are paid by the year.',
    look: async (inside, frame) => {
      const running = await subscriptions(inside, frame, sql`s.status = 'active' and s.every in ('month', 'year')`);
      const monthly = running.filter(({ every }) => every === 'month');
      const yearly = running.length - monthly.length;
      if (running.length < 20 || yearly * 4 >= running.length) return [];
      const left = await churned(inside, frame, 90);
      return [
        {
          subject: '',
          title: 'Offer the year to those who stay anyway',
          reasoning: `${monthly.length} of ${running.length} subscriptions are paid by the month. Who has stayed for three months seldom regrets a year, and cannot leave by a card that ran out.`,
          evidence: [
            { label: 'Paid by the month', table: 'subscriptions', rowId: null, value: monthly.length },
            { label: 'Paid by the year', table: 'subscriptions', rowId: null, value: yearly },
            { label: 'Subscriptions ended in 90 days', table: 'mrr_movements', rowId: null, value: left.length },
          ],
          weight: monthly.length,
          flow: lossOf(
            'recurring revenue that ends a month',
            left.map(({ mrr }) => mrr),
            90,
          ),
          minutes: 60,
          effortReason: 'An hour: the offer on the billing page, one mail.',
          actions: [
            'Offer two months for free by the year, on the billing page.',
            'Write it to those who have paid for three months or longer.',
          ],
          timeFrameDays: 60,
          measure: { of: 'churn' },
        },
      ];
    },
  },
  {
    name: 'retention.win_back',
    category: 'retention',
    when: 'Ten customers or more left between one month and one year ago.',
    look: async (inside, frame) => {
      const left = await rowsOf(
        inside,
        sql<Subscription>`
          select s.id, s.plan, s.every, coalesce((select -sum(m.amount_minor) from mrr_movements m
            where m.workspace_id = s.workspace_id and m.subscription_id = s.id and m.kind = 'churn'), 0)::float8 as mrr
          from subscriptions s where s.app_id = ${frame.appId} and s.currency = ${frame.base.currency}
            and s.ended_at between ${daysAgo(frame, 365)} and ${daysAgo(frame, 30)}
            and not exists (select from subscriptions n where n.workspace_id = s.workspace_id and n.customer_id = s.customer_id and n.status in ('active', 'past_due'))
          order by s.ended_at desc`,
      );
      if (left.length < 10) return [];
      return [
        {
          subject: '',
          title: `Tell ${left.length} former customers what is new`,
          reasoning: `${left.length} customers left between a month and a year ago. Some left for want of something you have by now.`,
          evidence: mrrRows(left).slice(0, 8),
          weight: left.length,
          flow: moneyOf(
            'what those who left paid, spread over a year',
            left.map(({ mrr }) => mrr),
            365,
          ),
          minutes: 90,
          effortReason: 'One letter with three changes, sent by hand to those who agreed to mail.',
          actions: [
            'List what changed since most of them left.',
            'Write one short mail: what is new, no discount, one question.',
            'Send it only to those who agreed to mail.',
          ],
          timeFrameDays: 42,
          measure: null,
        },
      ];
    },
  },
  {
    name: 'retention.trials_ending',
    category: 'retention',
    when: 'Trials end within the next seven days.',
    look: async (inside, frame) => {
      const until = new Date(frame.now.getTime() + 7 * 86_400_000);
      const trials = await subscriptions(
        inside,
        frame,
        sql`s.status = 'trialing' and s.trial_ends_at between ${frame.now} and ${until}`,
      );
      if (trials.length === 0) return [];
      return [
        {
          subject: '',
          title: `Write to ${counted(trials.length, 'person', 'people')} whose trial ends this week`,
          reasoning: `${counted(trials.length, 'trial')} ${trials.length === 1 ? 'ends' : 'end'} within seven days. A question from a person is answered more often than a reminder.`,
          evidence: mrrRows(trials),
          weight: trials.length,
          flow: moneyOf(
            'recurring revenue of the trials that end',
            trials.map(({ mrr }) => mrr),
            30.44,
          ),
          minutes: 10 * Math.min(12, trials.length),
          effortReason: 'Ten minutes for each: looking at what they did, one mail.',
          actions: ['See what each of them did in the trial.', 'Ask each what is missing to go on.'],
          timeFrameDays: 7,
          measure: null,
        },
      ];
    },
  },
];

function subscriptions(inside: Inside, frame: Frame, condition: ReturnType<typeof sql>): Promise<Subscription[]> {
  return rowsOf(
    inside,
    sql<Subscription>`
      select s.id, s.mrr_minor::float8 as mrr, s.plan, s.every from subscriptions s
      where s.app_id = ${frame.appId} and s.currency = ${frame.base.currency} and ${condition} order by s.mrr_minor desc, s.id`,
  );
}

/** Subscriptions that ended in so many days, with what they paid a month. */
function churned(inside: Inside, frame: Frame, days: number): Promise<Subscription[]> {
  return rowsOf(
    inside,
    sql<Subscription>`
      select m.subscription_id as id, -m.amount_minor::float8 as mrr, s.plan, s.every from mrr_movements m
      join subscriptions s on s.workspace_id = m.workspace_id and s.id = m.subscription_id
      where m.app_id = ${frame.appId} and m.kind = 'churn' and m.currency = ${frame.base.currency} and m.occurred_at >= ${daysAgo(frame, days)}
      order by m.occurred_at desc`,
  );
}

function mrrRows(list: readonly Subscription[]) {
  return list.slice(0, 10).map(({ id, mrr, plan }) => ({
    label: `${plan ?? 'Subscription'}, a month`,
    table: 'subscriptions',
    rowId: id,
    value: mrr,
    unit: 'money' as const,
  }));
}
