-- Collecting: what an owner decides about agents, bursts of data centres, a script from one's own domain.

alter table tracking_settings add column burst_visits integer default 25 check (burst_visits between 10 and 10000);
alter table tracking_settings add column script_url text check (script_url ~ '^https?://.+\.js$');
comment on column tracking_settings.burst_visits is 'So many visits of one page each, by one kind of browser to one page within ten minutes, are looked at as a possible burst of a data centre; null = never.';
comment on column tracking_settings.script_url is 'Where the app''s pages load the tracker from, when not from this server: a path of its own domain that is passed on here.';

create table agent_rules (
  workspace_id uuid not null,
  app_id uuid not null,
  agent_name text not null check (length(agent_name) between 1 and 200),
  verdict text not null check (verdict in ('bot', 'person')),
  found_class text not null check (found_class in ('human', 'bot', 'preview', 'unsure')),
  made_by text not null,
  made_at timestamptz not null default now(),
  primary key (workspace_id, app_id, agent_name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table agent_rules is 'What an owner has decided about an agent or browser by its name: it stands for a bot or for people, whatever its user agent looks like. Written by measure/events.';
comment on column agent_rules.found_class is 'What its visits were before, for taking the rule back.';
comment on column agent_rules.made_by is 'user:<id>, key:<id> or system.';
call make_tenant('agent_rules');
