import type { TemplateKind } from '#src/plan/writing/index.ts';

/**
 * A year of Maya's posts for the demo. `ago` is days before today, `at` her local time, `reach` how it did against a
 * usual post of hers (1), `pull` how many of those who saw it came along (1 = as usual).
 */
export type DemoPost = {
  ago: number;
  at: string;
  campaign: 'build' | 'guide' | 'launch' | 'switch' | null;
  kind: TemplateKind;
  parts: string[];
  reach: number;
  pull: number;
  /** What went wrong with it: the platform refused it, or it came due while nothing was running. */
  mishap?: 'refused' | 'late';
};

export const posts: DemoPost[] = [
  {
    ago: 361,
    at: '09:00',
    campaign: 'build',
    kind: 'behind_the_scenes',
    reach: 0.5,
    pull: 1,
    parts: [
      'A customer asked me for a feature today. We shipped it four months ago.\n\nSo I am building the changelog I wish we had. In public, starting now. {{link}}',
    ],
  },
  {
    ago: 354,
    at: '12:15',
    campaign: 'build',
    kind: 'community',
    reach: 0.5,
    pull: 0.6,
    parts: [
      'How do your users learn what you shipped last month?\n\nI asked twenty founders. Twelve said "they do not".',
    ],
  },
  {
    ago: 347,
    at: '09:00',
    campaign: 'build',
    kind: 'behind_the_scenes',
    reach: 0.6,
    pull: 0.9,
    parts: [
      'First version of the widget: 31 KB. Rewrote it without a framework: 4 KB.\n\nNobody will notice. That is the point. {{link}}',
    ],
  },
  {
    ago: 338,
    at: '17:00',
    campaign: 'build',
    kind: 'problem_solution',
    reach: 0.6,
    pull: 1.1,
    parts: [
      'Commit messages are written for the person who merges.\nRelease notes are for the person who asked.\n\nThey are never the same sentence. {{link}}',
    ],
  },
  {
    ago: 330,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 0.9,
    pull: 1.2,
    parts: [
      'First paying customer. A stranger, from a post, for $19.\n\nI have looked at the e-mail nine times. {{link}}',
    ],
  },
  {
    ago: 322,
    at: '12:15',
    campaign: 'guide',
    kind: 'educational',
    reach: 0.8,
    pull: 1.5,
    parts: [
      'A release note in three lines:\n\n1. What you can do now\n2. Where to find it\n3. Who asked for it\n\nThe third one is why people read the next one. {{link}}',
    ],
  },
  {
    ago: 315,
    at: '09:00',
    campaign: 'build',
    kind: 'behind_the_scenes',
    reach: 0.5,
    pull: 0.7,
    parts: ['Spent the day on an empty state nobody sees twice. No regrets.'],
  },
  {
    ago: 306,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.1,
    pull: 1.2,
    parts: [
      'Month 2 in numbers:\n\n41 signups\n4 paying\n1 refund (she was right)\n\nWhat brought people and what did not: {{link}}',
    ],
  },
  {
    ago: 298,
    at: '14:00',
    campaign: 'switch',
    kind: 'comparison',
    reach: 0.6,
    pull: 1.4,
    parts: [
      'I tried six changelog tools before writing one.\n\nFive start with an empty page. One starts with a price per reader. {{link}}',
    ],
  },
  {
    ago: 290,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.3,
    pull: 1.6,
    parts: [
      'The best place to announce a feature is the page where it is used.\n\nNot a blog. Not an e-mail. The page. {{link}}',
    ],
  },
  {
    ago: 281,
    at: '12:15',
    campaign: 'build',
    kind: 'community',
    reach: 0.7,
    pull: 0.6,
    parts: [
      'Founders who write their own support mails: what question comes back every week?\n\nI collect them. Half are release notes nobody wrote.',
    ],
  },
  {
    ago: 276,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.2,
    pull: 1.1,
    parts: ['Month 3: revenue doubled, and so did my doubts.\n\nThe honest version, with the chart: {{link}}'],
  },
  {
    ago: 268,
    at: '16:30',
    campaign: 'build',
    kind: 'feature_update',
    reach: 0.5,
    pull: 0.8,
    parts: [
      'New: notes only for the people they concern.\n\nIf you are on the free plan you no longer read about things you do not have. {{link}}',
    ],
  },
  {
    ago: 260,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.4,
    pull: 1.7,
    parts: [
      'I read 200 changelogs so you do not have to. What the good ones share, in a thread.',
      'They talk about one person. Not "users". "If you export every Friday, this saves you two clicks."',
      'They say where. A note without a place is a riddle.',
      'They admit things. "This was slower than it should have been" is the most read sentence in my own log.',
      'The whole list, with examples: {{link}}',
    ],
  },
  {
    ago: 252,
    at: '12:15',
    campaign: 'switch',
    kind: 'comparison',
    reach: 0.7,
    pull: 1.3,
    parts: ['A per-reader fee means you hope that nobody reads.\n\nThat is a strange thing to hope for. {{link}}'],
  },
  {
    ago: 246,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.2,
    pull: 1.2,
    parts: [
      'Month 4. Churn arrived.\n\nThree people left in one week, all in the same way. I called each of them. Here is what I changed: {{link}}',
    ],
  },
  {
    ago: 238,
    at: '19:20',
    campaign: null,
    kind: 'community',
    reach: 0.4,
    pull: 0.3,
    parts: [
      'Unpopular: your roadmap page is a list of promises with no dates. Your changelog is a list of promises kept.',
    ],
  },
  {
    ago: 231,
    at: '09:00',
    campaign: 'guide',
    kind: 'problem_solution',
    reach: 1.1,
    pull: 1.5,
    parts: [
      '"Bug fixes and improvements" is how you tell people not to read the next one.\n\nWhat to write instead, ten real rewrites: {{link}}',
    ],
  },
  {
    ago: 223,
    at: '12:15',
    campaign: 'build',
    kind: 'testimonial',
    reach: 0.8,
    pull: 1.2,
    parts: [
      '“Support questions about new features dropped by half in the first month.”\n\nJonas, who runs Rota with two people. {{link}}',
    ],
  },
  {
    ago: 216,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.3,
    pull: 1.2,
    parts: ['Month 5: the first month that pays my rent.\n\nNot my rent and food. One thing at a time. {{link}}'],
  },
  {
    ago: 208,
    at: '17:00',
    campaign: 'build',
    kind: 'behind_the_scenes',
    reach: 0.6,
    pull: 0.7,
    parts: ['Deleted 2,300 lines today. The app got faster and I got happier.'],
  },
  {
    ago: 200,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.5,
    pull: 1.8,
    parts: [
      'How to announce a price increase without losing people.\n\nI did it last week. Two left, eleven upgraded. The mail, word for word: {{link}}',
    ],
  },
  {
    ago: 193,
    at: '12:15',
    campaign: 'switch',
    kind: 'comparison',
    reach: 0.8,
    pull: 1.5,
    parts: [
      'Moving your old changelog takes four minutes. I timed it with a stranger on a call.\n\nThe import reads Markdown, Notion and most feeds. {{link}}',
    ],
  },
  {
    ago: 186,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.4,
    pull: 1.2,
    parts: ['Half a year of Driftlog, all numbers, including the embarrassing ones. {{link}}'],
  },
  {
    ago: 178,
    at: '16:30',
    campaign: 'build',
    kind: 'feature_update',
    reach: 0.7,
    pull: 1,
    parts: [
      'Weekly digest is live. People who have not opened the app for a week get one mail with what is new for them. One. {{link}}',
    ],
  },
  {
    ago: 171,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.2,
    pull: 1.6,
    parts: [
      'Your users do not read because you write about your code.\n\nA before and after for five notes, all real: {{link}}',
    ],
  },
  {
    ago: 163,
    at: '12:15',
    campaign: 'build',
    kind: 'community',
    reach: 0.6,
    pull: 0.5,
    parts: [
      'Solo founders: which task do you do yourself although you could pay somebody?\n\nMine is support. It is where the product comes from.',
    ],
  },
  {
    ago: 156,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.3,
    pull: 1.1,
    parts: ['Month 7: flat.\n\nI could show you the other chart. Here is why it is flat and what I try next: {{link}}'],
  },
  {
    ago: 148,
    at: '14:00',
    campaign: 'switch',
    kind: 'comparison',
    reach: 0.7,
    pull: 1.2,
    parts: [
      'We moved off Headwater after two years. Not because it is bad.\n\nBecause an empty page every Friday is a cost. {{link}}',
    ],
  },
  {
    ago: 141,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.6,
    pull: 1.9,
    parts: [
      'The "boring" page that brings a third of our signups has no picture and no button above the fold.\n\nIt answers one question well. How I found the question: {{link}}',
    ],
  },
  {
    ago: 134,
    at: '12:15',
    campaign: 'build',
    kind: 'testimonial',
    reach: 0.9,
    pull: 1.1,
    parts: [
      '“I used to dread writing the changelog. Now it is the part of the release I look forward to.”\n\nPriya at Tallyhouse. I printed that. {{link}}',
    ],
  },
  {
    ago: 126,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.5,
    pull: 1.2,
    parts: [
      'Month 8: what I tried did work, and it was not the clever thing.\n\nNumbers and the boring thing: {{link}}',
    ],
  },
  {
    ago: 119,
    at: '17:00',
    campaign: 'build',
    kind: 'behind_the_scenes',
    reach: 0.7,
    pull: 0.7,
    parts: ['I started v2 today. Rule for the next three months: no new feature until the old ones have a note each.'],
  },
  {
    ago: 112,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.3,
    pull: 1.5,
    parts: [
      'Where release notes get read, measured over 90 days and 40 apps:\n\nin the app, far ahead\nby mail, a third of that\non a blog, almost never\n\nMethod and data: {{link}}',
    ],
  },
  {
    ago: 104,
    at: '12:15',
    campaign: 'switch',
    kind: 'problem_solution',
    reach: 0.9,
    pull: 1.4,
    parts: [
      'You are not bad at writing changelogs. You are writing them at the wrong moment.\n\nThe pull request is the moment. {{link}}',
    ],
  },
  {
    ago: 96,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.4,
    pull: 1.2,
    parts: [
      'Month 9. A big customer asked for a discount. I said no and sent them the free plan.\n\nThey paid full price on Friday. {{link}}',
    ],
  },
  {
    ago: 89,
    at: '16:30',
    campaign: 'build',
    kind: 'feature_update',
    reach: 0.8,
    pull: 1,
    parts: [
      'Changelog number 40: saved views, an export, and the slow search is not slow any more. Sorry about that one. {{link}}',
    ],
  },
  {
    ago: 82,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.7,
    pull: 1.6,
    parts: [
      'I read 400 launch threads so you do not have to. Here is what the ones with customers had in common.',
      'They launched to people who had already replied to them. Every single one.',
      'They said what it does in the first line, without a metaphor.',
      'They had a price. "Free while in beta" brought visitors, not customers.',
      'The sheet with all 400: {{link}}',
    ],
  },
  {
    ago: 75,
    at: '12:15',
    campaign: 'build',
    kind: 'community',
    reach: 0.8,
    pull: 0.6,
    parts: ['Hot take: your waitlist is not a market. It is a drawer.'],
  },
  {
    ago: 68,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 1.5,
    pull: 1.3,
    parts: ['Month 10, all the numbers, and the feature I should not have built: {{link}}'],
  },
  {
    ago: 61,
    at: '14:00',
    campaign: 'switch',
    kind: 'comparison',
    reach: 1,
    pull: 1.3,
    parts: [
      'What happens to your old changelog links when you switch tools?\n\nWith most, they break. With ours, they redirect. It took me a week and I am oddly proud. {{link}}',
    ],
  },
  {
    ago: 57,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.4,
    pull: 1.4,
    parts: [
      'Three questions that a release note answers before anybody asks them. With ten notes that do, and ten that do not: {{link}}',
    ],
  },
  {
    ago: 54,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.4,
    pull: 1.7,
    parts: [
      'Write the release note before the code.\n\nIf you cannot say who it is for in one sentence, you have saved yourself a week. {{link}}',
    ],
  },
  {
    ago: 47,
    at: '12:15',
    campaign: 'build',
    kind: 'behind_the_scenes',
    reach: 1.2,
    pull: 0.8,
    parts: ['v2 runs on my own account since this morning. I found eleven bugs before breakfast, all of them mine.'],
  },
  {
    ago: 44,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.5,
    pull: 1.3,
    parts: [
      'I asked 60 people to find what changed in an app they use daily. 51 could not.\n\nWhat the other nine had seen: {{link}}',
    ],
  },
  {
    ago: 40,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 2.1,
    pull: 1.2,
    parts: ['Month 11: MRR, churn, and the three mails that made me rethink the price. {{link}}'],
  },
  {
    ago: 37,
    at: '14:00',
    campaign: 'switch',
    kind: 'comparison',
    reach: 1.1,
    pull: 1.1,
    parts: [
      'A founder sent me the bill of her changelog tool: $190 in the month in which most people read it.\n\nWe did the sum for ours: {{link}}',
    ],
  },
  {
    ago: 33,
    at: '17:00',
    campaign: 'guide',
    kind: 'problem_solution',
    reach: 1.6,
    pull: 1.2,
    parts: [
      'Your users did not ignore the feature. They never met it.\n\nHow to tell the two apart in ten minutes with data you already have: {{link}}',
    ],
  },
  {
    ago: 26,
    at: '09:00',
    campaign: 'build',
    kind: 'testimonial',
    reach: 0.9,
    pull: 1,
    parts: [
      'A customer wrote her first release note with v2 and got nine replies. From users. To a changelog.\n\nI am still smiling. {{link}}',
    ],
  },
  {
    ago: 19,
    at: '09:00',
    campaign: 'build',
    kind: 'educational',
    reach: 1.6,
    pull: 1.5,
    parts: [
      'I kept a log of every hour I spent on marketing this year. What earned something and what only felt like work:',
      'Earned: answering questions where people already ask. Writing down numbers. One guide a month.',
      'Felt like work: logos, threads about productivity, redesigning the landing page. Twice.',
      'The log with hours and what each brought: {{link}}',
    ],
  },
  {
    ago: 17,
    at: '16:30',
    campaign: 'launch',
    kind: 'feature_update',
    reach: 0.7,
    pull: 0.9,
    parts: ['v2 teaser: the note is written when you merge. You read it, change two words, done. {{link}}'],
  },
  {
    ago: 16,
    at: '12:15',
    campaign: 'switch',
    kind: 'comparison',
    reach: 0.9,
    pull: 1,
    parts: ['Hot take: a changelog tool that charges by reader has the wrong incentive in its price list. {{link}}'],
  },
  {
    ago: 12,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.9,
    pull: 1.7,
    parts: [
      'The “boring” page that now brings 31% of our signups. What it answers, how I found it and how it ranks: {{link}}',
    ],
  },
  {
    ago: 10,
    at: '14:00',
    campaign: 'switch',
    kind: 'comparison',
    reach: 0.8,
    pull: 1.1,
    parts: [
      'Two teams moved from Noticeboard this week. I asked both for the reason. Same sentence: "we stopped writing". {{link}}',
    ],
  },
  {
    ago: 9,
    at: '09:00',
    campaign: 'build',
    kind: 'milestone',
    reach: 2.2,
    pull: 1.5,
    parts: ['A year of Driftlog in numbers: MRR, churn and what broke. {{link}}'],
  },
  {
    ago: 5,
    at: '09:00',
    campaign: 'launch',
    kind: 'behind_the_scenes',
    reach: 1,
    pull: 1.2,
    parts: [
      'A tiny change that cut our onboarding drop-off in half: we ask for the repository first and the name last. {{link}}',
    ],
  },
  {
    ago: 4,
    at: '17:00',
    campaign: 'build',
    kind: 'community',
    reach: 0.7,
    pull: 0.6,
    parts: ['What should I build the week after a launch: what people ask for, or what they struggle with?'],
  },
  {
    ago: 2,
    at: '09:00',
    campaign: 'guide',
    kind: 'educational',
    reach: 1.4,
    pull: 1.6,
    parts: ['A guide to seeing which post brought a customer, without cookies and without guessing: {{link}}'],
  },
];

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

/** What is planned: days from today; the launch is the day after tomorrow. */
export const upcoming: {
  in: number;
  at: string;
  campaign: DemoPost['campaign'];
  kind: TemplateKind;
  parts: string[];
  state: 'scheduled' | 'draft';
}[] = [
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
