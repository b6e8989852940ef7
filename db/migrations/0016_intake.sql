-- Who wrote the visits of a workspace last; what the totals still lack in one piece.

create table event_turns (
  workspace_id uuid primary key references workspaces on delete cascade,
  writer uuid not null
);
comment on table event_turns is 'Who has written visits of a workspace last: as long as it is themselves, a process may rely on those it remembers. Written by measure/events.';
comment on column event_turns.writer is 'Made up by each process at its start, and by whoever else writes visits for that once.';
call make_tenant('event_turns');

alter table traffic_changes set (toast_tuple_target = 8160);

comment on table touches is 'One arrival of a visitor and what brought them, kept when it came through a tracked link or may be credited with something (until then its visit says the same), or a code or an answer they gave; immutable (M5). Written by measure/attribution.';

-- Events come in the order of time, whichever app's they are: with the app before the time, the pages of every app but
-- the last were left half empty, because keys as wide as these are split in the middle.
alter table events drop constraint events_pkey;
alter table events add primary key (workspace_id, occurred_at, app_id, id);
