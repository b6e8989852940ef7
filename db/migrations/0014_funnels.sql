-- Funnels: steps by page, event or conversion, windows from minutes on.

alter table funnels add column window_minutes integer;
update funnels set window_minutes = window_days * 1440;
alter table funnels alter column window_minutes set not null, alter column window_minutes set default 43200;
alter table funnels add constraint funnels_window check (window_minutes between 1 and 525600);
alter table funnels drop column window_days;
alter table funnels add column counted_by text not null default 'person' check (counted_by in ('visitor', 'person'));
alter table funnels add column in_strict_order boolean not null default false;
alter table funnels add column created_by uuid references users on delete set null;
alter table funnels add column created_at timestamptz not null default now();
alter table funnels add column updated_at timestamptz not null default now();
comment on table funnels is 'Steps people should take in order, within a window that is measured from the first (M3). Written by measure/funnels.';
comment on column funnels.counted_by is 'visitor: as the privacy tier knows them; person: visitors linked to a customer are one, the others as visitors.';
comment on column funnels.in_strict_order is 'Whether anything between the steps ends the funnel.';

alter table funnel_steps add column kind text;
update funnel_steps set kind = case when event_kind is null then 'page' else 'event' end;
alter table funnel_steps alter column kind set not null;
alter table funnel_steps add column path_match text check (path_match in ('exact', 'prefix', 'pattern'));
update funnel_steps set path_match = 'pattern' where kind = 'page';
alter table funnel_steps rename column path_pattern to path;
alter table funnel_steps add column properties jsonb not null default '[]';
alter table funnel_steps add column conversion text check (conversion in ('signup', 'trial', 'purchase', 'goal'));
alter table funnel_steps add column goal_id uuid;
alter table funnel_steps add constraint funnel_steps_goal foreign key (workspace_id, goal_id) references goals (workspace_id, id) on delete cascade;
alter table funnel_steps add constraint funnel_steps_kind check (
  case kind
    when 'page' then path is not null and path_match is not null
    when 'event' then event_kind is not null
    when 'conversion' then conversion is not null and (conversion = 'goal') = (goal_id is not null)
    else false
  end);
-- A customer's story asks for the few events that say whose they are; those of the tracker are known by their visit.
create index events_of_person on events (workspace_id, app_id, person, occurred_at desc) where person is not null;
create index events_of_visitor on events (workspace_id, app_id, visitor, occurred_at desc) where visitor is not null;

comment on table funnel_steps is 'One step of a funnel: a page, an event with what its properties must be, or a conversion. Written by measure/funnels.';
comment on column funnel_steps.name is 'What the step is called; empty = by what it is.';
comment on column funnel_steps.path_match is 'pattern: * stands for anything.';
comment on column funnel_steps.properties is 'Conditions on the event''s properties, all of which must hold: name, operator (is, is_not, contains), values.';
