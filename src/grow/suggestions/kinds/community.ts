import { sql } from 'kysely';
import { signupsAt } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed, percent, shortened } from '#src/grow/suggestions/kind.ts';
import { daysAgo, evidenceOf, insightsOf, rowsOf } from './read.ts';

const places = [
  'Reddit',
  'Hacker News',
  'Indie Hackers',
  'Lobsters',
  'Product Hunt',
  'Discord',
  'Slack',
  'Stack Overflow',
  'DEV Community',
];

export const community: Kind[] = [
  {
    name: 'community.unanswered',
    category: 'community',
    when: 'Replies or mentions of the last 30 days wait for an answer for more than two days.',
    look: async (inside, frame) => {
      const waiting = await rowsOf(
        inside,
        sql<{ id: string; text: string; who: string | null; days: number; followers: number | null; all: number }>`
          select i.id, i.text, coalesce(c.name, c.handle) as who, c.followers,
            (extract(epoch from ${frame.now}::timestamptz - i.received_at) / 86400)::int as days, count(*) over ()::int as all
          from inbox_items i left join contacts c on c.workspace_id = i.workspace_id and c.id = i.contact_id
          where i.answered_at is null and i.kind in ('reply', 'mention', 'quote')
            and i.received_at < ${daysAgo(frame, 2)} and i.received_at >= ${daysAgo(frame, 30)}
          order by (i.text like '%?%') desc, c.followers desc nulls last limit 6`,
      );
      const all = waiting[0]?.all ?? 0;
      if (all < 2) return [];
      return [
        {
          subject: '',
          title: `Answer the ${all} who wrote to you`,
          reasoning: `${counted(all, 'person', 'people')} wrote in the last 30 days and wait for more than two days, ${listed([...new Set(waiting.map(({ who }) => who ?? 'somebody'))])} among them.`,
          evidence: waiting.map(({ id, text, who, days }) => ({
            label: `${who ?? 'Somebody'}: “${shortened(text, 60)}”, waits for`,
            table: 'inbox_items',
            rowId: id,
            value: days,
            unit: 'days' as const,
          })),
          weight: all,
          flow: signupsAt(frame.base, 'channel', ['Organic Social']),
          minutes: 5 * Math.min(20, all),
          effortReason: 'Five minutes an answer.',
          actions: waiting.slice(0, 5).map(({ who, text }) => `Answer ${who ?? 'this'}: “${shortened(text, 50)}”`),
          timeFrameDays: 7,
          measure: { of: 'replies' },
        },
      ];
    },
  },
  {
    name: 'community.advocates',
    category: 'community',
    when: 'Somebody spoke of the app three times or more in 180 days, or praised it with 1,000 followers or more.',
    look: async (inside, frame) => {
      const people = await rowsOf(
        inside,
        sql<{ id: string; name: string; followers: number | null; times: number }>`
          select c.id, coalesce(c.name, c.handle) as name, c.followers, count(i.id)::int as times from contacts c
          join inbox_items i on i.workspace_id = c.workspace_id and i.contact_id = c.id and i.received_at >= ${daysAgo(frame, 180)}
          group by c.id, c.name, c.handle, c.followers having count(i.id) >= 3 order by c.followers desc nulls last, count(i.id) desc limit 5`,
      );
      const first = people[0];
      if (!first) return [];
      return [
        {
          subject: '',
          title: `Thank ${listed(
            people.map(({ name }) => name),
            2,
          )}`,
          reasoning: `${listed(people.map(({ name, times }) => `${name} (${times} times)`))} wrote to you or about you again and again in half a year. Such people recommend you when you are not there.`,
          evidence: people.map(({ id, name, times }) => ({
            label: `${name}: times in 180 days`,
            table: 'contacts',
            rowId: id,
            value: times,
          })),
          weight: people.reduce((all, { times }) => all + times, 0),
          flow: signupsAt(frame.base, 'channel', ['Organic Social']),
          minutes: 15 * people.length,
          effortReason: '15 minutes for each: a personal message.',
          actions: people.map(({ name }) => `Write to ${name}: what you noticed, and what comes next.`),
          timeFrameDays: 28,
          measure: { of: 'replies' },
        },
      ];
    },
  },
  {
    name: 'community.large_account',
    category: 'community',
    when: 'An account with five times the followers of the own ones wrote in the last 120 days.',
    look: async (inside, frame) => {
      const people = await rowsOf(
        inside,
        sql<{ id: string; name: string; followers: number; own: number; text: string; item: string }>`
          with own as (
            select coalesce(max(s.followers), 0) as followers from accounts a cross join lateral (
              select followers from account_snapshots s where s.workspace_id = a.workspace_id and s.account_id = a.id order by day desc limit 1) s
            where a.status <> 'removed'
          )
          select distinct on (c.id) c.id, coalesce(c.name, c.handle) as name, c.followers, own.followers as own, i.text, i.id as item
          from contacts c join inbox_items i on i.workspace_id = c.workspace_id and i.contact_id = c.id cross join own
          where i.received_at >= ${daysAgo(frame, 120)} and c.followers >= 1000 and c.followers >= 5 * greatest(own.followers, 100)
          order by c.id, i.received_at desc limit 3`,
      );
      return people
        .sort((a, b) => b.followers - a.followers)
        .slice(0, 1)
        .map(({ id, name, followers, own, text, item }) => ({
          subject: id,
          title: `Offer ${name} something worth passing on`,
          reasoning: `${name} has ${followers.toLocaleString('en')} followers, your largest account ${own.toLocaleString('en')}, and wrote to you: “${shortened(text, 60)}”.`,
          evidence: [
            { label: `${name}: followers`, table: 'contacts', rowId: id, value: followers },
            { label: `“${shortened(text, 70)}”`, table: 'inbox_items', rowId: item, value: null },
          ],
          weight: followers,
          flow: signupsAt(frame.base, 'channel', ['Organic Social']),
          minutes: 60,
          effortReason: 'An hour: something made for them, not a request.',
          actions: [
            `Read what ${name} wrote last.`,
            'Make one thing that helps them: numbers, a picture, an answer.',
            'Send it without asking for anything.',
          ],
          timeFrameDays: 28,
          measure: { of: 'visits' as const, dimension: 'channel' as const, values: ['Organic Social'] },
        }));
    },
  },
  {
    name: 'community.where_they_talk',
    category: 'community',
    when: 'A community sends 100 visits or more, and no active channel for it stands in the list.',
    look: async (inside, frame) => {
      const channels = await rowsOf(
        inside,
        sql<{ name: string; platform: string | null; status: string }>`
          select name, platform, status from channels where app_id = ${frame.appId} and kind in ('community', 'social')`,
      );
      const isActive = (source: string) =>
        channels.some(
          ({ name, platform, status }) =>
            status === 'active' &&
            (name.toLowerCase().includes(source.toLowerCase()) ||
              platform === source.toLowerCase().replaceAll(' ', '')),
        );
      return [...(frame.base.places.get('source') ?? [])]
        .filter(([source, { visits }]) => places.includes(source) && visits >= 100 && !isActive(source))
        .sort(([, a], [, b]) => b.signups - a.signups || b.visits - a.visits)
        .slice(0, 2)
        .map(([source, { visits, signups }]) => ({
          subject: source,
          title: `Take part where they talk about you: ${source}`,
          reasoning: `${source} sent ${counted(visits, 'visit')} in ${frame.base.days} days; ${percent(signups / visits)} signed up. You are not active there.`,
          evidence: [
            { label: `Visits from ${source}`, table: 'traffic_days', rowId: null, value: visits },
            { label: `Signups from ${source}`, table: 'traffic_days', rowId: null, value: signups },
          ],
          weight: visits,
          flow: signupsAt(frame.base, 'source', [source]),
          minutes: 150,
          effortReason: 'Half an hour a week over five weeks: answering, not advertising.',
          actions: [
            `Read the customs of ${source} under Channels.`,
            'Answer three questions of others before you show anything of yours.',
            'Tell one story with numbers, with the link at the end.',
          ],
          timeFrameDays: 42,
          measure: { of: 'visits' as const, dimension: 'source' as const, values: [source] },
          strategyChange: {
            add: [
              {
                kind: 'channel' as const,
                statement: `Take part on ${source}.`,
                reasoning: `${visits} visits came from there by themselves.`,
              },
            ],
          },
        }));
    },
  },
  {
    name: 'community.welcome',
    category: 'community',
    when: 'Followers grew more than usual.',
    detector: 'followers',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'followers', 'up')).map((seen) => ({
        subject: seen.subject,
        title: 'Welcome the new followers while they are listening',
        reasoning: seen.sentence,
        evidence: evidenceOf(seen),
        weight: 1,
        flow: signupsAt(frame.base, 'channel', ['Organic Social']),
        minutes: 30,
        effortReason: 'One pinned post, the replies of a week.',
        actions: ['Pin the post that explains the app best.', 'Answer the replies of the last seven days.'],
        timeFrameDays: 14,
        measure: { of: 'visits' as const, dimension: 'channel' as const, values: ['Organic Social'] },
        insightId: seen.id,
      })),
  },
  {
    name: 'community.lost_followers',
    category: 'community',
    when: 'Followers left more than usual.',
    detector: 'followers',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'followers', 'down')).map((seen) => ({
        subject: seen.subject,
        title: 'Find out why followers left',
        reasoning: seen.sentence,
        evidence: evidenceOf(seen),
        weight: 1,
        flow: { missing: 'What those who left would have brought is not known.' },
        minutes: 20,
        effortReason: 'Reading one week of posts.',
        actions: [
          'Look at what was posted that week and how people reacted.',
          'Go back to the kind of post that was welcome before.',
        ],
        timeFrameDays: 14,
        measure: null,
        insightId: seen.id,
      })),
  },
];
