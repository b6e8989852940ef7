import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { allSignups, signupsAt } from '#src/grow/suggestions/baselines.ts';
import { counted, type Frame, type Kind, percent } from '#src/grow/suggestions/kind.ts';
import { daysAgo, rowsOf } from './read.ts';

type List = {
  id: string;
  name: string;
  confirmed: number;
  pending: number;
  asked: number;
  ended: number;
  sources: number;
  fresh: number;
  lastLetter: Date | null;
  letters: number;
  delivered: number;
  bounced: number;
  unsubscribed: number;
};
const byMail = { of: 'visits', dimension: 'channel', values: ['Email'] } as const;
const measured = { ...byMail, values: [...byMail.values] };

export const email: Kind[] = [
  {
    name: 'email.no_list',
    category: 'email',
    when: 'There is no mailing list, and at least ten visitors a day leave without signing up.',
    look: async (inside, frame) => {
      const lists = await readLists(inside, frame);
      const a_day = frame.base.days > 0 ? (frame.base.visits - frame.base.signups) / frame.base.days : 0;
      if (lists.length > 0 || a_day < 10) return [];
      return [
        {
          subject: '',
          title: 'Start a newsletter for those who are not ready yet',
          reasoning: `${counted(Math.round(a_day), 'visitor')} a day leave without signing up, and nothing lets them hear from you again.`,
          evidence: [
            {
              label: `Visits of the last ${frame.base.days} days`,
              table: 'traffic_days',
              rowId: null,
              value: frame.base.visits,
            },
            { label: 'Signups of the same days', table: 'traffic_days', rowId: null, value: frame.base.signups },
          ],
          weight: frame.base.visits,
          flow: allSignups(frame.base),
          minutes: 180,
          effortReason: 'An hour for list and form, two for the first letter.',
          actions: [
            'Make a list under Newsletter and verify the sender.',
            'Put its form below your guides and on the home page.',
            'Write the first letter: one thing you learnt, one thing that is new.',
          ],
          timeFrameDays: 60,
          measure: { of: 'subscribers' },
          strategyChange: {
            add: [
              {
                kind: 'channel',
                statement: 'A letter once a month.',
                reasoning: 'Visitors who are not ready leave without a trace today.',
              },
            ],
          },
        },
      ];
    },
  },
  {
    name: 'email.silent_list',
    category: 'email',
    when: 'Twenty or more people subscribed, and no letter went out for 30 days.',
    look: async (inside, frame) =>
      (await readLists(inside, frame))
        .filter(({ confirmed, lastLetter }) => confirmed >= 20 && (!lastLetter || lastLetter < daysAgo(frame, 30)))
        .map((list) => ({
          subject: list.id,
          title: `Write to the ${list.confirmed} who asked for letters`,
          reasoning: `${counted(list.confirmed, 'person', 'people')} subscribed to “${list.name}”; ${list.lastLetter ? `the last letter went out on ${list.lastLetter.toISOString().slice(0, 10)}` : 'no letter ever went out'}. Who hears nothing forgets why they signed up.`,
          evidence: listRows(list),
          weight: list.confirmed,
          flow: signupsAt(frame.base, 'channel', ['Email']),
          minutes: 90,
          effortReason: 'One letter from posts that did well.',
          actions: [
            'Take your best post of the last month as the beginning.',
            'Add what is new in the product, with one link.',
            'Send it to yourself first, then schedule it.',
          ],
          timeFrameDays: 14,
          measure: measured,
          makes: {
            drafts: [
              {
                title: `What is new at ${frame.appName}`,
                kind: 'feature_update' as const,
                text: `What changed at ${frame.appName} since the last letter, and the one thing we learnt:`,
              },
            ],
          },
          strategyChange: {
            add: [
              {
                kind: 'cadence' as const,
                statement: 'One letter a month.',
                reasoning: `${list.confirmed} people wait for it.`,
              },
            ],
          },
        })),
  },
  {
    name: 'email.unconfirmed',
    category: 'email',
    when: 'A quarter or more of those who asked for letters never confirmed (of at least 30).',
    look: async (inside, frame) =>
      (await readLists(inside, frame))
        .filter(({ pending, asked }) => asked >= 30 && pending >= asked / 4)
        .map((list) => ({
          subject: list.id,
          title: `Help ${list.pending} people confirm their subscription`,
          reasoning: `Of ${list.asked} who asked for “${list.name}” ${list.pending} never confirmed (${percent(list.pending / list.asked)}).`,
          evidence: listRows(list),
          weight: list.pending,
          flow: signupsAt(frame.base, 'channel', ['Email']),
          minutes: 40,
          effortReason: 'Rewriting one mail and one page.',
          actions: [
            'Say on the page after the form that a mail is coming, and from which address.',
            'Begin the subject of the confirmation with the name of the list.',
            'Check that the sender’s domain is set up (SPF, DKIM, DMARC).',
          ],
          timeFrameDays: 28,
          measure: { of: 'subscribers' as const },
        })),
  },
  {
    name: 'email.bounces',
    category: 'email',
    when: 'More than 3 in 100 letters of the last 90 days came back (of at least 100).',
    look: async (inside, frame) =>
      (await readLists(inside, frame))
        .filter(({ delivered, bounced }) => delivered + bounced >= 100 && bounced > 0.03 * (delivered + bounced))
        .map((list) => ({
          subject: list.id,
          title: `Find out why letters of “${list.name}” come back`,
          reasoning: `${list.bounced} of ${list.delivered + list.bounced} came back. Above 3 in 100, mail services begin to doubt the sender.`,
          evidence: listRows(list),
          weight: list.bounced,
          flow: signupsAt(frame.base, 'channel', ['Email']),
          minutes: 60,
          effortReason: 'Reading the answers of the mail servers.',
          actions: [
            'Read the reasons in the deliveries of the last letter.',
            'Check SPF, DKIM and DMARC of the sender’s domain.',
            'Make sure the form asks for a confirmation.',
          ],
          timeFrameDays: 28,
          measure: measured,
        })),
  },
  {
    name: 'email.leaving_readers',
    category: 'email',
    when: 'More than 1 in 100 letters of the last 90 days ended in leaving the list (of at least 200).',
    look: async (inside, frame) =>
      (await readLists(inside, frame))
        .filter(({ delivered, unsubscribed }) => delivered >= 200 && unsubscribed > 0.01 * delivered)
        .map((list) => ({
          subject: list.id,
          title: `Keep the readers of “${list.name}”`,
          reasoning: `${list.unsubscribed} of ${list.delivered} letters of 90 days ended in leaving (${percent(list.unsubscribed / list.delivered)}).`,
          evidence: listRows(list),
          weight: list.unsubscribed,
          flow: signupsAt(frame.base, 'channel', ['Email']),
          minutes: 60,
          effortReason: 'Reading the last letters with other eyes.',
          actions: [
            'Compare the letters: after which one did most leave?',
            'Say in the form what one gets and how often.',
            'Write as often as it says, not more.',
          ],
          timeFrameDays: 60,
          measure: measured,
        })),
  },
  {
    name: 'email.few_forms',
    category: 'email',
    when: 'A list exists, and in 84 days fewer than 1 in 200 visits ended in a subscription.',
    look: async (inside, frame) =>
      (await readLists(inside, frame))
        .filter(({ fresh }) => frame.base.visits >= 1000 && fresh < frame.base.visits / 200)
        .slice(0, 1)
        .map((list) => ({
          subject: list.id,
          title: `Show the form of “${list.name}” where people read`,
          reasoning: `${counted(frame.base.visits, 'visit')} in ${frame.base.days} days, ${counted(list.fresh, 'subscription')} to “${list.name}”: ${percent(list.fresh / frame.base.visits)} of the visits.`,
          evidence: [
            {
              label: `Visits of the last ${frame.base.days} days`,
              table: 'traffic_days',
              rowId: null,
              value: frame.base.visits,
            },
            { label: 'Subscriptions of those days', table: 'subscribers', rowId: null, value: list.fresh },
          ],
          weight: frame.base.visits,
          flow: allSignups(frame.base),
          minutes: 45,
          effortReason: 'One form on the two pages most visits begin on.',
          actions: [
            ...topPaths(frame).map((path) => `Put the form below the text of ${path}.`),
            'Say next to it what the next letter is about.',
          ],
          timeFrameDays: 42,
          measure: { of: 'subscribers' as const },
        })),
  },
];

function topPaths(frame: Frame): string[] {
  return [...(frame.base.places.get('path') ?? [])]
    .sort(([, a], [, b]) => b.visits - a.visits)
    .slice(0, 2)
    .map(([path]) => path);
}

async function readLists(inside: Inside, frame: Frame): Promise<List[]> {
  const since = daysAgo(frame, 90);
  return await rowsOf(
    inside,
    sql<List>`
      select l.id, l.name, s.*, d.*, w.last_letter, coalesce(w.letters, 0)::int as letters
      from mailing_lists l
      cross join lateral (
        select count(*) filter (where state = 'confirmed')::int as confirmed, count(*) filter (where state = 'pending')::int as pending,
          count(*)::int as asked, count(*) filter (where ended_at >= ${since})::int as ended, count(distinct source)::int as sources,
          count(*) filter (where confirmed_at >= ${daysAgo(frame, 84)})::int as fresh
        from subscribers where mailing_list_id = l.id
      ) s
      cross join lateral (
        select count(*) filter (where m.state = 'sent')::int as delivered, count(*) filter (where m.state = 'bounced')::int as bounced,
          count(m.unsubscribed_at)::int as unsubscribed
        from mail_deliveries m join subscribers b on b.workspace_id = m.workspace_id and b.id = m.subscriber_id
        where b.mailing_list_id = l.id and m.kind = 'letter' and m.created_at >= ${since}
      ) d
      left join lateral (
        select max(u.published_at) as last_letter, count(*) as letters from publications u
        where u.account_id = l.account_id and u.state = 'published'
      ) w on true
      where l.app_id = ${frame.appId} order by s.confirmed desc`,
  );
}

function listRows(list: List) {
  return [
    { label: `“${list.name}”: confirmed`, table: 'mailing_lists', rowId: list.id, value: list.confirmed },
    { label: 'Asked and not confirmed', table: 'subscribers', rowId: null, value: list.pending },
    { label: 'Letters so far', table: 'publications', rowId: null, value: list.letters },
    { label: 'Delivered in 90 days', table: 'mail_deliveries', rowId: null, value: list.delivered },
    { label: 'Came back in 90 days', table: 'mail_deliveries', rowId: null, value: list.bounced },
    { label: 'Left by a letter in 90 days', table: 'mail_deliveries', rowId: null, value: list.unsubscribed },
  ];
}
