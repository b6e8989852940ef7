/** What was done in a visit, in order: pages by their path, events by their name. `visits`: how many did just this. */
export type Sequence = { done: string[]; visits: number };

/** `what` null: the rest, which is not among the most frequent. `ended`: for how many it ended here. */
export type Node = { what: string | null; visits: number; ended: number };
export type Flow = {
  visits: number;
  /** One list a step; before an end they lead up to it, the last one being the end itself. */
  steps: Node[][];
  /** From a step to the one after; null = the rest. */
  links: { step: number; from: string | null; to: string | null; visits: number }[];
  /** The ways taken most often, as far as they are shown. */
  ways: { done: string[]; visits: number }[];
};

const WAYS = 10;

/**
 * The most frequent ways: from `start` (else from where each visit began), until `end` (else as far as there are steps).
 * With an end and no start the steps before the end are shown. The same thing twice in a row is one. Each step keeps the
 * `top` most frequent, the rest are one.
 */
export function flowOf(
  sequences: readonly Sequence[],
  { start, end, steps, top }: { start?: string | undefined; end?: string | undefined; steps: number; top: number },
): Flow {
  const cut = sequences.flatMap(({ done, visits }) => {
    const own = between(
      done.filter((what, index) => what !== done[index - 1]),
      start,
      end,
    );
    if (own === null) return [];
    return [{ own: end !== undefined && start === undefined ? own.slice(-steps) : own.slice(0, steps), visits }];
  });
  // Ways to an end are of different lengths and stand with their ends below one another.
  const offset = (length: number) => (end !== undefined && start === undefined ? steps - length : 0);
  const columns = Array.from({ length: steps }, (_, step) => {
    const times = new Map<string, number>();
    for (const { own, visits } of cut) {
      const what = own[step - offset(own.length)];
      if (what !== undefined) times.set(what, (times.get(what) ?? 0) + visits);
    }
    return new Set(
      ranked(times)
        .slice(0, top)
        .map(([what]) => what),
    );
  });
  const nodes = columns.map(() => new Map<string | null, Node>());
  const links = new Map<string, Flow['links'][number]>();
  for (const { own, visits } of cut)
    for (const [index, what] of own.entries()) {
      const step = index + offset(own.length);
      const shown = columns[step]?.has(what) ? what : null;
      const node = nodes[step]?.get(shown) ?? { what: shown, visits: 0, ended: 0 };
      node.visits += visits;
      nodes[step]?.set(shown, node);
      const next = own[index + 1];
      if (next === undefined) {
        node.ended += visits;
        continue;
      }
      const to = columns[step + 1]?.has(next) ? next : null;
      const key = JSON.stringify([step, shown, to]);
      const link = links.get(key) ?? { step, from: shown, to, visits: 0 };
      link.visits += visits;
      links.set(key, link);
    }
  const ways = new Map<string, number>();
  for (const { own, visits } of cut) ways.set(JSON.stringify(own), (ways.get(JSON.stringify(own)) ?? 0) + visits);
  return {
    visits: cut.reduce((sum, { visits }) => sum + visits, 0),
    steps: nodes.map((each) => [...each.values()].sort(mostFirst)),
    links: [...links.values()].sort((a, b) => a.step - b.step || b.visits - a.visits),
    ways: ranked(ways)
      .slice(0, WAYS)
      .map(([way, visits]) => ({ done: JSON.parse(way) as string[], visits })),
  };
}

/** The part from the first `start` to the first `end` after it, both included; null when a visit has none of it. */
function between(done: readonly string[], start: string | undefined, end: string | undefined): string[] | null {
  const from = start === undefined ? 0 : done.indexOf(start);
  if (from < 0 || done.length === 0) return null;
  const rest = done.slice(from);
  if (end === undefined) return rest;
  const until = rest.indexOf(end);
  return until < 0 ? null : rest.slice(0, until + 1);
}

function ranked(times: ReadonlyMap<string, number>): [string, number][] {
  return [...times].sort(([a, left], [b, right]) => right - left || (a < b ? -1 : 1));
}

/** The rest stands last, however much it is. */
function mostFirst(a: Node, b: Node): number {
  return Number(a.what === null) - Number(b.what === null) || b.visits - a.visits;
}
