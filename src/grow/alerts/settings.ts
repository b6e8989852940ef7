import { type Context, type Inside, transaction } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { refuse } from '#src/refusal.ts';
import { type Manners, usualManners } from './quiet.ts';

/** How often and when the workspace's alerts may speak, in its time zone. */
export async function mannersOf(inside: Inside): Promise<Manners> {
  const { timeZone } = await workspaceOf(inside);
  const row = await inside.tx
    .selectFrom('alertSettings')
    .select(['weeklyBudget', 'quietFrom', 'quietUntil', 'urgentPasses'])
    .executeTakeFirst();
  if (!row) return { ...usualManners, timeZone };
  return {
    ...row,
    quietFrom: row.quietFrom?.slice(0, 5) ?? null,
    quietUntil: row.quietUntil?.slice(0, 5) ?? null,
    timeZone,
  };
}

export function setManners(context: Context, manners: Omit<Manners, 'timeZone'>): Promise<void> {
  return transaction(context, async (inside) => {
    if ((manners.quietFrom === null) !== (manners.quietUntil === null))
      throw refuse('invalid', 'quiet_hours', 'Quiet hours need a beginning and an end.');
    if (manners.quietFrom !== null && manners.quietFrom === manners.quietUntil)
      throw refuse('invalid', 'quiet_hours', 'Quiet hours end when they begin. Choose another end, or none.');
    const values = { ...manners, updatedAt: inside.clock.now() };
    await inside.tx
      .insertInto('alertSettings')
      .values({ workspaceId: inside.workspaceId, ...values })
      .onConflict((conflict) => conflict.column('workspaceId').doUpdateSet(values))
      .execute();
    await audit(inside, { operation: 'alertSettings.set', after: manners });
  });
}
