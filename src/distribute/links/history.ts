import { actorName, type Inside } from '#src/context.ts';
import type { Leads } from './address.ts';

export const changedFields = ['destination', 'fallback_url', 'expires_at', 'utm'] as const;

/** What stood in a field of a link and what stands there now, as text; null = nothing. */
export type Change = { field: (typeof changedFields)[number]; from: string | null; to: string | null };

type State = Leads & { fallbackUrl: string | null; expiresAt: Date | null };

/** What a change makes different for whoever follows the link. */
export function changesBetween(before: State, after: State): Change[] {
  const said = (link: State): Record<Change['field'], string | null> => ({
    destination: link.destination,
    fallback_url: link.fallbackUrl,
    expires_at: link.expiresAt?.toISOString() ?? null,
    utm: utmWords(link),
  });
  const [from, to] = [said(before), said(after)];
  return changedFields.flatMap((field) =>
    from[field] === to[field] ? [] : [{ field, from: from[field], to: to[field] }],
  );
}

export async function writeChanges(inside: Inside, linkId: string, changes: readonly Change[]): Promise<void> {
  if (changes.length === 0) return;
  await inside.tx
    .insertInto('linkChanges')
    .values(
      changes.map(({ field, from, to }) => ({
        workspaceId: inside.workspaceId,
        linkId,
        field,
        fromDestination: from,
        toDestination: to,
        changedBy: actorName(inside.who),
        changedAt: inside.clock.now(),
      })),
    )
    .execute();
}

/** What a link said before, newest first. Who changed it is named where it was a person of this server. */
export async function historyOf({ tx }: Inside, linkId: string) {
  const rows = await tx
    .selectFrom('linkChanges')
    .selectAll()
    .where('linkId', '=', linkId)
    .orderBy('changedAt', 'desc')
    .orderBy('id')
    .limit(200)
    .execute();
  const ids = rows.flatMap(({ changedBy }) => (changedBy.startsWith('user:') ? [changedBy.slice(5)] : []));
  const users =
    ids.length === 0 ? [] : await tx.selectFrom('users').select(['id', 'name']).where('id', 'in', ids).execute();
  return rows.map(({ field, fromDestination, toDestination, changedBy, changedAt }) => ({
    field,
    from: fromDestination,
    to: toDestination,
    changedAt,
    changedBy: users.find((user) => `user:${user.id}` === changedBy)?.name ?? null,
  }));
}

function utmWords(link: Leads): string | null {
  const set = new URLSearchParams();
  for (const [name, value] of [
    ['utm_source', link.utmSource],
    ['utm_medium', link.utmMedium],
    ['utm_campaign', link.utmCampaign],
    ['utm_content', link.utmContent],
    ['utm_term', link.utmTerm],
  ] as const)
    if (value) set.set(name, value);
  return set.size === 0 ? null : set.toString();
}
