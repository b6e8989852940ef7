import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { digestAfter, gathered, type Held, type Manners, mayTell, quietUntil } from './quiet.ts';
import { mannersOf } from './settings.ts';
import type { Severity } from './severity.ts';

const weekMs = 7 * 86_400_000;

/**
 * Puts what may be told now into one message for each target, and holds the rest: what came in quiet hours until they end,
 * what is over the budget until the digest, what follows within the hour until the next message, and everything while the
 * target has not taken the message before. Targets are locked, so that two processes count the budget one after the other.
 */
export async function bundle(inside: Inside): Promise<void> {
  await dropDecided(inside);
  const manners = await mannersOf(inside);
  const targets = await inside.tx
    .selectFrom('alertTargets')
    .select(['id', 'nextTryAt'])
    .where('offAt', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  for (const target of targets) await bundleFor(inside, target, manners);
}

type Waiting = {
  alertId: string;
  round: number;
  at: Date;
  waitsFor: Wait['for'] | null;
  reason: string | null;
  severity: Severity;
};
type Wait = { for: Held['for'] | 'target'; reason: string };

const untaken: Wait = { for: 'target', reason: 'It waits until the message before it is taken there.' };

async function bundleFor(
  inside: Inside,
  { id: targetId, nextTryAt }: { id: string; nextTryAt: Date | null },
  manners: Manners,
): Promise<void> {
  const now = inside.clock.now();
  const waiting: Waiting[] = await inside.tx
    .selectFrom('alertDeliveries as d')
    .innerJoin('alerts as a', 'a.id', 'd.alertId')
    .select(['d.alertId', 'd.round', 'd.at', 'd.waitsFor', 'd.reason', 'a.severity'])
    .where('d.alertTargetId', '=', targetId)
    .where('d.state', 'in', ['due', 'held'])
    .orderBy('a.raisedAt')
    .execute();
  if (waiting.length === 0) return;
  const { told, last, isUntaken } = await readPast(inside, targetId);
  const mayTry = nextTryAt === null || nextTryAt <= now;
  const ready: Waiting[] = [];
  const gathering: { one: Waiting; wait: Wait }[] = [];
  const digest: Waiting[] = [];
  const held = new Map<string, { wait: Wait; deliveries: Waiting[] }>();
  const hold = (one: Waiting, wait: Wait) => {
    if (one.waitsFor === wait.for && one.reason === wait.reason) return;
    const same = held.get(wait.reason) ?? { wait, deliveries: [] };
    held.set(wait.reason, { wait, deliveries: [...same.deliveries, one] });
  };
  for (const one of waiting) {
    if (one.waitsFor === 'budget') {
      // The digest comes on its day, however much of the budget is free again by then.
      const until = digestAfter(manners, one.at);
      if (until <= now && !isUntaken && quietUntil(manners, now) === null) digest.push(one);
      continue;
    }
    // An older message may itself wait for the morning; an urgent alert does not wait with it.
    const waitsBehind = isUntaken && !(mayTry && one.severity === 'urgent' && manners.urgentPasses);
    const wait = waitsBehind
      ? untaken
      : (mayTell(manners, told, one.severity, now) ?? gathered(manners, last, one.severity, now));
    if (wait === null) ready.push(one);
    else if (wait.for === 'group') gathering.push({ one, wait });
    else hold(one, wait);
  }
  // What only waits for the next message goes with it, whatever it is that comes first.
  if (ready.length > 0) ready.push(...gathering.map(({ one }) => one));
  else for (const { one, wait } of gathering) hold(one, wait);
  for (const { wait, deliveries } of held.values())
    await put(inside, targetId, deliveries, { state: 'held', waitsFor: wait.for, reason: wait.reason });
  if (ready.length > 0) await prepare(inside, targetId, 'alerts', ready);
  if (digest.length > 0) await prepare(inside, targetId, 'digest', digest);
}

/**
 * What a target was told: how often in seven days, when last, and whether a message still waits to be taken. What is dated
 * later than now is from a clock that was wrong, and must not use up the budget until then.
 */
async function readPast(inside: Inside, targetId: string) {
  const now = inside.clock.now();
  const { told, last, isUntaken } = await inside.tx
    .selectFrom('alertMessages')
    .select(({ fn, eb }) => [
      fn
        .countAll<string>()
        .filterWhere('kind', '=', 'alerts')
        .filterWhere('createdAt', '>', new Date(now.getTime() - weekMs))
        .filterWhere('createdAt', '<=', now)
        .as('told'),
      fn.max('createdAt').filterWhere('kind', '=', 'alerts').filterWhere('createdAt', '<=', now).as('last'),
      fn.agg<boolean | null>('bool_or', [eb('state', '=', 'prepared')]).as('isUntaken'),
    ])
    .where('alertTargetId', '=', targetId)
    .executeTakeFirstOrThrow();
  return { told: Number(told), last, isUntaken: isUntaken ?? false };
}

/** What a person acknowledged or snoozed before it was told is no news; a snoozed alert comes back in a round of its own. */
async function dropDecided({ tx, clock }: Inside): Promise<void> {
  const now = clock.now();
  await tx
    .updateTable('alertDeliveries as d')
    .from('alerts as a')
    .set({
      state: 'dropped',
      waitsFor: null,
      at: now,
      reason: sql<string>`case when a.acknowledged_at is not null then 'It was acknowledged before it was told.'
        else 'It was snoozed before it was told.' end`,
    })
    .whereRef('a.id', '=', 'd.alertId')
    .where('d.state', 'in', ['due', 'held'])
    .where((eb) => eb.or([eb('a.acknowledgedAt', 'is not', null), eb('a.snoozedUntil', '>', now)]))
    .execute();
}

async function prepare(
  inside: Inside,
  targetId: string,
  kind: 'alerts' | 'digest',
  deliveries: readonly Waiting[],
): Promise<void> {
  const now = inside.clock.now();
  const id = randomUUID();
  await inside.tx
    .insertInto('alertMessages')
    .values({ workspaceId: inside.workspaceId, id, alertTargetId: targetId, kind, nextTryAt: now, createdAt: now })
    .execute();
  await put(inside, targetId, deliveries, { state: 'bundled', waitsFor: null, reason: null, alertMessageId: id });
}

async function put(
  inside: Inside,
  targetId: string,
  deliveries: readonly Waiting[],
  into: { state: 'held' | 'bundled'; waitsFor: Wait['for'] | null; reason: string | null; alertMessageId?: string },
): Promise<void> {
  await inside.tx
    .updateTable('alertDeliveries')
    .set((eb) => ({
      ...into,
      // Its time in line is kept while it waits for the same thing.
      at: sql<Date>`case when ${eb.ref('waitsFor')} = ${into.waitsFor} then ${eb.ref('at')} else ${inside.clock.now()}::timestamptz end`,
    }))
    .where('alertTargetId', '=', targetId)
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('alertId', 'round'),
        'in',
        deliveries.map(({ alertId, round }) => tuple(alertId, round)),
      ),
    )
    .execute();
}
