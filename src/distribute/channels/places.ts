import { communities } from './places/communities.ts';
import { content } from './places/content.ts';
import { directories } from './places/directories.ts';
import { marketplaces } from './places/marketplaces.ts';
import { paid } from './places/paid.ts';
import { partners } from './places/partners.ts';
import type { Category, Place } from './places/place.ts';
import { social } from './places/social.ts';
import { stores } from './places/stores.ts';

export { type Category, type ChannelKind, channelKinds, type Place, type PlaceStep } from './places/place.ts';

/** Real places where apps reach people, kind by kind. */
export const places: readonly Place[] = [
  ...social,
  ...communities,
  ...directories,
  ...content,
  ...stores,
  ...marketplaces,
  ...partners,
  ...paid,
];

export function placeOf(id: string | null): Place | undefined {
  return id === null ? undefined : places.find((place) => place.id === id);
}

/** How well a place suits apps of a category: 2 made for them, 1 for everyone, 0 for others. */
export function suits(place: Place, category: Category): 0 | 1 | 2 {
  if (place.fits === 'all') return 1;
  return place.fits.includes(category) ? 2 : 0;
}

/** The hosts by which visitors from a place are recognised, without www. */
export function hostsOf(place: Pick<Place, 'hosts' | 'url'>): string[] {
  if (place.hosts) return place.hosts;
  return place.url ? [new URL(place.url).hostname.replace(/^www\./, '')] : [];
}
