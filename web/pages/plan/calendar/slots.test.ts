import { expect, test } from 'vitest';
import { slotAfter } from './slots.ts';

test('the queue’s next and previous times around a post', () => {
  const slots = new Map([
    [1, ['09:00', '15:00']],
    [4, ['09:00']],
  ]);
  const now = Date.parse('2026-11-20T00:00:00Z');
  const step = (from: string, by: 1 | -1) => slotAfter(slots, new Date(from), by, 'Europe/Berlin', now)?.toISOString();
  expect(step('2026-11-23T08:00:00Z', 1)).toBe('2026-11-23T14:00:00.000Z');
  expect(step('2026-11-23T14:00:00Z', 1)).toBe('2026-11-26T08:00:00.000Z');
  expect(step('2026-11-26T08:00:00Z', 1)).toBe('2026-11-30T08:00:00.000Z');
  expect(step('2026-11-26T08:00:00Z', -1)).toBe('2026-11-23T14:00:00.000Z');
  expect(step('2026-11-23T08:00:00Z', -1)).toBeUndefined();
  expect(slotAfter(new Map(), new Date('2026-11-23T08:00:00Z'), 1, 'UTC', now)).toBeUndefined();
});
