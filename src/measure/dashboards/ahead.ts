import type { Inside } from '#src/context.ts';
import { localDay } from '#src/measure/dashboards/days.ts';
import type { View } from '#src/measure/dashboards/kpis.ts';

/** When something was posted in the period: the rings on the line. */
export async function markersOf({ tx }: Inside, { appIds, current, timeZone }: View) {
  const rows = await tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .select(['posts.id as postId', 'posts.title', 'publications.publishedAt', 'accounts.platform'])
    .where('posts.appId', 'in', appIds)
    // An answer in the inbox is no post of one's own.
    .where('publications.replyTo', 'is', null)
    .where('publications.publishedAt', '>=', current.from)
    .where('publications.publishedAt', '<', current.until)
    .orderBy('publications.publishedAt')
    .execute();
  return rows.flatMap(({ publishedAt, ...row }) =>
    publishedAt === null ? [] : [{ ...row, at: publishedAt, day: localDay(publishedAt, timeZone) }],
  );
}

/** What goes out next. */
export async function goingOut({ tx, clock }: Inside, { appIds, timeZone }: View) {
  const rows = await tx
    .selectFrom('publications')
    .innerJoin('posts', 'posts.id', 'publications.postId')
    .innerJoin('accounts', 'accounts.id', 'publications.accountId')
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .select(['publications.id as publicationId', 'posts.id as postId', 'posts.title', 'publications.dueAt as at'])
    .select(['publications.state', 'accounts.platform', 'accounts.handle', 'campaigns.name as campaignName'])
    .select(['campaigns.colour as campaignColour'])
    .where('posts.appId', 'in', appIds)
    .where('publications.state', 'in', ['scheduled', 'publishing', 'asking'])
    .where('publications.dueAt', '>=', new Date(clock.now().getTime() - 7 * 86_400_000))
    .orderBy('publications.dueAt')
    .limit(12)
    .execute();
  return rows.map((row) => ({ ...row, day: localDay(row.at, timeZone) }));
}

/** The open suggestions, most worthwhile first. */
export async function worthDoing({ tx }: Inside, { appIds }: View) {
  return tx
    .selectFrom('suggestions')
    .select(['id', 'appId', 'title', 'reasoning', 'category', 'priority', 'effort', 'impact', 'minutes', 'state'])
    .where('appId', 'in', appIds)
    .where('state', 'in', ['proposed', 'accepted', 'in_progress'])
    .orderBy('place', (order) => order.asc().nullsLast())
    .limit(5)
    .execute();
}

/** What a new workspace has done of the first steps. */
export async function firstStepsOf({ tx }: Inside, { appIds }: View) {
  const apps = await tx.selectFrom('apps').select('id').limit(1).execute();
  const accounts = await tx
    .selectFrom('accounts')
    .select('id')
    .where('status', 'in', ['connected', 'paused'])
    .limit(1)
    .execute();
  const tracking = await tx
    .selectFrom('trackingSettings')
    .select((eb) => eb.fn.min('firstEventAt').as('at'))
    .where('appId', 'in', appIds)
    .executeTakeFirst();
  const sources = await tx
    .selectFrom('paymentSources')
    .select('id')
    .where('removedAt', 'is', null)
    .where('sealedWebhookSecret', 'is not', null)
    .limit(1)
    .execute();
  const planned = await tx.selectFrom('publications').select('id').limit(1).execute();
  return {
    appRegistered: apps.length > 0,
    accountConnected: accounts.length > 0,
    trackerSeen: tracking?.at != null,
    trackerSeenAt: tracking?.at ?? null,
    paymentsConnected: sources.length > 0,
    firstWeekPlanned: planned.length > 0,
  };
}
