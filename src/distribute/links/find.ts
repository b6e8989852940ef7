import type { World } from '#src/context.ts';
import { gather } from '#src/gather.ts';
import { type Leads, locationOf } from './address.ts';

/** All that following a link needs. */
export type Found = Leads & {
  code: string;
  workspaceId: string;
  linkId: string;
  appId: string;
  postId: string | null;
  fallbackUrl: string | null;
  expiresAt: Date | null;
  /** The short domain of the link's workspace. */
  linkDomain: string | null;
  /** Another one when the link was changed in any way. */
  version: string;
};

const FIND = {
  name: 'links by code',
  text: `select code.code, code.workspace_id as "workspaceId", code.link_id as "linkId", code.app_id as "appId",
      code.post_id as "postId", code.destination, code.fallback_url as "fallbackUrl", code.expires_at as "expiresAt",
      code.utm_source as "utmSource", code.utm_medium as "utmMedium", code.utm_campaign as "utmCampaign",
      code.utm_content as "utmContent", code.utm_term as "utmTerm", own.link_domain as "linkDomain",
      code.xmin::text as version
    from link_codes code join workspaces own on own.id = code.workspace_id
    where code.code = any($1::text[])`,
};

type Asked = { code: string; found(link: Found | null): void; failed(error: unknown): void };

/** So many links are remembered as they were last found, for an hour. */
const REMEMBERED = 10_000;
const HOUR = 3_600_000;

export type Finding = {
  /** The link as it stands; null = there is none. Codes asked for while a look-up is under way share the next one. */
  find(code: string): Promise<Found | null>;
  /** The link as it was when it was last found: whoever uses it has its version checked, or has no database to ask. */
  remembered(code: string): Found | null;
};

/** Finds links by their codes. The tables are shared, so no workspace has to be set. */
export function openFinding({ db, clock }: Pick<World, 'db' | 'clock'>): Finding {
  const remembered = new Map<string, { link: Found; until: number }>();
  const lookups = gather<Asked>({ lanes: 1, largest: 500 }, async (_, asked) => {
    try {
      const { rows } = await db.pool.query<Found>({ ...FIND, values: [[...new Set(asked.map(({ code }) => code))]] });
      const byCode = new Map(rows.map((row) => [row.code, row]));
      for (const { code, found } of asked) found(byCode.get(code) ?? null);
    } catch (error) {
      for (const { failed } of asked) failed(error);
    }
  });
  return {
    async find(code) {
      const link = await new Promise<Found | null>((found, failed) => lookups.add('', { code, found, failed }));
      remembered.delete(code);
      if (!link) return null;
      remembered.set(code, { link, until: clock.now().getTime() + HOUR });
      if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value ?? '');
      return link;
    },
    remembered(code) {
      const last = remembered.get(code);
      return last && last.until > clock.now().getTime() ? last.link : null;
    },
  };
}

/** Stands where the click's id goes; of the same form, so that it is encoded as an id is. */
const NOBODY = '00000000-0000-4000-8000-000000000000';
/** Of a link as it was found; it is forgotten with it. */
const halves = new WeakMap<Leads, [string, string]>();

/** `locationOf` with a click's id, the address put together once for each link. */
export function locationWith(link: Leads, clickId: string): string {
  let parts = halves.get(link);
  if (!parts) {
    const whole = locationOf(link, NOBODY);
    // The parameter is set last, so it is the last that reads so, whatever the destination says.
    const at = whole.lastIndexOf(`ff=${NOBODY}`) + 3;
    parts = [whole.slice(0, at), whole.slice(at + NOBODY.length)];
    halves.set(link, parts);
  }
  return parts[0] + clickId + parts[1];
}
