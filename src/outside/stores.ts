/**
 * An app's entry in Apple's store, by the lookup that Apple keeps open to all (iTunes Search API, about 20 requests a
 * minute, as documented in November 2026).
 */
import { z } from 'zod';
import { callApi, isNoAnswer } from './http.ts';

export type StoreEntry = {
  name: string;
  seller: string | null;
  description: string;
  /** As Apple writes it: `$4.99`, `Free`. */
  price: string | null;
  amount: number | null;
  currency: string | null;
  genre: string | null;
  rating: number | null;
  ratings: number | null;
  version: string | null;
  releaseNotes: string | null;
  url: string;
  icon: string | null;
  screenshots: string[];
};

const shape = z.object({
  results: z.array(
    z.object({
      trackName: z.string(),
      sellerName: z.string().nullish(),
      description: z.string().nullish(),
      formattedPrice: z.string().nullish(),
      price: z.number().nullish(),
      currency: z.string().nullish(),
      primaryGenreName: z.string().nullish(),
      averageUserRating: z.number().nullish(),
      userRatingCount: z.int().nullish(),
      version: z.string().nullish(),
      releaseNotes: z.string().nullish(),
      trackViewUrl: z.string(),
      artworkUrl512: z.string().nullish(),
      screenshotUrls: z.array(z.string()).nullish(),
    }),
  ),
});

/** The id and country of an app from the address of its page in Apple's store; null for another address. */
export function appleIdOf(url: string): { id: string; country: string } | null {
  if (!URL.canParse(url)) return null;
  const { hostname, pathname } = new URL(url);
  if (!/^(?:apps|itunes)\.apple\.com$/.test(hostname)) return null;
  const id = /\/id(\d{5,12})(?:\/|$)/.exec(pathname)?.[1];
  const country = /^\/([a-z]{2})\//.exec(pathname)?.[1] ?? 'us';
  return id ? { id, country } : null;
}

/** Looks an app up. Never throws; a reason in words when there is nothing. */
export async function lookUpApple(
  app: { id: string; country: string },
  api: string,
): Promise<{ ok: true; value: StoreEntry } | { ok: false; reason: string }> {
  const query = new URLSearchParams({ id: app.id, country: app.country, entity: 'software' });
  const answer = await callApi({ method: 'GET', url: `${api}/lookup?${query}`, timeoutMs: 10_000 });
  if (isNoAnswer(answer)) return { ok: false, reason: answer.reason };
  if (answer.status === 403 || answer.status === 429)
    return { ok: false, reason: 'Apple’s store has had too many requests from this address. Read again later.' };
  const parsed = shape.safeParse(answer.json());
  const [entry] = parsed.data?.results ?? [];
  if (answer.status !== 200 || !parsed.success)
    return { ok: false, reason: `Apple’s store answered with something else than an app (HTTP ${answer.status}).` };
  if (!entry) return { ok: false, reason: 'Apple’s store knows no such app in this country.' };
  return {
    ok: true,
    value: {
      name: entry.trackName,
      seller: entry.sellerName ?? null,
      description: entry.description ?? '',
      price: entry.formattedPrice ?? null,
      amount: entry.price ?? null,
      currency: entry.currency ?? null,
      genre: entry.primaryGenreName ?? null,
      rating: entry.averageUserRating ?? null,
      ratings: entry.userRatingCount ?? null,
      version: entry.version ?? null,
      releaseNotes: entry.releaseNotes ?? null,
      url: entry.trackViewUrl,
      icon: entry.artworkUrl512 ?? null,
      screenshots: entry.screenshotUrls?.slice(0, 10) ?? [],
    },
  };
}
