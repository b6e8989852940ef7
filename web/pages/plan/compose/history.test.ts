import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BREATH, beginning, type History, redone, STEPS, stepped, undone } from './history.ts';

const times = <T>(count: number, how: (value: T) => T, value: T): T =>
  Array.from({ length: count }).reduce<T>((now) => how(now), value);

describe('taking back and doing again', () => {
  test('leads through every state there was, back and forth, up to a hundred', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 150 }), (values) => {
        const states = values.map((value, index) => ({ value, index }));
        const history = states.reduce<History<object>>((now, state, at) => stepped(now, state, at), beginning({}));
        const steps = Math.min(STEPS, states.length);
        let back = history;
        for (let step = 1; step <= steps; step += 1) {
          back = undone(back);
          expect(back.now).toEqual(states[states.length - 1 - step] ?? {});
        }
        expect(back.past).toHaveLength(0);
        expect(undone(back)).toBe(back);
        expect(times(steps, redone, back).now).toBe(states.at(-1));
        expect(redone(history)).toBe(history);
      }),
    );
  });

  test('typing on is one step, a pause or another field begins the next', () => {
    const typed = (history: History<string>, text: string, at: number, about = 'one') =>
      stepped(history, text, at, about);
    let history = typed(typed(typed(beginning(''), 'a', 0), 'ab', 300), 'abc', 600);
    expect(undone(history).now).toBe('');
    history = typed(history, 'abcd', 600 + BREATH);
    expect(undone(history).now).toBe('abc');
    history = typed(history, 'other', 700 + BREATH, 'two');
    expect(undone(history).now).toBe('abcd');
    expect(undone(stepped(history, 'moved', 701 + BREATH)).now).toBe('other');
  });

  test('a change after taking back forgets what came after', () => {
    const history = stepped(undone(stepped(stepped(beginning(1), 2, 0), 3, 1)), 4, 2);
    expect(redone(history).now).toBe(4);
    expect(undone(history).now).toBe(2);
    expect(undone(undone(history)).now).toBe(1);
  });

  test('typing on right after taking back is a new step', () => {
    const history = undone(stepped(stepped(beginning('a'), 'b', 0, 'one'), 'c', 5000, 'one'));
    expect(undone(stepped(history, 'bb', 5100, 'one')).now).toBe('b');
  });
});
