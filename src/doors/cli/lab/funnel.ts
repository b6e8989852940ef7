import { table } from '#src/doors/cli/show.ts';
import { type FunnelMode, funnelModes, reachedByStep, windowFunnel } from '#src/measure/funnel.ts';
import { type Document, documentOf, type Fields, isFields, type Path } from './json.ts';
import type { Verb } from './verb.ts';

export const funnel: Verb = {
  summary: 'how far visitors come through ordered steps within a window',
  file: 'FILE.json',
  options: {},
  example: `  {"steps": ["visit", "signup", "pay"], "window": 3600, "mode": "default",
   "events": [[0, "visit"], [60, "signup"], [90, "pay"]]}

  fanfare lab funnel funnel.json

  Events are [time, name], or [time, name, visitor], or objects with "time", "name" and "visitor"; "window" is in the
  unit of the times. With visitors the answer says how many reached each step. Several at once: a list of such
  objects, or {"sets": {"A": [events]}, "cases": [["A", window, mode, steps]]}.
  Modes: ${funnelModes.join(', ')}; several as a list or joined by commas.`,
  run({ source, width }) {
    const document = documentOf(source);
    const { value } = document;
    const results = Array.isArray(value)
      ? value.map((each, index) => one(document, each, [index]))
      : isFields(value) && Array.isArray(value.cases)
        ? value.cases.map((each, index) => caseOf(document, value, each, ['cases', index]))
        : null;
    const single = results === null ? one(document, value, []) : null;
    const json = single ?? { cases: results };
    const page = { now: new Date(), ...(width ? { width } : {}) };
    const rows = single === null ? (results ?? []) : [single];
    const text = rows.map((each) =>
      'depth' in each
        ? `${each.set === undefined ? '' : `${each.set}: `}depth ${each.depth}`
        : `${each.visitors} visitors\n${table(
            each.steps.map((step, i) => ({ step, reached: each.reached[i] })),
            page,
          )}`,
    );
    return { json, text: text.join('\n') };
  },
};

type Event = { at: number; name: string; visitor: string | null };
type Result = { set?: string; mode: string } & (
  | { depth: number; times: number[] }
  | { visitors: number; steps: string[]; reached: number[]; depths: { [visitor: string]: number } }
);

function one(document: Document, value: unknown, at: Path): Result {
  if (!isFields(value)) throw document.wrong(at, 'an object with "events", "steps" and "window" is expected.');
  const events = eventsOf(document, value.events, [...at, 'events']);
  return reach(
    events,
    stepsOf(document, value.steps, [...at, 'steps']),
    windowOf(document, value.window, [...at, 'window']),
    modesOf(document, value.mode ?? value.modes, [...at, 'mode']),
  );
}

/** ["A", window, mode, steps, …] of the sets in the file, or an object with "set". */
function caseOf(document: Document, file: Fields, value: unknown, at: Path): Result {
  if (isFields(value) && value.set === undefined) return one(document, value, at);
  const [set, window, mode, steps] = Array.isArray(value)
    ? value
    : isFields(value)
      ? [value.set, value.window, value.mode ?? value.modes, value.steps]
      : [];
  if (!isFields(file.sets) || typeof set !== 'string' || file.sets[set] === undefined) {
    throw document.wrong(at, `there is no set ${JSON.stringify(set) ?? ''}.`);
  }
  const inCase = (place: number, name: string): Path => [...at, Array.isArray(value) ? place : name];
  const events = eventsOf(document, file.sets[set], ['sets', set]);
  const result = reach(
    events,
    stepsOf(document, steps, inCase(3, 'steps')),
    windowOf(document, window, inCase(1, 'window')),
    modesOf(document, mode, inCase(2, 'mode')),
  );
  return { set, ...result };
}

function reach(events: Event[], steps: string[], window: number, modes: FunnelMode[]): Result {
  const matching = steps.map((step) => (event: Event) => event.name === step);
  const mode = modes.join(',');
  if (events.every(({ visitor }) => visitor === null))
    return { mode, ...windowFunnel(events, matching, window, modes) };
  const byVisitor = Map.groupBy(events, ({ visitor }) => visitor ?? '');
  const depths = [...byVisitor].map(
    ([visitor, own]) => [visitor, windowFunnel(own, matching, window, modes).depth] as const,
  );
  return {
    mode,
    visitors: byVisitor.size,
    steps,
    reached: reachedByStep(
      depths.map(([, depth]) => depth),
      steps.length,
    ),
    depths: Object.fromEntries(depths),
  };
}

function eventsOf(document: Document, value: unknown, at: Path): Event[] {
  if (!Array.isArray(value)) throw document.wrong(at, 'a list of events is expected.');
  return value.map((each: unknown, index) => {
    const [time, name, visitor] = Array.isArray(each)
      ? each
      : isFields(each)
        ? [each.time ?? each.at ?? each.timestamp, each.name ?? each.event, each.visitor ?? each.user]
        : [];
    if (typeof time !== 'number' || !Number.isFinite(time))
      throw document.wrong([...at, index], 'an event needs a time, as a number.');
    if (typeof name !== 'string' && typeof name !== 'number')
      throw document.wrong([...at, index], 'an event needs a name.');
    return {
      at: time,
      name: String(name),
      visitor: visitor === undefined || visitor === null ? null : String(visitor),
    };
  });
}

function stepsOf(document: Document, value: unknown, at: Path): string[] {
  if (
    !Array.isArray(value) ||
    value.length === 0 ||
    value.some((each) => typeof each !== 'string' && typeof each !== 'number')
  ) {
    throw document.wrong(at, 'steps are a list of at least one name.');
  }
  return value.map(String);
}

function windowOf(document: Document, value: unknown, at: Path): number {
  if (typeof value !== 'number' || !(value >= 0)) throw document.wrong(at, 'a window is a number from zero.');
  return value;
}

function modesOf(document: Document, value: unknown, at: Path): FunnelMode[] {
  const names = Array.isArray(value) ? value.map(String) : String(value ?? 'default').split(/[\s,|+]+/);
  return names.map((name) => {
    const mode = funnelModes.find((each) => each === name);
    if (mode === undefined) throw document.wrong(at, `a mode is one of ${funnelModes.join(', ')}, not "${name}".`);
    return mode;
  });
}
