-- Backups: made by the clock, kept and verified; and what was restored.

alter table backups add column kind text not null default 'by_hand' check (kind in ('scheduled', 'by_hand', 'command_line'));
alter table backups add column secret_inside boolean not null default false;
alter table backups add column made_by text;
alter table backups add column verifying_since timestamptz;
alter table backups add column verify_error text;
alter table backups add column removed_at timestamptz;
comment on column backups.kind is 'scheduled: by the clock; only these are removed by themselves.';
comment on column backups.path is 'On the machine of the process that made it.';
comment on column backups.secret_inside is 'The installation''s secret stands in the file, which is encrypted then.';
comment on column backups.verified_at is 'When it was last restored into an empty database and every row was the same.';
comment on column backups.removed_at is 'When the file was removed because enough later ones were there.';
create index backups_by_time on backups (started_at);

create table backup_settings (
  id text primary key default 'installation' check (id = 'installation'),
  hour integer check (hour between 0 and 23),
  time_zone time_zone_name not null default 'UTC',
  keep integer not null default 7 check (keep between 1 and 365),
  sealed_passphrase text,
  changed_at timestamptz not null default now()
);
comment on table backup_settings is 'Shared. When backups are made by themselves; no row: daily at three, UTC. Written by people/backups.';
comment on column backup_settings.hour is 'Local time in the zone; null: never.';
comment on column backup_settings.keep is 'How many scheduled ones are kept.';
comment on column backup_settings.sealed_passphrase is 'With it scheduled backups, and those made in the app, are encrypted.';
call make_shared('backup_settings');

create table restores (
  id uuid primary key default gen_random_uuid(),
  restored_at timestamptz not null default now(),
  made_at timestamptz not null,
  path text not null,
  rows bigint not null,
  answered_at timestamptz
);
comment on table restores is 'Shared. Backups this database was filled from, noted in the transaction of the restore. Written by people/backups.';
comment on column restores.made_at is 'When the backup was made.';
comment on column restores.answered_at is 'When what was due by then was held back, so that nothing is sent twice.';
call make_shared('restores');
