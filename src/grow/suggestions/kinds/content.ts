import { sql } from 'kysely';
import { signupsByVisits } from '#src/grow/suggestions/baselines.ts';
import { counted, type Kind, listed, shortened } from '#src/grow/suggestions/kind.ts';
import { daysAgo, effectSeen, evidenceOf, insightsOf, named, rowsOf } from './read.ts';

/** As if four posts of a month were of the other sort. */
const postsChanged = 4;

export const content: Kind[] = [
  {
    name: 'content.more_of_kind',
    category: 'content',
    when: 'Posts of one sort bring more visits than the others.',
    detector: 'post_kinds',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'post_kinds', 'up')).map((seen) => ({
        subject: seen.subject,
        title: `Post more of what works: ${named(seen.subject)}`,
        reasoning: seen.sentence,
        evidence: evidenceOf(seen),
        weight: seen.sampleAfter ?? 1,
        flow: ofOtherPosts(frame, seen),
        seen: effectSeen(seen),
        minutes: 120,
        effortReason: 'Four posts a month, 30 minutes each.',
        actions: [
          `Draft two more posts of the sort “${named(seen.subject)}” for the next two weeks.`,
          'Give them the place of two that bring less.',
        ],
        timeFrameDays: 28,
        measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
        insightId: seen.id,
        makes: { write: 2 },
        strategyChange: {
          add: [{ kind: 'pillar', statement: `Post more often: ${named(seen.subject)}.`, reasoning: seen.sentence }],
        },
      })),
  },
  {
    name: 'content.less_of_kind',
    category: 'content',
    when: 'Posts of one sort bring fewer visits than the others.',
    detector: 'post_kinds',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'post_kinds', 'down')).map((seen) => ({
        subject: seen.subject,
        title: `Post less of what brings little: ${named(seen.subject)}`,
        reasoning: seen.sentence,
        evidence: evidenceOf(seen),
        weight: seen.sampleAfter ?? 1,
        flow: { missing: 'What the posts instead of them would bring is not known.' },
        minutes: 20,
        effortReason: 'Looking through the drafts once.',
        actions: [
          `Look at the drafts of the sort “${named(seen.subject)}” and keep only the best.`,
          'Fill their places with another sort.',
        ],
        timeFrameDays: 28,
        measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
        insightId: seen.id,
        strategyChange: {
          add: [{ kind: 'avoid', statement: `Post less often: ${named(seen.subject)}.`, reasoning: seen.sentence }],
        },
      })),
  },
  {
    name: 'content.follow_up',
    category: 'content',
    when: 'One post brought many more visits than a typical one.',
    detector: 'standout_post',
    look: async (inside, frame) =>
      (await insightsOf(inside, frame, 'standout_post')).slice(0, 2).map((seen) => ({
        subject: seen.subject,
        title: 'Write a follow-up to the post that stood out',
        reasoning: seen.sentence,
        evidence: evidenceOf(seen),
        weight: 1,
        flow: signupsByVisits(
          frame.base,
          'visits of the post that stood out, once a month',
          seen.evidence[0]?.value ?? 0,
          30.44,
        ),
        minutes: 45,
        effortReason: 'Reading the replies and writing one post.',
        actions: [
          'Read the replies and note what people asked.',
          'Write a follow-up that answers them.',
          'Schedule it within a week.',
        ],
        timeFrameDays: 14,
        measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
        insightId: seen.id,
        makes: { write: 1 },
        strategyChange: {
          add: [
            {
              kind: 'experiment',
              statement: 'Follow up on posts that brought many more visits than a typical one.',
              reasoning: seen.sentence,
            },
          ],
        },
      })),
  },
  {
    name: 'content.evergreen',
    category: 'content',
    when: 'A post older than 60 days brought three times the visits of a typical one and was never sent again.',
    look: async (inside, frame) => {
      const posts = await rowsOf(
        inside,
        sql<{ id: string; title: string; visits: number; typical: number; sent: Date }>`
          with brought as (
            select p.id, p.title, p.evergreen, min(u.published_at) as sent, count(distinct u.id) as times,
              coalesce((select sum(t.visits) from traffic_days t where t.app_id = ${frame.appId} and t.dimension = 'post' and t.value = p.id::text), 0)::int as visits
            from posts p join publications u on u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published' and u.reply_to is null
            where p.app_id = ${frame.appId} and u.published_at >= ${daysAgo(frame, 360)} group by p.id, p.title, p.evergreen
          ), usual as (select percentile_cont(0.5) within group (order by visits) as typical, count(*) as posts from brought)
          select b.id, b.title, b.visits, round(u.typical)::int as typical, b.sent from brought b cross join usual u
          where u.posts >= 8 and b.visits >= 3 * greatest(u.typical, 10) and b.times = 1 and not b.evergreen
            and b.sent < ${daysAgo(frame, 60)} order by b.visits desc limit 2`,
      );
      return posts.map(({ id, title, visits, typical }) => ({
        subject: id,
        title: `Send “${shortened(title, 50)}” again`,
        reasoning: `It brought ${counted(visits, 'visit')}, a typical post ${typical}. It went out once, more than two months ago; most of your readers today have not seen it.`,
        evidence: [
          { label: `Visits of “${shortened(title, 40)}”`, table: 'posts', rowId: id, value: visits },
          { label: 'Visits of a typical post (median)', table: 'traffic_days', rowId: null, value: typical },
        ],
        weight: visits,
        flow: signupsByVisits(frame.base, 'visits it brought, sent once in three months', visits, 91),
        minutes: 20,
        effortReason: 'Checking that it still holds, new first line, a slot.',
        actions: [
          `Read “${shortened(title, 50)}” once more: are its numbers still right?`,
          'Give it another first line.',
          'Mark it as evergreen, with a pause of 90 days.',
        ],
        timeFrameDays: 90,
        measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
      }));
    },
  },
  {
    name: 'content.theme_gap',
    category: 'content',
    when: 'A theme of the strategy gets less than half of its share of the posts of the last 8 weeks.',
    look: async (inside, frame) => {
      const themes = await rowsOf(
        inside,
        sql<{ id: string; name: string; share: number; posts: number; all: number }>`
          with recent as (
            select p.theme_id from posts p join publications u on u.workspace_id = p.workspace_id and u.post_id = p.id
            where p.app_id = ${frame.appId} and u.state = 'published' and u.reply_to is null and u.published_at >= ${daysAgo(frame, 56)}
          )
          select t.id, t.name, t.share, (select count(*) from recent r where r.theme_id = t.id)::int as posts,
            (select count(*) from recent where theme_id is not null)::int as all
          from content_themes t where t.app_id = ${frame.appId} and t.share >= 0.1 order by t.share desc`,
      );
      const gap = themes.find(({ share, posts, all }) => all >= 10 && posts < 0.5 * share * all);
      if (!gap) return [];
      return [
        {
          subject: gap.id,
          title: `Say more on “${shortened(gap.name.replace(/\.$/, ''), 50)}”`,
          reasoning: `The strategy gives it ${Math.round(gap.share * 100)}% of the posts; of the last ${gap.all} it got ${gap.posts}.`,
          evidence: themes.map(({ id, name, posts }) => ({
            label: `${shortened(name, 40)}: posts of the last 8 weeks`,
            table: 'content_themes',
            rowId: id,
            value: posts,
          })),
          weight: gap.share * gap.all - gap.posts,
          flow: { missing: 'Whether this theme brings more than the others is not measured yet.' },
          minutes: 60,
          effortReason: 'Two drafts, half an hour each.',
          actions: [`Draft two posts on “${shortened(gap.name, 50)}”.`, 'Give them slots in the next two weeks.'],
          timeFrameDays: 28,
          measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
          makes: { write: 2 },
        },
      ];
    },
  },
  {
    name: 'content.untold_feature',
    category: 'content',
    when: 'A feature that stands on the pages was never named in a post.',
    look: async (inside, frame) => {
      const features = await rowsOf(
        inside,
        sql<{ id: string; statement: string; quote: string | null; all: number }>`
          select f.id, f.statement, (select e.quote from evidence e where e.workspace_id = f.workspace_id and e.fact_id = f.id limit 1) as quote,
            (select count(*) from facts x where x.app_id = ${frame.appId} and x.kind = 'feature' and x.state <> 'retired')::int as all
          from facts f where f.app_id = ${frame.appId} and f.kind = 'feature' and f.state in ('confirmed', 'corrected', 'proposed')
            and not exists (select from claims c join parts a on a.workspace_id = c.workspace_id and a.id = c.part_id
              where c.workspace_id = f.workspace_id and c.fact_id = f.id)
          order by f.state = 'proposed', f.confidence desc limit 5`,
      );
      if (features.length === 0) return [];
      const names = features.map(({ statement }) => shortened(statement.replace(/\.$/, ''), 60));
      return [
        {
          subject: features[0]?.id ?? '',
          title: `Show a feature nobody heard of: ${shortened(names[0] ?? '', 45)}`,
          reasoning: `${counted(features.length, 'feature')} of ${features[0]?.all} on your pages ${features.length === 1 ? 'is' : 'are'} in no post of yours.`,
          evidence: features.map(({ id, statement }) => ({
            label: shortened(statement, 80),
            table: 'facts',
            rowId: id,
            value: null,
          })),
          weight: features.length,
          flow: perPost(frame),
          minutes: 40,
          effortReason: 'One post with a picture.',
          actions: names.slice(0, 2).map((name) => `Show in one picture: ${name}`),
          timeFrameDays: 28,
          measure: { of: 'visits', dimension: 'channel', values: ['Organic Social'] },
          makes: {
            drafts: features.slice(0, 1).map(({ statement }) => ({
              title: shortened(statement, 60),
              kind: 'feature_update' as const,
              text: `${statement.replace(/\.$/, '')}.\n\nHere is how it looks:`,
            })),
          },
        },
      ];
    },
  },
  {
    name: 'content.unused_praise',
    category: 'content',
    when: 'People praise the app in the inbox and no post of the last 60 days tells it.',
    look: async (inside, frame) => {
      const praise = await rowsOf(
        inside,
        sql<{ id: string; text: string; name: string | null }>`
          select i.id, i.text, coalesce(c.name, c.handle) as name from inbox_items i
          left join contacts c on c.workspace_id = i.workspace_id and c.id = i.contact_id
          where i.received_at >= ${daysAgo(frame, 120)}
            and i.text ~* '\\m(love|no regrets|saved me|best|amazing|switched to|moved over|recommend|thank you for)\\M'
            and i.text !~* '\\m(not|never|don.t|doesn.t|isn.t)\\M.{0,20}\\m(love|best|recommend)\\M'
            and not exists (select from posts p where p.app_id = ${frame.appId} and p.kind = 'testimonial' and p.created_at >= ${daysAgo(frame, 60)})
          order by i.received_at desc limit 5`,
      );
      if (praise.length < 2) return [];
      return [
        {
          subject: '',
          title: `Tell what people say: ${counted(praise.length, 'kind word')} nobody saw`,
          reasoning: `${listed(praise.map(({ name }) => name ?? 'Somebody'))} said it in your inbox; no post of the last two months passes it on.`,
          evidence: praise.map(({ id, text, name }) => ({
            label: `${name ?? 'Somebody'}: “${shortened(text, 70)}”`,
            table: 'inbox_items',
            rowId: id,
            value: null,
          })),
          weight: praise.length,
          flow: perPost(frame),
          minutes: 45,
          effortReason: 'Asking for leave, one post.',
          actions: [
            `Ask ${praise[0]?.name ?? 'the author'} whether you may quote them by name.`,
            'Post the quote with what they use the app for.',
            'Put it on the page people see before they pay.',
          ],
          timeFrameDays: 28,
          measure: { of: 'signups', dimension: 'channel', values: ['Organic Social'] },
          makes: {
            drafts: [
              {
                title: 'In their words',
                kind: 'testimonial',
                text: `“${shortened(praise[0]?.text ?? '', 200)}”\n\nThis is why we build it.`,
              },
            ],
          },
        },
      ];
    },
  },
];

type Frame = Parameters<Kind['look']>[1];

/** What one more post of the usual sort would bring each month. */
export function perPost(frame: Frame) {
  const posts = [...(frame.base.places.get('post')?.values() ?? [])].map(({ visits }) => visits);
  if (posts.length < 8)
    return { missing: `Not enough data: ${posts.length} of the 8 posts with measured visits needed.` };
  const all = posts.reduce((sum, visits) => sum + visits, 0);
  return signupsByVisits(frame.base, 'visits of one post a month', Math.round(all / posts.length), 30.44);
}

function ofOtherPosts(frame: Frame, seen: { evidence: { value: number | null }[]; sampleBefore: number | null }) {
  const visits = Number(seen.evidence[0]?.value ?? 0);
  if (!seen.sampleBefore || visits === 0)
    return { missing: 'Not enough data: the visits of the other posts are not known.' };
  return signupsByVisits(
    frame.base,
    `visits of ${postsChanged} other posts a month`,
    Math.round((visits / seen.sampleBefore) * postsChanged),
    30.44,
  );
}
