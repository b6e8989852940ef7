import type { Inside } from '#src/context.ts';
import { enqueue } from '#src/jobs.ts';

/** The line of the flow that tells of alerts; it also wakes itself. */
export const TELLING = 'tell of alerts';

/** Has waiting alerts told after this transaction (or from `runAt` on). Several of one transaction are one message. */
export async function wakeTelling(inside: Inside, runAt?: Date): Promise<void> {
  const { workspaceId } = inside;
  const timing = { key: `${workspaceId}:${TELLING}`, ...(runAt ? { runAt } : {}) };
  await enqueue(inside, 'clock', { workspaceId, reaction: TELLING }, timing);
}
