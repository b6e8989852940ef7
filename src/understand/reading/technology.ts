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

/** Names of software an answer's headers tell of, each once. `headers` by name in small letters. */
export function technologyOfHeaders(headers: Readonly<Record<string, string>>): string[] {
  const said = Object.entries(headers).map(([name, value]) => `${name}: ${value}`.slice(0, 300));
  return HEADER_CLUES.filter(([, pattern]) => said.some((one) => pattern.test(one))).map(([software]) => software);
}

const HEADER_CLUES: [string, RegExp][] = [
  ['Cloudflare', /^(?:cf-ray:|server: cloudflare)/i],
  ['Vercel', /^(?:x-vercel-|server: vercel)/i],
  ['Netlify', /^(?:x-nf-|server: netlify)/i],
  ['GitHub Pages', /^(?:x-github-request-id:|server: github\.com)/i],
  ['Fly.io', /^(?:fly-request-id:|server: fly)/i],
  ['Render', /^(?:x-render-|server: render)/i],
  ['Fastly', /^(?:x-fastly-|x-served-by: cache-)/i],
  ['Amazon CloudFront', /^(?:x-amz-cf-|via: .*cloudfront)/i],
  ['Google Cloud', /^(?:server: google frontend|via: .*google)/i],
  ['nginx', /^server: nginx/i],
  ['Apache', /^server: apache/i],
  ['Caddy', /^server: caddy/i],
  ['LiteSpeed', /^server: litespeed/i],
  ['Next.js', /^x-powered-by: next\.js/i],
  ['Nuxt', /^x-powered-by: nuxt/i],
  ['Express', /^x-powered-by: express/i],
  ['PHP', /^x-powered-by: php/i],
  ['ASP.NET', /^x-(?:powered-by: asp\.net|aspnet)/i],
  ['Rails', /^x-powered-by: .*(?:rails|passenger)/i],
  ['WordPress', /^link: .*wp-json/i],
  ['Shopify', /^x-shopify-|^x-shopid:/i],
  ['Ghost', /^x-ghost-/i],
  ['Webflow', /^x-wf-|surrogate-key: .*webflow/i],
  ['Wix', /^x-wix-/i],
  ['Squarespace', /^server: squarespace/i],
  ['Framer', /^server: framer/i],
];

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
  ['Matomo', /matomo\.(?:js|php|cloud)|piwik\.js/],
  ['Simple Analytics', /simpleanalytics(?:cdn)?\.com/],
  ['Mixpanel', /mixpanel\.com|mixpanel(?:\.min)?\.js/],
  ['Segment', /cdn\.segment\.com/],
  ['Amplitude', /cdn\.amplitude\.com/],
  ['Microsoft Clarity', /clarity\.ms/],
  ['Meta Pixel', /connect\.facebook\.net/],
  ['Sentry', /sentry-cdn\.com|browser\.sentry/],
  ['HubSpot', /(?:js\.hs-scripts|hsforms|hubspot)\.(?:com|net)/],
  ['Mailchimp', /list-manage\.com|chimpstatic\.com/],
  ['ConvertKit', /convertkit\.com|ck\.page/],
  ['PayPal', /paypal\.com\/sdk|paypalobjects\.com/],
  ['Polar', /polar\.sh/],
  ['Chargebee', /chargebee\.com/],
  ['Calendly', /calendly\.com/],
  ['Docusaurus', /id=__docusaurus$|docusaurus/],
  ['VitePress', /\/assets\/app\.[\w-]+\.js|id=VPContent$/],
  ['Hugo', /\/hugo[-_.]/],
  ['Jekyll', /jekyll/],
  ['Alpine.js', /alpinejs/],
  ['htmx', /htmx(?:\.org)?(?:@[\d.]+)?(?:[./]|$)/],
  ['Angular', /\/(?:polyfills|runtime)(?:\.|-)[\w-]+\.js/],
  ['Cloudflare', /\/cdn-cgi\/|cloudflareinsights\.com/],
];
