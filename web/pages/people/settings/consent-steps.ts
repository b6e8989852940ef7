/** How one makes a developer app, platform by platform, as their portals stood in November 2026. */
export const consentSteps: Record<string, { portal: { name: string; url: string }; make: string; copy: string }> = {
  x: {
    portal: { name: 'X’s developer portal', url: 'https://developer.x.com/en/portal/dashboard' },
    make: 'make a project and an app in it, and set up user authentication in it: permission “Read and write”, type “Web App”.',
    copy: 'Copy its OAuth 2.0 client id and client secret to here.',
  },
  linkedin: {
    portal: { name: 'LinkedIn’s developer page', url: 'https://www.linkedin.com/developers/apps' },
    make: 'create an app (it wants a company page; any page of yours will do) and add the products “Sign In with LinkedIn using OpenID Connect” and “Share on LinkedIn”.',
    copy: 'Copy client id and client secret from its Auth tab to here.',
  },
  threads: {
    portal: { name: 'Meta’s developer page', url: 'https://developers.facebook.com/apps' },
    make: 'create an app with the use case “Access the Threads API” and add yourself as a Threads tester.',
    copy: 'Copy the Threads app id and app secret to here.',
  },
  reddit: {
    portal: { name: 'Reddit’s app page', url: 'https://www.reddit.com/prefs/apps' },
    make: 'open your app of the type “web app”. New ones need Reddit’s approval since November 2025; without one, post by hand: Fanfare prepares the page.',
    copy: 'Copy the id under its name and its secret to here.',
  },
};
