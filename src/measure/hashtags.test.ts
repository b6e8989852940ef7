import { expect, test } from 'vitest';
import { judgeTags, type TaggedPost } from '#src/measure/hashtags.ts';
import { type Chance, seeded } from '#src/measure/random.ts';

/** Posts as accounts have them: impressions scatter by a factor of two or three. */
function posts(random: Chance, count: number, effect: number, tags = ['buildinpublic']): TaggedPost[] {
  return Array.from({ length: count }, (_, at) => {
    const worn = tags.filter(() => random.uniform() < 0.5);
    const log = (at % 2 ? 6 : 4) + 0.8 * random.normal() + (worn.includes('buildinpublic') ? Math.log(effect) : 0);
    return {
      id: `post-${at}`,
      platform: 'x',
      accountId: at % 2 ? 'large' : 'small',
      impressions: Math.round(Math.exp(log)),
      tags: worn,
    };
  });
}

test('below the floor nothing is said of a tag, and what is missing is', () => {
  const [tag] = judgeTags(posts(seeded(1), 24, 5));
  expect(tag).toMatchObject({ verdict: 'not enough data', ratio: null, p: null });
  expect(tag?.reason).toContain('24 of 30 in all');
});

test('a tag that does nothing is suggested in at most one case of twenty, whichever of five', () => {
  const random = seeded(7);
  const five = ['buildinpublic', 'indiehackers', 'saas', 'startup', 'webdev'];
  let wrong = 0;
  for (let run = 0; run < 300; run++)
    if (judgeTags(posts(random, 60, 1, five)).some(({ verdict }) => verdict === 'helps' || verdict === 'hurts'))
      wrong++;
  expect(wrong / 300).toBeLessThanOrEqual(0.05);
});

test('a tag that doubles what is seen is found, and its effect is not told larger than it is', () => {
  const random = seeded(3);
  const found = Array.from({ length: 100 }, () => judgeTags(posts(random, 120, 2))[0]!);
  expect(found.filter(({ verdict }) => verdict === 'helps').length).toBeGreaterThan(85);
  const ratios = found.map(({ ratio }) => ratio ?? 0).sort((a, b) => a - b);
  expect(ratios[50]).toBeGreaterThan(1.5);
  expect(ratios[50]).toBeLessThan(2.1);
});
