import { countText, MAX_LENGTH } from '#src/outside/platforms/x/count.ts';
import { findUrls } from '#src/outside/platforms/x/urls.ts';
import type { Fitting } from '#src/plan/posts/fits.ts';
import type { api } from '#web/api.ts';
import { LINK } from './draft.ts';

export type PlatformInfo = Awaited<ReturnType<typeof api.accounts.platforms>>['platforms'][number];

const graphemes = new Intl.Segmenter('en');
const EMOJI = /\p{RGI_Emoji}/gv;
const FAR_MENTION = /(?<![=/\p{L}\p{N}_])@([a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)@[\p{L}\p{N}_.-]*[\p{L}\p{N}_]/giu;

/** How each platform counts a text, where it is not in UTF-16 units; the test holds them against the adapters. */
const counters: Record<string, (text: string) => number> = {
  x: (text) => countText(text).length,
  sandbox: (text) => countText(text).length,
  bluesky: countGraphemes,
  mastodon: countForMastodon,
  reddit: (text) => [...text].length,
  devto: (text) => new TextEncoder().encode(text).length,
  /** An emoji counts as its bytes. */
  threads: (text) => {
    const bytes = [...text.matchAll(EMOJI)].reduce((sum, [one]) => sum + new TextEncoder().encode(one).length, 0);
    return [...text.replace(EMOJI, '')].length + bytes;
  },
};

const countsAsX = new Set(['x', 'sandbox']);

function countGraphemes(text: string): number {
  return [...graphemes.segment(text)].length;
}

/** A link with its scheme is 23 whatever its length; a mention of another server counts without its server. */
function countForMastodon(text: string): number {
  let links = 0;
  let plain = '';
  let at = 0;
  for (const { start, end } of findUrls(text)) {
    if (!/^https?:\/\//i.test(text.slice(start, end))) continue;
    plain += `${text.slice(at, start)} `;
    links += 1;
    at = end;
  }
  return links * 22 + countGraphemes((plain + text.slice(at)).replace(FAR_MENTION, '@$1'));
}

/** The weighted length of a final text on a platform. */
export function measured(platform: string, text: string): number {
  return counters[platform]?.(text) ?? text.length;
}

/** A platform as the checks need it, counted in the browser as on the server. */
export function fitting(info: PlatformInfo): Fitting {
  return {
    id: info.id,
    name: info.name,
    limits: info.limits,
    measureText: (text) => {
      const length = measured(info.id, text);
      return { length, valid: text.trim() !== '' && length <= info.limits.length && text.isWellFormed() };
    },
  };
}

export interface Fill {
  platform: string;
  name: string;
  used: number;
  limit: number;
}

/** How full a text is on each platform, the fullest first. `sample` stands for the tracked link. */
export function fillsOf(text: string, platforms: readonly PlatformInfo[], sample: string, longPost: boolean): Fill[] {
  const final = text.replaceAll(LINK, sample);
  return platforms
    .map(({ id, name, limits }) => ({ platform: id, name, used: measured(id, final), limit: mostOf(limits, longPost) }))
    .sort((a, b) => a.limit - a.used - (b.limit - b.used));
}

export function mostOf(limits: PlatformInfo['limits'], longPost: boolean): number {
  return (longPost && limits.lengthWithLongPosts) || limits.length;
}

/** The index in `text` at which it goes over on a platform; its length when it fits. Links count as they will be. */
export function cutAt(text: string, platform: string, limit: number, sample: string): number {
  const final = text.replaceAll(LINK, sample);
  if (measured(platform, final) <= limit) return text.length;
  let cut = limit === MAX_LENGTH && countsAsX.has(platform) ? countText(final).cut : halved(final, platform, limit);
  for (let at = text.indexOf(LINK); at >= 0 && at < cut; at = text.indexOf(LINK, at + LINK.length))
    cut = Math.max(at, cut - (sample.length - LINK.length));
  return cut;
}

/** Found by halving: a longer beginning counts no less, up to a link that is cut in two. */
function halved(text: string, platform: string, limit: number): number {
  const ends = [...graphemes.segment(text)].map(({ index, segment }) => index + segment.length);
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (measured(platform, text.slice(0, ends[middle])) <= limit) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? 0 : ends[low - 1]!;
}
