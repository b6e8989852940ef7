import type { Prior } from './learn.ts';

/**
 * What is believed of each kind before this workspace has measured it: the 90 % interval of after ÷ before, over the flow
 * the kind names, and why. These are judgements, written down so that they can be argued with: no study of apps of this
 * size is known to us (November 2026). They are kept narrow where only a part of the visitors can notice the change, wide
 * where it depends on how well it is done, and nearly all reach to 1 or below: most things change little. Each measured
 * result moves them (`learn.ts`), unless what is measured is more than the flow the belief is about (`learns: false`).
 */
export type Belief = Prior & { learns: boolean };

export const priors: Readonly<Record<string, Belief>> = {
  'seo.titles': says(
    0.98,
    1.18,
    'A title changes how a result looks and a little where it stands; only visits from search to these pages can change.',
  ),
  'seo.descriptions': says(
    0.99,
    1.1,
    'The description changes whether a result is clicked, not where it stands, and engines often show other words.',
  ),
  'seo.technical': says(
    0.98,
    1.08,
    'Most technical findings change nothing that can be noticed; a few make a page findable at all.',
  ),
  'seo.keyword_gap': says(
    0.98,
    1.12,
    'A heading with the words people search for helps these pages, which are a part of all visits from search.',
  ),
  'seo.questions': says(0.98, 1.1, 'One more page adds to the visits from search slowly, and most pages bring few.'),

  'content.more_of_kind': says(
    0.7,
    1.8,
    'How much one sort of post differs from another varies widely, and what stood out before stands out less later.',
    false,
  ),
  'content.less_of_kind': says(0.95, 1.1, 'The places of weak posts are filled by average ones.', false),
  'content.follow_up': says(
    1.1,
    1.8,
    'A follow-up brings a part of what the first post brought: here a tenth to four fifths of it.',
    false,
  ),
  'content.evergreen': says(
    1.15,
    1.7,
    'Sent again, a good post brings less than the first time: here an eighth to two thirds.',
    false,
  ),
  'content.theme_gap': says(0.95, 1.1, 'Whether this theme brings more than the others is not known.', false),
  'content.untold_feature': says(1.2, 2, 'One more post of the usual sort, or a weaker one.', false),
  'content.unused_praise': says(
    1.2,
    2.1,
    'One more post of the usual sort; words of customers persuade somewhat more than one’s own.',
    false,
  ),

  'social.timing': says(
    0.75,
    1.5,
    'The time of a post matters less than the post; what the past shows is partly chance.',
    false,
  ),
  'social.empty_week': says(
    1.02,
    1.25,
    'A week without posts costs a part of the month’s visits from networks.',
    false,
  ),
  'social.tracked_links': says(1, 1.15, 'Some readers look the app up by themselves; a link saves the others the way.'),
  'social.cadence': says(1, 1.25, 'More posts bring more visits, each further one less.'),
  'social.better_source': says(1, 1.4, 'Two contributions a month to a place that sends visitors already.'),
  'social.previews': says(0.99, 1.12, 'A link with a picture takes more room in a timeline; clicks follow a little.'),
  'social.unconnected_platform': says(1, 1.5, 'Being present where one is talked about adds to what comes from there.'),

  'paid.stop_losing': says(1.3, 1.9, 'What is not spent is kept, less what the ads did bring.', false),
  'paid.raise_winning': says(
    0.95,
    1.25,
    'A third more budget brings less than a third more: the best places are taken first.',
    false,
  ),
  'paid.untracked': says(1, 1.1, 'Counting alone earns nothing; the decision after it does.', false),
  'paid.idle_budget': says(0.95, 1.1, 'A small test, with an open end.', false),
  'paid.untied_costs': says(1, 1.25, 'Of what nobody can name a use for, up to a quarter is usually cancelled.', false),

  'email.no_list': says(1, 1.1, 'A few in a hundred visitors subscribe, a few of these sign up later.', false),
  'email.silent_list': says(1.1, 2, 'A letter to people who asked for it, where none went out for a month.'),
  'email.unconfirmed': says(1, 1.2, 'Some of those who never confirmed would have read the letters.', false),
  'email.bounces': says(0.99, 1.1, 'Letters that arrive are read by a few more.', false),
  'email.leaving_readers': says(0.99, 1.15, 'Readers who stay keep visiting.', false),
  'email.few_forms': says(1, 1.06, 'More subscribers, of whom a few sign up within months.', false),

  'product.feature_gap': says(
    0.97,
    1.12,
    'For most visitors a single feature decides nothing; for some it is the only question.',
  ),
  'product.asked_for': says(0.98, 1.08, 'An answer where the question arises keeps some of those who wonder.'),
  'product.first_payment': says(
    0.97,
    1.2,
    'The first minutes decide for a part of the new users whether they come back.',
    false,
  ),
  'product.release_news': says(0.99, 1.05, 'Signs of life reassure those who compare; few do.'),

  'ux.phone': says(
    0.98,
    1.25,
    'A form that is easy by thumb closes a part of the gap; much of it is that people on phones only look.',
  ),
  'ux.leaky_entry': says(
    0.95,
    1.3,
    'A next step on a page people leave from; from little, a little more is a large ratio.',
  ),
  'ux.for_every_reader': says(0.99, 1.04, 'It matters greatly to a few visitors.'),
  'ux.slow_pages': says(0.99, 1.12, 'Some visitors leave before a slow page is there.'),
  'ux.dead_end': says(0.98, 1.1, 'Answers to the usual doubts keep some of those who leave at the price.'),

  'conversion.low_signups': says(
    0.95,
    1.5,
    'A page that converts far below the others has room; often its visitors simply want something else.',
  ),
  'conversion.source_promise': says(
    0.97,
    1.25,
    'A page that continues what they read keeps some; many were only curious.',
  ),
  'conversion.weak_channel': says(
    0.97,
    1.25,
    'As with a single source: part of the gap lies in who comes, not in the page.',
  ),
  'conversion.proof_on_pricing': says(
    0.98,
    1.08,
    'A quote next to the price helps those who hesitate, and changes nothing for the rest.',
  ),
  'conversion.competitor_price': says(0.98, 1.12, 'For some weeks people who compare look for alternatives.'),

  'partnership.referrers': says(1, 1.5, 'Somebody who links to you already may do more, or not answer.'),
  'partnership.start_affiliates': says(
    0.99,
    1.1,
    'A few affiliates bring nearly all of it, and most programs find none.',
    false,
  ),
  'partnership.idle_affiliates': says(0.98, 1.25, 'One in a few wakes up.'),
  'partnership.winning_affiliate': says(1, 1.6, 'Their readers trust them; the first link reached a part of them.'),

  'pr.milestone': says(1.1, 1.8, 'A story of one’s own numbers reaches a part of what the best post reached.', false),
  'pr.launch_steps': says(1, 1.5, 'Launches differ too much from one another to be believed.', false),
  'pr.forgotten_listings': says(1, 1.06, 'A listing brings a few visits a month, for a long time.', false),
  'pr.press_kit': says(0.99, 1.03, 'It helps the few who write.', false),

  'community.unanswered': says(
    1,
    1.08,
    'Those who get an answer write again, and others see that somebody answers.',
    false,
  ),
  'community.advocates': says(1, 1.08, 'Thanked people go on recommending.', false),
  'community.large_account': says(
    0.99,
    1.3,
    'Mostly nothing happens; now and then it brings a week’s worth of visits.',
  ),
  'community.where_they_talk': says(1, 1.5, 'Taking part where one is talked about adds to what comes from there.'),
  'community.welcome': says(1, 1.08, 'New followers listen for a week or two.'),
  'community.lost_followers': says(0.98, 1.04, 'Followers who leave were seldom readers.', false),

  'retention.failed_payments': says(
    1.1,
    1.6,
    'Reminders bring back a tenth to a half of failed payments, depending on the cards.',
    false,
  ),
  'retention.ask_why': says(
    0.75,
    1.02,
    'Of the reasons people give, one or two can be mended; churn falls by up to a quarter.',
  ),
  'retention.early_leavers': says(0.7, 1.03, 'Help in the first weeks keeps some of those who leave early.', false),
  'retention.yearly_plan': says(0.85, 1.02, 'A few change to the year, and cannot leave for that long.'),
  'retention.win_back': says(1, 1.1, 'A few in a hundred come back.', false),
  'retention.trials_ending': says(1.02, 1.3, 'A personal question moves a part of those who are undecided.', false),
};

/** The belief about a kind; every kind has one (tested). */
export function priorOf(kind: string): Belief {
  const found = priors[kind];
  if (!found) throw new Error(`The kind ${kind} has no prior.`);
  return found;
}

function says(low: number, high: number, reason: string, learns = true): Belief {
  return { low, high, reason, learns };
}
