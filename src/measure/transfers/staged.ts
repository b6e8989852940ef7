import { sql } from 'kysely';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { storeImported } from '#src/measure/events/imported.ts';
import { scrubPath, scrubText } from '#src/measure/events/scrub.ts';
import type { Draft } from '#src/measure/events/steps.ts';
import { readSource } from '#src/measure/source.ts';
import { note, stableId, type Transfer } from './store.ts';

/** An event of another tool, as far as it tells. */
export type ToldEvent = {
  at: Date;
  kind: string;
  visitor: string;
  host: string;
  path: string;
  query?: string;
  referrer?: string | null;
  country?: string | null;
  device?: string | null;
  browser?: string | null;
  system?: string | null;
  props?: Record<string, string> | null;
  value?: { minor: string; currency: string } | null;
  /** The other tool's own id; without one it follows from what the event says. */
  id?: string | null;
};

export type StagedRow = { file: string; line: number; event: ToldEvent };

const AT_ONCE = 500;

/** Sets rows aside until all of the file is read: visits are made from events in the order of time. */
export async function stage(inside: Inside, transfer: Transfer, rows: readonly StagedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into transfer_rows (workspace_id, transfer_id, at, file, line, body)
    select ${inside.workspaceId}::uuid, ${transfer.id}::uuid, one.*
    from json_to_recordset(${JSON.stringify(
      rows.map(({ file, line, event }) => ({ at: event.at, file, line, body: event })),
    )}::json) as one (at timestamptz, file text, line bigint, body jsonb)
    on conflict do nothing`.execute(inside.tx);
}

/** Stores what was set aside, oldest first, and takes each batch away in the same transaction. */
export async function storeStaged(context: Context, transfer: Transfer, appId: string): Promise<void> {
  const { hosts } = await transaction(context, async ({ tx }) => {
    const row = await tx.selectFrom('apps').select('url').where('id', '=', appId).executeTakeFirst();
    return { hosts: row && URL.canParse(row.url) ? [new URL(row.url).hostname] : [] };
  });
  for (;;) {
    const left = await transaction(context, async (inside) => {
      const rows = await inside.tx
        .selectFrom('transferRows')
        .select(['at', 'file', 'line', 'body'])
        .where('transferId', '=', transfer.id)
        .orderBy('at')
        .orderBy('file')
        .orderBy('line')
        .limit(AT_ONCE)
        .execute();
      const last = rows.at(-1);
      if (!last) return 0;
      const drafts = rows.map(({ body, at }) => draftOf(appId, { ...(body as unknown as ToldEvent), at }, hosts));
      const stored = await storeImported(inside, appId, drafts);
      await sql`
        delete from transfer_rows
        where workspace_id = ${inside.workspaceId} and transfer_id = ${transfer.id}
          and (at, file, line) <= (${last.at}, ${last.file}, ${last.line})`.execute(inside.tx);
      await note(inside, transfer, { step: 'storing', line: 0 }, { done: stored, known: rows.length - stored });
      return rows.length;
    });
    if (left < AT_ONCE) return;
  }
}

function draftOf(appId: string, event: ToldEvent, hosts: readonly string[]): Draft {
  const { at, kind, visitor, host, path, query = '', referrer = null } = event;
  const source = readSource({
    url: `https://${host || 'site.invalid'}${path.startsWith('/') ? path : `/${path}`}${query === '' ? '' : `?${query.replace(/^\?/, '')}`}`,
    referrer,
    ownHosts: [...hosts, ...(host ? [host] : [])],
  });
  const from =
    referrer !== null && URL.canParse(referrer) && source.ignored === null ? new URL(referrer).hostname : null;
  return {
    id: event.id ?? stableId(appId, at.toISOString(), kind, visitor, host, path, JSON.stringify(event.props ?? null)),
    appId,
    kind,
    at,
    host,
    path: scrubPath(path).slice(0, 1000),
    referrerHost: from?.toLowerCase().slice(0, 253) ?? null,
    props: event.props && Object.keys(event.props).length > 0 ? event.props : null,
    value: event.value ?? null,
    agentClass: 'human',
    agentName: null,
    device: event.device ?? null,
    browser: event.browser ?? null,
    system: event.system ?? null,
    country: event.country ?? null,
    source: {
      ...source,
      source: scrubText(source.source),
      medium: scrubText(source.medium),
      term: scrubText(source.term),
      campaign: scrubText(source.campaign),
      content: scrubText(source.content),
    },
    clickId: null,
    visitor: `import:${visitor}`.slice(0, 200),
    visitorYesterday: null,
  };
}
