-- Questions cost what they show, not what was ever counted: money by what the visit was like is kept in totals, the visit
-- of a conversion is found by its id, and which visits saw a page is written down once a day is over.

create table credit_visits (
  workspace_id uuid not null,
  touch_id uuid not null,
  entry_path text not null,
  host text,
  medium text not null,
  referrer_host text,
  utm_campaign text,
  utm_content text,
  utm_term text,
  country text,
  device text,
  browser text,
  system text,
  primary key (workspace_id, touch_id),
  foreign key (workspace_id, touch_id) references touches (workspace_id, id) on delete cascade
);
comment on table credit_visits is 'What the visit of a touch that was credited with a purchase was like, so that money stays where it was counted when visits are deleted. Written by measure/attribution.';
call make_tenant('credit_visits', append_only => true);

alter table credit_days drop constraint credit_days_dimension_check;
alter table credit_days add constraint credit_days_dimension_check check (dimension in (
  'total', 'channel', 'source', 'way', 'post', 'campaign', 'account', 'affiliate', 'link',
  'entry', 'host', 'medium', 'referrer', 'utm_campaign', 'utm_content', 'utm_term', 'country', 'device', 'browser', 'system'));
comment on column credit_days.dimension is 'total: the value says whether it was attributed. way: the tracked link, else the referrer''s host. From entry on: of the visit, purchases only.';
-- Counted anew with these dimensions when conversions are attributed next, within the hour.
delete from credit_zones;

-- An arrival has the id of its visit; the few of before that rule are found by this.
create index touches_of_visit on touches (workspace_id, visit_id) where visit_id <> id;

create table traffic_closed (
  workspace_id uuid not null,
  app_id uuid not null,
  first_day date not null,
  span text not null check (span in ('day', 'week')),
  state text not null check (state in ('closing', 'closed', 'left')),
  primary key (workspace_id, app_id, first_day, span),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table traffic_closed is 'Local days whose visits by page, and weeks whose sums, are written down. What is counted on one of their days afterwards takes the row away, until they are closed again. Written by measure/rollups.';
comment on column traffic_closed.state is 'closing: being written, and not read yet; left: a day with too many different pages to write down.';
call make_tenant('traffic_closed');

create table traffic_weeks (
  workspace_id uuid not null,
  app_id uuid not null,
  dimension text not null,
  week date not null,
  value text not null,
  visitors bigint not null,
  visits bigint not null,
  views bigint not null,
  signups bigint not null,
  bounces bigint not null,
  seconds bigint not null,
  primary key (workspace_id, app_id, dimension, week, value),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table traffic_weeks is 'Sums of traffic_days over weeks that are over, for dimensions with many values; to be read only where traffic_closed has the week. Written by measure/rollups.';
comment on column traffic_weeks.week is 'Its Monday.';
comment on column traffic_weeks.visitors is 'Sum of the daily visitors.';
call make_tenant('traffic_weeks');

create table visit_pages (
  workspace_id uuid not null,
  app_id uuid not null,
  day date not null,
  path text not null,
  visits uuid[] not null,
  primary key (workspace_id, app_id, day, path),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
alter table visit_pages alter column visits set storage external;
comment on table visit_pages is 'Which visits of people saw a page, by the local day on which the visit began; to be read only where traffic_closed has the day. Written by measure/rollups.';
call make_tenant('visit_pages');
