/** Reading competitors again, each at an hour of its own. */
import { createHash } from 'node:crypto';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { assess } from './assess.ts';
import { fillColumn, fillOwn, proposeRows, type Said } from './fill.ts';
import { keepPages, knownPagesOf } from './keep.ts';
import { lookAtPresence } from './presence.ts';
import { keepPrices } from './prices.ts';
import { keepProfile } from './profile.ts';
import { readPagesOf } from './read.ts';

const HOUR = 3_600_000;
/** A change that was seen once is looked at again sooner than the next day. */
const CONFIRM = 6 * HOUR;
/** In one run of a workspace; the others have their turn with the next hour. */
const MOST = 20;

/** Reads the watched competitors whose turn it is. One that fails does not hold up the others. */
export async function readCompetitors(context: Context): Promise<void> {
  const due = await transaction(context, ({ tx, clock }) =>
    tx
      .selectFrom('competitors')
      .select('id')
      .where('state', '=', 'watched')
      .where('url', 'is not', null)
      .where((eb) => eb.or([eb('nextReadAt', 'is', null), eb('nextReadAt', '<=', clock.now())]))
      .orderBy('nextReadAt', (order) => order.asc().nullsFirst())
      .limit(MOST)
      .execute(),
  );
  const faults: unknown[] = [];
  for (const { id } of due) {
    try {
      await readCompetitor(context, id);
    } catch (fault) {
      faults.push(fault);
    }
  }
  if (faults.length > 0)
    throw new AggregateError(
      faults,
      `${faults.length} of ${due.length} competitors could not be read: a fault of ours.`,
    );
}

/** Reads one that has just been confirmed or added; one without an address waits for it. */
export async function readNewCompetitor(context: Context, competitorId: string): Promise<void> {
  const row = await transaction(context, ({ tx }) =>
    tx
      .selectFrom('competitors')
      .select(['url', 'state', 'lastReadAt'])
      .where('id', '=', competitorId)
      .executeTakeFirst(),
  );
  if (row?.url && row.state === 'watched' && !row.lastReadAt) await readCompetitor(context, competitorId);
}

/**
 * Reads the pages of a competitor and keeps what they say. Returns how many changes are told, and why its home page could
 * not be read, if so: then nothing changed.
 */
export async function readCompetitor(
  context: Context,
  competitorId: string,
): Promise<{ changes: number; pages: number; trouble: string | null }> {
  const { url, known } = await transaction(context, async (inside) => {
    const row = await inside.tx
      .selectFrom('competitors')
      .select(['url', 'state'])
      .where('id', '=', competitorId)
      .executeTakeFirst();
    if (!row) throw notFound('competitor');
    if (row.state !== 'watched')
      throw refuse('conflict', 'not_watched', 'This competitor is not watched. Confirm it first.');
    if (!row.url) throw refuse('conflict', 'no_address', 'There is no address to read. Give the competitor one first.');
    return { url: row.url, known: await knownPagesOf(inside, competitorId) };
  });
  const tried = await readPagesOf(context, url, known);
  const result = await transaction(context, async (inside) => {
    const competitor = await lock(inside, competitorId);
    if (competitor?.state !== 'watched' || competitor.url !== url) return { changes: 0, pages: 0, trouble: null };
    const kept = await keepPages(inside, competitor, tried);
    const home = tried[0];
    const trouble = home && home.state !== 'read' ? home.message : null;
    if (kept.pages.length > 0) {
      const said = kept.pages.map(({ read }): Said => ({ url: read.url, shape: read.shape }));
      await keepPrices(inside, competitorId, kept);
      await keepProfile(inside, competitorId, kept);
      await proposeRows(inside, competitor.appId, said);
      await fillOwn(inside, competitor.appId);
      await fillColumn(inside, competitor.appId, competitorId, said);
      await assess(inside, competitor, said);
    }
    const now = inside.clock.now();
    await inside.tx
      .updateTable('competitors')
      .set({
        nextReadAt: nextTurn(
          now,
          competitorId,
          kept.pages.some(({ waits }) => waits),
        ),
        trouble,
        ...(trouble === null ? { lastReadAt: now } : {}),
      })
      .where('id', '=', competitorId)
      .execute();
    return { changes: kept.told, pages: kept.pages.length, trouble };
  });
  if (result.pages > 0) await lookAtPresence(context, competitorId);
  return result;
}

async function lock({ tx }: Inside, competitorId: string) {
  return tx
    .selectFrom('competitors')
    .select(['id', 'appId', 'name', 'state', 'url'])
    .where('id', '=', competitorId)
    .forUpdate()
    .executeTakeFirst();
}

/** A day on, at this competitor's minute of it, so that not all are read at once; sooner to confirm a change. */
export function nextTurn(now: Date, competitorId: string, waits: boolean): Date {
  if (waits) return new Date(now.getTime() + CONFIRM);
  const minute = createHash('sha256').update(competitorId).digest().readUInt32BE(0) % 1_440;
  const midnight = Math.floor((now.getTime() + 12 * HOUR) / (24 * HOUR)) * 24 * HOUR;
  const turn = midnight + minute * 60_000;
  return new Date(turn > now.getTime() + 12 * HOUR ? turn : turn + 24 * HOUR);
}
