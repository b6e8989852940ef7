import { type Answer, type Bench, WrongUse } from '#src/doors/cli/lab/verb.ts';
import {
  bgBbAlive,
  bgBbExpected,
  bgBbFuture,
  fitBgBb,
  mustBeOpportunities,
  type Opportunities,
} from '#src/measure/lifetime.ts';
import { type Customer, customersOf } from './customers.ts';
import { horizonOf, timesOf } from './purchases.ts';
import { fitText, precise, sheet } from './show.ts';

/** BG/BB from frequency, recency and opportunities. */
export function bgBb(bench: Bench): Answer {
  const { options, width } = bench;
  const customers = customersOf(bench, ['recency', 'age'], (customer) => mustBeOpportunities(rowOf(customer)));
  const rows = customers.map(rowOf);
  const horizon = horizonOf(bench, customers);
  const times = timesOf(bench, [1, Math.ceil(horizon / 2), horizon]);
  if (![horizon, ...times].every(Number.isInteger))
    throw new WrongUse('Opportunities are whole: --horizon and --at take whole numbers.');
  const fit = fitBgBb(rows);
  if (!fit.enough) return { json: { model: 'bgbb', enough: false, reason: fit.reason }, text: fit.reason };
  const { parameters } = fit;
  const projections = times.map((opportunities) => ({ opportunities, taken: bgBbExpected(parameters, opportunities) }));
  const each = rows.map((row) => ({
    ...row,
    alive: bgBbAlive(parameters, row),
    taken: bgBbFuture(parameters, row, horizon),
  }));
  const future = {
    horizon,
    taken: each.reduce((sum, row) => sum + row.weight * row.taken, 0),
    alive: each.reduce((sum, row) => sum + row.weight * row.alive, 0),
  };
  const text = [
    fitText(fit, width),
    `Opportunities a new customer is expected to take:\n${sheet(projections, width)}`,
    `Of these customers ${precise(future.alive)} are active at the next opportunity; of the next ${horizon} they are expected to take ${precise(future.taken)}.`,
    ...(options.each ? [sheet(each, width)] : []),
  ];
  return {
    json: {
      model: 'bgbb',
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

function rowOf({ id, frequency, recency, age, weight }: Customer): Opportunities & { id: string; weight: number } {
  return { id, frequency, recency, opportunities: age, weight };
}
