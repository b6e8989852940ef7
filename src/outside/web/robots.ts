/** What a site asks of automated readers (RFC 9309). */
import robotsParser from 'robots-parser';
import type { FetchedText, FetchLimits, PageRefusal } from '#src/outside/web.ts';

// The package's types describe a default export inside the CommonJS module; the module itself is the function.
const parseRobots = robotsParser as unknown as typeof robotsParser.default;

type Rules = ReturnType<typeof parseRobots>;
type ReadText = (
  url: string,
  limits: FetchLimits,
) => Promise<{ ok: true; page: FetchedText } | { ok: false; refusal: PageRefusal }>;

const KEPT_MS = 3_600_000;
const MOST_KEPT = 500;
// Characters. Matching takes rules times path, so the rules of a hostile site are cut short.
const MOST_READ = 100_000;

/**
 * A check of robots.txt, kept an hour per site. No robots.txt, or none that can be had, forbids nothing; RFC 9309
 * would forbid everything on a server error, but then the page itself answers with one.
 */
export function robotsGate(userAgent: string, readText: ReadText) {
  const kept = new Map<string, { rules: Rules; until: number }>();
  const name = userAgent.split(/[\s/]/)[0] || 'Fanfare';

  return async function check(url: URL, limits: { idleMs: number }): Promise<PageRefusal | undefined> {
    const rules = await rulesOf(url.origin, limits);
    if (rules.isAllowed(url.href, name) !== false) return undefined;
    return {
      code: 'robots',
      message: `${url.host} asks automated readers to leave this page alone (robots.txt), so it was not read. Enter another page, or ask whoever runs the site to allow “${name}”.`,
    };
  };

  async function rulesOf(origin: string, limits: { idleMs: number }): Promise<Rules> {
    const known = kept.get(origin);
    if (known && known.until > Date.now()) return known.rules;
    const address = `${origin}/robots.txt`;
    // RFC 9309 2.5: at least 500 kibibytes have to be parsed.
    const answer = await readText(address, { totalMs: limits.idleMs, idleMs: limits.idleMs, maxBytes: 512_000 });
    const text = answer.ok && !/html/.test(answer.page.contentType) ? answer.page.text : '';
    const rules = parseRobots(address, text.slice(0, MOST_READ));
    if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value ?? '');
    kept.set(origin, { rules, until: Date.now() + KEPT_MS });
    return rules;
  }
}
