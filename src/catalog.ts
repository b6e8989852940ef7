import { accountOperations } from '#src/distribute/accounts.ts';
import { affiliateOperations } from '#src/distribute/affiliates.ts';
import { assistedOperations } from '#src/distribute/assisted.ts';
import { automationOperations } from '#src/distribute/automations/operations.ts';
import {
  manyPostsOperations,
  manyPublicationsOperations,
  planningOperations,
} from '#src/distribute/calendar/operations.ts';
import { campaignFileOperations } from '#src/distribute/campaign-files/operations.ts';
import { channelOperations } from '#src/distribute/channels.ts';
import { feedOperations } from '#src/distribute/feeds.ts';
import { contactOperations, inboxOperations } from '#src/distribute/inbox.ts';
import { launchOperations } from '#src/distribute/launch.ts';
import { linkOperations } from '#src/distribute/links/operations.ts';
import { newsletterOperations } from '#src/distribute/newsletter/letters.ts';
import { mailingListOperations } from '#src/distribute/newsletter/lists.ts';
import { subscriberOperations } from '#src/distribute/newsletter/subscribers.ts';
import { publicationOperations, publishingOperations, schedulingOperations } from '#src/distribute/publications.ts';
import { suggestSlots } from '#src/distribute/slots/suggest.ts';
import { slotOperations } from '#src/distribute/slots.ts';
import { spendOperations } from '#src/distribute/spend.ts';
import { doctorOperations } from '#src/doctor.ts';
import { alertOperations, alertRuleOperations } from '#src/grow/alerts/operations.ts';
import { alertSettingsOperations, alertTargetOperations } from '#src/grow/alerts/target-operations.ts';
import { experimentOperations } from '#src/grow/experiments/operations.ts';
import { insightOperations } from '#src/grow/insights/operations.ts';
import { reportOperations } from '#src/grow/reports.ts';
import { successOperations } from '#src/grow/success.ts';
import { suggestionOperations } from '#src/grow/suggestions/operations.ts';
import { templateResultOperations } from '#src/grow/template-results.ts';
import { annotationOperations } from '#src/measure/annotations.ts';
import { attributionOperations } from '#src/measure/attribution/credits.ts';
import { cohortOperations } from '#src/measure/cohorts.ts';
import { commissionOperations } from '#src/measure/commissions/operations.ts';
import { conversionOperations, goalOperations } from '#src/measure/conversions.ts';
import { customerStoryOperations } from '#src/measure/customers/story.ts';
import { dashboardOperations } from '#src/measure/dashboards.ts';
import { refusalOperations } from '#src/measure/events/refusals.ts';
import { eventOperations } from '#src/measure/events/server.ts';
import { trackingOperations } from '#src/measure/events/settings.ts';
import { funnelOperations } from '#src/measure/funnels.ts';
import { hashtagOperations } from '#src/measure/hashtags.ts';
import { customerOperations } from '#src/measure/identities.ts';
import { journeyOperations } from '#src/measure/journeys.ts';
import { ledgerOperations } from '#src/measure/ledger.ts';
import { byHandOperations } from '#src/measure/metrics/by-hand.ts';
import { postMetricsOperations } from '#src/measure/metrics/of-post.ts';
import { metricOperations } from '#src/measure/metrics.ts';
import { platformOperations, presenceOperations } from '#src/measure/presence.ts';
import { campaignNumbersOperations, returnOperations } from '#src/measure/returns/operations.ts';
import { paymentOperations } from '#src/measure/revenue/payment-list.ts';
import {
  recordedPaymentOperations,
  recordedSubscriptionOperations,
  refundOperations,
} from '#src/measure/revenue/recording.ts';
import { paymentSourceOperations } from '#src/measure/revenue/source-operations.ts';
import { revenueOperations } from '#src/measure/revenue/summary.ts';
import { segmentOperations } from '#src/measure/segments.ts';
import { timingOperations } from '#src/measure/timing.ts';
import { analyticsOperations } from '#src/measure/traffic.ts';
import { transferOperations } from '#src/measure/transfers.ts';
import { viewOperations } from '#src/measure/views.ts';
import { aiOperations } from '#src/people/ai.ts';
import { auditOperations } from '#src/people/audit.ts';
import { backupOperations } from '#src/people/backups.ts';
import { keyOperations } from '#src/people/keys.ts';
import { mailOperations } from '#src/people/mail.ts';
import { noticeOperations } from '#src/people/notices.ts';
import { consentOperations } from '#src/people/privacy/consents.ts';
import { privacyOperations } from '#src/people/privacy/operations.ts';
import { processingOperations } from '#src/people/privacy/processing.ts';
import { purgeOperations, retentionOperations } from '#src/people/privacy/retention.ts';
import { secretOperations } from '#src/people/secrets.ts';
import { setupOperations } from '#src/people/setup.ts';
import { resetLinkOperation } from '#src/people/sign-in/reset.ts';
import { enterWorkspace, passkeyOperations, sessionOperations } from '#src/people/sign-in/sessions.ts';
import { webhookOperations } from '#src/people/webhooks/operations.ts';
import { invitationOperations } from '#src/people/workspaces/invitations.ts';
import { memberOperations } from '#src/people/workspaces/members.ts';
import { workspaceOperations } from '#src/people/workspaces.ts';
import { calendarOperations } from '#src/plan/calendar.ts';
import { campaignOperations } from '#src/plan/campaigns/operations.ts';
import { costOperations } from '#src/plan/costs.ts';
import { draftOperations } from '#src/plan/draft.ts';
import { postOperations } from '#src/plan/posts/operations.ts';
import { strategyOperations } from '#src/plan/strategies/operations.ts';
import { templateOperations } from '#src/plan/templates/operations.ts';
import { flowOperations } from '#src/reactions.ts';
import { analysisOperations } from '#src/understand/analyse.ts';
import { appOperations } from '#src/understand/apps/operations.ts';
import { assetOperations } from '#src/understand/assets/operations.ts';
import { audienceOperations } from '#src/understand/audiences.ts';
import { competitorOperations, competitorWatchOperations, featureOperations } from '#src/understand/competitors.ts';
import { keywordOperations } from '#src/understand/keywords.ts';
import { knowledgeOperations } from '#src/understand/knowledge.ts';
import { findingOperations, pageOperations } from '#src/understand/pages.ts';
import { voiceOperations } from '#src/understand/voice/operations.ts';

/**
 * THE DOORPLATE: everything the product can do, by stage. An operation's name is its place here (`posts.schedule`);
 * the typed web client, the HTTP API, the CLI and the MCP server are cut from this list.
 */
export const catalog = {
  // people
  setup: { ...setupOperations, resetLink: resetLinkOperation },
  sessions: sessionOperations,
  passkeys: passkeyOperations,
  workspaces: { ...workspaceOperations, enter: enterWorkspace },
  members: memberOperations,
  invitations: invitationOperations,
  keys: keyOperations,
  backups: backupOperations,
  doctor: doctorOperations,
  notices: noticeOperations,
  ai: aiOperations,
  mail: mailOperations,
  audit: auditOperations,
  privacy: { ...privacyOperations, ...processingOperations },
  consents: consentOperations,
  retention: retentionOperations,
  purges: purgeOperations,
  webhooks: webhookOperations,
  secrets: secretOperations,
  flow: flowOperations,
  // understand
  apps: appOperations,
  analyses: analysisOperations,
  pages: pageOperations,
  findings: findingOperations,
  knowledge: knowledgeOperations,
  voice: voiceOperations,
  keywords: keywordOperations,
  audiences: audienceOperations,
  competitors: { ...competitorOperations, ...competitorWatchOperations },
  features: featureOperations,
  assets: assetOperations,
  // plan
  strategies: strategyOperations,
  campaigns: { ...campaignOperations, ...campaignNumbersOperations },
  campaignFiles: campaignFileOperations,
  costs: costOperations,
  templates: { ...templateOperations, ...templateResultOperations },
  drafts: draftOperations,
  calendar: { ...calendarOperations, ...planningOperations },
  launch: launchOperations,
  posts: { ...postOperations, ...schedulingOperations, ...manyPostsOperations },
  // distribute
  accounts: accountOperations,
  slots: { ...slotOperations, suggest: suggestSlots },
  links: linkOperations,
  publications: { ...publicationOperations, ...manyPublicationsOperations },
  publishing: publishingOperations,
  spend: spendOperations,
  channels: channelOperations,
  affiliates: affiliateOperations,
  assisted: { ...assistedOperations, ...byHandOperations },
  inbox: inboxOperations,
  contacts: contactOperations,
  automations: automationOperations,
  mailingLists: mailingListOperations,
  subscribers: subscriberOperations,
  newsletter: newsletterOperations,
  feeds: feedOperations,
  // measure
  tracking: { ...trackingOperations, ...refusalOperations },
  events: eventOperations,
  conversions: conversionOperations,
  goals: goalOperations,
  customers: { ...customerOperations, ...customerStoryOperations },
  paymentSources: paymentSourceOperations,
  payments: { ...paymentOperations, ...recordedPaymentOperations },
  refunds: refundOperations,
  subscriptions: recordedSubscriptionOperations,
  revenue: revenueOperations,
  commissions: commissionOperations,
  attribution: attributionOperations,
  returns: returnOperations,
  segments: segmentOperations,
  ledger: ledgerOperations,
  hashtags: hashtagOperations,
  metrics: { ...metricOperations, ...postMetricsOperations },
  presence: presenceOperations,
  platforms: platformOperations,
  timing: timingOperations,
  dashboards: dashboardOperations,
  analytics: analyticsOperations,
  annotations: annotationOperations,
  views: viewOperations,
  funnels: funnelOperations,
  cohorts: cohortOperations,
  journeys: journeyOperations,
  transfers: transferOperations,
  // grow
  insights: insightOperations,
  suggestions: suggestionOperations,
  alerts: alertOperations,
  alertRules: alertRuleOperations,
  alertTargets: alertTargetOperations,
  alertSettings: alertSettingsOperations,
  reports: reportOperations,
  experiments: experimentOperations,
  success: successOperations,
};
