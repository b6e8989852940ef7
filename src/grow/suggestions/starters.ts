import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import type { Category, StrategyChange } from './kind.ts';

/** A first step every app needs; a checklist item, not a finding, so no effect is promised. */
export type Starter = { name: string; inPlace: boolean; idea: Idea };
type Idea = {
  category: Category;
  title: string;
  reasoning: string;
  priority: 'high' | 'medium' | 'low';
  effort: number;
  /** 1 = nice to have, 5 = nothing works well without it. A judgement, not a measurement. */
  impact: number;
  minutes: number;
  actions: string[];
  timeFrameDays: number;
  strategyChange: StrategyChange;
};

export const starterReason = 'A first step: what it brings can only be seen once it is in place.';

type Standing = {
  tracker: boolean;
  account: boolean;
  payments: boolean;
  confirmedFacts: number;
  openFacts: number;
  currentStrategy: boolean;
  proposedStrategy: boolean;
  pricingUrl: string | null;
  posts: number;
  pricingLinked: boolean;
  planned: boolean;
};

const factsWanted = 5;

/** Which first steps are in place for this app and which are not; steps that make no sense yet are left out. */
export async function readStarters(inside: Inside, appId: string): Promise<Starter[]> {
  const { rows } = await sql<Standing>`
    select
      exists (select from tracking_settings where app_id = ${appId} and first_event_at is not null) as tracker,
      exists (select from accounts where status in ('connected', 'paused')) as account,
      exists (select from payment_sources where app_id = ${appId} and removed_at is null) as payments,
      (select count(*)::int from facts where app_id = ${appId} and state in ('confirmed', 'corrected')) as confirmed_facts,
      (select count(*)::int from facts where app_id = ${appId} and state = 'proposed') as open_facts,
      exists (select from strategies where app_id = ${appId} and state = 'current') as current_strategy,
      exists (select from strategies where app_id = ${appId} and state = 'proposed') as proposed_strategy,
      (select url from pages where app_id = ${appId} and kind = 'pricing' and competitor_id is null and gone_at is null order by first_seen_at limit 1) as pricing_url,
      (select count(*)::int from posts where app_id = ${appId} and status in ('scheduled', 'published')) as posts,
      exists (
        select from pages g where g.app_id = ${appId} and g.kind = 'pricing' and g.competitor_id is null and (
          exists (select from posts p where p.app_id = ${appId} and starts_with(p.link_url, g.url))
          or exists (select from links l where l.app_id = ${appId} and l.post_id is not null and starts_with(l.destination, g.url)))
      ) as pricing_linked,
      exists (
        select from publications u join posts p on p.workspace_id = u.workspace_id and p.id = u.post_id
        where p.app_id = ${appId} and u.state in ('scheduled', 'publishing', 'published')
      ) as planned`.execute(inside.tx);
  return rows[0] ? startersOf(rows[0]) : [];
}

function startersOf(standing: Standing): Starter[] {
  const all: (Starter & { sensible: boolean })[] = [
    {
      name: 'tracker',
      sensible: true,
      inPlace: standing.tracker,
      idea: {
        category: 'product',
        title: 'Put the tracker on your site',
        reasoning: 'Without it Fanfare cannot see which posts bring visitors, signups and money.',
        priority: 'high',
        effort: 1,
        impact: 5,
        minutes: 10,
        actions: [
          'Copy the snippet from the settings of the app.',
          'Put it into every page, before the end of the head.',
          'Open your site once; the first visit shows up within a minute.',
        ],
        timeFrameDays: 7,
        strategyChange: {},
      },
    },
    {
      name: 'account',
      sensible: true,
      inPlace: standing.account,
      idea: {
        category: 'social',
        title: 'Connect an account to post from',
        reasoning: 'Nothing can go out until an account is connected.',
        priority: 'high',
        effort: 1,
        impact: 5,
        minutes: 10,
        actions: ['Open the accounts in the settings.', 'Connect X, or the sandbox to try things out.'],
        timeFrameDays: 7,
        strategyChange: {},
      },
    },
    {
      name: 'facts',
      sensible: standing.openFacts + standing.confirmedFacts > 0,
      inPlace: standing.confirmedFacts >= factsWanted || standing.openFacts === 0,
      idea: {
        category: 'content',
        title: 'Confirm what Fanfare read about your app',
        reasoning: `${standing.confirmedFacts} of ${standing.confirmedFacts + standing.openFacts} statements are confirmed. Posts are built on them, so a wrong one would be repeated.`,
        priority: 'medium',
        effort: 1,
        impact: 4,
        minutes: 10,
        actions: [
          'Read the statements with the lowest confidence first.',
          `Confirm or correct at least ${factsWanted} of them.`,
        ],
        timeFrameDays: 7,
        strategyChange: {},
      },
    },
    {
      name: 'strategy',
      sensible: standing.proposedStrategy || standing.currentStrategy,
      inPlace: standing.currentStrategy,
      idea: {
        category: 'content',
        title: 'Decide on the proposed strategy',
        reasoning: 'Campaigns and drafts follow from it; until it is approved nothing is planned by itself.',
        priority: 'high',
        effort: 1,
        impact: 4,
        minutes: 10,
        actions: ['Read the proposal.', 'Change what does not fit, then approve it.'],
        timeFrameDays: 7,
        strategyChange: {},
      },
    },
    {
      name: 'first_week',
      sensible: true,
      inPlace: standing.planned,
      idea: {
        category: 'social',
        title: 'Plan your first week',
        reasoning: 'Nothing was scheduled yet. What works can only be learned from posts that went out.',
        priority: 'high',
        effort: 2,
        impact: 5,
        minutes: 45,
        actions: ['Have a week drafted, or write three posts.', 'Read each one and correct it.', 'Schedule them.'],
        timeFrameDays: 7,
        strategyChange: {
          add: [
            { kind: 'cadence', statement: 'Plan each week before it begins.', reasoning: 'Nothing was scheduled yet.' },
          ],
        },
      },
    },
    {
      name: 'payments',
      sensible: standing.tracker,
      inPlace: standing.payments,
      idea: {
        category: 'product',
        title: 'Connect your payment provider',
        reasoning: 'Signups are counted, but without payments nobody can say which posts earned money.',
        priority: 'medium',
        effort: 2,
        impact: 4,
        minutes: 15,
        actions: ['Add a payment source in the settings.', 'Give its webhook address to the provider.'],
        timeFrameDays: 14,
        strategyChange: {},
      },
    },
    {
      name: 'pricing_link',
      sensible: standing.pricingUrl !== null && standing.posts > 0,
      inPlace: standing.pricingLinked,
      idea: {
        category: 'conversion',
        title: 'Link your pricing page in a post',
        reasoning: `You have a pricing page (${standing.pricingUrl ?? ''}), but no post links to it.`,
        priority: 'medium',
        effort: 1,
        impact: 3,
        minutes: 20,
        actions: ['Write a post about what the app costs and for whom it pays.', 'Link the pricing page in it.'],
        timeFrameDays: 28,
        strategyChange: {
          add: [
            {
              kind: 'message',
              statement: 'Say what it costs, and link the pricing page now and then.',
              reasoning: 'No post has linked the pricing page so far.',
            },
          ],
        },
      },
    },
  ];
  return all.filter(({ sensible }) => sensible).map(({ name, inPlace, idea }) => ({ name, inPlace, idea }));
}
