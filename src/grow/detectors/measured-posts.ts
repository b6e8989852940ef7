import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { dayMs, daysBefore, type Frame } from './detector.ts';

/** A post that has been out for seven whole days, with the visits it brought in them. */
export type MeasuredPost = {
  id: string;
  title: string;
  kind: string | null;
  hook: string | null;
  template: string | null;
  publishedAt: Date;
  visits: number;
};

/** And how it was made. */
export type ShapedPost = MeasuredPost & { parts: number; media: number; characters: number };

/** Posts are compared over the last half year: older ones spoke to another audience. */
const lookBackDays = 182;
/** Days after publishing in which a post's visits are counted, the day itself included. */
export const countedDays = 7;

export const noTracker = 'Not enough data: the tracker on your site has not sent anything yet.';

/** Posts of the last half year whose seven days are over, oldest first. Empty before the tracker's first event. */
export async function readMeasuredPosts(
  inside: Inside,
  frame: Frame,
): Promise<(ShapedPost & { templateId: string | null })[]> {
  if (!frame.measuredSince) return [];
  const from = new Date(Math.max(frame.measuredSince.getTime(), daysBefore(frame.until, lookBackDays).getTime()));
  const until = new Date(frame.until.getTime() - countedDays * dayMs);
  const { rows } = await sql<ShapedPost & { templateId: string | null }>`
    with out as (
      select p.id, p.title, p.kind, p.hook, t.name as template, p.template_id, min(u.published_at) as published_at
      from posts p
      join publications u on u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published'
      left join templates t on t.workspace_id = p.workspace_id and t.id = p.template_id
      where p.app_id = ${frame.appId}
      group by p.id, p.title, p.kind, p.hook, t.name, p.template_id
    )
    select out.*, coalesce((
      select sum(d.visits) from traffic_days d
      where d.app_id = ${frame.appId} and d.dimension = 'post' and d.value = out.id::text
        and d.day >= (out.published_at at time zone 'UTC')::date
        and d.day < (out.published_at at time zone 'UTC')::date + ${countedDays}::int
    ), 0)::int as visits, shape.parts, shape.media, shape.characters
    from out cross join lateral (
      select count(distinct t.id)::int as parts, count(m.asset_id)::int as media,
        coalesce(max(length(t.text)), 0)::int as characters
      from (select v.workspace_id, v.id from post_variants v where v.post_id = out.id order by v.position, v.platform limit 1) v
      join parts t on t.workspace_id = v.workspace_id and t.variant_id = v.id
      left join part_media m on m.workspace_id = t.workspace_id and m.part_id = t.id
    ) shape where published_at >= ${from} and published_at < ${until}
    order by published_at, id`.execute(inside.tx);
  return rows;
}
