-- Grow: learn from it. Nothing is claimed without the rows behind it.

create table insights (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  detector text not null,
  subject text not null,
  sentence text not null,
  direction text check (direction in ('up', 'down', 'steady')),
  effect real, effect_low real, effect_high real,
  sample_before bigint, sample_after bigint,
  starts_at timestamptz,
  ends_at timestamptz,
  found_at timestamptz not null default now(),
  dedupe text not null,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, dedupe),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table insights is 'What changed, where, how sure (G1). Written by grow/insights.';
comment on column insights.effect is 'Ratio after / before with its 95 % interval in effect_low and effect_high.';
call make_tenant('insights');

create table insight_evidence (
  workspace_id uuid not null,
  insight_id uuid not null,
  position integer not null,
  label text not null,
  table_name text not null,
  row_id uuid,
  value numeric,
  primary key (workspace_id, insight_id, position),
  foreign key (workspace_id, insight_id) references insights (workspace_id, id) on delete cascade
);
comment on table insight_evidence is 'The rows an insight rests on. Written by grow/insights.';
call make_tenant('insight_evidence');

create table suggestions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  insight_id uuid,
  category text not null check (category in ('content', 'timing', 'channel', 'audience', 'conversion', 'retention', 'pricing', 'technical', 'community')),
  title text not null,
  reasoning text not null,
  priority text not null check (priority in ('high', 'medium', 'low')),
  effort integer not null check (effort between 1 and 5),
  impact integer not null check (impact between 1 and 5),
  minutes integer check (minutes > 0),
  return_low_minor minor_units, return_high_minor minor_units,
  currency currency_code,
  return_reason text,
  time_frame_days integer check (time_frame_days > 0),
  state text not null default 'proposed' check (state in ('proposed', 'accepted', 'in_progress', 'done', 'dismissed')),
  strategy_change jsonb not null default '{}',
  source text not null check (source in ('built_in', 'model')),
  dedupe text not null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, dedupe),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, insight_id) references insights (workspace_id, id) on delete set null (insight_id)
);
comment on table suggestions is 'What is worth doing, with effort, impact and the insight behind it (G2). Written by grow/suggestions.';
comment on column suggestions.strategy_change is 'What accepting it changes in the strategy: items to add, cadence.';
comment on column suggestions.return_low_minor is 'Expected return as an interval; null = not enough data to say, with the reason in return_reason.';
call make_tenant('suggestions');

create table suggestion_actions (
  workspace_id uuid not null,
  suggestion_id uuid not null,
  position integer not null,
  text text not null,
  done_at timestamptz,
  done_by uuid references users on delete set null,
  primary key (workspace_id, suggestion_id, position),
  foreign key (workspace_id, suggestion_id) references suggestions (workspace_id, id) on delete cascade
);
comment on table suggestion_actions is 'The steps of a suggestion. Written by grow/suggestions.';
call make_tenant('suggestion_actions');

create table suggestion_decisions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  suggestion_id uuid not null,
  to_state text not null,
  note text,
  decided_by text not null,
  decided_at timestamptz not null default now(),
  strategy_id uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, suggestion_id) references suggestions (workspace_id, id) on delete cascade,
  foreign key (workspace_id, strategy_id) references strategies (workspace_id, id) on delete set null (strategy_id)
);
comment on table suggestion_decisions is 'Who accepted, started, finished or dismissed it, and the strategy version that came of it (G3). Written by grow/suggestions.';
call make_tenant('suggestion_decisions');

create table suggestion_results (
  workspace_id uuid not null,
  suggestion_id uuid not null,
  metric text not null,
  before_value numeric, after_value numeric,
  effect real, effect_low real, effect_high real,
  verdict text not null check (verdict in ('better', 'worse', 'no_difference', 'not_enough_data')),
  reason text,
  measured_at timestamptz not null default now(),
  primary key (workspace_id, suggestion_id, metric),
  foreign key (workspace_id, suggestion_id) references suggestions (workspace_id, id) on delete cascade
);
comment on table suggestion_results is 'What it changed, before and after with uncertainty, or "not enough data" (G3). Written by grow/suggestions.';
comment on column suggestion_results.reason is 'With "not enough data": what is missing, as a sentence.';
call make_tenant('suggestion_results');

create table experiments (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  kind text not null check (kind in ('hook', 'format', 'time', 'template', 'link')),
  metric text not null check (metric in ('impressions', 'engagement', 'clicks', 'visits', 'signups', 'revenue')),
  state text not null default 'running' check (state in ('planned', 'running', 'ended')),
  started_at timestamptz,
  ended_at timestamptz,
  conclusion text,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table experiments is 'Hooks, formats, times compared honestly (G6). Written by grow/experiments.';
call make_tenant('experiments');

create table experiment_arms (
  workspace_id uuid not null,
  experiment_id uuid not null,
  position integer not null default 0 check (position >= 0),
  arm text not null,
  post_id uuid not null,
  primary key (workspace_id, experiment_id, arm, post_id),
  foreign key (workspace_id, experiment_id) references experiments (workspace_id, id) on delete cascade,
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete cascade
);
comment on table experiment_arms is 'Which post stands in which arm. Written by grow/experiments.';
comment on column experiment_arms.position is 'Order of the arms; arm 0 is what the others are held against.';
call make_tenant('experiment_arms');

create table alert_rules (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  kind text not null check (kind in ('threshold', 'anomaly', 'opportunity', 'competitor')),
  name text not null,
  metric text,
  comparison text check (comparison in ('above', 'below')),
  value numeric,
  release_value numeric,
  settings jsonb not null default '{}',
  muted_until timestamptz,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table alert_rules is 'When to raise an alert (G4). Written by grow/alerts.';
comment on column alert_rules.release_value is 'Hysteresis: the alert ends only beyond this value, so that it does not flap.';
call make_tenant('alert_rules');

create table alert_targets (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  kind text not null check (kind in ('email', 'slack', 'discord', 'telegram', 'webhook', 'app')),
  address text not null,
  sealed_secret text,
  weekly_budget integer not null default 10 check (weekly_budget >= 0),
  quiet_from time,
  quiet_until time,
  time_zone time_zone_name not null default 'UTC',
  primary key (workspace_id, id)
);
comment on table alert_targets is 'Where alerts go, with quiet hours and a weekly budget. Written by grow/alerts.';
call make_tenant('alert_targets');

create table alerts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  alert_rule_id uuid,
  insight_id uuid,
  title text not null,
  body text not null,
  severity text not null check (severity in ('info', 'warning', 'urgent')),
  raised_at timestamptz not null default now(),
  ended_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by uuid references users on delete set null,
  snoozed_until timestamptz,
  dedupe text not null,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, dedupe),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, alert_rule_id) references alert_rules (workspace_id, id) on delete set null (alert_rule_id),
  foreign key (workspace_id, insight_id) references insights (workspace_id, id) on delete set null (insight_id)
);
comment on table alerts is 'An alert that was raised, and what a person did with it. Written by grow/alerts.';
call make_tenant('alerts');

create table alert_deliveries (
  workspace_id uuid not null,
  alert_id uuid not null,
  alert_target_id uuid not null,
  state text not null check (state in ('due', 'sent', 'held', 'failed')),
  reason text,
  at timestamptz not null default now(),
  primary key (workspace_id, alert_id, alert_target_id),
  foreign key (workspace_id, alert_id) references alerts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, alert_target_id) references alert_targets (workspace_id, id) on delete cascade
);
comment on table alert_deliveries is 'Each alert to each target: sent, or held back by budget or quiet hours. Written by grow/alerts.';
call make_tenant('alert_deliveries');

create table reports (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  kind text not null check (kind in ('weekly', 'monthly', 'quarterly', 'annual')),
  period_starts_on date not null,
  period_ends_on date not null,
  title text not null,
  content jsonb not null,
  frozen_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, kind, period_starts_on),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table reports is 'A report as it was sent; frozen (G5). Written by grow/reports.';
comment on column reports.content is 'The numbers and sentences of the report as shown.';
call make_tenant('reports');

create table report_corrections (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  report_id uuid not null,
  text text not null,
  corrected_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, report_id) references reports (workspace_id, id) on delete cascade
);
comment on table report_corrections is 'Later corrections, dated. Written by grow/reports.';
call make_tenant('report_corrections', append_only => true);

create table report_recipients (
  workspace_id uuid not null,
  app_id uuid not null,
  kind text not null check (kind in ('weekly', 'monthly', 'quarterly', 'annual')),
  address text not null,
  added_by uuid references users on delete set null,
  added_at timestamptz not null default now(),
  primary key (workspace_id, app_id, kind, address),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table report_recipients is 'Who gets which report by e-mail. Written by grow/reports.';
call make_tenant('report_recipients');

create table report_deliveries (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  report_id uuid not null,
  address text not null,
  sent_at timestamptz,
  failure text,
  primary key (workspace_id, id),
  foreign key (workspace_id, report_id) references reports (workspace_id, id) on delete cascade
);
comment on table report_deliveries is 'Whom a report was sent to. Written by grow/reports.';
call make_tenant('report_deliveries');

create table success_targets (
  workspace_id uuid not null,
  app_id uuid not null,
  area text not null check (area in ('x_presence', 'community', 'acquisition', 'revenue', 'thought_leadership')),
  metric text not null,
  target numeric not null,
  by_day date,
  primary key (workspace_id, app_id, area, metric),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table success_targets is 'What success means for this app (G7); the values are measured. Written by grow/success.';
call make_tenant('success_targets');

select make_partitions();
