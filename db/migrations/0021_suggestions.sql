-- Suggestions of many kinds: each with its rows, what it is worth as an interval with the working, a person's own
-- estimate beside it, what accepting it made, and a measured result that is looked at again until its window closes.

alter table suggestions drop constraint suggestions_category_check;
update suggestions set category = case category
  when 'timing' then 'social' when 'channel' then 'social' when 'audience' then 'ux'
  when 'pricing' then 'conversion' when 'technical' then 'product' else category end;
alter table suggestions add constraint suggestions_category_check check (category in
  ('seo', 'content', 'social', 'paid', 'email', 'product', 'ux', 'conversion', 'partnership', 'pr', 'community', 'retention'));
alter table suggestions drop constraint suggestions_state_check;
alter table suggestions add constraint suggestions_state_check
  check (state in ('proposed', 'accepted', 'in_progress', 'done', 'dismissed', 'expired'));

alter table suggestions
  add column kind text not null default '',
  add column subject text not null default '',
  add column effort_reason text,
  add column return_mean_minor minor_units,
  add column signups_low double precision,
  add column signups_mean double precision,
  add column signups_high double precision,
  add column chance double precision check (chance between 0 and 1),
  add column working jsonb not null default '{}',
  add column measure jsonb,
  add column makes jsonb not null default '{}',
  add column settle_days integer not null default 7 check (settle_days between 0 and 60),
  add column weight double precision not null default 0 check (weight >= 0),
  add column place integer,
  add column seen_at timestamptz not null default now(),
  add column expires_at timestamptz;
comment on column suggestions.kind is 'Which rule made it (grow/suggestions/kinds), as seo.titles.';
comment on column suggestions.subject is 'What it is about within its kind: an id, a path, a source; `` = the app itself. One open suggestion for each.';
comment on column suggestions.minutes is 'The effort, as the kind states it; effort is its grade.';
comment on column suggestions.return_low_minor is 'Expected additional money a month: the 90 % interval, return_mean_minor its mean. Null = not enough data to say, with the reason in return_reason.';
comment on column suggestions.signups_low is 'Expected additional signups a month: the 90 % interval, signups_mean its mean. Null = not known, or not about signups.';
comment on column suggestions.chance is 'That it brings anything at all, by the same model.';
comment on column suggestions.working is 'How the interval came about: the counted factors, the expected effect and where it comes from, the seed.';
comment on column suggestions.measure is 'What is counted before and after once it is done; null = nothing that could be counted.';
comment on column suggestions.makes is 'What accepting it makes besides steps: drafts, a campaign.';
comment on column suggestions.weight is 'How much evidence there was. A dismissed one comes back early when this has doubled.';
comment on column suggestions.place is 'Its place among the open ones of the app, 1 = first; null when closed.';
comment on column suggestions.seen_at is 'When its condition last held.';
comment on column suggestions.expires_at is 'A proposal nobody decided on is gone after this.';
create index suggestions_of_kind on suggestions (workspace_id, app_id, kind, subject);

alter table suggestion_actions add column due_on date;
comment on column suggestion_actions.due_on is 'Local day of the workspace; set when it is accepted.';

create table suggestion_evidence (
  workspace_id uuid not null,
  suggestion_id uuid not null,
  position integer not null,
  label text not null,
  table_name text not null,
  row_id uuid,
  value numeric,
  unit text not null default 'count' check (unit in ('count', 'money', 'percent', 'days')),
  primary key (workspace_id, suggestion_id, position),
  foreign key (workspace_id, suggestion_id) references suggestions (workspace_id, id) on delete cascade
);
comment on table suggestion_evidence is 'The rows a suggestion rests on, with the figures used. Written by grow/suggestions.';
comment on column suggestion_evidence.value is 'The figure used; money in minor units of the suggestion''s currency, a percentage as 0 to 100.';
call make_tenant('suggestion_evidence');

create table suggestion_estimates (
  workspace_id uuid not null,
  suggestion_id uuid not null,
  number integer not null check (number > 0),
  minutes integer check (minutes > 0),
  impact double precision,
  estimated_by text not null,
  estimated_at timestamptz not null default now(),
  primary key (workspace_id, suggestion_id, number),
  foreign key (workspace_id, suggestion_id) references suggestions (workspace_id, id) on delete cascade
);
comment on table suggestion_estimates is 'What a person thinks a suggestion takes and brings; the newest one counts, both null = back to the computed ones. Written by grow/suggestions.';
comment on column suggestion_estimates.number is 'In the order they were given; the highest counts.';
comment on column suggestion_estimates.impact is 'A month: minor units where the suggestion''s return is known, else signups; without either a grade from 1 to 5.';
call make_tenant('suggestion_estimates', append_only => true);

create table suggestion_makings (
  workspace_id uuid not null,
  suggestion_id uuid not null,
  what text not null check (what in ('post', 'campaign', 'strategy')),
  row_id uuid not null,
  made_at timestamptz not null default now(),
  primary key (workspace_id, suggestion_id, what, row_id),
  foreign key (workspace_id, suggestion_id) references suggestions (workspace_id, id) on delete cascade
);
comment on table suggestion_makings is 'What accepting a suggestion made: drafts, a campaign, a version of the strategy. Written by grow/suggestions.';
call make_tenant('suggestion_makings');

alter table suggestion_results
  add column error double precision,
  add column method text check (method in ('difference_in_differences', 'trend')),
  add column control text,
  add column expected_low double precision,
  add column expected double precision,
  add column expected_high double precision,
  add column weeks jsonb not null default '[]',
  add column closes_on date,
  add column settled boolean not null default false;
comment on column suggestion_results.effect is 'After ÷ before with its 90 % interval in effect_low and effect_high.';
comment on column suggestion_results.error is 'Standard error of the logarithm of effect; by it the kind learns.';
comment on column suggestion_results.control is 'What was not touched and is compared against, in words; null = its own trend.';
comment on column suggestion_results.expected is 'After ÷ before as expected when it was proposed, with its 90 % interval.';
comment on column suggestion_results.weeks is 'The weekly counts it rests on: first day, whether after, count, exposure, and those of the control.';
comment on column suggestion_results.settled is 'Its window is closed: it is not measured again.';
