-- Webhooks out: one row per note and receiver, one per attempt at it. Nothing wrote these tables before.

alter table webhooks
  add column name text not null default '',
  add column sealed_previous_secret text,
  add column previous_secret_until timestamptz,
  add column delivered_at timestamptz,
  add column failing_since timestamptz,
  add column failures integer not null default 0,
  add column waits_until timestamptz,
  add check ((sealed_previous_secret is null) = (previous_secret_until is null)),
  add check (cardinality(activities) > 0);
comment on column webhooks.activities is 'Names of activities (src/activities.ts), or * for all, those to come too.';
comment on column webhooks.sealed_secret is 'What notes are signed with: whsec_ and base64. Shown once, when it is made.';
comment on column webhooks.sealed_previous_secret is 'For a day after a change notes are signed with this one too.';
comment on column webhooks.delivered_at is 'When a note was last taken.';
comment on column webhooks.failing_since is 'When the first attempt failed after the last note that was taken. Five days of that switch it off.';
comment on column webhooks.failures is 'Attempts in a row that failed.';
comment on column webhooks.waits_until is 'Nothing is sent before: the receiver could not be reached, or asked to wait.';

alter table webhook_deliveries drop constraint webhook_deliveries_state_check;
update webhook_deliveries set state = case state when 'due' then 'waiting' when 'sent' then 'delivered' else state end;
alter table webhook_deliveries
  alter column activity_id drop not null,
  alter column state set default 'waiting',
  add constraint webhook_deliveries_state_check check (state in ('waiting', 'sending', 'delivered', 'failed')),
  add column created_at timestamptz not null default now(),
  add column reason text,
  drop column sent_at,
  drop column status,
  drop column answer,
  add unique (workspace_id, activity_id, webhook_id);
alter table webhook_deliveries
  drop column attempt,
  add column attempts integer not null default 0,
  add column tries integer not null default 0;
comment on table webhook_deliveries is 'A note of what happened to one webhook; its id is the webhook-id of every attempt. Written by people/webhooks.';
comment on column webhook_deliveries.activity_id is 'What it tells of; null = a test.';
comment on column webhook_deliveries.state is 'waiting → sending (claimed until due_at) → delivered, or waiting again, or failed: given up.';
comment on column webhook_deliveries.due_at is 'When it is tried next; while sending: when its sender counts as dead.';
comment on column webhook_deliveries.attempts is 'How often it was sent altogether.';
comment on column webhook_deliveries.tries is 'How often since it was made or last sent again by a person: says how long is waited.';
comment on column webhook_deliveries.reason is 'Why it is not delivered, for people.';
create index webhook_deliveries_open on webhook_deliveries (workspace_id, webhook_id, due_at) where state in ('waiting', 'sending');
create index webhook_deliveries_log on webhook_deliveries (workspace_id, webhook_id, created_at desc, id desc);

create table webhook_attempts (
  workspace_id uuid not null references workspaces on delete cascade,
  webhook_delivery_id uuid not null,
  number integer not null check (number > 0),
  sent_at timestamptz not null,
  settled_at timestamptz,
  status integer,
  answer text check (length(answer) <= 2000),
  primary key (workspace_id, webhook_delivery_id, number),
  foreign key (workspace_id, webhook_delivery_id) references webhook_deliveries (workspace_id, id) on delete cascade
);
comment on table webhook_attempts is 'Each call to a webhook, committed before it leaves, with what came back. Written by people/webhooks.';
comment on column webhook_attempts.settled_at is 'Null while it is on its way, or when its sender died.';
comment on column webhook_attempts.status is 'HTTP status; null = no answer came.';
comment on column webhook_attempts.answer is 'The first 2,000 characters of the answer, or why there was none. What is secret of the address is left out.';
call make_tenant('webhook_attempts');
