import { z } from 'zod';

const units = ['count', 'money', 'rate', 'months'] as const;
export type Unit = (typeof units)[number];

/** A number as the report froze it, with its words: every door shows the same ones. */
const figure = z.object({
  key: z.string(),
  label: z.string(),
  unit: z.enum(units),
  /** Money in minor units of `currency`; a rate is 0 to 1. Null: `missing` says what there is not enough of. */
  value: z.string().nullable(),
  before: z.string().nullable(),
  currency: z.string().nullable(),
  missing: z.string().nullable(),
  /** As written: `$1,240.00`, `not enough data`. */
  shown: z.string(),
  shownBefore: z.string().nullable(),
  /** Against the period before, as a fraction. */
  change: z.number().nullable(),
});
export type Figure = z.infer<typeof figure>;

/** What a chart shows; drawn on the server by `charts.ts`. Null = not counted. */
const chart = z.object({
  type: z.literal('chart'),
  key: z.string(),
  title: z.string(),
  /** What it shows, for who cannot see it. */
  alt: z.string(),
  form: z.enum(['line', 'bars', 'across']),
  unit: z.enum(units),
  currency: z.string().nullable(),
  labels: z.array(z.string()),
  /** The first is what it is about; further ones stand behind it. */
  series: z.array(z.object({ name: z.string(), values: z.array(z.number().nullable()) })).min(1),
});
export type Chart = z.infer<typeof chart>;

const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('figures'), figures: z.array(figure) }),
  z.object({ type: z.literal('text'), sentences: z.array(z.string()) }),
  /** What there is not enough data to say. */
  z.object({ type: z.literal('missing'), sentence: z.string() }),
  z.object({
    type: z.literal('table'),
    title: z.string(),
    note: z.string().nullable(),
    columns: z.array(z.object({ label: z.string(), numeric: z.boolean() })),
    rows: z.array(z.array(z.string())),
  }),
  z.object({
    type: z.literal('list'),
    items: z.array(z.object({ text: z.string(), detail: z.string().nullable(), path: z.string().nullable() })),
  }),
  chart,
]);
export type Block = z.infer<typeof block>;

const section = z.object({
  key: z.string(),
  title: z.string(),
  /** Over the whole width; else it may stand beside its neighbour. */
  wide: z.boolean(),
  blocks: z.array(block),
});
export type Section = z.infer<typeof section>;

/** A report as it was frozen. */
export const reportContent = z.object({
  /** The main fact, in a sentence: also the subject of the mail. */
  headline: z.string(),
  timeZone: z.string(),
  currency: z.string(),
  /** What the period is compared with; null = nothing. */
  before: z.object({ from: z.string(), until: z.string() }).nullable(),
  /** Long enough for a table of contents. */
  contents: z.boolean(),
  sections: z.array(section),
  /** What is counted again later: a difference beyond the tolerance is restated with its date. */
  watched: z.array(z.object({ key: z.string(), label: z.string(), unit: z.enum(units), value: z.string().nullable() })),
});
export type ReportContent = z.infer<typeof reportContent>;

/** A report on its way to a reader: what all doors draw from. */
export type Report = {
  id: string;
  kind: 'weekly' | 'monthly' | 'quarterly' | 'annual';
  title: string;
  appName: string;
  periodStartsOn: string;
  periodEndsOn: string;
  frozenAt: Date;
  content: ReportContent;
  corrections: { text: string; correctedAt: Date }[];
};

export function chartsOf({ sections }: ReportContent): Chart[] {
  return sections.flatMap(({ blocks }) => blocks.filter((each) => each.type === 'chart'));
}
