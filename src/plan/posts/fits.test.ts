import { expect, test } from 'vitest';
import { type Fitting, misfits } from './fits.ts';
import type { Words } from './problems.ts';

const platform: Fitting = {
  id: 'pond',
  name: 'Pond',
  measureText: (text) => ({ length: [...text].length, valid: !text.includes('\u0007') }),
  limits: {
    length: 20,
    lengthWithLongPosts: 100,
    urlLength: null,
    threads: true,
    firstReply: false,
    media: {
      images: 2,
      gifs: 1,
      videos: 1,
      mixed: false,
      imageBytes: 1000,
      imageTypes: ['image/png'],
      gifBytes: 1000,
      videoBytes: 2_000_000,
      videoTypes: ['video/mp4'],
      videoMilliseconds: [500, 140_000],
    },
    altTextLength: 10,
    poll: { options: 2, optionLength: 5, minutes: [5, 1440] },
    replySettings: ['following'],
    community: { label: 'Pond', required: true },
    title: { length: 10, required: true },
  },
};
const part = (text: string, more: Partial<Words['parts'][number]> = {}) => ({
  position: 0,
  text,
  media: [],
  poll: null,
  ...more,
});
const words = (more: Partial<Words> = {}): Words => ({
  platform: 'pond',
  longPost: false,
  title: 'A title',
  firstReply: null,
  replySettings: null,
  community: 'frogs',
  parts: [part('Hello')],
  ...more,
});
const picture = { kind: 'image', mediaType: 'image/webp', bytes: 90_000, milliseconds: null, altText: 'A frog' };
const video = { kind: 'video', mediaType: 'video/mp4', bytes: 1_000_000, milliseconds: 60_000, altText: 'A frog' };
const found = (wanted: Words, longPosts = false) =>
  misfits(platform, wanted, { final: (text) => text.replace('{{link}}', 'https://a.dev/xxx'), longPosts }).map(
    (problem) => `${problem.severity} ${problem.kind}`,
  );
const withPart = (text: string, more: Partial<Words['parts'][number]>) => found(words({ parts: [part(text, more)] }));

test('what fits has no problems, pictures of any size and format among it', () => {
  expect(found(words())).toEqual([]);
  expect(withPart('Hello', { media: [picture, picture] })).toEqual([]);
  expect(withPart('', { media: [picture] })).toEqual([]);
  expect(withPart('Hello', { media: [video] })).toEqual([]);
});

test('texts are counted as they go out, longer where the account may', () => {
  expect(withPart('Look: {{link}}', {})).toEqual(['stops too_long']);
  expect(found(words({ parts: [part('word '.repeat(15))] }), true)).toEqual([]);
  expect(withPart('Ring\u0007', {})).toEqual(['stops not_publishable']);
  expect(withPart('  ', {})).toEqual(['stops empty']);
});

test('each limit of media is its own sentence', () => {
  expect(withPart('Hello', { media: [picture, picture, picture] })).toEqual(['stops too_many_media']);
  expect(withPart('Hello', { media: [picture, video] })).toEqual(['stops too_many_media']);
  expect(withPart('Hello', { media: [{ ...video, mediaType: 'video/quicktime' }] })).toEqual(['stops media_type']);
  expect(withPart('Hello', { media: [{ ...video, bytes: 3_000_000 }] })).toEqual(['stops media_size']);
  expect(withPart('Hello', { media: [{ ...video, milliseconds: 200_000 }] })).toEqual(['stops media_length']);
  expect(withPart('Hello', { media: [{ ...picture, altText: 'A frog on a leaf' }] })).toEqual([
    'stops alt_text_too_long',
  ]);
  expect(withPart('Hello', { media: [{ ...picture, altText: null }] })).toEqual(['warns no_alt_text']);
});

test('polls, replies, communities and titles have their limits too', () => {
  const poll = (options: string[], minutes = 60) => ({ poll: { options, minutes } });
  expect(withPart('Which?', poll(['Yes', 'No']))).toEqual([]);
  expect(withPart('Which?', poll(['Yes', 'No', 'Maybe']))).toEqual(['stops poll']);
  expect(withPart('Which?', poll(['Certainly', 'No']))).toEqual(['stops poll']);
  expect(withPart('Which?', poll(['Yes', 'No'], 10_080))).toEqual(['stops poll']);
  expect(withPart('Which?', { ...poll(['Yes', 'No']), media: [picture] })).toEqual(['stops poll']);
  expect(found(words({ replySettings: 'verified' }))).toEqual(['stops reply_settings']);
  expect(found(words({ replySettings: 'everyone' }))).toEqual([]);
  expect(found(words({ community: null }))).toEqual(['stops community']);
  expect(found(words({ title: 'A title that is too long' }))).toEqual(['stops title']);
  expect(found(words({ firstReply: 'And one more' }))).toEqual(['stops no_first_reply']);
  const bare = { ...platform, limits: { ...platform.limits, media: null, poll: null, threads: false } };
  const both = words({
    parts: [part('Hello', { media: [picture] }), part('Which?', { position: 1, ...poll(['a', 'b']) })],
  });
  expect(misfits(bare, both, { final: (text) => text, longPosts: false }).map((one) => one.kind)).toEqual([
    'no_threads',
    'too_many_media',
    'poll',
  ]);
});
