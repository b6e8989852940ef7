import type { Suggestions } from '#src/db/types.ts';

export const categories = [
  'content',
  'timing',
  'channel',
  'audience',
  'conversion',
  'retention',
  'pricing',
  'technical',
  'community',
] as const;

/** What accepting a suggestion changes in the strategy; empty = nothing. */
export type StrategyChange = {
  add?: {
    kind: 'pillar' | 'audience' | 'channel' | 'message' | 'cadence' | 'experiment' | 'avoid';
    statement: string;
    reasoning: string;
  }[];
  postsPerWeek?: number;
};

export type Idea = {
  category: Suggestions['category'];
  title: string;
  reasoning: string;
  priority: Suggestions['priority'];
  /** 1 = minutes, 5 = a week. */
  effort: 1 | 2 | 3 | 4 | 5;
  /** 1 = nice to have, 5 = nothing works well without it. A judgement, not a measurement. */
  impact: 1 | 2 | 3 | 4 | 5;
  minutes: number;
  actions: string[];
  timeFrameDays: number;
  strategyChange: StrategyChange;
};

export type InsightForIdea = {
  detector: string;
  subject: string;
  sentence: string;
  direction: 'up' | 'down' | 'steady' | null;
};

/** What to do about an insight, by the built-in rules; null when there is nothing sensible to suggest. */
export function ideaFor(insight: InsightForIdea): Idea | null {
  return rules[insight.detector]?.(insight) ?? null;
}

const rules: Record<string, (insight: InsightForIdea) => Idea | null> = {
  weekly_visits: (insight) =>
    insight.direction === 'up'
      ? {
          ...idea(insight, 'content', 'Find out what brought last week’s visits and do it again', 'medium', 2, 3, 30),
          actions: ['Open the sources of last week and see which one grew.', 'Plan one post for the place that grew.'],
          strategyChange: experiment(insight, 'Repeat what brought more visits than usual last week.'),
        }
      : {
          ...idea(insight, 'technical', 'Find out why visits fell last week', 'high', 2, 4, 30),
          actions: [
            'Check that the tracker still sends events from every page.',
            'See which source fell compared with the weeks before.',
            'Compare how much was posted in those weeks.',
          ],
          strategyChange: {},
        },
  standout_post: (insight) => ({
    ...idea(insight, 'content', 'Write a follow-up to the post that stood out', 'high', 2, 4, 45),
    actions: [
      'Read the replies and note what people asked.',
      'Write a follow-up that answers them.',
      'Schedule it within a week.',
    ],
    strategyChange: experiment(insight, 'Follow up on posts that brought many more visits than a typical one.'),
  }),
  post_kinds: (insight) =>
    insight.direction === 'up'
      ? {
          ...idea(insight, 'content', `Post more of what works: ${named(insight.subject)}`, 'high', 2, 4, 60),
          actions: [
            'Draft two more posts of this sort for the next two weeks.',
            'Give them the place of two that bring less.',
          ],
          strategyChange: pillar(insight, `Post more often: ${named(insight.subject)}.`),
        }
      : {
          ...idea(insight, 'content', `Post less of what brings little: ${named(insight.subject)}`, 'medium', 1, 3, 20),
          actions: ['Look at the drafts of this sort and keep only the best.', 'Fill their places with another sort.'],
          strategyChange: {
            add: [
              { kind: 'avoid', statement: `Post less often: ${named(insight.subject)}.`, reasoning: insight.sentence },
            ],
          },
        },
  posting_times: (insight) => ({
    ...idea(
      insight,
      'timing',
      insight.direction === 'up'
        ? `Post more often ${timeOf(insight.subject)}`
        : `Post less often ${timeOf(insight.subject)}`,
      'medium',
      1,
      3,
      15,
    ),
    actions: ['Change the slots of your accounts.', 'Move next week’s posts to the new slots.'],
    strategyChange: {
      add: [
        {
          kind: 'cadence',
          statement: `Post ${insight.direction === 'up' ? 'more' : 'less'} often ${timeOf(insight.subject)}.`,
          reasoning: insight.sentence,
        },
      ],
    },
  }),
  source_signups: (insight) =>
    insight.direction === 'up'
      ? {
          ...idea(
            insight,
            'channel',
            `Be more present where visitors sign up: ${named(insight.subject)}`,
            'high',
            3,
            4,
            90,
          ),
          actions: [
            'See which pages of that source link to you.',
            'Plan two posts or contributions there for the next month.',
          ],
          strategyChange: {
            add: [
              {
                kind: 'channel',
                statement: `Give more time to ${named(insight.subject)}.`,
                reasoning: insight.sentence,
              },
            ],
          },
        }
      : {
          ...idea(insight, 'audience', `Meet what visitors from ${named(insight.subject)} expect`, 'medium', 3, 3, 90),
          actions: [
            'Read what brings them: the post, listing or article.',
            'Send them to a page that answers just that.',
          ],
          strategyChange: {},
        },
  low_signups: (insight) => ({
    ...idea(insight, 'conversion', 'Help the visitors who come but do not sign up', 'high', 3, 4, 120),
    actions: [
      'Open the page as a visitor would, on a phone too.',
      'Say in the first screen what the app does and for whom.',
      'Put one clear way to sign up there.',
    ],
    strategyChange: {},
  }),
  followers: (insight) =>
    insight.direction === 'up'
      ? {
          ...idea(insight, 'community', 'Welcome the new followers while they are listening', 'medium', 1, 3, 30),
          actions: ['Pin the post that explains the app best.', 'Answer the replies of the last seven days.'],
          strategyChange: {},
        }
      : {
          ...idea(insight, 'community', 'Find out why followers left', 'medium', 1, 3, 20),
          actions: [
            'Look at what was posted that week and how people reacted.',
            'Go back to the kind of post that was welcome before.',
          ],
          strategyChange: {},
        },
  content_hygiene: (insight) =>
    insight.subject === 'links'
      ? {
          ...idea(insight, 'technical', 'Put a tracked link into your posts', 'high', 1, 4, 15),
          actions: [
            'Add a link to the posts that are scheduled.',
            'Where a link hurts reach, put it into the first reply.',
          ],
          strategyChange: {
            add: [
              {
                kind: 'message',
                statement: 'Every post that talks about the app has a link, in the post or its first reply.',
                reasoning: insight.sentence,
              },
            ],
          },
        }
      : {
          ...idea(insight, 'content', 'Describe your images', 'low', 1, 2, 10),
          actions: ['Add a description to the images of scheduled posts.'],
          strategyChange: {},
        },
  empty_week: (insight) => ({
    ...idea(insight, 'timing', 'Plan the coming week', 'high', 2, 4, 45),
    actions: ['Pick three drafts, or have a week drafted.', 'Approve and schedule them.'],
    strategyChange: {
      add: [{ kind: 'cadence', statement: 'Plan each week before it begins.', reasoning: insight.sentence }],
    },
  }),
};

function idea(
  insight: InsightForIdea,
  category: Idea['category'],
  title: string,
  priority: Idea['priority'],
  effort: Idea['effort'],
  impact: Idea['impact'],
  minutes: number,
): Omit<Idea, 'actions' | 'strategyChange'> {
  return { category, title, reasoning: insight.sentence, priority, effort, impact, minutes, timeFrameDays: 28 };
}

function experiment(insight: InsightForIdea, statement: string): StrategyChange {
  return { add: [{ kind: 'experiment', statement, reasoning: insight.sentence }] };
}

function pillar(insight: InsightForIdea, statement: string): StrategyChange {
  return { add: [{ kind: 'pillar', statement, reasoning: insight.sentence }] };
}

/** `kind:problem_solution` → `problem solution`. */
/** `time:afternoon` → `in the afternoon`. */
function timeOf(subject: string): string {
  const name = named(subject);
  return name === 'night' ? 'at night' : name === 'weekend' ? 'at the weekend' : `in the ${name}`;
}

function named(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1).replaceAll('_', ' ');
}
