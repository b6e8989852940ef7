import { useComputedColorScheme } from '@mantine/core';
import { LineChart } from 'echarts/charts';
import { GridComponent, MarkPointComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, graphic, init, use as register } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import { compact, count, day, weekday } from '#web/format.ts';
import type { Trend } from './trend-chart.tsx';

register([LineChart, GridComponent, MarkPointComponent, TooltipComponent, SVGRenderer]);

/** The drawing itself, in a chunk of its own because ECharts weighs more than the rest of the app. */
export function TrendDrawing(trend: Trend & { height: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const scheme = useComputedColorScheme();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scheme is not read here, but it changes every colour that is.
  useEffect(() => {
    const element = frame.current!;
    const chart = init(element, undefined, { renderer: 'svg' });
    const draw = () => chart.setOption(option(trend, colours(), element.clientWidth < 500));
    draw();
    let narrow = element.clientWidth < 500;
    const observer = new ResizeObserver(() => {
      chart.resize();
      if (narrow !== element.clientWidth < 500) {
        narrow = !narrow;
        draw();
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      chart.dispose();
    };
  }, [trend.days, trend.current, trend.previous, trend.markers, trend.label, scheme]);
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
  const { days, current, previous, markers = [] } = trend;
  const last = days.length - 1;
  // The last date always carries a label; the others count back from it.
  const every = Math.max(1, Math.ceil(days.length / (narrow ? 4 : 6)));
  const axis = trend.format ?? compact;
  return {
    animationDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 250,
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
        formatter: (date: string) => day(date, 'UTC'),
        alignMinLabel: 'left',
        alignMaxLabel: 'right',
      },
    },
    yAxis: {
      type: 'value',
      splitNumber: 3,
      minInterval: 1,
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
        data: current,
        showSymbol: false,
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
          data: [...new Set(markers.map((marker) => days.indexOf(marker.day)))]
            .filter((index) => index >= 0)
            .map((index) => ({ coord: [index, current[index]] })),
        },
      },
    ],
  };
}

/** Built from nodes, never from markup: a post's text is not ours to trust. */
function tip({ label, days, current, previous, previousLabel, markers = [], format = count }: Trend, index: number) {
  const card = element('div', 'tip');
  card.append(element('div', 'tip-day', weekday(days[index]!, 'UTC')));
  card.append(line('current', label, format(current[index] ?? 0)));
  if (previous?.[index] !== undefined) {
    card.append(line('previous', previousLabel ?? 'Previous period', format(previous[index])));
  }
  for (const marker of markers.filter((each) => each.day === days[index])) {
    card.append(element('p', '', `Posted: ${marker.text}`));
  }
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
