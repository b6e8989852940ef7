import { expect, test } from 'vitest';
import type { Post } from './draft.ts';
import { changesThePlan, nextOf } from './planned.ts';

const nine = new Date('2026-11-24T08:00:00Z');
const noon = new Date('2026-11-24T11:00:00Z');
const waiting = [
  { id: 'one', accountId: 'x', dueAt: nine },
  { id: 'two', accountId: 'bluesky', dueAt: nine },
];

test('a plan changes by another moment, one account more or one less, and not by opening it', () => {
  const changes = (accountIds: string[], at: Date) => changesThePlan({ accountIds, waiting, when: { at } });
  expect(changes(['bluesky', 'x'], new Date(nine))).toBe(false);
  expect(changes(['bluesky', 'x'], noon)).toBe(true);
  expect(changes(['x'], nine)).toBe(true);
  expect(changes(['x', 'bluesky', 'linkedin'], nine)).toBe(true);
  expect(changesThePlan({ accountIds: ['x', 'bluesky'], waiting, when: 'slot' })).toBe(true);
  const opened = { at: noon, keep: true };
  expect(changesThePlan({ accountIds: ['x', 'bluesky'], waiting, when: opened })).toBe(false);
  expect(changesThePlan({ accountIds: ['x', 'bluesky', 'linkedin'], waiting, when: opened })).toBe(true);
});

test('of a post that comes again the next time on each account counts', () => {
  const at = (id: string, account: string, dueAt: Date, state = 'scheduled') => ({
    id,
    account: { id: account },
    dueAt,
    state,
  });
  const publications = [
    at('later', 'x', noon),
    at('next', 'x', nine),
    at('other', 'bluesky', noon),
    at('out', 'linkedin', nine, 'published'),
  ];
  expect(nextOf({ publications } as unknown as Post).map(({ id }) => id)).toEqual(['next', 'other']);
  expect(nextOf(undefined)).toEqual([]);
});
