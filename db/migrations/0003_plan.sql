-- Plan: what to say, to whom, when, for how much.

create table strategies (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  version integer not null check (version > 0),
  state text not null default 'proposed' check (state in ('proposed', 'current', 'superseded', 'declined')),
  objective text not null check (objective in ('awareness', 'engagement', 'traffic', 'leads', 'conversions', 'retention', 'growth')),
  summary text not null,
  positioning text not null default '',
  posts_per_week integer not null default 5 check (posts_per_week between 0 and 100),
  source text not null check (source in ('built_in', 'model', 'person', 'suggestion')),
  reason text,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  decided_by uuid references users on delete set null,
  decided_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, version),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
create unique index strategies_one_current on strategies (workspace_id, app_id) where state = 'current';
comment on table strategies is 'The plan behind the plans: versioned, one current per app (P1). Written by plan/strategies.';
comment on column strategies.reason is 'Why this version exists, e.g. the suggestion that was accepted.';
call make_tenant('strategies');

create table strategy_items (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  strategy_id uuid not null,
  kind text not null check (kind in ('pillar', 'audience', 'channel', 'message', 'cadence', 'experiment', 'avoid')),
  position integer not null,
  statement text not null,
  reasoning text not null default '',
  weight real not null default 1 check (weight >= 0),
  audience_id uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, strategy_id) references strategies (workspace_id, id) on delete cascade,
  foreign key (workspace_id, audience_id) references audiences (workspace_id, id) on delete set null (audience_id)
);
comment on table strategy_items is 'The parts of a strategy: content pillars, audiences, channels, messages, cadence. Written by plan/strategies.';
call make_tenant('strategy_items');

create table strategy_item_facts (
  workspace_id uuid not null,
  strategy_item_id uuid not null,
  fact_id uuid not null,
  primary key (workspace_id, strategy_item_id, fact_id),
  foreign key (workspace_id, strategy_item_id) references strategy_items (workspace_id, id) on delete cascade,
  foreign key (workspace_id, fact_id) references facts (workspace_id, id) on delete cascade
);
comment on table strategy_item_facts is 'The knowledge a part of the strategy rests on. Written by plan/strategies.';
call make_tenant('strategy_item_facts');

create table campaigns (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  strategy_id uuid,
  name text not null check (length(name) between 1 and 200),
  slug text not null check (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
  objective text not null check (objective in ('awareness', 'engagement', 'traffic', 'leads', 'conversions', 'retention', 'growth')),
  status text not null default 'draft' check (status in ('draft', 'scheduled', 'active', 'paused', 'completed', 'cancelled')),
  description text not null default '',
  starts_on date,
  ends_on date check (ends_on >= starts_on),
  budget_minor minor_units check (budget_minor >= 0),
  currency currency_code not null default 'USD',
  pacing text not null default 'even' check (pacing in ('even', 'front', 'none')),
  colour integer not null default 1 check (colour between 1 and 6),
  source_file text,
  source_hash text,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, slug),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, strategy_id) references strategies (workspace_id, id) on delete set null (strategy_id)
);
comment on table campaigns is 'A time-bound effort with goals and a budget (P2). Written by plan/campaigns.';
comment on column campaigns.slug is 'Stands in utm_campaign of its links and names it in a campaign file.';
comment on column campaigns.source_file is 'The campaign file it was applied from (P9); source_hash is its SHA-256.';
call make_tenant('campaigns');

create table campaign_status_changes (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  campaign_id uuid not null,
  from_status text,
  to_status text not null,
  changed_by uuid references users on delete set null,
  changed_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade
);
comment on table campaign_status_changes is 'Who started, paused or ended a campaign, and when. Written by plan/campaigns.';
call make_tenant('campaign_status_changes', append_only => true);

create table campaign_goals (
  workspace_id uuid not null,
  campaign_id uuid not null,
  metric text not null check (metric in ('impressions', 'engagement', 'clicks', 'signups', 'conversions', 'revenue')),
  target numeric not null check (target > 0),
  primary key (workspace_id, campaign_id, metric),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade
);
comment on table campaign_goals is 'What a campaign should reach; progress is measured, not stored here. Written by plan/campaigns.';
comment on column campaign_goals.target is 'A count; for revenue, minor units of the campaign''s currency.';
call make_tenant('campaign_goals');

create table campaign_audiences (
  workspace_id uuid not null,
  campaign_id uuid not null,
  audience_id uuid not null,
  primary key (workspace_id, campaign_id, audience_id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade,
  foreign key (workspace_id, audience_id) references audiences (workspace_id, id) on delete cascade
);
comment on table campaign_audiences is 'Whom a campaign addresses. Written by plan/campaigns.';
call make_tenant('campaign_audiences');

create table campaign_regions (
  workspace_id uuid not null,
  campaign_id uuid not null,
  region text not null check (region ~ '^[A-Z]{2}(-[A-Z0-9]{1,3})?$'),
  primary key (workspace_id, campaign_id, region),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade
);
comment on table campaign_regions is 'Geographic targeting: ISO 3166 country or subdivision; none = everywhere. Written by plan/campaigns.';
call make_tenant('campaign_regions');

create table content_themes (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  share real not null default 0 check (share between 0 and 1),
  fact_id uuid,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, fact_id) references facts (workspace_id, id) on delete set null (fact_id)
);
comment on table content_themes is 'What the posts are about and how often each theme should come up. Written by plan/strategies.';
comment on column content_themes.share is 'Wanted part of all posts, 0 to 1.';
call make_tenant('content_themes');

create table templates (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text not null,
  platform text not null,
  kind text not null check (kind in ('launch_announcement', 'feature_update', 'testimonial', 'behind_the_scenes', 'educational', 'promotional', 'community', 'milestone', 'problem_solution', 'comparison')),
  built_in boolean not null default false,
  imported_from text,
  retired_at timestamptz,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, name)
);
comment on table templates is 'Patterns for posts, ten kinds (P4). Written by plan/templates.';
call make_tenant('templates');

create table shared_templates (
  token_hash text primary key,
  workspace_id uuid not null,
  template_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  foreign key (workspace_id, template_id) references templates (workspace_id, id) on delete cascade
);
comment on table shared_templates is 'Shared. Links by which others read and import a template, found by the hash of their token. Written by plan/templates.';
call make_shared('shared_templates');

create table template_parts (
  workspace_id uuid not null,
  template_id uuid not null,
  position integer not null check (position >= 0),
  text text not null,
  primary key (workspace_id, template_id, position),
  foreign key (workspace_id, template_id) references templates (workspace_id, id) on delete cascade
);
comment on table template_parts is 'The text of a template, one row a part of the thread, with {{variables}}. Written by plan/templates.';
call make_tenant('template_parts');

create table template_variables (
  workspace_id uuid not null,
  template_id uuid not null,
  name text not null check (name ~ '^[a-z][a-z0-9_]*$'),
  type text not null check (type in ('text', 'number', 'url', 'fact')),
  fact_kind text,
  description text not null default '',
  primary key (workspace_id, template_id, name),
  foreign key (workspace_id, template_id) references templates (workspace_id, id) on delete cascade
);
comment on table template_variables is 'What a template needs, with its type; a fact variable names the kind of knowledge. Written by plan/templates.';
call make_tenant('template_variables');

-- Posts ---------------------------------------------------------------------------------------------------------------

create table posts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  campaign_id uuid,
  template_id uuid,
  theme_id uuid,
  title text not null check (length(title) between 1 and 300),
  kind text check (kind in ('launch_announcement', 'feature_update', 'testimonial', 'behind_the_scenes', 'educational', 'promotional', 'community', 'milestone', 'problem_solution', 'comparison')),
  hook text,
  status text not null default 'draft' check (status in ('draft', 'approved', 'scheduled', 'published', 'failed', 'withdrawn')),
  source text not null check (source in ('person', 'template', 'model', 'import', 'automation')),
  link_url text,
  evergreen boolean not null default false,
  minutes_spent integer not null default 0 check (minutes_spent >= 0),
  version integer not null default 1,
  proposed_for timestamptz,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete set null (campaign_id),
  foreign key (workspace_id, template_id) references templates (workspace_id, id) on delete set null (template_id),
  foreign key (workspace_id, theme_id) references content_themes (workspace_id, id) on delete set null (theme_id)
);
create index posts_recent on posts (workspace_id, app_id, status, updated_at desc);
comment on table posts is 'One message (P5): its words per platform are in post_variants and parts, its way out in publications. Written by plan/posts.';
comment on column posts.hook is 'The first line''s pattern, so that hooks can be compared.';
comment on column posts.minutes_spent is 'Own time; × the hourly rate it is part of the post''s cost.';
comment on column posts.version is 'Grows with every edit; an edit based on an older version is refused.';
comment on column posts.proposed_for is 'The moment drafting had in mind; not a schedule.';
call make_tenant('posts');

create table post_variants (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  post_id uuid not null,
  platform text not null,
  first_reply text,
  reply_settings text check (reply_settings in ('everyone', 'following', 'mentioned', 'subscribers', 'verified')),
  community text,
  long_post boolean not null default false,
  primary key (workspace_id, id),
  unique (workspace_id, post_id, platform),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete cascade
);
comment on table post_variants is 'The post as it reads on one platform. Written by plan/posts.';
comment on column post_variants.community is 'The platform''s id of a community, subreddit or channel to post into.';
call make_tenant('post_variants');

create table parts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  variant_id uuid not null,
  position integer not null check (position >= 0),
  text text not null,
  primary key (workspace_id, id),
  unique (workspace_id, variant_id, position) deferrable initially deferred,
  foreign key (workspace_id, variant_id) references post_variants (workspace_id, id) on delete cascade
);
comment on table parts is 'The parts of a thread in order; a single post has one. Written by plan/posts.';
call make_tenant('parts');

create table part_media (
  workspace_id uuid not null,
  part_id uuid not null,
  position integer not null check (position >= 0),
  asset_id uuid not null,
  alt_text text,
  primary key (workspace_id, part_id, position),
  foreign key (workspace_id, part_id) references parts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, asset_id) references assets (workspace_id, id) on delete cascade
);
comment on table part_media is 'Images and video of a part; alt_text overrides the asset''s own. Written by plan/posts.';
call make_tenant('part_media');

create table polls (
  workspace_id uuid not null,
  part_id uuid not null,
  minutes integer not null check (minutes between 5 and 10080),
  options text[] not null check (cardinality(options) between 2 and 4),
  primary key (workspace_id, part_id),
  foreign key (workspace_id, part_id) references parts (workspace_id, id) on delete cascade
);
comment on table polls is 'A poll under a part. Written by plan/posts.';
call make_tenant('polls');

create table post_tags (
  workspace_id uuid not null,
  variant_id uuid not null,
  kind text not null check (kind in ('hashtag', 'mention')),
  value text not null,
  primary key (workspace_id, variant_id, kind, value),
  foreign key (workspace_id, variant_id) references post_variants (workspace_id, id) on delete cascade
);
comment on table post_tags is 'Hashtags and mentions of a variant as written in its text, so that they can be measured. Written by plan/posts.';
call make_tenant('post_tags');

create table claims (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  part_id uuid not null,
  starts_at integer not null check (starts_at >= 0),
  ends_at integer not null check (ends_at > starts_at),
  text text not null,
  fact_id uuid,
  unsupported_reason text,
  primary key (workspace_id, id),
  foreign key (workspace_id, part_id) references parts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, fact_id) references facts (workspace_id, id) on delete set null (fact_id),
  check (fact_id is null or unsupported_reason is null)
);
comment on table claims is 'What a part asserts and the fact it rests on; without a fact it is flagged with the reason (P6). Written by plan/posts.';
comment on column claims.starts_at is 'UTF-16 offset in the part''s text, as the browser counts.';
call make_tenant('claims');

create table approvals (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  post_id uuid not null,
  post_version integer not null,
  decision text not null check (decision in ('approved', 'returned', 'withdrawn')),
  note text,
  decided_by uuid references users on delete set null,
  decided_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete cascade
);
comment on table approvals is 'Who approved, returned or withdrew which version of a post. Written by plan/posts.';
call make_tenant('approvals', append_only => true);

create table recurrences (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  post_id uuid not null,
  weekdays integer[] not null check (weekdays <@ array[1, 2, 3, 4, 5, 6, 7]),
  at_time time not null,
  time_zone time_zone_name not null,
  every_weeks integer not null default 1 check (every_weeks between 1 and 52),
  cool_down_days integer not null default 30 check (cool_down_days >= 0),
  starts_on date not null,
  ends_on date,
  stopped_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete cascade
);
comment on table recurrences is 'A post that comes again, with an end and a cool-down (P7). Weekdays 1 = Monday, local time in its zone. Written by plan/calendar.';
call make_tenant('recurrences');

create table launch_plans (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  launch_on date not null,
  state text not null default 'planned' check (state in ('planned', 'done', 'cancelled')),
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table launch_plans is 'A dated checklist from the launch day (P8). Written by plan/launch.';
call make_tenant('launch_plans');

create table launch_steps (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  launch_plan_id uuid not null,
  position integer not null,
  name text not null,
  instructions text not null default '',
  platform text,
  days_from_launch integer not null,
  post_id uuid,
  done_at timestamptz,
  done_by uuid references users on delete set null,
  skipped_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, launch_plan_id) references launch_plans (workspace_id, id) on delete cascade,
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id)
);
comment on table launch_steps is 'One step of a launch, due some days before or after the day itself. Written by plan/launch.';
call make_tenant('launch_steps');

create table campaign_files (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  sha256 text not null,
  yaml text not null,
  applied_by text not null,
  applied_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table campaign_files is 'Campaign files as applied (P9); the newest of a name is what the diff compares with. Written by plan/campaigns.';
call make_tenant('campaign_files', append_only => true);
