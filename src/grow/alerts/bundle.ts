import { randomUUID } from 'node:crypto';
import type { Inside } from '#src/context.ts';
import { digestAfter, type Manners, mayTell, quietUntil } from './quiet.ts';
import { mannersOf } from './settings.ts';

const weekMs = 7 * 86_400_000;

/**
 * Puts what may be told now into one message for each target, and holds the rest: what came in quiet hours until they end,
 * what is over the budget until the digest. Targets are locked, so that two processes count the budget one after the other.
 */
export async function bundle(inside: Inside): Promise<void> {
  const manners = await mannersOf(inside);
  const targets = await inside.tx
    .selectFrom('alertTargets')
    .select(['id', 'kind'])
    .where('offAt', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const { id } of targets) await bundleFor(inside, id, manners);
}

async function bundleFor(inside: Inside, targetId: string, manners: Manners): Promise<void> {
  const now = inside.clock.now();
  const waiting = await inside.tx
    .selectFrom('alertDeliveries as d')
    .innerJoin('alerts as a', 'a.id', 'd.alertId')
    .select(['d.alertId', 'd.round', 'd.at', 'd.waitsFor', 'a.severity'])
    .where('d.alertTargetId', '=', targetId)
    .where('d.state', 'in', ['due', 'held'])
    .orderBy('a.raisedAt')
    .execute();
  if (waiting.length === 0) return;
  const { told } = await inside.tx
    .selectFrom('alertMessages')
    .select((eb) => eb.fn.countAll<string>().as('told'))
    .where('alertTargetId', '=', targetId)
    .where('kind', '=', 'alerts')
    .where('createdAt', '>', new Date(now.getTime() - weekMs))
    .executeTakeFirstOrThrow();
  const ready: typeof waiting = [];
  const digest: typeof waiting = [];
  for (const one of waiting) {
    if (one.waitsFor === 'budget') {
      // The digest comes on its day, however much of the budget is free again by then.
      const until = digestAfter(manners, one.at);
      if (until <= now && quietUntil(manners, now) === null) digest.push(one);
      continue;
    }
    const held = mayTell(manners, Number(told), one.severity, now);
    if (held === null) ready.push(one);
    else {
      // Its time in line is kept while it waits for the same thing.
      const at = one.waitsFor === held.for ? one.at : now;
      await inside.tx
        .updateTable('alertDeliveries')
        .set({ state: 'held', waitsFor: held.for, reason: held.reason, at })
        .where('alertId', '=', one.alertId)
        .where('alertTargetId', '=', targetId)
        .where('round', '=', one.round)
        .execute();
    }
  }
  if (ready.length > 0) await prepare(inside, targetId, 'alerts', ready);
  if (digest.length > 0) await prepare(inside, targetId, 'digest', digest);
}

async function prepare(
  inside: Inside,
  targetId: string,
  kind: 'alerts' | 'digest',
  deliveries: readonly { alertId: string; round: number }[],
): Promise<void> {
  const now = inside.clock.now();
  const id = randomUUID();
  await inside.tx
    .insertInto('alertMessages')
    .values({ workspaceId: inside.workspaceId, id, alertTargetId: targetId, kind, nextTryAt: now, createdAt: now })
    .execute();
  for (const { alertId, round } of deliveries)
    await inside.tx
      .updateTable('alertDeliveries')
      .set({ state: 'bundled', waitsFor: null, reason: null, alertMessageId: id, at: now })
      .where('alertId', '=', alertId)
      .where('alertTargetId', '=', targetId)
      .where('round', '=', round)
      .execute();
}
