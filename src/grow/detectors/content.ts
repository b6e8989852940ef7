import { sql } from 'kysely';
import { type Candidate, type Detector, daysBefore, lacking } from './detector.ts';

const days = 28;

/** Plain facts about what was published: nothing here is a comparison that chance could explain. */
export const contentHygiene: Detector = {
  name: 'content_hygiene',
  question: 'Do published posts lack a link or their images a description?',
  async look(inside, frame) {
    const since = daysBefore(frame.now, days);
    const { rows: posts } = await sql<{
      id: string;
      title: string;
      linked: boolean;
      images: number;
      undescribed: number;
    }>`
      select p.id, p.title,
        p.link_url is not null or exists (select from links l where l.workspace_id = p.workspace_id and l.post_id = p.id) as linked,
        count(m.asset_id)::int as images,
        count(m.asset_id) filter (where coalesce(nullif(m.alt_text, ''), nullif(a.alt_text, '')) is null)::int as undescribed
      from posts p
      left join post_variants v on v.workspace_id = p.workspace_id and v.post_id = p.id
      left join parts t on t.workspace_id = p.workspace_id and t.variant_id = v.id
      left join part_media m on m.workspace_id = p.workspace_id and m.part_id = t.id
      left join assets a on a.workspace_id = p.workspace_id and a.id = m.asset_id
      where p.app_id = ${frame.appId} and exists (
        select from publications u where u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published' and u.published_at >= ${since}
      )
      group by p.workspace_id, p.id, p.title, p.link_url order by p.title`.execute(inside.tx);
    if (posts.length === 0) return lacking('Nothing was published in the last four weeks.');
    const fact = (
      subject: string,
      sentence: string,
      found: typeof posts,
      count: (post: (typeof posts)[number]) => number | null,
    ): Candidate => ({
      subject,
      sentence,
      direction: null,
      p: null,
      effect: null,
      sampleBefore: null,
      sampleAfter: posts.length,
      startsAt: since,
      endsAt: frame.now,
      evidence: found
        .slice(0, 20)
        .map((post) => ({ label: post.title, table: 'posts', rowId: post.id, value: count(post) })),
    });
    const unlinked = posts.filter(({ linked }) => !linked);
    const undescribed = posts.filter((post) => post.undescribed > 0);
    const candidates: Candidate[] = [];
    if (unlinked.length >= 3 && unlinked.length * 2 > posts.length)
      candidates.push(
        fact(
          'links',
          `${unlinked.length} of the ${posts.length} posts of the last four weeks have no link, so what they bring cannot be counted.`,
          unlinked,
          () => null,
        ),
      );
    if (undescribed.length > 0)
      candidates.push(
        fact(
          'alt_text',
          `${undescribed.length} of the ${posts.length} posts of the last four weeks have images without a description.`,
          undescribed,
          (post) => post.undescribed,
        ),
      );
    return { candidates, missing: null };
  },
};

/** A plain fact, for an app that has published before; one that never did gets a first suggestion instead. */
export const emptyWeek: Detector = {
  name: 'empty_week',
  question: 'Is anything scheduled for the next seven days?',
  async look(inside, frame) {
    const until = daysBefore(frame.now, -7);
    const row = await inside.tx
      .selectFrom('publications as u')
      .innerJoin('posts as p', 'p.id', 'u.postId')
      .select((eb) => [
        eb.fn.countAll<number>().filterWhere('u.state', '=', 'published').as('published'),
        eb.fn.max('u.publishedAt').filterWhere('u.state', '=', 'published').as('lastAt'),
        eb.fn
          .countAll<number>()
          .filterWhere('u.state', 'in', ['scheduled', 'publishing'])
          .filterWhere('u.dueAt', '<', until)
          .as('waiting'),
      ])
      .where('p.appId', '=', frame.appId)
      .executeTakeFirstOrThrow();
    if (row.published === 0) return lacking('Nothing was published yet.');
    if (row.waiting > 0) return { candidates: [], missing: null };
    return {
      missing: null,
      candidates: [
        {
          subject: 'next_week',
          sentence: 'Nothing is scheduled for the next seven days.',
          direction: null,
          p: null,
          effect: null,
          sampleBefore: null,
          sampleAfter: 0,
          startsAt: frame.now,
          endsAt: until,
          evidence: [
            { label: 'Publications scheduled in the next seven days', table: 'publications', rowId: null, value: 0 },
          ],
        },
      ],
    };
  },
};
