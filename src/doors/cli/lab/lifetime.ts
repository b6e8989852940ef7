import { fitting, models } from './lifetime/fitting.ts';
import { choice, type Verb, WrongUse } from './verb.ts';

export const lifetime: Verb = {
  summary: 'how long customers stay, how often they buy, what they spend',
  file: 'FILE',
  options: {
    model: { type: 'string', value: 'name', text: models.join(' | ') },
    fit: {
      type: 'string',
      value: 'periods',
      text: 'sbg: use the first so many periods only; later ones are shown beside the projection',
    },
    customers: { type: 'string', value: 'number', text: 'sbg: how many customers 100 % stands for (1000)' },
    horizon: { type: 'string', value: 'time', text: 'how far to project, in the unit of the file' },
    discount: { type: 'string', value: 'rate', text: 'per period: sbg 0.1, else 0' },
    at: {
      type: 'string',
      value: 'times',
      text: 'bgnbd, bgbb: expected purchases of a new customer within these times, such as 1,4,52',
    },
    each: { type: 'boolean', text: 'also every customer of the file' },
    until: { type: 'string', value: 'date', text: 'purchases: the last day that counts (the last in the file)' },
    unit: { type: 'string', value: 'unit', text: 'purchases: day | week | month, or a number of days (day)' },
    columns: {
      type: 'string',
      value: 'names',
      text: 'the columns in their order, for a file without header; _ for one not used',
    },
  },
  example: `  period,survivors          frequency,recency,T,monetary_value
  0,100                     2,30.43,38.86,22.35
  1,86.9                    0,0,38.86,0

  fanfare lab lifetime survivors.csv --model sbg --horizon 12
  fanfare lab lifetime customers.csv --model bgnbd --horizon 39
  fanfare lab lifetime purchases.txt --model bgnbd --columns _,customer,date,_,amount --until 1997-09-30 --unit week

  sbg: survivors per period from the first on, as counts, percentages or shares: one per line, a CSV, or a JSON list.
  bgnbd: frequency (repeat purchases), recency, T; or single purchases with customer and date.
  gamma-gamma: frequency, monetary_value; with recency and T also the value of what customers will still buy.
  bgbb: frequency, recency, n (opportunities), and optionally count.`,
  run(bench) {
    const model = choice(bench.options, 'model', models);
    if (model === undefined) throw new WrongUse(`--model is needed: ${models.join(', ')}.`);
    return fitting[model](bench);
  },
};
