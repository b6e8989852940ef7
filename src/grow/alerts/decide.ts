import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** An event that was seen is over with it; a number that left its bounds is over when it is back. Safe to repeat. */
export function acknowledgeAlert(context: Context, alertId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const now = inside.clock.now();
    await openAlert(inside, alertId);
    await inside.tx
      .updateTable('alerts')
      .set((eb) => ({
        acknowledgedAt: now,
        acknowledgedBy: userOf(inside),
        endedAt: eb
          .case()
          .when(eb('endedAt', 'is', null).and(eb('kind', 'in', ['opportunity', 'competitor'])))
          .then(now)
          .else(eb.ref('endedAt'))
          .end(),
      }))
      .where('id', '=', alertId)
      .where('acknowledgedAt', 'is', null)
      .execute();
  });
}

/** Out of sight until then; if it still holds, it comes back and is told again. Refuses one that is over or acknowledged. */
export function snoozeAlert(context: Context, alertId: string, until: Date): Promise<void> {
  if (until <= context.clock.now())
    throw refuse('invalid', 'past', 'This moment has passed. Name one that is still to come.');
  return transaction(context, async (inside) => {
    if (!(await openAlert(inside, alertId)))
      throw refuse('conflict', 'over', 'This alert is over or was acknowledged, so it cannot come back.');
    await inside.tx.updateTable('alerts').set({ snoozedUntil: until }).where('id', '=', alertId).execute();
  });
}

/** Raises nothing more about what this alert is about, until a moment or for good; the alert itself is acknowledged. */
export function muteSubject(context: Context, alertId: string, until: Date | null): Promise<void> {
  return transaction(context, async (inside) => {
    const alert = await inside.tx
      .selectFrom('alerts')
      .select(['appId', 'subject', 'title'])
      .where('id', '=', alertId)
      .executeTakeFirst();
    if (!alert) throw notFound('alert');
    const now = inside.clock.now();
    const mute = { label: alert.title, until, mutedBy: userOf(inside), mutedAt: now };
    await inside.tx
      .insertInto('alertMutes')
      .values({ workspaceId: inside.workspaceId, appId: alert.appId, subject: alert.subject, ...mute })
      .onConflict((conflict) => conflict.columns(['workspaceId', 'appId', 'subject']).doUpdateSet(mute))
      .execute();
    await inside.tx
      .updateTable('alerts')
      .set({ acknowledgedAt: now, acknowledgedBy: userOf(inside) })
      .where('id', '=', alertId)
      .where('acknowledgedAt', 'is', null)
      .execute();
    const after = { subject: alert.subject, until: until?.toISOString() ?? null };
    await audit(inside, { operation: 'alerts.mute', subject: alertId, after });
  });
}

/** Alerts may be raised about it again. */
export function unmuteSubject(context: Context, appId: string, subject: string): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .deleteFrom('alertMutes')
      .where('appId', '=', appId)
      .where('subject', '=', subject)
      .returning('label')
      .executeTakeFirst();
    if (!row) throw notFound('muted subject');
    await audit(inside, { operation: 'alerts.unmute', subject: appId, before: { subject } });
  });
}

/** Whether an alert still waits for a decision; refuses an id that is none. Locks it. */
async function openAlert({ tx }: Inside, alertId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('alerts')
    .select(['endedAt', 'acknowledgedAt'])
    .where('id', '=', alertId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) throw notFound('alert');
  return row.endedAt === null && row.acknowledgedAt === null;
}
