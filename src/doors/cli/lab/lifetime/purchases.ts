import { type Answer, type Bench, numberFlag, WrongUse } from '#src/doors/cli/lab/verb.ts';
import {
  bgNbdAlive,
  bgNbdExpected,
  bgNbdFuture,
  customerValue,
  fitBgNbd,
  fitGammaGamma,
  gammaGammaMean,
  mustBeSpend,
  mustBeSummary,
  type Spend,
} from '#src/measure/lifetime.ts';
import { type Customer, customersOf } from './customers.ts';
import { fitText, precise, sheet } from './show.ts';

/** BG/NBD from frequency, recency and age. */
export function bgNbd(bench: Bench): Answer {
  const { options, width } = bench;
  const customers = customersOf(bench, ['recency', 'age'], mustBeSummary);
  const horizon = horizonOf(bench, customers);
  const fit = fitBgNbd(customers);
  if (!fit.enough) return { json: { model: 'bgnbd', enough: false, reason: fit.reason }, text: fit.reason };
  const { parameters } = fit;
  const projections = timesOf(bench, [horizon / 4, horizon / 2, horizon, 2 * horizon]).map((time) => ({
    time,
    purchases: bgNbdExpected(parameters, time),
  }));
  const known = customers.map((customer) => ({
    id: customer.id,
    frequency: customer.frequency,
    recency: customer.recency,
    age: customer.age,
    alive: bgNbdAlive(parameters, customer),
    purchases: bgNbdFuture(parameters, customer, horizon),
    weight: customer.weight,
  }));
  const future = {
    horizon,
    purchases: known.reduce((sum, each) => sum + each.weight * each.purchases, 0),
    alive: known.reduce((sum, each) => sum + each.weight * each.alive, 0),
  };
  const each = known.map(({ weight, ...customer }) => (weight === 1 ? customer : { ...customer, weight }));
  const text = [
    fitText(fit, width),
    `Repeat purchases expected of a new customer:\n${sheet(projections, width)}`,
    `Of these customers ${precise(future.alive)} are still active; within the next ${horizon} they are expected to buy ${precise(future.purchases)} times.`,
    ...(options.each ? [sheet(each, width)] : []),
  ];
  return {
    json: {
      model: 'bgnbd',
      enough: true,
      customers: fit.customers,
      parameters,
      standardErrors: fit.standardErrors,
      logLikelihood: fit.logLikelihood,
      projections,
      future,
      ...(options.each ? { each } : {}),
    },
    text: text.join('\n\n'),
  };
}

/** Gamma-gamma from frequency and mean spend; with recency and age also the value of what is still to come. */
export function gammaGamma(bench: Bench): Answer {
  const { options, width } = bench;
  const customers = customersOf(bench, ['money'], (customer) => {
    mustBeSpend({ frequency: customer.frequency, money: customer.money ?? 1 });
    if (customer.age > 0) mustBeSummary(customer);
  });
  const bought = customers.flatMap((each) => (spendOf(each) === null ? [] : [spendOf(each)!]));
  const fit = fitGammaGamma(bought);
  if (!fit.enough) return { json: { model: 'gamma-gamma', enough: false, reason: fit.reason }, text: fit.reason };
  const { parameters } = fit;
  const mean = gammaGammaMean(parameters);
  const purchases = customers.some(({ age }) => age > 0) ? fitBgNbd(customers) : null;
  const horizon = purchases === null ? null : horizonOf(bench, customers);
  const discount = numberFlag(options, 'discount', { from: 0 }) ?? 0;
  const worthOf = (customer: Customer) =>
    purchases?.enough && horizon !== null
      ? customerValue(
          purchases.parameters,
          parameters,
          { ...customer, money: spendOf(customer)?.money ?? null },
          { horizon, discount },
        )
      : null;
  const values = customers.map(worthOf);
  const value =
    purchases?.enough && values.every((each) => each !== null)
      ? {
          horizon,
          discount,
          purchaseParameters: purchases.parameters,
          total: values.reduce((sum: number, each, i) => sum + customers[i]!.weight * (each ?? 0), 0),
        }
      : null;
  const each = customers.map((customer, i) => ({
    id: customer.id,
    frequency: customer.frequency,
    money: customer.money,
    mean: gammaGammaMean(parameters, spendOf(customer) ?? undefined),
    ...(value === null ? {} : { value: values[i] }),
  }));
  const text = [
    fitText(fit, width),
    mean === null
      ? 'The mean spend of a new customer has no finite value (q is not above 1).'
      : `Mean spend expected of a new customer: ${precise(mean)}`,
    ...(value === null
      ? []
      : [`Expected to be spent within the next ${horizon}, discounted by ${discount}: ${precise(value.total)}`]),
    ...(options.each ? [sheet(each, width)] : []),
  ];
  return {
    json: {
      model: 'gamma-gamma',
      enough: true,
      customers: fit.customers,
      leftOut: customers.length - bought.length,
      parameters,
      standardErrors: fit.standardErrors,
      logLikelihood: fit.logLikelihood,
      mean,
      value,
      ...(options.each ? { each } : {}),
    },
    text: text.join('\n\n'),
  };
}

/** Purchases of nothing tell nothing about what is spent: such customers are left out, and counted. */
function spendOf({ frequency, money, weight }: Customer): Spend | null {
  return frequency > 0 && money !== null && money > 0 ? { frequency, money, weight } : null;
}

/** As said, else as long as the oldest customer has been observed. */
export function horizonOf({ options }: Bench, customers: readonly { age: number }[]): number {
  const oldest = customers.reduce((most, { age }) => Math.max(most, age), 0);
  return numberFlag(options, 'horizon', { above: 0 }) ?? Math.max(1, Math.ceil(oldest));
}

export function timesOf({ options }: Bench, usual: readonly number[]): number[] {
  if (typeof options.at !== 'string') return [...usual];
  return options.at.split(',').map((each) => {
    const time = Number(each);
    if (each.trim() === '' || !(time >= 0) || !Number.isFinite(time))
      throw new WrongUse(`--at takes times such as 1,4,52, not "${options.at}".`);
    return time;
  });
}
