import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bestTimes, hourName, type TimedPost } from './best-time.ts';
import { type Chance, seeded } from './random.ts';

type Draw = (chance: Chance) => number;

const engagements: Record<string, Draw> = {
  lognormal: (chance) => Math.exp(3 + chance.normal()),
  'Poisson of 4': (chance) => {
    let count = -1;
    for (let left = 1; left > Math.exp(-4); count++) left *= chance.uniform();
    return count;
  },
  'a tail without a mean': (chance) => (1 - chance.uniform()) ** (-1 / 0.8),
  'mostly zero': (chance) => (chance.uniform() < 0.7 ? 0 : Math.floor(Math.exp(1 + 1.5 * chance.normal()))),
  'yes or no': (chance) => (chance.uniform() < 0.1 ? 1 : 0),
};
const weeks: Record<string, Draw> = {
  'any hour': (chance) => chance.below(168),
  'four in five posts in five hours': (chance) =>
    chance.uniform() < 0.8 ? 9 + 24 * chance.below(5) : chance.below(168),
  'two hours': (chance) => 40 * chance.below(2),
  'office hours': (chance) => 24 * chance.below(5) + 8 + chance.below(10),
};

function draw(
  count: number,
  seed: number,
  week: Draw,
  engagement: (chance: Chance, hour: number) => number,
): TimedPost[] {
  const chance = seeded(seed);
  return Array.from({ length: count }, () => {
    const hour = week(chance);
    return { hour, engagement: engagement(chance, hour) };
  });
}

describe('where no time is better, one is named in at most 5 % of runs', () => {
  const worlds = Object.entries(engagements).flatMap(([engagement, of]) =>
    Object.entries(weeks).map(([week, at]) => ({ engagement, of, week, at })),
  );
  test.each(worlds)('$engagement, $week', ({ of, at }) => {
    const runs = 100;
    let named = 0;
    for (let run = 0; run < runs; run++) {
      const posts = draw(run % 2 === 0 ? 40 : 120, 1000 + run, at, of);
      if (bestTimes(posts, { seed: run }).verdict === 'best') named++;
    }
    expect(named / runs).toBeLessThanOrEqual(0.05);
  });

  test('the same post counted several times is no agreement', () => {
    const runs = 100;
    let named = 0;
    for (let run = 0; run < runs; run++) {
      const posts = draw(80, run, weeks['any hour']!, engagements.lognormal!);
      if (bestTimes([...posts, ...posts, ...posts, ...posts], { seed: run }).verdict === 'best') named++;
    }
    expect(named / runs).toBeLessThanOrEqual(0.05);
  });
});

describe('where a time is better, it is found', () => {
  const found = (count: number, effect: (hour: number) => number, isGood: (hour: number) => boolean) => {
    let hits = 0;
    for (let run = 0; run < 25; run++) {
      const posts = draw(
        count,
        77 + run,
        weeks['office hours']!,
        (chance, hour) => Math.exp(3 + 0.8 * chance.normal()) * effect(hour),
      );
      const result = bestTimes(posts);
      if (result.verdict === 'best' && result.slots.some(({ hour }) => isGood(hour))) hits++;
    }
    return hits / 25;
  };

  test('an hour of the day, by 400 posts', () => {
    const isNine = (hour: number) => hour % 24 === 9;
    expect(found(400, (hour) => (isNine(hour) ? 2 : 1), isNine)).toBeGreaterThan(0.7);
  });

  test('a rise over the evening', () => {
    const rise = (hour: number) => 1 + 1.5 * Math.exp(-(((hour % 24) - 16) ** 2) / 8);
    expect(found(200, rise, (hour) => rise(hour) > 1.9)).toBeGreaterThan(0.9);
  });

  test('one hour of the week, by 1,000 posts', () => {
    expect(
      found(
        1000,
        (hour) => (hour === 33 ? 3 : 1),
        (hour) => hour === 33,
      ),
    ).toBeGreaterThan(0.9);
  });
});

test('below 30 posts it is silent, and where there is nothing to compare', () => {
  const posts = draw(29, 1, weeks['any hour']!, engagements.lognormal!);
  expect(bestTimes(posts)).toEqual({
    verdict: 'not enough data',
    posts: 29,
    reason: 'Not enough data: 29 of the 30 posts needed so far.',
  });
  expect(bestTimes([])).toMatchObject({ verdict: 'not enough data', posts: 0 });
  const one = Array.from({ length: 50 }, (_, index) => ({ hour: 9, engagement: index }));
  expect(bestTimes(one)).toMatchObject({ verdict: 'not enough data', reason: expect.stringContaining('same hour') });
  const same = Array.from({ length: 50 }, (_, hour) => ({ hour, engagement: 3 }));
  expect(bestTimes(same)).toMatchObject({
    verdict: 'not enough data',
    reason: expect.stringContaining('same engagement'),
  });
});

test('one post gone viral does not make a time', () => {
  const posts = draw(60, 5, weeks['any hour']!, engagements.lognormal!);
  expect(bestTimes([...posts, { hour: 70, engagement: 1e9 }]).verdict).toBe('none');
});

test('an hour with few posts is drawn nearer to 1 than one with many', () => {
  const posts = [
    ...Array.from({ length: 60 }, (_, i) => ({ hour: 33, engagement: 40 + (i % 20) })),
    ...Array.from({ length: 2 }, (_, i) => ({ hour: 81, engagement: 45 + i })),
    ...Array.from({ length: 200 }, (_, i) => ({ hour: (i * 7) % 24, engagement: 8 + (i % 9) })),
  ];
  const result = bestTimes(posts);
  if (result.verdict !== 'best') throw new Error('A time stands out.');
  expect(result.slots[0]?.hour).toBe(33);
  const few = result.all.find(({ hour }) => hour === 81)!;
  expect(few.posts).toBe(2);
  expect(few.interval.high - few.interval.low).toBeGreaterThan(
    result.slots[0]!.interval.high - result.slots[0]!.interval.low,
  );
});

test('same posts, same answer, whatever their order and unit; hours outside the week are refused', () => {
  const posts = draw(
    120,
    9,
    weeks['office hours']!,
    (chance, hour) => Math.exp(chance.normal()) * (hour === 33 ? 9 : 1),
  );
  expect(bestTimes(posts.toReversed())).toEqual(bestTimes(posts));
  const thousandfold = bestTimes(posts.map(({ hour, engagement }) => ({ hour, engagement: engagement * 1024 })));
  expect(thousandfold.verdict).toBe(bestTimes(posts).verdict);
  for (const hour of [-1, 168, 1.5]) expect(() => bestTimes([{ hour, engagement: 1 }])).toThrow(RangeError);
  expect(() => bestTimes([{ hour: 1, engagement: -1 }])).toThrow(RangeError);
  expect([0, 33, 167].map(hourName)).toEqual(['Monday 00:00', 'Tuesday 09:00', 'Sunday 23:00']);
});

test('any posts are an answer', () => {
  const post = fc.record({
    hour: fc.integer({ min: 0, max: 167 }),
    engagement: fc.double({ min: 0, max: 1e300, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(post, { maxLength: 60 }), (posts) => {
      const result = bestTimes(posts);
      if (result.verdict === 'best') expect(result.slots.length).toBeGreaterThan(0);
    }),
    { numRuns: 50 },
  );
});
