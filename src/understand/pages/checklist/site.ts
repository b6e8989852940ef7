import { type Checkable, type Checked, isHiddenFromSearch, many, short } from '#src/understand/pages/checklist.ts';
import { pageKey } from '#src/understand/reading/addresses.ts';

/** What is known of a site beside its pages. */
export type SiteFacts = {
  robotsFound: boolean;
  /** Addresses in its sitemaps; null when it has none. */
  sitemap: string[] | null;
  sitemapFaults: { url: string; why: string }[];
  deadLinks: { page: string; url: string; text: string; why: string }[];
  /** Addresses that the site says are no more, where a sitemap names them. */
  gone: string[];
};

/**
 * What takes all pages of a site to be seen: the same title twice, links that lead nowhere, pages nobody links to or no
 * sitemap names. By the address of the page. The first page is the home page.
 */
export function checkSite(pages: readonly Checkable[], site: SiteFacts): Map<string, Checked[]> {
  const found = new Map<string, Checked[]>(pages.map(({ page }) => [page.url, []]));
  const add = (url: string, checked: Checked) => found.get(url)?.push(checked);
  const listed = pages.filter((one) => !isHiddenFromSearch(one));
  for (const [rule, of, word] of [
    ['title_twice', (one: Checkable) => one.inspected.titles[0], 'title'],
    ['description_twice', (one: Checkable) => one.inspected.descriptions[0], 'description'],
  ] as const)
    for (const [words, same] of Map.groupBy(listed, (one) => of(one) ?? ''))
      if (words !== '' && same.length > 1)
        for (const { page } of same)
          add(page.url, {
            rule,
            severity: 'improve',
            message: `${many(same.length - 1, 'other page has', 'other pages have')} the same ${word}: ${same
              .filter((other) => other.page.url !== page.url)
              .slice(0, 3)
              .map((other) => new URL(other.page.url).pathname)
              .join(', ')}.`,
            quote: short(words, 300),
            why: 'Search engines cannot tell them apart, and show one of them.',
            fix: `Give this page a ${word} that says what only it offers. If the pages are the same one, keep one and redirect the others to it (301).`,
          });

  for (const [url, dead] of Map.groupBy(site.deadLinks, (one) => one.page))
    add(url, {
      rule: 'broken_links',
      severity: 'fix',
      message: `${many(dead.length, 'link leads', 'links lead')} nowhere: ${dead
        .slice(0, 4)
        .map((one) => `${one.url} (${one.why})`)
        .join(', ')}.`,
      quote: short(dead[0]?.text ?? '') || short(dead[0]?.url ?? ''),
      why: 'People who click are lost, and search engines trust the page less.',
      fix: 'Correct the address or take the link out. If a page of yours has moved, redirect its old address (301) to the new one.',
    });

  const [home] = pages;
  if (!home) return found;
  const { origin } = new URL(home.page.url);
  if (!site.robotsFound)
    add(home.page.url, {
      rule: 'robots_missing',
      severity: 'info',
      message: 'The site has no robots.txt.',
      quote: null,
      why: 'It is where search engines look for your sitemap, and for what they shall leave alone.',
      fix: `Add ${origin}/robots.txt with “User-agent: *”, “Allow: /” and “Sitemap: ${origin}/sitemap.xml”.`,
    });
  for (const { url, why } of site.sitemapFaults.slice(0, 1))
    add(home.page.url, {
      rule: 'sitemap_broken',
      severity: 'fix',
      message: `A sitemap cannot be read. ${why}`,
      quote: url,
      why: 'Search engines give it up as well.',
      fix: 'Open its address in your browser: it has to show XML of at most 50 MB and 50,000 addresses. Mend it, or take its line out of robots.txt.',
    });
  if (site.sitemap === null) {
    if (pages.length > 1 && site.sitemapFaults.length === 0)
      add(home.page.url, {
        rule: 'sitemap_missing',
        severity: 'improve',
        message: 'The site has no sitemap.',
        quote: null,
        why: 'Search engines find new pages sooner by it.',
        fix: `Make ${origin}/sitemap.xml with the addresses of all pages, and name it in robots.txt. Most site builders have a switch for it.`,
      });
    return found;
  }
  const named = new Set(site.sitemap.map(pageKey));
  const linked = new Set(pages.flatMap(({ inspected }) => inspected.links.map((link) => pageKey(link.url))));
  for (const one of pages) {
    const { url } = one.page;
    const key = pageKey(url);
    if (isHiddenFromSearch(one)) {
      if (named.has(key))
        add(url, {
          rule: 'sitemap_noindex',
          severity: 'improve',
          message: 'The sitemap names this page, and the page asks not to be listed.',
          quote: url,
          why: 'Search engines are told two things at once.',
          fix: 'Take it out of the sitemap. If it shall be found, take out <meta name="robots"> or the header X-Robots-Tag instead.',
        });
      continue;
    }
    if (!named.has(key))
      add(url, {
        rule: 'sitemap_page',
        severity: 'info',
        message: 'The sitemap does not name this page.',
        quote: null,
        why: 'Search engines find it later, or only by chance.',
        fix: `Add <url><loc>${url.replaceAll('&', '&amp;')}</loc></url> to the sitemap.`,
      });
    if (one !== home && !linked.has(key))
      add(url, {
        rule: 'orphan',
        severity: 'improve',
        message: 'No page that was read links to this one.',
        quote: null,
        why: 'Readers cannot come to it, and search engines take it for unimportant.',
        fix: 'Link to it from the menu, the footer or a page that deals with the same thing. If nobody shall come to it, take it out of the sitemap.',
      });
  }
  if (site.gone.length > 0)
    add(home.page.url, {
      rule: 'sitemap_gone',
      severity: 'improve',
      message: `The sitemap names ${many(site.gone.length, 'page that does', 'pages that do')} not exist.`,
      quote: short(site.gone.slice(0, 4).join(' '), 400),
      why: 'Search engines then trust the sitemap less.',
      fix: 'Take them out of the sitemap, or redirect them (301) to where their words stand now.',
    });
  return found;
}
