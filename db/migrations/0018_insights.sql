-- An insight is open while what it says holds: refreshed at each look, closed when it is over, put away by a person.
-- What it rests on can be drawn, what happened around it stands beside it, and each question keeps its last answer.

alter table insights
  add column kind text not null default 'comparison' check (kind in ('anomaly', 'change', 'comparison', 'fact')),
  add column severity text not null default 'low' check (severity in ('low', 'medium', 'high')),
  add column metric text,
  add column score real check (score between 0 and 1),
  add column chance real check (chance between 0 and 1),
  add column seen_at timestamptz not null default now(),
  add column closed_at timestamptz,
  add column dismissed_by uuid references users (id) on delete set null,
  add column dismissed_at timestamptz;
comment on column insights.kind is 'anomaly = a number of a day left what is usual; change = this period against the ones before; comparison = one group against the others; fact = counted, nothing that chance could explain.';
comment on column insights.severity is 'For alerts: how much is at stake, from the detector, the direction and the size.';
comment on column insights.metric is 'The number it is about, as visits or signups; null where it is about no single one.';
comment on column insights.score is 'Of an anomaly: grow/anomaly, 0 to 1, an alarm from 0.5 on.';
comment on column insights.chance is 'The chance to see as much when nothing changed, corrected for all comparisons of the same look (Benjamini and Hochberg).';
comment on column insights.starts_at is 'Since when: the change point of an anomaly, the beginning of the period otherwise.';
comment on column insights.seen_at is 'When it last held.';
comment on column insights.closed_at is 'When it no longer held, or was put away; null = open.';
comment on column insights.dismissed_at is 'Put away by a person; the same subject stays silent for 28 days.';
update insights set seen_at = found_at;
update insights as old set closed_at = newer.found_at
from insights as newer
where newer.workspace_id = old.workspace_id and newer.app_id = old.app_id and newer.detector = old.detector
  and newer.subject = old.subject and (newer.found_at, newer.id) > (old.found_at, old.id)
  and not exists (select from insights between_them where between_them.workspace_id = old.workspace_id
    and between_them.app_id = old.app_id and between_them.detector = old.detector and between_them.subject = old.subject
    and (between_them.found_at, between_them.id) > (old.found_at, old.id)
    and (between_them.found_at, between_them.id) < (newer.found_at, newer.id));
create unique index insights_open on insights (workspace_id, app_id, detector, subject) where closed_at is null;

alter table insight_evidence
  add column day date,
  add column expected numeric;
comment on column insight_evidence.day is 'The day or the first day of the week counted; null where the row is no part of a course.';
comment on column insight_evidence.expected is 'What was to be expected on that day, where the detector knows it.';

create table insight_coincidences (
  workspace_id uuid not null,
  insight_id uuid not null,
  position integer not null,
  kind text not null check (kind in ('post', 'release', 'campaign', 'note', 'competitor', 'price')),
  day date not null,
  title text not null,
  table_name text not null,
  row_id uuid,
  primary key (workspace_id, insight_id, position),
  foreign key (workspace_id, insight_id) references insights (workspace_id, id) on delete cascade
);
comment on table insight_coincidences is 'What happened within two days of the beginning of an insight; never said to be its cause. Written by grow/insights.';

create table insight_checks (
  workspace_id uuid not null,
  app_id uuid not null,
  detector text not null,
  question text not null,
  outcome text not null check (outcome in ('found', 'nothing_unusual', 'not_enough_data')),
  message text not null,
  looked_at timestamptz not null,
  primary key (workspace_id, app_id, detector),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table insight_checks is 'The last answer to each question asked of the numbers, also when there is nothing to say or not enough data. Written by grow/insights.';

call make_tenant('insight_coincidences');
call make_tenant('insight_checks');
