-- Alerts that come in numbers are one message an hour; what a person has decided on meanwhile is not told any more.

alter table alert_deliveries drop constraint alert_deliveries_state_check;
alter table alert_deliveries add constraint alert_deliveries_state_check
  check (state in ('due', 'held', 'bundled', 'dropped'));
alter table alert_deliveries drop constraint alert_deliveries_waits_for_check;
alter table alert_deliveries add constraint alert_deliveries_waits_for_check
  check (waits_for in ('quiet', 'budget', 'group', 'target'));
comment on table alert_deliveries is 'Each alert to each target, once a round: waiting, held back, part of a message, or dropped. Written by grow/alerts.';
comment on column alert_deliveries.state is 'due → held, as often as it must wait → bundled: part of a message. dropped: a person acknowledged or snoozed it before it was told.';
comment on column alert_deliveries.waits_for is 'quiet = the end of the quiet hours; budget = the digest on Monday; group = the next message, one an hour; target = that the target takes the message before.';
