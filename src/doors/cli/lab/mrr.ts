import { table } from '#src/doors/cli/show.ts';
import { documentOf, isFields } from './json.ts';
import { bookOf, isBook } from './mrr/book.ts';
import { historyOf } from './mrr/history.ts';
import { stepsOf } from './mrr/steps.ts';
import { choice, type Verb } from './verb.ts';

export const mrr: Verb = {
  summary: 'monthly recurring revenue and its movements from subscription events',
  file: 'FILE.json',
  options: {
    grain: {
      type: 'string',
      value: 'grain',
      text: 'month | day: within which ups and downs of a customer net out (month)',
    },
    currency: { type: 'string', value: 'code', text: 'for its number of decimals (that of the file, or USD)' },
  },
  example: `  {"events": [
    {"customer": "ada", "subscription": "s1", "at": "2026-01-05", "quantity": 4, "amount": 500, "interval": "year"},
    {"customer": "ada", "subscription": "s1", "at": "2026-03-01", "quantity": 5},
    {"customer": "ada", "subscription": "s1", "at": "2026-06-01", "status": "canceled"}
  ]}

  fanfare lab mrr events.json

  An event tells what a subscription is like from then on; what it does not say stays as it was. "amount" is the price
  of one unit per "interval" (day, week, month, year; "intervalCount"), in whole currency units. "status": active,
  trialing, past_due, paused, unpaid, canceled. "discount": {"percent": 20} or {"amount": 5}, with "until"; null ends
  it. "trialEnd", "endedAt", "pausedAt": dates, also to come. "segment": totals also by it.
  Also: a list of {"n": 100, "amount": 600, "interval": "year"}, and {"plans": …, "steps": [{"event": "adds 2 silver
  monthly"}]}.`,
  run({ source, options, width }) {
    const document = documentOf(source);
    const { value } = document;
    const grain = choice(options, 'grain', ['month', 'day']) ?? 'month';
    const named = isFields(value) && typeof value.currency === 'string' ? value.currency : undefined;
    const currency = (typeof options.currency === 'string' ? options.currency : named)?.toUpperCase() ?? null;
    const answerOf = (each: unknown, at: readonly (string | number)[]) => {
      if (isBook(each)) return bookOf(document, each, at, currency);
      if (isFields(each) && Array.isArray(each.input)) return bookOf(document, each.input, [...at, 'input'], currency);
      if (isFields(each) && Array.isArray(each.steps)) return stepsOf(document, each, at, currency);
      return historyOf(document, each, at, { currency, grain });
    };
    if (!isFields(value) || !Array.isArray(value.cases))
      return { json: answerOf(value, []), text: textOf(answerOf(value, []), width) };
    const cases = value.cases.map((each: unknown, index) => {
      const id = isFields(each) ? each.id : undefined;
      return { ...(id === undefined ? {} : { id }), ...answerOf(each, ['cases', index]) };
    });
    return {
      json: { cases },
      text: cases.map((each) => `${'id' in each ? `${String(each.id)}\n` : ''}${textOf(each, width)}`).join('\n\n'),
    };
  },
};

/** Lists as tables, single figures in a line. */
function textOf(answer: { [name: string]: unknown }, width: number | undefined): string {
  const page = { now: new Date(), ...(width ? { width } : {}) };
  const figures = Object.entries(answer).filter(
    ([name, value]) => name !== 'id' && (typeof value === 'number' || typeof value === 'string'),
  );
  const tables = Object.entries(answer).filter(([, value]) => Array.isArray(value) && value.length > 0);
  return [
    ...tables.map(([name, rows]) => `${name}\n${table(rows as { [name: string]: unknown }[], page)}`),
    figures.map(([name, value]) => `${name} ${String(value)}`).join(', '),
  ].join('\n\n');
}
