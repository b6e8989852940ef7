import { isNoAnswer } from '#src/outside/http.ts';
import type { RobotsRules, Web } from '#src/outside/web.ts';
import type { Outcome } from '#src/understand/analyse/crawl.ts';
import type { FreshPage } from '#src/understand/analyse/page.ts';
import { pageKey, siteOf } from '#src/understand/reading/addresses.ts';
import { kindOfAddress } from '#src/understand/reading.ts';

/** A link that leads nowhere, and where it stands. */
export type DeadLink = { page: string; url: string; text: string; why: string };

const MOST_OWN = 40;
const MOST_OTHERS = 40;
const MOST_OF_HOST = 4;
const AT_ONCE = 4;
const MOST_REDIRECTS = 5;

/**
 * Links on these pages that lead nowhere. Those the reading came to are known already; of the others some are tried with
 * HEAD, own pages first, a few of each host. Networks and stores that shut out every program are not tried. A link counts
 * as dead only when its server says so (404, 410) or its host does not exist.
 */
export async function tryLinks(
  web: Web,
  pages: readonly FreshPage[],
  about: {
    outcomes: readonly Outcome[];
    /** Own addresses that the reading found to lead nowhere, by their key, with the reason. */
    dead: ReadonlyMap<string, string>;
    robots: RobotsRules;
    isOwn: (url: string) => boolean;
    goOn: () => boolean;
  },
): Promise<DeadLink[]> {
  const known = new Map(about.outcomes.map((one) => [pageKey(one.url), one]));
  const dead = new Map(about.dead);
  const own = new Map<string, string>();
  const others = new Map<string, string>();
  const perHost = new Map<string, number>();
  for (const { page, inspected } of pages)
    for (const { url } of inspected.links) {
      const key = pageKey(url);
      if (about.isOwn(url)) {
        const outcome = known.get(key);
        const tried = outcome && outcome.outcome !== 'left';
        if (!tried && own.size < MOST_OWN && about.robots.allows(url)) own.set(key, url);
      } else if (!others.has(key) && others.size < MOST_OTHERS && isTried(url, page.url)) {
        const host = siteOf(url);
        const many = perHost.get(host) ?? 0;
        if (many >= MOST_OF_HOST) continue;
        perHost.set(host, many + 1);
        others.set(key, url);
      }
    }
  const waiting = [...own, ...others];
  const work = async () => {
    for (let next = waiting.shift(); next && about.goOn(); next = waiting.shift()) {
      const why = await whyDead(web, next[1]);
      if (why) dead.set(next[0], why);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return pages.flatMap(({ page, inspected }) =>
    inspected.links.flatMap(({ url, text }) => {
      const why = dead.get(pageKey(url));
      return why ? [{ page: page.url, url, text, why }] : [];
    }),
  );
}

function isTried(url: string, from: string): boolean {
  const kind = kindOfAddress(url, '', from);
  return kind !== 'social' && kind !== 'store' && kind !== 'repository';
}

async function whyDead(web: Web, start: string): Promise<string | null> {
  let url = start;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const answer = await web.call({ method: 'HEAD', url, timeoutMs: 6_000 });
    if (isNoAnswer(answer)) return /host name is not known/.test(answer.reason) ? 'a host that does not exist' : null;
    const location = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && location && URL.canParse(location, url)) {
      url = new URL(location, url).href;
      continue;
    }
    if (answer.status !== 404 && answer.status !== 410) return null;
    // Some servers know no HEAD and say that there is nothing.
    const whole = await web.call({ method: 'GET', url, timeoutMs: 6_000, maxBytes: 2_000_000 });
    return !isNoAnswer(whole) && (whole.status === 404 || whole.status === 410) ? `HTTP ${whole.status}` : null;
  }
  return 'a redirect without end';
}
