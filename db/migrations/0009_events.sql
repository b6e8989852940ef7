-- Events: what a visit says already is not said again by each of its events, indexes in the order of time; totals are
-- added to in the wake of the events; names for what was refused.

-- The visit has the host, the referrer and the class of its agent.
alter table visits add column host text;
comment on column visits.host is 'The site''s own host they came in at.';
update visits visit set host = first.host
from (
  select distinct on (workspace_id, visit_id) workspace_id, visit_id, host from events
  where visit_id is not null and host is not null order by workspace_id, visit_id, occurred_at
) first
where first.workspace_id = visit.workspace_id and first.visit_id = visit.id;

alter table events drop column host, drop column referrer_host, drop column agent_class;
alter table events alter column props drop not null, alter column props drop default;
alter table events alter column origin drop not null;
alter table events alter column received_at drop not null, alter column received_at drop default;
alter table events drop constraint events_pkey;
drop index events_of_app;
alter table events add primary key (workspace_id, app_id, occurred_at, id);
comment on table events is 'Page views and custom events from the tracker, the server API and imports (M2). Monthly partitions. Where they came from and with what is said by their visit. Written by measure/events.';
comment on column events.visitor is 'Of events without a visit; else the visit knows.';
comment on column events.props is 'Null = none.';
comment on column events.origin is 'Null = the tracker''s, from a browser.';
comment on column events.received_at is 'Null = when it happened.';

alter table visits drop constraint visits_pkey;
drop index visits_of_app;
drop index visits_of_visitor;
drop index visits_of_post;
alter table visits add primary key (workspace_id, app_id, started_at, id);
create index visits_of_visitor on visits using hash (visitor);
create index visits_of_post on visits (workspace_id, post_id, started_at) where post_id is not null;

-- A visit is changed while it lasts: room beside it keeps its indexes still. Events are only added: index-only scans
-- need them vacuumed all the same.
create or replace function make_partitions(months_ahead integer default 3) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare parent record; month date; leaf text; made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('fanfare.make_partitions'));
  for parent in select c.relname from pg_partitioned_table p join pg_class c on c.oid = p.partrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' loop
    for month in select generate_series(date_trunc('month', now() - interval '13 months'), date_trunc('month', now()) + make_interval(months => months_ahead), interval '1 month')::date loop
      leaf := format('%s_%s', parent.relname, to_char(month, 'YYYYMM'));
      if to_regclass('part.' || leaf) is null then
        execute format('create table part.%I partition of public.%I for values from (%L) to (%L)', leaf, parent.relname, month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
        perform shape_partition(leaf);
        made := made + 1;
      end if;
    end loop;
    if to_regclass('part.' || parent.relname || '_other') is null then
      execute format('create table part.%I partition of public.%I default', parent.relname || '_other', parent.relname);
      perform shape_partition(parent.relname || '_other');
    end if;
  end loop;
  return made;
end $$;
create function shape_partition(leaf text) returns void language plpgsql set search_path = public, pg_temp as $$
begin
  if leaf like 'visits\_%' then execute format('alter table part.%I set (fillfactor = 85)', leaf); end if;
  if leaf like 'events\_%' then execute format('alter table part.%I set (autovacuum_vacuum_insert_scale_factor = 0.05)', leaf); end if;
end $$;
comment on function shape_partition is 'Sets how a new partition is stored.';
revoke execute on function shape_partition from public;
select shape_partition(relname) from pg_class where relnamespace = 'part'::regnamespace and relkind = 'r';

create table traffic_changes (
  workspace_id uuid not null references workspaces on delete cascade,
  id bigint generated always as identity,
  changes text not null,
  primary key (workspace_id, id)
);
alter table traffic_changes alter column changes set storage external;
comment on table traffic_changes is 'What stored events change in the totals, kept in the events'' own transaction until it has been added to them, moments later. Written by measure/rollups.';
comment on column traffic_changes.changes is 'JSON: the visits of one batch, each with its measures before and after.';
call make_tenant('traffic_changes');
