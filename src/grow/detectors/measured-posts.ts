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

/** Posts are compared over the last half year: older ones spoke to another audience. */
const lookBackDays = 182;
/** Days after publishing in which a post's visits are counted, the day itself included. */
export const countedDays = 7;

export const noTracker = 'Not enough data: the tracker on your site has not sent anything yet.';

/** Posts of the last half year whose seven days are over, oldest first. Empty before the tracker's first event. */
export async function readMeasuredPosts(inside: Inside, frame: Frame): Promise<MeasuredPost[]> {
  if (!frame.measuredSince) return [];
  const from = new Date(Math.max(frame.measuredSince.getTime(), daysBefore(frame.until, lookBackDays).getTime()));
  const until = new Date(frame.until.getTime() - countedDays * dayMs);
  const { rows } = await sql<MeasuredPost>`
    with out as (
      select p.id, p.title, p.kind, p.hook, t.name as template, min(u.published_at) as published_at
      from posts p
      join publications u on u.workspace_id = p.workspace_id and u.post_id = p.id and u.state = 'published'
      left join templates t on t.workspace_id = p.workspace_id and t.id = p.template_id
      where p.app_id = ${frame.appId}
      group by p.id, p.title, p.kind, p.hook, t.name
    )
    select out.*, coalesce((
      select sum(d.visits) from traffic_days d
      where d.app_id = ${frame.appId} and d.dimension = 'post' and d.value = out.id::text
        and d.day >= (out.published_at at time zone 'UTC')::date
        and d.day < (out.published_at at time zone 'UTC')::date + ${countedDays}::int
    ), 0)::int as visits
    from out where published_at >= ${from} and published_at < ${until}
    order by published_at, id`.execute(inside.tx);
  return rows;
}
