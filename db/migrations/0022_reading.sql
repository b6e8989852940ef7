-- Reading an app whole: what became of each address, what a page was like when it was read, and what a person said to
-- a finding.

alter table analyses add column reason text not null default 'asked' check (reason in ('asked', 'schedule'));
comment on column analyses.reason is 'asked = a person wanted it; schedule = the weekly look whether pages changed.';

create table analysis_pages (
  workspace_id uuid not null,
  analysis_id uuid not null,
  position integer not null,
  url text not null,
  source text not null check (source in ('home', 'link', 'sitemap', 'known', 'repository', 'store')),
  outcome text not null check (outcome in ('read', 'unchanged', 'duplicate', 'script_only', 'soft_404', 'moved_off', 'disallowed', 'no_page', 'missing', 'failed', 'left')),
  note text,
  bytes integer,
  milliseconds integer,
  primary key (workspace_id, analysis_id, position),
  foreign key (workspace_id, analysis_id) references analyses (workspace_id, id) on delete cascade
);
comment on table analysis_pages is 'What became of each address a reading came to. Written by understand/analyse.';
comment on column analysis_pages.outcome is 'unchanged = the site or its words said so; no_page = no HTML; left = found, and beyond the bounds of one reading.';
comment on column analysis_pages.bytes is 'As they came over the wire.';
comment on column analysis_pages.milliseconds is 'From asking to the first byte of the answer.';
call make_tenant('analysis_pages', append_only => true);

create table page_readings (
  workspace_id uuid not null,
  page_id uuid not null,
  read_at timestamptz not null default now(),
  reader text not null,
  etag text,
  last_modified text,
  body_hash text not null,
  said jsonb not null,
  inspected jsonb not null,
  primary key (workspace_id, page_id),
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete cascade
);
comment on table page_readings is 'What the last reading took from a page, so that one that has not changed need not be sent again. Written by understand/pages.';
comment on column page_readings.reader is 'Version of the reading; another one reads the page anew.';
comment on column page_readings.body_hash is 'SHA-256 of the HTML.';
comment on column page_readings.said is 'The page as it was read: words, links, prices, customers'' words, what it is built with.';
comment on column page_readings.inspected is 'How it is made and how it was delivered: headings, pictures, scripts, headers, redirects, times.';
call make_tenant('page_readings');

alter table page_findings add column quote text;
alter table page_findings add column why text;
comment on column page_findings.quote is 'What stands on the page, word for word; null where the fault is that nothing stands there.';
comment on column page_findings.why is 'Why it matters.';
create index page_findings_of_page on page_findings (workspace_id, page_id, rule);

create table finding_decisions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  page_id uuid not null,
  rule text not null,
  decision text not null check (decision in ('ignored', 'reopened')),
  reason text,
  decided_by uuid references users on delete set null,
  decided_at timestamptz not null default now(),
  primary key (workspace_id, id),
  check (decision <> 'ignored' or reason is not null),
  foreign key (workspace_id, page_id) references pages (workspace_id, id) on delete cascade
);
create index finding_decisions_of_page on finding_decisions (workspace_id, page_id, rule, decided_at desc);
comment on table finding_decisions is 'What a person said to a finding, by page and rule; the newest counts, also when a later reading finds it again. Written by understand/pages.';
call make_tenant('finding_decisions', append_only => true);

alter table assets add column title text check (length(title) <= 200);
comment on column assets.title is 'What people of the workspace call it; not shown to readers.';
