-- Revenue: every provider, every currency, and the provider's own books beside ours.

-- Currencies: what money was worth on its day, in the workspace's currency ------------------------------------------------

alter table payments add column reporting_currency currency_code;
alter table payments add column reporting_day date;
comment on column payments.reporting_minor is 'In `reporting_currency` at the rate of the day; null while there is no rate. It stays when later rates move.';
comment on column payments.reporting_rate is 'Minor units of `reporting_currency` for one minor unit of `currency`: reporting_minor = round(amount_minor * reporting_rate).';
comment on column payments.reporting_currency is 'The workspace''s currency when it was worked out; another one since then means it is due again.';
comment on column payments.reporting_day is 'The day the rate was published: that of the payment, or the last one before it within a week.';

alter table refunds add column reporting_minor minor_units;
alter table refunds add column reporting_rate numeric;
alter table refunds add column reporting_currency currency_code;
alter table refunds add column reporting_day date;
comment on column refunds.reporting_minor is 'As for payments, at the rate of the day the money went back.';

alter table fees add column reporting_minor minor_units;
alter table fees add column reporting_rate numeric;
alter table fees add column reporting_currency currency_code;
alter table fees add column reporting_day date;
alter table fees alter column provider_payment_id drop not null;
alter table fees add column described_at timestamptz not null default '1970-01-01T00:00:00Z';
comment on column fees.described_at is 'The time of the event that told it: what an older one says changes nothing.';
comment on column fees.provider_payment_id is 'Null for a fee of the account itself.';
comment on column fees.reporting_minor is 'As for payments, at the rate of the day it was charged.';

alter table subscriptions add column reporting_mrr_minor minor_units;
alter table subscriptions add column reporting_rate numeric;
alter table subscriptions add column reporting_currency currency_code;
alter table subscriptions add column reporting_day date;
alter table subscriptions add column first_paid_at timestamptz;
alter table subscriptions add column failed_at timestamptz;
comment on column subscriptions.reporting_mrr_minor is 'MRR in `reporting_currency`; null while there is no rate.';
comment on column subscriptions.reporting_rate is 'One rate for the whole life of a subscription, that of the day it first brought MRR: exchange rates make no movements.';
comment on column subscriptions.first_paid_at is 'When it first brought MRR: it began then for cohorts, and a trial became paid.';
comment on column subscriptions.failed_at is 'Since when a payment is outstanding (past due or unpaid); null when none is.';

alter table mrr_movements add column reporting_minor minor_units;
alter table mrr_movements add column reporting_currency currency_code;
comment on column mrr_movements.reporting_minor is 'In `reporting_currency` at the subscription''s rate; those of a subscription sum to its reporting_mrr_minor. May be 0.';

create index payments_due_for_a_rate on payments (workspace_id, currency, paid_at) where reporting_minor is null;
create index refunds_due_for_a_rate on refunds (workspace_id, currency, refunded_at) where reporting_minor is null;
create index fees_due_for_a_rate on fees (workspace_id, currency, charged_at) where reporting_minor is null;
create index exchange_rates_by_quote on exchange_rates (quote, base, day desc);
comment on table exchange_rates is 'Shared. Rates of the day, kept: `rate` units of quote for one of base. The base itself stands there with 1. Written by measure/revenue.';
comment on column exchange_rates.day is 'The day the rate was published for; there is none on weekends and bank holidays.';

create function rate_of_day(wanted text, target text, on_day date) returns table (rate numeric, day date)
language sql stable as $$
  select price.rate / own.rate, own.day
  from exchange_rates own
  join exchange_rates price on price.day = own.day and price.base = own.base and price.quote = target
  where own.quote = wanted and own.day between on_day - 7 and on_day
  order by own.day desc
  limit 1
$$;
comment on function rate_of_day is 'What one unit of a currency was worth in another on a day: the rate of the day, or the last one within a week before it; no row when none is kept.';
grant execute on function rate_of_day to fanfare_app;

-- What was stored in the workspace's own currency is at 1; the rest waits for its rate.
update payments payment set reporting_currency = payment.currency, reporting_day = (payment.paid_at at time zone 'UTC')::date
from workspaces workspace where workspace.id = payment.workspace_id and payment.reporting_minor is not null
  and workspace.currency = payment.currency;
update payments set reporting_minor = null, reporting_rate = null where reporting_currency is null;
update subscriptions subscription set first_paid_at = first.at
from (select workspace_id, subscription_id, min(occurred_at) as at from mrr_movements group by 1, 2) first
where first.workspace_id = subscription.workspace_id and first.subscription_id = subscription.id;

-- Providers: history by API, prices, what belongs to what ------------------------------------------------------------------

alter table payment_sources add column api_url text;
comment on column payment_sources.api_url is 'Base address of the provider''s API; null = its own.';
create unique index payment_sources_recorded on payment_sources (workspace_id, app_id) where provider = 'api' and removed_at is null;
create index payment_events_in_order on payment_events (workspace_id, occurred_at, received_at) where processed_at is null;
create index payment_events_of_source on payment_events (workspace_id, payment_source_id, received_at);
comment on table payment_events is 'Webhooks, pages of history and what the app itself recorded, as they came: verified, stored raw, then processed; replayable. Written by measure/revenue.';

create table payment_backfills (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  state text not null default 'running' check (state in ('running', 'waiting', 'done', 'failed')),
  cursor text,
  since timestamptz,
  started_at timestamptz not null,
  pages integer not null default 0,
  events_read bigint not null default 0,
  events_new bigint not null default 0,
  reached timestamptz,
  message text,
  next_at timestamptz,
  claimed_until timestamptz,
  completed_at timestamptz,
  complete_until timestamptz,
  primary key (workspace_id, payment_source_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
comment on table payment_backfills is 'Reading a provider''s history by its API: where the newest run is, so that it goes on after a restart. Written by measure/revenue.';
comment on column payment_backfills.state is 'waiting: the provider asked for a pause until next_at. failed: message says why; it is tried again after a new key or the next night.';
comment on column payment_backfills.since is 'Only what changed since then was asked for; null = everything.';
comment on column payment_backfills.reached is 'The time of the last event read.';
comment on column payment_backfills.complete_until is 'Start of the last complete run: the statement is known up to there.';
call make_tenant('payment_backfills');

create table prices (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  product_id text,
  unit_amount_minor minor_units,
  unit_amount_decimal text,
  currency currency_code not null,
  every text not null check (every in ('day', 'week', 'month', 'year')),
  interval_count integer not null check (interval_count > 0),
  usage_type text not null check (usage_type in ('licensed', 'metered')),
  described_at timestamptz not null,
  primary key (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
comment on table prices is 'What a price is, for subscriptions that name it only by id. Written by measure/revenue.';
call make_tenant('prices');

create table payment_subscriptions (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  provider_payment_id text not null,
  provider_subscription_id text not null,
  primary key (workspace_id, payment_source_id, provider_payment_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
create index payment_subscriptions_by_subscription on payment_subscriptions (workspace_id, payment_source_id, provider_subscription_id);
comment on table payment_subscriptions is 'That a payment was for a subscription, told apart from both. Written by measure/revenue.';
call make_tenant('payment_subscriptions');

create table payment_event_subjects (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  subject text not null,
  payment_event_id uuid not null,
  primary key (workspace_id, payment_source_id, subject, payment_event_id),
  foreign key (workspace_id, payment_event_id) references payment_events (workspace_id, id) on delete cascade
);
create index payment_event_subjects_of_event on payment_event_subjects (workspace_id, payment_event_id);
comment on table payment_event_subjects is 'Which payments, invoices and subscriptions an event told of, by the provider''s ids: what a receipt rests on. Written by measure/revenue.';
call make_tenant('payment_event_subjects');

create table subscription_states (
  workspace_id uuid not null,
  subscription_id uuid not null,
  payment_event_id uuid not null,
  told_at timestamptz not null,
  occurred_at timestamptz not null,
  received_at timestamptz not null,
  from_history boolean not null,
  status text not null,
  plan text,
  currency currency_code,
  trial_ends_at timestamptz,
  ended_at timestamptz,
  terms jsonb not null,
  primary key (workspace_id, subscription_id, payment_event_id),
  foreign key (workspace_id, subscription_id) references subscriptions (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_event_id) references payment_events (workspace_id, id) on delete cascade
);
create index subscription_states_of_event on subscription_states (workspace_id, payment_event_id);
comment on table subscription_states is 'A subscription as each event described it. Its movements of MRR follow from these in the order of told_at, in whatever order they came. Written by measure/revenue.';
comment on column subscription_states.told_at is 'The time of the event that told it, by which states are ordered.';
comment on column subscription_states.from_history is 'Read by API and put together from what the object says today: it yields to what a webhook told.';
call make_tenant('subscription_states');

create table subscription_names (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  name text not null,
  subscription_id uuid not null,
  primary key (workspace_id, payment_source_id, name, subscription_id),
  foreign key (workspace_id, subscription_id) references subscriptions (workspace_id, id) on delete cascade
);
create index subscription_names_of_subscription on subscription_names (workspace_id, subscription_id);
comment on table subscription_names is 'Which prices and discounts a subscription has ever named by their id, to be stated anew when one of them becomes known. Written by measure/revenue.';
call make_tenant('subscription_names');

alter table subscriptions add column next_change_at timestamptz;
comment on column subscriptions.next_change_at is 'When its MRR changes next without any event: a discount or a trial ends then.';
create index subscriptions_to_restate on subscriptions (workspace_id, next_change_at) where next_change_at is not null;
create index subscriptions_of_customer on subscriptions (workspace_id, customer_id) where customer_id is not null;
create index mrr_movements_of_customer on mrr_movements (workspace_id, customer_id) where customer_id is not null;

-- What was told until now is read once more, from the raw events: what they are about and the states are new.
update payment_events set processed_at = null, outcome = null, message = null
where outcome = 'applied';

alter table refunds add column tax_minor minor_units not null default 0;
comment on column refunds.tax_minor is 'Part of the amount that was tax, where the provider says.';

-- The provider's own books --------------------------------------------------------------------------------------------------

create table statement_lines (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  app_id uuid not null,
  about text not null check (about in ('payment', 'refund', 'dispute', 'fee', 'tax', 'payout', 'adjustment')),
  provider_payment_id text,
  gross_minor minor_units not null,
  fee_minor minor_units not null,
  tax_minor minor_units not null,
  net_minor minor_units not null,
  currency currency_code not null,
  converted_minor minor_units,
  converted_currency currency_code,
  converted_rate numeric,
  provider_payout_id text,
  occurred_at timestamptz not null,
  described_at timestamptz not null,
  primary key (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
create index statement_lines_by_time on statement_lines (workspace_id, payment_source_id, occurred_at);
create index statement_lines_of_payment on statement_lines (workspace_id, payment_source_id, provider_payment_id);
create index statement_lines_of_payout on statement_lines (workspace_id, payment_source_id, provider_payout_id);
comment on table statement_lines is 'The provider''s own account with us, line by line: what the ledger is held against. Written by measure/revenue.';
comment on column statement_lines.net_minor is 'By how much the line moved the account: gross - fee - tax. Signed, like gross.';
comment on column statement_lines.converted_minor is 'What the customer''s side of it was, where the account has another currency.';
comment on column statement_lines.converted_rate is 'One unit of converted_currency in the account''s currency.';
call make_tenant('statement_lines');

-- Closed days are worked out from what is stored: by source now, and against the statement.
drop table ledger_days;
create table ledger_days (
  workspace_id uuid not null,
  app_id uuid not null,
  payment_source_id uuid not null,
  day date not null,
  currency currency_code not null,
  payments_minor minor_units not null,
  attributed_minor minor_units not null,
  unattributed_minor minor_units not null,
  refunded_minor minor_units not null,
  fees_minor minor_units not null,
  tax_kept_minor minor_units not null,
  charges_minor minor_units not null,
  paid_minor minor_units not null,
  stated_minor minor_units,
  uncredited_minor minor_units not null,
  difference_minor minor_units not null,
  closed_at timestamptz not null default now(),
  primary key (workspace_id, app_id, payment_source_id, day, currency),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
create index ledger_days_by_day on ledger_days (workspace_id, app_id, day desc);
comment on table ledger_days is 'The daily closing (UTC) of each payment source: attributed + unattributed - refunds - fees - tax kept = what the provider states; difference is red when not zero. Written by measure/ledger.';
comment on column ledger_days.currency is 'That of the provider''s account where its statement is known, else that of the payments.';
comment on column ledger_days.tax_kept_minor is 'Tax that a merchant of record keeps and remits itself, less that of refunds.';
comment on column ledger_days.charges_minor is 'What the provider charges the account itself, told by its statement only: its own bills, taxes, adjustments.';
comment on column ledger_days.paid_minor is 'By the events: payments less refunds, fees, kept tax and charges.';
comment on column ledger_days.stated_minor is 'By the provider''s statement; null when it has none or it is not read yet for that day.';
comment on column ledger_days.uncredited_minor is 'Payments without credits: 0 when the day closes.';
comment on column ledger_days.difference_minor is 'Stated less paid, 0 while nothing is stated: 0 when the day closes.';
call make_tenant('ledger_days');
