-- Sign-in: session tokens are kept as hashes only, second factors lock after failures and take a code once, a browser
-- stays in the workspace it chose, and invitations can be listed and withdrawn.

-- The cookie carries the token itself, so whoever is signed in stays so.
update sessions set token = encode(sha256(convert_to(token, 'UTF8')), 'hex');
alter table sessions add constraint sessions_token_hashed check (token ~ '^[0-9a-f]{64}$');
comment on column sessions.token is 'SHA-256 of the token in the cookie, hex. The token itself is never stored.';

alter table sessions add column workspace_id uuid references workspaces on delete set null;
comment on column sessions.workspace_id is 'The workspace this browser works in; null = the oldest of the person''s.';

alter table users add column founder boolean not null default false;
update users set founder = true where id = (select id from users order by created_at, id limit 1);
create unique index users_founder on users (founder) where founder;
comment on column users.founder is 'Signed up without an invitation. There is one: two people who sign up at the same moment cannot both own the server.';

alter table two_factors add column failed_verification_count integer not null default 0;
alter table two_factors add column locked_until timestamptz;
alter table two_factors add column last_code text;
alter table two_factors add column last_code_at timestamptz;
comment on column two_factors.failed_verification_count is 'Wrong codes since the last right one, from whatever address.';
comment on column two_factors.locked_until is 'No code is taken before this moment.';
comment on column two_factors.last_code is 'The code taken last, which is not taken again while it would still fit.';

alter table passkeys add column last_used_at timestamptz;

alter table invitations add column id uuid not null default gen_random_uuid();
create unique index invitations_id on invitations (id);
create index invitations_workspace on invitations (workspace_id);
comment on column invitations.id is 'By which the workspace''s owners name it; the token is known to the invited only.';

comment on table users is 'Shared. People who sign in. Written by people/sign-in and people/privacy.';
