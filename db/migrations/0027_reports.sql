-- Reports of four kinds by the workspace's days: when they go out, to whom, and each mail claimed before it leaves, so
-- that nobody gets the same report twice whatever stops. A frozen number that differs later is restated with a date.

create table report_schedules (
  workspace_id uuid not null,
  app_id uuid not null,
  kind text not null check (kind in ('weekly', 'monthly', 'quarterly', 'annual')),
  send_minute smallint not null check (send_minute between 0 and 1439),
  primary key (workspace_id, app_id, kind),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table report_schedules is 'When a kind of report is written and sent, where it is not the usual 08:00. Written by grow/reports.';
comment on column report_schedules.send_minute is 'Minute of the local day, on the first day after the period.';
call make_tenant('report_schedules');

alter table reports add column prepared_at timestamptz;
comment on column reports.prepared_at is 'When its mails were prepared; null = not sent by itself, as the older ones after a time the server was off.';

alter table report_recipients
  add column id uuid not null default gen_random_uuid(),
  add column left_at timestamptz,
  add constraint report_recipients_id unique (workspace_id, id);
comment on column report_recipients.id is 'Stands in the link to unsubscribe.';
comment on column report_recipients.left_at is 'Unsubscribed by the link in a mail; nobody else can subscribe them again.';

alter table report_deliveries
  add column state text not null default 'prepared' check (state in ('prepared', 'sent', 'confirmed', 'unknown', 'failed', 'skipped')),
  add column message_id text,
  add column due_at timestamptz not null default now(),
  add column prepared_at timestamptz not null default now(),
  add column confirmed_at timestamptz,
  add column tries integer not null default 0 check (tries >= 0),
  add constraint report_deliveries_once unique (workspace_id, report_id, address),
  add check (state = 'prepared' or state = 'skipped' or message_id is not null);
alter table report_deliveries rename column failure to reason;
update report_deliveries set state = 'skipped' where state = 'prepared';
create index report_deliveries_open on report_deliveries (workspace_id, due_at) where state in ('prepared', 'sent');
comment on table report_deliveries is 'Each report to each recipient, once: prepared, sent (committed before a byte leaves), then confirmed by the mail server, or unknown. Written by grow/reports.';
comment on column report_deliveries.message_id is 'The same for this report and recipient however often it is tried, so that a mail server or reader knows a second one.';
comment on column report_deliveries.sent_at is 'When it was claimed for the mail server.';
comment on column report_deliveries.reason is 'Why it did not arrive or may not have, as a sentence.';

alter table report_corrections
  add column source text not null default 'person' check (source in ('person', 'recount')),
  add column changes jsonb not null default '[]';
comment on column report_corrections.source is 'recount: the same numbers, counted again later, differ by more than the tolerance.';
comment on column report_corrections.changes is 'Of a recount: key, label, unit, currency, was, now.';

-- Reports of the first form held bare figures; the same words and numbers in the form of now.
update reports set content = jsonb_build_object(
  'headline', coalesce(content -> 'sentences' ->> 0, title),
  'timeZone', 'UTC', 'currency', coalesce((select f ->> 'currency' from jsonb_array_elements(content -> 'figures') f where f ->> 'currency' is not null limit 1), 'USD'),
  'before', null, 'contents', false, 'watched', '[]'::jsonb,
  'sections', jsonb_build_array(jsonb_build_object(
    'key', 'figures', 'title', 'What happened', 'wide', true, 'blocks', jsonb_build_array(
      jsonb_build_object('type', 'text', 'sentences', coalesce(content -> 'sentences', '[]'::jsonb)),
      jsonb_build_object('type', 'table', 'title', 'The numbers', 'note', 'Money in minor units.',
        'columns', '[{"label":"Number","numeric":false},{"label":"This period","numeric":true},{"label":"Before","numeric":true}]'::jsonb,
        'rows', coalesce((select jsonb_agg(jsonb_build_array((f ->> 'label') || coalesce(' (' || (f ->> 'currency') || ')', ''), coalesce(f ->> 'value', 'Not counted'), coalesce(f ->> 'before', 'Not counted')))
          from jsonb_array_elements(content -> 'figures') f), '[]'::jsonb))))))
where content ? 'figures';
