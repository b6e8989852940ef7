import { type Context, type Inside, transaction } from '#src/context.ts';
import { notify } from '#src/people/notices.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { bundle } from './bundle.ts';
import { unitOf } from './metrics.ts';
import { quietUntil } from './quiet.ts';
import { mayRepeat, type Sent, sendTo } from './send.ts';
import { mannersOf } from './settings.ts';
import { putIntoState } from './target-state.ts';
import { readTarget } from './targets.ts';
import { wakeTelling } from './wake.ts';
import { shownValue, subjectOf, type Telling, type Told, textOf } from './words.ts';

/** Who holds a message this long without an answer is dead: calls end within two and a half minutes. */
const leaseMs = 10 * 60_000;

/**
 * Tells what waits: puts due deliveries into messages (by budget and quiet hours), then sends message after message. Each
 * is claimed by a row committed as `sent` before the call, so that two processes, or one that is killed in between, never
 * send it twice; an answer that was lost is `unknown` and not repeated, but where the receiver knows the id. Safe to run twice.
 */
export async function tellAlerts(context: Context): Promise<void> {
  await transaction(context, (inside) => bundle(inside));
  await transaction(context, settleAbandoned);
  for (;;) {
    const claimed = await transaction(context, claim);
    if (claimed === null) return;
    if (claimed === 'told') continue;
    const sent = await sendTo(context, claimed.way, claimed.telling, claimed.id);
    await transaction(context, (inside) => settle(inside, claimed, sent));
  }
}

type Claimed = Awaited<ReturnType<typeof readTarget>> & {
  id: string;
  targetId: string;
  number: number;
  telling: Telling;
};

/** Takes the next message that may be sent. A notice in the app is written right here; null when nothing is left. */
async function claim(inside: Inside): Promise<Claimed | 'told' | null> {
  const now = inside.clock.now();
  const manners = await mannersOf(inside);
  const isQuiet = quietUntil(manners, now) !== null;
  const row = await inside.tx
    .selectFrom('alertMessages as m')
    .innerJoin('alertTargets as t', 't.id', 'm.alertTargetId')
    .select(['m.id', 'm.alertTargetId', 'm.kind', 'm.tries'])
    .where('m.state', '=', 'prepared')
    .where('m.nextTryAt', '<=', now)
    .where('t.offAt', 'is', null)
    .where((eb) => eb.or([eb('t.nextTryAt', 'is', null), eb('t.nextTryAt', '<=', now)]))
    // What was not taken by day is not told in the night, when the place is back.
    .$if(isQuiet, (query) =>
      query.where(({ exists, selectFrom, and, lit }) =>
        and([
          lit(manners.urgentPasses),
          exists(
            selectFrom('alertDeliveries as d')
              .innerJoin('alerts as a', 'a.id', 'd.alertId')
              .select('a.id')
              .whereRef('d.alertMessageId', '=', 'm.id')
              .where('a.severity', '=', 'urgent'),
          ),
        ]),
      ),
    )
    .orderBy('m.createdAt')
    .orderBy('m.id')
    .limit(1)
    .forUpdate('m')
    .skipLocked()
    .executeTakeFirst();
  if (!row) return null;
  const target = await readTarget(inside, row.alertTargetId);
  const telling = await readTelling(inside, row);
  const number = row.tries + 1;
  const isApp = target.way.by === 'app';
  await inside.tx
    .updateTable('alertMessages')
    .set({ state: isApp ? 'confirmed' : 'sent', tries: number, sentAt: now, settledAt: isApp ? now : null })
    .where('id', '=', row.id)
    .execute();
  const attempt = { workspaceId: inside.workspaceId, alertMessageId: row.id, number, sentAt: now };
  await inside.tx
    .insertInto('alertAttempts')
    .values(isApp ? { ...attempt, settledAt: now, outcome: 'confirmed', said: 'Told in the app.' } : attempt)
    .execute();
  if (!isApp) return { ...target, id: row.id, targetId: row.alertTargetId, number, telling };
  await notify(inside, {
    kind: 'alert',
    title: subjectOf(telling),
    body: telling.alerts.length === 1 ? telling.alerts[0]!.body : textOf(telling, 600),
    path: telling.alerts.length === 1 ? `/alerts?alert=${telling.alerts[0]!.id}` : '/alerts',
    dedupe: `alert-message:${row.id}`,
  });
  await putIntoState(inside, row.alertTargetId, { ok: true, said: '' });
  return 'told';
}

/** Writes down how it ended. Only the holder of the last attempt may: somebody else may have settled it meanwhile. */
async function settle(inside: Inside, { id, targetId, number, way }: Claimed, sent: Sent): Promise<void> {
  const now = inside.clock.now();
  const { nextTryAt } = await putIntoState(inside, targetId, sent);
  const failure = sent.ok ? null : sent.failure;
  const isAgain =
    failure !== null &&
    (failure.kind === 'later' || failure.kind === 'reconnect' || (failure.kind === 'unknown' && mayRepeat(way)));
  const state =
    failure === null ? 'confirmed' : isAgain ? 'prepared' : failure.kind === 'unknown' ? 'unknown' : 'failed';
  await inside.tx
    .updateTable('alertAttempts')
    .set({
      settledAt: now,
      outcome: failure === null ? 'confirmed' : failure.kind === 'reconnect' ? 'refused' : failure.kind,
      said: sent.said,
    })
    .where('alertMessageId', '=', id)
    .where('number', '=', number)
    .execute();
  await inside.tx
    .updateTable('alertMessages')
    .set({
      state,
      settledAt: state === 'prepared' ? null : now,
      reason: failure?.reason ?? null,
      nextTryAt: isAgain ? nextTryAt : now,
    })
    .where('id', '=', id)
    .where('tries', '=', number)
    .where('state', 'in', ['sent', 'unknown'])
    .execute();
  if (isAgain) await wakeTelling(inside, nextTryAt);
}

/** Messages whose sender died between the claim and the answer. */
async function settleAbandoned(inside: Inside): Promise<void> {
  const now = inside.clock.now();
  const dead = await inside.tx
    .selectFrom('alertMessages')
    .select(['id', 'alertTargetId', 'tries'])
    .where('state', '=', 'sent')
    // Or later than now by as much: the clock was wrong when it was claimed.
    .where((eb) =>
      eb.or([
        eb('sentAt', '<', new Date(now.getTime() - leaseMs)),
        eb('sentAt', '>', new Date(now.getTime() + leaseMs)),
      ]),
    )
    .forUpdate()
    .skipLocked()
    .execute();
  for (const { id, alertTargetId, tries } of dead) {
    const { way } = await readTarget(inside, alertTargetId);
    const reason = 'Fanfare stopped before an answer came, so nobody knows whether it arrived. It is not sent twice.';
    await inside.tx
      .updateTable('alertMessages')
      .set(mayRepeat(way) ? { state: 'prepared', nextTryAt: now } : { state: 'unknown', settledAt: now, reason })
      .where('id', '=', id)
      .execute();
    await inside.tx
      .updateTable('alertAttempts')
      .set({ settledAt: now, outcome: 'unknown' })
      .where('alertMessageId', '=', id)
      .where('number', '=', tries)
      .execute();
  }
}

async function readTelling(inside: Inside, message: { id: string; kind: 'alerts' | 'digest' }): Promise<Telling> {
  const { timeZone, currency } = await workspaceOf(inside);
  const alerts = await inside.tx
    .selectFrom('alertDeliveries as d')
    .innerJoin('alerts as a', 'a.id', 'd.alertId')
    .innerJoin('apps as p', 'p.id', 'a.appId')
    .select([
      'a.id',
      'p.name as appName',
      'p.url as appUrl',
      'a.severity',
      'a.title',
      'a.body',
      'a.usual',
      'a.advice',
      'a.since',
      'a.path',
      'a.endedAt',
    ])
    .select(['d.round', 'a.kind', 'a.metric'])
    .where('d.alertMessageId', '=', message.id)
    .execute();
  const rows = await inside.tx
    .selectFrom('alertEvidence')
    .select(['alertId', 'label', 'day', 'value'])
    .where('alertId', 'in', alerts.map(({ id }) => id).concat('00000000-0000-0000-0000-000000000000'))
    .orderBy('position')
    .execute();
  const order = { urgent: 0, warning: 1, info: 2 };
  const told = alerts
    .sort((a, b) => order[a.severity] - order[b.severity] || a.since.getTime() - b.since.getTime())
    .map(
      ({ round, appUrl, kind, metric, ...alert }): Told => ({
        ...alert,
        appName: alert.appName ?? new URL(appUrl).host,
        isBack: round > 0,
        rows: rows
          .filter(({ alertId }) => alertId === alert.id)
          .map(({ label, day, value: kept }) => {
            const value = kept === null ? null : Number(kept);
            const shown = value === null ? '' : shownValue(value, unitOf(kind, metric), currency);
            return { label, day, value, shown };
          }),
      }),
    );
  return { kind: message.kind, alerts: told, publicUrl: inside.publicUrl, timeZone };
}
