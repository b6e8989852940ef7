-- How the queue is doing: for the doctor and the metrics, which the server role asks for.

create function queue_state() returns table (waiting bigint, due bigint, running bigint, failed bigint, oldest_due_at timestamptz)
language plpgsql stable security definer set search_path = public, pg_temp as $$
begin
  return query select
    count(*) filter (where j.run_at > now() and j.attempts < j.max_attempts),
    count(*) filter (where j.run_at <= now() and j.attempts < j.max_attempts and j.locked_at is null),
    count(*) filter (where j.locked_at is not null),
    count(*) filter (where j.attempts >= j.max_attempts and j.locked_at is null),
    min(j.run_at) filter (where j.run_at <= now() and j.attempts < j.max_attempts and j.locked_at is null)
    from graphile_worker.jobs j;
end $$;
comment on function queue_state is 'Counts of the jobs of all workspaces: those that wait for their time, are due, are being worked on, have been given up, and since when the oldest is due. No payload.';
revoke execute on function queue_state from public;
grant execute on function queue_state to fanfare_app;

create function applied_migrations() returns setof text
language sql stable security definer set search_path = public, pg_temp as $$
  select name from migrations order by name;
$$;
comment on function applied_migrations is 'The names of the migrations this database has, for the doctor.';
revoke execute on function applied_migrations from public;
grant execute on function applied_migrations to fanfare_app;

create function publication_states() returns table (state text, count bigint)
language sql stable security definer set search_path = public, pg_temp as $$
  select p.state::text, count(*) from publications p group by p.state;
$$;
comment on function publication_states is 'Counts of the publications of all workspaces by their state, for the metrics.';
revoke execute on function publication_states from public;
grant execute on function publication_states to fanfare_app;
