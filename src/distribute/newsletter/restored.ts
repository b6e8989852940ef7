import type { Inside } from '#src/context.ts';

/**
 * After a restore nobody knows which of the letters that were on their way have arrived since: as with a connection that
 * broke in the middle, none of them is sent again. Returns how many there were.
 */
export async function holdLetters({ tx }: Inside, madeAt: Date): Promise<number> {
  const held = await tx
    .updateTable('mailDeliveries')
    .set({
      state: 'unknown',
      reason: `It was waiting when the backup of ${madeAt.toISOString().slice(0, 16).replace('T', ' ')} UTC was made, which was restored since. It may have arrived, so it is not sent again.`,
    })
    .where('kind', '=', 'letter')
    .where('state', 'in', ['due', 'sending'])
    .returning('id')
    .execute();
  return held.length;
}
