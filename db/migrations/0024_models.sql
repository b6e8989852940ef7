-- What may leave for a model, what it costs by whose price, and every call from the moment its money is set aside.

alter table ai_settings
  alter column provider drop not null,
  alter column model drop not null,
  add column may_leave text[] not null default '{public_pages,knowledge,own_posts}'
    check (may_leave <@ '{public_pages,knowledge,own_posts,people,customers}'::text[]),
  add column price_model text,
  add column price_input_micros bigint check (price_input_micros >= 0),
  add column price_output_micros bigint check (price_output_micros >= 0),
  add constraint ai_settings_model_whole check ((provider is null) = (model is null)),
  add constraint ai_settings_price_whole check (
    (price_model is null) = (price_input_micros is null) and (price_model is null) = (price_output_micros is null));
update ai_settings set may_leave = '{public_pages,knowledge,own_posts,people,customers}' where send_private_data;
alter table ai_settings drop column send_private_data;
comment on table ai_settings is 'The model a workspace asks, its budget and what may be sent to it; absent = the environment''s model or the built-in analysis, and the columns'' defaults. Written by people/ai.';
comment on column ai_settings.provider is 'Null = the environment''s model, if it names one; the limits of this row hold for it too.';
comment on column ai_settings.may_leave is 'Classes of data that may be sent to a model: public_pages, knowledge, own_posts, people (inbox and contacts), customers (and money).';
comment on column ai_settings.price_model is 'The model to which the owner''s own price belongs; for another model it does not count.';
comment on column ai_settings.price_input_micros is 'Millionths of a US dollar for a million input tokens.';
comment on column ai_settings.price_output_micros is 'Millionths of a US dollar for a million output tokens.';

alter table ai_calls
  add column subject uuid,
  add column reserved_micros bigint check (reserved_micros >= 0),
  add column price_source text not null default 'list' check (price_source in ('local', 'list', 'own', 'unknown')),
  add column priced_on date,
  add column estimated boolean not null default false,
  add column sent text[] not null default '{}',
  add column withheld text[] not null default '{}',
  add column finished_at timestamptz,
  add column give_up_at timestamptz,
  add column cancel_asked_at timestamptz,
  drop constraint ai_calls_outcome_check,
  add constraint ai_calls_outcome_check
    check (outcome in ('running', 'answered', 'repaired', 'unused', 'failed', 'cancelled', 'lost')),
  add constraint ai_calls_running check ((outcome = 'running') = (finished_at is null)) not valid;
update ai_calls set finished_at = started_at + milliseconds * interval '1 millisecond',
  price_source = case when cost_micros is null then 'unknown' when cost_micros = 0 then 'local' else 'list' end;
alter table ai_calls validate constraint ai_calls_running;
grant update on ai_calls to fanfare_app;
create index ai_calls_unsettled on ai_calls (workspace_id, subject) where outcome = 'running';
comment on column ai_calls.purpose is 'What asked: analyse, draft, test.';
comment on column ai_calls.prompt_version is 'Number and content hash of the prompt''s file: 2@0f3c9a1b.';
comment on column ai_calls.subject is 'The row the answer is for: an analysis, an app.';
comment on column ai_calls.reserved_micros is 'Upper estimate set aside from the budget before the call, in millionths of a US dollar; null when the price is not known.';
comment on column ai_calls.cost_micros is 'Millionths of a US dollar; null while it runs, and when the model''s price is not known.';
comment on column ai_calls.price_source is 'local = on this machine or network, at no price; list = the price table; own = the owner''s price; unknown = none.';
comment on column ai_calls.priced_on is 'Date of the price table, where it was used.';
comment on column ai_calls.estimated is 'The server did not say how many tokens it used; they were counted from the text, rounded up.';
comment on column ai_calls.sent is 'Classes of data that were sent.';
comment on column ai_calls.withheld is 'Classes of data that belonged to the question and were not sent, because the settings do not allow it.';
comment on column ai_calls.give_up_at is 'A call without an outcome after this moment is lost; what was set aside counts as its cost.';
comment on column ai_calls.cancel_asked_at is 'The process that waits for the answer looks here twice a second.';
comment on column ai_calls.answer is 'What the model wrote, so far while it runs.';
