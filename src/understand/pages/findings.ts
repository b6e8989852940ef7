import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction, userOf } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

const severities = ['fix', 'improve', 'info'] as const;
type Severity = (typeof severities)[number];

/** Newest first; the rest is only counted. */
const MOST_FIXED = 50;

/** Open findings of some pages, the gravest first, with what a person said to them. */
export async function openFindings(inside: Inside, wanted: { appId: string } | { pageId: string }) {
  const rows = await inside.tx
    .selectFrom('pageFindings as f')
    .innerJoin('pages as p', 'p.id', 'f.pageId')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('findingDecisions as d')
          .leftJoin('users as u', 'u.id', 'd.decidedBy')
          .select(['d.decision', 'd.reason', 'd.decidedAt', 'u.name as by'])
          .whereRef('d.pageId', '=', 'f.pageId')
          .whereRef('d.rule', '=', 'f.rule')
          .orderBy('d.decidedAt', 'desc')
          .limit(1)
          .as('said'),
      (join) => join.onTrue(),
    )
    .select(['f.id', 'f.pageId', 'f.rule', 'f.severity', 'f.message', 'f.quote', 'f.why', 'f.fix', 'f.foundAt'])
    .select(['said.decision', 'said.reason', 'said.decidedAt', 'said.by'])
    .where('f.resolvedAt', 'is', null)
    .where('p.goneAt', 'is', null)
    .$if('appId' in wanted, (query) => query.where('p.appId', '=', (wanted as { appId: string }).appId))
    .$if('pageId' in wanted, (query) => query.where('p.id', '=', (wanted as { pageId: string }).pageId))
    .orderBy('f.rule')
    .execute();
  return rows
    .map(({ decision, reason, decidedAt, by, ...row }) => ({
      ...row,
      ignored: decision === 'ignored' && decidedAt ? { reason: reason ?? '', by, at: decidedAt } : null,
    }))
    .sort((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity));
}

/** The checklist by rule: the gravest first, among equals what stands on most pages. */
export async function showChecklist(inside: Inside, appId: string) {
  await appOf(inside, appId);
  const { tx } = inside;
  const pages = await tx
    .selectFrom('pages as p')
    .innerJoin('pageReadings as r', 'r.pageId', 'p.id')
    .select(['p.id', 'p.url', 'p.kind', 'r.readAt'])
    .select((eb) => eb.ref('r.said').$castTo<{ title?: string | null }>().as('said'))
    .where('p.appId', '=', appId)
    .where('p.competitorId', 'is', null)
    .where('p.goneAt', 'is', null)
    .execute();
  const byId = new Map(pages.map((one) => [one.id, one]));
  const open = await openFindings(inside, { appId });
  const fixed = await tx
    .selectFrom('pageFindings as f')
    .innerJoin('pages as p', 'p.id', 'f.pageId')
    .select(['f.id', 'f.rule', 'f.message', 'f.pageId', 'p.url', 'f.foundAt', 'f.resolvedAt'])
    .select((eb) => eb.fn.countAll<number>().over().as('all'))
    .where('p.appId', '=', appId)
    // What ended with its page was not mended.
    .where('p.goneAt', 'is', null)
    .where('f.resolvedAt', 'is not', null)
    .orderBy('f.resolvedAt', 'desc')
    .orderBy('f.rule')
    .limit(MOST_FIXED)
    .execute();
  const rules = [...Map.groupBy(open, (one) => one.rule)].map(([rule, findings]) => ({
    rule,
    severity: gravest(findings.map((one) => one.severity)),
    why: findings[0]?.why ?? null,
    pages: findings.map((one) => {
      const page = byId.get(one.pageId);
      return { ...one, url: page?.url ?? '', title: page?.said?.title ?? null };
    }),
  }));
  rules.sort(
    (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.pages.length - a.pages.length,
  );
  const counted = open.filter((one) => !one.ignored);
  const count = (severity: Severity) => counted.filter((one) => one.severity === severity).length;
  const troubled = new Set(counted.map((one) => one.pageId));
  return {
    readAt: pages.reduce<Date | null>((last, { readAt }) => (last && last > readAt ? last : readAt), null),
    counts: {
      fix: count('fix'),
      improve: count('improve'),
      info: count('info'),
      ignored: open.length - counted.length,
      fixed: Number(fixed[0]?.all ?? 0),
      passed: pages.filter((one) => !troubled.has(one.id) && one.kind !== 'readme' && one.kind !== 'store').length,
    },
    rules,
    fixed: fixed.flatMap(({ resolvedAt, all: _, ...one }) => (resolvedAt ? [{ ...one, resolvedAt }] : [])),
  };
}

/** A person says that a finding is meant, or does not matter. It stays aside, also when its words change. */
export function ignoreFinding(context: Context, findingId: string, reason: string): Promise<{ done: boolean }> {
  return decide(context, findingId, 'ignored', reason);
}

export function reopenFinding(context: Context, findingId: string): Promise<{ done: boolean }> {
  return decide(context, findingId, 'reopened', null);
}

function decide(
  context: Context,
  findingId: string,
  decision: 'ignored' | 'reopened',
  reason: string | null,
): Promise<{ done: boolean }> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    const finding = await tx
      .selectFrom('pageFindings as f')
      .innerJoin('pages as p', 'p.id', 'f.pageId')
      .select(['f.pageId', 'f.rule', 'f.resolvedAt', 'p.appId'])
      .where('f.id', '=', findingId)
      .executeTakeFirst();
    if (!finding) throw notFound('finding');
    if (finding.resolvedAt) throw refuse('conflict', 'finding_fixed', 'This was mended; there is nothing to decide.');
    const last = await tx
      .selectFrom('findingDecisions')
      .select('decision')
      .where('pageId', '=', finding.pageId)
      .where('rule', '=', finding.rule)
      .orderBy('decidedAt', 'desc')
      .executeTakeFirst();
    if ((last?.decision ?? 'reopened') === decision && decision === 'reopened')
      throw refuse('conflict', 'finding_open', 'This finding was not set aside.');
    const { pageId, rule } = finding;
    await tx
      .insertInto('findingDecisions')
      .values({ workspaceId, pageId, rule, decision, reason, decidedBy: userOf(inside), decidedAt: clock.now() })
      .execute();
    const verb = decision === 'ignored' ? 'ignore' : 'reopen';
    await audit(inside, { operation: `findings.${verb}`, subject: findingId, after: { rule, reason } });
    await record(inside, `finding.${decision}`, { subjectId: findingId, detail: { appId: finding.appId, rule } });
    return { done: true };
  });
}

function gravest(all: Severity[]): Severity {
  return severities.find((one) => all.includes(one)) ?? 'info';
}
