import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { World } from '#src/context.ts';
import { gather } from '#src/gather.ts';
import { type BrowserEvent, readEvent } from '#src/measure/events/body.ts';
import { type AppKnowledge, Knowledge } from '#src/measure/events/knowledge.ts';
import { isOneSender, openLimit, senderOf } from '#src/measure/events/limits.ts';
import { type Ahead, openPlacing } from '#src/measure/events/placing.ts';
import { countUnplaced, refusalWords } from '#src/measure/events/refusals.ts';
import { dayOf } from '#src/measure/events/salts.ts';
import { openSpill } from '#src/measure/events/spill.ts';
import { type Draft, type EventRefusal, type Incoming, prepare, type Settled } from '#src/measure/events/steps.ts';
import { openTotals } from '#src/measure/events/totals.ts';
import type { KeyHolder } from '#src/measure/events/tracking.ts';

/** What became of an event. `stored`: it is committed, or safe on the disk; a retry of a stored one is stored, too. */
export type Reception = { outcome: 'stored' } | { outcome: 'refused'; reason: EventRefusal; message: string };

/** What the request brings along. */
export type Envelope = Omit<Incoming, 'body' | 'at'> & { body: unknown };

export type Intake = {
  receive(envelope: Envelope): Promise<Reception>;
  /** Counts one that was refused at the door. */
  refuse(reason: EventRefusal): Reception;
  /** Returns when everything taken in is stored and stands in the totals. */
  rest(): Promise<void>;
  close(): Promise<void>;
  /** How many events this process has kept in a file because the database was away. */
  spilled(): number;
};

/** Batches of different workspaces that are committed at the same time. */
const LANES = 4;
const LARGEST_BATCH = 500;
/** So many events may wait for their answer in one process; whoever sends one more is asked to come again. */
const MOST_WAITING = 10_000;
/** While the database is away it is asked so often whether it is back, in milliseconds. */
const ASK_AGAIN = 1000;

type Waiting = {
  holder: KeyHolder;
  incoming: Incoming;
  /** By what it was prepared; another one now means that it has to be prepared again. */
  app: AppKnowledge;
  settled: Settled;
  /** What was read for it already. */
  ahead: Ahead | null;
  answer(reception: Reception): void;
};

const STORED: Reception = { outcome: 'stored' };

/**
 * Takes in browser events. Each is prepared at once; while a batch of its workspace is being committed it waits, and is
 * committed with all others that came meanwhile; it is answered after the commit. With `mostWaiting` events not yet
 * answered, further ones are refused unread: a database that cannot keep up must not fill the memory. While the database
 * is away events are kept in a file, as long as it has room, and stored when it is back.
 */
export function openIntake(world: World, mostWaiting: number = MOST_WAITING): Intake {
  const knowledge = new Knowledge(world);
  const limit = openLimit();
  const placing = openPlacing(world);
  const spill = openSpill(join(world.data, 'spill'));
  const geoDatabase = world.config.GEO_DATABASE ?? null;
  let waiting = 0;
  let isFull = false;
  let awayUntil = 0;
  let isClosed = false;
  let isReplaying = false;
  let spilled = 0;

  const lanes = gather<Waiting>({ lanes: LANES, largest: LARGEST_BATCH }, (workspaceId, batch) =>
    settle(workspaceId, batch),
  );
  // Who is new is looked up while others are being stored.
  const looking = gather<Waiting>({ lanes: LANES, largest: LARGEST_BATCH }, async (workspaceId, batch) => {
    const drafts = batch.flatMap(({ settled }) => (settled.ok ? [settled.draft] : []));
    // Whatever fails here fails there, too.
    const ahead = await placing.look(workspaceId, drafts).catch(() => null);
    for (const one of batch) {
      one.ahead = ahead;
      lanes.add(workspaceId, one);
    }
  });
  const unplaced = gather<EventRefusal>({ lanes: 1, largest: 100_000 }, (_, reasons) =>
    countUnplaced(world, reasons).catch((error: unknown) => {
      // They are counted with the next one.
      if (owed.length < MOST_WAITING) owed.push(...reasons);
      world.log.warn({ err: error }, 'Refused events could not be counted yet');
    }),
  );
  const owed: EventRefusal[] = [];

  const totals = openTotals(world);

  const rest = async () => {
    await looking.rest();
    await lanes.rest();
    await totals.rest();
    await unplaced.rest();
  };

  const refuse = (reason: EventRefusal, message: string = refusalWords[reason]): Reception => {
    for (const one of owed.splice(0)) unplaced.add('', one);
    unplaced.add('', reason);
    return { outcome: 'refused', reason, message };
  };

  const receive: Intake['receive'] = (envelope) => {
    if (waiting >= mostWaiting) {
      if (!isFull) world.log.warn({ waiting }, 'Events come in faster than they are stored; new ones are refused');
      isFull = true;
      return Promise.resolve(refuse('overloaded'));
    }
    const read = readEvent(envelope.body);
    if ('message' in read) return Promise.resolve(refuse('malformed', read.message));
    const at = world.clock.now();
    const incoming: Incoming = { ...envelope, body: read.event, at };
    const holder = knowledge.holderAtHand(read.event.app);
    const app = holder && knowledge.app(holder);
    return holder && app && knowledge.saltsAt(at) ? line(holder, app, incoming) : meet(read.event, incoming);
  };

  /** Who asks for an app that is just being read waits for the same answer, so that nobody is overtaken. */
  const introductions = new Map<string, Promise<{ holder: KeyHolder; app: AppKnowledge } | null>>();
  const introduce = (key: string, at: Date) => {
    const asked = `${key} ${dayOf(at)}`;
    const running = introductions.get(asked);
    if (running) return running;
    const begun = (async () => {
      const holder = await knowledge.holder(key);
      return holder === null ? null : { holder, app: await knowledge.learn(holder, at) };
    })().finally(() => introductions.delete(asked));
    introductions.set(asked, begun);
    return begun;
  };

  /** Makes the acquaintance of an app. */
  const meet = async (event: BrowserEvent, incoming: Incoming): Promise<Reception> => {
    waiting++;
    try {
      const met = await introduce(event.app, incoming.at);
      return met === null ? refuse('unknown_key') : await line(met.holder, met.app, incoming);
    } catch (error) {
      // Without the day's salt or the app's settings nothing may be kept of it.
      world.log.error({ err: error }, 'An event could not be taken in');
      return refuse('unavailable');
    } finally {
      waiting--;
    }
  };

  /** Prepares an event and lets it wait for its batch. */
  const line = (holder: KeyHolder, app: AppKnowledge, incoming: Incoming): Promise<Reception> => {
    const settled = settledBy(app, incoming, true);
    waiting++;
    return new Promise((resolve) => {
      const answer = (reception: Reception) => {
        waiting--;
        isFull &&= waiting > mostWaiting / 2;
        resolve(reception);
      };
      const one: Waiting = { holder, incoming, app, settled, ahead: null, answer };
      const isNew = settled.ok && placing.needsLook(holder.workspaceId, settled.draft);
      (isNew ? looking : lanes).add(holder.workspaceId, one);
    });
  };

  const settledBy = (app: AppKnowledge, incoming: Incoming, isNew: boolean): Settled => {
    const salts = knowledge.saltsAt(incoming.at);
    const { tracking } = app;
    if (tracking === null) return { ok: false, reason: 'app_removed' };
    if (!salts) return { ok: false, reason: 'unavailable' };
    const sender = isNew && isOneSender(incoming.address) ? `${senderOf(incoming.address)} ${tracking.appId}` : null;
    if (sender !== null && !limit.allows(sender, incoming.at.getTime())) return { ok: false, reason: 'rate_limited' };
    return prepare(incoming, { tracking, salts, geoDatabase });
  };

  /** Commits a batch and answers everyone in it. One event the database will not have does not take the others along. */
  const settle = async (workspaceId: string, batch: Waiting[]): Promise<undefined | (() => void)> => {
    if (Date.now() < awayUntil) {
      await keep(workspaceId, batch);
      return undefined;
    }
    try {
      await commit(workspaceId, batch);
      return () => {
        for (const one of batch) one.answer(told(one.settled));
      };
    } catch (error) {
      if (!isAboutData(error)) {
        world.log.error({ err: error, events: batch.length }, 'Events could not be stored; they are kept in a file');
        awayUntil = Date.now() + ASK_AGAIN;
        await keep(workspaceId, batch);
        return undefined;
      }
      if (batch.length > 1) {
        for (const one of batch) (await settle(workspaceId, [one]))?.();
        return undefined;
      }
      world.log.error({ err: error }, 'An event holds something that cannot be stored');
      for (const one of batch) one.answer(refuse('malformed', 'The event holds something that cannot be stored.'));
      return undefined;
    }
  };

  const commit = async (workspaceId: string, batch: readonly Waiting[]): Promise<void> => {
    const appIds = [...new Set(batch.map(({ holder }) => holder.appId))];
    for (let tries = 0; ; tries++) {
      const forgotten = appIds.filter((appId) => !knowledge.app({ workspaceId, appId }));
      if (forgotten.length > 0) await knowledge.read(workspaceId, forgotten);
      for (const one of batch) {
        const app = knowledge.app(one.holder);
        if (!app || app === one.app) continue;
        one.app = app;
        one.settled = settledBy(app, one.incoming, false);
      }
      const refused = batch.flatMap(({ holder, settled }) =>
        settled.ok ? [] : [{ appId: holder.appId, reason: settled.reason }],
      );
      const accepted = batch.flatMap(({ settled, ahead }) => (settled.ok ? [{ draft: settled.draft, ahead }] : []));
      if (await write(workspaceId, appIds, accepted, refused)) return;
      if (tries === 5) throw new Error('The settings of this workspace change faster than events are stored.');
      await knowledge.read(workspaceId, appIds);
    }
  };

  /** False when the settings have changed: what is to be stored has to be prepared anew. */
  const write = async (
    workspaceId: string,
    appIds: readonly string[],
    accepted: readonly { draft: Draft; ahead: Ahead | null }[],
    refused: readonly { appId: string; reason: EventRefusal }[],
    isReplay = false,
  ): Promise<boolean> => {
    const stored = await placing.store(workspaceId, {
      drafts: accepted.map(({ draft }) => draft),
      ahead: accepted.map(({ ahead }) => ahead),
      refused,
      signature: isReplay ? null : knowledge.signature(workspaceId),
      timeZone: knowledge.timeZone(workspaceId),
      goals: appIds.flatMap((appId) => knowledge.app({ workspaceId, appId })?.goals ?? []),
      begun: (appId) => !!knowledge.app({ workspaceId, appId })?.tracking?.firstEventAt,
    });
    if (stored === null) return false;
    if (accepted.length > 0) totals.owe(workspaceId, stored.kept);
    return true;
  };

  /** The database is away: what was prepared goes to the disk. It holds no address, only what would have been stored. */
  const keep = async (workspaceId: string, batch: readonly Waiting[]): Promise<void> => {
    const records = batch.flatMap(({ settled }) =>
      settled.ok ? [JSON.stringify({ workspaceId, draft: settled.draft })] : [],
    );
    const safe = records.length === 0 || (await spill.keep(records));
    if (safe) spilled += records.length;
    for (const one of batch)
      one.answer(one.settled.ok ? (safe ? STORED : refuse('unavailable')) : refuse(one.settled.reason));
    replaySoon();
  };

  /** Stores what was kept, as soon as the database is back. */
  const replaySoon = () => {
    if (isReplaying) return;
    isReplaying = true;
    void (async () => {
      while (!isClosed) {
        await pause(ASK_AGAIN, undefined, { ref: false });
        if (isClosed) break;
        try {
          const events = await spill.replay(replayed);
          if (events > 0) world.log.info({ events }, 'Events that were kept while the database was away are stored');
          if (!spill.holds()) break;
        } catch (error) {
          world.log.warn({ err: error }, 'The database is still away; events are kept in a file');
        }
      }
      isReplaying = false;
    })();
  };

  const replayed = async (records: string[]): Promise<void> => {
    const byWorkspace = new Map<string, Draft[]>();
    for (const record of records) {
      const { workspaceId, draft } = JSON.parse(record) as { workspaceId: string; draft: Draft };
      const drafts = byWorkspace.get(workspaceId) ?? [];
      drafts.push({ ...draft, at: new Date(draft.at) });
      byWorkspace.set(workspaceId, drafts);
    }
    for (const [workspaceId, drafts] of byWorkspace) await storeAgain(workspaceId, drafts);
  };

  const storeAgain = async (workspaceId: string, drafts: readonly Draft[]): Promise<void> => {
    const appIds = [...new Set(drafts.map(({ appId }) => appId))];
    try {
      await knowledge.read(workspaceId, appIds);
      const left = drafts.filter(({ appId }) => knowledge.app({ workspaceId, appId })?.tracking);
      const accepted = left.map((draft) => ({ draft, ahead: null }));
      if (left.length > 0) await write(workspaceId, appIds, accepted, [], true);
    } catch (error) {
      if (!isAboutData(error)) throw error;
      if (drafts.length > 1) {
        for (const draft of drafts) await storeAgain(workspaceId, [draft]);
        return;
      }
      world.log.error({ err: error }, 'A kept event cannot be stored; it stands in spill/not-stored.txt');
      await spill.setAside(JSON.stringify({ workspaceId, draft: drafts[0] }));
    }
  };

  // What a process that was killed has left.
  void spill.replay(replayed).catch((error: unknown) => {
    world.log.warn({ err: error }, 'Events kept in a file could not be stored yet');
    replaySoon();
  });

  return {
    receive,
    refuse,
    rest,
    spilled: () => spilled,
    async close() {
      isClosed = true;
      await rest();
      await spill.close();
    },
  };
}

function told(settled: Settled): Reception {
  if (settled.ok) return STORED;
  return { outcome: 'refused', reason: settled.reason, message: refusalWords[settled.reason] };
}

/** SQLSTATE classes 22 (data), 23 (constraint) and 54 (too long for an index): it is the event; else the database. */
function isAboutData(error: unknown): boolean {
  return /^(2[23]|54)/.test((error as { code?: string }).code ?? '');
}
