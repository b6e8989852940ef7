/** Which software a page shows it is built with. */
import type { Element } from './tree.ts';

/** Names of software seen in a page's scripts, styles and markup, each once. */
export function readTechnology(elements: Element[], generator: string | null): string[] {
  const found = new Set<string>();
  if (generator) found.add(generator.replace(/[\s/]+v?\d[\w.]*.*$/, '').slice(0, 60));
  let clues = 0;
  for (const element of elements) {
    if (clues > MOST_CLUES) break;
    for (const name of ['src', 'href', 'id', 'data-reactroot', 'data-v-app', 'data-domain']) {
      const value = element.attribs[name];
      if (value === undefined || (element.name === 'a' && name === 'href')) continue;
      clues++;
      const clue = `${element.name} ${name}=${value.slice(0, 300)}`;
      for (const [software, pattern] of CLUES) if (!found.has(software) && pattern.test(clue)) found.add(software);
    }
    if (element.name === 'astro-island') found.add('Astro');
  }
  return [...found].filter(Boolean).slice(0, 30);
}

/** Every clue is tried against every pattern, so only the first ones of a page are. */
const MOST_CLUES = 3_000;

const CLUES: [string, RegExp][] = [
  ['Next.js', /(?:src|href)=[^ ]{0,200}\/_next\/|id=__next$/],
  ['Nuxt', /\/_nuxt\/|id=__nuxt$/],
  ['Gatsby', /id=___gatsby$/],
  ['SvelteKit', /\/_app\/immutable\//],
  ['Astro', /\/_astro\//],
  ['Remix', /\/build\/(?:root|entry\.client)-/],
  ['Vite', /\/@vite\/|\/assets\/index-[\w-]{8}\.js/],
  ['React', /data-reactroot=|react(?:-dom)?(?:\.production)?(?:\.min)?\.js/],
  ['Vue', /data-v-app=|\/vue(?:@[\d.]+)?[/.]/],
  ['WordPress', /\/wp-(?:content|includes)\//],
  ['Webflow', /(?:assets|uploads-ssl)\.website-files\.com|webflow\.js/],
  ['Framer', /framerusercontent\.com|framer\.com\/m\//],
  ['Wix', /static\.(?:wixstatic|parastorage)\.com/],
  ['Squarespace', /squarespace(?:-cdn)?\.com/],
  ['Shopify', /cdn\.shopify\.com/],
  ['Ghost', /ghost\.(?:io|org)\/|\/ghost-sdk\//],
  ['Carrd', /carrd\.co/],
  ['Tailwind CSS', /cdn\.tailwindcss\.com|tailwind(?:\.min)?\.css|@tailwindcss\//],
  ['Bootstrap', /bootstrap(?:\.bundle)?(?:\.min)?\.(?:css|js)/],
  ['jQuery', /jquery[-.\d]*(?:\.slim)?(?:\.min)?\.js/],
  ['Plausible', /plausible\.io\/js/],
  ['Umami', /umami\.(?:is|js)|cloud\.umami/],
  ['Fathom', /usefathom\.com/],
  ['PostHog', /posthog\.com/],
  ['Google Analytics', /google-analytics\.com|googletagmanager\.com\/gtag/],
  ['Google Tag Manager', /googletagmanager\.com\/gtm/],
  ['Hotjar', /hotjar\.com/],
  ['Stripe', /js\.stripe\.com/],
  ['Paddle', /cdn\.paddle\.com/],
  ['Lemon Squeezy', /lemonsqueezy\.com|assets\.lemonsqueezy/],
  ['Gumroad', /gumroad\.com\/js/],
  ['Intercom', /intercom(?:cdn)?\.(?:io|com)/],
  ['Crisp', /client\.crisp\.chat/],
  ['Cloudflare', /\/cdn-cgi\/|cloudflareinsights\.com/],
];
