/** What a site asks of automated readers (RFC 9309). */
import robotsParser from 'robots-parser';
import type { FetchedText, FetchLimits, PageRefusal } from '#src/outside/web.ts';

// The package's types describe a default export inside the CommonJS module; the module itself is the function.
const parseRobots = robotsParser as unknown as typeof robotsParser.default;

type Rules = ReturnType<typeof parseRobots>;
/** What a site asks of us. */
export type RobotsRules = {
  /** False when there is no robots.txt, or none that can be read. */
  found: boolean;
  /** Whether an address of this site may be read. */
  allows(url: string): boolean;
  /** Seconds between two requests, when it asks for that. */
  crawlDelay: number | null;
  /** Addresses of its sitemaps. */
  sitemaps: string[];
};
type ReadText = (
  url: string,
  limits: FetchLimits,
) => Promise<{ ok: true; page: FetchedText } | { ok: false; refusal: PageRefusal }>;

const KEPT_MS = 3_600_000;
const MOST_KEPT = 500;
const MOST_SITEMAPS = 20;
// Characters. Matching takes rules times path, so the rules of a hostile site are cut short.
const MOST_READ = 100_000;

/**
 * Checks robots.txt, kept an hour per site. No robots.txt, or none that can be had, forbids nothing; RFC 9309
 * would forbid everything on a server error, but then the page itself answers with one.
 */
export function robotsGate(userAgent: string, readText: ReadText) {
  const kept = new Map<string, { rules: Rules; found: boolean; until: number }>();
  const name = userAgent.split(/[\s/]/)[0] || 'Fanfare';

  return { check, rulesFor };

  async function rulesFor(url: URL, idleMs: number): Promise<RobotsRules> {
    const { rules, found } = await rulesOf(url.origin, { idleMs });
    const delay = Number(rules.getCrawlDelay(name));
    return {
      found,
      allows: (address) => rules.isAllowed(address, name) !== false,
      crawlDelay: Number.isFinite(delay) && delay > 0 ? delay : null,
      sitemaps: rules.getSitemaps().slice(0, MOST_SITEMAPS),
    };
  }

  async function check(url: URL, limits: { idleMs: number }): Promise<PageRefusal | undefined> {
    const { rules } = await rulesOf(url.origin, limits);
    if (rules.isAllowed(url.href, name) !== false) return undefined;
    return {
      code: 'robots',
      message: `${url.host} asks automated readers to leave this page alone (robots.txt), so it was not read. Enter another page, or ask whoever runs the site to allow “${name}”.`,
    };
  }

  async function rulesOf(origin: string, limits: { idleMs: number }): Promise<{ rules: Rules; found: boolean }> {
    const known = kept.get(origin);
    if (known && known.until > Date.now()) return known;
    const address = `${origin}/robots.txt`;
    // RFC 9309 2.5: at least 500 kibibytes have to be parsed.
    const answer = await readText(address, { totalMs: limits.idleMs, idleMs: limits.idleMs, maxBytes: 512_000 });
    const found = answer.ok && !/html/.test(answer.page.contentType);
    const text = found && answer.ok ? answer.page.text : '';
    const rules = parseRobots(address, text.slice(0, MOST_READ));
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
    const read = { rules, found, until: Date.now() + KEPT_MS };
    kept.set(origin, read);
    return read;
  }
}
