import type { Inside } from '#src/context.ts';
import { enqueue } from '#src/jobs.ts';

/** The line of the flow that sends what is due; it also wakes itself. */
export const SENDING = 'send letters';

/** Has the mails that are due sent soon (or from `runAt` on); call it in the transaction that wrote them. */
export async function wakeSending(inside: Inside, runAt?: Date): Promise<void> {
  const { workspaceId } = inside;
  const timing = { key: `${workspaceId}:${SENDING}`, ...(runAt ? { runAt } : {}) };
  await enqueue(inside, 'clock', { workspaceId, reaction: SENDING }, timing);
}
