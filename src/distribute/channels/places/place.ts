import type { categories } from '#src/understand/findings.ts';

export const channelKinds = [
  'social',
  'store',
  'marketplace',
  'content',
  'community',
  'directory',
  'ads',
  'email',
  'affiliate',
  'partnership',
  'press',
  'search',
] as const;
export type ChannelKind = (typeof channelKinds)[number];
export type Category = (typeof categories)[number];

/** What to do there for a launch. */
export type PlaceStep = {
  /** From the launch day: -14 is two weeks before it. */
  days: number;
  /** `{app}` is the app's name. */
  do: string;
  instructions: string;
  /** A moment that matters there; else any time of the day. */
  at?: { time: string; zone: string };
  /** What can be prepared for it; a task is a post a person sends by hand on the place's platform. */
  makes?: 'task' | 'draft';
  /** What is prepared: a headline, and the parts; `{app}`, `{tagline}` and `{{link}}` are filled in. */
  title?: string;
  words?: string[];
};

/** A real place where apps reach people, with its manners. */
export type Place = {
  id: string;
  name: string;
  kind: ChannelKind;
  /** Null for what stands on one's own server. */
  url: string | null;
  /** Where one puts something up there. */
  submitUrl?: string;
  /** The adapter, or the prepared page for posting by hand. */
  platform?: string;
  /** Hosts by which its visitors are recognised, subdomains included; left out, the host of `url`. */
  hosts?: string[];
  fits: readonly Category[] | 'all';
  /** What is usual there and what is frowned upon. */
  customs: string[];
  /** Lengths, frequency, review, price. */
  limits: string[];
  /** The first thing to do. */
  next: string;
  launch?: PlaceStep[];
  /**
   * Where it says so itself, or the closest to it. `seen`: the month in which what stands here was compared with it;
   * null = not compared yet, so look there before relying on a number.
   */
  sources: { url: string; seen: string | null }[];
};

export const SEEN = '2026-11';
export const SOFTWARE: readonly Category[] = [
  'saas',
  'web_app',
  'mobile_app',
  'developer_tools',
  'design_tools',
  'marketing_tools',
  'productivity',
];
export const DEVELOPERS: readonly Category[] = ['developer_tools', 'design_tools', 'saas'];
export const BUSINESS: readonly Category[] = [
  'saas',
  'marketing_tools',
  'developer_tools',
  'finance',
  'productivity',
  'ecommerce',
];
export const MOBILE: readonly Category[] = [
  'mobile_app',
  'games',
  'health',
  'productivity',
  'education',
  'finance',
  'social',
];
