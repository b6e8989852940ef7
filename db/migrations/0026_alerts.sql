-- Alerts that reach people once: what an alert is about and rests on, one budget and one quiet time for the workspace,
-- messages that are claimed before they are sent, and every try with what was answered.

create table alert_settings (
  workspace_id uuid primary key references workspaces (id) on delete cascade,
  weekly_budget integer not null default 10 check (weekly_budget between 0 and 1000),
  quiet_from time,
  quiet_until time,
  urgent_passes boolean not null default true,
  updated_at timestamptz not null default now(),
  check ((quiet_from is null) = (quiet_until is null)),
  check (quiet_from <> quiet_until)
);
comment on table alert_settings is 'How often and when alerts may speak; without a row, the columns'' defaults and quiet hours from 22:00 to 08:00. Written by grow/alerts.';
comment on column alert_settings.weekly_budget is 'Messages to each target in seven days. What is over it waits for the digest on Monday.';
comment on column alert_settings.quiet_from is 'Local time in the workspace''s zone; null = no quiet hours. They may span midnight.';
comment on column alert_settings.urgent_passes is 'Urgent alerts are told in quiet hours and over the budget too.';
insert into alert_settings (workspace_id, weekly_budget, quiet_from, quiet_until)
select distinct on (workspace_id) workspace_id, weekly_budget,
  case when quiet_from <> quiet_until then quiet_from end, case when quiet_from <> quiet_until then quiet_until end
from alert_targets where kind = 'app' order by workspace_id, id;

create table alert_starts (
  workspace_id uuid not null,
  app_id uuid not null,
  started_at timestamptz not null,
  primary key (workspace_id, app_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table alert_starts is 'That an app got its first rules, so that removed ones stay removed. Written by grow/alerts.';
-- Who made rules already keeps exactly those.
insert into alert_starts (workspace_id, app_id, started_at) select distinct workspace_id, app_id, now() from alert_rules;

create table alert_mutes (
  workspace_id uuid not null,
  app_id uuid not null,
  subject text not null,
  label text not null,
  until timestamptz,
  muted_by uuid references users (id) on delete set null,
  muted_at timestamptz not null,
  primary key (workspace_id, app_id, subject),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table alert_mutes is 'What no alert is raised about, whatever the rule. Written by grow/alerts.';
comment on column alert_mutes.subject is 'As in alerts.subject.';
comment on column alert_mutes.label is 'The title of the alert on which it was muted, for people.';
comment on column alert_mutes.until is 'Null = for good.';

alter table alert_rules drop constraint alert_rules_comparison_check,
  add constraint alert_rules_comparison_check check (comparison in ('above', 'below')),
  add column window_days integer check (window_days between 1 and 28),
  add column severity text not null default 'warning' check (severity in ('info', 'warning', 'urgent')),
  add column least_severity text check (least_severity in ('low', 'medium', 'high'));
comment on column alert_rules.metric is 'Of a threshold the number; of an opportunity what is looked for: posts, keywords, mentions, payback, changes.';
comment on column alert_rules.window_days is 'Days a threshold looks back; null where the number is one of a moment.';
comment on column alert_rules.least_severity is 'Of anomalies and competitors'' moves: the least severity that raises an alert.';
update alert_rules set severity = coalesce(settings ->> 'severity', 'warning'),
  window_days = case when kind = 'threshold' then coalesce((settings ->> 'windowDays')::int, 7) end,
  metric = case when kind = 'opportunity' then 'changes' else metric end,
  least_severity = case when kind in ('anomaly', 'competitor') then 'low' end;
alter table alert_rules drop column settings;

alter table alert_targets
  drop column weekly_budget, drop column quiet_from, drop column quiet_until, drop column time_zone,
  add column created_by uuid references users (id) on delete set null,
  add column created_at timestamptz not null default now(),
  add column confirmed_at timestamptz,
  add column failing_since timestamptz,
  add column failures integer not null default 0,
  add column next_try_at timestamptz,
  add column off_at timestamptz,
  add column trouble text;
create unique index alert_targets_app on alert_targets (workspace_id) where kind = 'app';
comment on table alert_targets is 'Where alerts go. Written by grow/alerts.';
comment on column alert_targets.address is 'As shown: an e-mail address, a channel, a host. What is secret of it is sealed.';
comment on column alert_targets.sealed_secret is 'v1 envelope (src/secrets.ts) of JSON: what the service is called with.';
comment on column alert_targets.confirmed_at is 'When a message was last taken.';
comment on column alert_targets.failing_since is 'First of the failures that have not ended; null = the last message was taken.';
comment on column alert_targets.next_try_at is 'Nothing is sent there before.';
comment on column alert_targets.off_at is 'When it was switched off for failing; a test that arrives switches it on again.';
comment on column alert_targets.trouble is 'What the last failure was, for people.';

alter table alerts
  add column kind text not null default 'threshold' check (kind in ('threshold', 'anomaly', 'opportunity', 'competitor')),
  add column subject text not null default '',
  add column cause text,
  add column metric text,
  add column since timestamptz,
  add column value numeric,
  add column closing_value numeric,
  add column usual text,
  add column advice text,
  add column path text,
  add column round integer not null default 0,
  add column reopened integer not null default 0;
update alerts set cause = dedupe, since = raised_at, subject = dedupe;
alter table alerts alter column cause set not null, alter column since set not null;
create unique index alerts_open on alerts (workspace_id, app_id, cause) where ended_at is null;
create index alerts_latest on alerts (workspace_id, app_id, raised_at desc);
comment on column alerts.subject is 'What it is about, for muting: metric:visits, post:<id>, competitor:<id>, mention:<account>, keyword:<phrase>, channel:<id>.';
comment on column alerts.cause is 'Subject, direction and severity: two rules that see the same thing raise one alert.';
comment on column alerts.since is 'Since when it holds, as far as the numbers tell.';
comment on column alerts.value is 'The number when it was raised; money in minor units of the workspace''s currency.';
comment on column alerts.closing_value is 'The number when it ended by itself; null where there is none.';
comment on column alerts.usual is 'How unusual it is, a sentence.';
comment on column alerts.round is 'How often it was brought back from a snooze; each time targets are told anew.';
comment on column alerts.reopened is 'How often it came again within a day of its end: nobody is told twice of it.';

create table alert_evidence (
  workspace_id uuid not null,
  alert_id uuid not null,
  position integer not null,
  label text not null,
  table_name text not null,
  row_id uuid,
  day date,
  value numeric,
  primary key (workspace_id, alert_id, position),
  foreign key (workspace_id, alert_id) references alerts (workspace_id, id) on delete cascade
);
comment on table alert_evidence is 'The rows an alert rests on, as they were when it was raised. Written by grow/alerts.';

create table alert_messages (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  alert_target_id uuid not null,
  kind text not null check (kind in ('alerts', 'digest')),
  state text not null default 'prepared' check (state in ('prepared', 'sent', 'confirmed', 'failed', 'unknown')),
  tries integer not null default 0,
  next_try_at timestamptz not null,
  sent_at timestamptz,
  settled_at timestamptz,
  reason text,
  created_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, alert_target_id) references alert_targets (workspace_id, id) on delete cascade
);
create index alert_messages_waiting on alert_messages (workspace_id, next_try_at) where state in ('prepared', 'sent');
create index alert_messages_budget on alert_messages (workspace_id, alert_target_id, created_at);
comment on table alert_messages is 'One message to one target, with one alert or several. Written by grow/alerts.';
comment on column alert_messages.kind is 'digest = what waited over the budget, once a week and not counted against it.';
comment on column alert_messages.state is 'prepared → sent, committed before the call → confirmed, failed, or unknown: the answer was lost, and it is not sent again.';

create table alert_attempts (
  workspace_id uuid not null,
  alert_message_id uuid not null,
  number integer not null check (number > 0),
  sent_at timestamptz not null,
  settled_at timestamptz,
  outcome text check (outcome in ('confirmed', 'later', 'refused', 'unknown')),
  said text,
  primary key (workspace_id, alert_message_id, number),
  foreign key (workspace_id, alert_message_id) references alert_messages (workspace_id, id) on delete cascade
);
comment on table alert_attempts is 'Each try at a message and what was answered. Written by grow/alerts.';
comment on column alert_attempts.said is 'The beginning of the answer, never a secret.';

alter table alert_deliveries drop constraint alert_deliveries_state_check, drop constraint alert_deliveries_pkey,
  add column round integer not null default 0,
  add column alert_message_id uuid,
  add column waits_for text check (waits_for in ('quiet', 'budget'));
update alert_deliveries set waits_for = 'budget' where state = 'held';
update alert_deliveries set state = 'bundled' where state in ('sent', 'failed');
alter table alert_deliveries add primary key (workspace_id, alert_id, alert_target_id, round),
  add constraint alert_deliveries_state_check check (state in ('due', 'held', 'bundled')),
  add foreign key (workspace_id, alert_message_id) references alert_messages (workspace_id, id) on delete cascade;
create index alert_deliveries_waiting on alert_deliveries (workspace_id, alert_target_id) where state in ('due', 'held');
create index alert_deliveries_of on alert_deliveries (workspace_id, alert_message_id);
comment on table alert_deliveries is 'Each alert to each target, once a round: waiting, held back by budget or quiet hours, or part of a message. Written by grow/alerts.';
comment on column alert_deliveries.at is 'When it got into this state.';

call make_tenant('alert_settings');
call make_tenant('alert_starts');
call make_tenant('alert_mutes');
call make_tenant('alert_evidence');
call make_tenant('alert_messages');
call make_tenant('alert_attempts');
