-- Measure: acknowledged means stored; the ledger closes.

create table app_keys (
  public_key text primary key check (public_key ~ '^[a-z0-9]{10,40}$'),
  workspace_id uuid not null,
  app_id uuid not null,
  created_at timestamptz not null default now(),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table app_keys is 'Shared. The public key in the tracker snippet; finds the app before the workspace is known. Written by measure/events.';
call make_shared('app_keys');

create table daily_salts (
  day date primary key,
  salt text not null,
  created_at timestamptz not null default now()
);
comment on table daily_salts is 'Shared. A random salt per UTC day for visitor hashes, deleted after 48 hours: yesterday''s visitors cannot be recomputed. Written by measure/events.';
call make_shared('daily_salts');

create table tracking_settings (
  workspace_id uuid not null,
  app_id uuid not null,
  hosts text[] not null default '{}',
  privacy_tier text not null default 'anonymous' check (privacy_tier in ('anonymous', 'consented')),
  kept_query_parameters text[] not null default '{}',
  attribution_window_days integer not null default 30 check (attribution_window_days between 1 and 365),
  attribution_model text not null default 'last_non_direct' check (attribution_model in ('first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position', 'markov', 'shapley')),
  hourly_rate_minor minor_units,
  first_event_at timestamptz,
  primary key (workspace_id, app_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table tracking_settings is 'How an app is measured: hosts, privacy tier, attribution window and model, own hourly rate. Written by measure/events.';
comment on column tracking_settings.hosts is 'Hosts whose events are accepted; empty = the app''s own and its subdomains.';
call make_tenant('tracking_settings');

create table visits (
  workspace_id uuid not null,
  id uuid not null,
  started_at timestamptz not null,
  app_id uuid not null,
  visitor text not null,
  last_seen_at timestamptz not null,
  views integer not null default 0,
  entry_path text not null,
  exit_path text not null,
  referrer_host text,
  source text not null,
  medium text not null,
  channel text not null,
  utm_campaign text, utm_content text, utm_term text,
  click_id uuid,
  link_id uuid,
  post_id uuid,
  country text, device text, browser text, system text,
  agent_class text not null default 'human' check (agent_class in ('human', 'bot', 'preview', 'unsure')),
  primary key (workspace_id, id, started_at)
) partition by range (started_at);
create index visits_of_app on visits (workspace_id, app_id, started_at);
create index visits_of_visitor on visits (workspace_id, app_id, visitor, last_seen_at);
create index visits_of_post on visits (workspace_id, post_id, started_at);
create index visits_brought on visits (workspace_id, app_id, started_at) include (post_id)
  where post_id is not null and agent_class in ('human', 'unsure');
create index visits_of_click on visits (workspace_id, click_id) where click_id is not null;
comment on table visits is 'A visit: events of one visitor less than 30 minutes apart, with where it came from. Monthly partitions. Written by measure/events.';
comment on column visits.visitor is 'Hash of address, agent, app and the day''s salt (anonymous tier), or a first-party id (with consent).';
call make_tenant('visits');

create table events (
  workspace_id uuid not null,
  id uuid not null,
  occurred_at timestamptz not null,
  app_id uuid not null,
  kind text not null check (length(kind) between 1 and 64),
  visitor text,
  visit_id uuid,
  person text,
  path text,
  host text,
  referrer_host text,
  props jsonb not null default '{}',
  value_minor minor_units,
  currency currency_code,
  origin text not null check (origin in ('browser', 'server', 'import')),
  agent_class text not null default 'human' check (agent_class in ('human', 'bot', 'preview', 'unsure')),
  received_at timestamptz not null default now(),
  primary key (workspace_id, id, occurred_at)
) partition by range (occurred_at);
create index events_of_app on events (workspace_id, app_id, occurred_at) include (kind, path, visit_id, visitor);
comment on table events is 'Page views and custom events from the tracker, the server API and imports (M2). Monthly partitions. Written by measure/events.';
comment on column events.id is 'The client''s event id: a retry is free.';
comment on column events.person is 'The app''s own user id, from server-side events; never an e-mail.';
call make_tenant('events');

create table event_ids (
  workspace_id uuid not null,
  app_id uuid not null,
  id uuid not null,
  received_at timestamptz not null default now(),
  primary key (workspace_id, app_id, id)
);
comment on table event_ids is 'Ids of accepted events, so that a retry on another day (another partition) is still free; kept seven days. Written by measure/events.';
call make_tenant('event_ids');

create table event_refusals (
  workspace_id uuid not null,
  app_id uuid not null,
  day date not null,
  reason text not null,
  times bigint not null,
  primary key (workspace_id, app_id, day, reason),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table event_refusals is 'How many events were not accepted, by named reason. Written by measure/events.';
call make_tenant('event_refusals');

create table unplaced_refusals (
  day date not null,
  reason text not null,
  times bigint not null,
  primary key (day, reason)
);
comment on table unplaced_refusals is 'Shared. How many events were not accepted before it was known whose they are (unknown key, unreadable body). Written by measure/events.';
call make_shared('unplaced_refusals');

create table traffic_hours (
  workspace_id uuid not null,
  app_id uuid not null,
  hour timestamptz not null,
  visitors integer not null default 0,
  visits integer not null default 0,
  views integer not null default 0,
  bots integer not null default 0,
  primary key (workspace_id, app_id, hour),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table traffic_hours is 'Totals by hour (UTC); a visitor is counted in the hour a visit starts. Written by measure/rollups.';
call make_tenant('traffic_hours');

create table traffic_days (
  workspace_id uuid not null,
  app_id uuid not null,
  day date not null,
  dimension text not null check (dimension in ('path', 'source', 'channel', 'country', 'device', 'campaign', 'post')),
  value text not null,
  visitors integer not null default 0,
  visits integer not null default 0,
  views integer not null default 0,
  signups integer not null default 0,
  primary key (workspace_id, app_id, day, dimension, value),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table traffic_days is 'Totals by day (UTC) and dimension; daily visitors do not add up across days. For a path, visits and visitors are those that came in there. Written by measure/rollups.';
call make_tenant('traffic_days');

-- People and conversions --------------------------------------------------------------------------------------------------

create table customers (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  person text,
  name text,
  email_hash text,
  audience_id uuid,
  first_seen_at timestamptz not null default now(),
  merged_into uuid,
  erased_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, person),
  foreign key (workspace_id, merged_into) references customers (workspace_id, id) on delete set null (merged_into),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, audience_id) references audiences (workspace_id, id) on delete set null (audience_id)
);
create index customers_by_email on customers (workspace_id, app_id, email_hash);
comment on table customers is 'People known to the app by signup or payment. Written by measure/identities.';
comment on column customers.person is 'The app''s own user id; null when only the payment provider knows them yet.';
comment on column customers.email_hash is 'HMAC-SHA-256 of the lower-cased address with the installation''s key.';
comment on column customers.merged_into is 'Found to be the same person as this customer, who now has the payments.';
call make_tenant('customers');

create table identity_links (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  customer_id uuid not null,
  kind text not null check (kind in ('visitor', 'visit', 'click', 'person', 'provider_customer', 'payment', 'email_hash')),
  value text not null,
  grade text not null check (grade in ('click_id', 'checkout_metadata', 'code', 'server_event', 'self_report', 'timing')),
  evidence jsonb not null default '{}',
  linked_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, kind, value, customer_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, customer_id) references customers (workspace_id, id) on delete cascade
);
create index identity_links_by_value on identity_links (workspace_id, app_id, kind, value);
create index identity_links_of_customer on identity_links (workspace_id, customer_id);
comment on table identity_links is 'Who is who, append-only, resolved at read, with how we know. Written by measure/identities.';
call make_tenant('identity_links', append_only => true);

create table goals (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  event_kind text,
  path_pattern text,
  value_minor minor_units,
  currency currency_code,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table goals is 'Custom conversions: an event kind or a path. Written by measure/conversions.';
call make_tenant('goals');

create table conversions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  kind text not null check (kind in ('signup', 'trial', 'purchase', 'goal')),
  goal_id uuid,
  customer_id uuid,
  visitor text,
  visit_id uuid,
  event_id uuid,
  payment_id uuid,
  occurred_at timestamptz not null,
  value_minor minor_units not null default 0,
  currency currency_code,
  dedupe text not null,
  attributed_at timestamptz,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, dedupe),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, goal_id) references goals (workspace_id, id) on delete set null (goal_id),
  foreign key (workspace_id, customer_id) references customers (workspace_id, id) on delete set null (customer_id)
);
create index conversions_by_time on conversions (workspace_id, app_id, occurred_at);
create index conversions_of_payment on conversions (workspace_id, payment_id) where payment_id is not null;
create index conversions_of_customer on conversions (workspace_id, customer_id) where customer_id is not null;
comment on table conversions is 'Signups, trials, purchases and custom goals (M3), each once. Written by measure/conversions.';
comment on column conversions.dedupe is 'Same happening, same value: signup:<person>, purchase:<payment>.';
call make_tenant('conversions');

create table funnels (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  name text not null,
  window_days integer not null default 30 check (window_days between 1 and 365),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, name),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table funnels is 'Steps people should take in order, within a window. Written by measure/funnels.';
call make_tenant('funnels');

create table funnel_steps (
  workspace_id uuid not null,
  funnel_id uuid not null,
  position integer not null,
  name text not null,
  event_kind text,
  path_pattern text,
  primary key (workspace_id, funnel_id, position),
  foreign key (workspace_id, funnel_id) references funnels (workspace_id, id) on delete cascade
);
comment on table funnel_steps is 'One step of a funnel: an event kind or a path. Written by measure/funnels.';
call make_tenant('funnel_steps');

-- Money -------------------------------------------------------------------------------------------------------------------

create table payment_sources (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  provider text not null check (provider in ('stripe', 'lemon_squeezy', 'paddle', 'polar', 'revenuecat', 'api')),
  name text not null,
  sealed_webhook_secret text,
  sealed_api_key text,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  last_event_at timestamptz,
  removed_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table payment_sources is 'A payment provider''s account that reports to us (M4). Written by measure/revenue.';
call make_tenant('payment_sources');

create table payment_source_paths (
  path text primary key,
  workspace_id uuid not null,
  payment_source_id uuid not null,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
comment on table payment_source_paths is 'Shared. The unguessable last part of a webhook address; finds the source before the workspace is known. Written by measure/revenue.';
call make_shared('payment_source_paths');

create table payment_events (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  payment_source_id uuid not null,
  provider_event_id text not null,
  kind text not null,
  body text not null,
  occurred_at timestamptz,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  outcome text check (outcome in ('applied', 'ignored', 'waiting', 'failed')),
  message text,
  primary key (workspace_id, id),
  unique (workspace_id, payment_source_id, provider_event_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
create index payment_events_open on payment_events (workspace_id, received_at) where processed_at is null;
comment on table payment_events is 'Webhooks as they came: verified, stored raw, then processed; replayable. Written by measure/revenue.';
comment on column payment_events.body is 'The raw request body.';
call make_tenant('payment_events');

create table subscriptions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  customer_id uuid,
  provider_customer_id text,
  status text not null check (status in ('incomplete', 'trialing', 'active', 'past_due', 'paused', 'canceled', 'unpaid')),
  plan text,
  quantity integer not null default 1,
  mrr_minor minor_units not null default 0,
  currency currency_code not null,
  every text check (every in ('day', 'week', 'month', 'year')),
  started_at timestamptz,
  trial_ends_at timestamptz,
  current_period_ends_at timestamptz,
  cancel_at timestamptz,
  ended_at timestamptz,
  terms jsonb not null default '{}',
  updated_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade,
  foreign key (workspace_id, customer_id) references customers (workspace_id, id) on delete set null (customer_id)
);
create index subscriptions_of_provider_customer on subscriptions (workspace_id, payment_source_id, provider_customer_id);
comment on table subscriptions is 'Subscriptions as the provider last described them. Written by measure/revenue.';
comment on column subscriptions.mrr_minor is 'Monthly recurring revenue by docs/money.md, in its own currency.';
comment on column subscriptions.terms is 'Items, discounts, trial and pause as the provider described them, to work out MRR again when a discount becomes known or ends.';
comment on column subscriptions.updated_at is 'The provider''s time of the newest description applied; an older one is not applied over it.';
call make_tenant('subscriptions');

create table discounts (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  percent_off numeric,
  amount_off_minor minor_units,
  currency currency_code,
  duration text check (duration in ('forever', 'once', 'repeating')),
  starts_at timestamptz,
  ends_at timestamptz,
  removed_at timestamptz,
  described_at timestamptz not null,
  primary key (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
comment on table discounts is 'What a discount takes off, for subscriptions that name it only by id. Written by measure/revenue.';
call make_tenant('discounts');

create table mrr_movements (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  subscription_id uuid not null,
  customer_id uuid,
  kind text not null check (kind in ('new', 'expansion', 'contraction', 'churn', 'reactivation')),
  amount_minor minor_units not null check (amount_minor <> 0),
  currency currency_code not null,
  occurred_at timestamptz not null,
  payment_event_id uuid,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, subscription_id) references subscriptions (workspace_id, id) on delete cascade,
  foreign key (workspace_id, customer_id) references customers (workspace_id, id) on delete set null (customer_id),
  foreign key (workspace_id, payment_event_id) references payment_events (workspace_id, id) on delete set null (payment_event_id)
);
create index mrr_movements_by_time on mrr_movements (workspace_id, app_id, occurred_at);
create index mrr_movements_of_subscription on mrr_movements (workspace_id, subscription_id, occurred_at);
comment on table mrr_movements is 'Each change of recurring revenue; their sum is the change of MRR, to the cent. Written by measure/revenue.';
comment on column mrr_movements.amount_minor is 'Signed: contraction and churn are negative.';
call make_tenant('mrr_movements');

create table payments (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  subscription_id uuid,
  customer_id uuid,
  provider_customer_id text,
  provider_invoice_id text,
  amount_minor minor_units not null,
  tax_minor minor_units not null default 0,
  discount_minor minor_units not null default 0,
  fee_minor minor_units,
  currency currency_code not null,
  reporting_minor minor_units,
  reporting_rate numeric,
  paid_at timestamptz not null,
  metadata jsonb not null default '{}',
  described_at timestamptz not null,
  purchase_due boolean not null default true,
  primary key (workspace_id, id),
  unique (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade,
  foreign key (workspace_id, subscription_id) references subscriptions (workspace_id, id) on delete set null (subscription_id),
  foreign key (workspace_id, customer_id) references customers (workspace_id, id) on delete set null (customer_id)
);
create index payments_by_time on payments (workspace_id, app_id, paid_at);
create index payments_of_provider_customer on payments (workspace_id, payment_source_id, provider_customer_id);
create index payments_of_provider_invoice on payments (workspace_id, payment_source_id, provider_invoice_id);
create index payments_of_customer on payments (workspace_id, customer_id);
create index payments_with_purchase_due on payments (workspace_id) where purchase_due;
alter table conversions add foreign key (workspace_id, payment_id) references payments (workspace_id, id) on delete set null (payment_id);
comment on table payments is 'Money that came in, gross, with tax and fee as the provider states them. Written by measure/revenue.';
comment on column payments.fee_minor is 'Sum of its fees in its own currency; null until the provider says.';
comment on column payments.described_at is 'The provider''s time of the newest description applied.';
comment on column payments.purchase_due is 'Changed since its conversion was brought in line with it.';
comment on column payments.reporting_minor is 'In the workspace''s currency at the rate of the day, kept.';
call make_tenant('payments');

create table invoices (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  provider_customer_id text,
  provider_subscription_id text,
  amount_minor minor_units not null,
  tax_minor minor_units,
  currency currency_code not null,
  described_at timestamptz not null,
  primary key (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
create index invoices_of_subscription on invoices (workspace_id, payment_source_id, provider_subscription_id);
comment on table invoices is 'What a paid invoice adds to its payments: whose they were, for which subscription, how much was tax. No money of its own. Written by measure/revenue.';
call make_tenant('invoices');

create table fees (
  workspace_id uuid not null,
  app_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  provider_payment_id text not null,
  amount_minor minor_units not null,
  currency currency_code not null,
  charged_at timestamptz not null,
  primary key (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
create index fees_by_time on fees (workspace_id, app_id, charged_at);
create index fees_of_payment on fees (workspace_id, payment_source_id, provider_payment_id);
comment on table fees is 'What the provider kept, in the currency of the settlement. Written by measure/revenue.';
call make_tenant('fees');

create table refunds (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  payment_id uuid,
  provider_payment_id text,
  amount_minor minor_units not null check (amount_minor >= 0),
  currency currency_code not null,
  kind text not null default 'refund' check (kind in ('refund', 'dispute', 'dispute_won')),
  status text not null default 'succeeded' check (status in ('pending', 'succeeded', 'failed')),
  refunded_at timestamptz not null,
  described_at timestamptz not null,
  primary key (workspace_id, id),
  unique (workspace_id, payment_source_id, provider_id, kind),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_id) references payments (workspace_id, id) on delete set null (payment_id)
);
create index refunds_by_time on refunds (workspace_id, app_id, refunded_at);
create index refunds_of_provider_payment on refunds (workspace_id, payment_source_id, provider_payment_id);
create index refunds_of_payment on refunds (workspace_id, payment_id);
comment on table refunds is 'Money that went back: refunds and disputes; a won dispute returns it. Written by measure/revenue.';
comment on column refunds.status is 'Only succeeded ones count; a dispute that moved no money (an inquiry) has failed.';
call make_tenant('refunds');

create table payouts (
  workspace_id uuid not null,
  payment_source_id uuid not null,
  provider_id text not null,
  amount_minor minor_units not null,
  currency currency_code not null,
  status text not null check (status in ('pending', 'paid', 'failed', 'cancelled')),
  started_at timestamptz not null,
  arrives_on date,
  described_at timestamptz not null,
  primary key (workspace_id, payment_source_id, provider_id),
  foreign key (workspace_id, payment_source_id) references payment_sources (workspace_id, id) on delete cascade
);
comment on table payouts is 'What the provider says it paid out to the bank: the other side of the ledger. Written by measure/revenue.';
comment on column payouts.amount_minor is 'Signed: negative when the provider takes money back.';
call make_tenant('payouts');

create table exchange_rates (
  day date not null,
  base currency_code not null,
  quote currency_code not null,
  rate numeric not null check (rate > 0),
  source text not null,
  primary key (day, base, quote)
);
comment on table exchange_rates is 'Shared. Rates of the day, kept. Written by measure/revenue.';
call make_shared('exchange_rates');

create table ledger_days (
  workspace_id uuid not null,
  app_id uuid not null,
  day date not null,
  currency currency_code not null,
  paid_minor minor_units not null,
  attributed_minor minor_units not null,
  unattributed_minor minor_units not null,
  refunded_minor minor_units not null,
  fees_minor minor_units not null,
  difference_minor minor_units not null,
  closed_at timestamptz not null default now(),
  primary key (workspace_id, app_id, day, currency),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table ledger_days is 'The daily closing (UTC): attributed + unattributed − refunds − fees = payments − refunds − fees as the provider''s events tell them; difference is red when not zero. Written by measure/ledger.';
comment on column ledger_days.paid_minor is 'Payments less refunds less fees of the day.';
call make_tenant('ledger_days');

create table commissions (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  affiliate_id uuid not null,
  payment_id uuid,
  amount_minor minor_units not null,
  currency currency_code not null,
  state text not null default 'earned' check (state in ('earned', 'reversed', 'paid')),
  earned_at timestamptz not null default now(),
  paid_at timestamptz,
  payout_note text,
  primary key (workspace_id, id),
  foreign key (workspace_id, affiliate_id) references affiliates (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_id) references payments (workspace_id, id) on delete set null (payment_id)
);
comment on table commissions is 'What an affiliate earned and was paid, from the same attribution (D10). Written by measure/commissions.';
call make_tenant('commissions');

-- Attribution ---------------------------------------------------------------------------------------------------------------

create table touches (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  visitor text not null,
  visit_id uuid,
  occurred_at timestamptz not null,
  channel text not null,
  source text not null,
  direct boolean not null,
  link_id uuid,
  click_id uuid,
  post_id uuid,
  campaign_id uuid,
  account_id uuid,
  affiliate_id uuid,
  primary key (workspace_id, id),
  unique (workspace_id, app_id, visit_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, link_id) references links (workspace_id, id) on delete set null (link_id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete set null (campaign_id),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete set null (account_id),
  foreign key (workspace_id, affiliate_id) references affiliates (workspace_id, id) on delete set null (affiliate_id)
);
create index touches_of_visitor on touches (workspace_id, app_id, visitor, occurred_at);
comment on table touches is 'One arrival of a visitor and what brought them; immutable (M5). Written by measure/attribution.';
call make_tenant('touches');

create table credits (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  conversion_id uuid not null,
  model text not null check (model in ('first', 'last', 'last_non_direct', 'linear', 'time_decay', 'position', 'markov', 'shapley')),
  touch_id uuid,
  post_id uuid,
  campaign_id uuid,
  channel text,
  share numeric not null check (share between 0 and 1),
  amount_minor minor_units not null,
  net_minor minor_units not null default 0,
  currency currency_code,
  grade text check (grade in ('click_id', 'checkout_metadata', 'code', 'server_event', 'self_report', 'timing')),
  evidence jsonb not null default '{}',
  frozen_at timestamptz not null default now(),
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, conversion_id) references conversions (workspace_id, id) on delete cascade,
  foreign key (workspace_id, touch_id) references touches (workspace_id, id) on delete set null (touch_id),
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete set null (post_id),
  foreign key (workspace_id, campaign_id) references campaigns (workspace_id, id) on delete set null (campaign_id)
);
create index credits_of_conversion on credits (workspace_id, conversion_id, model);
create index conversions_open on conversions (workspace_id, app_id) where attributed_at is null;
create index credits_of_post on credits (workspace_id, post_id, model);
comment on table credits is 'Who gets the credit for a conversion, by model, frozen with its evidence; amounts of one model sum to the conversion''s money. No touch = unattributed. Written by measure/attribution.';
comment on column credits.evidence is 'Ids of the rows the credit rests on.';
comment on column credits.net_minor is 'What is left of the credited amount after tax, refunds and disputes; follows them. By docs/money.md the revenue of a post is the sum of these.';
call make_tenant('credits');

-- Platform metrics ------------------------------------------------------------------------------------------------------------

create table metric_snapshots (
  workspace_id uuid not null,
  publication_part_id uuid not null,
  taken_at timestamptz not null,
  impressions bigint, views bigint, likes bigint, replies bigint, reposts bigint, quotes bigint, bookmarks bigint,
  link_clicks bigint, profile_clicks bigint, follows bigint,
  primary key (workspace_id, publication_part_id, taken_at)
) partition by range (taken_at);
comment on table metric_snapshots is 'A post''s counters at a moment, kept because platforms forget after 30 days (M1). Monthly partitions. Written by measure/metrics.';
comment on column metric_snapshots.impressions is 'Null = this platform does not tell.';
call make_tenant('metric_snapshots');

create table post_metrics (
  workspace_id uuid not null,
  publication_part_id uuid not null,
  post_id uuid not null,
  taken_at timestamptz not null,
  impressions bigint, views bigint, likes bigint, replies bigint, reposts bigint, quotes bigint, bookmarks bigint,
  link_clicks bigint, profile_clicks bigint, follows bigint,
  final boolean not null default false,
  next_look_at timestamptz,
  primary key (workspace_id, publication_part_id),
  foreign key (workspace_id, publication_part_id) references publication_parts (workspace_id, id) on delete cascade,
  foreign key (workspace_id, post_id) references posts (workspace_id, id) on delete cascade
);
create index post_metrics_of_post on post_metrics (workspace_id, post_id);
comment on table post_metrics is 'The newest snapshot of each published part. Written by measure/metrics.';
comment on column post_metrics.final is 'The last look, on day 29, was taken.';
call make_tenant('post_metrics');

create table account_reads (
  workspace_id uuid not null,
  account_id uuid not null,
  claimed_until timestamptz,
  budget_told_for date,
  primary key (workspace_id, account_id),
  foreign key (workspace_id, account_id) references accounts (workspace_id, id) on delete cascade
);
comment on table account_reads is 'Who reads an account''s numbers at the moment, so that no two processes pay for the same read. Written by measure/metrics.';
comment on column account_reads.claimed_until is 'Until then the reader has it for itself; a reader that died loses it.';
comment on column account_reads.budget_told_for is 'The month for which it was said that reading has stopped at the budget.';
call make_tenant('account_reads');

create table assisted_snapshots (
  workspace_id uuid not null,
  assisted_task_id uuid not null,
  taken_at timestamptz not null,
  views bigint, likes bigint, replies bigint, reposts bigint,
  source text not null check (source in ('platform', 'person')),
  primary key (workspace_id, assisted_task_id, taken_at),
  foreign key (workspace_id, assisted_task_id) references assisted_tasks (workspace_id, id) on delete cascade
);
comment on table assisted_snapshots is 'Counters of a post that was sent by hand, where no account of ours is connected (D3). Written by measure/metrics.';
comment on column assisted_snapshots.likes is 'Points or votes, by what the platform calls them. Null = it does not tell.';
call make_tenant('assisted_snapshots');

-- Views, ways in and out --------------------------------------------------------------------------------------------------------

create table saved_views (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  name text not null,
  page text not null,
  settings jsonb not null,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  primary key (workspace_id, id)
);
comment on table saved_views is 'A dashboard as someone likes it: range, comparison, filters (M9). Written by measure/dashboards.';
call make_tenant('saved_views');

create table shared_views (
  token_hash text primary key,
  workspace_id uuid not null,
  saved_view_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  foreign key (workspace_id, saved_view_id) references saved_views (workspace_id, id) on delete cascade
);
comment on table shared_views is 'Shared. Read-only links to a saved view, found by the hash of their token. Written by measure/dashboards.';
call make_shared('shared_views');

create table transfers (
  workspace_id uuid not null references workspaces on delete cascade,
  id uuid not null default gen_random_uuid(),
  app_id uuid,
  direction text not null check (direction in ('import', 'export')),
  format text not null check (format in ('x_archive', 'csv', 'plausible', 'umami', 'google_analytics', 'ndjson', 'parquet')),
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed')),
  file text,
  rows_done bigint not null default 0,
  rows_refused bigint not null default 0,
  message text,
  requested_by uuid references users on delete set null,
  requested_at timestamptz not null default now(),
  finished_at timestamptz,
  primary key (workspace_id, id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table transfers is 'Imports and exports (M10). Written by measure/transfers.';
call make_tenant('transfers');
