import { table } from '#src/doors/cli/show.ts';
import type { CreditModel } from '#src/measure/credit.ts';
import {
  type ChannelCredit,
  creditPaths,
  looksDirect,
  type MarkovCredit,
  markov,
  type Path,
  shapley,
} from '#src/measure/paths.ts';
import { type Column, numberOf, recordsOf } from './csv.ts';
import { type Source, wrongAt } from './source.ts';
import { choice, numberFlag, type Verb, WrongUse } from './verb.ts';

/** As they are typed; the product's own names of the rules stand beside. */
const rules = {
  first: 'first',
  last: 'last',
  last_non_direct: 'last_non_direct',
  linear: 'linear',
  decay: 'time_decay',
  position: 'position',
} as const satisfies Record<string, CreditModel>;
const models = ['first', 'last', 'last_non_direct', 'linear', 'decay', 'position', 'markov', 'shapley'] as const;

export const attribution: Verb = {
  summary: 'credit per channel from customer journeys',
  file: 'FILE.csv',
  options: {
    model: { type: 'string', value: 'name', text: models.join(' | ') },
    order: { type: 'string', value: '1|2|3', text: 'markov: how many channels a state remembers (1)' },
    'half-life': { type: 'string', value: 'steps', text: 'decay: after so many steps back a touch weighs half (7)' },
    direct: {
      type: 'string',
      value: 'channel',
      text: 'last_non_direct: which channel is a direct visit ("direct", "(none)")',
    },
    separator: { type: 'string', value: 'text', text: 'between the channels of a path (>)' },
  },
  example: `  path,conversions,value,nulls
  "C1 > C2 > C3",1,10,0
  "C1",0,0,1
  "C2 > C3",0,0,1

  fanfare lab attribution paths.csv --model markov --order 1`,
  run({ source, options, json, width, note }) {
    const model = choice(options, 'model', models);
    if (model === undefined) throw new WrongUse(`--model is needed: ${models.join(', ')}.`);
    const order = numberFlag(options, 'order', { from: 1, whole: true }) ?? 1;
    if (order !== 1 && order !== 2 && order !== 3) throw new WrongUse('--order is 1, 2 or 3.');
    if (options.order !== undefined && model !== 'markov') throw new WrongUse('--order belongs to --model markov.');
    const halfLife = numberFlag(options, 'half-life', { above: 0 }) ?? 7;
    const { direct } = options;
    const isDirect = typeof direct === 'string' ? (channel: string) => channel === direct : looksDirect;
    const totals = { paths: 0, conversions: 0, value: 0, nulls: 0 };
    const paths = pathsOf(source, String(options.separator ?? '>'), totals, note);
    const { credits, ...more } = credit(model, paths, { order, halfLife, isDirect });
    const answer = {
      model,
      ...(model === 'markov' ? { order } : {}),
      ...(model === 'decay' ? { halfLife } : {}),
      totals,
      ...more,
      channels: credits,
    };
    return { json: answer, text: json ? '' : textOf(answer, width) };
  },
};

type Totals = { paths: number; conversions: number; value: number; nulls: number };

function credit(
  model: (typeof models)[number],
  paths: Iterable<Path>,
  { order, halfLife, isDirect }: { order: 1 | 2 | 3; halfLife: number; isDirect(channel: string): boolean },
): { credits: (ChannelCredit | MarkovCredit)[]; probability?: number } {
  if (model === 'markov') return markov(paths, order);
  if (model === 'shapley') return { credits: shapley(paths) };
  return { credits: creditPaths(rules[model], paths, { halfLife, isDirect }) };
}

const columns = {
  path: { name: 'path', also: ['journey', 'channels', 'touchpoints', 'var_path'] },
  conversions: {
    name: 'conversions',
    also: ['total_conversions', 'conversion', 'conv', 'total_conv', 'converted', 'var_conv'],
  },
  value: {
    name: 'value',
    also: ['total_conversion_value', 'conversion_value', 'total_value', 'revenue', 'conv_value', 'var_value'],
    optional: true,
  },
  nulls: {
    name: 'nulls',
    also: ['total_null', 'total_nulls', 'null', 'losses', 'lost', 'non_conversions', 'var_null'],
    optional: true,
  },
} satisfies Record<string, Column>;

function* pathsOf(source: Source, separator: string, totals: Totals, note: (text: string) => void): Generator<Path> {
  if (separator === '') throw new WrongUse('--separator cannot be empty.');
  const records = recordsOf(source, columns, { isData: (cells) => numberOf(cells[1]) !== null, told: note });
  for (const record of records) {
    const amount = (name: 'conversions' | 'value' | 'nulls') => {
      if (!record.has(name)) return 0;
      const value = numberOf(record.get(name));
      if (value === null || value < 0) {
        throw wrongAt(source, record.line, `${columns[name].name} is a number from zero, not "${record.get(name)}".`);
      }
      return value;
    };
    const text = record.get('path') ?? '';
    if (text.trim() === '') throw wrongAt(source, record.line, 'the path is empty.');
    const channels = text.split(separator).map((channel) => channel.trim());
    if (channels.includes('')) throw wrongAt(source, record.line, `a channel without a name in "${text}".`);
    const path = { channels, conversions: amount('conversions'), value: amount('value'), losses: amount('nulls') };
    totals.paths += 1;
    totals.conversions += path.conversions;
    totals.value += path.value;
    totals.nulls += path.losses;
    yield path;
  }
}

function textOf(
  {
    channels,
    totals,
    probability,
    model,
  }: { channels: (ChannelCredit | MarkovCredit)[]; totals: Totals; probability?: number; model: string },
  width: number | undefined,
): string {
  const head = `${totals.paths} paths, ${totals.conversions} conversions worth ${round(totals.value)}, ${totals.nulls} without one. Model: ${model}.`;
  const rows = [...channels].sort((a, b) => b.conversions - a.conversions).map((each) => ({ ...each }));
  const chance = probability === undefined ? '' : `\nChance to convert from the start: ${round(probability)}`;
  return `${head}${chance}\n\n${table(rows, { now: new Date(), ...(width ? { width } : {}) })}`;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
