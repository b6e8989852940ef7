import { setTimeout as wait } from 'node:timers/promises';
import type { World } from '#src/context.ts';
import { type Claim, claim, forgetTicks, handBack, LeaseLost, noteTick } from '#src/distribute/publications/due.ts';
import { lookUp } from '#src/distribute/publications/look.ts';
import { prepareNext, sendPart } from '#src/distribute/publications/send.ts';
import { takeUp } from '#src/distribute/publications/take-up.ts';
import { fenced, HELD, type Work } from '#src/distribute/publications/work.ts';
import { randomToken } from '#src/secrets.ts';

/**
 * Accounts that publish at the same time in one process; each needs a database connection for moments only. Measured with
 * answers after 200 ms on two cores (bench/publishing.ts, 2026-11-22): 4 send 4 a second when only a tick refills them, 32
 * send 92, and the processor is what limits then.
 */
const PARALLEL = 32;
const TICK = 1_000;
/** Those that end at nearly the same time are replaced by one look at the queue, in milliseconds. */
const GATHER = 20;
const NOTE = 10_000;

export type Limits = { parallel?: number; most?: number; holder?: string; signal?: AbortSignal };

/**
 * Publishes what is due, and returns when nothing more is ready (or `most` claims were worked on). Safe to run in
 * several processes at once. Returns how many claims it worked on.
 */
export async function publishDue(world: World, limits: Limits = {}): Promise<number> {
  const { parallel = PARALLEL, most = Number.POSITIVE_INFINITY, holder = newHolder(), signal } = limits;
  let worked = 0;
  while (worked < most && !signal?.aborted) {
    const claims = await claim(world, holder, Math.min(parallel, most - worked));
    if (claims.length === 0) break;
    worked += claims.length;
    await Promise.all(claims.map((claimed) => work(world, holder, claimed, signal)));
  }
  return worked;
}

/**
 * Looks at the queue every second, and whenever a slot is free again, until `signal` aborts; several accounts at once,
 * each in order. When it is stopped it finishes the call that is under way, hands its leases back and returns.
 */
export async function publishLoop(world: World, signal: AbortSignal): Promise<void> {
  const holder = newHolder();
  const startedAt = world.clock.now();
  const running = new Set<Promise<void>>();
  let notedAt = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    try {
      const now = world.clock.now().getTime();
      if (now - notedAt >= NOTE) {
        await noteTick(world, holder, startedAt);
        notedAt = now;
      }
      const free = PARALLEL - running.size;
      const claims = free > 0 ? await claim(world, holder, free) : [];
      for (const claimed of claims) {
        const one: Promise<void> = work(world, holder, claimed, signal).finally(() => running.delete(one));
        running.add(one);
      }
    } catch (error) {
      world.log.error({ err: error }, 'The publishing queue could not be read; trying again');
    }
    await untilNext(running, signal);
  }
  await Promise.all(running);
  await forgetTicks(world, holder).catch((error: unknown) => world.log.warn({ err: error }, 'Stopped without notice'));
}

/** Waits a tick, or until one in hand is done: that frees a slot, and its account's next post may go. */
async function untilNext(running: ReadonlySet<Promise<void>>, signal: AbortSignal): Promise<void> {
  const over = new AbortController();
  const pause = wait(TICK, undefined, { signal: AbortSignal.any([signal, over.signal]) }).catch(() => undefined);
  await Promise.race([pause, ...running]);
  over.abort();
  if (running.size > 0) await wait(GATHER);
}

function newHolder(): string {
  return `${process.pid}-${randomToken(9)}`;
}

async function work(world: World, holder: string, claimed: Claim, signal: AbortSignal | undefined): Promise<void> {
  try {
    const taken = await takeUp(world, holder, claimed);
    if (taken) await publishParts(taken, signal);
  } catch (error) {
    if (error instanceof LeaseLost) {
      world.log.warn(
        { publication: claimed.publicationId },
        'A lease was lost: it ran out and another process goes on, or the post was moved or withdrawn',
      );
      return;
    }
    world.log.error({ err: error, publication: claimed.publicationId }, 'Publishing stumbled; it is taken up again');
    await giveBack(world, holder, claimed, HELD).catch((failure: unknown) =>
      world.log.warn({ err: failure }, 'The lease could not be handed back and will run out'),
    );
  }
}

async function publishParts(taken: Work, signal: AbortSignal | undefined): Promise<void> {
  for (;;) {
    if (signal?.aborted) return giveBack(taken.context, taken.holder, taken.claimed, 0);
    const next = await fenced(taken, (inside) => prepareNext(inside, taken));
    if (!next) return;
    const { part } = next;
    const step = 'open' in next ? await lookUp(taken, part, next.open) : await sendPart(taken, part, next.attemptId);
    if (step === 'stop') return;
  }
}

async function giveBack(world: World, holder: string, claimed: Claim, milliseconds: number): Promise<void> {
  const lookAt = new Date(world.clock.now().getTime() + milliseconds);
  await world.db.transaction({ shared: true }, (tx) => handBack(tx, holder, claimed.publicationId, lookAt));
}
