import { type RawBuilder, sql } from 'kysely';
import type { Inside } from '#src/context.ts';
import { type Baselines, placeAt, signupsAt } from '#src/grow/suggestions/baselines.ts';
import type { Flow } from '#src/grow/suggestions/impact.ts';
import { type Frame, pathOf } from '#src/grow/suggestions/kind.ts';

/** What several kinds read in the same way. */

export async function rowsOf<T>(inside: Inside, query: RawBuilder<T>): Promise<T[]> {
  return (await query.execute(inside.tx)).rows;
}

/** A day so long before now. */
export function daysAgo(frame: Frame, days: number): Date {
  return new Date(frame.now.getTime() - days * 86_400_000);
}

export type Finding = { id: string; rule: string; message: string; fix: string; path: string };

/** Open findings on the app's own pages whose rule is among `rules`, or not among them. */
export async function openFindings(
  inside: Inside,
  frame: Frame,
  rules: readonly string[],
  among = true,
): Promise<Finding[]> {
  const found = await rowsOf(
    inside,
    sql<Omit<Finding, 'path'> & { url: string }>`
      select f.id, f.rule, f.message, f.fix, g.url from page_findings f
      join pages g on g.workspace_id = f.workspace_id and g.id = f.page_id
      where g.app_id = ${frame.appId} and g.competitor_id is null and g.gone_at is null and f.resolved_at is null
        and f.severity <> 'info' and (f.rule = any(${[...rules]}::text[])) = ${among}
      order by g.url, f.rule`,
  );
  return found.map(({ url, ...finding }) => ({ ...finding, path: pathOf(url) }));
}

export type Seen = {
  id: string;
  subject: string;
  sentence: string;
  direction: 'up' | 'down' | 'steady' | null;
  ratio: number | null;
  low: number | null;
  high: number | null;
  sampleBefore: number | null;
  sampleAfter: number | null;
  evidence: { label: string; tableName: string; rowId: string | null; value: number | null }[];
};

/** The newest insight of the last four weeks about each subject, with its rows. */
export function insightsOf(inside: Inside, frame: Frame, detector: string, direction?: 'up' | 'down'): Promise<Seen[]> {
  return rowsOf(
    inside,
    sql<Seen>`
      select distinct on (i.subject) i.id, i.subject, i.sentence, i.direction, i.effect as ratio, i.effect_low as low,
        i.effect_high as high, i.sample_before as sample_before, i.sample_after as sample_after,
        coalesce((select jsonb_agg(jsonb_build_object('label', e.label, 'tableName', e.table_name, 'rowId', e.row_id, 'value', e.value)
          order by e.position) from insight_evidence e where e.workspace_id = i.workspace_id and e.insight_id = i.id), '[]') as evidence
      from insights i
      where i.app_id = ${frame.appId} and i.detector = ${detector} and i.found_at >= ${daysAgo(frame, 28)}
        and (${direction ?? null}::text is null or i.direction = ${direction ?? null})
      order by i.subject, i.found_at desc`,
  );
}

/** The effect an insight shows, with the standard error its 95 % interval stands for. */
export function effectSeen({ ratio, low, high }: Seen): { log: number; error: number } | undefined {
  if (!ratio || !low || !high || high <= low) return undefined;
  return { log: Math.log(ratio), error: Math.max(0.05, (Math.log(high) - Math.log(low)) / (2 * 1.96)) };
}

export function evidenceOf({ evidence, id, sentence }: Seen) {
  const rows = evidence
    .slice(0, 8)
    .map(({ label, tableName, rowId, value }) => ({ label, table: tableName, rowId, value }));
  return rows.length > 0 ? rows : [{ label: sentence, table: 'insights', rowId: id, value: null }];
}

/** `kind:problem_solution` → `problem solution`. */
export function named(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1).replaceAll('_', ' ');
}

/** Signups by visitors from search whose visit begins on these pages. */
export function bySearch(base: Baselines, paths: readonly string[]): Flow | { missing: string } {
  const flow = signupsAt(base, 'channel', ['Organic Search']);
  if ('missing' in flow) return flow;
  const here = placeAt(base, 'path', paths).visits;
  const share = Math.min(1, (here + 0.5) / (base.visits + 1));
  return {
    unit: 'signups',
    quantities: [
      ...flow.quantities,
      { label: 'part of all visits that begin on these pages', mean: share, shape: here + 0.5 },
    ],
  };
}
