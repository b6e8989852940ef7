import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Grant, OutgoingMedia } from '#src/outside/platform.ts';
import { type FakeX, startFakeX } from '#test/fakes/x/index.ts';
import { outgoing } from '#test/outgoing.ts';
import { x } from './index.ts';

let fake: FakeX;
let grant: Grant;

beforeEach(async () => {
  fake = await startFakeX();
  grant = { ...fake.connect('maker'), apiUrl: fake.url };
});

afterEach(async () => {
  expect(fake.contractProblems).toEqual([]);
  await fake.close();
});

const PIECE = 2 * 1024 * 1024;
const calm = async () => {};

function file(of: Partial<OutgoingMedia> & { size?: number } = {}): OutgoingMedia & { content: Uint8Array } {
  const { size = 1_000, ...about } = of;
  const content = new Uint8Array(size).map((_, at) => (at * 31 + (at >> 8)) % 256);
  return {
    kind: 'image',
    mediaType: 'image/png',
    bytes: size,
    width: 800,
    height: 600,
    milliseconds: null,
    altText: null,
    publicUrl: null,
    uploadedId: null,
    read: async (from = 0, to = size) => content.slice(from, to),
    content,
    ...about,
  };
}

const video = (of: Parameters<typeof file>[0] = {}) =>
  file({ kind: 'video', mediaType: 'video/mp4', milliseconds: 30_000, ...of });

async function uploaded(media: OutgoingMedia) {
  const outcome = await x.upload(grant, media, calm);
  if (!outcome.ok) throw new Error(outcome.failure.reason);
  return { ...media, uploadedId: outcome.value.mediaId };
}

async function failureOf(media: OutgoingMedia) {
  const outcome = await x.upload(grant, media, calm);
  if (outcome.ok) throw new Error('it went well');
  return outcome.failure;
}

describe('uploading', () => {
  it('gives a picture with its description, and shows it in a post', async () => {
    const picture = file({ altText: 'A dark settings page' });
    let steps = 0;
    const outcome = await x.upload(grant, picture, async () => {
      steps += 1;
    });
    expect(outcome).toMatchObject({
      ok: true,
      value: { ready: true, expiresAt: expect.any(Date) },
      cost: { item: 'x.media_metadata', micros: 5_000 },
    });
    if (!outcome.ok) return;
    expect(Math.abs((outcome.value.expiresAt?.getTime() ?? 0) - Date.now() - 86_400_000)).toBeLessThan(10_000);
    expect(fake.calls.map((call) => call.replace(/\d{10,}/, ':id'))).toEqual([
      'POST /2/media/upload/initialize 200',
      'POST /2/media/upload/:id/append 200',
      'POST /2/media/upload/:id/finalize 200',
      'POST /2/media/metadata 200',
    ]);
    expect(steps).toBe(3);
    expect(fake.media()).toMatchObject([
      { category: 'tweet_image', type: 'image/png', altText: 'A dark settings page' },
    ]);
    expect(fake.ledger()).toMatchObject([{ item: 'media_metadata', micros: 5_000 }]);

    const text = 'Dark mode → https://fanfare.dev/dark';
    const published = await x.publish(
      grant,
      outgoing({ text, media: [{ ...picture, uploadedId: outcome.value.mediaId }] }),
    );
    expect(published.ok).toBe(true);
    expect(fake.posts()).toMatchObject([{ text, mediaIds: [outcome.value.mediaId] }]);
    const own = await x.ownPosts(grant, new Date(Date.now() - 60_000));
    expect(own.ok && own.value.map((post) => post.text)).toEqual([text]);
  });

  it.each([1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 5])(
    'sends %i bytes in pieces, each of them unharmed',
    async (size) => {
      const clip = video({ size });
      expect((await x.upload(grant, clip, calm)).ok).toBe(true);
      const expected = Array.from({ length: Math.ceil(size / PIECE) }, (_, index) => {
        const bytes = clip.content.slice(index * PIECE, (index + 1) * PIECE);
        return { index, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
      });
      expect(fake.media()[0]?.pieces).toEqual(expected);
    },
  );

  it('takes four pictures, a GIF or a video; a post may be all picture', async () => {
    const four = await Promise.all([1, 2, 3, 4].map((n) => uploaded(file({ size: n }))));
    expect((await x.publish(grant, outgoing({ text: '', media: four }))).ok).toBe(true);
    const gif = await uploaded(file({ kind: 'gif', mediaType: 'image/gif', altText: 'A button turning' }));
    expect((await x.publish(grant, outgoing({ text: 'Look', media: [gif] }))).ok).toBe(true);
    const clip = await uploaded(video({ altText: 'Not for videos' }));
    expect((await x.publish(grant, outgoing({ text: 'See', media: [clip] }))).ok).toBe(true);
    expect(fake.media().map((one) => [one.category, one.altText])).toEqual([
      ...Array.from({ length: 4 }, () => ['tweet_image', null]),
      ['tweet_gif', 'A button turning'],
      ['tweet_video', null],
    ]);
  });

  it('waits for the conversion of a video', async () => {
    fake.convertMedia(5_000);
    const outcome = await x.upload(grant, video(), calm);
    expect(outcome).toMatchObject({ ok: true, value: { ready: false } });
    if (!outcome.ok) return;
    const { mediaId } = outcome.value;
    expect(await x.uploadState(grant, mediaId)).toMatchObject({ ok: true, value: { mediaId, ready: false } });
    const early = await x.publish(grant, outgoing({ text: 'See', media: [{ ...video(), uploadedId: mediaId }] }));
    expect(early).toMatchObject({ ok: false, failure: { kind: 'refused', code: 'media_gone' } });
    fake.advance(5_000);
    expect(await x.uploadState(grant, mediaId)).toMatchObject({ ok: true, value: { mediaId, ready: true } });
  });

  it.each(['new', 'old'] as const)('says why X could not convert a video, in the %s form', async (vocabulary) => {
    fake.speak(vocabulary);
    fake.convertMedia(1_000, 'Unsupported audio codec');
    const { uploadedId } = await uploaded(video());
    fake.advance(1_000);
    expect(await x.uploadState(grant, uploadedId)).toMatchObject({
      ok: false,
      failure: {
        kind: 'refused',
        code: 'media_failed',
        reason: expect.stringContaining('could not convert this file: Unsupported audio codec'),
      },
    });
    fake.convertMedia(0, 'Unsupported audio codec');
    expect(await failureOf(video())).toMatchObject({ kind: 'refused', code: 'media_failed' });
  });

  it('knows a file that X has forgotten', async () => {
    const old = await uploaded(file());
    fake.advance(86_400_000);
    grant = { ...fake.connect('maker'), apiUrl: fake.url };
    expect(await x.uploadState(grant, old.uploadedId)).toMatchObject({
      failure: { kind: 'refused', code: 'media_gone' },
    });
    expect(await x.publish(grant, outgoing({ text: 'Look', media: [old] }))).toMatchObject({
      failure: { kind: 'refused', code: 'media_gone' },
    });
    expect(fake.posts()).toEqual([]);
  });
});

describe('when an upload does not work', () => {
  it('stops where the work is not ours any more', async () => {
    const lost = async () => {
      throw new Error('another worker has it');
    };
    await expect(x.upload(grant, file(), lost)).rejects.toThrow('another worker has it');
    expect(fake.calls).toEqual(['POST /2/media/upload/initialize 200']);
  });

  it('tries later whatever is unclear, since nobody saw it', async () => {
    for (const trouble of [
      () => fake.failBefore(1, 503, 'upload'),
      () => fake.failAfter(1, 500, 'upload'),
      () => fake.loseAnswers(1, 'upload'),
      () => fake.rateLimit(1, 60, 'upload'),
    ]) {
      trouble();
      expect(await failureOf(file())).toMatchObject({ kind: 'later' });
    }
    fake.usageCap(true);
    expect(await failureOf(file())).toMatchObject({ kind: 'later', code: 'usage_capped' });
    fake.usageCap(false);
    fake.advance(7_200_001);
    expect(await failureOf(file())).toMatchObject({ kind: 'reconnect', code: 'unauthorized' });
    expect(fake.calls.filter((call) => call.includes('append'))).toEqual([]);
  });

  it('charges for a description that may have been taken', async () => {
    const described = file({ altText: 'A chart' });
    let steps = 0;
    const outcome = await x.upload(grant, described, async () => {
      steps += 1;
      if (steps === 3) fake.loseAnswers(1, 'upload');
    });
    expect(outcome).toMatchObject({ ok: false, failure: { kind: 'later' }, cost: { micros: 5_000 } });
    expect(fake.ledger()).toMatchObject([{ item: 'media_metadata' }]);
  });

  it.each([
    ['5 MB', file({ bytes: 5_000_001 })],
    ['15 MB', file({ kind: 'gif', mediaType: 'image/gif', bytes: 15_000_001 })],
    ['512 MB', video({ bytes: 512_000_001 })],
    ['1280 × 1080', file({ kind: 'gif', mediaType: 'image/gif', width: 1281 })],
    ['140 seconds', video({ milliseconds: 140_001 })],
    ['0.5 to', video({ milliseconds: 499 })],
    ['3 times', video({ width: 301, height: 100 })],
    ['image/tiff', file({ mediaType: 'image/tiff' })],
    ['video/webm', video({ mediaType: 'video/webm' })],
    ['1000 characters', file({ altText: 'x'.repeat(1_001) })],
  ])('says before the call that something is out of bounds: %s', async (words, media) => {
    expect(await failureOf(media)).toMatchObject({
      kind: 'refused',
      code: 'media_unfit',
      reason: expect.stringContaining(words),
    });
    expect(fake.calls).toEqual([]);
  });
});
