import { type Checkable, type Checked, many, short } from '#src/understand/pages/checklist.ts';
import { pageKey } from '#src/understand/reading/addresses.ts';
import { faultsOfStructured } from '#src/understand/reading/structured.ts';

/** Lengths at which results pages commonly cut (November 2026). */
const TITLE = { least: 15, most: 60 };
const DESCRIPTION = { least: 50, most: 160 };
/** Fewer words than this rarely answer what somebody searched for. */
const THIN_WORDS = 120;

/** Title, description, headings, canonical address, robots, structured data and words. */
export function checkSearch(one: Checkable, listed: boolean): Checked[] {
  const { page, inspected } = one;
  if (!listed) return [noindex(one)];
  return [
    ...title(one),
    ...description(one),
    ...headings(one),
    ...canonical(one),
    ...structured(one),
    ...(inspected.scriptOnly ? [scriptOnly(page.url)] : thin(one)),
    ...hygiene(page.url),
  ];
}

function title({ page, inspected }: Checkable): Checked[] {
  const [first = ''] = inspected.titles;
  const why = 'It is the line people click in search results and the name of the tab.';
  if (first === '')
    return [
      {
        rule: 'title',
        severity: 'fix',
        message: 'The page has no title.',
        quote: null,
        why,
        fix: `Add <title>${short(page.headings[0]?.text ?? page.siteName ?? 'Name: what it does', 60)}</title>.`,
      },
    ];
  if (inspected.titles.length > 1)
    return [
      {
        rule: 'title',
        severity: 'improve',
        message: `The page has ${inspected.titles.length} titles; only the first counts.`,
        quote: short(inspected.titles.join(' / ')),
        why,
        fix: 'Keep the first <title> in the head and delete the others; pictures (<svg>) may have their own.',
      },
    ];
  if (first.length > TITLE.most)
    return [
      {
        rule: 'title_length',
        severity: 'improve',
        message: `The title has ${first.length} characters; results pages cut it at about ${TITLE.most}.`,
        quote: first,
        why,
        fix: `Shorten it to ${TITLE.most} characters: the name and the benefit first, what can be left out last.`,
      },
    ];
  if (first.length < TITLE.least)
    return [
      {
        rule: 'title_length',
        severity: 'improve',
        message: `The title has only ${first.length} characters.`,
        quote: first,
        why,
        fix: 'Say in the title what the product does and for whom, in up to 60 characters.',
      },
    ];
  return [];
}

function description({ page, inspected }: Checkable): Checked[] {
  const [first = ''] = inspected.descriptions;
  const why = 'Results pages show it under the title; without it they pick any sentence.';
  if (first === '')
    return [
      {
        rule: 'description',
        severity: 'fix',
        message: 'The page has no description.',
        quote: null,
        why,
        fix: `Add <meta name="description" content="${short((page.paragraphs[0] ?? 'What it does and for whom.').replaceAll('"', '”'), 155)}">.`,
      },
    ];
  if (first.length > DESCRIPTION.most || first.length < DESCRIPTION.least)
    return [
      {
        rule: 'description_length',
        severity: 'improve',
        message: `The description has ${first.length} characters; between ${DESCRIPTION.least} and ${DESCRIPTION.most} are shown whole.`,
        quote: short(first, 300),
        why,
        fix:
          first.length > DESCRIPTION.most
            ? `Shorten it to ${DESCRIPTION.most} characters, or put what matters first: the rest is cut off.`
            : `Say in one or two sentences what the page offers and for whom, in ${DESCRIPTION.least} to ${DESCRIPTION.most} characters.`,
      },
    ];
  return [];
}

function headings({ inspected }: Checkable): Checked[] {
  const found: Checked[] = [];
  const main = inspected.headings.filter((one) => one.level === 1);
  const why = 'Search engines and screen readers take from the headings what a page is about and how it is built.';
  if (main.length === 0)
    found.push({
      rule: 'h1',
      severity: 'fix',
      message: 'The page has no main heading.',
      quote: inspected.headings[0]?.text ?? null,
      why,
      fix: `Make the sentence that says what the page is about an <h1>${inspected.headings[0]?.text ? `, for example <h1>${short(inspected.headings[0].text, 60)}</h1>` : ''}.`,
    });
  else if (main.length > 1)
    found.push({
      rule: 'h1',
      severity: 'improve',
      message: `The page has ${main.length} main headings.`,
      quote: short(main.map((one) => one.text).join(' / ')),
      why,
      fix: 'Keep one <h1> and make the others <h2>.',
    });
  const jump = inspected.headings.findIndex(
    (one, at) => at > 0 && one.level > (inspected.headings[at - 1]?.level ?? 0) + 1,
  );
  const [before, after] = [inspected.headings[jump - 1], inspected.headings[jump]];
  if (before && after)
    found.push({
      rule: 'heading_order',
      severity: 'info',
      message: `A heading of level ${after.level} follows one of level ${before.level}.`,
      quote: short(`${before.text} / ${after.text}`),
      why,
      fix: `Make “${short(after.text, 60)}” an <h${before.level + 1}>; how large it looks is a matter of CSS.`,
    });
  return found;
}

function canonical({ page, inspected }: Checkable): Checked[] {
  const why = 'It tells search engines which address counts when a page can be reached by several.';
  const [first] = inspected.canonicals;
  if (!first)
    return [
      {
        rule: 'canonical',
        severity: 'improve',
        message: 'The page does not say which address is its own.',
        quote: null,
        why,
        fix: `Add <link rel="canonical" href="${page.url}">.`,
      },
    ];
  if (inspected.canonicals.length > 1 && new Set(inspected.canonicals).size > 1)
    return [
      {
        rule: 'canonical',
        severity: 'fix',
        message: 'The page names several canonical addresses, so none of them counts.',
        quote: short(inspected.canonicals.join(' ')),
        why,
        fix: `Keep one: <link rel="canonical" href="${page.url}">.`,
      },
    ];
  if (page.canonical && pageKey(page.canonical) !== pageKey(page.url))
    return [
      {
        rule: 'canonical',
        severity: 'fix',
        message: 'The page says that another address is its own, so it is left out of search results.',
        quote: first,
        why,
        fix: `If this page is no copy, name its own address: <link rel="canonical" href="${page.url}">. If it is one, all is well: set this finding aside.`,
      },
    ];
  if (!/^https?:\/\//.test(first))
    return [
      {
        rule: 'canonical',
        severity: 'info',
        message: 'The canonical address is not a full one.',
        quote: first,
        why,
        fix: `Write it whole: <link rel="canonical" href="${page.url}">.`,
      },
    ];
  return [];
}

function structured({ kind, page, inspected }: Checkable): Checked[] {
  const why = 'Prices, ratings and answers can stand in search results only from structured data that is whole.';
  const faults = faultsOfStructured(page.structured, inspected.brokenData);
  if (faults.length > 0)
    return [
      {
        rule: 'structured',
        severity: 'improve',
        message: [...new Set(faults.map((fault) => fault.message))].slice(0, 4).join(' '),
        quote: short(faults[0]?.quote ?? '', 200),
        why,
        fix: `${inspected.brokenData.length > 0 ? 'Correct the block (a comma too many or a quotation mark too few is the usual fault).' : 'Add what is missing to the block.'} Then try the page at https://search.google.com/test/rich-results.`,
      },
    ];
  if (page.structured.length === 0 && (kind === 'home' || kind === 'pricing'))
    return [
      {
        rule: 'structured',
        severity: 'info',
        message: 'The page has no structured data.',
        quote: null,
        why,
        fix: `Add to the head: <script type="application/ld+json">${productData(page)}</script>.`,
      },
    ];
  return [];
}

/** What a page says of the product, as the structured data it lacks. */
function productData({ url, siteName, title, description, prices }: Checkable['page']): string {
  const [price] = prices;
  // “Pricing: Kettle” on kettle.example: the product is called Kettle.
  const host = new URL(url).hostname.replace(/^www\./, '').split('.')[0];
  const named = title?.split(/\s*[|:–—·]\s+|\s-\s/).find((one) => one.toLowerCase().replace(/[^a-z0-9]/g, '') === host);
  return JSON.stringify({
    '@context': 'https://schema.org',
    '@type': 'SoftwareApplication',
    name: short(siteName ?? named ?? title ?? 'Name of the app', 60),
    description: short(description ?? 'What it does and for whom.'),
    applicationCategory: 'BusinessApplication',
    operatingSystem: 'Web',
    offers: { '@type': 'Offer', price: price?.amount ?? '0', priceCurrency: price?.currency || 'USD' },
  }).replaceAll('<', '\\u003c');
}

function thin({ kind, page }: Checkable): Checked[] {
  const words = page.text.split(/\s+/).filter(Boolean).length;
  if (words >= THIN_WORDS || kind === 'changelog') return [];
  return [
    {
      rule: 'thin',
      severity: 'info',
      message: `The page says ${many(words, 'word')}, without menus and footers.`,
      quote: short(page.text.split('\n')[0] ?? '') || null,
      why: 'A page that says little answers no search, and is seldom shown.',
      fix: 'Say who it is for, what it does for them and what they ask before they buy; or fold it into another page.',
    },
  ];
}

function scriptOnly(url: string): Checked {
  return {
    rule: 'script_only',
    severity: 'fix',
    message: 'The page shows no text until its scripts run.',
    quote: null,
    why: 'Many search engines, link previews and all models read the HTML only, and see an empty page.',
    fix: `Render ${new URL(url).pathname} on the server or at build time, so that its words stand in the HTML. Most frameworks have a setting for it (static export, server-side rendering).`,
  };
}

function noindex({ page, inspected, delivered }: Checkable): Checked {
  const inMarkup = inspected.robots.some((one) => one === 'noindex' || one === 'none');
  return {
    rule: 'noindex',
    severity: 'info',
    message: 'The page asks search engines not to list it.',
    quote: inMarkup ? `robots: ${inspected.robots.join(', ')}` : `X-Robots-Tag: ${delivered.robots}`,
    why: 'Nobody finds it by searching. For a thank-you page that is right, for one that sells it is not.',
    fix: `If ${new URL(page.url).pathname} shall be found, take out ${inMarkup ? '<meta name="robots">' : 'the header X-Robots-Tag'}.`,
  };
}

function hygiene(url: string): Checked[] {
  const { pathname, search } = new URL(url);
  const faults = [
    ...(/[A-Z]/.test(pathname) ? ['capital letters'] : []),
    ...(/_/.test(pathname) ? ['underscores'] : []),
    ...(/%20|\+/.test(pathname) ? ['spaces'] : []),
    ...(search !== '' ? ['a query'] : []),
    ...(url.length > 120 ? [`${url.length} characters`] : []),
    ...(/\.(?:php|aspx?|html?)$/i.test(pathname) ? ['a file ending'] : []),
  ];
  if (faults.length === 0) return [];
  return [
    {
      rule: 'address',
      severity: 'info',
      message: `The address has ${faults.join(', ')}.`,
      quote: url,
      why: 'A short address in small letters with hyphens is read, remembered and linked without mistakes.',
      fix: 'For new pages use short words with hyphens. Change this one only together with a permanent redirect (301).',
    },
  ];
}
