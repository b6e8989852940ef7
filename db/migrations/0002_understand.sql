-- Understand: the app is the centre; everything hangs on it.

create table apps (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  url text not null check (url ~ '^https?://'),
  name text not null check (length(name) between 1 and 200),
  tagline text,
  description text,
  category text not null default 'other' check (category in ('saas', 'mobile_app', 'web_app', 'developer_tools', 'design_tools', 'marketing_tools', 'ecommerce', 'education', 'games', 'finance', 'health', 'social', 'productivity', 'other')),
  stage text not null default 'launched' check (stage in ('idea', 'development', 'beta', 'launched', 'scaling', 'mature')),
  status text not null default 'active' check (status in ('active', 'paused', 'archived', 'discontinued')),
  launch_on date,
  logo_url text,
  favicon_url text,
  brand_colours text[] not null default '{}',
  repository_url text,
  language text,
  edited_fields text[] not null default '{}',
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, url)
);
comment on table apps is 'What is being marketed. Written by understand/apps.';
comment on column apps.edited_fields is 'Fields a person has set; a later reading of the page leaves them alone.';
comment on column apps.brand_colours is 'Hex, most telling first.';
comment on column apps.launch_on is 'The launch day in the workspace''s zone; drives the launch plan.';
call make_tenant('apps');

create table app_life_cycle (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  aspect text not null check (aspect in ('stage', 'status')),
  from_value text,
  to_value text not null,
  changed_by uuid references users on delete set null,
  changed_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table app_life_cycle is 'Each change of an app''s stage or status, with who and when. Written by understand/apps.';
call make_tenant('app_life_cycle', append_only => true);

create table social_links (
  workspace_id uuid not null,
  app_id uuid not null,
  platform text not null,
  url text not null,
  handle text,
  primary key (workspace_id, app_id, url),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table social_links is 'The app''s own profiles elsewhere, as linked from its pages. Written by understand/apps.';
call make_tenant('social_links');

create table assets (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid,
  kind text not null check (kind in ('logo', 'screenshot', 'image', 'gif', 'video')),
  file text not null,
  media_type text not null,
  bytes bigint not null check (bytes > 0),
  width integer, height integer, milliseconds integer,
  sha256 text not null,
  alt_text text check (length(alt_text) <= 1000),
  source_url text,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, sha256),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table assets is 'Brand assets and post media, stored as files beside the database. Written by understand/assets.';
comment on column assets.file is 'Path inside the data folder''s media.';
comment on column assets.milliseconds is 'Duration of a video or GIF.';
call make_tenant('assets');

-- Reading and knowing -------------------------------------------------------------------------------------------------

create table competitors (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  url text,
  state text not null default 'proposed' check (state in ('proposed', 'watched', 'dismissed')),
  positioning text,
  description text,
  marketing_strategy text,
  content_strategy text,
  quote text,
  quote_url text,
  confidence real check (confidence between 0 and 1),
  added_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  last_read_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table competitors is 'Who else the audience considers, with where we learnt of them. Written by understand/competitors.';
call make_tenant('competitors');

create table analyses (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  method text check (method in ('built_in', 'model')),
  fell_back_because text,
  failure_code text,
  failure text,
  requested_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table analyses is 'One reading of an app: which pages, by which method, how it ended. Written by understand/analyse.';
comment on column analyses.fell_back_because is 'Why the built-in analysis stood in for the model.';
call make_tenant('analyses');

create table analysis_steps (
  workspace_id uuid not null,
  analysis_id uuid not null,
  position integer not null,
  name text not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'skipped', 'failed')),
  message text,
  started_at timestamptz,
  finished_at timestamptz,
  primary key (workspace_id, analysis_id, position),
  foreign key (workspace_id, analysis_id) references analyses (workspace_id, id) on delete cascade
);
comment on table analysis_steps is 'Progress of a reading, step by step, as the person sees it. Written by understand/analyse.';
call make_tenant('analysis_steps');

create table pages (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  competitor_id uuid,
  url text not null,
  kind text not null check (kind in ('home', 'pricing', 'features', 'about', 'docs', 'blog', 'changelog', 'readme', 'store', 'other')),
  first_seen_at timestamptz not null default now(),
  gone_at timestamptz,
  primary key (workspace_id, id),
  unique nulls not distinct (workspace_id, app_id, competitor_id, url),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade
);
comment on table pages is 'Pages of the app and of its competitors that are read. Written by understand/pages.';
call make_tenant('pages');

create table page_versions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  page_id uuid not null,
  read_at timestamptz not null default now(),
  status integer not null,
  title text,
  description text,
  text text not null,
  text_hash text not null,
  bytes integer not null,
  structured jsonb not null default '[]',
  primary key (workspace_id, id),
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete cascade
);
create index page_versions_latest on page_versions (workspace_id, page_id, read_at desc);
comment on table page_versions is 'What a page said when it was read; a new row only when the text changed. Written by understand/pages.';
comment on column page_versions.structured is 'Structured data found on the page (JSON-LD), kept as it was.';
call make_tenant('page_versions', append_only => true);

create table page_findings (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  page_id uuid not null,
  rule text not null,
  severity text not null check (severity in ('info', 'improve', 'fix')),
  message text not null,
  fix text not null,
  found_at timestamptz not null default now(),
  resolved_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete cascade
);
comment on table page_findings is 'What could be better on the app''s own pages (search, sharing, access), with the fix. Written by understand/pages.';
call make_tenant('page_findings');

create table facts (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  kind text not null check (kind in ('value_proposition', 'target_audience', 'feature', 'selling_point', 'competitive_advantage', 'pricing', 'revenue_model', 'pain_point', 'benefit', 'emotional_trigger', 'market_size', 'content_theme', 'tone', 'personality', 'do_say', 'dont_say', 'style_note', 'pitch_line', 'pitch_30s', 'key_message', 'value_statement', 'call_to_action', 'testimonial', 'technology')),
  statement text not null check (length(statement) between 1 and 2000),
  detail jsonb not null default '{}',
  confidence real not null check (confidence between 0 and 1),
  state text not null default 'proposed' check (state in ('proposed', 'confirmed', 'corrected', 'retired')),
  source text not null check (source in ('built_in', 'model', 'person')),
  analysis_id uuid,
  decided_by uuid references users on delete set null,
  decided_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, analysis_id) references analyses (workspace_id, id) on delete set null (analysis_id)
);
create index facts_of_app on facts (workspace_id, app_id, kind, state);
comment on table facts is 'Knowledge of an app (U5), its voice (U7) and its messaging (U8), one statement a row, each with evidence. Written by understand/knowledge.';
comment on column facts.confidence is '0 to 1, by the reasoning of the analysis; 1 once a person confirmed it.';
comment on column facts.decided_at is 'When a person last confirmed, corrected, retired or restored it; null = the analysis alone had a say.';
comment on column facts.detail is 'Parts of the statement a template may fill in: plan, amount, currency, interval, author.';
call make_tenant('facts');

create table evidence (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  fact_id uuid not null,
  page_version_id uuid,
  url text not null,
  quote text not null check (length(quote) between 1 and 4000),
  seen_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, fact_id) references facts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, page_version_id) references page_versions (workspace_id, id) on delete set null (page_version_id)
);
create index evidence_of_fact on evidence (workspace_id, fact_id);
comment on table evidence is 'The words on a page that a fact rests on, with page and date. Written by understand/knowledge.';
call make_tenant('evidence', append_only => true);

create table fact_changes (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  fact_id uuid not null,
  change text not null check (change in ('found', 'confirmed', 'corrected', 'retired', 'restored', 'seen_again', 'no_longer_found')),
  before text,
  after text,
  changed_by uuid references users on delete set null,
  analysis_id uuid,
  changed_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, fact_id) references facts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, analysis_id) references analyses (workspace_id, id) on delete set null (analysis_id)
);
create index fact_changes_of_fact on fact_changes (workspace_id, fact_id, changed_at);
comment on table fact_changes is 'The history of each fact: found, confirmed, corrected, retired, gone from the page. Written by understand/knowledge.';
call make_tenant('fact_changes');

create table keywords (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  phrase text not null,
  kind text not null check (kind in ('primary', 'long_tail')),
  intent text not null check (intent in ('informational', 'commercial', 'transactional', 'navigational')),
  score real not null,
  difficulty real check (difficulty between 0 and 1),
  state text not null default 'proposed' check (state in ('proposed', 'confirmed', 'retired')),
  found_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, phrase),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table keywords is 'Phrases people would search for (U6). Written by understand/keywords.';
comment on column keywords.difficulty is 'A proxy from 0 (open) to 1 (crowded), from the phrase itself and competitors'' pages, since no search volumes are known; null = not known.';
comment on column keywords.score is '0 to 100, relative to the strongest phrase of the app''s pages.';
call make_tenant('keywords');

create table keyword_occurrences (
  workspace_id uuid not null,
  keyword_id uuid not null,
  page_id uuid not null,
  place text not null check (place in ('title', 'description', 'heading', 'text')),
  times integer not null check (times > 0),
  primary key (workspace_id, keyword_id, page_id, place),
  foreign key (workspace_id, keyword_id) references keywords (workspace_id, id) on delete cascade,
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete cascade
);
comment on table keyword_occurrences is 'Where a phrase stands, on own pages and on competitors'' (the gap). Written by understand/keywords.';
call make_tenant('keyword_occurrences');

-- Audiences and competitors -------------------------------------------------------------------------------------------

create table audiences (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  description text not null default '',
  state text not null default 'proposed' check (state in ('proposed', 'confirmed', 'retired')),
  estimated_size bigint check (estimated_size >= 0),
  size_reasoning text,
  estimated_ltv_minor minor_units, estimated_cac_minor minor_units,
  currency currency_code,
  measured_ltv_minor minor_units, measured_cac_minor minor_units, measured_at timestamptz,
  measured_customers integer,
  quote text, quote_url text,
  confidence real check (confidence between 0 and 1),
  created_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table audiences is 'Whom the app is for (U11): estimated first, then measured from revenue and spend. Written by understand/audiences.';
call make_tenant('audiences');

create table audience_traits (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  audience_id uuid not null,
  kind text not null check (kind in ('demographic', 'psychographic', 'pain', 'goal', 'behaviour')),
  statement text not null,
  fact_id uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, audience_id) references audiences (workspace_id, id) on delete cascade,
  foreign key (workspace_id, fact_id) references facts (workspace_id, id) on delete set null (fact_id)
);
comment on table audience_traits is 'Profile of an audience, one statement a row. Written by understand/audiences.';
call make_tenant('audience_traits');

create table audience_platforms (
  workspace_id uuid not null,
  audience_id uuid not null,
  platform text not null,
  presence text not null check (presence in ('high', 'some', 'low')),
  reasoning text,
  primary key (workspace_id, audience_id, platform),
  foreign key (workspace_id, audience_id) references audiences (workspace_id, id) on delete cascade
);
comment on table audience_platforms is 'Where an audience is found. Written by understand/audiences.';
call make_tenant('audience_platforms');

create table competitor_profiles (
  workspace_id uuid not null,
  competitor_id uuid not null,
  platform text not null,
  handle text not null,
  url text,
  primary key (workspace_id, competitor_id, platform, handle),
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade
);
comment on table competitor_profiles is 'A competitor''s social presence. Written by understand/competitors.';
call make_tenant('competitor_profiles');

create table competitor_snapshots (
  workspace_id uuid not null,
  competitor_id uuid not null,
  platform text not null,
  day date not null,
  followers bigint,
  posts bigint,
  primary key (workspace_id, competitor_id, platform, day),
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade
);
comment on table competitor_snapshots is 'Public follower and post counts by day, where a platform shows them. Written by understand/competitors.';
call make_tenant('competitor_snapshots');

create table competitor_prices (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  competitor_id uuid not null,
  plan text not null,
  amount_minor minor_units not null,
  currency currency_code not null,
  every text not null check (every in ('week', 'month', 'year', 'once')),
  quote text not null,
  page_version_id uuid,
  seen_from timestamptz not null default now(),
  seen_until timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade,
  foreign key (workspace_id, page_version_id) references page_versions (workspace_id, id) on delete set null (page_version_id)
);
comment on table competitor_prices is 'Prices as published, with the time they stood. Written by understand/competitors.';
call make_tenant('competitor_prices');

create table features (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  position integer not null default 0,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table features is 'Rows of the comparison matrix (U13). Written by understand/competitors.';
call make_tenant('features');

create table feature_support (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  feature_id uuid not null,
  competitor_id uuid,
  support text not null check (support in ('yes', 'partly', 'no', 'unknown')),
  note text,
  quote text, quote_url text,
  primary key (workspace_id, id),
  unique nulls not distinct (workspace_id, feature_id, competitor_id),
  foreign key (workspace_id, feature_id) references features (workspace_id, id) on delete cascade,
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade
);
comment on table feature_support is 'Who has which feature, with the words that say so; no competitor = the app itself. Written by understand/competitors.';
call make_tenant('feature_support');

create table competitor_assessments (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  competitor_id uuid not null,
  kind text not null check (kind in ('strength', 'weakness')),
  statement text not null,
  quote text, quote_url text,
  source text not null check (source in ('built_in', 'model', 'person')),
  assessed_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade
);
comment on table competitor_assessments is 'Strengths and weaknesses with their evidence. Written by understand/competitors.';
call make_tenant('competitor_assessments');

create table competitor_changes (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  competitor_id uuid not null,
  page_id uuid,
  kind text not null check (kind in ('price', 'feature', 'message', 'post', 'page')),
  before text,
  after text,
  url text,
  severity text not null check (severity in ('low', 'medium', 'high')),
  found_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, competitor_id) references competitors (workspace_id, id) on delete cascade,
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete set null (page_id)
);
comment on table competitor_changes is 'What a competitor changed, dated, before and after; noise is not a change. Written by understand/competitors.';
comment on column competitor_changes.url is 'Where it can be seen: the address of the post, or of the page.';
call make_tenant('competitor_changes', append_only => true);
