-- Traffic by the workspace's own days, with what a visit was like; counts that can be restated.

alter table traffic_days drop constraint traffic_days_dimension_check;
alter table traffic_days add constraint traffic_days_dimension_check check (dimension in (
  'total', 'path', 'exit', 'host', 'source', 'medium', 'channel', 'referrer', 'campaign', 'content', 'term',
  'country', 'device', 'browser', 'system', 'event', 'post'));
alter table traffic_days add column bounces integer not null default 0;
alter table traffic_days add column seconds bigint not null default 0;
comment on table traffic_days is 'Totals by local day of the workspace and dimension; a visit counts on the day it began, a daily visitor once a day: they do not add up across days. For a path, visits and visitors are those that came in there. Written by measure/rollups.';
comment on column traffic_days.dimension is '`total` has the one value ''''; `event` counts custom events as views; `exit` counts visits that ended on a path.';
comment on column traffic_days.value is 'What the dimension says of the visit: a path, a channel, the id of a post.';
comment on column traffic_days.bounces is 'Visits with one page view and nothing else.';
comment on column traffic_days.seconds is 'From the first to the last event, over all visits.';

alter table visits add column events integer not null default 0;
alter table visits add column first_today boolean not null default true;
alter table visits add column agent_name text;
comment on column visits.events is 'Custom events; page views are counted in `views`.';
comment on column visits.first_today is 'The visitor had not been seen before that day (local), so they count as a daily visitor by this visit.';
comment on column visits.agent_name is 'Which bot it was, or what gave it away; null for people.';

create table recounts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  from_day date not null,
  until_day date not null check (until_day >= from_day),
  reason text not null check (reason in ('upgrade', 'time_zone', 'agents', 'import', 'request')),
  requested_by uuid references users on delete set null,
  requested_at timestamptz not null default now(),
  done_at timestamptz,
  visits_before bigint,
  visits_after bigint,
  bots_before bigint,
  bots_after bigint,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
create index recounts_open on recounts (workspace_id, requested_at) where done_at is null;
comment on table recounts is 'Days whose totals were, or will be, counted again from visits and events, and what that changed. Written by measure/rollups.';
call make_tenant('recounts');

-- What was counted by UTC days until now is counted again by local ones.
insert into recounts (workspace_id, app_id, from_day, until_day, reason)
select workspace_id, app_id, min(day), max(day), 'upgrade' from traffic_days group by workspace_id, app_id;
