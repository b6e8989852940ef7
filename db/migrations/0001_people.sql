-- People: who uses Fanfare, in which workspace, with which key, and what happened.
-- Every tenant table carries workspace_id, first in its primary key, and is isolated by row-level security.
-- Tables marked "Shared" hold what must be found before the workspace is known; they stay small.

create schema part;
comment on schema part is 'Partitions live here. The server role has no usage on this schema: a partition does not inherit its parent''s policy.';

do $$ begin
  if not exists (select from pg_roles where rolname = 'fanfare_app') then create role fanfare_app nologin; end if;
exception when duplicate_object or unique_violation then null;
end $$;
grant usage on schema public to fanfare_app;

create domain minor_units as numeric(20, 0);
comment on domain minor_units is 'An amount of money in the smallest unit of its currency (cents, yen).';
create domain currency_code as text check (value ~ '^[A-Z]{3}$');
comment on domain currency_code is 'ISO 4217, upper case.';
create domain time_zone_name as text check (value ~ '^[A-Za-z0-9_+/-]{1,64}$');
comment on domain time_zone_name is 'IANA time zone, e.g. Europe/Berlin.';

create function current_workspace() returns uuid language sql stable parallel safe as
$$ select nullif(current_setting('fanfare.workspace', true), '')::uuid $$;
comment on function current_workspace() is 'The workspace of this transaction, set by src/db/client.ts; null sees nothing.';

create procedure make_tenant(tenant regclass, append_only boolean default false) language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tenant);
  execute format('create policy workspace_only on %s using (workspace_id = (select current_workspace())) with check (workspace_id = (select current_workspace()))', tenant);
  execute format('grant select, insert on %s to fanfare_app', tenant);
  if not append_only then execute format('grant update, delete on %s to fanfare_app', tenant); end if;
end $$;
comment on procedure make_tenant is 'Isolates a tenant table: row-level security, the one policy, the server role''s rights.';

create procedure make_shared(shared regclass) language plpgsql as $$
begin execute format('grant select, insert, update, delete on %s to fanfare_app', shared); end $$;
comment on procedure make_shared is 'Opens a shared (not tenant) table to the server role.';

create function make_partitions(months_ahead integer default 3) returns integer language plpgsql security definer set search_path = public, pg_temp as $$
declare parent record; month date; leaf text; made integer := 0;
begin
  perform pg_advisory_xact_lock(hashtext('fanfare.make_partitions'));
  for parent in select c.relname from pg_partitioned_table p join pg_class c on c.oid = p.partrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' loop
    for month in select generate_series(date_trunc('month', now() - interval '13 months'), date_trunc('month', now()) + make_interval(months => months_ahead), interval '1 month')::date loop
      leaf := format('%s_%s', parent.relname, to_char(month, 'YYYYMM'));
      if to_regclass('part.' || leaf) is null then
        execute format('create table part.%I partition of public.%I for values from (%L) to (%L)', leaf, parent.relname, month || ' 00:00:00+00', (month + interval '1 month')::date || ' 00:00:00+00');
        made := made + 1;
      end if;
    end loop;
    if to_regclass('part.' || parent.relname || '_other') is null then
      execute format('create table part.%I partition of public.%I default', parent.relname || '_other', parent.relname);
    end if;
  end loop;
  return made;
end $$;
comment on function make_partitions is 'Makes the monthly partitions of every partitioned table, thirteen months back and some ahead. Returns how many were made. What falls outside goes to the default partition.';
revoke execute on function make_partitions from public;
grant execute on function make_partitions to fanfare_app;

-- Users and sign-in -------------------------------------------------------------------------------------------------

create table users (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 200),
  email text not null check (email = lower(email) and email like '%_@_%'),
  email_verified boolean not null default false,
  image text,
  time_zone time_zone_name not null default 'UTC',
  two_factor_enabled boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  erased_at timestamptz
);
create unique index users_email on users (email);
comment on table users is 'Shared. People who sign in. Written by people/users (sign-in library) and people/privacy.';
comment on column users.erased_at is 'When the person was erased; name and e-mail are then replaced.';
call make_shared('users');

create table sessions (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);
comment on table sessions is 'Shared. Signed-in browsers. Written by people/sign-in.';
call make_shared('sessions');

create table credentials (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text, refresh_token text, id_token text, scope text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider_id, account_id)
);
create index credentials_user on credentials (user_id);
comment on table credentials is 'Shared. Ways to sign in: a password hash per user. Social accounts to post from are in accounts. Written by people/sign-in.';
comment on column credentials.password is 'scrypt hash with its salt.';
call make_shared('credentials');

create table verifications (
  id uuid primary key default gen_random_uuid(),
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_identifier on verifications (identifier);
comment on table verifications is 'Shared. One-time codes of sign-in (password reset, e-mail change). Written by people/sign-in.';
call make_shared('verifications');

create table passkeys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users on delete cascade,
  name text,
  public_key text not null,
  credential_id text not null unique,
  counter bigint not null,
  device_type text not null,
  backed_up boolean not null,
  transports text,
  aaguid text,
  created_at timestamptz not null default now()
);
create index passkeys_user on passkeys (user_id);
comment on table passkeys is 'Shared. WebAuthn credentials. Written by people/sign-in.';
call make_shared('passkeys');

create table two_factors (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users on delete cascade,
  secret text not null,
  backup_codes text not null,
  verified boolean not null default false
);
comment on table two_factors is 'Shared. Time-based one-time password secrets, encrypted by the sign-in library. Written by people/sign-in.';
call make_shared('two_factors');

create table rate_limits (
  id text primary key default gen_random_uuid()::text,
  key text not null unique,
  count integer not null,
  last_request bigint not null
);
comment on table rate_limits is 'Shared. Attempts per address and door, in every mode. Written by people/sign-in.';
comment on column rate_limits.last_request is 'Milliseconds since 1970.';
call make_shared('rate_limits');

-- Workspaces --------------------------------------------------------------------------------------------------------

create table workspaces (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 120),
  slug text not null unique check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  time_zone time_zone_name not null default 'UTC',
  currency currency_code not null default 'USD',
  demo boolean not null default false,
  link_domain text unique check (link_domain ~ '^[a-z0-9-]+(\.[a-z0-9-]+)+$'),
  created_at timestamptz not null default now()
);
comment on column workspaces.link_domain is 'Own short domain that leads to this server, for tracked links; null = the public address.';
comment on table workspaces is 'Shared. What is isolated from everything else: apps, accounts, money of one team. Written by people/workspaces.';
comment on column workspaces.currency is 'Reporting currency; money is kept in its own currency and shown converted at the rate of its day.';
call make_shared('workspaces');

create table memberships (
  workspace_id uuid not null references workspaces on delete cascade,
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('owner', 'editor', 'viewer')),
  joined_at timestamptz not null default now(),
  primary key (workspace_id, user_id)
);
create index memberships_user on memberships (user_id);
comment on table memberships is 'Shared. Who belongs to which workspace, as what. Written by people/workspaces.';
call make_shared('memberships');

create table invitations (
  token_hash text primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  email text not null,
  role text not null check (role in ('editor', 'viewer')),
  invited_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references users on delete set null
);
comment on table invitations is 'Shared. Open and used invitations. Written by people/workspaces.';
comment on column invitations.token_hash is 'SHA-256 of the token in the invitation link, hex.';
call make_shared('invitations');

create table api_keys (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text not null check (length(name) between 1 and 120),
  prefix text not null,
  scopes text[] not null check (scopes <@ array['read', 'write', 'destructive', 'events'] and cardinality(scopes) > 0),
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoked_by uuid references users on delete set null,
  primary key (workspace_id, id)
);
comment on table api_keys is 'Keys for the API, the CLI and MCP. The key itself is never stored. Written by people/keys.';
comment on column api_keys.prefix is 'The first characters of the key, to recognise it by.';
comment on column api_keys.scopes is 'What it may do: read, write, destructive operations, and events (server-side intake).';
call make_tenant('api_keys');

create table api_key_hashes (
  hash text primary key,
  workspace_id uuid not null,
  api_key_id uuid not null,
  foreign key (workspace_id, api_key_id) references api_keys (workspace_id, id) on delete cascade
);
comment on table api_key_hashes is 'Shared. Finds a key before its workspace is known. Written by people/keys.';
comment on column api_key_hashes.hash is 'SHA-256 of the key, hex. Keys carry 256 random bits, so a slow hash adds nothing.';
call make_shared('api_key_hashes');

-- What happened -----------------------------------------------------------------------------------------------------

create table activities (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text not null check (name ~ '^[a-z_]+\.[a-z_]+$'),
  subject_id uuid,
  detail jsonb not null default '{}',
  actor text not null,
  happened_at timestamptz not null default now(),
  primary key (workspace_id, id)
);
create index activities_recent on activities (workspace_id, happened_at desc);
comment on table activities is 'What happened, recorded in the transaction that did it; src/flow.ts says what each sets off. Written by src/activity.ts.';
comment on column activities.actor is 'user:<id>, key:<id> or system.';
call make_tenant('activities', append_only => true);

create table flow_runs (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  reaction text not null,
  activity_id uuid,
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  outcome text not null default 'running' check (outcome in ('running', 'done', 'failed')),
  message text,
  primary key (workspace_id, id),
  foreign key (workspace_id, activity_id) references activities (workspace_id, id) on delete cascade
);
create index flow_runs_latest on flow_runs (workspace_id, reaction, started_at desc);
comment on table flow_runs is 'Each time a line of the flow ran, and how it ended: "what happens by itself". Written by src/reactions.ts.';
call make_tenant('flow_runs');

create table audit_log (
  workspace_id uuid not null references workspaces on delete cascade,
  sequence bigint not null,
  at timestamptz not null default now(),
  actor text not null,
  operation text not null,
  subject text,
  address text,
  before jsonb,
  after jsonb,
  previous_hash text not null,
  hash text not null,
  primary key (workspace_id, sequence, at)
) partition by range (at);
comment on table audit_log is 'Who did what to which row. Append-only for the server; each row chains the hash of the one before. Monthly partitions. Written by people/audit.';
comment on column audit_log.hash is 'SHA-256 over previous_hash and the row''s fields as canonical JSON, hex.';
comment on column audit_log.address is 'Network address of the caller, for sign-in and destructive operations.';
call make_tenant('audit_log', append_only => true);

create table audit_heads (
  workspace_id uuid primary key references workspaces on delete cascade,
  sequence bigint not null,
  hash text not null
);
comment on table audit_heads is 'The newest link of each workspace''s audit chain; locked while a row is added. Written by people/audit.';
call make_tenant('audit_heads');

create table ai_settings (
  workspace_id uuid primary key references workspaces on delete cascade,
  provider text not null check (provider in ('openai', 'anthropic', 'google', 'openai-compatible')),
  base_url text,
  model text not null,
  sealed_key text,
  monthly_budget_micros bigint check (monthly_budget_micros >= 0),
  send_private_data boolean not null default false,
  updated_at timestamptz not null default now(),
  updated_by uuid references users on delete set null
);
comment on table ai_settings is 'The model a workspace asks; absent = the built-in analysis. Written by people/workspaces.';
comment on column ai_settings.monthly_budget_micros is 'Millionths of a US dollar; null = no limit.';
comment on column ai_settings.sealed_key is 'v1 envelope (src/secrets.ts).';
call make_tenant('ai_settings');

create table mail_settings (
  workspace_id uuid primary key references workspaces on delete cascade,
  host text not null,
  port integer not null check (port between 1 and 65535),
  encryption text not null default 'starttls' check (encryption in ('tls', 'starttls', 'none')),
  username text,
  sealed_password text,
  from_address text not null check (from_address like '%_@_%'),
  from_name text,
  confirmed_at timestamptz,
  updated_at timestamptz not null default now(),
  updated_by uuid references users on delete set null
);
comment on table mail_settings is 'The SMTP server a workspace sends newsletters, reports, alerts and invitations by; absent = no mail is sent. Written by people/mail.';
comment on column mail_settings.sealed_password is 'v1 envelope (src/secrets.ts).';
comment on column mail_settings.confirmed_at is 'When a test mail was last taken by the server.';
call make_tenant('mail_settings');

create table ai_calls (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  purpose text not null,
  prompt_version text not null,
  provider text not null,
  model text not null,
  started_at timestamptz not null default now(),
  milliseconds integer not null check (milliseconds >= 0),
  input_tokens integer not null default 0,
  output_tokens integer not null default 0,
  cost_micros bigint,
  outcome text not null check (outcome in ('answered', 'repaired', 'failed', 'cancelled')),
  message text,
  answer text,
  primary key (workspace_id, id)
);
create index ai_calls_recent on ai_calls (workspace_id, started_at desc);
comment on table ai_calls is 'Every question to a model, its answer and what it cost. Written by src/ask.ts.';
comment on column ai_calls.cost_micros is 'Millionths of a US dollar; null when the model''s price is not known.';
call make_tenant('ai_calls', append_only => true);

-- Privacy, notices, the way out ---------------------------------------------------------------------------------------

create table consents (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  person text not null,
  purpose text not null,
  granted boolean not null,
  source text not null,
  at timestamptz not null default now(),
  primary key (workspace_id, id)
);
comment on table consents is 'Consent given or withdrawn by a visitor, customer or subscriber; the newest row counts. Written by people/privacy.';
call make_tenant('consents', append_only => true);

create table privacy_requests (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  kind text not null check (kind in ('export', 'erase')),
  person text not null,
  requested_by uuid references users on delete set null,
  requested_at timestamptz not null default now(),
  done_at timestamptz,
  rows_touched integer,
  primary key (workspace_id, id)
);
comment on table privacy_requests is 'A person''s data exported or erased on request. Written by people/privacy.';
call make_tenant('privacy_requests');

create table retention_settings (
  workspace_id uuid not null references workspaces on delete cascade,
  data_class text not null check (data_class in ('events', 'clicks', 'metric_snapshots', 'payment_events', 'ai_calls', 'activities', 'inbox', 'page_versions', 'audit_log')),
  days integer not null check (days between 1 and 36500),
  updated_by uuid references users on delete set null,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, data_class)
);
comment on table retention_settings is 'How long each class of data is kept; absent = always. What was removed stands in purges. Written by people/privacy.';
call make_tenant('retention_settings');

create table purges (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  table_name text not null,
  older_than timestamptz not null,
  rows_removed bigint not null,
  at timestamptz not null default now(),
  primary key (workspace_id, id)
);
comment on table purges is 'What retention removed and when. Written by people/privacy.';
call make_tenant('purges', append_only => true);

create table notices (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  kind text not null,
  title text not null,
  body text not null default '',
  path text,
  created_at timestamptz not null default now(),
  read_at timestamptz,
  read_by uuid references users on delete set null,
  dedupe text,
  primary key (workspace_id, id),
  unique (workspace_id, dedupe)
);
comment on table notices is 'Things a person should see in the app: an account to reconnect, a paused queue, an assisted post that is due. Written by people/notices.';
comment on column notices.dedupe is 'Same cause, same value: one notice, not many.';
call make_tenant('notices');

create table webhooks (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  url text not null,
  activities text[] not null,
  sealed_secret text not null,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  switched_off_at timestamptz,
  switched_off_reason text,
  primary key (workspace_id, id)
);
comment on table webhooks is 'Where to send signed notes of what happened (Standard Webhooks). Written by people/webhooks.';
call make_tenant('webhooks');

create table webhook_deliveries (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  webhook_id uuid not null,
  activity_id uuid not null,
  attempt integer not null default 1,
  state text not null default 'due' check (state in ('due', 'sent', 'failed')),
  due_at timestamptz not null default now(),
  sent_at timestamptz,
  status integer,
  answer text,
  primary key (workspace_id, id),
  foreign key (workspace_id, webhook_id) references webhooks (workspace_id, id) on delete cascade,
  foreign key (workspace_id, activity_id) references activities (workspace_id, id) on delete cascade
);
comment on table webhook_deliveries is 'Each attempt to reach a webhook, with what came back. Written by people/webhooks.';
call make_tenant('webhook_deliveries');

create table backups (
  id uuid primary key default gen_random_uuid(),
  started_at timestamptz not null default now(),
  finished_at timestamptz,
  path text not null,
  bytes bigint,
  rows bigint,
  sha256 text,
  encrypted boolean not null default false,
  verified_at timestamptz,
  error text
);
comment on table backups is 'Shared. Backups made of the whole database and its media. Written by people/backups.';
comment on column backups.sha256 is 'Of the finished file, hex.';
call make_shared('backups');

-- The queue -----------------------------------------------------------------------------------------------------------

create function enqueue(task text, payload json, job_key text default null, run_at timestamptz default null, queue_name text default null, max_attempts integer default null) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform graphile_worker.add_job(task, payload, queue_name => queue_name, run_at => run_at, max_attempts => max_attempts, job_key => job_key);
end $$;
comment on function enqueue is 'Adds a job in the caller''s transaction. The server role reaches the queue (schema graphile_worker) through this door only.';
revoke execute on function enqueue from public;
grant execute on function enqueue to fanfare_app;
