type Detail = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Everything that can happen: what it means, whose id `subject_id` is, and an example of its detail. The names are what
 * the flow answers to, what webhooks choose from, and what docs/webhooks.md is made of.
 */
export const activities = {
  // people
  'time_zone.changed': happens('The workspace has another time zone.', null, { from: 'UTC', to: 'Europe/Oslo' }),
  'workspace.currency_changed': happens('The workspace counts money in another currency.', null),
  'privacy.erased': happens('Everything about a person was erased.', 'request'),
  // understand
  'app.registered': happens('An app was added.', 'app', { url: 'https://driftlog.example/' }),
  'app.changed': happens('What stands about an app was edited.', 'app'),
  'analysis.requested': happens('A reading of an app’s pages was asked for.', 'app', { analysisId: uuid(2) }),
  'analysis.failed': happens('An app could not be read.', 'analysis', { appId: uuid(2), code: 'page_unreachable' }),
  'analysis.cancelled': happens('A reading was called off.', 'analysis', { appId: uuid(2) }),
  'app.analysed': happens('An app was read; so many facts were found new, changed and gone.', 'app', {
    analysisId: uuid(2),
    method: 'built-in',
    added: 12,
    changed: 0,
    retired: 1,
    restored: 0,
  }),
  'app.unchanged': happens('A look found the app’s pages as they were.', 'app', { analysisId: uuid(2) }),
  'fact.added': happens('A person added a fact.', 'fact', { appId: uuid(2) }),
  'fact.confirmed': happens('A person confirmed a fact.', 'fact', { appId: uuid(2) }),
  'fact.corrected': happens('A person corrected a fact.', 'fact', { appId: uuid(2) }),
  'fact.retired': happens('A fact no longer holds.', 'fact', { appId: uuid(2), by: 'reading' }),
  'fact.restored': happens('A retired fact was taken back.', 'fact', { appId: uuid(2) }),
  'fact.contradicted': happens('The pages say otherwise than a fact that a person stands behind.', 'fact', {
    appId: uuid(2),
    instead: 'It costs 12 dollars a month.',
  }),
  'finding.ignored': happens('A finding about a page was ignored.', 'finding', { appId: uuid(2), rule: 'title' }),
  'finding.reopened': happens('An ignored finding counts again.', 'finding', { appId: uuid(2), rule: 'title' }),
  'keyword.confirmed': happens('A phrase was confirmed.', 'keyword', { appId: uuid(2) }),
  'keyword.retired': happens('A phrase was retired.', 'keyword', { appId: uuid(2) }),
  'keyword.proposed': happens('A phrase is a proposal again.', 'keyword', { appId: uuid(2) }),
  'audience.confirmed': happens('An audience was confirmed.', 'audience', { appId: uuid(2) }),
  'audience.retired': happens('An audience was retired.', 'audience', { appId: uuid(2) }),
  'audience.proposed': happens('An audience is a proposal again.', 'audience', { appId: uuid(2) }),
  'competitor.watched': happens('A competitor is watched.', 'competitor', { appId: uuid(2) }),
  'competitor.dismissed': happens('A competitor is no longer watched.', 'competitor', { appId: uuid(2) }),
  'competitor.edited': happens('What stands about a competitor was edited.', 'competitor', { appId: uuid(2) }),
  'competitor.changed': happens('A competitor changed a page.', 'competitor', {
    appId: uuid(2),
    changeId: uuid(3),
    kind: 'price',
    what: 'Pro',
    severity: 'high',
    percent: 25,
    competitor: 'Tidemark',
    sentence: 'Pro went from 12 to 15 dollars a month.',
  }),
  'asset.added': happens('A picture or video was added.', 'asset', { appId: uuid(2), kind: 'image' }),
  'asset.removed': happens('A picture or video was removed.', 'asset'),
  // plan
  'strategy.proposed': happens('A strategy was proposed.', 'strategy', { appId: uuid(2), version: 1 }),
  'strategy.approved': happens('A strategy was approved.', 'strategy', { appId: uuid(2), version: 1 }),
  'strategy.declined': happens('A strategy was declined.', 'strategy', { appId: uuid(2) }),
  'campaign.created': happens('A campaign was made.', 'campaign', { appId: uuid(2) }),
  'campaign.changed': happens('A campaign was edited.', 'campaign'),
  'campaign.started': happens('A campaign was started; it may begin on a later day.', 'campaign', {
    appId: uuid(2),
    from: 'draft',
  }),
  'campaign.activated': happens('The first day of a campaign has come.', 'campaign', {
    appId: uuid(2),
    from: 'scheduled',
  }),
  'campaign.paused': happens('A campaign rests.', 'campaign', { appId: uuid(2), from: 'active' }),
  'campaign.resumed': happens('A campaign goes on.', 'campaign', { appId: uuid(2), from: 'paused' }),
  'campaign.completed': happens('A campaign is over.', 'campaign', { appId: uuid(2), from: 'active' }),
  'campaign.cancelled': happens('A campaign was called off.', 'campaign', { appId: uuid(2), from: 'active' }),
  'cost.added': happens('A cost was written down, or several were brought in.', 'cost', {
    appId: uuid(2),
    kind: 'ads',
  }),
  'launch.planned': happens('A launch was planned.', 'launch plan', { appId: uuid(2), launchOn: '2027-03-01' }),
  'launch.moved': happens('A launch was moved to another day.', 'launch plan', {
    appId: uuid(2),
    launchOn: '2027-03-08',
  }),
  'launch.step_done': happens('A step of a launch is done.', 'launch step'),
  'launch.step_skipped': happens('A step of a launch is left out.', 'launch step'),
  'launch.step_reopened': happens('A step of a launch is open again.', 'launch step'),
  'post.drafted': happens('A post was written.', 'post', { source: 'person' }),
  'post.changed': happens('A post was edited.', 'post', { version: 2 }),
  'post.submitted': happens('A post waits for approval.', 'post', { version: 2 }),
  'post.approved': happens('A post was approved.', 'post', { version: 2 }),
  'post.returned': happens('A post went back to its author.', 'post', { from: 'approved', factId: uuid(3) }),
  'post.withdrawn': happens('A post was withdrawn.', 'post', { from: 'approved' }),
  'post.removed': happens('A post was removed.', 'post', { title: 'Why we log in plain text' }),
  'recurrence.started': happens('A post comes again on days of its own.', 'recurrence', { postId: uuid(2) }),
  'recurrence.stopped': happens('A post no longer comes again.', 'recurrence', { postId: uuid(2) }),
  // distribute
  'account.connected': happens('An account was connected.', 'account', { platform: 'mastodon', handle: 'driftlog' }),
  'account.disconnected': happens('An account was disconnected.', 'account'),
  'account.lost': happens('An account must be connected again.', 'account', { reason: 'The access was taken back.' }),
  'channel.created': happens('A channel was made.', 'channel', { place: uuid(2) }),
  'link.created': happens('A tracked link was made.', 'link'),
  'calendar.imported': happens('A calendar was brought in.', 'app', { posts: 14 }),
  'publication.scheduled': happens('A post has its time on an account.', 'publication', { postId: uuid(2) }),
  'publication.rescheduled': happens('A publication has another time.', 'publication'),
  'publication.published': happens('A post is out.', 'publication', {
    postId: uuid(2),
    accountId: uuid(3),
    platform: 'bluesky',
  }),
  'publication.extended': happens('A post that was out got its remaining parts.', 'publication', {
    postId: uuid(2),
    accountId: uuid(3),
    platform: 'bluesky',
  }),
  'publication.plugged': happens('A reply with a link went out below a post.', 'publication', { postId: uuid(2) }),
  'publication.failed': happens('A post could not go out.', 'publication', {
    postId: uuid(2),
    reason: 'The platform refused the text: it is too long.',
  }),
  'publication.missed': happens('A post’s time passed before it could go out.', 'publication', { postId: uuid(2) }),
  'publication.withdrawn': happens('A publication was taken back before it went out.', 'publication', {
    postId: uuid(2),
  }),
  'publication.skipped': happens('A publication was left out.', 'publication', { postId: uuid(2) }),
  'publication.removed': happens('A post was removed from its platform.', 'publication', { postId: uuid(2) }),
  'publication.archived': happens('A publication was put away.', 'publication', { postId: uuid(2) }),
  'publishing.paused': happens('Publishing rests, for one account or for all.', 'account', { reason: 'Launch day' }),
  'publishing.resumed': happens('Publishing goes on.', 'account'),
  'assisted.created': happens('A post waits to be sent by hand.', 'task'),
  'assisted.done': happens('A post was sent by hand.', 'task', { platform: 'hackernews' }),
  'assisted.skipped': happens('A post to send by hand was left out.', 'task'),
  'automation.created': happens('A rule was made.', 'automation', { kind: 'repost' }),
  'automation.switched_on': happens('A rule works.', 'automation'),
  'automation.switched_off': happens('A rule rests.', 'automation'),
  'automation.removed': happens('A rule was removed.', 'automation'),
  'automation.acted': happens('A rule did something.', 'automation', {
    cause: 'publication:0b0f3c1e',
    postId: uuid(2),
  }),
  'inbox.received': happens('Replies or mentions came in.', 'account', { count: 3 }),
  'inbox.answered': happens('A reply or mention was answered.', 'inbox item', {
    publicationId: uuid(2),
    elsewhere: false,
  }),
  'contact.advocated': happens('Somebody speaks for the app again and again.', 'contact', {
    handle: 'ada',
    platform: 'bluesky',
  }),
  'mailing_list.created': happens('A mailing list was made.', 'mailing list'),
  'subscriber.confirmed': happens('Somebody confirmed a subscription.', 'subscriber', { mailingListId: uuid(2) }),
  'subscriber.left': happens('Somebody unsubscribed.', 'subscriber', { mailingListId: uuid(2) }),
  'subscriber.bounced': happens('A subscriber’s address takes no mail.', 'subscriber', { mailingListId: uuid(2) }),
  'affiliate.added': happens('An affiliate was added.', 'affiliate', { appId: uuid(2) }),
  'affiliate.changed': happens('An affiliate was edited.', 'affiliate'),
  // measure
  'tracking.begun': happens('The first event of an app came in.', 'app'),
  'agent.decided': happens('A kind of visitor was given its class.', 'app', {
    agentName: 'ExampleBot',
    foundClass: 'bot',
  }),
  'recount.requested': happens('Traffic is counted again.', 'app', { reason: 'time_zone' }),
  'conversion.made': happens('Conversions were recorded.', 'app', { times: 2 }),
  'payment_source.connected': happens('A payment provider was connected.', 'payment source', { appId: uuid(2) }),
  'payment.received': happens('A payment provider told of something; it is worked through next.', 'payment event', {
    kind: 'invoice.paid',
  }),
  'backfill.requested': happens('A payment provider’s records are read.', 'payment source'),
  'commission.earned': happens('An affiliate earned a commission.', 'commission', {
    affiliateId: uuid(2),
    appId: uuid(3),
  }),
  'commission.corrected': happens('A commission was corrected.', 'commission', {
    affiliateId: uuid(2),
    appId: uuid(3),
  }),
  'commission.paid': happens('Commissions were marked as paid out.', 'affiliate', { minor: '4200', currency: 'USD' }),
  'transfer.requested': happens('An import or export was asked for.', 'transfer', {
    direction: 'export',
    format: 'archive',
  }),
  'transfer.done': happens('An import or export is done.', 'transfer', { direction: 'export', format: 'archive' }),
  'transfer.failed': happens('An import or export failed.', 'transfer', { direction: 'import', format: 'csv' }),
  // grow
  'insight.found': happens('Something worth knowing was found in the numbers.', 'insight', {
    appId: uuid(2),
    detector: 'anomaly',
    kind: 'anomaly',
    severity: 'high',
  }),
  'suggestion.proposed': happens('Something worth doing was proposed.', 'suggestion', { appId: uuid(2) }),
  'suggestion.accepted': happens('A suggestion was accepted and the strategy revised.', 'suggestion', {
    appId: uuid(2),
    strategyId: uuid(3),
    strategyVersion: 4,
  }),
  'suggestion.dismissed': happens('A suggestion was dismissed.', 'suggestion', { appId: uuid(2) }),
  'suggestion.started': happens('Somebody took up a suggestion.', 'suggestion', { appId: uuid(2) }),
  'suggestion.done': happens('A suggestion was carried out.', 'suggestion', { appId: uuid(2) }),
  'suggestion.reopened': happens('A suggestion is open again.', 'suggestion', { appId: uuid(2) }),
  'suggestion.measured': happens('What a suggestion changed was measured.', 'suggestion', {
    appId: uuid(2),
    verdict: 'better',
  }),
  'alert.raised': happens('An alert was raised.', 'alert', { appId: uuid(2), severity: 'warning' }),
  'experiment.started': happens('An experiment runs.', 'experiment', { appId: uuid(2) }),
  'experiment.ended': happens('An experiment is over.', 'experiment', { appId: uuid(2), decidedArm: 'B' }),
  'report.written': happens('A report was written.', 'report', { appId: uuid(2), kind: 'week' }),
  'report.restated': happens('Numbers of a report no longer hold and were put right.', 'report', {
    appId: uuid(2),
    kind: 'week',
  }),
} as const satisfies Record<`${string}.${string}`, Happening>;

export type ActivityName = keyof typeof activities;

/** `subject`: what `subject_id` is the id of; null where there is none. */
export type Happening = { says: string; subject: string | null; detail: Detail };

/** All names, in the order of the stages. */
export const activityNames = Object.keys(activities) as ActivityName[];

function happens<const D extends Detail = Record<never, never>>(says: string, subject: string | null, detail?: D) {
  return { says, subject, detail: (detail ?? {}) as D };
}

/** An id for examples: told apart by its first digits. */
function uuid(which: number): string {
  return `0${which}8f3c1e-5b7a-4d2e-9c64-1f0a7b3d5e90`;
}
