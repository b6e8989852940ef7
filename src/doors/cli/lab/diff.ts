import { table } from '#src/doors/cli/show.ts';
import { type Change, comparePages, follow, readShape, remember } from '#src/understand/difference.ts';
import { fileAt, textOf } from './source.ts';
import type { Verb } from './verb.ts';

export const diff: Verb = {
  summary: 'what a competitor changed between two readings of a page, noise left out',
  file: 'OLD.html',
  second: 'NEW.html',
  options: {
    later: {
      type: 'string',
      value: 'FILES',
      text: 'later readings, with commas: a change is then told when the next reading confirms it',
    },
  },
  example: `  fanfare lab diff pricing-monday.html pricing-tuesday.html
  fanfare lab diff monday.html tuesday.html --later wednesday.html

  Tells prices, plans, features and messages that changed, each with before and after. Dates, counters, tokens,
  banners, advertisements and markup are no changes.`,
  run({ source, second, options, width }) {
    const later = typeof options.later === 'string' ? options.later.split(',').filter(Boolean) : [];
    const read = (path: string) => textOf(fileAt(path.trim()));
    const [before, after] = [textOf(source), read(second ?? '')];
    const { changes, noise, unusable } =
      later.length === 0 ? comparePages(before, after) : followed([before, after, ...later.map(read)]);
    const lines = noise === 1 ? '1 line of noise' : `${noise} lines of noise`;
    const rows = changes.map(({ severity, kind, where, sentence }) => ({ severity, kind, where, change: sentence }));
    const count = changes.length === 1 ? '1 change' : `${changes.length} changes`;
    return {
      json: { changes: changes.map(shown), noise, unusable },
      text:
        unusable !== null
          ? `No change that matters: the pages cannot be compared. ${unusable}`
          : changes.length === 0
            ? `No change that matters (${lines} left out).`
            : `${count}, ${lines} left out.\n${table(rows, { now: new Date(), ...(width ? { width } : {}) })}`,
    };
  },
};

function followed(pages: readonly string[]): { changes: Change[]; noise: number; unusable: string | null } {
  const [first, ...others] = pages.map(readShape);
  let memory = remember(first ?? readShape(''));
  const changes: Change[] = [];
  let noise = 0;
  let unusable: string | null = null;
  for (const shape of others) {
    const step = follow(memory, shape);
    memory = step.memory;
    changes.push(...step.told);
    noise = Math.max(noise, step.comparison.noise);
    unusable = step.comparison.unusable;
  }
  return { changes, noise, unusable: changes.length === 0 ? unusable : null };
}

function shown({ from, to, ...change }: Change) {
  const priced = (offer: Change['from']) => {
    if (offer === null) return null;
    const { quote: _, ...rest } = offer;
    return rest;
  };
  return { ...change, from: priced(from), to: priced(to) };
}
