-- What dashboards ask: hours with what a visit was like, agents by name, notes beside the charts, views to keep and to share.

alter table traffic_hours add column bounces integer not null default 0;
alter table traffic_hours add column seconds bigint not null default 0;
alter table traffic_hours add column signups integer not null default 0;
comment on table traffic_hours is 'Totals by hour (UTC): a visit counts with all it holds in the hour it began, a daily visitor in the hour of their first visit of the day. Written by measure/rollups.';

alter table visits add column if not exists host text;
comment on column visits.host is 'The site''s own host they came in at.';

-- By dimension first: a dashboard asks for one dimension over many days.
alter table traffic_days drop constraint traffic_days_pkey;
alter table traffic_days add primary key (workspace_id, app_id, dimension, day, value);
alter table traffic_days drop constraint traffic_days_dimension_check;
alter table traffic_days add constraint traffic_days_dimension_check check (dimension in (
  'total', 'path', 'exit', 'host', 'source', 'medium', 'channel', 'referrer', 'campaign', 'content', 'term',
  'country', 'device', 'browser', 'system', 'event', 'post', 'agent'));
comment on column traffic_days.dimension is '`total` has the one value ''''; `event` counts custom events as views; `exit` counts visits that ended on a path; `agent` counts bots, previews and what is unsure, as `bot/Googlebot`: bots and previews stand only there.';

-- Custom events are few beside page views, and asked for by name.
create index events_custom on events (workspace_id, app_id, kind, occurred_at) include (visit_id) where kind <> 'pageview';
-- The posts that brought people are counted by day.
drop index visits_brought;

create table annotations (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  day date not null,
  title text not null check (length(title) between 1 and 200),
  text text not null default '' check (length(text) <= 2000),
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
create index annotations_by_day on annotations (workspace_id, app_id, day);
comment on table annotations is 'Own notes beside the charts: what happened on a day. Posts, releases and campaigns stand there by themselves (M9). Written by measure/annotations.';
comment on column annotations.day is 'Local day of the workspace.';
call make_tenant('annotations');

alter table saved_views add column updated_at timestamptz not null default now();
alter table saved_views add constraint saved_views_name_check check (length(name) between 1 and 120);
comment on table saved_views is 'A dashboard as someone likes it: range, comparison, filters (M9). Written by measure/views.';

alter table shared_views add column id uuid not null default gen_random_uuid();
alter table shared_views add column created_by uuid references users on delete set null;
alter table shared_views add column with_money boolean not null default false;
alter table shared_views add column last_read_at timestamptz;
alter table shared_views add column reads_began_at timestamptz;
alter table shared_views add column reads integer not null default 0;
create unique index shared_views_id on shared_views (workspace_id, id);
create index shared_views_of_view on shared_views (workspace_id, saved_view_id);
comment on table shared_views is 'Shared. Read-only links to a saved view, found by the hash of their token. Written by measure/views.';
comment on column shared_views.token_hash is 'SHA-256 of the token, hex; the token itself, 256 random bits, is kept nowhere.';
comment on column shared_views.expires_at is 'Null = until it is revoked.';
comment on column shared_views.with_money is 'Whether those who have the link see revenue.';
comment on column shared_views.reads is 'How often it was read since reads_began_at, for the limit per minute.';
