import type { Ask, Statement } from '#src/db/client.ts';
import type { Found } from './find.ts';
import type { Follower } from './follow.ts';

/** `domain`: the short domain the link was asked for on. */
export type Click = { id: string; at: Date; link: Found; domain: string | null; follower: Follower };

const INSERT: Statement = {
  name: 'insert_clicks',
  text: `insert into clicks (workspace_id, id, occurred_at, link_id, app_id, post_id, referrer_host, country, agent_class,
      agent_name, visitor)
    select code.workspace_id, click.id, click.at, code.link_id, code.app_id, code.post_id, click.referrer, click.country,
      click.agent_class, click.agent_name, click.visitor
    from unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[], $7::text[], $8::text[], $9::text[],
      $10::text[], $11::text[]) as click (code, version, domain, id, at, referrer, country, agent_class, agent_name, visitor)
    join link_codes code on code.code = click.code and code.workspace_id = $1 and code.xmin::text = click.version
    where click.domain is null or click.domain = (select link_domain from workspaces where id = $1)
    returning id`,
};

/**
 * Stores clicks of one workspace, one or five hundred, with one statement, each only if its link still is as it was found.
 * Returns the ids of those that were stored; the others' links have been changed or are gone.
 */
export async function insertClicks(
  ask: Ask,
  workspaceId: string,
  clicks: readonly Click[],
  visitorOf: (click: Click) => string | null,
): Promise<Set<string>> {
  const column = <V>(of: (click: Click) => V) => clicks.map(of);
  const rows = await ask<{ id: string }>(INSERT, [
    workspaceId,
    column(({ link }) => link.code),
    column(({ link }) => link.version),
    column(({ domain }) => domain),
    column(({ id }) => id),
    column(({ at }) => at.toISOString()),
    column(({ follower }) => follower.referrerHost),
    column(({ follower }) => follower.country),
    column(({ follower }) => follower.agentClass),
    column(({ follower }) => follower.agentName),
    column(visitorOf),
  ]);
  return new Set(rows.map(({ id }) => id));
}
