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
    from json_to_recordset($2::json) as click (code text, version text, domain text, id uuid, at timestamptz, referrer text,
      country text, agent_class text, agent_name text, visitor text)
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
  const told = clicks.map((click) => {
    const { id, at, link, domain, follower } = click;
    const { referrerHost: referrer, country, agentClass: agent_class, agentName: agent_name } = follower;
    const { code, version } = link;
    return { code, version, domain, id, at, referrer, country, agent_class, agent_name, visitor: visitorOf(click) };
  });
  const rows = await ask<{ id: string }>(INSERT, [workspaceId, JSON.stringify(told)]);
  return new Set(rows.map(({ id }) => id));
}
