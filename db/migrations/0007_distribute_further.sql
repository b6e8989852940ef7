-- Distribute, further: media, polls and settings on their way out, posts that come again, review before approval,
-- receipts with what was asked and answered, platforms of many servers, feeds, letters, the inbox.

-- Plan ------------------------------------------------------------------------------------------------------------------

alter table workspaces add column needs_approval boolean not null default false;
comment on column workspaces.needs_approval is 'Posts are reviewed and approved by an owner before anything of them is scheduled.';

alter table posts drop constraint posts_status_check;
alter table posts add constraint posts_status_check
  check (status in ('draft', 'in_review', 'approved', 'scheduled', 'published', 'failed', 'withdrawn'));
alter table posts drop constraint posts_source_check;
alter table posts add constraint posts_source_check
  check (source in ('person', 'template', 'model', 'import', 'automation', 'reply'));
comment on column posts.source is 'reply: an answer written in the inbox.';
alter table posts add column cool_down_days integer not null default 30 check (cool_down_days >= 0);
comment on column posts.evergreen is 'May go out again: the queue takes it up when a slot would stay empty, never sooner than cool_down_days after the last time.';
comment on column posts.cool_down_days is 'Days between two times of an evergreen post on one account.';

alter table approvals drop constraint approvals_decision_check;
alter table approvals add constraint approvals_decision_check
  check (decision in ('submitted', 'approved', 'returned', 'withdrawn'));

alter table post_variants add column title text check (length(title) between 1 and 300);
comment on column post_variants.title is 'For platforms with a headline (articles, Reddit, letters); null = the post''s own title.';

create table recurrence_accounts (
  workspace_id uuid not null,
  recurrence_id uuid not null,
  account_id uuid not null,
  primary key (workspace_id, recurrence_id, account_id),
  foreign key (workspace_id, recurrence_id) references recurrences (workspace_id, id) on delete cascade,
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table recurrence_accounts is 'Where a post that comes again goes out. Written by plan/calendar.';
call make_tenant('recurrence_accounts');

-- Publishing --------------------------------------------------------------------------------------------------------------

alter table accounts add column profile_read_at timestamptz;
comment on column accounts.profile_read_at is 'When the platform last told who we are and whether long posts are allowed.';
alter table accounts add column inbox_since text;
alter table accounts add column inbox_read_at timestamptz;
comment on column accounts.inbox_since is 'The newest reply or mention read, as the platform names it.';
alter table accounts add column end_reminded_at timestamptz;
comment on column accounts.end_reminded_at is 'When people were told that the access ends soon and cannot be renewed.';

alter table oauth_requests add column server_url text not null default '';
comment on column oauth_requests.server_url is 'On platforms of many servers, the one being connected to; empty = the platform''s own address.';

alter table publications add column occurrence date;
alter table publications add column reply_to text;
alter table publications add column title text;
alter table publications add column community text;
alter table publications add column reply_settings text check (reply_settings in ('everyone', 'following', 'mentioned', 'subscribers', 'verified'));
alter table publications add column canonical_url text;
alter table publications add column tags text[] not null default '{}';
comment on column publications.occurrence is 'The day of its recurrence, local to it, that this publication stands for.';
comment on column publications.reply_to is 'The platform''s id of somebody else''s post that the first part answers.';
comment on column publications.title is 'Frozen with the parts when publishing begins, as are community, reply_settings, canonical_url and tags.';
create unique index publications_of_recurrence on publications (workspace_id, recurrence_id, account_id, occurrence) where recurrence_id is not null;

alter table publication_parts add column origin text not null default 'part' check (origin in ('part', 'first_reply', 'plug'));
alter table publication_parts add column poll_minutes integer check (poll_minutes between 5 and 43200);
alter table publication_parts add column poll_options text[] check (cardinality(poll_options) between 2 and 12);
alter table publication_parts add check ((poll_minutes is null) = (poll_options is null));
comment on column publication_parts.origin is 'plug: added under the post by an automation after it was out.';

create table publication_part_media (
  workspace_id uuid not null,
  publication_part_id uuid not null,
  position integer not null check (position >= 0),
  asset_id uuid not null,
  alt_text text,
  primary key (workspace_id, publication_part_id, position),
  foreign key (workspace_id, publication_part_id) references publication_parts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, asset_id) references assets (workspace_id, id) on delete restrict
);
comment on table publication_part_media is 'The pictures and videos of a part as they go out, frozen with its text. Written by distribute/publications.';
call make_tenant('publication_part_media');

create table media_uploads (
  workspace_id uuid not null,
  account_id uuid not null,
  asset_id uuid not null,
  alt_text text not null default '',
  platform_media_id text not null,
  ready boolean not null,
  uploaded_at timestamptz not null,
  expires_at timestamptz,
  primary key (workspace_id, account_id, asset_id, alt_text),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, asset_id) references assets (workspace_id, id) on delete cascade
);
comment on table media_uploads is 'What a platform calls a file it has been given; used again after a crash and by the next post, until it expires. Written by distribute/publications.';
comment on column media_uploads.ready is 'False while the platform still converts a video.';
call make_tenant('media_uploads');

alter table attempts add column request jsonb;
alter table attempts add column answer text;
comment on column attempts.request is 'What was asked: text, parent, media, poll and settings, as sent.';
comment on column attempts.answer is 'What came back: the status and the beginning of the body. Never a token.';

create index attempts_sent on attempts (workspace_id, sent_at) where sent_at is not null;

-- Channels, feeds, letters, inbox ------------------------------------------------------------------------------------

alter table channels drop constraint channels_kind_check;
alter table channels add constraint channels_kind_check
  check (kind in ('social', 'store', 'marketplace', 'content', 'community', 'directory', 'ads', 'email', 'affiliate', 'partnership', 'press', 'search'));
alter table channels add column place text;
comment on column channels.place is 'The id of a known place (distribute/channels/places) it was made from.';

alter table assisted_tasks add column account_id uuid;
alter table assisted_tasks add foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete set null (account_id);
alter table assisted_tasks add column title text not null default '';
alter table assisted_tasks add column looked_at timestamptz;
alter table assisted_tasks add column looks integer not null default 0;
comment on column assisted_tasks.looked_at is 'When we last looked for it on the platform.';

create table public_feeds (
  token text primary key,
  workspace_id uuid not null,
  app_id uuid not null,
  created_at timestamptz not null default now(),
  unique (workspace_id, app_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table public_feeds is 'Shared. The address under which everyone reads an app''s published posts as RSS. Written by distribute/feeds.';
call make_shared('public_feeds');

alter table mailing_lists add column reply_to text;
alter table mailing_lists add column postal_address text not null default '';
alter table mailing_lists add column account_id uuid;
alter table mailing_lists add column created_at timestamptz not null default now();
alter table mailing_lists add foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete set null (account_id);
comment on column mailing_lists.account_id is 'The account by which posts go out to this list.';
comment on column mailing_lists.postal_address is 'Stands under each letter; the law of many countries asks for it.';
alter table mail_deliveries add column created_at timestamptz not null default now();
create unique index mail_deliveries_once on mail_deliveries (workspace_id, publication_id, subscriber_id);

alter table contacts add column server_url text not null default '';
alter table contacts drop constraint contacts_workspace_id_platform_platform_user_id_key;
alter table contacts add unique (workspace_id, platform, server_url, platform_user_id);
alter table inbox_items add column reply_to text;
alter table inbox_items add column publication_id uuid;
alter table inbox_items add foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete set null (publication_id);
create index inbox_items_newest on inbox_items (workspace_id, received_at desc);
comment on column inbox_items.reply_to is 'The platform''s id of the post it answers.';
comment on column inbox_items.publication_id is 'Our answer, on its way out or out.';
