/** The platforms the product can speak to, by the ids the server uses. Others are drawn as their first letter. */
const names: Record<string, string> = {
  x: 'X',
  bluesky: 'Bluesky',
  mastodon: 'Mastodon',
  linkedin: 'LinkedIn',
  reddit: 'Reddit',
  threads: 'Threads',
  devto: 'Dev.to',
  hashnode: 'Hashnode',
  medium: 'Medium',
  discord: 'Discord',
  slack: 'Slack',
  telegram: 'Telegram',
  email: 'E-mail',
  newsletter: 'Newsletter',
  hackernews: 'Hacker News',
  producthunt: 'Product Hunt',
  indiehackers: 'Indie Hackers',
  youtube: 'YouTube',
  instagram: 'Instagram',
  facebook: 'Facebook',
  tiktok: 'TikTok',
  github: 'GitHub',
  twitch: 'Twitch',
  store: 'Store',
  rss: 'RSS',
  webhook: 'Webhook',
  sandbox: 'Sandbox',
};

/** Drawn by hand on a 24 grid, filled with the text's colour. */
const shapes: Record<string, string> = {
  x: 'M2.6 3h5.9l4.7 6.5L18.8 3h2.2l-6.8 7.9L21.6 21h-5.9l-5-6.9L4.8 21H2.6l7.1-8.3zm3 1.7 10.9 14.6h2.1L7.7 4.7z',
  bluesky:
    'M12 10.6C11 8.5 8.3 5 5.7 3.3 3.3 1.8 1.5 2.2 1.5 5.3c0 1.2.5 5.5 1 6.6.9 2.1 3 2.7 5.3 2.4-3.9.6-5.2 2.7-2.6 5.2C8.9 23 11 19.6 12 17.2c1 2.4 3 5.7 6.8 2.3 2.6-2.5 1.3-4.6-2.6-5.2 2.3.3 4.4-.3 5.3-2.4.5-1.1 1-5.4 1-6.6 0-3.1-1.8-3.5-4.2-2C15.7 5 13 8.5 12 10.6z',
  mastodon:
    'M12 2c4.7 0 8.5 1.3 8.8 6.3.1 2.3.1 4.5-.3 6.4-.5 2.2-2.9 3-5 3.3-1.8.3-3.7.3-5.5-.1.1 1.6 1.5 2 3 2 1 0 2-.1 3-.4l.1 1.7c-2.3.9-5.4 1-7.5-.1C4.9 19.2 3.5 14.7 3.2 10.8 2.9 5 5.2 2 12 2zm-4.8 5v7h2V8.6c0-1.6 1.9-1.5 1.9.1v2.8h1.9V8.7c0-1.6 1.9-1.7 1.9-.1V14h2V7.9C16.9 5.2 13.6 4.7 12 7c-1.5-2.2-4.6-1.9-4.8.9z',
  linkedin:
    'M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5c0-1.1.9-2 2-2zm1.2 7v8h2.6v-8zm1.3-1.2a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3zM10.5 10v8h2.6v-4.3c0-1.9 2.3-2 2.3 0V18H18v-5c0-3.6-3.6-3.6-4.9-1.8V10z',
  sandbox: 'M12 2.5 21 7v10l-9 4.5L3 17V7zm0 2.2L6.3 7.6 12 10.5l5.7-2.9zM5 9.3v6.5l6 3v-6.5zm14 0-6 3v6.5l6-3z',
  email:
    'M4 4.5h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H4a2 2 0 0 1-2-2v-11c0-1.1.9-2 2-2zm.5 3v1.2l7.5 5 7.5-5V7.5L12 12.3z',
  rss: 'M4 4a16 16 0 0 1 16 16h-3A13 13 0 0 0 4 7zm0 6a10 10 0 0 1 10 10h-3a7 7 0 0 0-7-7zm2 10a2 2 0 1 1 0-4 2 2 0 0 1 0 4z',
};

export function platformName(platform: string): string {
  return names[platform] ?? platform;
}

/** Named for screen readers unless `decorative`, for when the name stands beside it. */
export function PlatformIcon({
  platform,
  size = 14,
  decorative = false,
}: {
  platform: string;
  size?: number;
  decorative?: boolean;
}) {
  const shape = shapes[platform];
  const name = platformName(platform);
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="currentColor"
      style={{ flex: 'none' }}
      role={decorative ? undefined : 'img'}
      aria-label={decorative ? undefined : name}
      aria-hidden={decorative || undefined}
    >
      {shape ? (
        <path fillRule="evenodd" d={shape} />
      ) : (
        <>
          <rect x="3" y="3" width="18" height="18" rx="4" fill="none" stroke="currentColor" strokeWidth="2" />
          <text x="12" y="16.5" fontSize="12" fontWeight="700" textAnchor="middle">
            {name[0]?.toUpperCase()}
          </text>
        </>
      )}
    </svg>
  );
}
