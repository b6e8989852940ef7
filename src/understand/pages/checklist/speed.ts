import { type Checkable, type Checked, many, short } from '#src/understand/pages/checklist.ts';

/** web.dev, time to first byte, read November 2026: good up to 800 ms. */
const SLOW_MS = 800;
/** Bytes of HTML that should come packed; a smaller answer gains nothing. */
const WORTH_PACKING = 2_000;
const HEAVY_HTML = 500_000;
const MANY_REQUESTS = 60;
const MANY_BLOCKING = 4;
/** Lighthouse, DOM size, read November 2026: warns from 1,400 elements. */
const MANY_ELEMENTS = 1_400;

/** What makes a page slow, as far as its markup and its answer tell; nothing is measured in a browser. */
export function checkSpeed({ page, inspected, delivered }: Checkable): Checked[] {
  const found: Checked[] = [];
  const { requests, images } = inspected;
  if (delivered.waitedMs > SLOW_MS)
    found.push({
      rule: 'slow_answer',
      severity: 'improve',
      message: `The server took ${(delivered.waitedMs / 1000).toFixed(1)} s until the first byte of this page.`,
      quote: null,
      why: 'Nothing can be shown before. Up to 0.8 s is good.',
      fix: 'Cache the page, or build it ahead of time and serve it from a CDN near its readers. If only this reading was slow, set the finding aside.',
    });
  if (!delivered.encoding && delivered.bytes > WORTH_PACKING)
    found.push({
      rule: 'compression',
      severity: 'improve',
      message: `The HTML comes unpacked: ${Math.round(delivered.bytes / 1000)} kB.`,
      quote: null,
      why: 'Packed it is a quarter of that, which phones notice.',
      fix: 'Switch gzip or brotli on in the web server or the CDN: “gzip on;” in nginx, “encode gzip” in Caddy.',
    });
  if (delivered.bytes > HEAVY_HTML)
    found.push({
      rule: 'heavy',
      severity: 'improve',
      message: `The HTML alone has ${Math.round(delivered.bytes / 1000)} kB.`,
      quote: null,
      why: 'It has to come and be read whole before the page is done.',
      fix: 'Take embedded pictures, styles and data out of the page into files of their own.',
    });
  const blocking = requests.filter((one) => one.blocking);
  if (blocking.length > MANY_BLOCKING)
    found.push({
      rule: 'blocking',
      severity: 'improve',
      message: `${blocking.length} scripts and style sheets in the head hold up the first picture of the page.`,
      quote: short(
        blocking
          .slice(0, 6)
          .map((one) => one.url)
          .join(' '),
        500,
      ),
      why: 'The browser shows nothing until they are all there.',
      fix: 'Add defer or async to the scripts, and put the styles into one file.',
    });
  if (requests.length > MANY_REQUESTS)
    found.push({
      rule: 'requests',
      severity: 'info',
      message: `The markup names ${requests.length} files to fetch.`,
      quote: null,
      why: 'Each costs time and data, most of all on phones.',
      fix: 'Load pictures below the fold with loading="lazy", and leave out what the page does not need.',
    });
  const unsized = images.filter((image) => image.src && !image.sized);
  if (unsized.length > 2)
    found.push({
      rule: 'image_size',
      severity: 'info',
      message: `${many(unsized.length, 'picture does', 'pictures do')} not say how large they are.`,
      quote: short(
        unsized
          .slice(0, 4)
          .flatMap(({ src }) => src ?? [])
          .join(' '),
        400,
      ),
      why: 'The text jumps when they come.',
      fix: 'Give each <img> the width and height of its file: <img src="…" width="1200" height="630">. CSS can still scale it.',
    });
  if (images.length > 8 && images.slice(4).every((image) => !image.lazy))
    found.push({
      rule: 'lazy_images',
      severity: 'info',
      message: `All ${images.length} pictures are fetched at once.`,
      quote: null,
      why: 'Those far down the page hold up those at its top.',
      fix: 'Add loading="lazy" to the pictures below the first screen.',
    });
  if (!delivered.caching && delivered.bytes > WORTH_PACKING)
    found.push({
      rule: 'caching',
      severity: 'info',
      message: 'The answer does not say how long it may be kept.',
      quote: null,
      why: 'Browsers and CDNs guess, and ask again more often than they need.',
      fix: 'Send Cache-Control, for example “public, max-age=300” for a page that seldom changes.',
    });
  if (inspected.elements > MANY_ELEMENTS)
    found.push({
      rule: 'elements',
      severity: 'info',
      message: `The page has ${inspected.elements.toLocaleString('en')} elements.`,
      quote: null,
      why: 'Every change of the page then takes longer, most of all on phones.',
      fix: 'Show long lists in pieces, and take wrappers out that nothing needs.',
    });
  if (delivered.redirects.length > 1)
    found.push({
      rule: 'redirects',
      severity: 'improve',
      message: `${many(delivered.redirects.length, 'redirect stands', 'redirects stand')} before this page.`,
      quote: short([...delivered.redirects, page.url].join(' → '), 500),
      why: 'Each is a round trip before anything is shown, and some of a link’s worth is lost on the way.',
      fix: `Redirect ${delivered.redirects[0] ?? 'it'} straight to ${page.url}.`,
    });
  return found;
}
