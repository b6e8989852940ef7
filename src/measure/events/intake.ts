import { asSystem, transaction, type World } from '#src/context.ts';
import { countRefusals, countUnplaced } from '#src/measure/events/refusals.ts';
import { saltsFor } from '#src/measure/events/salts.ts';
import { browserEvent, type Draft, type EventRefusal, type Incoming, prepare } from '#src/measure/events/steps.ts';
import { storeDrafts } from '#src/measure/events/store.ts';
import { holderOf, type KeyHolder, trackingOf } from '#src/measure/events/tracking.ts';

/** What became of an event. `stored`: it is committed; a retry of a stored one is stored, too. */
export type Reception =
  | { outcome: 'stored' }
  | { outcome: 'refused'; reason: EventRefusal; message: string }
  | { outcome: 'unavailable' };

/** What the request brings along. */
export type Envelope = Omit<Incoming, 'body' | 'at'> & { body: unknown };

export type Intake = { receive(envelope: Envelope): Promise<Reception> };

/** Batches of different workspaces that are committed at the same time; the other connections are for everyone else. */
const LANES = 4;
const LARGEST_BATCH = 500;
/** So many events may wait for their answer in one process; whoever sends one more is asked to come again. */
const MOST_WAITING = 10_000;

type Waiting = { appId: string; incoming: Incoming; answer(reception: Reception): void };

/**
 * Takes in browser events. Requests that arrive while a batch of their workspace is being committed are gathered and
 * committed together when it is done: there is no timer, a single request waits for nobody. Each is answered after the
 * commit that holds its event. With `mostWaiting` events not yet answered, further ones are refused unread as
 * unavailable, for the sender to try again: a database that cannot keep up must not fill the memory.
 */
export function openIntake(world: World, mostWaiting: number = MOST_WAITING): Intake {
  let waiting = 0;
  let full = false;
  const queues = new Map<string, Waiting[]>();
  const busy = new Set<string>();
  /** A key's app never changes, so it is looked up once. */
  const holders = new Map<string, KeyHolder>();

  const holder = async (key: string) => {
    const known = holders.get(key) ?? (await holderOf(world, key));
    if (known) holders.set(key, known);
    return known;
  };

  const work = async (workspaceId: string) => {
    busy.add(workspaceId);
    for (let batch = next(workspaceId); batch.length > 0; batch = next(workspaceId))
      await settle(world, workspaceId, batch);
    busy.delete(workspaceId);
    queues.delete(workspaceId);
    start();
  };
  const next = (workspaceId: string) => queues.get(workspaceId)?.splice(0, LARGEST_BATCH) ?? [];
  const start = () => {
    for (const [workspaceId, queue] of queues) {
      if (busy.size >= LANES) return;
      if (queue.length > 0 && !busy.has(workspaceId)) void work(workspaceId);
    }
  };

  const take: Intake['receive'] = async ({ body, ...envelope }) => {
    const parsed = browserEvent.safeParse(body);
    try {
      if (!parsed.success) {
        await countUnplaced(world, 'malformed');
        const issue = parsed.error.issues[0];
        return refused('malformed', `The event cannot be read: ${issue?.path.join('.') || 'body'}: ${issue?.message}`);
      }
      const known = await holder(parsed.data.app);
      if (!known) {
        await countUnplaced(world, 'unknown_key');
        return refused('unknown_key');
      }
      const incoming = { ...envelope, body: parsed.data, at: world.clock.now() };
      return await new Promise<Reception>((answer) => {
        const queue = queues.get(known.workspaceId) ?? [];
        queue.push({ appId: known.appId, incoming, answer });
        queues.set(known.workspaceId, queue);
        start();
      });
    } catch (error) {
      world.log.error({ err: error }, 'An event could not be taken in');
      return { outcome: 'unavailable' };
    }
  };

  return {
    async receive(envelope) {
      if (waiting >= mostWaiting) {
        if (!full) world.log.warn({ waiting }, 'Events come in faster than they are stored; new ones are refused');
        full = true;
        return { outcome: 'unavailable' };
      }
      waiting++;
      try {
        return await take(envelope);
      } finally {
        waiting--;
        full &&= waiting > mostWaiting / 2;
      }
    },
  };
}

/** Commits a batch and answers everyone in it. One event the database will not have does not take the others along. */
async function settle(world: World, workspaceId: string, batch: readonly Waiting[]): Promise<void> {
  try {
    const receptions = await commit(world, workspaceId, batch);
    for (const [index, waiting] of batch.entries()) waiting.answer(receptions[index] ?? { outcome: 'unavailable' });
  } catch (error) {
    if (batch.length > 1 && isAboutData(error)) {
      for (const waiting of batch) await settle(world, workspaceId, [waiting]);
      return;
    }
    world.log.error({ err: error, events: batch.length }, 'Events could not be stored');
    const reception: Reception = isAboutData(error)
      ? refused('malformed', 'The event holds something that cannot be stored.')
      : { outcome: 'unavailable' };
    for (const waiting of batch) waiting.answer(reception);
  }
}

async function commit(world: World, workspaceId: string, batch: readonly Waiting[]): Promise<Reception[]> {
  return transaction(asSystem(world, workspaceId, 'events'), async (inside) => {
    const salts = await saltsFor(inside.tx, inside.clock.now());
    const tracking = await trackingOf(inside, [...new Set(batch.map(({ appId }) => appId))]);
    const drafts: Draft[] = [];
    const refusals: { appId: string; reason: EventRefusal }[] = [];
    const receptions = batch.map(({ appId, incoming }): Reception => {
      const settings = tracking.get(appId);
      if (!settings) return refused('app_removed');
      const prepared = prepare(incoming, settings, salts);
      if (prepared.ok) {
        drafts.push(prepared.draft);
        return { outcome: 'stored' };
      }
      refusals.push({ appId, reason: prepared.reason });
      return refused(prepared.reason);
    });
    await storeDrafts(inside, drafts);
    await countRefusals(inside, refusals);
    return receptions;
  });
}

/** SQLSTATE classes 22 (data exception) and 23 (constraint): it is the event; anything else is the database. */
function isAboutData(error: unknown): boolean {
  return /^2[23]/.test((error as { code?: string }).code ?? '');
}

function refused(reason: EventRefusal, message: string = words[reason]): Reception {
  return { outcome: 'refused', reason, message };
}

const words: Record<EventRefusal, string> = {
  malformed: 'The event cannot be read.',
  unknown_key: 'No app has this public key. Copy the script from the app’s tracking settings again.',
  app_removed: 'The app of this key was removed.',
  do_not_track: 'The browser asks not to be tracked.',
  privacy_control: 'The browser sends Global Privacy Control.',
  host_not_allowed: 'Events from this host are not accepted. Add it in the app’s tracking settings.',
  spam_referrer: 'The referrer is a known spam site.',
  in_the_future: 'It is dated ahead.',
  too_old: 'It is dated too far back.',
};
