import { type Context, transaction } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** Alerts in the app, with quiet hours and a budget. One such place is enough: a second one is a conflict. */
export function createAlertTarget(
  context: Context,
  target: { weeklyBudget: number; quietFrom?: string | undefined; quietUntil?: string | undefined; timeZone: string },
): Promise<{ id: string }> {
  return transaction(context, async (inside) => {
    const known = await inside.tx.selectFrom('alertTargets').select('id').where('kind', '=', 'app').executeTakeFirst();
    if (known)
      throw refuse(
        'conflict',
        'target_exists',
        'Alerts are told in the app already. Remove that place first to change it.',
      );
    const row = await inside.tx
      .insertInto('alertTargets')
      .values({
        workspaceId: inside.workspaceId,
        kind: 'app',
        address: 'everyone',
        weeklyBudget: target.weeklyBudget,
        quietFrom: target.quietFrom ?? null,
        quietUntil: target.quietUntil ?? null,
        timeZone: target.timeZone,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await audit(inside, { operation: 'alertTargets.create', subject: row.id, after: target });
    return row;
  });
}

export function removeAlertTarget(context: Context, targetId: string): Promise<void> {
  return transaction(context, async (inside) => {
    const row = await inside.tx
      .deleteFrom('alertTargets')
      .where('id', '=', targetId)
      .returning('kind')
      .executeTakeFirst();
    if (!row) throw notFound('place for alerts');
    await audit(inside, { operation: 'alertTargets.remove', subject: targetId, before: { kind: row.kind } });
  });
}
