import type { Audience } from '#src/outside/platforms/sandbox/index.ts';
import type { DemoPost } from './posts.ts';

/** How many of those who see a usual post of hers come along. */
const COME_ALONG = 0.0115;

/** What a post of that day reaches, by its place in a thread: fewer read on with every part. */
export function audienceOf(post: DemoPost, part: number): Audience {
  const grown = Math.max(0, 1 - post.ago / 365) ** 1.5;
  return { reach: (1300 + 12_900 * grown) * post.reach * 0.6 ** part, pull: post.pull };
}

/** How many follow the link of a post in the end. */
export function visitsOf(post: DemoPost): number {
  const { reach, pull } = audienceOf(post, 0);
  return post.parts.some((text) => text.includes('{{link}}')) ? reach * pull * COME_ALONG : 0;
}

/** The share of a post's visits by day after it went out. */
export const FADES = [0.6, 0.25, 0.1, 0.05] as const;

/** People a day who would have come without any post: 12 a year ago, about 165 on a working day now. */
export function usualVisitors(ago: number, weekday: number): number {
  const grown = 12 + 156 * Math.max(0, 1 - ago / 365) ** 2;
  return grown * ([0, 1.04, 1.1, 1.08, 1.05, 0.98, 0.74, 0.78][weekday] ?? 1);
}

const DESKTOP = [
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15',
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Safari/537.36 Edg/143.0.0.0',
] as const;
const PHONE = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/143.0.0.0 Mobile Safari/537.36',
] as const;

/** Browsers by how often they come: from X mostly phones, from elsewhere mostly desks. */
export const BROWSERS = {
  desk: [
    [30, DESKTOP[0]],
    [24, DESKTOP[1]],
    [14, DESKTOP[2]],
    [9, DESKTOP[3]],
    [6, DESKTOP[4]],
    [9, PHONE[0]],
    [8, PHONE[1]],
  ],
  phone: [
    [36, PHONE[0]],
    [24, PHONE[1]],
    [24, DESKTOP[0]],
    [16, DESKTOP[1]],
  ],
} as const;

export const BOTS = [
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Googlebot/2.1; +http://www.google.com/bot.html) Chrome/143.0.0.0 Safari/537.36',
  'Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.3; +https://openai.com/gptbot)',
  'Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)',
] as const;

/** Where people come from who follow no tracked link. `signups` against the usual share. */
export type Origin = {
  referrer: string | null;
  tags: string;
  signups: number;
  entries: readonly (readonly [number, string])[];
};

const FRONT = [
  [70, '/'],
  [16, '/pricing'],
  [9, '/features'],
  [5, '/about'],
] as const;
/** The page that ranks, and the one that is read and left. */
export const BORING = '/guides/release-notes-that-get-read';
export const LEFT = '/guides/changelog-examples';

export function originsOf(ago: number): readonly (readonly [number, Origin])[] {
  const ranks = Math.max(0, 1 - ago / 330);
  const site = (referrer: string | null, signups: number, tags = ''): Origin => ({
    referrer,
    tags,
    signups,
    entries: FRONT,
  });
  return [
    [34, site(null, 1)],
    [
      8 + 34 * ranks,
      {
        referrer: 'https://www.google.com/',
        tags: '',
        signups: 1.15,
        entries: [
          [30, '/'],
          [8, '/pricing'],
          [26 * ranks, BORING],
          [60 * ranks, LEFT],
        ],
      },
    ],
    [7, site('https://t.co/', 0.9)],
    [6, site('https://www.indiehackers.com/', 1.3)],
    [4, site('https://news.ycombinator.com/', 0.4)],
    [4, site('https://www.reddit.com/', 0.6)],
    [3 + 3 * ranks, site('https://chatgpt.com/', 1.4)],
    [3, site('https://github.com/', 1)],
    [2, site('https://www.bing.com/', 1)],
    [ago % 28 < 2 ? 26 : 1, site(null, 1.2, '?utm_source=newsletter&utm_medium=email&utm_campaign=tiny-ships')],
  ];
}

/** The share of a day's visits by the hour, in Maya's zone: Europe in the morning, America in the afternoon. */
export const HOURS = [2, 1, 1, 1, 1, 2, 3, 4, 6, 8, 8, 7, 6, 6, 8, 9, 9, 8, 8, 7, 6, 5, 4, 3].map(
  (weight, hour) => [weight, hour] as const,
);
