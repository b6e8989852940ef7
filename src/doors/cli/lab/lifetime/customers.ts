import { type Column, numberOf, recordsOf } from '#src/doors/cli/lab/csv.ts';
import { peek, wrongAt } from '#src/doors/cli/lab/source.ts';
import { type Bench, WrongUse } from '#src/doors/cli/lab/verb.ts';
import { type Purchase, type Summary, summarise } from '#src/measure/lifetime.ts';

/** A row of a customer summary; what the file does not have is null. */
export type Customer = Summary & { id: string; weight: number; money: number | null };

const columns = {
  id: { name: 'customer', also: ['id', 'customer_id', 'cust', 'client', 'user'], optional: true },
  frequency: { name: 'frequency', also: ['x', 'repeat', 'repeats', 'repeat_purchases'] },
  recency: { name: 'recency', also: ['t_x', 'tx', 'last'], optional: true },
  age: {
    name: 'T',
    also: ['age', 't_cal', 'n', 'opportunities', 'periods', 'n_cal', 'tenure', 'observed'],
    optional: true,
  },
  money: {
    name: 'monetary_value',
    also: ['money', 'monetary', 'value', 'spend', 'average', 'mean', 'zbar', 'm_x', 'amount'],
    optional: true,
  },
  weight: {
    name: 'count',
    also: ['weight', 'weights', 'customers', 'n_cust', 'n_custs', 'num', 'number'],
    optional: true,
  },
} satisfies { [name: string]: Column };
type Name = keyof typeof columns;

/**
 * Customers of a summary file, or of the purchases in it. `needs`: what the model cannot do without; `check` throws for
 * a customer who cannot be, and the line is added.
 */
export function customersOf(
  bench: Bench,
  needs: readonly ('recency' | 'age' | 'money')[],
  check: (customer: Customer) => void,
): Customer[] {
  const { beginning, source } = peek(bench.source);
  const given = typeof bench.options.columns === 'string' ? bench.options.columns.split(',') : undefined;
  const names = given?.map((each) => each.trim().toLowerCase()) ?? firstWords(beginning);
  const opened = { ...bench, source };
  return names.some((name) => purchaseColumns.date.includes(name))
    ? fromPurchases(opened, given === undefined ? undefined : names)
    : fromSummary(opened, needs, check, given === undefined ? undefined : names);
}

function fromSummary(
  { source, note }: Bench,
  needs: readonly Name[],
  check: (customer: Customer) => void,
  given: readonly string[] | undefined,
): Customer[] {
  const wanted = { ...columns } as { [name in Name]: Column };
  for (const name of needs) wanted[name] = { ...wanted[name], optional: false };
  const order = given?.map((each) => nameOf(columns, each));
  const isData = (cells: string[]) => cells.every((cell) => numberOf(cell) !== null);
  const customers: Customer[] = [];
  for (const record of recordsOf(source, wanted, { isData, told: note, ...(order ? { order } : {}) })) {
    const number = (name: Name, otherwise: number) => {
      if (!record.has(name)) return otherwise;
      const value = numberOf(record.get(name));
      if (value === null)
        throw wrongAt(source, record.line, `${columns[name].name} is a number, not "${record.get(name)}".`);
      return value;
    };
    const frequency = number('frequency', 0);
    const customer: Customer = {
      id: record.get('id') ?? String(customers.length + 1),
      frequency,
      recency: number('recency', 0),
      age: number('age', 0),
      // A customer without repeat purchases has no mean; files write 0 or nothing there.
      money: record.has('money') && frequency > 0 ? number('money', 0) : null,
      weight: number('weight', 1),
    };
    try {
      check(customer);
    } catch (error) {
      throw wrongAt(source, record.line, (error as Error).message);
    }
    customers.push(customer);
  }
  return customers;
}

const purchaseColumns = {
  customer: ['customer', 'customer_id', 'id', 'cust', 'user', 'client'],
  date: ['date', 'day', 'at', 'datetime', 'time', 'purchased_at', 'order_date'],
  amount: ['amount', 'value', 'monetary_value', 'spend', 'dollars', 'money', 'price'],
};

function fromPurchases({ source, options, note }: Bench, given: readonly string[] | undefined): Customer[] {
  const wanted = {
    customer: { name: 'customer', also: purchaseColumns.customer },
    date: { name: 'date', also: purchaseColumns.date },
    amount: { name: 'amount', also: purchaseColumns.amount, optional: true },
  } satisfies { [name: string]: Column };
  const order = given?.map((each) => nameOf(wanted, each));
  const purchases: Purchase[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const record of recordsOf(source, wanted, { isData: () => false, told: note, ...(order ? { order } : {}) })) {
    const day = dayOf(record.get('date') ?? '');
    if (day === null)
      throw wrongAt(source, record.line, `a date is written 1997-09-30 or 19970930, not "${record.get('date')}".`);
    const amount = record.has('amount') ? numberOf(record.get('amount')) : 0;
    if (amount === null) throw wrongAt(source, record.line, `amount is a number, not "${record.get('amount')}".`);
    purchases.push({ customer: record.get('customer') ?? '', day, amount });
    last = Math.max(last, day);
  }
  const until = typeof options.until === 'string' ? dayOf(options.until) : last;
  if (until === null) throw new WrongUse(`--until takes a date such as 1997-09-30, not "${options.until}".`);
  return summarise(purchases, { until, unitDays: unitDays(options.unit) }).map(({ customer, money, ...summary }) => ({
    ...summary,
    id: customer,
    weight: 1,
    money,
  }));
}

function nameOf<N extends string>(known: { [name in N]: Column }, text: string): N | null {
  if (text === '-' || text === '_' || text === '') return null;
  const names = Object.keys(known) as N[];
  const found = names.find((name) =>
    [name, known[name].name.toLowerCase(), ...(known[name].also ?? [])].includes(text),
  );
  if (found === undefined)
    throw new WrongUse(
      `--columns: "${text}" is none of ${names.map((name) => known[name].name).join(', ')}; write _ for a column that is not used.`,
    );
  return found;
}

/** The names in the first line, to see what kind of file it is. */
function firstWords(beginning: string): string[] {
  const line = beginning.replace(/^\uFEFF/, '').split('\n')[0] ?? '';
  return line.split(/[,;\t]/).map((each) => each.trim().replaceAll('"', '').toLowerCase());
}

/** Days since 1970-01-01. */
function dayOf(text: string): number | null {
  const match = /^(\d{4})-?(\d\d)-?(\d\d)(?:[T ].*)?$/.exec(text.trim());
  if (!match) return null;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const at = new Date(Date.UTC(year, month - 1, day));
  return at.getUTCMonth() === month - 1 && at.getUTCDate() === day ? at.getTime() / 86_400_000 : null;
}

function unitDays(unit: string | boolean | undefined): number {
  const named: { [unit: string]: number } = { day: 1, week: 7, month: 365.25 / 12, year: 365.25 };
  const days = unit === undefined ? 1 : (named[String(unit)] ?? Number(unit));
  if (!(days > 0) || days === Number.POSITIVE_INFINITY)
    throw new WrongUse(`--unit is day, week, month, or a number of days, not "${unit}".`);
  return days;
}
