import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';
import { soundsUnlike } from './compare.ts';
import { measureVoice, type Sample } from './measure.ts';
import { ownWords } from './own-words.ts';
import { readable, readingEase, sentencesOf, syllablesOf } from './text.ts';

const ID = '00000000-0000-4000-8000-000000000000';
const sample = (text: string, index = 0): Sample => ({
  id: ID,
  kind: 'post',
  title: `Post ${index}`,
  url: null,
  text,
});
/** Forty posts of a dry writer who says “I”, contracts, and wrote one emoji and one exclamation mark. */
const dry = Array.from({ length: 40 }, (_, index) =>
  sample(
    `I shipped webhook replay number ${index}. It's ${index + 3} lines of code. I don't know if anyone needs it${index === 7 ? ' 🙂' : ''}${index === 9 ? '!' : '.'}`,
    index,
  ),
);

describe('a text taken apart', () => {
  test('sentences and words keep their places', () => {
    const text = 'It costs 3.50 a month. See https://outpost.dev/a.b?c now.\n\nReally? “Yes.”';
    const clean = readable(text);
    expect(clean).toHaveLength(text.length);
    for (const { text: sentence, startsAt } of sentencesOf(clean))
      expect(clean.slice(startsAt, startsAt + sentence.length)).toBe(sentence);
    expect(sentencesOf(clean).map(({ text: sentence }) => sentence.replace(/\s+/g, ' '))).toEqual([
      'It costs 3.50 a month.',
      'See now.',
      'Really?',
      '“Yes.”',
    ]);
  });

  test('reading ease by Flesch: short words are easier than long ones', () => {
    expect([syllablesOf('cat'), syllablesOf('webhook'), syllablesOf('replayed'), syllablesOf('organisation')]).toEqual([
      1, 2, 2, 5,
    ]);
    // 6 words, 1 sentence, 6 syllables: 206.835 − 1.015 × 6 − 84.6 × 1.
    expect(readingEase('The cat sat on the mat.')).toBeCloseTo(116.145, 3);
    expect(readingEase('The cat sat.')).toBeGreaterThan(readingEase('Organisational prioritisation necessitates it.')!);
    expect(readingEase('…')).toBeNull();
  });

  test('every place that is named stands in the text, whatever it is', () => {
    const learnt = measureVoice('post', dry);
    const odd = fc.array(
      fc.constantFrom('We ', '🎉', '!', ' do not', '; ', '#tag', 'I think', ' — ', 'NEVER', '\n', '…'),
    );
    fc.assert(
      fc.property(odd, fc.string({ unit: 'grapheme' }), (pieces, tail) => {
        const text = pieces.join('') + tail;
        for (const one of soundsUnlike(text, learnt)) expect(text.slice(one.startsAt, one.endsAt)).toBe(one.text);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a voice learnt from posts', () => {
  const learnt = measureVoice('post', dry);
  const trait = (id: string) => learnt.traits.find((one) => one.id === id)!;

  test('each trait has its n, its number and the lines it rests on', () => {
    expect(trait('emoji')).toMatchObject({ of: 'texts', n: 40, count: 1, value: 1 / 40, enough: true });
    expect(trait('emoji').examples).toMatchObject([{ from: 'Post 7', text: expect.stringContaining('🙂') }]);
    expect(trait('exclamations')).toMatchObject({ of: 'sentences', n: 120, count: 1 });
    expect(trait('person')).toMatchObject({ n: 80, count: 80, value: 1 });
    expect(trait('contractions')).toMatchObject({ n: 80, value: 1 });
    expect(trait('sentence_words').distribution.reduce((sum, { count }) => sum + count, 0)).toBe(120);
    expect(trait('openings')).toMatchObject({ value: 1, distribution: [{ label: '“I”', count: 40 }] });
    expect(trait('words').distribution.map(({ label }) => label)).toEqual(
      expect.arrayContaining(['webhook', 'replay']),
    );
  });

  test('a text is held against them, with their numbers as the reason', () => {
    const found = soundsUnlike('We shipped it 🎉! It is done; I do not know.', learnt);
    expect(found.map(({ text, trait: by }) => [text, by])).toEqual([
      ['We', 'person'],
      ['🎉', 'emoji'],
      ['!', 'exclamations'],
      ['It is', 'contractions'],
      [';', 'semicolons'],
      ['do not', 'contractions'],
    ]);
    expect(found[1]?.reason).toBe('You use an emoji in 3% of your 40 posts.');
    expect(found[2]?.reason).toBe('You use an exclamation mark in 1% of your 120 sentences in posts.');
    expect(found[4]?.reason).toBe('You use a semicolon in none of your 40 posts.');
    expect(soundsUnlike('I shipped it. It’s done.', learnt)).toEqual([]);
    expect(soundsUnlike('Did it ship in the US?', learnt).map(({ text, reason }) => [text, reason])).toEqual([
      ['?', 'You ask a question in none of your 120 sentences in posts.'],
    ]);
    for (const nothing of ['', ' \n', 'Shipped', '#', '1']) expect(soundsUnlike(nothing, learnt)).toEqual([]);
  });

  test('below the floor there is no number and nothing is held against it', () => {
    const few = measureVoice('post', dry.slice(0, 9));
    expect(few.traits.find((one) => one.id === 'emoji')).toMatchObject({ enough: false, value: null, n: 9, need: 10 });
    expect(few.traits.find((one) => one.id === 'words')).toMatchObject({ enough: false, distribution: [] });
    expect(soundsUnlike('WE DID IT!!! 🎉🎉🎉', few)).toEqual([]);
    // Twelve posts are enough to say how many, and too few for a rate.
    const twelve = measureVoice('post', dry.slice(0, 12));
    expect(soundsUnlike('🎉', twelve)[0]?.reason).toBe('You use an emoji in 1 of your 12 posts.');
  });

  test('words of one’s own are those that everyday English uses less', () => {
    const texts = Array.from(
      { length: 12 },
      () => 'The tunnel is up and the tunnel stays up for you and for the team.',
    );
    expect(ownWords(texts).map(({ word }) => word)[0]).toBe('tunnel');
    expect(ownWords(texts).map(({ word }) => word)).not.toContain('the');
    expect(ownWords(texts.slice(0, 2))).toEqual([]);
  });
});

describe('at the door', () => {
  let world: TestWorld;
  let maya: Person;
  let appId: string;
  const write = async (text: string, approve: boolean) => {
    const { id } = await maya.call.posts.create({
      appId,
      title: text.slice(0, 60),
      variants: [{ platform: 'sandbox', parts: [{ text }] }],
    });
    if (approve) await maya.call.posts.approve({ postId: id, evenIfSimilar: true });
    return id;
  };
  beforeAll(async () => {
    world = await openTestWorld();
    maya = await world.join();
    appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
  });
  afterAll(() => world.close());

  test('a new house knows no voice, and says how much is missing', async () => {
    const { posts, from } = await maya.call.voice.show({ appId });
    expect(from).toBeNull();
    expect(posts.traits[0]).toMatchObject({ says: null, missing: { what: 'sentences', have: 0, need: 30 } });
    expect(await maya.call.voice.check({ appId, text: 'Wow!!!' })).toMatchObject({ problems: [], rules: 0, traits: 0 });
  });

  test('what one let out is learnt from, a rule of one’s own goes first, and the composer warns', async () => {
    for (const { text } of dry.slice(0, 12)) await write(text, true);
    const { posts, from } = await maya.call.voice.show({ appId });
    expect(from).toBe('post');
    expect(posts).toMatchObject({ texts: 12, sentences: 36 });
    expect(posts.traits.find(({ id }) => id === 'emoji')?.says).toMatch(/^At least one in 1 of 12 posts \(8%\)/);
    const { id: factId } = await maya.call.knowledge.add({
      appId,
      kind: 'dont_say',
      statement: 'Do not say “unlock”.',
    });
    const text = 'Unlock it: we ship 🎉';
    const { problems, rules } = await maya.call.voice.check({ appId, text });
    expect(rules).toBe(1);
    expect(problems).toMatchObject([
      { text: 'Unlock', startsAt: 0, endsAt: 6, reason: 'Do not say “unlock”.', factId, trait: null },
      { text: 'we', trait: 'person', reason: expect.stringMatching(/^You say “I” 24 times and “we” 0/) },
      { text: '🎉', startsAt: 19, endsAt: 21, trait: 'emoji', factId: null },
    ]);
    expect(await maya.call.voice.check({ appId, text: 'Shipped' })).toMatchObject({ found: 0, enough: false });
    expect(await maya.call.voice.check({ appId, text: 'I shipped it on Monday.' })).toMatchObject({ enough: true });
    const long = await maya.call.voice.check({ appId, text: 'We did. '.repeat(5_000) });
    expect([long.problems.length, long.found]).toEqual([200, 5_000]);
    const draft = await maya.call.posts.get({ postId: await write(text, false) });
    expect(draft.problems.filter(({ kind }) => kind === 'voice')).toMatchObject([
      { severity: 'warns', part: 0, message: '“Unlock” does not sound like you. Do not say “unlock”.' },
      { message: expect.stringContaining('“we” does not sound like you.') },
      { message: expect.stringContaining('You use an emoji in 1 of your 12 posts.') },
    ]);
  });

  test('another workspace learns nothing from it', async () => {
    const rival = await world.join('Rival');
    await expect(rival.call.voice.show({ appId })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await transaction(rival.context, async ({ tx }) => {
      expect(await tx.selectFrom('posts').select('id').execute()).toEqual([]);
    });
  });
});
