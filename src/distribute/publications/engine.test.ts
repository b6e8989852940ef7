import { randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, expect, test } from 'vitest';
import { transaction } from '#src/context.ts';
import { addPart, publishDue, publishReply } from '#src/distribute/publications.ts';
import type { Failure } from '#src/outside/platform.ts';
import { addAsset } from '#src/understand/assets.ts';
import { openPretend } from '#test/fakes/pretend.ts';
import { aVideo } from '#test/video.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

/** Everything a part can carry, on a platform that does what it is told. */
let world: TestWorld;
let maya: Person;
let accountId: string;
let appId: string;
let pretend: ReturnType<typeof openPretend>;

async function open(settings: Parameters<typeof openPretend>[0] = {}) {
  pretend = openPretend(settings);
  world = await openTestWorld({ overrides: { platforms: new Map([['pretend', pretend.platform]]) } });
  maya = await world.join();
  accountId = (await maya.call.accounts.connectWithKeys({ platform: 'pretend', keys: { key: 'abc' } })).id;
  appId = (await maya.call.apps.register({ url: 'outpost.dev' })).id;
}
afterEach(() => world.close());

type Part = {
  text: string;
  media?: { assetId: string; altText?: string }[];
  poll?: { minutes: number; options: string[] };
};
type More = { firstReply?: string; community?: string; replySettings?: 'following' | 'mentioned'; title?: string };

async function draft(parts: Part[], more: More = {}) {
  const { id } = await maya.call.posts.create({
    appId,
    title: 'A title',
    linkUrl: 'https://outpost.dev/launch',
    variants: [{ platform: 'pretend', parts, longPost: true, ...more }],
  });
  return id;
}

async function publish(parts: Part[], more: More = {}) {
  const postId = await draft(parts, more);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
  await publishDue(world.world);
  return { postId, publicationId: publications[0]?.publicationId ?? '' };
}

const receipt = (publicationId: string) => maya.call.publications.get({ publicationId });

/** Goes on in time until nothing waits, as the loop would. */
async function settle(publicationId: string) {
  for (let n = 0; n < 60; n += 1) {
    const { state, lookAt } = await receipt(publicationId);
    if (state !== 'scheduled' && state !== 'publishing') return state;
    world.clock.set(new Date(Math.max(world.clock.now().getTime() + 1000, lookAt?.getTime() ?? 0)));
    await publishDue(world.world);
  }
  return (await receipt(publicationId)).state;
}

async function asset(bytes: Buffer, altText: string | null = null) {
  const path = join(world.data, randomUUID());
  await writeFile(path, bytes);
  return (await addAsset(maya.context, { path, appId: null, kind: null, altText })).id;
}
/** Noise does not compress: its size is known. */
function noise(width: number) {
  return sharp(randomBytes(width * width * 3), { raw: { width, height: width, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer();
}
const lost: Failure = { kind: 'unknown', reason: 'No answer came.' };
const later = (seconds: number): Failure => ({
  kind: 'later',
  until: new Date(world.clock.now().getTime() + seconds * 1000),
  reason: 'Too many calls.',
});

test('everything a post carries goes out, and the receipt says what was asked and what came back', async () => {
  await open();
  const picture = await asset(await noise(60), 'From the asset');
  const { publicationId } = await publish(
    [
      { text: 'Look #Launch: {{link}}', media: [{ assetId: picture, altText: 'A screen' }, { assetId: picture }] },
      { text: 'Which one?', poll: { minutes: 60, options: ['This', 'That'] } },
    ],
    { firstReply: 'More #soon', community: 'c7', replySettings: 'following', title: 'Headline' },
  );
  const about = {
    title: 'Headline',
    tags: ['Launch', 'soon'],
    canonicalUrl: 'https://outpost.dev/launch',
    community: 'c7',
    replySettings: 'following',
  };
  expect(pretend.posts).toMatchObject([
    { replyTo: null, mediaIds: ['m1', 'm2'], poll: null, ...about },
    { text: 'Which one?', replyTo: 'p1', media: [], poll: { minutes: 60, options: ['This', 'That'] }, ...about },
    { text: 'More #soon', replyTo: 'p2', poll: null },
  ]);
  expect(pretend.posts[0]?.text).toMatch(/^Look #Launch: http:\/\/localhost:3000\/l\/\w{7}$/);
  expect(pretend.uploads.map((one) => one.altText)).toEqual(['A screen', 'From the asset']);
  const shown = await receipt(publicationId);
  expect(shown).toMatchObject({ state: 'published', toSettle: null, costMicros: 3 * 1_000 + 2 * 200 });
  expect(shown.texts.map((text) => text.origin)).toEqual(['part', 'part', 'first_reply']);
  const attempt = shown.texts[0]?.attempts[0];
  expect(attempt).toMatchObject({ answer: 'HTTP 201 p1', costMicros: 1_400 });
  expect(attempt?.request).toMatchObject({
    ...about,
    replyTo: null,
    media: [
      { assetId: picture, altText: 'A screen', uploadedId: 'm1' },
      { altText: 'From the asset', uploadedId: 'm2' },
    ],
  });
  expect(shown.texts[0]?.media[0]?.url).toContain(picture);
  expect((await maya.call.spend.month({})).micros).toBe(3_400);
});

test('a picture that is too large is fitted, one that fits is passed through, what was uploaded is used again', async () => {
  await open();
  const large = await asset(await noise(400));
  const small = await asset(await noise(40));
  const [fits] = (await maya.call.assets.list({})).assets.filter((one) => one.id === small);
  await publish([{ text: 'One', media: [{ assetId: large }, { assetId: small }] }]);
  expect(pretend.uploads[0]?.bytes).toBeLessThanOrEqual(40_000);
  expect(pretend.uploads[1]?.bytes).toBe(fits?.bytes);
  await publish([{ text: 'Two', media: [{ assetId: large }] }]);
  expect(pretend.uploads.length).toBe(2);
  expect(pretend.posts.map((post) => post.mediaIds)).toEqual([['m1', 'm2'], ['m1']]);
});

test('an upload that fails is done again, and nothing is out until it is there', async () => {
  await open();
  const picture = await asset(await noise(40));
  for (const told of [lost, 'throw', later(60)] as const) pretend.nextUpload(told);
  const { publicationId } = await publish([{ text: 'With a picture', media: [{ assetId: picture }] }]);
  expect(await receipt(publicationId)).toMatchObject({ state: 'scheduled', partsOut: 0 });
  expect(await settle(publicationId)).toBe('published');
  expect(pretend.calls.filter((call) => call === 'upload').length).toBe(4);
  const { attempts } = (await receipt(publicationId)).texts[0] ?? { attempts: [] };
  expect(attempts).toMatchObject([
    { failure: 'unknown', sentAt: null, answer: 'HTTP 500 no' },
    { failure: 'unknown', code: 'fault', sentAt: null },
    { failure: 'later', sentAt: null },
    { phase: 'confirmed' },
  ]);
  pretend.nextUpload({ kind: 'refused', reason: 'The picture is broken.', code: 'broken' });
  const second = await publish([{ text: 'Another', media: [{ assetId: await asset(await noise(41)) }] }]);
  expect(await receipt(second.publicationId)).toMatchObject({ state: 'failed', reason: 'The picture is broken.' });
  expect(pretend.posts.length).toBe(1);
});

test('an upload that never works is given up, and a person is told', async () => {
  await open();
  for (let n = 0; n < 20; n += 1) pretend.nextUpload(lost);
  const { publicationId } = await publish([{ text: 'Hm', media: [{ assetId: await asset(await noise(40)) }] }]);
  expect(await settle(publicationId)).toBe('failed');
  expect((await receipt(publicationId)).reason).toContain('could not be made ready');
  expect(pretend.posts).toEqual([]);
});

test('taken back while its picture is uploaded: it does not go out', async () => {
  await open();
  const media = [{ assetId: await asset(await noise(40)) }];
  const postId = await draft([{ text: 'Taken back', media }]);
  const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId] });
  const publicationId = publications[0]?.publicationId ?? '';
  pretend.during.upload = async () => {
    // As a process does whose lease ran out meanwhile: a person may take back what nobody holds.
    world.clock.forward('61 s');
    pretend.during.upload = null;
    await maya.call.publications.withdraw({ publicationId });
  };
  await publishDue(world.world);
  expect(await receipt(publicationId)).toMatchObject({ state: 'withdrawn' });
  expect(pretend.calls).toEqual(['upload']);
  expect(pretend.posts).toEqual([]);
});

test('a video is waited for while it is converted', async () => {
  await open();
  pretend.nextUpload('unready');
  const { publicationId } = await publish([{ text: 'Film', media: [{ assetId: await asset(aVideo(64)) }] }]);
  expect(await receipt(publicationId)).toMatchObject({ reason: 'Pretend is preparing the video.' });
  world.clock.forward('6 s');
  await publishDue(world.world);
  expect(pretend.posts).toEqual([]);
  pretend.convert();
  expect(await settle(publicationId)).toBe('published');
  expect(pretend.calls).toEqual(['upload', 'uploadState', 'uploadState', 'publish']);
  expect(pretend.uploads[0]).toMatchObject({ kind: 'video', mediaType: 'video/mp4' });
});

test('what cannot be made to fit is refused when it is scheduled, in words', async () => {
  await open();
  const picture = { assetId: await asset(await noise(40)) };
  const film = { assetId: await asset(Buffer.concat([aVideo(64), Buffer.alloc(50_000)])) };
  const cases: [Part, More, string][] = [
    [{ text: 'x'.repeat(1_001) }, {}, 'too_long'],
    [{ text: 'a', media: [picture, picture, picture] }, {}, 'too_many_media'],
    [{ text: 'a', media: [film] }, {}, 'media_size'],
    [{ text: 'a', media: [{ ...picture, altText: 'x'.repeat(201) }] }, {}, 'alt_text_too_long'],
    [{ text: 'a', poll: { minutes: 2_000, options: ['a', 'b'] } }, {}, 'poll'],
    [{ text: 'a', media: [picture], poll: { minutes: 60, options: ['a', 'b'] } }, {}, 'poll'],
    [{ text: 'a' }, { replySettings: 'mentioned' }, 'reply_settings'],
    [{ text: 'a' }, { title: 'x'.repeat(101) }, 'title'],
  ];
  for (const [part, more, code] of cases) {
    const postId = await draft([part], more);
    const refused = maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
    // Approving finds it first, by the same limits; the scheduler is what stops a post approved before.
    await expect(refused, code).rejects.toThrow(/Pretend|may have/);
  }
});

test('a platform that knows our key gets an unknown outcome again at once, and keeps one', async () => {
  await open({ idempotentFor: 3_600_000 });
  pretend.nextPublish(lost, true);
  pretend.nextPublish('throw');
  const { publicationId } = await publish([{ text: 'Once only' }, { text: 'And this' }]);
  expect(await settle(publicationId)).toBe('published');
  expect(pretend.posts.map((post) => post.text)).toEqual(['Once only', 'And this']);
  expect(pretend.posts[1]?.replyTo).toBe('p1');
  const { attempts } = (await receipt(publicationId)).texts[0] ?? { attempts: [] };
  expect(attempts).toMatchObject([
    { phase: 'rejected', failure: 'unknown', answer: 'HTTP 502 lost' },
    { phase: 'rejected', failure: 'unknown', code: 'fault' },
    { phase: 'confirmed' },
  ]);
  expect(attempts[0]?.reason).toContain('same key');
});

test('after its window the key is worth nothing: a person is asked, and says that it is there', async () => {
  await open({ idempotentFor: 3_600_000 });
  pretend.nextPublish(lost, true);
  const { publicationId, postId } = await publish([{ text: 'Is it out?' }, { text: 'The rest' }]);
  world.clock.forward('2 h');
  await publishDue(world.world);
  expect(await receipt(publicationId)).toMatchObject({ state: 'failed', toSettle: 0 });
  expect((await receipt(publicationId)).reason).toContain('Look yourself');
  await expect(maya.call.publications.retry({ publicationId })).rejects.toThrow('Nobody knows yet');
  const wrong = maya.call.publications.settle({ publicationId, position: 0, url: 'https://pretend.example/maker' });
  await expect(wrong).rejects.toThrow('not the address of a post');
  await maya.call.publications.settle({ publicationId, position: 0, url: 'https://pretend.example/posts/p1' });
  expect(await settle(publicationId)).toBe('published');
  expect(pretend.posts.map((post) => post.text)).toEqual(['Is it out?', 'The rest']);
  expect(pretend.posts[1]?.replyTo).toBe('p1');
  const [first] = (await receipt(publicationId)).texts;
  expect(first).toMatchObject({
    platformId: 'p1',
    attempts: [{ phase: 'confirmed', adopted: true, costMicros: 1_000 }],
  });
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published' });
});

test('where nobody can look a person says that it is not there, and it is sent again', async () => {
  await open();
  pretend.nextPublish(lost);
  const { publicationId } = await publish([{ text: 'Into the dark' }]);
  expect(await settle(publicationId)).toBe('failed');
  await maya.call.publications.settle({ publicationId, position: 0, url: null });
  expect(await settle(publicationId)).toBe('published');
  expect(pretend.posts.length).toBe(1);
  const again = maya.call.publications.settle({ publicationId, position: 0, url: null });
  await expect(again).rejects.toThrow('Nothing is in doubt');
});

test('a long post is sent only while the account may, which is asked again each day', async () => {
  await open();
  const long = 'word '.repeat(40).trim();
  await publish([{ text: long }]);
  expect(pretend.calls).toEqual(['publish']);
  world.clock.forward('2 d');
  await publish([{ text: `${long} more` }]);
  expect(pretend.calls).toEqual(['publish', 'profile', 'publish']);
  const postId = await draft([{ text: `${long} again` }]);
  const at = new Date(world.clock.now().getTime() + 2 * 86_400_000).toISOString();
  const { publications } = await maya.call.posts.schedule({ postId, accountIds: [accountId], at, evenIfSimilar: true });
  pretend.profile.longPosts = false;
  world.clock.forward('2 d');
  await publishDue(world.world);
  const shown = await receipt(publications[0]?.publicationId ?? '');
  expect(shown).toMatchObject({ state: 'failed', costMicros: 10 });
  expect(shown.reason).toContain('may not publish long posts');
  expect(pretend.posts.length).toBe(2);
});

test('the pace of the platform is kept: what is too much waits until there is room, never in a burst', async () => {
  await open({ limits: { rates: [{ posts: 2, minutes: 10 }] } });
  const { publicationId } = await publish([{ text: '1' }, { text: '2' }, { text: '3' }, { text: '4' }, { text: '5' }]);
  expect(pretend.posts.length).toBe(2);
  const waiting = await receipt(publicationId);
  expect(waiting.reason).toBe(
    'Pretend takes 2 posts in 10 minutes from one account, and @maker has sent as many. It goes on by itself.',
  );
  expect(waiting.lookAt).toEqual(new Date(world.clock.now().getTime() + 600_000));
  world.clock.forward('10 min');
  await publishDue(world.world);
  expect(pretend.posts.length).toBe(4);
  expect(await settle(publicationId)).toBe('published');
});

test('an answer to somebody goes out under their post, at the price of an answer', async () => {
  await open({ limits: { community: { label: 'Corner', required: true }, title: { length: 100, required: true } } });
  const wanted = { accountId, appId, replyTo: 'other-1', text: 'Thank you, Ada', title: 'To Ada' };
  const price = await maya.call.spend.price({ texts: ['Thank you, Ada'], answersOther: true, accountIds: [accountId] });
  expect(price.micros).toBe(500);
  const { publicationId, postId } = await publishReply(maya.context, wanted);
  await publishDue(world.world);
  expect(pretend.posts).toMatchObject([{ text: 'Thank you, Ada', replyTo: 'other-1' }]);
  expect(await receipt(publicationId)).toMatchObject({ state: 'published', answers: 'other-1' });
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published', source: 'reply' });
});

test('a plug follows under a post that is out, once, and can do it no harm', async () => {
  await open();
  const { publicationId, postId } = await publish([{ text: 'A success' }], { firstReply: 'First' });
  const before = await receipt(publicationId);
  const plug = (text: string) => transaction(maya.context, (inside) => addPart(inside, publicationId, text));
  expect(await plug('Try it: {{link}}')).toBe(true);
  expect(await plug('Try it again')).toBe(false);
  expect(await maya.call.posts.get({ postId })).toMatchObject({ status: 'published' });
  pretend.nextPublish(later(60));
  await publishDue(world.world);
  expect(await settle(publicationId)).toBe('published');
  expect(pretend.posts.length).toBe(3);
  expect(pretend.posts[2]?.replyTo).toBe('p2');
  expect(await receipt(publicationId)).toMatchObject({ publishedAt: before.publishedAt, partsOut: 3 });

  const second = await publish([{ text: 'Another success' }]);
  await transaction(maya.context, (inside) => addPart(inside, second.publicationId, 'No'));
  pretend.nextPublish({ kind: 'refused', reason: 'Replies are closed.' });
  await publishDue(world.world);
  const shown = await receipt(second.publicationId);
  expect(shown).toMatchObject({ state: 'published', partsOut: 1 });
  expect(shown.reason).toContain('Replies are closed.');
  const third = await publish([{ text: 'A third one' }]);
  await transaction(maya.context, (inside) => addPart(inside, third.publicationId, 'Taken back'));
  await maya.call.publications.withdraw({ publicationId: third.publicationId });
  await publishDue(world.world);
  expect(await receipt(third.publicationId)).toMatchObject({ state: 'published', parts: 1 });
});

test('the price list is shown with what the workspace changed, and counts from then on', async () => {
  await open();
  await maya.call.spend.setPrice({ platform: 'pretend', item: 'pretend.post', micros: 3_000 });
  const list = await maya.call.spend.prices({ platform: 'pretend' });
  expect(list).toMatchObject({ asOf: '2026-11-01', source: 'https://pretend.example/prices' });
  expect(list.items[0]).toMatchObject({
    item: 'pretend.post',
    micros: 3_000,
    listedMicros: 1_000,
    changedBy: 'Maya Lind',
  });
  const texts = ['One', { text: 'Two', describedMedia: 2 }];
  expect((await maya.call.spend.price({ texts, accountIds: [accountId] })).micros).toBe(2 * 3_000 + 2 * 200);
});

test('the public address of a file is signed and ends', async () => {
  await open();
  const { publicMedia } = await import('#src/doors/http/public-media.ts');
  const { publicMediaUrl } = await import('#src/understand/assets/open.ts');
  const id = await asset(await noise(400));
  expect(publicMediaUrl(maya.context, id, 'pretend')).toBe(null);
  const url = publicMediaUrl({ ...maya.context, publicUrl: 'https://fanfare.example' }, id, 'pretend') ?? '';
  const routes = publicMedia(world.world);
  const found = await routes.request(url);
  expect(found.status).toBe(200);
  expect(found.headers.get('content-type')).toBe('image/jpeg');
  expect((await found.arrayBuffer()).byteLength).toBeLessThanOrEqual(40_000);
  expect((await routes.request(url.replace('for=pretend', 'for=other'))).status).toBe(404);
  expect((await routes.request(url.replace(/sign=./, 'sign=_'))).status).toBe(404);
  const elsewhere = await asset(await noise(40));
  expect((await routes.request(url.replace(id, elsewhere))).status).toBe(404);
  world.clock.forward('25 h');
  expect((await routes.request(url)).status).toBe(404);
});
