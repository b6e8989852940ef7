/** The steps of a launch, by days from the launch day. `{app}` is the app's name. A step with a platform can be posted. */
export type LaunchStep = { days: number; name: string; instructions: string; platform?: string };

export const LAUNCH_STEPS: readonly LaunchStep[] = [
  {
    days: -28,
    name: 'Say that {app} is coming',
    instructions: 'One post on what it will do and for whom, with a link where people can leave their address.',
    platform: 'x',
  },
  {
    days: -21,
    name: 'Ask ten people to try it',
    instructions:
      'Write to ten people who have the problem. Fix what stops them; ask two of them for a sentence you may quote.',
  },
  {
    days: -14,
    name: 'Prepare the Product Hunt page',
    instructions:
      'Draft it at producthunt.com/posts/new: name, a tagline of at most 60 characters, three to five pictures, a first comment that tells why you made it. Set the date.',
    platform: 'producthunt',
  },
  {
    days: -14,
    name: 'Check the page people will land on',
    instructions:
      'Title, description, share picture, price, sign-up on a phone. Install the tracker so that you see where people come from.',
  },
  {
    days: -10,
    name: 'Submit {app} to directories',
    instructions:
      'Start with those that take days to review: BetaList, AlternativeTo, SaaSHub, Uneed, There’s An AI For That where it fits. Use a tracked link for each.',
    platform: 'directories',
  },
  {
    days: -7,
    name: 'Write the launch thread',
    instructions: 'Problem, answer, three features, price, link. Approve it and schedule it for the launch morning.',
    platform: 'x',
  },
  {
    days: -5,
    name: 'Choose the communities',
    instructions:
      'Two or three where you already take part. Read their rules on own projects, and write to each in its own words: the same text everywhere is removed as advertising.',
    platform: 'communities',
  },
  {
    days: -3,
    name: 'Write the e-mail',
    instructions: 'Short, from you, one link. For the people who left their address and for those who tested.',
    platform: 'email',
  },
  {
    days: -1,
    name: 'Try everything once more',
    instructions:
      'Sign up as a stranger, pay once, cancel, read the mails that come. Clear your calendar for tomorrow.',
  },
  {
    days: 0,
    name: 'Go live on Product Hunt',
    instructions:
      'Days begin at 00:01 Pacific time. Put up your first comment at once and answer every comment. Do not ask for votes: it is against the rules.',
    platform: 'producthunt',
  },
  {
    days: 0,
    name: 'Post the launch thread',
    instructions: 'Pin it. Answer everyone who replies on the first day.',
    platform: 'x',
  },
  {
    days: 0,
    name: 'Show HN',
    instructions:
      'Submit to Hacker News as “Show HN: {app} – what it is”, to something people can try without signing up where possible. Add a comment on how it came about. Ask nobody for votes.',
    platform: 'hackernews',
  },
  {
    days: 0,
    name: 'Send the e-mail',
    instructions: 'To the people who asked to hear of it.',
    platform: 'email',
  },
  {
    days: 1,
    name: 'Post in the communities',
    instructions: 'One a day, each in its own words, and stay for the answers.',
    platform: 'communities',
  },
  {
    days: 2,
    name: 'Thank people and say what happened',
    instructions: 'Numbers, surprises, what you fix next. People who missed the launch read this one.',
    platform: 'x',
  },
  {
    days: 7,
    name: 'Look at what brought people',
    instructions: 'Compare visits, signups and revenue by link. Keep the two ways that worked, drop the rest.',
  },
];
