-- An experiment says before it begins how it will be judged: at a number of posts chosen then, or at any moment by a test
-- that allows for it. Who is in which arm is drawn by lot where the product deals the posts.

alter table experiments
  add column method text not null default 'always_valid' check (method in ('fixed', 'always_valid')),
  add column posts_per_arm integer not null default 20 check (posts_per_arm between 5 and 200),
  add column seed text,
  add column decided_arm text,
  add column ended_by text check (ended_by in ('person', 'rule'));
comment on column experiments.method is 'fixed = judged once, when each arm has posts_per_arm measured posts; always_valid = may be looked at and ended at any time.';
comment on column experiments.posts_per_arm is 'Chosen before the start. Of an always_valid one the most it waits for.';
comment on column experiments.seed is 'From which the lots were drawn, so that anyone can draw them again; null where a person chose the arms.';
comment on column experiments.decided_arm is 'The arm that did better when it ended; null = no difference that chance would not explain, or not enough data.';
comment on column experiments.ended_by is 'rule = the test had its answer; null while it runs.';
update experiments set ended_by = 'person' where state = 'ended';
alter table experiments drop constraint experiments_metric_check;
alter table experiments add constraint experiments_metric_check
  check (metric in ('impressions', 'engagement', 'engagement_rate', 'clicks', 'visits', 'signups', 'revenue'));

create table experiment_names (
  workspace_id uuid not null,
  experiment_id uuid not null,
  position integer not null check (position >= 0),
  arm text not null,
  primary key (workspace_id, experiment_id, arm),
  unique (workspace_id, experiment_id, position),
  foreign key (workspace_id, experiment_id) references experiments (workspace_id, id) on delete cascade
);
comment on table experiment_names is 'The arms of an experiment in their order, also while an arm has no post. Written by grow/experiments.';
comment on column experiment_names.position is '0 = what the others are held against.';
alter table experiment_names enable row level security;
create policy workspace_only on experiment_names using ((workspace_id = (select current_workspace()))) with check ((workspace_id = (select current_workspace())));
grant select, insert, update, delete on experiment_names to fanfare_app;
insert into experiment_names (workspace_id, experiment_id, position, arm)
select workspace_id, experiment_id, row_number() over (partition by workspace_id, experiment_id order by min(position), arm) - 1, arm
from experiment_arms group by workspace_id, experiment_id, arm;
