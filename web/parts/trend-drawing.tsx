import { useComputedColorScheme } from '@mantine/core';
import { LineChart } from 'echarts/charts';
import { GridComponent, MarkPointComponent, TooltipComponent } from 'echarts/components';
import { type ECharts, type EChartsCoreOption, graphic, init, use as register } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef, useState } from 'react';
import { compact, count } from '#web/format.ts';
import type { Trend } from './trend-chart.tsx';
import { pointLabel, pointWords } from './trend-points.ts';

register([LineChart, GridComponent, MarkPointComponent, TooltipComponent, SVGRenderer]);

/** The drawing itself, in a chunk of its own because ECharts weighs more than the rest of the app. */
export function TrendDrawing(trend: Trend & { height: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const picked = useRef<(index: number) => void>(undefined);
  picked.current = (index) => {
    const point = trend.days[index];
    if (point) trend.onPick?.(point);
  };
  const scheme = useComputedColorScheme();
  const [narrow, setNarrow] = useState(false);
  useEffect(() => {
    const element = frame.current!;
    const drawn = init(element, undefined, { renderer: 'svg' });
    chart.current = drawn;
    const observer = new ResizeObserver(() => {
      drawn.resize({ animation: { duration: 0 } });
      setNarrow(element.clientWidth < 500);
    });
    observer.observe(element);
    drawn.getZr().on('click', ({ offsetX, offsetY }) => {
      if (drawn.containPixel('grid', [offsetX, offsetY]))
        picked.current?.(drawn.convertFromPixel({ xAxisIndex: 0 }, offsetX));
    });
    return () => {
      observer.disconnect();
      drawn.dispose();
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme is not read here, but it changes every colour that is; the rest of the trend is only words.
  useEffect(() => {
    chart.current?.setOption(option(trend, colours(), narrow), { notMerge: true });
  }, [trend.days, trend.current, trend.previous, trend.markers, trend.notes, trend.label, scheme, narrow]);
  return <div ref={frame} className="chart-frame" aria-hidden="true" style={{ height: trend.height }} />;
}

type Colours = Record<'accent' | 'ink3' | 'grid' | 'ghost' | 'card', string>;

function colours(): Colours {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    accent: read('--accent'),
    ink3: read('--ink-3'),
    grid: read('--grid'),
    ghost: read('--ghost'),
    card: read('--card'),
  };
}

function option(trend: Trend, colour: Colours, narrow: boolean): EChartsCoreOption {
  const { days, current, previous, markers = [], notes = [], by = 'day', whole = true } = trend;
  const last = days.length - 1;
  // What is not over yet would look like a fall: the line to it is dashed.
  const open = trend.partial
    ? days.length - [...trend.partial].reverse().findIndex((partial) => !partial)
    : days.length;
  const solid = open > last || open < 1 ? days.length : open;
  // The last date always carries a label; the others count back from it.
  const every = Math.max(1, Math.ceil(days.length / (narrow ? 4 : 6)));
  const axis = trend.format ?? compact;
  return {
    animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    animationDuration: 250,
    textStyle: { fontFamily: 'Inter Variable, system-ui, sans-serif' },
    grid: { left: 4, right: 12, top: 18, bottom: 4, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
    tooltip: {
      trigger: 'axis',
      confine: true,
      padding: 0,
      borderWidth: 0,
      backgroundColor: 'transparent',
      extraCssText: 'box-shadow:none',
      axisPointer: { lineStyle: { color: colour.ghost, type: 'solid', width: 1 } },
      formatter: (hits: { dataIndex: number }[]) => tip(trend, hits[0]?.dataIndex ?? 0),
    },
    xAxis: {
      type: 'category',
      data: days,
      boundaryGap: false,
      axisLine: { show: false },
      axisTick: { show: false },
      axisLabel: {
        color: colour.ink3,
        fontSize: 11,
        margin: 12,
        interval: (index: number) => (last - index) % every === 0,
        formatter: (point: string) => pointLabel(point, by),
        alignMinLabel: 'left',
        alignMaxLabel: 'right',
      },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      ...(whole ? { minInterval: 1 } : {}),
      axisLabel: { color: colour.ink3, fontSize: 11, margin: 12, formatter: (value: number) => axis(value) },
      splitLine: { lineStyle: { color: colour.grid, width: 1 } },
    },
    series: [
      {
        type: 'line',
        data: previous ?? [],
        showSymbol: false,
        silent: true,
        z: 1,
        lineStyle: { width: 1.5, type: [4, 4], color: colour.ghost },
        itemStyle: { color: colour.ghost },
        emphasis: { disabled: true },
      },
      {
        type: 'line',
        data: current.map((value, index) => (index < solid ? value : null)),
        // A day alone has no line.
        showSymbol: days.length === 1,
        symbolSize: 8,
        z: 2,
        lineStyle: { width: 2, color: colour.accent },
        itemStyle: { color: colour.accent, borderColor: colour.card, borderWidth: 2 },
        emphasis: { lineStyle: { width: 2 } },
        areaStyle: {
          color: new graphic.LinearGradient(0, 0, 0, 1, [
            { offset: 0, color: transparent(colour.accent, 0.16) },
            { offset: 1, color: transparent(colour.accent, 0) },
          ]),
        },
        markPoint: {
          symbol: 'circle',
          symbolSize: 9,
          silent: true,
          itemStyle: { color: colour.card, borderColor: colour.accent, borderWidth: 2 },
          label: { show: false },
          data: [
            ...places(notes, days).map((index) => ({
              coord: [index, 0],
              symbol: 'diamond',
              symbolSize: 8,
              itemStyle: { color: colour.ink3, borderColor: colour.card, borderWidth: 1 },
            })),
            ...places(markers, days).flatMap((index) =>
              current[index] == null ? [] : [{ coord: [index, current[index]] }],
            ),
          ],
        },
      },
      {
        type: 'line',
        data: current.map((value, index) => (index >= solid - 1 ? value : null)),
        showSymbol: false,
        silent: true,
        z: 2,
        lineStyle: { width: 2, type: [3, 4], color: colour.accent },
        itemStyle: { color: colour.accent, borderColor: colour.card, borderWidth: 2 },
        emphasis: { disabled: true },
      },
    ],
  };
}

/** At which of the days something stands. */
function places(marks: { day: string }[], days: string[]): number[] {
  return [...new Set(marks.map((mark) => days.indexOf(mark.day)))].filter((index) => index >= 0);
}

/** Built from nodes, never from markup: a post's text is not ours to trust. */
function tip(trend: Trend, index: number) {
  const { label, days, current, previous, previousDays, previousLabel, markers = [], notes = [] } = trend;
  const { format = count, by = 'day', partial } = trend;
  const write = (value: number | null | undefined) => (value == null ? 'not enough data' : format(value));
  const card = element('div', 'tip');
  const open = partial?.[index] ? ' (part of it)' : '';
  card.append(element('div', 'tip-day', pointWords(days[index]!, by) + open));
  card.append(line('current', label, write(current[index])));
  if (previous?.[index] !== undefined) {
    const before = previousDays?.[index];
    card.append(
      line('previous', before ? pointWords(before, by) : (previousLabel ?? 'Previous period'), write(previous[index])),
    );
  }
  for (const marker of markers.filter((each) => each.day === days[index])) {
    card.append(element('p', '', `Posted: ${marker.text}`));
  }
  for (const note of notes.filter((each) => each.day === days[index])) card.append(element('p', '', note.text));
  return card;
}

function line(kind: string, label: string, value: string): HTMLElement {
  const row = element('div', 'tip-line');
  row.dataset.kind = kind;
  row.append(element('i', ''), label, element('b', '', value));
  return row;
}

function element(tag: string, name: string, text = ''): HTMLElement {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  return made;
}

function transparent(hex: string, opacity: number): string {
  return `${hex}${Math.round(opacity * 255)
    .toString(16)
    .padStart(2, '0')}`;
}
