import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Filter, filtersInAddress, filtersOf } from './filters.ts';
import { isSame, savedOf, settingsOf } from './pages/measure/analytics/settings.ts';
import { type RangeAsked, rangeInAddress, rangeOf, rangeWords } from './range.ts';

const days = fc
  .tuple(fc.integer({ min: 0, max: 9000 }), fc.integer({ min: 0, max: 400 }))
  .map(([first, more]) => [first, first + more].map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10)));
const range: fc.Arbitrary<RangeAsked> = fc
  .tuple(fc.constantFrom('today', '7d', '30d', 'all', 'custom'), fc.constantFrom('previous', 'year', 'none'), days)
  .map(([name, compare, [from, until]]) =>
    name === 'custom' ? { range: name, from, until, compare } : { range: name, compare },
  );
const filter: fc.Arbitrary<Filter> = fc.record({
  dimension: fc.constantFrom('path', 'country', 'source'),
  operator: fc.constantFrom('is', 'is_not', 'contains'),
  values: fc.array(fc.string(), { minLength: 1, maxLength: 3 }),
});

test('what the page is set to comes back from its address and from a saved view as it was', () => {
  fc.assert(
    fc.property(range, fc.array(filter, { maxLength: 3 }), (asked, filters) => {
      const address = JSON.parse(JSON.stringify({ ...rangeInAddress(asked), only: filtersInAddress(filters) }));
      expect(rangeOf(address)).toEqual(asked);
      expect(filtersOf(address.only)).toEqual(filters);
      const settings = { appId: 'one', ...asked, filters, measure: 'signups' as const };
      const saved = settingsOf(JSON.parse(JSON.stringify(savedOf(settings))));
      expect(saved && isSame(saved, settings)).toBe(true);
    }),
  );
});

test('what an address says wrongly counts as not said', () => {
  expect(rangeOf({ range: 'custom', from: '2026-11-09' })).toEqual({ range: '30d', compare: 'previous' });
  expect(rangeOf({ range: 'custom', from: '2026-11-09', until: '2026-11-01' })).toMatchObject({ range: '30d' });
  expect(rangeOf({ range: 'toString', compare: 'constructor' })).toEqual({ range: '30d', compare: 'previous' });
  expect(filtersOf([['country', 'is'], ['country', 'like', 'DE'], 'country', ['path', 'is', '/']])).toEqual([
    { dimension: 'path', operator: 'is', values: ['/'] },
  ]);
  expect(settingsOf({ filters: [] })).toBeUndefined();
});

test('a range and what it is compared with have words', () => {
  expect(rangeWords({ range: '90d', compare: 'previous' })).toEqual({
    label: '90 days',
    compareLabel: 'Previous 90 days',
  });
  expect(rangeWords({ range: 'custom', from: '2025-11-03', until: '2025-11-09', compare: 'year' })).toEqual({
    label: '3 Nov 2025 to 9 Nov 2025',
    compareLabel: 'Same days a year before',
  });
  expect(rangeWords({ range: 'all', compare: 'previous' }).compareLabel).toBeNull();
});
