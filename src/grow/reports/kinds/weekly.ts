import type { Inside } from '#src/context.ts';
import type { ReportContent, Section } from '#src/grow/reports/content.ts';
import { figuresFor, type Key, type Numbers } from '#src/grow/reports/numbers.ts';
import { insightsBlock, plannedBlock, postsBlock, suggestionsBlock } from '#src/grow/reports/parts/found.ts';
import { visitsChart } from '#src/grow/reports/parts/money.ts';
import { countWords, sentenceOf } from '#src/grow/reports/words.ts';
import { rateRatio } from '#src/measure/uncertainty.ts';

const KEYS: readonly Key[] = ['visits', 'signups', 'customers', 'revenue', 'mrr', 'posts'];

/** The marketing summary, for one screen: what happened, what earned, what to do next week. */
export async function weeklyReport(
  inside: Inside,
  appId: string,
  now: Numbers,
  before: Numbers,
): Promise<Pick<ReportContent, 'headline' | 'sections' | 'contents'>> {
  const figures = figuresFor(now, before, KEYS);
  const sections: Section[] = [
    {
      key: 'happened',
      title: 'What happened',
      wide: true,
      blocks: [
        { type: 'figures', figures },
        { type: 'text', sentences: [figures.slice(0, 4).map(sentenceOf).join(' ')] },
      ],
    },
    {
      key: 'course',
      title: 'Day by day',
      wide: false,
      blocks: [await visitsChart(inside, appId, now, before.span, 'day')],
    },
    {
      key: 'next',
      title: 'What to do next week',
      wide: false,
      blocks: [await suggestionsBlock(inside, appId, 3), await plannedBlock(inside, appId, now)],
    },
    { key: 'earned', title: 'What earned', wide: true, blocks: [await postsBlock(inside, appId, now, 3)] },
    { key: 'noticed', title: 'What stood out', wide: true, blocks: [await insightsBlock(inside, appId, now, 3)] },
  ];
  return { headline: headlineOf(now, before), sections, contents: false };
}

/** At this chance a count is called up or down; below it the week is called steady. */
const SIGNIFICANCE = 0.05;

/**
 * The first of customers, signups and visits that chance hardly explains (exact test of two Poisson counts; visits come
 * in bursts, so they must also differ by a quarter), else what it came to.
 */
function headlineOf(now: Numbers, before: Numbers): string {
  const all = figuresFor(now, before, ['customers', 'signups', 'visits']);
  for (const { key, label, value, before: was, shown, shownBefore } of all) {
    if (value === null || was === null) continue;
    const [a, b] = [Number(was), Number(value)];
    const found = rateRatio({ events: a, exposure: 7 }, { events: b, exposure: 7 });
    if (!found || found.p >= SIGNIFICANCE || (key === 'visits' && Math.abs(b - a) < a / 4)) continue;
    return `${label} ${b > a ? 'up' : 'down'}: ${shown} after ${shownBefore} the week before`;
  }
  const [customers, signups, visits] = all;
  const came = visits?.value == null ? '' : ` from ${countWords(Number(visits.value))} visits`;
  const few = (count: string | null | undefined, one: string) =>
    `${countWords(Number(count ?? 0))} ${one}${Number(count ?? 0) === 1 ? '' : 's'}`;
  return `A steady week: ${few(signups?.value, 'signup')}${came}, ${few(customers?.value, 'new customer')}`;
}
