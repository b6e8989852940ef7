import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/** Where a fact comes from: the source it was told by, and the time of the event that told it. */
export type Telling = {
  sourceId: string;
  appId: string;
  eventId: string;
  /** Orders what is told of one thing. */
  toldAt: Date;
  receivedAt: Date;
  /** Read by the provider's API, not told when it happened. */
  fromHistory: boolean;
};

/** What the ids of events begin with that were read by API (outside/payments/payment.ts, `HistoryEvent`). */
export const HISTORY = 'history:';

/** Money of a workspace is applied by one transaction after another, in whichever process. */
export async function oneAtATime({ tx, workspaceId }: Inside): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`fanfare.payments ${workspaceId}`}, 0))`.execute(tx);
}
