import { type Context, type Inside, transaction } from '#src/context.ts';
import { accountOf, lockAccounts } from '#src/distribute/accounts/status.ts';
import { pauseInForce } from '#src/distribute/publications/pauses.ts';
import { putInQueue } from '#src/distribute/publications/schedule.ts';
import { ACTIVE } from '#src/distribute/publications/waiting.ts';
import { slotInstants } from '#src/distribute/slots.ts';
import { markPost } from '#src/plan/posts.ts';
import { dayIn, daysBetween } from '#src/plan/times.ts';
import { Refusal } from '#src/refusal.ts';

/** Slots that are still empty so close to their moment are filled. */
const AHEAD_HOURS = 48;
/** Whatever goes out so close to a slot fills it. */
const NEAR_MINUTES = 30;
/** On no account the same post twice on one day, whatever its cool-down says. */
const LEAST_COOL_DOWN = 1;

/**
 * The hourly line: fills queue slots of the next 48 hours that would stay empty with evergreen posts. On each account the
 * one goes out that rested longest there, never before its cool-down is over, and never two of them in a row on one day.
 * Does nothing on accounts that are paused or disconnected. Safe to run twice.
 */
export async function fillEmptySlots(context: Context): Promise<number> {
  const accountIds = await transaction(context, async (inside) => {
    if (await pauseInForce(inside, null)) return [];
    const rows = await inside.tx
      .selectFrom('slots')
      .innerJoin('accounts', 'accounts.id', 'slots.accountId')
      .select('slots.accountId')
      .distinct()
      .where('accounts.status', '=', 'connected')
      .where((eb) => eb.exists(eb.selectFrom('posts').select('posts.id').where('posts.evergreen', '=', true)))
      .execute();
    return rows.map((row) => row.accountId);
  });
  let filled = 0;
  for (const accountId of accountIds) filled += await fillOn(context, accountId);
  return filled;
}

async function fillOn(context: Context, accountId: string): Promise<number> {
  const unfit = new Set<string>();
  let filled = 0;
  // One slot in one transaction: what does not fit is put aside and the next one is tried.
  for (;;) {
    const outcome = await transaction(context, async (inside) => {
      await lockAccounts(inside, [accountId]);
      const gap = await firstGap(inside, accountId, unfit);
      if (!gap) return null;
      try {
        await fill(inside, accountId, gap);
        return 'filled';
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw new Unfit(gap.postId);
      }
    }).catch((error: unknown) => {
      if (!(error instanceof Unfit)) throw error;
      unfit.add(error.postId);
      return 'unfit' as const;
    });
    if (outcome === null) return filled;
    if (outcome === 'filled') filled += 1;
  }
}

/** Undoes what was written for a post that the platform would not take. */
class Unfit extends Error {
  readonly postId: string;
  constructor(postId: string) {
    super('This post does not fit the platform any more.');
    this.postId = postId;
  }
}

type Gap = { at: Date; postId: string };

async function fill(inside: Inside, accountId: string, { at, postId }: Gap): Promise<void> {
  await putInQueue(inside, postId, await accountOf(inside, accountId), at, { evergreen: true });
  await markPost(inside, postId, 'scheduled');
}

/** The first empty slot for which there is a rested post. */
async function firstGap(inside: Inside, accountId: string, unfit: ReadonlySet<string>): Promise<Gap | null> {
  const now = inside.clock.now();
  const until = new Date(now.getTime() + AHEAD_HOURS * 36e5);
  const busy = await around(inside, accountId, now, until);
  const posts = (await rested(inside, accountId)).filter((post) => !unfit.has(post.id));
  for (const { at, timeZone } of await slotInstants(inside, accountId, now, until)) {
    if (busy.some((one) => Math.abs(one.at.getTime() - at.getTime()) <= NEAR_MINUTES * 60_000)) continue;
    const day = dayIn(timeZone, at);
    const ofDay = busy.filter((one) => dayIn(timeZone, one.at) === day);
    const before = ofDay.filter((one) => one.at < at).at(-1);
    const after = ofDay.find((one) => one.at > at);
    if (before?.evergreen || after?.evergreen) continue;
    const post = posts.find(
      ({ last, coolDownDays }) =>
        last === null || daysBetween(dayIn(timeZone, last), day) >= Math.max(coolDownDays, LEAST_COOL_DOWN),
    );
    if (post) return { at, postId: post.id };
  }
  return null;
}

/** What goes out and went out on the account from a day before to a day after, by time. */
async function around({ tx }: Inside, accountId: string, from: Date, to: Date) {
  const rows = await tx
    .selectFrom('publications')
    .select(['dueAt', 'publishedAt', 'evergreen'])
    .where('accountId', '=', accountId)
    .where('state', 'in', [...ACTIVE, 'published' as const])
    .where((eb) => eb.fn.coalesce('publishedAt', 'dueAt'), '>', new Date(from.getTime() - 864e5))
    .where((eb) => eb.fn.coalesce('publishedAt', 'dueAt'), '<', new Date(to.getTime() + 864e5))
    .execute();
  return rows
    .map((row) => ({ at: row.publishedAt ?? row.dueAt, evergreen: row.evergreen }))
    .sort((a, b) => a.at.getTime() - b.at.getTime());
}

/**
 * Evergreen posts with words for the account's platform that are approved and wait nowhere on it, longest rested first. Not
 * those that come again on days of their own, nor those of a campaign that is paused or cancelled.
 */
async function rested({ tx, clock }: Inside, accountId: string) {
  const today = dayIn('UTC', clock.now());
  return tx
    .selectFrom('posts')
    .innerJoin('accounts', (join) => join.on('accounts.id', '=', accountId))
    .leftJoin('campaigns', 'campaigns.id', 'posts.campaignId')
    .leftJoin('publications', (join) =>
      join
        .onRef('publications.postId', '=', 'posts.id')
        .on('publications.accountId', '=', accountId)
        .on('publications.state', 'in', [...ACTIVE, 'published']),
    )
    .select(['posts.id', 'posts.coolDownDays'])
    .select((eb) => eb.fn.max(eb.fn.coalesce('publications.publishedAt', 'publications.dueAt')).as('last'))
    .where('posts.evergreen', '=', true)
    .where('posts.status', 'in', ['approved', 'scheduled', 'published'])
    .where((eb) => eb.or([eb('campaigns.id', 'is', null), eb('campaigns.status', 'not in', ['paused', 'cancelled'])]))
    .where((eb) =>
      eb.or([
        eb('accounts.platform', '=', 'sandbox'),
        eb.exists(
          eb
            .selectFrom('postVariants')
            .select('postVariants.id')
            .whereRef('postVariants.postId', '=', 'posts.id')
            .whereRef('postVariants.platform', '=', 'accounts.platform'),
        ),
      ]),
    )
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('recurrences')
            .select('recurrences.id')
            .whereRef('recurrences.postId', '=', 'posts.id')
            .where('recurrences.stoppedAt', 'is', null)
            .where((in_) => in_.or([in_('recurrences.endsOn', 'is', null), in_('recurrences.endsOn', '>=', today)])),
        ),
      ),
    )
    .groupBy(['posts.id', 'posts.coolDownDays', 'posts.createdAt'])
    .having((eb) => eb.fn.countAll<number>().filterWhere('publications.state', 'in', [...ACTIVE]), '=', 0)
    .having((eb) => eb.fn.count<number>('publications.archivedAt'), '=', 0)
    .having((eb) => eb.fn.count<number>('publications.removedAt'), '=', 0)
    .orderBy(
      (eb) => eb.fn.max(eb.fn.coalesce('publications.publishedAt', 'publications.dueAt')),
      (order) => order.asc().nullsFirst(),
    )
    .orderBy('posts.createdAt')
    .execute();
}
