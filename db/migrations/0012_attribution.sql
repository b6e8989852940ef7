-- Attribution: models learnt from the app's own journeys, totals by day, what people say themselves; what each post earned.

alter table tracking_settings add column decay_half_life_days integer not null default 7 check (decay_half_life_days between 1 and 365);
alter table tracking_settings add column position_first_percent integer not null default 40 check (position_first_percent between 0 and 100);
alter table tracking_settings add column position_last_percent integer not null default 40 check (position_last_percent between 0 and 100);
alter table tracking_settings add column markov_order integer not null default 1 check (markov_order between 1 and 3);
alter table tracking_settings add constraint tracking_settings_position check (position_first_percent + position_last_percent <= 100);
comment on column tracking_settings.decay_half_life_days is 'Time decay: a touch so many days before the last one weighs half.';
comment on column tracking_settings.position_first_percent is 'Position: the first touch''s share; the last one''s beside it, the rest is split among those between.';
comment on column tracking_settings.markov_order is 'How many channels back the Markov chain remembers.';

alter table touches add column kind text not null default 'arrival' check (kind in ('arrival', 'code', 'self_report'));
alter table touches add column referrer_host text;
alter table touches add column told text check (length(told) between 1 and 200);
alter table touches add column event_id uuid;
alter table touches add column payment_id uuid;
alter table touches add constraint touches_told check ((kind = 'arrival') = (told is null));
create unique index touches_told_by_event on touches (workspace_id, app_id, event_id, kind) where event_id is not null;
create unique index touches_told_by_payment on touches (workspace_id, app_id, payment_id, kind) where payment_id is not null;
create index touches_by_link on touches (workspace_id, app_id, occurred_at) include (link_id, campaign_id, account_id, affiliate_id, referrer_host) where link_id is not null;
comment on table touches is 'One arrival of a visitor and what brought them, or a code or an answer they gave; immutable (M5). Written by measure/attribution.';
comment on column touches.kind is 'arrival: a visit; code: an affiliate''s or coupon code without a click; self_report: the answer to "how did you hear of us".';
comment on column touches.told is 'The code or the answer, as it was told; null for an arrival.';
comment on column touches.event_id is 'The event that told the code or the answer.';
comment on column touches.visitor is 'As in visits; `told:<event or payment>` for what a customer told, whose identity link says whose it is.';
update touches touch set referrer_host = visit.referrer_host
from visits visit
where visit.workspace_id = touch.workspace_id and visit.id = touch.visit_id and visit.started_at = touch.occurred_at
  and visit.referrer_host is not null;
-- An arrival has the id of its visit, so it needs no index of its own to be one. A visitor has few touches.
alter table touches drop constraint touches_workspace_id_app_id_visit_id_key;
drop index touches_of_visitor;
create index touches_of_visitor on touches using hash (visitor);
comment on column touches.id is 'Of an arrival, the id of its visit.';

-- Immutable: the server may add touches, nothing else. Rows go with their app, by its foreign key.
revoke update, delete on touches from fanfare_app;

create table attribution_models (
  workspace_id uuid not null,
  id uuid not null default gen_random_uuid(),
  app_id uuid not null,
  model text not null check (model in ('markov', 'shapley')),
  version integer not null check (version > 0),
  markov_order integer check (markov_order between 1 and 3),
  window_days integer not null,
  from_day date not null,
  until_day date not null,
  paths bigint not null,
  conversions bigint not null,
  posts integer not null default 0,
  learnt_at timestamptz not null default now(),
  primary key (workspace_id, id),
  unique (workspace_id, app_id, model, version),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table attribution_models is 'A data-driven model as it was learnt from the app''s own journeys: which days, how many; each change is a version. Written by measure/attribution.';
comment on column attribution_models.paths is 'Journeys of people who converted and of people who did not.';
comment on column attribution_models.posts is 'How many posts had volume enough for a weight of their own.';
call make_tenant('attribution_models', append_only => true);

create table attribution_weights (
  workspace_id uuid not null,
  attribution_model_id uuid not null,
  level text not null check (level in ('channel', 'post')),
  value text not null,
  weight double precision not null check (weight >= 0),
  conversions double precision not null,
  primary key (workspace_id, attribution_model_id, level, value),
  foreign key (workspace_id, attribution_model_id) references attribution_models (workspace_id, id) on delete cascade
);
comment on table attribution_weights is 'What a model gives each channel (or post). Written by measure/attribution.';
comment on column attribution_weights.value is 'A channel; at level post the id of a post with enough journeys, or a channel for the other touches.';
comment on column attribution_weights.weight is 'Markov: the removal effect. Shapley: the channel''s part of all conversions.';
comment on column attribution_weights.conversions is 'Of those it was learnt from, how many the model credits to it.';
call make_tenant('attribution_weights', append_only => true);

alter table credits add column converted_at timestamptz;
alter table credits add column counted_day date;
alter table credits add column window_days integer;
alter table credits add column attribution_model_id uuid;
alter table credits add column first_purchase boolean not null default false;
alter table credits add constraint credits_of_model foreign key (workspace_id, attribution_model_id) references attribution_models (workspace_id, id) on delete set null (attribution_model_id);
create index credits_of_campaign on credits (workspace_id, campaign_id, model) where campaign_id is not null;
create index credits_by_day on credits (workspace_id, app_id, counted_day);
comment on column credits.converted_at is 'When the conversion happened, as it was when the credit was frozen.';
comment on column credits.counted_day is 'Local day of the conversion, under which credit_days count it; null = not counted yet.';
comment on column credits.window_days is 'The attribution window when it was frozen.';
comment on column credits.attribution_model_id is 'The version of a data-driven model the shares are from.';
comment on column credits.first_purchase is 'The customer''s first: it counts as a customer won.';

create table credit_days (
  workspace_id uuid not null,
  app_id uuid not null,
  dimension text not null check (dimension in ('total', 'channel', 'source', 'way', 'post', 'campaign', 'account', 'affiliate', 'link')),
  day date not null,
  model text not null,
  value text not null,
  currency text not null,
  signups double precision not null default 0,
  trials double precision not null default 0,
  goals double precision not null default 0,
  purchases double precision not null default 0,
  customers double precision not null default 0,
  conversions integer not null default 0,
  amount_minor minor_units not null default 0,
  net_minor minor_units not null default 0,
  primary key (workspace_id, app_id, dimension, day, model, value, currency),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table credit_days is 'Credits by local day of the conversion, model and what they went to; kept in the transaction that writes the credits, so every dimension sums to the same. Written by measure/attribution.';
comment on column credit_days.dimension is 'total: the value says whether it was attributed. way: the tracked link, else the referrer''s host.';
comment on column credit_days.value is '`` = credited, but not to one of these (no post, no campaign); `?` = unattributed.';
comment on column credit_days.currency is 'Of the money; `` for conversions without any.';
comment on column credit_days.signups is 'Shares of signups; so are trials, goals, purchases and customers (first purchases).';
comment on column credit_days.conversions is 'How many conversions of all kinds had a part in it.';
call make_tenant('credit_days');

create table credit_zones (
  workspace_id uuid not null,
  app_id uuid not null,
  time_zone text not null,
  counted_at timestamptz not null default now(),
  primary key (workspace_id, app_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table credit_zones is 'By which time zone''s days credit_days and journey_days are counted; another one than the workspace''s, or none, means they are due again. Written by measure/attribution.';
call make_tenant('credit_zones');

create table journey_days (
  workspace_id uuid not null,
  app_id uuid not null,
  day date not null,
  kind text not null check (kind in ('signup', 'trial', 'purchase', 'goal')),
  path text not null,
  took text not null check (took in ('hour', 'day', 'three_days', 'week', 'two_weeks', 'month', 'longer')),
  conversions integer not null default 0,
  touches integer not null default 0,
  seconds bigint not null default 0,
  primary key (workspace_id, app_id, day, kind, path, took),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade
);
comment on table journey_days is 'The ways of those who converted, by local day: which channels in which order, how long it took. Written by measure/attribution.';
comment on column journey_days.path is 'Channels in order of time, ` > ` between; the last twelve of a longer one, `… > ` before.';
comment on column journey_days.seconds is 'From the first touch to the conversion, over all of them.';
call make_tenant('journey_days');

create table commission_dues (
  workspace_id uuid not null,
  app_id uuid not null,
  payment_id uuid not null,
  since timestamptz not null default now(),
  primary key (workspace_id, app_id, payment_id),
  foreign key (workspace_id, app_id) references apps (workspace_id, id) on delete cascade,
  foreign key (workspace_id, payment_id) references payments (workspace_id, id) on delete cascade
);
comment on table commission_dues is 'Payments whose credits or net amount changed since commissions were worked out. Written by measure/attribution.';
call make_tenant('commission_dues');
insert into commission_dues (workspace_id, app_id, payment_id)
select payment.workspace_id, payment.app_id, payment.id from payments payment
where exists (select from affiliates affiliate where affiliate.workspace_id = payment.workspace_id and affiliate.app_id = payment.app_id);
