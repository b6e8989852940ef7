-- Privacy: people found, exported and erased over the whole schema; how long each class of data is kept, and what went.

alter table privacy_requests
  add column sealed_identity text,
  add column counts jsonb not null default '{}',
  add column failure text;
comment on column privacy_requests.person is 'Fingerprint of what was asked for (HMAC with the installation''s key), so that a request can be found again and names nobody.';
comment on column privacy_requests.sealed_identity is 'v1 envelope (src/secrets.ts): whom an erasure that is not done is about, so that it goes on after a crash; null when it is done.';
comment on column privacy_requests.counts is 'Rows exported or changed, by table.';
comment on column privacy_requests.failure is 'Why the last attempt stopped; the next one goes on.';
create index privacy_requests_recent on privacy_requests (workspace_id, requested_at desc);

comment on column consents.person is 'Fingerprint (HMAC with the installation''s key) of the e-mail address, user id or visitor id: proof without a name.';
create index consents_of_person on consents (workspace_id, person, at desc);

create table suppressed_addresses (
  workspace_id uuid not null references workspaces on delete cascade,
  fingerprint text not null,
  suppressed_at timestamptz not null default now(),
  primary key (workspace_id, fingerprint)
);
comment on table suppressed_addresses is 'Addresses that were erased: no list takes them again, unless their owner confirms it. Written by people/privacy.';
comment on column suppressed_addresses.fingerprint is 'HMAC of the lower-cased address with the installation''s key: it can be compared, not read.';
call make_tenant('suppressed_addresses');

alter table retention_settings drop constraint retention_settings_data_class_check;
alter table retention_settings add constraint retention_settings_data_class_check check
  (data_class in ('events', 'clicks', 'metric_snapshots', 'payment_events', 'ai_calls', 'activities', 'inbox', 'page_versions'));
comment on column purges.older_than is 'Rows from before this moment went.';
create index purges_recent on purges (workspace_id, at desc);

-- Cutting a person out -------------------------------------------------------------------------------------------------

create function cut_out(value text, patterns text[], instead text[]) returns text language plpgsql immutable as $$
begin
  for i in 1 .. coalesce(cardinality(patterns), 0) loop value := regexp_replace(value, patterns[i], instead[i], 'g'); end loop;
  return value;
end $$;
comment on function cut_out is 'A text with each pattern replaced by what stands in its place.';

create function cut_out_of(target name, target_columns name[], patterns text[], instead text[], apps uuid[] default null) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  mine uuid := current_workspace();
  changes text[] := '{}';
  found text[] := '{}';
  one record;
  changed bigint;
begin
  if mine is null or coalesce(cardinality(patterns), 0) = 0 then return 0; end if;
  if target in ('audit_log', 'audit_heads') then raise exception 'the audit log is not changed'; end if;
  if not exists (select from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'workspace_id'
    where c.relname = target and c.relnamespace = 'public'::regnamespace and c.relrowsecurity) then
    raise exception '% is not a table of workspaces', target;
  end if;
  for one in
    select a.attname as name, format_type(coalesce(nullif(t.typbasetype, 0), t.oid), null) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
    where c.relname = target and c.relnamespace = 'public'::regnamespace and a.attname = any(target_columns) and not a.attisdropped
  loop
    changes := changes || format('%I = cut_out(%I::text, $2, $3)::%s', one.name, one.name, one.type);
    found := found || format('%I::text ~ $4', one.name);
  end loop;
  if cardinality(changes) <> cardinality(target_columns) then raise exception 'a column of % is not there', target; end if;
  execute format('update public.%I set %s where workspace_id = $1 and (%s) and ($5 is null or %s)', target,
    array_to_string(changes, ', '), array_to_string(found, ' or '),
    case when apps is null then 'true' else 'app_id = any($5)' end)
    using mine, patterns, instead, array_to_string(patterns, '|'), apps;
  get diagnostics changed = row_count;
  return changed;
end $$;
comment on function cut_out_of is 'Cuts a person out of columns of one table of the current workspace, also where the server may only add rows. Returns how many rows changed. Never the audit log.';
revoke execute on function cut_out_of from public;
grant execute on function cut_out_of to fanfare_app;

-- Keeping no longer than was set ------------------------------------------------------------------------------------------

create function purge_batch(class text, target name, time_column name, before timestamptz, most integer) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  mine uuid := current_workspace();
  removed bigint;
begin
  if (class, target, time_column) not in (('ai_calls', 'ai_calls', 'started_at'), ('activities', 'activities', 'happened_at'), ('page_versions', 'page_versions', 'read_at')) then
    raise exception '% is not purged through this door', target;
  end if;
  if not exists (select from retention_settings r where r.workspace_id = mine and r.data_class = class) then return 0; end if;
  execute format('with gone as (select id from public.%1$I t where workspace_id = $1 and %2$I < $2 %3$s limit $3) '
    || 'delete from public.%1$I t using gone where t.workspace_id = $1 and t.id = gone.id', target, time_column,
    case target
      when 'page_versions' then 'and exists (select from public.page_versions n where n.workspace_id = t.workspace_id and n.page_id = t.page_id and n.read_at > t.read_at)'
      when 'ai_calls' then 'and outcome <> ''running'''
      else '' end)
    using mine, before, most;
  get diagnostics removed = row_count;
  return removed;
end $$;
comment on function purge_batch is 'Removes old rows of a table to which the server may otherwise only add, where the workspace has set how long they are kept. Returns how many. The newest version of a page and running calls stay.';
revoke execute on function purge_batch from public;
grant execute on function purge_batch to fanfare_app;

create function drop_months(target name, class text, clock timestamptz) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  leaf record;
  month_end timestamptz;
  kept boolean;
  dropped integer := 0;
begin
  if target not in ('events', 'visits', 'clicks', 'metric_snapshots') then raise exception '% is not kept by months', target; end if;
  clock := least(clock, now());
  perform pg_advisory_xact_lock(hashtext('fanfare.make_partitions'));
  for leaf in
    select c.oid, c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid join pg_class p on p.oid = i.inhparent
    where p.relname = target and p.relnamespace = 'public'::regnamespace and c.relname ~ '_\d{6}$' order by c.relname
  loop
    month_end := (to_date(right(leaf.relname, 6), 'YYYYMM') + interval '1 month')::timestamp at time zone 'UTC';
    exit when month_end > clock - interval '1 day';
    -- An empty month of the last thirteen is made again tomorrow; it may stay.
    execute format('select not exists (select from part.%I)', leaf.relname) into kept;
    continue when kept and month_end > clock - interval '14 months';
    execute format('select exists (select from workspaces w where exists (select from part.%I t where t.workspace_id = w.id) '
      || 'and not exists (select from retention_settings r where r.workspace_id = w.id and r.data_class = $1 and $2 - make_interval(days => r.days + 1) >= $3))', leaf.relname)
      into kept using class, clock, month_end;
    continue when kept;
    execute format('insert into purges (workspace_id, table_name, older_than, rows_removed, at) select t.workspace_id, $1, $2, count(*), $3 from part.%I t join workspaces w on w.id = t.workspace_id group by t.workspace_id', leaf.relname)
      using target, month_end, clock;
    execute format('drop table part.%I', leaf.relname);
    dropped := dropped + 1;
  end loop;
  return dropped;
end $$;
comment on function drop_months is 'Drops the monthly partitions of which every workspace has set that nothing is kept, and notes what went in purges. Returns how many. What only some workspaces let go is deleted row by row.';
revoke execute on function drop_months from public;
grant execute on function drop_months to fanfare_app;
