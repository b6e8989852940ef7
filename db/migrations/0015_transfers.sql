-- Ways in and out (M10): imports with their progress and what they refused, exports with their link, days counted elsewhere.

alter table transfers drop constraint transfers_format_check;
alter table transfers add constraint transfers_format_check check (format in (
  'x_archive', 'csv', 'plausible', 'umami', 'google_analytics', 'archive', 'ndjson', 'parquet'));
alter table transfers drop constraint transfers_state_check;
alter table transfers add constraint transfers_state_check check (state in (
  'uploaded', 'waiting', 'running', 'done', 'failed', 'cancelled'));
alter table transfers add column content text check (content in ('events', 'conversions', 'payments', 'post_metrics', 'costs'));
alter table transfers add column settings jsonb not null default '{}';
alter table transfers add column place jsonb;
alter table transfers add column file_name text;
alter table transfers add column bytes bigint;
alter table transfers add column sha256 text;
alter table transfers add column rows_total bigint;
alter table transfers add column rows_known bigint not null default 0;
alter table transfers add column summary text[] not null default '{}';
alter table transfers add column started_at timestamptz;
alter table transfers add column claimed_until timestamptz;
alter table transfers add column file_removed_at timestamptz;
alter table transfers add column link_hash text;
alter table transfers add column link_expires_at timestamptz;
create index transfers_recent on transfers (workspace_id, requested_at desc);
comment on column transfers.state is 'uploaded: the file is here and nobody has said yet what to do with it.';
comment on column transfers.content is 'What the rows of a CSV are.';
comment on column transfers.settings is 'Of an import: which column is what. Of an export: which kinds and days. Read only by the transfer itself.';
comment on column transfers.place is 'How far it has come, so that it goes on there after a restart.';
comment on column transfers.rows_known is 'Rows that stood there already: the same file twice changes nothing.';
comment on column transfers.summary is 'Sentences on what came of it.';
comment on column transfers.claimed_until is 'Until then one process works on it.';
comment on column transfers.link_hash is 'SHA-256 of the token in the download link, hex.';

create table transfer_refusals (
  workspace_id uuid not null,
  transfer_id uuid not null,
  file text not null default '',
  line bigint not null,
  reason text not null,
  primary key (workspace_id, transfer_id, file, line),
  foreign key (workspace_id, transfer_id) references transfers (workspace_id, id) on delete cascade
);
comment on table transfer_refusals is 'Rows an import did not take, with the reason; the first 10,000 of each import. Written by measure/transfers.';
call make_tenant('transfer_refusals');

create table transfer_rows (
  workspace_id uuid not null,
  transfer_id uuid not null,
  at timestamptz not null,
  file text not null default '',
  line bigint not null,
  body jsonb not null,
  primary key (workspace_id, transfer_id, at, file, line),
  foreign key (workspace_id, transfer_id) references transfers (workspace_id, id) on delete cascade
);
comment on table transfer_rows is 'Rows of an import that have to be brought into the order of time first; gone when it ends. Written by measure/transfers.';
call make_tenant('transfer_rows');

create table imported_days (
  workspace_id uuid not null,
  app_id uuid not null,
  day date not null,
  dimension text not null,
  value text not null,
  origin text not null check (origin in ('plausible', 'google_analytics')),
  visitors integer not null default 0,
  visits integer not null default 0,
  views integer not null default 0,
  bounces integer not null default 0,
  seconds bigint not null default 0,
  shown boolean not null default false,
  primary key (workspace_id, app_id, day, dimension, value),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
create index imported_days_shown on imported_days (workspace_id, app_id, day) where shown;
comment on table imported_days is 'Days as another tool counted them. They stand in traffic_days up to the first day with visits of our own, never beside them. Written by measure/rollups.';
comment on column imported_days.shown is 'It stands in traffic_days.';
call make_tenant('imported_days');

-- An export names the schema it was made by, so that an older program can tell that it is too old to read it.
grant select on migrations to fanfare_app;
