import pg from 'pg';

/** Traffic of 90 days up to `until`, in the workspace's zone: so many events over several apps of one workspace. */
export type Traffic = { events: number; days?: number; until: Date };

const EVENTS_PER_VISIT = 3;
const PATHS = 400;
const POSTS = 300;

/**
 * Fills visits, events, touches, conversions, credits and the totals of traffic as years of the product's own writing would have:
 * set-based, by the database's owner. One app has four fifths of the traffic (`appIds[0]`), the others share the rest.
 * Pages, sources and campaigns follow Zipf; a tenth of the visits are bots, every twelfth event is a custom one.
 */
export async function fillTraffic(
  owner: pg.ClientConfig,
  { workspaceId, appIds, timeZone }: { workspaceId: string; appIds: readonly string[]; timeZone: string },
  { events, days = 90, until }: Traffic,
): Promise<void> {
  const client = new pg.Client(owner);
  await client.connect();
  try {
    await client.query(
      `set synchronous_commit = off; set work_mem = '256MB'; set maintenance_work_mem = '512MB'; set max_parallel_workers_per_gather = 2; set jit = off`,
    );
    const visits = Math.round(events / EVENTS_PER_VISIT);
    await client.query('create temp table made_posts (n int primary key, id uuid, campaign uuid)');
    await client.query(
      `with made as (
         insert into posts (workspace_id, app_id, title, status, source)
         select $1, $2, 'Post ' || n, 'published', 'person' from generate_series(1, $3::int) n returning id)
       insert into made_posts select row_number() over (), id from made`,
      [workspaceId, appIds[0], POSTS],
    );
    await client.query(
      `create temp table made_sources (n int, source text, medium text, channel text, referrer text);
       insert into made_sources values
         (0,'Direct','(none)','Direct',null),(1,'Google','organic','Organic Search','www.google.com'),(2,'X','social','Organic Social','t.co'),
         (3,'Hacker News','social','Organic Social','news.ycombinator.com'),(4,'Reddit','social','Organic Social','www.reddit.com'),
         (5,'newsletter','email','Email',null),(6,'GitHub','referral','Referral','github.com'),(7,'ChatGPT','referral','AI Assistants','chatgpt.com'),
         (8,'Bing','organic','Organic Search','www.bing.com'),(9,'Product Hunt','referral','Referral','www.producthunt.com');
       insert into made_sources select n, 'site' || n || '.example', 'referral', 'Referral', 'site' || n || '.example' from generate_series(10, 60) n`,
    );
    // In slices of a few days: no statement holds all of it.
    const slice = 3;
    for (let day = 0; day < days; day += slice) {
      const share = Math.min(slice, days - day) / days;
      await client.query(VISITS, [
        workspaceId,
        appIds,
        Math.round(visits * share),
        new Date(until.getTime() - (days - day) * 86_400_000),
        Math.min(slice, days - day),
        PATHS,
        POSTS,
      ]);
      await client.query(EVENTS, [workspaceId]);
      await client.query(CONVERSIONS, [workspaceId]);
      await client.query(DAYS, [workspaceId, timeZone]);
      await client.query('drop table made');
    }
    await client.query(CREDITS, [workspaceId]);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** A number of Zipf's law (exponent 1) below `n` out of an even one between 0 and 1. */
const zipf = (n: string, even: string) => `floor(power(${n}::float8, ${even}))::int - 1`;

const VISITS = `
  create temp table made as
  with raw as (
    select n, random() as a, random() as b, random() as c, random() as d, random() as e, random() as f, random() as g,
      $4::timestamptz + make_interval(secs => random() * $5::int * 86400) as at
    from generate_series(1, $3::int) n
  ), seen as (
    select raw.*, ($2::uuid[])[case when a < 0.8 or cardinality($2::uuid[]) = 1 then 1 else 2 + floor(random() * (cardinality($2::uuid[]) - 1))::int end] as app_id,
      case when b < 0.45 then 1 when b < 0.65 then 2 when b < 0.80 then 3 when b < 0.92 then 5 else 10 end as views,
      case when c < 0.25 then 1 when c < 0.3 then 2 else 0 end as custom,
      ${zipf('61', 'd')} as source_n, ${zipf('$6', 'e')} as entry_n, ${zipf('$6', 'random()')} as exit_n,
      case when f < 0.1 then 'bot' when f < 0.12 then 'unsure' else 'human' end as agent_class,
      case when random() < 0.2 then ${zipf('$7', 'random()')} + 1 end as post_n
    from raw
  )
  select $1::uuid as workspace_id, gen_random_uuid() as id, at as started_at, seen.app_id,
    left(md5(floor(random() * $3 * 0.7)::text || date_trunc('day', at)::text), 16) as visitor,
    at + make_interval(secs => case when views = 1 and custom = 0 then 0 else floor(g * 200 * (views + custom)) end) as last_seen_at,
    views, custom as events, random() < 0.75 as first_today,
    '/page-' || entry_n as entry_path, case when views = 1 then '/page-' || entry_n else '/page-' || exit_n end as exit_path,
    'bench.example' as host, s.referrer as referrer_host, s.source, s.medium, s.channel,
    case when source_n in (2, 5) then 'campaign-' || (seen.n % 12) end as utm_campaign, p.id as post_id,
    (array['US','DE','GB','FR','IN','BR','CA','NL','ES','SE','PL','JP'])[1 + ${zipf('12', 'random()')}] as country,
    (array['desktop','mobile','tablet'])[1 + ${zipf('3', 'random()')}] as device,
    (array['Chrome','Safari','Firefox','Edge','Samsung Internet'])[1 + ${zipf('5', 'random()')}] as browser,
    (array['Windows','macOS','iOS','Android','Linux'])[1 + ${zipf('5', 'random()')}] as system,
    agent_class, case agent_class when 'bot' then (array['Googlebot','bingbot','GPTBot','ClaudeBot','AhrefsBot'])[1 + seen.n % 5] end as agent_name,
    case when agent_class <> 'bot' and random() < 0.01 then true else false end as signed_up
  from seen join made_sources s on s.n = source_n left join made_posts p on p.n = post_n and seen.app_id = ($2::uuid[])[1]`;

/** A touch is kept of who came through a link, and of who converted. */
const EVENTS = `
  with stored as (
    insert into visits (workspace_id, id, started_at, app_id, visitor, last_seen_at, views, events, first_today, entry_path, exit_path, host,
      referrer_host, source, medium, channel, utm_campaign, post_id, country, device, browser, system, agent_class, agent_name)
    select workspace_id, id, started_at, app_id, visitor, last_seen_at, views, events, first_today, entry_path, exit_path, host,
      referrer_host, source, medium, channel, utm_campaign, post_id, country, device, browser, system, agent_class, agent_name
    from made order by started_at
  ), touched as (
    insert into touches (workspace_id, id, app_id, visitor, visit_id, occurred_at, channel, source, direct, post_id, referrer_host)
    select workspace_id, id, app_id, visitor, id, started_at, channel, source, channel = 'Direct', post_id, referrer_host
    from made where agent_class <> 'bot' and (signed_up or post_id is not null)
  )
  insert into events (workspace_id, id, occurred_at, app_id, kind, visit_id, path, props)
  select workspace_id, gen_random_uuid(), started_at + (last_seen_at - started_at) * ((k - 1)::float8 / greatest(1, views + events - 1)), app_id,
    case when k <= views then 'pageview' else (array['cta_click','pricing_opened','video_played'])[1 + k % 3] end, id,
    case when k = 1 then entry_path when k = views then exit_path else '/page-' || (floor(power(400::float8, random()))::int - 1) end,
    case when k > views then jsonb_build_object('plan', (array['free','pro','team'])[1 + k % 3], 'n', k) end
  from made cross join lateral generate_series(1, views + events) k
  where $1::uuid is not null
  order by 3`;

const CONVERSIONS = `
  with signups as (
    insert into conversions (workspace_id, app_id, kind, visitor, visit_id, occurred_at, dedupe, attributed_at)
    select workspace_id, app_id, 'signup', visitor, id, last_seen_at, 'signup:' || id, last_seen_at from made where signed_up
  )
  insert into conversions (workspace_id, app_id, kind, visitor, visit_id, occurred_at, value_minor, currency, dedupe, attributed_at)
  select workspace_id, app_id, 'purchase', visitor, id, last_seen_at, 1900, (select currency from workspaces where id = $1), 'purchase:' || id, last_seen_at
  from made where signed_up and random() < 0.12`;

const DAYS = `
  with counted as (
    select *, (started_at at time zone $2)::date as day, (views = 1 and events = 0)::int as bounce,
      floor(extract(epoch from last_seen_at - started_at))::bigint as seconds, agent_class <> 'bot' as person, (signed_up)::int as signup
    from made
  ), hours as (
    insert into traffic_hours as t (workspace_id, app_id, hour, visitors, visits, views, bots, bounces, seconds, signups)
    select workspace_id, app_id, date_trunc('hour', started_at, 'UTC'), count(*) filter (where person and first_today), count(*) filter (where person),
      coalesce(sum(views) filter (where person), 0), count(*) filter (where not person), coalesce(sum(bounce) filter (where person), 0),
      coalesce(sum(seconds) filter (where person), 0), sum(signup)
    from counted group by 1, 2, 3
    on conflict (workspace_id, app_id, hour) do update set visitors = t.visitors + excluded.visitors, visits = t.visits + excluded.visits,
      views = t.views + excluded.views, bots = t.bots + excluded.bots, bounces = t.bounces + excluded.bounces,
      seconds = t.seconds + excluded.seconds, signups = t.signups + excluded.signups
  ), rows as (
    select app_id, day, d.dimension, d.value, first_today::int as visitors, 1 as visits, d.views, signup as signups, bounce, seconds
    from counted cross join lateral (values ('total', '', views), ('path', entry_path, 0), ('exit', exit_path, 0), ('host', host, views),
      ('source', source, views), ('medium', medium, views), ('channel', channel, views), ('referrer', referrer_host, views),
      ('campaign', utm_campaign, views), ('country', country, views), ('device', device, views), ('browser', browser, views),
      ('system', system, views), ('post', post_id::text, views)) d (dimension, value, views)
    where person and d.value is not null
    union all
    select app_id, day, 'agent', agent_class || '/' || coalesce(agent_name, ''), first_today::int, 1, views, 0, bounce, seconds
    from counted where agent_class <> 'human'
    union all
    select e.app_id, c.day, case when e.kind = 'pageview' then 'path' else 'event' end, case when e.kind = 'pageview' then e.path else e.kind end, 0, 0, 1, 0, 0, 0
    from counted c join events e on e.workspace_id = $1 and e.app_id = c.app_id and e.visit_id = c.id
      and e.occurred_at >= (select min(started_at) from made) and e.occurred_at <= (select max(last_seen_at) from made)
    where c.person
  )
  insert into traffic_days as t (workspace_id, app_id, day, dimension, value, visitors, visits, views, signups, bounces, seconds)
  select $1, app_id, day, dimension, value, sum(visitors), sum(visits), sum(views), sum(signups), sum(bounce), sum(seconds)
  from rows group by app_id, day, dimension, value
  on conflict (workspace_id, app_id, dimension, day, value) do update set visitors = t.visitors + excluded.visitors, visits = t.visits + excluded.visits,
    views = t.views + excluded.views, signups = t.signups + excluded.signups, bounces = t.bounces + excluded.bounces, seconds = t.seconds + excluded.seconds`;

/** Every model gives all to the one touch there is, as it would. */
const CREDITS = `
  insert into credits (workspace_id, app_id, conversion_id, model, touch_id, post_id, channel, share, amount_minor, net_minor, currency, converted_at, first_purchase)
  select c.workspace_id, c.app_id, c.id, m.model, t.id, t.post_id, t.channel, 1, c.value_minor, c.value_minor, c.currency, c.occurred_at, c.kind = 'purchase'
  from conversions c join touches t on t.workspace_id = c.workspace_id and t.id = c.visit_id
  cross join unnest(array['first','last','last_non_direct','linear','time_decay','position']) m (model)
  where c.workspace_id = $1`;
