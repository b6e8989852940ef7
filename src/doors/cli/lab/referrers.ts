import { table } from '#src/doors/cli/show.ts';
import { type Source as Origin, readSource } from '#src/measure/source.ts';
import { documentOf, isFields } from './json.ts';
import type { Verb } from './verb.ts';

export const referrers: Verb = {
  summary: 'where visits came from: medium, source, search term, channel',
  file: 'FILE.json',
  options: {},
  example: `  [{"uri": "https://www.google.com/search?q=cron+monitor", "page": "https://app.example/"}]

  fanfare lab referrers referrers.json

  "uri" is the referrer (null = none), "page" the address landed on, tags and click ids included. A plain list of
  referrers will do. Referrers of the page's own host are internal.`,
  run({ source, width }) {
    const document = documentOf(source);
    if (!Array.isArray(document.value)) throw document.wrong([], 'a list of referrers is expected.');
    const answers = document.value.map((each: unknown, index) => {
      const text = (names: readonly string[]) => {
        if (!isFields(each)) return null;
        const name = names.find((one) => each[one] !== undefined);
        const value = name === undefined ? null : each[name];
        if (value !== null && typeof value !== 'string')
          throw document.wrong([index, name ?? ''], 'an address is a text or null.');
        return value;
      };
      if (!isFields(each) && typeof each !== 'string' && each !== null) {
        throw document.wrong([index], 'a referrer is a text, or an object with "uri" and "page".');
      }
      const uri = typeof each === 'string' ? each : text(['uri', 'referrer', 'referer']);
      const page = text(['page', 'page_uri', 'url']);
      const own = page !== null && URL.canParse(page) ? [new URL(page).hostname] : [];
      return { uri, page, ...described(readSource({ url: page, referrer: uri, ownHosts: own }), uri) };
    });
    const rows = answers.map(({ uri, medium, source: from, term, channel }) => ({
      medium,
      source: from,
      term,
      channel,
      uri: uri !== null && uri.length > 60 ? `${uri.slice(0, 59)}…` : uri,
    }));
    return {
      json: { referrers: answers },
      text: rows.length === 0 ? 'No referrers.' : table(rows, { now: new Date(), ...(width ? { width } : {}) }),
    };
  },
};

/** The words of referer-parser for what Google Analytics calls organic, ai-assistant and cpc. */
const plain: { [medium: string]: string } = {
  organic: 'search',
  'ai-assistant': 'chatbot',
  cpc: 'paid',
  video: 'social',
};

/** What referer-parser still calls by an earlier name. */
const named: { [source: string]: string } = { X: 'Twitter' };

/**
 * `medium` in the words of snowplow's referer-parser, `analyticsMedium` in those of Google Analytics, as the product
 * stores it. `known`: the source is on our list, rather than just the referrer's host.
 */
function described(from: Origin, uri: string | null) {
  const host = uri !== null && URL.canParse(uri) ? new URL(uri).hostname.toLowerCase().replace(/^www\./, '') : null;
  const known = from.source !== null && from.source !== host;
  const medium =
    from.ignored === 'own'
      ? 'internal'
      : from.source === null
        ? (from.medium ?? 'unknown')
        : known || from.medium !== 'referral'
          ? (plain[from.medium ?? ''] ?? from.medium ?? 'unknown')
          : 'unknown';
  return {
    medium,
    source: named[from.source ?? ''] ?? from.source,
    term: from.term,
    known,
    channel: from.channel,
    analyticsMedium: from.medium,
    campaign: from.campaign,
    content: from.content,
    clickId: from.clickId,
    ignored: from.ignored,
  };
}
