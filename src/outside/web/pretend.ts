import type { FetchedPage, PageRefusal, Web } from '#src/outside/web.ts';

/**
 * A pretend web that knows a handful of pages and nothing else: the demo reads its app's site from it, so that it needs
 * no network. Addresses it does not know are unreachable, as they would be offline.
 */
export function openPretendWeb(pages: ReadonlyMap<string, string>, now: () => Date): Web {
  const find = (url: string): { ok: true; page: FetchedPage } | { ok: false; refusal: PageRefusal } => {
    const address = new URL(URL.canParse(url) ? url : `https://${url}`).href;
    const html = pages.get(address);
    if (html === undefined)
      return {
        ok: false,
        refusal: { code: 'unreachable', message: `${address} cannot be reached: the demo works without a network.` },
      };
    const bytes = Buffer.byteLength(html);
    const sent = { headers: {}, redirects: [], waitedMs: 40, sentBytes: bytes };
    const page = {
      url: address,
      finalUrl: address,
      status: 200,
      contentType: 'text/html',
      html,
      bytes,
      fetchedAt: now(),
    };
    return { ok: true, page: { ...page, ...sent } };
  };
  return {
    fetchPage: async (url) => find(url),
    async fetchText(url) {
      const found = find(url);
      if (!found.ok) return found;
      const { html, ...page } = found.page;
      return { ok: true, page: { ...page, text: html } };
    },
    robots: async () => ({ found: false, allows: () => true, crawlDelay: null, sitemaps: [] }),
    call: async () => ({ noAnswer: true, reason: 'The demo works without a network.', neverSent: true }),
    close: async () => undefined,
  };
}
