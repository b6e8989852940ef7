-- Competitors that are watched: what is known of each, what is remembered of their pages, what changed.

alter table competitors
  add column tagline text,
  add column category text check (category in ('saas', 'mobile_app', 'web_app', 'developer_tools', 'design_tools', 'marketing_tools', 'ecommerce', 'education', 'games', 'finance', 'health', 'social', 'productivity', 'other')),
  add column technology text[] not null default '{}',
  add column edited_fields text[] not null default '{}',
  add column next_read_at timestamptz,
  add column trouble text;
comment on column competitors.edited_fields is 'Fields a person has set; a later reading of the pages leaves them alone.';
comment on column competitors.next_read_at is 'When their pages are read again: every competitor at an hour of its own, sooner while a change waits to be confirmed.';
comment on column competitors.trouble is 'Why the last reading could not read the home page; null when it could.';

create table competitor_watches (
  workspace_id uuid not null,
  page_id uuid not null,
  competitor_id uuid not null,
  state text not null check (state in ('read', 'refused', 'unusable')),
  message text,
  memory jsonb,
  tried_at timestamptz not null,
  read_at timestamptz,
  primary key (workspace_id, page_id),
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete cascade,
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade
);
create index competitor_watches_of on competitor_watches (workspace_id, competitor_id);
comment on table competitor_watches is 'What is remembered of a competitor''s page between two readings: its last words, changes that wait to be confirmed, variants seen in turns. Written by understand/competitors.';
comment on column competitor_watches.state is 'How the last try ended: read; refused (unreachable, robots.txt); unusable (an error page, a login, a parked domain).';
comment on column competitor_watches.message is 'Why it could not be read, for people.';
call make_tenant('competitor_watches');

alter table competitor_changes
  add column what text not null default 'page',
  add column place text,
  add column plan text,
  add column sentence text,
  add column percent real;
comment on column competitor_changes.what is 'The exact change: price, plan_removed, trial, feature_added, headline, call_to_action …';
comment on column competitor_changes.place is 'Where on the page: a plan, a section, the headline.';
comment on column competitor_changes.percent is 'By how much a price moved, in percent of the old one; null where the two cannot be compared.';
create index competitor_changes_latest on competitor_changes (workspace_id, competitor_id, found_at desc);

alter table competitor_prices drop constraint competitor_prices_every_check;
alter table competitor_prices
  add column per_seat boolean not null default false,
  add column starting boolean not null default false,
  add column billed text check (billed in ('month', 'year')),
  add constraint competitor_prices_every_check check (every in ('hour', 'day', 'week', 'month', 'quarter', 'year', 'once', 'unsaid'));
comment on column competitor_prices.starting is 'The lowest of several: “from $9”.';
comment on column competitor_prices.billed is 'How often it is billed, where that differs from what the price is said for.';
comment on column competitor_prices.every is 'What the price is for; unsaid where the page names none.';

alter table feature_support add column source text not null default 'person' check (source in ('built_in', 'person'));
comment on column feature_support.source is 'A person''s cells stay as they are; those of a reading follow the pages.';

alter table competitor_profiles
  add column trouble text,
  add column looked_at timestamptz;
comment on column competitor_profiles.trouble is 'Why followers are not known; null when they are.';
alter table competitor_snapshots add column last_post_at timestamptz;
