-- Keys that seal: which ones there are and which of them seals now; and the installation's first secret, which some
-- values that went out into the world (unsubscribe links, the tracker's name, fingerprints) are made of for good.

create table sealing_keys (
  id text primary key check (id ~ '^([0-9a-f]{8}|[0-9a-f]{24})$'),
  made_at timestamptz not null default now(),
  retired_at timestamptz,
  check (retired_at >= made_at)
);
comment on table sealing_keys is 'Shared. The keys that sealed values name. The newest that is not retired seals; the others only open. Removed when nothing is sealed under it any more. Written by people/secrets.';
comment on column sealing_keys.id is 'What stands in `v1.<key id>.…`. The key itself is derived from the installation''s secret and this id; it is kept nowhere.';
call make_shared('sealing_keys');

create table installation_secrets (
  name text primary key check (name in ('first')),
  sealed_value text not null,
  kept_at timestamptz not null default now()
);
comment on table installation_secrets is 'Shared. The secret this installation began with, kept when it was replaced: what was derived from it and given out has to stay as it is. Written by people/secrets.';
comment on column installation_secrets.sealed_value is 'v1 envelope (src/secrets.ts) of the secret in base64.';
call make_shared('installation_secrets');
