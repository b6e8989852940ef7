import { sql } from 'kysely';
import type { z } from 'zod';
import { type Context, transaction } from '#src/context.ts';
import type { liveShown } from '#src/measure/traffic/shapes.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';

const MINUTE = 60_000;
const MINUTES = 30;
const NEWEST = 20;
const SHOWN = 10;
/** A visit that lasts has begun so long ago at most, in milliseconds. */
const REACH = 2 * 86_400_000;

type Recent = {
  id: string;
  at: Date;
  kind: string;
  path: string | null;
  visit: Visit;
};

/**
 * Who is there now: people of the last 30 minutes, read from their events by the index of the app's newest ones, so that
 * it costs what half an hour holds and not what has ever come in.
 */
export function live(context: Context, { appId }: { appId: string }): Promise<z.output<typeof liveShown>> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    await appOf(inside, appId);
    const at = clock.now();
    const since = new Date(Math.floor(at.getTime() / MINUTE) * MINUTE - (MINUTES - 1) * MINUTE);
    const recent = await tx
      .selectFrom('events')
      .select(['id', 'occurredAt as at', 'kind', 'path', 'visitId'])
      .where('workspaceId', '=', workspaceId)
      .where('appId', '=', appId)
      .where('occurredAt', '>=', since)
      .where('occurredAt', '<=', at)
      .where('visitId', 'is not', null)
      .orderBy('occurredAt', 'desc')
      .execute();
    const { rows: visits } = await sql<Visit>`
      select v.id, v.visitor, v.source, v.channel, v.country, v.device, v.browser
      from visits v
      where v.workspace_id = ${workspaceId} and v.app_id = ${appId}
        and v.started_at >= ${new Date(since.getTime() - REACH)} and v.started_at <= ${at}
        and v.id = any(${[...new Set(recent.flatMap((event) => event.visitId ?? []))]}::uuid[])
        and v.agent_class in ('human', 'unsure')
    `.execute(tx);
    const visitOf = new Map(visits.map((visit) => [visit.id, visit]));
    const events = recent.flatMap((event) => {
      const visit = visitOf.get(event.visitId ?? '');
      return visit ? [{ ...event, visit }] : [];
    });
    const lately = events.filter((event) => event.at.getTime() > at.getTime() - 5 * MINUTE);
    return {
      timeZone: (await workspaceOf(inside)).timeZone,
      at,
      visitors5: people(lately),
      visitors30: people(events),
      minutes: byMinute(events, since),
      pages: whereTheyAre(lately),
      ...cameFrom(events),
      events: events.slice(0, NEWEST).map(({ visitId: _, visit: { source, country, device, browser }, ...event }) => ({
        ...event,
        source,
        country,
        device,
        browser,
      })),
    };
  });
}

type Visit = {
  id: string;
  visitor: string;
  source: string;
  channel: string;
  country: string | null;
  device: string | null;
  browser: string | null;
};

function people(events: readonly Recent[]): number {
  return new Set(events.map((event) => event.visit.visitor)).size;
}

function byMinute(events: readonly Recent[], since: Date) {
  const minutes = Map.groupBy(events, (event) => Math.floor((event.at.getTime() - since.getTime()) / MINUTE));
  return Array.from({ length: MINUTES }, (_, index) => {
    const own = minutes.get(index) ?? [];
    return {
      at: new Date(since.getTime() + index * MINUTE),
      visitors: people(own),
      views: own.filter((event) => event.kind === 'pageview').length,
    };
  });
}

/** The newest page of each visitor. Events come newest first. */
function whereTheyAre(events: readonly Recent[]) {
  const page = new Map<string, string>();
  for (const { visit, kind, path } of events)
    if (path !== null && kind === 'pageview' && !page.has(visit.visitor)) page.set(visit.visitor, path);
  return most([...page.values()].map((path) => [path, path])).map(({ key, visitors }) => ({ path: key, visitors }));
}

function cameFrom(events: readonly Recent[]) {
  // The newest visit of each visitor.
  const each = [...new Map(events.toReversed().map(({ visit }) => [visit.visitor, visit])).values()];
  return {
    sources: most(each.map((one) => [one.source, one.channel])).map(({ key, about, visitors }) => ({
      source: key,
      channel: about,
      visitors,
    })),
    countries: most(each.flatMap(({ country }) => (country === null ? [] : [[country, country] as const]))).map(
      ({ key, visitors }) => ({ country: key, visitors }),
    ),
  };
}

function most(all: readonly (readonly [string, string])[]) {
  return [...Map.groupBy(all, ([key]) => key)]
    .map(([key, own]) => ({ key, about: own[0]?.[1] ?? '', visitors: own.length }))
    .sort((a, b) => b.visitors - a.visitors || (a.key < b.key ? -1 : 1))
    .slice(0, SHOWN);
}
