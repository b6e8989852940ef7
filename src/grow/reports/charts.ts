/**
 * Charts drawn without a browser: SVG for the page, PNG for mails and documents. What draws them is loaded when the first
 * chart is asked for: most processes never draw one.
 */
import { createRequire } from 'node:module';
import type * as Echarts from 'echarts/core';
import type { EChartsCoreOption } from 'echarts/core';
import type { Chart, Unit } from './content.ts';
import { countWords, moneyWords, withoutEmoji } from './words.ts';

export type Scheme = 'light' | 'dark';
/** wide: across a page; half: beside a neighbour; narrow: on a phone; mail: in a mail, which a phone draws smaller. */
export type Width = 'wide' | 'half' | 'narrow' | 'mail';

const WIDTHS = { wide: 720, half: 480, narrow: 340, mail: 560 } as const;
const TEXT = { wide: 11, half: 11, narrow: 11, mail: 15 } as const;
/** In a picture within a page the page’s own font is not there, hence the others. */
const FONT = 'Inter, system-ui, sans-serif';
const colours = {
  light: { ink: '#565a64', faint: '#656973', line: '#e9e9ed', main: '#5b5bd6', behind: '#a6aab4', ground: '#ffffff' },
  dark: { ink: '#a6aab4', faint: '#868b95', line: '#232429', main: '#8080f5', behind: '#5c606b', ground: '#151619' },
} as const;

/** A chart as SVG text, in the colours of a scheme, on no ground. */
export async function drawSvg(chart: Chart, { scheme, width }: { scheme: Scheme; width: Width }): Promise<string> {
  const size = { width: WIDTHS[width], height: heightOf(chart) };
  const instance = drawing().init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    instance.setOption(optionOf(chart, scheme, width));
    return instance.renderToSVGString();
  } finally {
    instance.dispose();
  }
}

/** A chart as PNG at twice its size, on white, for where SVG is not shown: mails and documents. */
export async function drawPng(
  drawn: Chart,
  width: 'wide' | 'mail' = 'wide',
): Promise<{ png: Buffer; width: number; height: number }> {
  const chart = { ...drawn, labels: drawn.labels.map(withoutEmoji) };
  const { Resvg } = await import('@resvg/resvg-js');
  const svg = await drawSvg(chart, { scheme: 'light', width });
  // It reads TrueType only, and without a font it draws no text and says nothing.
  const rendered = new Resvg(svg, {
    background: colours.light.ground,
    fitTo: { mode: 'zoom', value: 2 },
    font: { fontFiles: [fontFile('400Regular')], loadSystemFonts: false, defaultFontFamily: 'Inter' },
  }).render();
  return { png: rendered.asPng(), width: WIDTHS[width], height: heightOf(chart) };
}

/** The file of one weight of the font of documents and pictures. */
export function fontFile(weight: '400Regular' | '600SemiBold'): string {
  return createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${weight}/Inter_${weight}.ttf`);
}

/**
 * The whole library in its one built file, when the first chart is drawn: read as one file it is there in 50 ms of
 * processor time, its 500 modules take 490 (22 November 2026).
 */
function drawing(): typeof Echarts {
  return createRequire(import.meta.url)('echarts/dist/echarts.min');
}

function heightOf({ form, labels }: Chart): number {
  return form === 'across' ? 24 + labels.length * 34 : 220;
}

function optionOf(chart: Chart, scheme: Scheme, width: Width): EChartsCoreOption {
  const colour = colours[scheme];
  const fontSize = TEXT[width];
  const axisText = { color: colour.faint, fontSize, fontFamily: FONT };
  const words = (value: number) => axisWords(value, chart.unit, chart.currency);
  const names = {
    type: 'category',
    data: chart.labels,
    axisLine: { show: false },
    axisTick: { show: false },
    axisLabel: {
      ...axisText,
      hideOverlap: true,
      showMaxLabel: true,
      width: width === 'wide' || width === 'mail' ? 150 : 120,
      overflow: chart.form === 'across' ? 'break' : 'truncate',
    },
  };
  const values = {
    type: 'value',
    splitNumber: 3,
    axisLabel: { ...axisText, formatter: words },
    splitLine: { lineStyle: { color: colour.line } },
  };
  const common = {
    animation: false,
    textStyle: { fontFamily: FONT },
    grid: {
      left: 4,
      right: chart.form === 'across' ? 64 : 16,
      top: chart.series.length > 1 ? 34 : 12,
      bottom: 4,
      outerBoundsMode: 'same',
    },
    ...(chart.series.length > 1
      ? {
          legend: {
            top: 0,
            left: 0,
            icon: 'roundRect',
            itemGap: 2 * fontSize,
            itemWidth: 10,
            itemHeight: 3,
            textStyle: { color: colour.ink, fontSize, fontFamily: FONT },
          },
        }
      : {}),
  };
  if (chart.form === 'across')
    return {
      ...common,
      yAxis: { ...names, inverse: true },
      xAxis: { ...values, show: false },
      series: [
        {
          type: 'bar',
          silent: true,
          barMaxWidth: 16,
          data: chart.series[0]?.values.map((value) => value ?? 0),
          itemStyle: { color: colour.main, borderRadius: 4 },
          label: {
            show: true,
            position: 'right',
            color: colour.ink,
            fontSize,
            fontFamily: FONT,
            formatter: ({ value }: { value: number }) => words(value),
          },
        },
      ],
    };
  const drawn = chart.series.map(({ name, values: own }, index) =>
    chart.form === 'bars'
      ? {
          name,
          type: 'bar',
          silent: true,
          barMaxWidth: 48,
          data: own,
          itemStyle: { color: index === 0 ? colour.main : colour.behind, borderRadius: [4, 4, 0, 0] },
        }
      : {
          name,
          type: 'line',
          silent: true,
          data: own,
          symbol: 'none',
          z: index === 0 ? 3 : 2,
          lineStyle: index === 0 ? { width: 2 } : { width: 1.5, type: 'dashed' },
          itemStyle: { color: index === 0 ? colour.main : colour.behind },
          ...(index === 0 ? { areaStyle: { color: colour.main, opacity: 0.1 } } : {}),
        },
  );
  return { ...common, xAxis: names, yAxis: values, series: drawn };
}

function axisWords(value: number, unit: Unit, currency: string | null): string {
  return unit === 'money' && currency
    ? moneyWords(BigInt(Math.round(value)), currency, { whole: true })
    : countWords(value);
}
