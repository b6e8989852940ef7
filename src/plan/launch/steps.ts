/** A step as it is put into a plan. */
export type NewStep = {
  /** From the launch day: -14 is two weeks before it. */
  days: number;
  /** `{app}` is the app's name. */
  name: string;
  instructions: string;
  platform?: string | undefined;
  /** The id of the known place it is about. */
  place?: string | undefined;
  /** A moment that matters; else any time of the day. */
  at?: { time: string; zone: string } | undefined;
  /** What can be prepared for it: a post to send by hand, or a draft for its platform. */
  makes?: 'task' | 'draft' | undefined;
};

/** What every launch needs, wherever it is told of. */
export const OWN_STEPS: readonly NewStep[] = [
  {
    days: -21,
    name: 'Ask ten people to try {app}',
    instructions:
      'Write to ten people who have the problem. Fix what stops them; ask two of them for a sentence you may quote.',
  },
  {
    days: -14,
    name: 'Check the page people will land on',
    instructions:
      'Title, description, share picture, price, sign-up on a phone. Install the tracker so that you see where people come from.',
  },
  {
    days: -5,
    name: 'Choose the communities',
    instructions:
      'Two or three where you already take part. Read their rules on own projects, and write to each in its own words: the same text everywhere is removed as advertising.',
  },
  {
    days: -1,
    name: 'Try everything once more',
    instructions:
      'Sign up as a stranger, pay once, cancel, read the mails that come. Clear your calendar for tomorrow.',
  },
  {
    days: 7,
    name: 'Look at what brought people',
    instructions: 'Compare visits, signups and revenue by channel. Keep the two ways that worked, drop the rest.',
  },
];
