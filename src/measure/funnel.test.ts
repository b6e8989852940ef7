import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { published } from '#test/published.ts';
import { type FunnelMode, reachedByStep, windowFunnel } from './funnel.ts';

type Event = { at: number; name: string };
const named = (name: string) => (event: Event) => event.name === name;

const text = published('funnel/window_funnel.json');

describe.skipIf(text === null)('the published cases of windowFunnel (skipped where shared/data is absent)', () => {
  type Case = [set: string, window: number, mode: string, steps: string[], expected: number];
  const data: { sets: Record<string, [number, string][]>; cases: Case[] } = JSON.parse(text ?? '{"cases":[]}');

  test.each(data.cases)('%s within %i, %s, %j reaches %i', (set, window, mode, steps, expected) => {
    const events = (data.sets[set] ?? []).map(([at, name]) => ({ at, name }));
    expect(windowFunnel(events, steps.map(named), window, mode as FunnelMode).depth).toBe(expected);
  });
});

test('a step out of turn ends a strict funnel', () => {
  const events = ['a', 'c', 'b'].map((name, at) => ({ at, name }));
  expect(windowFunnel(events, ['a', 'b', 'c'].map(named), 9, 'strict_order').depth).toBe(1);
  expect(windowFunnel(events, ['a', 'b', 'c'].map(named), 9).depth).toBe(2);
});

const inSeconds = (names: string) => [...names].map((name, at) => ({ at, name }));
const depth = (names: string, steps: string, ...modes: FunnelMode[]) =>
  windowFunnel(inSeconds(names), [...steps].map(named), 100, modes).depth;

test('the strict modes, as the documentation of windowFunnel describes them', () => {
  expect(depth('abdc', 'abc', 'strict_order')).toBe(2);
  expect(depth('adbc', 'abc', 'strict_order')).toBe(1);
  expect(depth('xabc', 'abc', 'strict_order')).toBe(3);
  expect(depth('aabbcc', 'abc', 'strict_order')).toBe(3);
  expect(depth('cabc', 'abc', 'strict_order')).toBe(3);
  expect(depth('acb', 'abc', 'strict_order', 'allow_reentry')).toBe(2);
  expect(depth('abcbd', 'abcd', 'strict_deduplication')).toBe(3);
  expect(depth('aabc', 'abc', 'strict_deduplication')).toBe(3);
  expect(depth('aabbcc', 'abc', 'strict_deduplication', 'strict_order')).toBe(2);
  expect(depth('bvbp', 'bvbp', 'strict_order')).toBe(4);
  expect(depth('bvp', 'bvbp', 'strict_order', 'allow_reentry')).toBe(2);
  expect(depth('aaa', 'aaa', 'strict_deduplication')).toBe(3);
});

test('a strict increase is found though a later start hides it', () => {
  const events = [
    { at: 0, name: 'a' },
    { at: 1, name: 'a' },
    { at: 1, name: 'b' },
  ];
  expect(windowFunnel(events, ['a', 'b'].map(named), 9, 'strict_increase')).toEqual({ depth: 2, times: [0, 1] });
});

test('tells when each step was, from the start that led there', () => {
  const events = [
    { at: 1, name: 'visit' },
    { at: 50, name: 'visit' },
    { at: 55, name: 'signup' },
    { at: 58, name: 'pay' },
  ];
  expect(windowFunnel(events, ['visit', 'signup', 'pay'].map(named), 10)).toEqual({ depth: 3, times: [50, 55, 58] });
});

test('one event is one step, whatever it matches', () => {
  const any = () => true;
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (instants) => {
      const events = instants.map((at) => ({ at }));
      expect(windowFunnel(events, [any, any, any], 100).depth).toBe(Math.min(3, instants.length));
    }),
  );
});

test('agrees with trying every chain', () => {
  const events = fc.array(
    fc.record({ at: fc.integer({ min: 0, max: 12 }), name: fc.constantFrom('a', 'b', 'c', 'x') }),
    {
      maxLength: 9,
    },
  );
  const chain = (sorted: Event[], steps: string[], window: number, from: number, start: number | null): number =>
    steps.length === 0
      ? 0
      : Math.max(
          0,
          ...sorted.flatMap((event, index) =>
            index >= from && event.name === steps[0] && (start === null || event.at <= start + window)
              ? [1 + chain(sorted, steps.slice(1), window, index + 1, start ?? event.at)]
              : [],
          ),
        );
  fc.assert(
    fc.property(events, fc.integer({ min: 0, max: 10 }), (list, window) => {
      const sorted = [...list].sort((a, b) => a.at - b.at);
      const expected = chain(sorted, ['a', 'b', 'c'], window, 0, null);
      expect(windowFunnel(list, ['a', 'b', 'c'].map(named), window).depth).toBe(expected);
    }),
  );
});

test('counts who reached each step', () => {
  expect(reachedByStep([0, 1, 3, 2, 3], 3)).toEqual([4, 3, 2]);
});
