-- Distribute: nothing twice, nothing lost.

create table channels (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  kind text not null check (kind in ('social', 'store', 'content', 'community', 'directory', 'ads', 'email', 'affiliate', 'partnership', 'press', 'search')),
  platform text,
  url text,
  status text not null default 'idea' check (status in ('idea', 'preparing', 'active', 'paused', 'dropped')),
  customs text not null default '',
  limits text not null default '',
  next_step text,
  next_step_on date,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table channels is 'Every way the app reaches people (D8), with its customs and next step; traffic, cost and conversions are measured. Written by distribute/channels.';
call make_tenant('channels');

create table cost_entries (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  campaign_id uuid,
  channel_id uuid,
  post_id uuid,
  day date not null,
  kind text not null check (kind in ('ads', 'api', 'tools', 'time', 'other')),
  amount_minor minor_units not null check (amount_minor >= 0),
  currency currency_code not null,
  minutes integer check (minutes >= 0),
  hourly_rate_minor minor_units,
  note text not null default '',
  source text not null default 'person' check (source in ('person', 'spend_ledger', 'import')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete set null (campaign_id),
  foreign key (workspace_id, channel_id) references channels (workspace_id, id) on delete set null (channel_id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id)
);
create index cost_entries_by_day on cost_entries (workspace_id, app_id, day);
comment on table cost_entries is 'What marketing cost, by day, channel and kind (P3). Written by plan/costs.';
comment on column cost_entries.amount_minor is 'For time: minutes × hourly_rate_minor / 60, rounded half up.';
call make_tenant('cost_entries');

create table developer_apps (
  workspace_id uuid not null references workspaces on delete cascade,
  platform text not null,
  server_url text not null default '',
  client_id text not null,
  sealed_client_secret text,
  api_url text,
  authorize_url text,
  updated_by uuid references users on delete set null,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, platform, server_url)
);
comment on table developer_apps is 'One''s own developer app on a platform, with which accounts are connected. Written by distribute/accounts.';
comment on column developer_apps.server_url is 'On platforms of many servers (Mastodon, Bluesky), the one it is registered at; empty = the platform''s own address.';
comment on column developer_apps.sealed_client_secret is 'v1 envelope; null for a public client.';
call make_tenant('developer_apps');

create table accounts (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  platform text not null,
  platform_user_id text not null,
  server_url text not null default '',
  handle text not null,
  name text not null,
  avatar_url text,
  status text not null check (status in ('connected', 'reconnect', 'paused', 'removed')),
  status_reason text,
  long_posts boolean not null default false,
  missed_policy text not null default 'ask' check (missed_policy in ('publish', 'ask', 'skip')),
  missed_after_minutes integer not null default 60 check (missed_after_minutes >= 0),
  monthly_budget_micros bigint check (monthly_budget_micros >= 0),
  connected_by uuid references users on delete set null,
  connected_at timestamptz not null default now(),
  confirmed_at timestamptz,
  last_synced_at timestamptz,
  last_error text,
  last_error_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, platform, server_url, platform_user_id)
);
comment on table accounts is 'A social account one can post from (D5). "Connected" only after the platform said who we are. Written by distribute/accounts.';
comment on column accounts.server_url is 'On platforms of many servers (Mastodon, Bluesky), the one the account lives on; empty = the platform''s own address.';
comment on column accounts.missed_policy is 'What happens to a post that is late by more than missed_after_minutes.';
comment on column accounts.monthly_budget_micros is 'Hard stop for what the platform charges in a calendar month (UTC), millionths of a US dollar; null = none.';
call make_tenant('accounts');

create table grants (
  workspace_id uuid not null,
  account_id uuid not null,
  sealed_access text not null,
  sealed_refresh text,
  sealed_previous_refresh text,
  scopes text[] not null default '{}',
  expires_at timestamptz,
  version integer not null default 1,
  refreshed_at timestamptz not null default now(),
  primary key (workspace_id, account_id),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table grants is 'The tokens of an account, sealed; version is compared and swapped at each refresh. Written by distribute/accounts.';
comment on column grants.sealed_previous_refresh is 'The refresh token before this one, kept for forensics.';
call make_tenant('grants');

create table oauth_requests (
  state text primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  user_id uuid not null references users on delete cascade,
  platform text not null,
  sealed_verifier text not null,
  redirect_uri text not null,
  return_to text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);
comment on table oauth_requests is 'Shared. A connection being made: the state we gave and the PKCE verifier (sealed); used once. Written by distribute/accounts.';
call make_shared('oauth_requests');

create table account_snapshots (
  workspace_id uuid not null,
  account_id uuid not null,
  day date not null,
  followers bigint,
  following bigint,
  posts bigint,
  taken_at timestamptz not null default now(),
  primary key (workspace_id, account_id, day),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table account_snapshots is 'Followers by day (UTC); platforms keep no history. Written by measure/metrics.';
call make_tenant('account_snapshots');

create table slots (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  account_id uuid not null,
  weekday integer not null check (weekday between 1 and 7),
  at_time time not null,
  time_zone time_zone_name not null,
  primary key (workspace_id, id),
  unique (workspace_id, account_id, weekday, at_time),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table slots is 'When the queue sends: weekday (1 = Monday) and local time in an IANA zone. Written by distribute/slots.';
call make_tenant('slots');

-- Publishing ------------------------------------------------------------------------------------------------------------

create table publications (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  post_id uuid not null,
  account_id uuid not null,
  post_version integer not null,
  due_at timestamptz not null,
  state text not null default 'scheduled' check (state in ('scheduled', 'publishing', 'published', 'failed', 'skipped', 'withdrawn', 'asking')),
  state_reason text,
  scheduled_by text not null,
  scheduled_at timestamptz not null default now(),
  published_at timestamptz,
  recurrence_id uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete restrict,
  foreign key (workspace_id, recurrence_id) references recurrences (workspace_id, id) on delete set null (recurrence_id)
);
create index publications_by_time on publications (workspace_id, due_at);
create index publications_of_post on publications (workspace_id, post_id);
create index publications_of_account on publications (workspace_id, account_id, due_at);
create unique index publications_once on publications (workspace_id, post_id, account_id) where state in ('scheduled', 'publishing', 'asking') and recurrence_id is null;
comment on table publications is 'One post on one account (D6). Written by distribute/publications.';
comment on column publications.state is 'asking: late beyond the account''s window, a person decides.';
comment on column publications.state_reason is 'A sentence for the author.';
call make_tenant('publications');

create table publication_parts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  publication_id uuid not null,
  position integer not null check (position >= 0),
  text text not null,
  text_hash text not null,
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'confirmed', 'refused', 'dropped')),
  looks integer not null default 0,
  platform_id text,
  platform_url text,
  published_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, publication_id, position),
  foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete cascade
);
create index publication_parts_remote on publication_parts (workspace_id, platform_id);
comment on table publication_parts is 'The final text of each part as it goes out, frozen when publishing begins, and what the platform calls it. Written by distribute/publications.';
comment on column publication_parts.state is 'dropped: the post has fewer parts since; the row stays for its receipts.';
comment on column publication_parts.looks is 'How often we looked for it on the platform after an unknown outcome.';
call make_tenant('publication_parts');

create table attempts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  publication_part_id uuid not null,
  number integer not null check (number > 0),
  phase text not null check (phase in ('prepared', 'sent', 'confirmed', 'rejected', 'unknown')),
  prepared_at timestamptz not null default now(),
  sent_at timestamptz,
  settled_at timestamptz,
  failure text check (failure in ('later', 'reconnect', 'refused', 'unknown')),
  code text,
  reason text,
  adopted boolean not null default false,
  cost_micros bigint not null default 0,
  primary key (workspace_id, id),
  unique (workspace_id, publication_part_id, number),
  foreign key (workspace_id, publication_part_id) references publication_parts (workspace_id, id) on delete cascade
);
comment on table attempts is 'Each attempt to create a part: the receipt. "sent" is committed before the call leaves. Written by distribute/publications.';
comment on column attempts.code is 'The adapter''s name for the failure, e.g. duplicate, rate_limited.';
comment on column attempts.adopted is 'The outcome was unknown and the post was found on the platform.';
comment on column attempts.cost_micros is 'What the platform charges, millionths of a US dollar.';
call make_tenant('attempts');

create table due_publications (
  publication_id uuid primary key,
  workspace_id uuid not null references workspaces on delete cascade,
  account_id uuid not null,
  due_at timestamptz not null,
  sequence bigint generated always as identity,
  look_at timestamptz not null,
  lease_holder text,
  lease_until timestamptz,
  foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete cascade
);
create index due_publications_next on due_publications (look_at);
create index due_publications_account on due_publications (account_id, due_at, sequence);
comment on table due_publications is 'Shared. What is waiting to go out, claimed across workspaces by lease. A row goes when its publication is settled. Written by distribute/publications.';
comment on column due_publications.sequence is 'The order of those that are due at the same moment.';
comment on column due_publications.look_at is 'When to take it up next: due_at at first, later after a "later" or an unknown outcome.';
call make_shared('due_publications');

create table publishers (
  holder text primary key,
  started_at timestamptz not null,
  ticked_at timestamptz not null
);
comment on table publishers is 'Shared. The processes that publish and when each last looked at the queue; a row goes when its process stops. Written by distribute/publications.';
call make_shared('publishers');

create table platform_spend (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  account_id uuid not null,
  attempt_id uuid,
  post_id uuid,
  item text not null,
  micros bigint not null check (micros >= 0),
  at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, attempt_id) references attempts (workspace_id, id) on delete set null (attempt_id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id)
);
create index platform_spend_month on platform_spend (workspace_id, account_id, at);
create index platform_spend_of_post on platform_spend (workspace_id, post_id);
comment on table platform_spend is 'The spend ledger: what each call costs by the platform''s price table (D2). Written by distribute/spend.';
call make_tenant('platform_spend', append_only => true);

create table platform_prices (
  workspace_id uuid not null references workspaces on delete cascade,
  platform text not null,
  item text not null,
  micros bigint not null check (micros >= 0),
  updated_by uuid references users on delete set null,
  updated_at timestamptz not null default now(),
  primary key (workspace_id, platform, item)
);
comment on table platform_prices is 'Prices a workspace has changed; absent = the adapter''s own table. Written by distribute/spend.';
call make_tenant('platform_prices');

create table pauses (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  account_id uuid,
  reason text not null,
  paused_by text not null,
  paused_at timestamptz not null default now(),
  until timestamptz,
  resumed_at timestamptz,
  resumed_by text,
  primary key (workspace_id, id),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table pauses is 'Publishing held, for one account or for everything (no account), by whom and why. Written by distribute/publications.';
call make_tenant('pauses');

create table assisted_tasks (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  post_id uuid,
  launch_step_id uuid,
  platform text not null,
  due_at timestamptz not null,
  compose_url text not null,
  text text not null default '',
  state text not null default 'waiting' check (state in ('waiting', 'notified', 'done', 'skipped')),
  found_url text,
  found_by text check (found_by in ('search', 'person')),
  done_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id),
  foreign key (workspace_id, launch_step_id) references launch_steps (workspace_id, id) on delete set null (launch_step_id)
);
comment on table assisted_tasks is 'A post a person sends by hand with a prefilled link; its URL is found or pasted, then measured (D3). Written by distribute/assisted.';
call make_tenant('assisted_tasks');

-- Links -----------------------------------------------------------------------------------------------------------------

create table links (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  code text not null,
  destination text not null check (destination ~ '^https?://'),
  post_id uuid,
  publication_id uuid,
  campaign_id uuid,
  channel_id uuid,
  affiliate_id uuid,
  utm_source text, utm_medium text, utm_campaign text, utm_content text, utm_term text,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, code),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id),
  foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete set null (publication_id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete set null (campaign_id),
  foreign key (workspace_id, channel_id) references channels (workspace_id, id) on delete set null (channel_id)
);
create index links_of_post on links (workspace_id, post_id);
comment on table links is 'Tracked short links, one per post and account made by itself (D9). Written by distribute/links.';
call make_tenant('links');

create table link_codes (
  code text primary key check (code ~ '^[A-Za-z0-9_-]{2,64}$'),
  workspace_id uuid not null,
  link_id uuid not null,
  foreign key (workspace_id, link_id) references links (workspace_id, id) on delete cascade
);
comment on table link_codes is 'Shared. Finds a link by its code before the workspace is known. Written by distribute/links.';
call make_shared('link_codes');

create table link_changes (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  link_id uuid not null,
  from_destination text not null,
  to_destination text not null,
  changed_by text not null,
  changed_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, link_id) references links (workspace_id, id) on delete cascade
);
comment on table link_changes is 'Where a link pointed before. Written by distribute/links.';
call make_tenant('link_changes', append_only => true);

create table clicks (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  occurred_at timestamptz not null default now(),
  link_id uuid not null,
  app_id uuid not null,
  post_id uuid,
  referrer_host text,
  country text,
  agent_class text not null default 'human' check (agent_class in ('human', 'bot', 'preview', 'unsure')),
  agent_name text,
  visitor text,
  primary key (workspace_id, id, occurred_at)
) partition by range (occurred_at);
create index clicks_of_link on clicks (workspace_id, link_id, occurred_at);
comment on table clicks is 'Each following of a tracked link; bots are marked, not deleted. Monthly partitions. Written by distribute/links.';
comment on column clicks.id is 'Travels to the site as the ff parameter, so that the visit can be joined to the click.';
comment on column clicks.visitor is 'Daily hash as in events.visitor, so the same for the visit that follows; no address is stored. Null where Do Not Track or Global Privacy Control asks for it.';
call make_tenant('clicks');

-- Automation, inbox, affiliates, newsletter ---------------------------------------------------------------------------

create table automations (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  kind text not null check (kind in ('auto_plug', 'auto_repost', 'auto_delete', 'auto_archive', 'rss_to_draft', 'release_to_draft')),
  name text not null,
  account_id uuid,
  settings jsonb not null default '{}',
  switched_on_at timestamptz,
  created_by uuid references users on delete set null,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table automations is 'Rules that act on their own (D7): plug or repost at a threshold, delete or archive, feed or release to draft. Written by distribute/automations.';
comment on column automations.settings is 'Thresholds, feed address and text of the rule; read only by the rule itself.';
call make_tenant('automations');

create table automation_runs (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  automation_id uuid not null,
  publication_id uuid,
  post_id uuid,
  cause text not null,
  outcome text not null check (outcome in ('done', 'skipped', 'failed')),
  message text,
  dedupe text not null,
  at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, automation_id, dedupe),
  foreign key (workspace_id, automation_id) references automations (workspace_id, id) on delete cascade,
  foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete set null (publication_id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id)
);
comment on table automation_runs is 'What an automation did and why, once per cause. Written by distribute/automations.';
call make_tenant('automation_runs', append_only => true);

create table contacts (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  platform text not null,
  platform_user_id text not null,
  handle text not null,
  name text,
  followers bigint,
  advocate_since timestamptz,
  first_seen_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, platform, platform_user_id)
);
comment on table contacts is 'People who replied to or mentioned us; frequent ones are advocates (D11). Written by distribute/inbox.';
call make_tenant('contacts');

create table inbox_items (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  account_id uuid not null,
  contact_id uuid,
  publication_part_id uuid,
  kind text not null check (kind in ('reply', 'mention', 'quote', 'message')),
  platform_id text not null,
  url text,
  text text not null,
  received_at timestamptz not null,
  read_at timestamptz,
  answered_at timestamptz,
  answer_platform_id text,
  primary key (workspace_id, id),
  unique (workspace_id, account_id, platform_id),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, contact_id) references contacts (workspace_id, id) on delete set null (contact_id),
  foreign key (workspace_id, publication_part_id) references publication_parts (workspace_id, id) on delete set null (publication_part_id)
);
comment on table inbox_items is 'Replies and mentions of own posts, answered or opened in place (D11). Written by distribute/inbox.';
call make_tenant('inbox_items');

create table affiliates (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  email text,
  code text not null,
  commission_percent numeric(5, 2) check (commission_percent between 0 and 100),
  commission_minor minor_units,
  currency currency_code,
  months integer check (months > 0),
  status text not null default 'active' check (status in ('active', 'paused', 'ended')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, code),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
alter table links add foreign key (workspace_id, affiliate_id) references affiliates (workspace_id, id) on delete set null (affiliate_id);
comment on table affiliates is 'Partners with a link or code and their commission rule (D10). Written by distribute/affiliates.';
comment on column affiliates.months is 'For how many months of a subscription the commission runs; null = always.';
call make_tenant('affiliates');

create table mailing_lists (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  from_address text not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table mailing_lists is 'Own newsletter lists. Written by distribute/newsletter.';
call make_tenant('mailing_lists');

create table subscribers (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  mailing_list_id uuid not null,
  email text not null,
  state text not null default 'pending' check (state in ('pending', 'confirmed', 'unsubscribed', 'bounced')),
  source text,
  asked_at timestamptz not null default now(),
  confirmed_at timestamptz,
  ended_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, mailing_list_id, email),
  foreign key (workspace_id, mailing_list_id) references mailing_lists (workspace_id, id) on delete cascade
);
comment on table subscribers is 'People on a list, by double opt-in. Written by distribute/newsletter.';
call make_tenant('subscribers');

create table mail_deliveries (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  subscriber_id uuid,
  publication_id uuid,
  address text not null,
  subject text not null,
  state text not null default 'due' check (state in ('due', 'sent', 'bounced', 'failed')),
  message_id text,
  sent_at timestamptz,
  reason text,
  primary key (workspace_id, id),
  foreign key (workspace_id, subscriber_id) references subscribers (workspace_id, id) on delete set null (subscriber_id),
  foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete set null (publication_id)
);
comment on table mail_deliveries is 'Each newsletter mail and how it ended. Written by distribute/newsletter.';
call make_tenant('mail_deliveries');
