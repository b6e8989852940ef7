import { z } from 'zod';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { periodsFor, type RangeAsked, rangeFields } from '#src/measure/range.ts';
import { id, money, operation } from '#src/operation.ts';
import { workspaceOf } from '#src/people/workspaces.ts';
import { appOf } from '#src/understand/apps.ts';
import { UNATTRIBUTED, WITHOUT } from './days.ts';
import { modelsOf, shownModel } from './models.ts';
import { dimensionOf, type Grouping, groupings, groupsOf, namesOf } from './names.ts';
import { type AnyModel, allModels, settingsOf } from './settings.ts';
import { roundTogether, type Sum, sumsBy, waitingOf } from './sums.ts';

/** Below so many conversions a row is an anecdote, and says so. */
export const FEW = 10;
const ROWS = 200;

const model = z.enum(allModels);
const minorRange = z.object({ low: z.string(), high: z.string() });
const countRange = z.object({ low: z.number(), high: z.number() });

const shownRow = z.object({
  /** What it stands for: an id, a channel, a hook; '' = credited, but to none of these. */
  key: z.string(),
  name: z.string(),
  note: z.string().nullable(),
  /** How many conversions of all kinds it had any part in. */
  conversions: z.int(),
  /** False below ten conversions. */
  enough: z.boolean(),
  byModel: z.array(
    z.object({ model, revenueMinor: z.string(), signups: z.number(), trials: z.number(), customers: z.number() }),
  ),
  /** From the model that gives it least to the one that gives it most, of those with enough data. */
  revenue: minorRange,
  signups: countRange,
  customers: countRange,
});

const shown = z.object({
  timeZone: z.string(),
  from: z.string(),
  until: z.string(),
  currency: z.string(),
  by: z.enum(groupings),
  /** The app's own model, by which other pages count. */
  ownModel: model,
  windowDays: z.int(),
  models: z.array(shownModel),
  /** Conversions of all kinds. */
  conversions: z.int(),
  totals: z.object({ revenue: money, signups: z.number(), trials: z.number(), customers: z.number() }),
  unattributed: z.object({
    revenue: money,
    signups: z.number(),
    customers: z.number(),
    conversions: z.int(),
    /** Of the revenue; null without any. */
    share: z.number().nullable(),
  }),
  /** How much of the revenue is credited to where it came from; null without revenue. */
  explained: z.number().nullable(),
  rows: z.array(shownRow),
  /** Groups that are not shown: those with least. */
  more: z.int(),
  /** Money in currencies whose rate of the day is not known yet: in no figure here. */
  otherCurrencies: z.array(money),
});

type Asked = RangeAsked & { appId: string; by: Grouping };

/** All models side by side over a range of local days, by one grouping; read from day totals. */
export async function compareModels(context: Context, asked: Asked): Promise<z.input<typeof shown>> {
  return transaction(context, async (inside) => {
    await appOf(inside, asked.appId);
    const { timeZone, currency } = await workspaceOf(inside);
    const settings = await settingsOf(inside, asked.appId);
    const { current } = periodsFor(
      asked,
      inside.clock.now(),
      timeZone,
      await beganOf(inside, asked.appId, asked.range),
    );
    const view = { appId: asked.appId, period: current, currency };
    const total = await sumsBy(inside, 'total', view);
    const models = await modelsOf(inside, asked.appId, total);
    const usable = models.filter((each) => each.enough).map((each) => each.model);
    const sums = (await sumsBy(inside, dimensionOf(asked.by), view)).filter((sum) => usable.includes(sum.model));
    const groupOf = await groupsOf(inside, asked.by, [...new Set(sums.map((sum) => sum.value))]);
    const rows = rowsOf(sums, groupOf, usable);
    const attributed = rows.filter((row) => row.key !== UNATTRIBUTED).sort(mostFirst);
    const kept = attributed.slice(0, ROWS);
    const names = await namesOf(
      inside,
      asked.by,
      kept.map((row) => row.key),
    );
    const whole = wholeOf(total);
    return {
      timeZone,
      from: current.days[0] ?? '',
      until: current.days.at(-1) ?? '',
      currency,
      by: asked.by,
      ownModel: settings.model,
      windowDays: settings.windowDays,
      models,
      conversions: whole.conversions,
      totals: {
        revenue: { minor: String(whole.revenue), currency },
        signups: whole.signups,
        trials: whole.trials,
        customers: whole.customers,
      },
      unattributed: {
        revenue: { minor: String(whole.unattributed.revenue), currency },
        signups: whole.unattributed.signups,
        customers: whole.unattributed.customers,
        conversions: whole.unattributed.conversions,
        share: whole.revenue > 0n ? Number(whole.unattributed.revenue) / Number(whole.revenue) : null,
      },
      explained: whole.revenue > 0n ? 1 - Number(whole.unattributed.revenue) / Number(whole.revenue) : null,
      rows: kept.map((row) => ({
        ...row,
        name: names.get(row.key)?.name ?? (row.key === WITHOUT ? withoutWords[asked.by] : 'Removed'),
        note: names.get(row.key)?.note ?? null,
      })),
      more: attributed.length - kept.length,
      otherCurrencies: await waitingOf(inside, view),
    };
  });
}

const withoutWords: Record<Grouping, string> = {
  channel: 'No channel',
  source: 'No source',
  campaign: 'No campaign',
  post: 'No post',
  hook: 'No hook',
  template: 'No template',
  kind: 'No kind of post',
  account: 'No account',
  affiliate: 'No affiliate',
  link: 'No tracked link',
};

/** The first day anything was credited, for the range `all`. */
export async function beganOf({ tx }: Inside, appId: string, range: string): Promise<string | null> {
  if (range !== 'all') return null;
  const row = await tx
    .selectFrom('creditDays')
    .select((eb) => eb.fn.min('day').as('day'))
    .where('appId', '=', appId)
    .where('dimension', '=', 'total')
    .executeTakeFirst();
  return row?.day ?? null;
}

type Row = Omit<z.input<typeof shownRow>, 'name' | 'note'>;

function rowsOf(sums: readonly Sum[], groupOf: (value: string) => string, models: readonly AnyModel[]): Row[] {
  const cells = new Map<string, Map<AnyModel, { minor: bigint; signups: number; trials: number; customers: number }>>();
  const conversions = new Map<string, number>();
  for (const model of models) {
    const own = sums.filter((sum) => sum.model === model);
    const money = roundTogether(own.map((sum) => sum.netMinor));
    for (const [index, sum] of own.entries()) {
      const key = groupOf(sum.value);
      const row = cells.get(key) ?? new Map();
      cells.set(key, row);
      const cell = row.get(model) ?? { minor: 0n, signups: 0, trials: 0, customers: 0 };
      cell.minor += money[index] ?? 0n;
      cell.signups += sum.signups;
      cell.trials += sum.trials;
      cell.customers += sum.customers;
      row.set(model, cell);
      if (model === 'linear') conversions.set(key, (conversions.get(key) ?? 0) + sum.conversions);
    }
  }
  return [...cells].map(([key, row]) => {
    const byModel = models.map((model) => {
      const cell = row.get(model) ?? { minor: 0n, signups: 0, trials: 0, customers: 0 };
      return {
        model,
        revenueMinor: String(cell.minor),
        signups: tidy(cell.signups),
        trials: tidy(cell.trials),
        customers: tidy(cell.customers),
      };
    });
    const minors = byModel.map((cell) => BigInt(cell.revenueMinor)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    const range = (name: 'signups' | 'customers') => ({
      low: Math.min(...byModel.map((cell) => cell[name])),
      high: Math.max(...byModel.map((cell) => cell[name])),
    });
    const count = conversions.get(key) ?? 0;
    return {
      key,
      conversions: count,
      enough: count >= FEW,
      byModel,
      revenue: { low: String(minors[0] ?? 0n), high: String(minors.at(-1) ?? 0n) },
      signups: range('signups'),
      customers: range('customers'),
    };
  });
}

function mostFirst(a: Row, b: Row): number {
  const [most, other] = [BigInt(a.revenue.high), BigInt(b.revenue.high)];
  if (most !== other) return most > other ? -1 : 1;
  return b.signups.high - a.signups.high || b.conversions - a.conversions || (a.key < b.key ? -1 : 1);
}

/** Every model sums to the same; the linear one is always there. */
function wholeOf(total: readonly Sum[]) {
  const own = total.filter((sum) => sum.model === 'linear');
  const money = roundTogether(own.map((sum) => sum.netMinor));
  const add = (rows: readonly Sum[], name: 'signups' | 'trials' | 'customers') =>
    tidy(rows.reduce((sum, row) => sum + row[name], 0));
  const none = own.filter((sum) => sum.value === UNATTRIBUTED);
  return {
    revenue: money.reduce((sum, minor) => sum + minor, 0n),
    signups: add(own, 'signups'),
    trials: add(own, 'trials'),
    customers: add(own, 'customers'),
    conversions: own.reduce((sum, row) => sum + row.conversions, 0),
    unattributed: {
      revenue: own.reduce((sum, row, index) => (row.value === UNATTRIBUTED ? sum + (money[index] ?? 0n) : sum), 0n),
      signups: add(none, 'signups'),
      customers: add(none, 'customers'),
      conversions: none.reduce((sum, row) => sum + row.conversions, 0),
    },
  };
}

/** Shares of one conversion sum to 1 up to the last decimals; six of them are shown. */
export function tidy(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

export const compareOperation = operation({
  summary:
    'Compare all attribution models side by side over a range: revenue, signups and customers by channel, post and so on.',
  route: 'GET /apps/{appId}/attribution',
  access: 'read',
  input: z.strictObject({ appId: id, ...rangeFields, by: z.enum(groupings).default('channel') }),
  output: shown,
  run: compareModels,
});
