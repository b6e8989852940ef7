-- A person's own estimate keeps the unit it was given in: what was said in signups is not money once money is known.

alter table suggestion_estimates
  add column unit text check (unit in ('money', 'signups', 'grade')),
  add column currency currency_code;
update suggestion_estimates e set
  unit = case when s.return_mean_minor is not null then 'money' when s.signups_mean is not null then 'signups' else 'grade' end,
  currency = case when s.return_mean_minor is not null then s.currency end
from suggestions s where s.workspace_id = e.workspace_id and s.id = e.suggestion_id and e.impact is not null;
alter table suggestion_estimates add check ((unit is null) = (impact is null)), add check (currency is null or unit = 'money');
comment on column suggestion_estimates.impact is 'A month, in unit: minor units, signups, or a grade from 1 to 5. It counts while the suggestion is in that unit.';
comment on column suggestion_estimates.unit is 'What the suggestion was in when it was given; null without an impact.';
comment on column suggestion_estimates.currency is 'Of an impact in money.';
