-- Audiences: how many they are by stated reasoning, and which customers belong to them.

create table audience_size_steps (
  workspace_id uuid not null,
  audience_id uuid not null,
  position integer not null check (position >= 0),
  label text not null check (length(label) between 1 and 200),
  factor double precision not null check (factor >= 0),
  assumption text not null default '',
  primary key (workspace_id, audience_id, position),
  foreign key (workspace_id, audience_id) references audiences (workspace_id, id) on delete cascade
);
comment on table audience_size_steps is 'How the size of an audience is reasoned: the product of its steps is the estimate. Written by understand/audiences.';
comment on column audience_size_steps.factor is 'Of the first step a number of people, of the others mostly a share of those before.';
comment on column audience_size_steps.assumption is 'Why this factor: a source, or what is taken for granted.';
call make_tenant('audience_size_steps');

alter table audiences add column segment_by text
  check (segment_by in ('country', 'channel', 'source', 'plan', 'entry', 'utm_campaign', 'campaign'));
alter table audiences add column segment_values text[] not null default '{}';
alter table audiences add constraint audiences_segment check ((segment_by is null) = (segment_values = '{}'));
comment on column audiences.segment_by is 'By what its customers are told from others; null = by the campaigns that address it.';
comment on column audiences.segment_values is 'Values of that dimension of what their first purchase is credited to most; of plan, the plan they took last.';
