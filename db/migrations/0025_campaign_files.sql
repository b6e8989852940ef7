-- Campaigns as code: what of a campaign stands in a file keeps the key it has there.

alter table posts add column file_key text check (file_key ~ '^[a-z0-9][a-z0-9-]{0,62}$');
create unique index posts_by_file_key on posts (workspace_id, campaign_id, file_key) where file_key is not null;
comment on column posts.file_key is 'Its key in the campaign''s file (P9); null = not made from a file.';

alter table cost_entries add column file_key text check (file_key ~ '^[a-z0-9][a-z0-9-]{0,62}$');
create unique index cost_entries_by_file_key on cost_entries (workspace_id, campaign_id, file_key) where file_key is not null;
comment on column cost_entries.file_key is 'Its key in the campaign''s file (P9); null = not made from a file.';

alter table links add column file_key text check (file_key ~ '^[a-z0-9][a-z0-9-]{0,62}$');
create unique index links_by_file_key on links (workspace_id, campaign_id, file_key) where file_key is not null;
comment on column links.file_key is 'Its key in the campaign''s file (P9); null = not made from a file.';

alter table campaign_files add column campaign_id uuid;
alter table campaign_files add foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete cascade;
alter table campaign_files add column document jsonb not null default '{}';
alter table campaign_files add column version integer not null default 1 check (version > 0);
create unique index campaign_files_newest on campaign_files (workspace_id, campaign_id, version desc);
comment on table campaign_files is 'Campaign files as applied (P9), one row a campaign; the newest of a campaign is what the diff compares with. Written by plan/campaign-files.';
comment on column campaign_files.version is 'Counts the files applied to a campaign; the highest is the newest.';
comment on column campaign_files.document is 'What the file said, settled: its things by key with their fields, and the pictures its paths stood for.';
