-- A call that drafts for a campaign is found, watched and cancelled by the campaign, not by its app.

comment on column ai_calls.subject is 'The row the answer is for: an analysis, an app, a campaign.';
