/** A text, with its headline where the platform has one. */
export type Words = string | [title: string, text: string];

/** How one speaks somewhere, and where that is. */
export const MANNERS = {
  linkedin: ['linkedin'],
  reddit: ['reddit'],
  blog: ['devto', 'hashnode'],
  newsletter: ['newsletter'],
  chat: ['discord', 'slack', 'telegram'],
  mastodon: ['mastodon'],
  threads: ['threads'],
} as const;

/** By the name of the template. */
export type Wordings = Record<string, Partial<Record<keyof typeof MANNERS, Words>>>;

export const MAKER = 'I make {{app}}, so take this as what it is.';
export const ASK = 'What would you do differently? I read and answer everything here.';
export const COST = 'On the price, since somebody will ask: {{price}}';
export const BLOG_COST = '## What it costs\n{{price}}';
