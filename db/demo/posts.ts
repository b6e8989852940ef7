import type { TemplateKind } from '#src/plan/writing/index.ts';
import { beginning } from './posts/beginning.ts';
import { growing } from './posts/growing.ts';
import { lately } from './posts/lately.ts';
import type { DemoPost } from './posts/post.ts';

export type { DemoPost } from './posts/post.ts';

/** A year of Maya's posts, in order. */
export const posts: DemoPost[] = [...beginning, ...growing, ...lately];

/** A post of last night: it came due while Maya's laptop was closed, so it waits for her word. */
export const late: DemoPost = {
  ago: 1,
  at: '19:30',
  campaign: 'build',
  kind: 'behind_the_scenes',
  reach: 0,
  pull: 0,
  mishap: 'late',
  parts: [
    'Two days to go. The last bug of v2 was a missing comma in the sentence that says there are no bugs. {{link}}',
  ],
};

export type Upcoming = {
  in: number;
  at: string;
  campaign: DemoPost['campaign'];
  kind: TemplateKind;
  parts: string[];
  state: 'scheduled' | 'draft';
  picture?: DemoPost['picture'];
  /** With its last part. */
  poll?: { minutes: number; options: string[] };
};

/** What comes again each week, on that day (1 = Monday). */
export const weekly: Pick<DemoPost, 'campaign' | 'kind' | 'parts'> & { weekday: number; at: string } = {
  weekday: 5,
  at: '16:30',
  campaign: 'build',
  kind: 'community',
  parts: [
    'Friday question: what did you ship this week, in one sentence, for someone who has never seen your app? I will turn three of the answers into release notes.',
  ],
};

/** What is planned: days from today; the launch is the day after tomorrow. A draft waits for its day. */
export const upcoming: Upcoming[] = [
  {
    in: 0,
    at: '18:00',
    campaign: 'build',
    kind: 'educational',
    state: 'scheduled',
    parts: [
      'Sunday teardown: three landing pages that got the first line right, and one that hides the price. {{link}}',
    ],
  },
  {
    in: 2,
    at: '09:00',
    campaign: 'launch',
    kind: 'launch_announcement',
    state: 'scheduled',
    parts: [
      'I shipped v2 today. One person, a year of Fridays.\n\nHere is everything that worked, everything that did not, and the numbers behind both 🧵',
      'The biggest lesson: I spent four months on features nobody asked for.\n\nWhat moved the numbers was a boring export. One customer mentioned it on a call and I almost ignored it.',
      'What worked, in order:\n\n1. Answering every reply within an hour\n2. One long guide instead of ten short posts\n3. Showing real revenue, including the bad months\n4. Moving people over by hand, on a call',
      'If you want to try it, v2 is live now and free for your first project: {{link}}',
    ],
  },
  {
    in: 2,
    at: '17:00',
    campaign: 'launch',
    kind: 'feature_update',
    state: 'scheduled',
    picture: 'example',
    parts: [
      'v2 in one example: the pull request says "fix nullable tz in digest job". The note says "Your weekly mail now arrives at nine in your own morning". {{link}}',
    ],
  },
  {
    in: 3,
    at: '12:15',
    campaign: 'launch',
    kind: 'community',
    state: 'scheduled',
    parts: [
      'Thank you. What the first 24 hours of v2 looked like, hour by hour, including the outage at four: {{link}}',
    ],
  },
  {
    in: 4,
    at: '09:00',
    campaign: 'switch',
    kind: 'comparison',
    state: 'scheduled',
    parts: [
      'Coming from Noticeboard? Import your whole log in one step and keep every old link. A walkthrough: {{link}}',
    ],
  },
  {
    in: 5,
    at: '12:15',
    campaign: 'launch',
    kind: 'community',
    state: 'scheduled',
    parts: [
      'v2 has been out for three days. The thing people write about most is one I nearly left out: the note that says what did not change.',
      'Next week I take one part of it to pieces in public, with the code. Which one?',
    ],
    poll: { minutes: 1440, options: ['The import', 'The widget', 'How notes are written', 'The price page'] },
  },
  {
    in: 8,
    at: '09:00',
    campaign: 'build',
    kind: 'behind_the_scenes',
    state: 'draft',
    parts: ['How I decide what to write each week: a list of questions people asked me, sorted by how often. {{link}}'],
  },
  {
    in: 6,
    at: '09:00',
    campaign: 'build',
    kind: 'educational',
    state: 'draft',
    parts: ['The pricing page teardown nobody asked for: mine. {{link}}'],
  },
  {
    in: 7,
    at: '12:15',
    campaign: 'switch',
    kind: 'testimonial',
    state: 'draft',
    parts: ['Why Noticeboard customers switch, in three of their own sentences: {{link}}'],
  },
];
