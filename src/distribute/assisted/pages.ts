import { idOfStory } from '#src/outside/hackernews.ts';

/** What is put onto a page: the whole text, its first part, a headline, the address and a community. */
export type Words = {
  title: string;
  text: string;
  url: string;
  /** The server of the account, on platforms of many. */
  server: string | null;
  community: string | null;
};

type Piece = 'title' | 'text' | 'url' | 'tags' | 'media';

export type ComposePage = {
  name: string;
  /** Where it is posted, filled in as far as the service lets us. */
  compose(words: Words): string;
  /** What the page has filled in when it opens. */
  fills: readonly Piece[];
  /** What is copied or loaded onto it by hand, in the order in which the page asks for it. */
  copies: readonly Piece[];
  /** A thread is sent part by part; else all parts are one text. */
  threads: boolean;
  /**
   * `tracked`: our short link. `plain`: the page itself, where redirects are refused or frowned upon; visits are then
   * known by where they come from.
   */
  link: 'tracked' | 'plain';
  /** Hosts of the posts there, with their subdomains; null where every server has its own. */
  hosts: readonly string[] | null;
  /** Whether an address there is a post's, where that can be told. */
  isPost?(url: URL): boolean;
  /** A sentence for whoever posts. */
  tip: string;
};

/**
 * Pages on which a person posts by hand; as seen in November 2026. Prefilling is documented for X
 * (developer.x.com, "Web intent"), Bluesky (docs.bsky.app, "Action intent links"), Threads (developers.facebook.com,
 * "Threads web intents") and Mastodon (`/share`); Reddit, Hacker News, LinkedIn and Facebook take it as their own share
 * buttons do. The others open empty.
 */
export const composePages: Record<string, ComposePage> = {
  x: {
    name: 'X',
    compose: ({ text }) => withQuery('https://x.com/intent/post', { text }),
    fills: ['text'],
    copies: ['text', 'media'],
    threads: true,
    link: 'tracked',
    hosts: ['x.com', 'twitter.com'],
    isPost: ({ pathname }) => /\/status\/\d+/.test(pathname),
    tip: 'The first part is filled in. Add the next ones with the plus there, or as replies.',
  },
  bluesky: {
    name: 'Bluesky',
    compose: ({ text }) => withQuery('https://bsky.app/intent/compose', { text }),
    fills: ['text'],
    copies: ['text', 'media'],
    threads: true,
    link: 'tracked',
    hosts: ['bsky.app'],
    isPost: ({ pathname }) => /\/post\/\w+/.test(pathname),
    tip: 'The first part is filled in. Add the next ones as replies.',
  },
  mastodon: {
    name: 'Mastodon',
    compose: ({ text, server }) => withQuery(new URL('/share', server ?? 'https://mastodon.social').href, { text }),
    fills: ['text'],
    copies: ['text', 'media'],
    threads: true,
    link: 'tracked',
    hosts: null,
    tip: 'The first part is filled in. Add the next ones as replies.',
  },
  threads: {
    name: 'Threads',
    compose: ({ text }) => withQuery('https://www.threads.com/intent/post', { text }),
    fills: ['text'],
    copies: ['text', 'media'],
    threads: true,
    link: 'tracked',
    hosts: ['threads.com', 'threads.net'],
    isPost: ({ pathname }) => pathname.includes('/post/'),
    tip: 'The first part is filled in. Add the next ones with “Add to thread”.',
  },
  linkedin: {
    name: 'LinkedIn',
    compose: ({ text }) => withQuery('https://www.linkedin.com/feed/', { shareActive: 'true', text }),
    fills: ['text'],
    copies: ['text', 'media'],
    threads: false,
    link: 'tracked',
    hosts: ['linkedin.com'],
    isPost: ({ pathname }) => /^\/(posts|feed\/update|pulse)\//.test(pathname),
    tip: 'On the phone the text may have to be pasted: copy it first.',
  },
  reddit: {
    name: 'Reddit',
    compose: ({ title, text, community }) =>
      withQuery(`https://www.reddit.com${community ? `/r/${encodeURIComponent(community)}` : ''}/submit`, {
        type: 'TEXT',
        title,
        text,
      }),
    fills: ['title', 'text'],
    copies: ['title', 'text', 'url', 'media'],
    threads: false,
    link: 'plain',
    hosts: ['reddit.com', 'redd.it'],
    isPost: ({ hostname, pathname }) => hostname.endsWith('redd.it') || /\/(comments|s)\/\w+/.test(pathname),
    tip: 'Read the rules of the community first. Reddit removes shortened links, so the address is your own.',
  },
  hackernews: {
    name: 'Hacker News',
    compose: ({ title, url }) => withQuery('https://news.ycombinator.com/submitlink', { u: url, t: title }),
    fills: ['title', 'url'],
    copies: ['title', 'url', 'text'],
    threads: false,
    link: 'plain',
    hosts: ['news.ycombinator.com'],
    isPost: (url) => idOfStory(url.href) !== null,
    tip: 'A link is posted without a text: put yours into the first comment. Do not ask for votes.',
  },
  producthunt: {
    name: 'Product Hunt',
    compose: () => 'https://www.producthunt.com/posts/new',
    fills: [],
    copies: ['url', 'title', 'text', 'tags', 'media'],
    threads: false,
    link: 'plain',
    hosts: ['producthunt.com'],
    isPost: ({ pathname }) => /^\/(posts|products)\/[^/]+/.test(pathname),
    tip: 'A day there begins at midnight Pacific time.',
  },
  indiehackers: {
    name: 'Indie Hackers',
    compose: () => 'https://www.indiehackers.com/new-post',
    fills: [],
    copies: ['title', 'text'],
    threads: false,
    link: 'tracked',
    hosts: ['indiehackers.com'],
    isPost: ({ pathname }) => pathname.startsWith('/post/'),
    tip: 'Tell a story with numbers, and answer everyone.',
  },
  medium: {
    name: 'Medium',
    compose: () => 'https://medium.com/new-story',
    fills: [],
    copies: ['title', 'text', 'tags', 'media'],
    threads: false,
    link: 'tracked',
    // Publications stand on domains of their own.
    hosts: null,
    tip: 'Name your own page as the canonical address in the story’s settings if it stood there first.',
  },
  youtube: {
    name: 'YouTube',
    compose: () => 'https://www.youtube.com/upload',
    fills: [],
    copies: ['media', 'title', 'text', 'tags'],
    threads: false,
    link: 'tracked',
    hosts: ['youtube.com', 'youtu.be'],
    isPost: ({ hostname, pathname }) => hostname.endsWith('youtu.be') || /^\/(watch|shorts|live|post)/.test(pathname),
    tip: 'The text is the description; its first lines are what is seen.',
  },
  instagram: {
    name: 'Instagram',
    compose: () => 'https://www.instagram.com/',
    fills: [],
    copies: ['media', 'text'],
    threads: false,
    link: 'tracked',
    hosts: ['instagram.com'],
    isPost: ({ pathname }) => /\/(p|reel|tv|stories)\//.test(pathname),
    tip: 'A post needs a picture or a video, and links in its text cannot be tapped.',
  },
  facebook: {
    name: 'Facebook',
    compose: ({ url }) => withQuery('https://www.facebook.com/sharer/sharer.php', { u: url }),
    fills: ['url'],
    copies: ['text', 'url', 'media'],
    threads: false,
    link: 'tracked',
    hosts: ['facebook.com', 'fb.com', 'fb.watch'],
    tip: 'The address is filled in; paste the text above it.',
  },
  tiktok: {
    name: 'TikTok',
    compose: () => 'https://www.tiktok.com/upload',
    fills: [],
    copies: ['media', 'text'],
    threads: false,
    link: 'tracked',
    hosts: ['tiktok.com'],
    isPost: ({ hostname, pathname }) => hostname === 'vm.tiktok.com' || /\/(video|photo)\/\d+/.test(pathname),
    tip: 'A post needs a video or pictures; links in its text cannot be tapped.',
  },
};

export function pageOf(platform: string): ComposePage | null {
  return (Object.hasOwn(composePages, platform) && composePages[platform]) || null;
}

/** Whether an address can be the one of a post on this platform. */
export function isPostOn(page: ComposePage, address: string): boolean {
  const url = new URL(address);
  if (url.pathname === '/' && url.search === '') return false;
  const { hosts, isPost } = page;
  if (hosts && !hosts.some((host) => url.hostname === host || url.hostname.endsWith(`.${host}`))) return false;
  return isPost?.(url) ?? true;
}

function withQuery(base: string, query: Record<string, string>): string {
  // A space is read as a space everywhere when it is %20; as + some pages show a plus.
  return `${base}?${new URLSearchParams(query)}`.replaceAll('+', '%20');
}
