import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { claimLinks } from '#src/distribute/links.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { addDays, dayIn } from '#src/plan/times.ts';
import { refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import { type Category, type ChannelKind, type Place, places, suits } from './places.ts';

/** A new channel has its first step due in a week, the next ones a day later each. */
const FIRST_STEP = 7;

/** Known places, those for the app's category first, with the channel that stands for each already. */
export async function showPlaces(
  inside: Inside,
  wanted: { appId: string; kind?: ChannelKind | undefined; category?: Category | undefined },
) {
  const app = await appOf(inside, wanted.appId);
  const category = wanted.category ?? app.category;
  const channels = await inside.tx
    .selectFrom('channels')
    .select(['id', 'name', 'place'])
    .where('appId', '=', app.id)
    .execute();
  return {
    category,
    places: places
      .filter((place) => wanted.kind === undefined || place.kind === wanted.kind)
      .map((place) => ({
        ...shownPlace(place),
        fit: FITS[suits(place, category)],
        channelId: channelOf(channels, place)?.id ?? null,
      }))
      .sort((a, b) => FITS.indexOf(b.fit) - FITS.indexOf(a.fit)),
  };
}

export const FITS = ['other', 'any', 'made_for'] as const;

/** A place as the doors show it. */
export function shownPlace(place: Place) {
  return {
    id: place.id,
    name: place.name,
    kind: place.kind,
    url: place.url,
    submitUrl: place.submitUrl ?? null,
    platform: place.platform ?? null,
    customs: place.customs,
    limits: place.limits,
    next: place.next,
    launch: (place.launch ?? []).map(({ days, do: name, instructions }) => ({ days, name, instructions })),
    sources: place.sources,
  };
}

/**
 * Takes places on as channels of an app, with their customs, limits and first step. A place that stands among the
 * channels already is left as it is. Links of posts on its platform become the channel's.
 */
export async function adoptPlaces(
  context: Context,
  wanted: { appId: string; placeIds: readonly string[] },
): Promise<{ channels: { id: string; placeId: string }[]; alreadyThere: string[] }> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    const app = await appOf(inside, wanted.appId);
    const chosen = [...new Set(wanted.placeIds)].map((placeId) => {
      const place = places.find((one) => one.id === placeId);
      if (!place)
        throw refuse('invalid', 'place_unknown', `There is no known place “${placeId}”. channels.places lists them.`);
      return place;
    });
    const known = await tx.selectFrom('channels').select(['id', 'name', 'place']).where('appId', '=', app.id).execute();
    const fresh = chosen.filter((place) => !channelOf(known, place));
    const today = dayIn((await workspaceOf(inside)).timeZone, clock.now());
    const channels: { id: string; placeId: string }[] = [];
    for (const [index, place] of fresh.entries()) {
      const row = await tx
        .insertInto('channels')
        .values({
          workspaceId,
          appId: app.id,
          place: place.id,
          name: place.name,
          kind: place.kind,
          platform: place.platform ?? null,
          url: place.url,
          customs: place.customs.join('\n'),
          limits: place.limits.join('\n'),
          nextStep: place.next,
          nextStepOn: addDays(today, FIRST_STEP + index),
          createdAt: clock.now(),
        })
        .returning('id')
        .executeTakeFirstOrThrow();
      if (place.platform) await claimLinks(inside, { id: row.id, appId: app.id, platform: place.platform });
      await record(inside, 'channel.created', { subjectId: row.id, detail: { place: place.id } });
      channels.push({ id: row.id, placeId: place.id });
    }
    if (channels.length > 0)
      await audit(inside, {
        operation: 'channels.adopt',
        subject: app.id,
        after: { places: channels.map((channel) => channel.placeId) },
      });
    return { channels, alreadyThere: chosen.filter((place) => !fresh.includes(place)).map((place) => place.id) };
  });
}

/** A channel made by hand under the place's name stands for it, too. */
function channelOf<Row extends { name: string; place: string | null }>(rows: readonly Row[], place: Place) {
  return rows.find((row) => row.place === place.id || row.name.toLowerCase() === place.name.toLowerCase());
}
