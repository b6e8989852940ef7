import type { Inside } from '#src/context.ts';
import type { ReportContent } from './content.ts';
import { annualReport } from './kinds/annual.ts';
import { monthlyReport } from './kinds/monthly.ts';
import { quarterlyReport } from './kinds/quarterly.ts';
import { weeklyReport } from './kinds/weekly.ts';
import { numbersOf, watchedOf } from './numbers.ts';
import { periodBefore, type ReportKind, type Span } from './periods.ts';

const compose = { weekly: weeklyReport, monthly: monthlyReport, quarterly: quarterlyReport, annual: annualReport };

/** What a report of a period says now: each kind its own sections, all from the functions of the dashboards. */
export async function composeReport(
  inside: Inside,
  appId: string,
  kind: ReportKind,
  span: Span,
): Promise<ReportContent> {
  const earlier = periodBefore(kind, span);
  const now = await numbersOf(inside, appId, span);
  const before = await numbersOf(inside, appId, earlier);
  return {
    ...(await compose[kind](inside, appId, now, before)),
    timeZone: now.timeZone,
    currency: now.currency,
    before: earlier,
    watched: watchedOf(now),
  };
}
