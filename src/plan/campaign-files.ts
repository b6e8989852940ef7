/**
 * Campaigns as code (P9): the file's format, its reading with line and column, the three-way comparison and what was
 * applied. Carrying it out needs accounts and links, so that stands in distribute/campaign-files.
 */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { actorName, type Inside } from '#src/context.ts';
import type { Applied } from './campaign-files/compare.ts';
import type { GivenFile } from './campaign-files/read.ts';
import type { GivenMedia } from './campaign-files/settle.ts';

export {
  type Applied,
  type Change,
  canonical,
  changeKinds,
  compare,
  type Fields,
  keptOf,
  type Settled,
  type Standing,
  type Take,
  type Thing,
  things,
  type Value,
} from './campaign-files/compare.ts';
export { campaignSchema } from './campaign-files/format.ts';
export { type CampaignDocument, type FileProblem, type GivenFile, readCampaignFiles } from './campaign-files/read.ts';
export { appFor, type GivenMedia, type Names, namesOf, settle, TO_BE_SENT } from './campaign-files/settle.ts';
export { writeCampaignFile } from './campaign-files/write.ts';

type Kept = Applied & { media: GivenMedia[] };

/** What was applied to a campaign last; null = it was never in a file. */
export async function lastApplied({ tx }: Inside, campaignId: string): Promise<Kept | null> {
  const row = await tx
    .selectFrom('campaignFiles')
    // As text: the names in it are kept as they are written.
    .select(sql<string>`document::text`.as('document'))
    .where('campaignId', '=', campaignId)
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? (JSON.parse(row.document) as Kept) : null;
}

/** Keeps what was applied, by whom and when. Whoever calls holds the app's row. */
export async function keepApplied(
  inside: Inside,
  wanted: { appId: string; campaignId: string; file: GivenFile; kept: Kept },
): Promise<void> {
  const before = await inside.tx
    .selectFrom('campaignFiles')
    .select((eb) => eb.fn.max('version').as('version'))
    .where('campaignId', '=', wanted.campaignId)
    .executeTakeFirst();
  await inside.tx
    .insertInto('campaignFiles')
    .values({
      workspaceId: inside.workspaceId,
      appId: wanted.appId,
      campaignId: wanted.campaignId,
      name: wanted.file.name,
      sha256: createHash('sha256').update(wanted.file.yaml).digest('hex'),
      yaml: wanted.file.yaml,
      version: (before?.version ?? 0) + 1,
      document: JSON.stringify(wanted.kept),
      appliedBy: actorName(inside.who),
      appliedAt: inside.clock.now(),
    })
    .execute();
}

/** Who applied which file when, newest first. */
export async function appliedFiles({ tx }: Inside, campaignId: string) {
  const rows = await tx
    .selectFrom('campaignFiles')
    .leftJoin('users', (join) => join.on(sql`'user:' || users.id::text`, '=', sql.ref('campaign_files.applied_by')))
    .leftJoin('apiKeys', (join) => join.on(sql`'key:' || api_keys.id::text`, '=', sql.ref('campaign_files.applied_by')))
    .select(['campaignFiles.id', 'campaignFiles.name', 'campaignFiles.sha256', 'campaignFiles.appliedAt'])
    .select(['users.name as person', 'apiKeys.name as key'])
    .where('campaignFiles.campaignId', '=', campaignId)
    .orderBy('campaignFiles.version', 'desc')
    .limit(100)
    .execute();
  return rows.map(({ person, key, ...row }) => ({ ...row, by: person ?? key }));
}
