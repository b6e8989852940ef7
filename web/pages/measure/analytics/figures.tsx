import { type ReactNode, useMemo } from 'react';

import { KpiStrip } from '#web/parts/kpi-strip.tsx';

import { TrendChart, type TrendMarker } from '#web/parts/trend-chart.tsx';
import { pointOf } from '#web/parts/trend-points.ts';
import { timeIn } from '#web/zone.ts';
import type { Annotation, Series, Totals } from './queries.ts';
import { isMeasure, labelOf, type Measure, measures, writerOf } from './words.tsx';

/** What the strip needs of an answer; revenue is missing where somebody shared the figures without it. */
export type StripShown = Pick<Totals, 'currency' | 'floor' | 'visitorsAre'> & {
  figures: Omit<Totals['figures'], 'revenue'> & { revenue: Totals['figures']['revenue'] | null };
};

/** The figures of the range; one of them is drawn below. Without `onChoose` they only stand there. */
export function Strip({
  totals,
  chosen,
  onChoose,
  against,
}: {
  totals: StripShown;
  chosen: Measure;
  onChoose?: (measure: Measure) => void;
  against: string | null;
}) {
  return (
    <KpiStrip
      chosen={chosen}
      {...(onChoose ? { onChoose: (id) => isMeasure(id) && onChoose(id) } : {})}
      against={against === null ? '' : 'vs before'}
      items={measures.flatMap((measure) => {
        const figure = totals.figures[measure];
        if (!figure) return [];
        const { value, change } = figure;
        return {
          id: measure,
          label: labelOf(measure, totals.visitorsAre),
          value: value === null ? '–' : writerOf(measure, totals.currency, true)(value),
          ...(value === null ? { note: `needs ${totals.floor} visits` } : {}),
          ...(against === null ? {} : { change }),
          ...(measure === 'bounceRate' ? { good: 'down' as const } : {}),
        };
      })}
    />
  );
}

/** The chosen figure over time, the period before it dashed, with what was posted and noted. */
export function Drawing({
  series,
  measure,
  annotations = [],
  against,
  tools,
  onPick,
}: {
  series: Pick<Series, 'by' | 'points' | 'series' | 'timeZone' | 'visitorsAre' | 'currency'>;
  measure: Measure;
  annotations?: readonly Annotation[];
  against: string | null;
  tools?: ReactNode;
  onPick?: (point: string) => void;
}) {
  const { by, points, timeZone } = series;
  const drawn = series.series.find((each) => each.measure === measure) ?? series.series[0];
  const days = useMemo(() => points.map(({ at }) => at), [points]);
  const partial = useMemo(() => points.map((point) => point.partial), [points]);
  const previousDays = useMemo(() => points.map(({ previousAt }) => previousAt), [points]);
  const [markers, notes] = useMemo(() => {
    const placed = annotations.flatMap((annotation): (TrendMarker & { posted: boolean })[] => {
      const time = annotation.at ? timeIn(annotation.at, timeZone) : undefined;
      const day = pointOf(days, by, annotation.day, time);
      return day ? [{ day, text: annotation.title, posted: annotation.kind === 'post' }] : [];
    });
    return [placed.filter(({ posted }) => posted), placed.filter(({ posted }) => !posted)];
  }, [annotations, days, by, timeZone]);
  if (!drawn) return null;
  return (
    <TrendChart
      label={labelOf(measure, series.visitorsAre)}
      by={by}
      days={days}
      current={drawn.values}
      previous={drawn.previous ?? undefined}
      {...(against === null ? {} : { previousLabel: against })}
      previousDays={previousDays}
      partial={partial}
      markers={markers}
      notes={notes}
      format={writerOf(measure, series.currency)}
      whole={measure !== 'bounceRate'}
      tools={tools}
      {...(onPick ? { onPick } : {})}
    />
  );
}
