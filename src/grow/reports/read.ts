import type { Inside } from '#src/context.ts';
import { notFound } from '#src/refusal.ts';
import { type Report, reportContent } from './content.ts';

/** A report as it was frozen, with what was corrected since. Refuses an id that is none. */
export async function readReport({ tx }: Inside, reportId: string): Promise<Report & { appId: string }> {
  const row = await tx
    .selectFrom('reports')
    .innerJoin('apps', 'apps.id', 'reports.appId')
    .selectAll('reports')
    .select('apps.name as appName')
    .where('reports.id', '=', reportId)
    .executeTakeFirst();
  if (!row) throw notFound('report');
  const corrections = await tx
    .selectFrom('reportCorrections')
    .select(['text', 'correctedAt'])
    .where('reportId', '=', reportId)
    .orderBy('correctedAt')
    .orderBy('id')
    .execute();
  return {
    id: row.id,
    appId: row.appId,
    kind: row.kind,
    title: row.title,
    appName: row.appName,
    periodStartsOn: row.periodStartsOn,
    periodEndsOn: row.periodEndsOn,
    frozenAt: row.frozenAt,
    content: reportContent.parse(row.content),
    corrections,
  };
}
