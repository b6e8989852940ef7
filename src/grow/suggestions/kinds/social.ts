import { sql } from 'kysely';
import { signupsAt, signupsByVisits } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed, percent } from '#src/grow/suggestions/kind.ts';
import { daysAgo, effectSeen, evidenceOf, insightsOf, named, openFindings, rowsOf } from './read.ts';
import { rulesOf } from './seo.ts';

const socialVisits = { of: 'visits', dimension: 'channel', values: ['Organic Social'] } as const;

export const social: Kind[] = [
  {
    name: 'social.timing',
    category: 'social',
    when: 'Posts sent at one time of the day bring more, or fewer, visits than the others.',
    detector: 'posting_times',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'posting_times')).map((seen) => {
        const more = seen.direction === 'up';
        const title = `Post ${more ? 'more' : 'less'} often ${timeOf(seen.subject)}`;
        const others = Number(seen.evidence[0]?.value ?? 0);
        return {
          subject: seen.subject,
          title,
          reasoning: seen.sentence,
          evidence: evidenceOf(seen),
          weight: seen.sampleAfter ?? 1,
          flow:
            more && seen.sampleBefore && others > 0
              ? signupsByVisits(
                  frame.base,
                  'visits of 4 posts a month at other times',
                  Math.round((others / seen.sampleBefore) * 4),
                  30.44,
                )
              : { missing: 'What the posts would bring at another time is not known.' },
          seen: more ? effectSeen(seen) : undefined,
          minutes: 20,
          effortReason: 'Changing the slots once.',
          actions: ['Change the slots of your accounts.', 'Move next week’s posts to the new slots.'],
          timeFrameDays: 28,
          measure: { ...socialVisits, values: [...socialVisits.values] },
          insightId: seen.id,
          strategyChange: { add: [{ kind: 'cadence' as const, statement: `${title}.`, reasoning: seen.sentence }] },
        };
      }),
  },
  {
    name: 'social.empty_week',
    category: 'social',
    when: 'Nothing is scheduled for the next seven days.',
    detector: 'empty_week',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'empty_week')).map((seen) => ({
        subject: '',
        title: 'Plan the coming week',
        reasoning: seen.sentence,
        evidence: evidenceOf(seen),
        weight: 1,
        flow: signupsAt(frame.base, 'channel', ['Organic Social']),
        minutes: 45,
        effortReason: 'Three drafts, 15 minutes each.',
        actions: ['Pick three drafts, or have a week drafted.', 'Approve and schedule them.'],
        timeFrameDays: 7,
        measure: { ...socialVisits, values: [...socialVisits.values] },
        insightId: seen.id,
        makes: { write: 3 },
        strategyChange: {
          add: [{ kind: 'cadence' as const, statement: 'Plan each week before it begins.', reasoning: seen.sentence }],
        },
      })),
  },
  {
    name: 'social.tracked_links',
    category: 'social',
    when: 'Most posts of the last four weeks have no link.',
    detector: 'content_hygiene',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'content_hygiene'))
        .filter(({ subject }) => subject === 'links')
        .map((seen) => ({
          subject: '',
          title: 'Put a tracked link into your posts',
          reasoning: seen.sentence,
          evidence: evidenceOf(seen),
          weight: seen.evidence.length,
          flow: signupsAt(frame.base, 'channel', ['Organic Social']),
          minutes: 20,
          effortReason: 'Five minutes for each scheduled post.',
          actions: [
            'Add a link to the posts that are scheduled.',
            'Where a link hurts reach, put it into the first reply.',
          ],
          timeFrameDays: 28,
          measure: { ...socialVisits, values: [...socialVisits.values] },
          insightId: seen.id,
          strategyChange: {
            add: [
              {
                kind: 'message' as const,
                statement: 'Every post that talks about the app has a link, in the post or its first reply.',
                reasoning: seen.sentence,
              },
            ],
          },
        })),
  },
  {
    name: 'social.cadence',
    category: 'social',
    when: 'Fewer posts went out in the last four weeks than two thirds of what the strategy says.',
    look: async (inside, frame) => {
      const [row] = await rowsOf(
        inside,
        sql<{ id: string; wanted: number; sent: number }>`
          select s.id, s.posts_per_week as wanted, (
            select count(distinct u.post_id) from publications u join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
            where p.app_id = ${frame.appId} and u.state = 'published' and u.reply_to is null and u.published_at >= ${daysAgo(frame, 28)})::int as sent
          from strategies s where s.app_id = ${frame.appId} and s.state = 'current' and s.decided_at < ${daysAgo(frame, 28)}`,
      );
      if (!row || row.wanted === 0 || row.sent >= (row.wanted * 4 * 2) / 3) return [];
      const short = row.wanted * 4 - row.sent;
      return [
        {
          subject: '',
          title: `Post as often as you planned: ${row.wanted} a week`,
          reasoning: `The strategy says ${row.wanted} posts a week. In the last four weeks ${counted(row.sent, 'post')} went out, ${short} fewer.`,
          evidence: [
            { label: 'Posts sent in the last 28 days', table: 'publications', rowId: null, value: row.sent },
            { label: 'Posts a week in the strategy', table: 'strategies', rowId: row.id, value: row.wanted },
          ],
          weight: short,
          flow: signupsAt(frame.base, 'channel', ['Organic Social']),
          minutes: 25 * Math.min(12, short),
          effortReason: `25 minutes for each of the ${Math.min(12, short)} posts that are missing a month.`,
          actions: [
            'Keep one hour a week for writing, always the same.',
            'Have drafts written for the empty slots and correct them.',
            `If ${row.wanted} a week is too many, change the strategy instead.`,
          ],
          timeFrameDays: 28,
          measure: { ...socialVisits, values: [...socialVisits.values] },
          makes: { write: Math.min(4, short) },
        },
      ];
    },
  },
  {
    name: 'social.better_source',
    category: 'social',
    when: 'Visitors from one source sign up more often than the others.',
    detector: 'source_signups',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'source_signups', 'up')).map((seen) => {
        const source = seen.subject.slice(seen.subject.indexOf(':') + 1);
        return {
          subject: source,
          title: `Be more present where visitors sign up: ${named(seen.subject)}`,
          reasoning: seen.sentence,
          evidence: evidenceOf(seen),
          weight: seen.sampleAfter ?? 1,
          flow: signupsAt(frame.base, 'source', [source]),
          minutes: 120,
          effortReason: 'Two contributions a month, an hour each.',
          actions: [
            `See which pages of ${named(seen.subject)} link to you.`,
            'Plan two posts or contributions there for the next month.',
          ],
          timeFrameDays: 28,
          measure: { of: 'visits' as const, dimension: 'source' as const, values: [source] },
          insightId: seen.id,
          strategyChange: {
            add: [
              {
                kind: 'channel' as const,
                statement: `Give more time to ${named(seen.subject)}.`,
                reasoning: seen.sentence,
              },
            ],
          },
        };
      }),
  },
  {
    name: 'social.previews',
    category: 'social',
    when: 'A shared link to an own page shows no picture.',
    look: async (inside, frame) => {
      const findings = await openFindings(inside, frame, rulesOf.previews);
      const paths = [...new Set(findings.map(({ path }) => path))];
      if (paths.length === 0) return [];
      return [
        {
          subject: '',
          title: `Give ${paths.length === 1 ? (paths[0] ?? '') : counted(paths.length, 'page')} a picture for shared links`,
          reasoning: `${findings[0]?.message ?? ''} ${counted(frame.base.places.get('channel')?.get('Organic Social')?.visits ?? 0, 'visit')} of the last ${frame.base.days} days came from links people shared.`,
          evidence: findings.slice(0, 12).map(({ id, path, rule }) => ({
            label: `${path}: ${rule.replaceAll('_', ' ')}, visits that began there`,
            table: 'page_findings',
            rowId: id,
            value: frame.base.places.get('path')?.get(path)?.visits ?? 0,
          })),
          weight: findings.length,
          flow: signupsAt(frame.base, 'channel', ['Organic Social']),
          minutes: 40 + 10 * paths.length,
          effortReason: `40 minutes for one picture of 1200 by 630 pixels, 10 for each of ${counted(paths.length, 'page')}.`,
          actions: [
            'Make one picture of 1200 by 630 pixels with the name and the promise.',
            ...[...new Set(findings.map(({ path, fix }) => `${path}: ${fix}`))].slice(0, 6),
          ],
          timeFrameDays: 30,
          measure: { ...socialVisits, values: [...socialVisits.values] },
        },
      ];
    },
  },
  {
    name: 'social.unconnected_platform',
    category: 'social',
    when: 'A network brings visitors who sign up, and no account of it is connected.',
    look: async (inside, frame) => {
      const known: Record<string, string> = {
        LinkedIn: 'linkedin',
        Bluesky: 'bluesky',
        Mastodon: 'mastodon',
        Threads: 'threads',
        X: 'x',
        Reddit: 'reddit',
        YouTube: 'youtube',
        Facebook: 'facebook',
      };
      const accounts = await rowsOf(
        inside,
        sql<{ platform: string }>`select distinct platform from accounts where status in ('connected', 'paused')`,
      );
      // The sandbox stands for X.
      const has = new Set(accounts.map(({ platform }) => (platform === 'sandbox' ? 'x' : platform)));
      return [...(frame.base.places.get('source') ?? [])]
        .filter(([source, { visits, signups }]) => {
          const platform = known[source];
          return platform !== undefined && !has.has(platform) && visits >= 50 && signups >= 2;
        })
        .sort(([, a], [, b]) => b.signups - a.signups)
        .slice(0, 2)
        .map(([source, { visits, signups }]) => ({
          subject: source,
          title: `Open an account on ${source}`,
          reasoning: `${counted(visits, 'visit')} and ${counted(signups, 'signup')} of the last ${frame.base.days} days came from ${source} (${percent(signups / visits)} signed up), where you have no connected account.`,
          evidence: [
            { label: `Visits from ${source}`, table: 'traffic_days', rowId: null, value: visits },
            { label: `Signups from ${source}`, table: 'traffic_days', rowId: null, value: signups },
          ],
          weight: visits,
          flow: signupsAt(frame.base, 'source', [source]),
          minutes: 180,
          effortReason: 'An hour to set it up, two for the first four posts.',
          actions: [
            `See who links to you on ${source} and thank them.`,
            `Open an account on ${source} and connect it, or keep it as a channel that is done by hand.`,
            `Adapt your three best posts to what is usual on ${source}.`,
          ],
          timeFrameDays: 56,
          measure: { of: 'visits' as const, dimension: 'source' as const, values: [source] },
          strategyChange: {
            add: [
              {
                kind: 'channel' as const,
                statement: `Be present on ${source}.`,
                reasoning: `${listed([`${visits} visits`, `${signups} signups`])} came from there without an account.`,
              },
            ],
          },
        }));
    },
  },
];

/** `time:afternoon` → `in the afternoon`. */
function timeOf(subject: string): string {
  const name = named(subject);
  return name === 'night' ? 'at night' : name === 'weekend' ? 'at the weekend' : `in the ${name}`;
}
