import type { Inside } from '#src/context.ts';
import { refuse } from '#src/refusal.ts';

/** What of a link decides where it leads. */
export type Leads = {
  destination: string;
  utmSource: string | null;
  utmMedium: string | null;
  utmCampaign: string | null;
  utmContent: string | null;
  utmTerm: string | null;
};

const MINE = 'A link cannot lead to a tracked link of this server: people would go round in circles.';

/** The public address of a code: on the workspace's own short domain, else on this server. */
export function addressOf(context: { publicUrl: string }, domain: string | null, code: string): string {
  return domain ? `https://${domain}/${code}` : new URL(`/l/${code}`, context.publicUrl).href;
}

/** The workspace's own short domain, or null. */
export async function domainOf({ tx, workspaceId }: Inside): Promise<string | null> {
  const row = await tx.selectFrom('workspaces').select('linkDomain').where('id', '=', workspaceId).executeTakeFirst();
  return row?.linkDomain ?? null;
}

/**
 * The address a person typed, as it is kept: http or https, without a login, not one of our own tracked links. It is
 * read as a browser reads it, so nothing that looks like https and is something else comes through. Null = no address.
 *
 * @throws Refusal `destination` otherwise
 */
export function destinationIn(text: string, own: { publicUrl: string; domain: string | null }): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '' || url.username || url.password)
    throw refuse('invalid', 'destination', 'A link leads to an address that begins with https:// or http://.');
  const here = url.host === new URL(own.publicUrl).host && url.pathname.startsWith('/l/');
  if (here || url.hostname === own.domain) throw refuse('invalid', 'destination', MINE);
  return url.href;
}

/** Where a link leads now, with its UTM parameters and the click's id (`ff`). */
export function locationOf(link: Leads, clickId: string | null): string {
  const url = new URL(link.destination);
  const utm = {
    utm_source: link.utmSource,
    utm_medium: link.utmMedium,
    utm_campaign: link.utmCampaign,
    utm_content: link.utmContent,
    utm_term: link.utmTerm,
  };
  // What the author wrote into the destination by hand is meant.
  for (const [name, value] of Object.entries(utm))
    if (value && !url.searchParams.has(name)) url.searchParams.set(name, value);
  if (clickId) url.searchParams.set('ff', clickId);
  return url.href;
}
