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
alter table post_variants add column position smallint not null default 0 check (position >= 0);
comment on column post_variants.position is 'Order within the post, ties by platform. Platforms without a variant of their own take the words of the first.';
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
alter table recurrences add column created_by uuid references users on delete set null;
alter table recurrences add column created_at timestamptz not null default now();

create table calendar_imports (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  sha256 text not null,
  rows integer not null check (rows >= 0),
  posts integer not null check (posts >= 0),
  imported_by text not null,
  imported_at timestamptz not null,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
create index calendar_imports_of_file on calendar_imports (workspace_id, app_id, sha256);
comment on table calendar_imports is 'Tables of posts (CSV) that were imported (P7), so that the same file is not imported twice by mistake. Written by distribute/calendar.';
call make_tenant('calendar_imports', append_only => true);

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
alter table publications add column evergreen boolean not null default false;
alter table publications add column reply_to text;
alter table publications add column title text;
alter table publications add column community text;
alter table publications add column reply_settings text check (reply_settings in ('everyone', 'following', 'mentioned', 'subscribers', 'verified'));
alter table publications add column canonical_url text;
alter table publications add column tags text[] not null default '{}';
comment on column publications.evergreen is 'The queue took the post up again for a slot that would have stayed empty.';
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
  foreign key (workspace_id, asset_id) references assets (workspace_id, id) on delete cascade
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
  reusable boolean not null default false,
  uploaded_at timestamptz not null,
  expires_at timestamptz,
  primary key (workspace_id, account_id, asset_id, alt_text),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, asset_id) references assets (workspace_id, id) on delete cascade
);
comment on table media_uploads is 'What a platform calls a file it has been given; used again after a crash, and by later posts where it is reusable, until it expires. Written by distribute/publications.';
comment on column media_uploads.reusable is 'More than one post may carry it; else it is forgotten when the first is out.';
comment on column media_uploads.ready is 'False while the platform still converts a video.';
call make_tenant('media_uploads');

alter table attempts add column request jsonb;
alter table attempts add column answer text;
comment on column attempts.request is 'What was asked: text, parent, media, poll and settings, as sent.';
comment on column attempts.answer is 'What came back: the status and the beginning of the body. Never a token.';

create index attempts_sent on attempts (workspace_id, sent_at) where sent_at is not null;

alter table publications add column archived_at timestamptz;
alter table publications add column removed_at timestamptz;
comment on column publications.archived_at is 'Set aside by a rule or a person because it did not do well: it stays out, and is not offered again.';
comment on column publications.removed_at is 'When all of its parts were removed from the platform; receipts and numbers stay.';

-- Automation ----------------------------------------------------------------------------------------------------------

alter table automations add column created_at timestamptz not null default now();
alter table automations add column removed_at timestamptz;
alter table automations add column claimed_until timestamptz;
alter table automations add column looked_at timestamptz;
alter table automations add column failures integer not null default 0 check (failures >= 0);
alter table automations add column last_error text;
comment on column automations.account_id is 'Acts on this account only; null = on all whose platform can.';
comment on column automations.removed_at is 'A removed rule never acts again; what it did stays.';
comment on column automations.claimed_until is 'Until then one process runs it; one that died loses it.';
comment on column automations.failures is 'How often in a row its feed could not be read.';
create index automation_runs_newest on automation_runs (workspace_id, automation_id, at desc);

create table automation_items (
  workspace_id uuid not null,
  automation_id uuid not null,
  hash text not null,
  seen_at timestamptz not null,
  primary key (workspace_id, automation_id, hash),
  foreign key (workspace_id, automation_id) references automations (workspace_id, id) on delete cascade
);
comment on table automation_items is 'The items of a feed that a rule has seen: those that were there when it was switched on, and those it made drafts of. Written by distribute/automations.';
comment on column automation_items.hash is 'SHA-256 of the item''s own id (guid), hex.';
call make_tenant('automation_items');

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
alter table assisted_tasks add column parts text[] not null default '{}';
alter table assisted_tasks add column tags text[] not null default '{}';
alter table assisted_tasks add column url text not null default '';
alter table assisted_tasks add column own_words boolean not null default false;
alter table assisted_tasks add column link_id uuid;
alter table assisted_tasks add column publication_id uuid;
alter table assisted_tasks add column created_at timestamptz not null default now();
alter table assisted_tasks add column created_by text not null default 'system';
alter table assisted_tasks add foreign key (workspace_id, link_id) references links (workspace_id, id) on delete set null (link_id);
alter table assisted_tasks add foreign key (workspace_id, publication_id) references publications (workspace_id, id) on delete set null (publication_id);
create index assisted_tasks_by_time on assisted_tasks (workspace_id, state, due_at);
create index assisted_tasks_of_post on assisted_tasks (workspace_id, post_id) where post_id is not null;
comment on column assisted_tasks.account_id is 'The connected account it is expected on, where there is one.';
comment on column assisted_tasks.text is 'All of it as it is copied: the parts with a blank line between them.';
comment on column assisted_tasks.parts is 'Part by part, where the platform has threads; else one.';
comment on column assisted_tasks.url is 'The address to post, tracked where the platform takes such links.';
comment on column assisted_tasks.own_words is 'Written for this task; else it takes the words of its post, also when they change.';
comment on column assisted_tasks.publication_id is 'What it became on a connected account, measured like any other.';
comment on table account_reads is 'Who reads an account at the moment, so that no two processes pay for the same read. Written by distribute/accounts.';

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
alter table mail_settings add column per_minute integer not null default 60 check (per_minute between 1 and 10000);
comment on column mail_settings.per_minute is 'How many mails the server takes in a minute; the rest waits.';
alter table subscribers add column consent text;
alter table subscribers add column ended_reason text;
comment on column subscribers.asked_at is 'When the subscription was last asked for; a confirmation is good for a week from then.';
comment on column subscribers.consent is 'How somebody agreed who was imported as confirmed, in the words of the person who imported.';
create index subscribers_of_list on subscribers (workspace_id, mailing_list_id, state);
alter table mail_deliveries add column created_at timestamptz not null default now();
alter table mail_deliveries add column kind text not null default 'letter' check (kind in ('letter', 'confirmation'));
alter table mail_deliveries drop constraint mail_deliveries_state_check;
alter table mail_deliveries add constraint mail_deliveries_state_check
  check (state in ('due', 'sending', 'sent', 'bounced', 'failed', 'skipped', 'unknown'));
alter table mail_deliveries add column due_at timestamptz not null default now();
alter table mail_deliveries add column tries integer not null default 0;
alter table mail_deliveries add column taken_at timestamptz;
alter table mail_deliveries add column unsubscribed_at timestamptz;
comment on column mail_deliveries.state is 'sending: committed before the mail leaves. skipped: the address ended before. unknown: the connection or the process broke after the mail was handed over; it is not sent again.';
comment on column mail_deliveries.tries is 'How often the server put it off or could not be reached.';
comment on column mail_deliveries.unsubscribed_at is 'When somebody left the list by the link in this mail.';
create index mail_deliveries_due on mail_deliveries (workspace_id, due_at) where state in ('due', 'sending');
create index mail_deliveries_sent on mail_deliveries (workspace_id, sent_at) where sent_at is not null;
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
create index inbox_items_of_contact on inbox_items (workspace_id, contact_id, received_at);
create index inbox_items_replies on inbox_items (workspace_id, account_id, reply_to) where reply_to is not null;
create index inbox_items_answers on inbox_items (workspace_id, publication_id) where publication_id is not null;
comment on column inbox_items.publication_part_id is 'Our part that it answers or quotes.';
comment on column inbox_items.answered_at is 'When our answer was out, or a person said that it was given elsewhere.';
comment on column inbox_items.answer_platform_id is 'What the platform calls our answer; null = given elsewhere.';
comment on column contacts.server_url is 'Where ids are those of a server, which one; else empty.';
comment on column contacts.advocate_since is 'When they first wrote to us as often as distribute/inbox asks of an advocate.';

-- Links, affiliates, the launch ----------------------------------------------------------------------------------------

alter table links add column fallback_url text check (fallback_url ~ '^https?://');
comment on column links.fallback_url is 'Where the link leads after its end; null = our own page that says it has ended.';
create index links_of_app on links (workspace_id, app_id, created_at desc);
create index links_of_channel on links (workspace_id, channel_id) where channel_id is not null;
create index links_of_affiliate on links (workspace_id, affiliate_id) where affiliate_id is not null;

alter table link_codes add column app_id uuid;
alter table link_codes add column post_id uuid;
alter table link_codes add column destination text check (destination ~ '^https?://');
alter table link_codes add column fallback_url text check (fallback_url ~ '^https?://');
alter table link_codes add column expires_at timestamptz;
alter table link_codes add column utm_source text;
alter table link_codes add column utm_medium text;
alter table link_codes add column utm_campaign text;
alter table link_codes add column utm_content text;
alter table link_codes add column utm_term text;
update link_codes code set app_id = link.app_id, post_id = link.post_id, destination = link.destination,
  expires_at = link.expires_at, utm_source = link.utm_source, utm_medium = link.utm_medium,
  utm_campaign = link.utm_campaign, utm_content = link.utm_content, utm_term = link.utm_term
  from links link where link.workspace_id = code.workspace_id and link.id = code.link_id;
alter table link_codes alter column app_id set not null;
alter table link_codes alter column destination set not null;
comment on table link_codes is 'Shared. All that following a link needs, by its code: one lookup before the workspace is known. Changed with its link in one transaction. Written by distribute/links.';

alter table link_changes add column field text not null default 'destination'
  check (field in ('destination', 'fallback_url', 'expires_at', 'utm'));
alter table link_changes alter column from_destination drop not null;
alter table link_changes alter column to_destination drop not null;
comment on table link_changes is 'What a link said before: where it led, where it led after its end, when it ended, its UTM parameters. Written by distribute/links.';
comment on column link_changes.from_destination is 'What stood there before, as text; null = nothing.';
create index link_changes_of_link on link_changes (workspace_id, link_id, changed_at desc);

alter table affiliates add column destination text check (destination ~ '^https?://');
alter table affiliates add column ended_at timestamptz;
alter table affiliates add check ((commission_percent is null) <> (commission_minor is null));
alter table affiliates add check ((commission_minor is null) = (currency is null));
comment on column affiliates.code is 'Also counts where the app tells of it: as affiliate in the props of a signup, or as fanfare_affiliate in the metadata of a payment.';
comment on column affiliates.commission_percent is 'Of what is left of a payment after tax, refunds and disputes.';
comment on column affiliates.commission_minor is 'Instead of a percentage: so much for each payment, in currency.';
comment on column affiliates.status is 'paused: nothing is written down until it goes on, then also for what came meanwhile. ended: payments after ended_at earn nothing.';
create index affiliates_of_app on affiliates (workspace_id, app_id);

alter table commissions add column app_id uuid;
alter table commissions add column customer_id uuid;
alter table commissions add column by text not null default 'link' check (by in ('link', 'code', 'customer'));
alter table commissions add column touch_id uuid;
alter table commissions add column percent numeric(5, 2);
alter table commissions add column fixed_minor minor_units;
alter table commissions add column base_minor minor_units not null default 0;
alter table commissions add column base_currency currency_code;
alter table commissions add column changed_at timestamptz not null default now();
alter table commissions add column self_referral boolean not null default false;
alter table commissions add column released_at timestamptz;
alter table commissions add column released_by uuid references users on delete set null;
alter table commissions drop constraint commissions_state_check;
alter table commissions add constraint commissions_state_check check (state in ('earned', 'flagged', 'reversed', 'paid'));
alter table commissions add foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade;
alter table commissions add foreign key (workspace_id, customer_id) references customers (workspace_id, id) on delete set null (customer_id);
alter table commissions add foreign key (workspace_id, touch_id) references touches (workspace_id, id) on delete set null (touch_id);
create unique index commissions_open on commissions (workspace_id, payment_id) where paid_at is null;
create index commissions_of_affiliate on commissions (workspace_id, affiliate_id, earned_at desc);
create index commissions_of_payment on commissions (workspace_id, payment_id);
create index commissions_of_customer on commissions (workspace_id, customer_id) where customer_id is not null;
comment on column commissions.amount_minor is 'What it comes to now. The entries of a payment sum to what the payment earns the affiliate; what is paid out stays, and a later refund is an entry below zero.';
comment on column commissions.state is 'flagged: the affiliate''s own address paid; not paid out until released. reversed: the payment went back before it was paid out.';
comment on column commissions.by is 'link: a visit by the affiliate''s link. code: the app told the code. customer: a later payment of a customer they brought.';
comment on column commissions.percent is 'The rule as it was when the commission was written down; null = fixed_minor.';
comment on column commissions.base_minor is 'What was left of the payment after tax, refunds and disputes, in base_currency.';

alter table launch_steps add column place text;
alter table launch_steps add column due_time text check (due_time ~ '^[0-2][0-9]:[0-5][0-9]$');
alter table launch_steps add column due_zone time_zone_name;
alter table launch_steps add column makes text check (makes in ('task', 'draft'));
comment on column launch_steps.place is 'The id of the known place (distribute/channels/places) it is about.';
comment on column launch_steps.due_time is 'Local time of day in due_zone, else in the workspace''s zone; null = any time of the day.';
comment on column launch_steps.makes is 'What can be prepared: a post to send by hand, or a draft for its platform.';
create index launch_steps_of_plan on launch_steps (workspace_id, launch_plan_id, days_from_launch);
