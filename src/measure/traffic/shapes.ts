import { z } from 'zod';
import { rangeFields } from '#src/measure/range.ts';
import { id, money, numberCursor } from '#src/operation.ts';

/** What a visit can be asked for by; the names are those of the rollup (`traffic_days.dimension`), `entry` is its `path`. */
export const dimensions = [
  'path',
  'entry',
  'exit',
  'host',
  'source',
  'medium',
  'channel',
  'referrer',
  'campaign',
  'content',
  'term',
  'country',
  'device',
  'browser',
  'system',
  'event',
  'post',
] as const;
export type Dimension = (typeof dimensions)[number];

export const measures = [
  'visitors',
  'visits',
  'views',
  'viewsPerVisit',
  'bounceRate',
  'visitSeconds',
  'signups',
  'conversions',
  'revenue',
] as const;
export type Measure = (typeof measures)[number];

/** Below so many visits a rate or a mean is an anecdote. */
export const FLOOR = 30;

/** Besides the dimensions: a goal reached in the visit, and a planned campaign (by its id) it came from. */
export const filterDimensions = [...dimensions, 'goal', 'campaignId'] as const;

export const filter = z.strictObject({
  dimension: z.enum(filterDimensions),
  operator: z.enum(['is', 'is_not', 'contains']).default('is'),
  values: z.array(z.string().max(500)).min(1).max(20),
});
export type Filter = z.output<typeof filter>;

export const filterFields = {
  filters: z
    .array(filter)
    .max(10)
    .default([])
    .describe('All must hold; of several values of one filter any. An empty value means "not known".'),
};

export const questionFields = { appId: id, ...rangeFields, ...filterFields };
export const question = z.strictObject(questionFields);
export type Question = z.output<typeof question>;

const stretch = z.object({ from: z.string(), until: z.string() });

/** Stands at the head of every answer about a stretch of time. */
export const headShown = {
  /** IANA name of the zone whose days these are. */
  timeZone: z.string(),
  /** Of every amount; minor units. */
  currency: z.string(),
  /** First and last local day. */
  days: stretch,
  previousDays: stretch.nullable(),
  /** `daily`: a visitor is counted once a day, days are added up. `distinct`: once in the whole range (with consent, up to 100,000 visits). */
  visitorsAre: z.enum(['daily', 'distinct']),
  /** `totals`: from the kept totals; `visits`: from the single visits, because of filters. Both count alike. */
  countedFrom: z.enum(['totals', 'visits']),
};

const figure = z.object({
  /** Null = not enough data (fewer than `floor` visits) for a rate or a mean. */
  value: z.number().nullable(),
  before: z.number().nullable(),
  /** (value − before) / before; null when there is nothing to compare with. */
  change: z.number().nullable(),
});
export type FigureShown = z.output<typeof figure>;

export const totalsShown = z.object({
  ...headShown,
  floor: z.int(),
  /** bounceRate 0 to 1; visitSeconds a mean; revenue in minor units of `currency`, net of tax, refunds and disputes. */
  figures: z.object({
    visitors: figure,
    visits: figure,
    views: figure,
    viewsPerVisit: figure,
    bounceRate: figure,
    visitSeconds: figure,
    signups: figure,
    conversions: figure,
    revenue: figure,
  }),
  /** Conversions by kind. With filters purchases are shares of what is credited, so not always whole. */
  conversionsByKind: z.object({ signup: z.number(), trial: z.number(), purchase: z.number(), goal: z.number() }),
  /** What was paid in other currencies and waits for the rate of its day: no figure holds it. */
  otherCurrencies: z.array(money),
  /** With filters: conversions and money that belong to no known visit, and hence to no filter. Null without filters. */
  outside: z.object({ conversions: z.int(), revenueMinor: z.string() }).nullable(),
  /** The first local day with traffic; null = none yet. */
  began: z.string().nullable(),
});

export const steps = ['hour', 'day', 'week', 'month'] as const;
export type Step = (typeof steps)[number];

export const seriesAsked = z.strictObject({
  ...questionFields,
  measures: z.array(z.enum(measures)).min(1).max(measures.length).default(['visitors']),
  by: z
    .enum(['auto', ...steps])
    .default('auto')
    .describe('Hours for at most 8 days. `auto`: hours for 1 or 2 days, days up to 92, weeks up to 366, then months.'),
});

export const seriesShown = z.object({
  ...headShown,
  by: z.enum(steps),
  points: z.array(
    z.object({
      /** Local: `2026-11-22`, or `2026-11-22T13:00+01:00` for an hour. */
      at: z.string(),
      /** What it is compared with; null = nothing. */
      previousAt: z.string().nullable(),
      /** Not over yet, or cut off by the range. */
      partial: z.boolean(),
    }),
  ),
  series: z.array(
    z.object({
      measure: z.enum(measures),
      /** One a point; null = not enough data, or the hour lies ahead. */
      values: z.array(z.number().nullable()),
      previous: z.array(z.number().nullable()).nullable(),
    }),
  ),
});

export const breakdownMeasures = [
  'visitors',
  'visits',
  'views',
  'bounceRate',
  'visitSeconds',
  'signups',
  'revenue',
] as const;
export type BreakdownMeasure = (typeof breakdownMeasures)[number];

const counted = {
  visitors: z.number(),
  visits: z.number(),
  /** Page views; for `event` how often it happened. */
  views: z.number(),
  /** Null below 30 visits. */
  bounceRate: z.number().nullable(),
  visitSeconds: z.number().nullable(),
  signups: z.number(),
  /** Net, minor units, by the app's attribution model: what this value is credited with. */
  revenue: z.number(),
};

export const breakdownAsked = z.strictObject({
  ...questionFields,
  dimension: z.enum(dimensions),
  sort: z
    .enum(['auto', ...breakdownMeasures])
    .default('auto')
    .describe('`auto`: views for path and event, else visitors.'),
  order: z.enum(['most', 'least']).default('most'),
  search: z.string().max(200).optional(),
  limit: z.int().min(1).max(200).default(10),
  cursor: numberCursor,
});

export const breakdownShown = z.object({
  ...headShown,
  dimension: z.enum(dimensions),
  sort: z.enum(breakdownMeasures),
  rows: z.array(
    z.object({
      value: z.string(),
      /** What to show for it where that is not the value itself: the title of a post. */
      label: z.string().nullable(),
      ...counted,
      /** Of the sorted measure's sum over all values; null for rates. */
      share: z.number().nullable(),
      before: z.object(counted).nullable(),
      /** Of the sorted measure. */
      change: z.number().nullable(),
    }),
  ),
  /** How many values there are (that match the search). */
  count: z.int(),
  /** The sorted measure over all values, whatever is searched; null for rates. */
  sum: z.number().nullable(),
  cursor: z.string().nullable(),
});

export const liveShown = z.object({
  timeZone: z.string(),
  at: z.date(),
  visitors5: z.int(),
  visitors30: z.int(),
  /** The last 30 minutes, oldest first. */
  minutes: z.array(z.object({ at: z.date(), visitors: z.int(), views: z.int() })),
  /** Where those of the last 5 minutes are. */
  pages: z.array(z.object({ path: z.string(), visitors: z.int() })),
  /** Where those of the last 30 minutes came from. */
  sources: z.array(z.object({ source: z.string(), channel: z.string(), visitors: z.int() })),
  countries: z.array(z.object({ country: z.string(), visitors: z.int() })),
  /** The newest events, newest first. */
  events: z.array(
    z.object({
      id,
      at: z.date(),
      kind: z.string(),
      path: z.string().nullable(),
      source: z.string().nullable(),
      country: z.string().nullable(),
      device: z.string().nullable(),
      browser: z.string().nullable(),
    }),
  ),
});

export const eventsAsked = z.strictObject({
  ...questionFields,
  kind: z.string().max(64).optional().describe('One event: its properties and their values, too.'),
  search: z.string().max(200).optional(),
  limit: z.int().min(1).max(200).default(50),
});

export const eventsShown = z.object({
  ...headShown,
  events: z.array(
    z.object({
      kind: z.string(),
      times: z.int(),
      before: z.int().nullable(),
      change: z.number().nullable(),
      /** In how many visits, by how many visitors; null without filters, as the totals do not know. */
      visits: z.int().nullable(),
      visitors: z.int().nullable(),
    }),
  ),
  count: z.int(),
  /** Of the one event asked for; null otherwise. */
  properties: z
    .object({
      /** Of so many events the newest `read` were looked at. */
      times: z.int(),
      read: z.int(),
      names: z.array(
        z.object({
          name: z.string(),
          times: z.int(),
          /** How many different ones there are. */
          count: z.int(),
          values: z.array(z.object({ value: z.string(), times: z.int(), share: z.number() })),
        }),
      ),
    })
    .nullable(),
});

export const agentsAsked = z.strictObject({ appId: id, ...rangeFields });

export const agentsShown = z.object({
  timeZone: z.string(),
  days: z.array(z.string()),
  /** People as counted everywhere else: `unsure` ones are among them. */
  people: z.object({ visits: z.int(), views: z.int() }),
  classes: z.array(z.object({ agentClass: z.enum(['bot', 'preview', 'unsure']), visits: z.int(), views: z.int() })),
  agents: z.array(
    z.object({
      agentClass: z.enum(['bot', 'preview', 'unsure']),
      name: z.string().nullable(),
      visits: z.int(),
      views: z.int(),
      /** Visits, one a day of `days`. */
      byDay: z.array(z.int()),
    }),
  ),
});

export const weekAsked = z.strictObject({
  appId: id,
  ...rangeFields,
  measure: z.enum(['visitors', 'visits', 'views', 'signups']).default('visits'),
});

export const weekShown = z.object({
  timeZone: z.string(),
  measure: z.enum(['visitors', 'visits', 'views', 'signups']),
  /** Monday first; 24 hours each. `mean` per such hour in the range; null when the range has none that is over. */
  weekdays: z.array(z.array(z.object({ total: z.int(), hours: z.int(), mean: z.number().nullable() }))),
  /** False where local hours are not whole hours of UTC: then an hour holds the UTC hour whose middle lies in it. */
  wholeHours: z.boolean(),
});
