import { sql } from 'kysely';
import type { Inside } from '#src/context.ts';

/**
 * Makes the links that were brought in from an export work: their codes find them again, as far as nobody else on this
 * installation has them. Returns how many codes somebody else has, and how many links lead to what is no address: those
 * stay closed.
 */
export async function restoreLinkCodes({ tx, workspaceId }: Inside): Promise<{ taken: number; nowhere: number }> {
  const links = await tx
    .selectFrom('links')
    .select(['id', 'destination', 'fallbackUrl'])
    .where('workspaceId', '=', workspaceId)
    .execute();
  const nowhere = links
    .filter(({ destination, fallbackUrl }) => !leads(destination) || (fallbackUrl !== null && !leads(fallbackUrl)))
    .map(({ id }) => id);
  await sql`
    insert into link_codes (code, workspace_id, link_id, app_id, post_id, destination, fallback_url, expires_at,
      utm_source, utm_medium, utm_campaign, utm_content, utm_term)
    select code, workspace_id, id, app_id, post_id, destination, fallback_url, expires_at,
      utm_source, utm_medium, utm_campaign, utm_content, utm_term
    from links where workspace_id = ${workspaceId} and id <> all(${nowhere}::uuid[])
    on conflict do nothing`.execute(tx);
  const { rows } = await sql<{ taken: number }>`
    select count(*) as taken from links l
    where l.workspace_id = ${workspaceId} and l.id <> all(${nowhere}::uuid[]) and not exists (
      select from link_codes c where c.code = l.code and c.workspace_id = l.workspace_id and c.link_id = l.id)`.execute(
    tx,
  );
  return { taken: rows[0]?.taken ?? 0, nowhere: nowhere.length };
}

/** As the door reads it, so that nobody who follows the link meets a fault. */
function leads(address: string): boolean {
  return URL.canParse(address) && /^https?:$/.test(new URL(address).protocol);
}
