import { sql } from 'kysely';
import { type Inside, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';
import type { ReportKind } from './periods.ts';

/** Who gets a kind of report of an app by mail, with those who unsubscribed. */
export async function recipientsOf({ tx, workspaceId }: Inside, appId: string, kind: ReportKind) {
  const { rows } = await sql<{ id: string; address: string; isMember: boolean; addedAt: Date; leftAt: Date | null }>`
    select r.id, r.address, r.added_at, r.left_at,
           exists (select from memberships m join users u on u.id = m.user_id
                   where m.workspace_id = r.workspace_id and lower(u.email) = r.address) as is_member
    from report_recipients r
    where r.workspace_id = ${workspaceId} and r.app_id = ${appId} and r.kind = ${kind}
    order by r.address`.execute(tx);
  return rows;
}

type Wanted = { appId: string; kind: ReportKind; address: string };

/** From the next report on this address gets it. Who unsubscribed by their own link is not added again by others. */
export async function addRecipient(inside: Inside, { appId, kind, address }: Wanted): Promise<void> {
  await appOf(inside, appId);
  const known = (await recipientsOf(inside, appId, kind)).find((one) => one.address === address);
  if (known?.leftAt && !known.isMember)
    throw refuse(
      'conflict',
      'left',
      `${address} unsubscribed from this report on ${known.leftAt.toISOString().slice(0, 10)}, so it is not sent there again.`,
    );
  await inside.tx
    .insertInto('reportRecipients')
    .values({
      workspaceId: inside.workspaceId,
      appId,
      kind,
      address,
      addedBy: userOf(inside),
      addedAt: inside.clock.now(),
    })
    .onConflict((oc) => oc.columns(['workspaceId', 'appId', 'kind', 'address']).doUpdateSet({ leftAt: null }))
    .execute();
  await audit(inside, { operation: 'reports.addRecipient', subject: appId, after: { kind, address } });
}

export async function removeRecipient(inside: Inside, { appId, kind, address }: Wanted): Promise<void> {
  await appOf(inside, appId);
  const { numDeletedRows } = await inside.tx
    .deleteFrom('reportRecipients')
    .where('appId', '=', appId)
    .where('kind', '=', kind)
    .where('address', '=', address)
    // The wish of somebody who unsubscribed outlives the list.
    .where('leftAt', 'is', null)
    .executeTakeFirst();
  if (numDeletedRows === 0n) throw notFound('recipient');
  await audit(inside, { operation: 'reports.removeRecipient', subject: appId, before: { kind, address } });
}

/** By the link in a mail, without signing in. Safe to repeat. */
export async function leaveReport(inside: Inside, recipientId: string): Promise<void> {
  await inside.tx
    .updateTable('reportRecipients')
    .set({ leftAt: inside.clock.now() })
    .where('id', '=', recipientId)
    .where('leftAt', 'is', null)
    .execute();
}
