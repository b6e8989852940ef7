import type { Inside } from '#src/context.ts';

/**
 * An empty workspace takes the time zone and the currency of the export that is brought into it: days and converted
 * amounts were counted by them. Name and address stay its own.
 */
export async function restoreWorkspaceSettings(
  inside: Inside,
  { timeZone, currency }: { timeZone: string; currency: string },
): Promise<void> {
  await inside.tx.updateTable('workspaces').set({ timeZone, currency }).where('id', '=', inside.workspaceId).execute();
}
