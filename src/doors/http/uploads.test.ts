import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { uploads } from '#src/doors/http/uploads.ts';
import { openMediaStore } from '#src/outside/media.ts';
import { openSignIn } from '#src/people/sign-in.ts';
import { startFakeBucket } from '#test/fakes/s3.ts';
import { aVideo } from '#test/video.ts';
import { openTestWorld, type Person, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let maya: Person;
let rival: Person;
let app: ReturnType<typeof uploads>;
const keys = new Map<Person, string>();

beforeAll(async () => {
  world = await openTestWorld();
  maya = await world.join();
  rival = await world.join('Rival');
  for (const person of [maya, rival]) {
    const { key } = await person.call.keys.create({ name: 'Test', scopes: ['read', 'write'] });
    keys.set(person, key);
  }
  app = uploads(world.world, openSignIn(world.world));
});
afterAll(() => world.close());

const as = (person: Person) => ({ authorization: `Bearer ${keys.get(person)}` });

function send(person: Person | null, bytes: Uint8Array | null, fields: Record<string, string> = {}) {
  const form = new FormData();
  if (bytes) form.set('file', new File([Uint8Array.from(bytes)], 'anything.bin'));
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return app.request('/uploads', { method: 'POST', body: form, headers: person ? as(person) : {} });
}

const picture = () => sharp({ create: { width: 40, height: 30, channels: 3, background: '#0ea5e9' } });

test('a picture is kept without what is hidden in it, and shown to the people of its workspace alone', async () => {
  const hidden = await picture()
    .jpeg()
    .withMetadata({ exif: { IFD0: { Copyright: 'SECRET-PLACE' } } })
    .toBuffer();
  expect(hidden.includes('SECRET-PLACE')).toBe(true);
  const answer = await send(maya, hidden, { kind: 'screenshot', altText: 'The dashboard' });
  expect(answer.status).toBe(201);
  const asset = (await answer.json()) as { id: string; url: string };
  expect(asset).toMatchObject({ mediaType: 'image/jpeg', width: 40, height: 30 });

  const shown = await app.request(asset.url, { headers: as(maya) });
  expect(shown.status).toBe(200);
  expect(shown.headers.get('content-type')).toBe('image/jpeg');
  expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
  const bytes = Buffer.from(await shown.arrayBuffer());
  expect(bytes.includes('SECRET-PLACE')).toBe(false);
  const tag = shown.headers.get('etag') ?? '';
  expect((await app.request(asset.url, { headers: { ...as(maya), 'if-none-match': tag } })).status).toBe(304);

  expect((await app.request(asset.url, { headers: as(rival) })).status).toBe(404);
  expect((await app.request(asset.url)).status).toBe(401);
  expect((await maya.call.assets.list({})).assets).toMatchObject([
    { id: asset.id, kind: 'screenshot', altText: 'The dashboard' },
  ]);
  expect((await rival.call.assets.list({})).assets).toEqual([]);
});

test('a video comes as the bare body, read while it comes, into whatever store there is', async () => {
  const fake = await startFakeBucket();
  const elsewhere = { ...world.world, media: openMediaStore({ folder: '', bucket: fake.bucket }) };
  for (const at of [world.world, elsewhere]) {
    const door = uploads(at, openSignIn(at));
    const body = aVideo(at === elsewhere ? 640 : 1280);
    const answer = await door.request('/uploads?altText=A%20tour', {
      method: 'POST',
      body: Uint8Array.from(body),
      headers: { ...as(maya), 'content-type': 'video/mp4' },
    });
    expect(answer.status).toBe(201);
    const asset = (await answer.json()) as { url: string };
    expect(asset).toMatchObject({ kind: 'video', mediaType: 'video/mp4', milliseconds: 2000, bytes: body.length });
    const shown = await door.request(asset.url, { headers: as(maya) });
    expect(Buffer.from(await shown.arrayBuffer()).equals(body)).toBe(true);
  }
  expect(fake.files.size).toBe(1);
  expect(await readdir(join(world.data, 'incoming'))).toEqual([]);
  await fake.close();
});

test('the same picture twice is one asset; another workspace has a row of its own', async () => {
  const bytes = await picture().png().toBuffer();
  const first = (await (await send(maya, bytes)).json()) as { id: string };
  const second = (await (await send(maya, bytes)).json()) as { id: string };
  const theirs = (await (await send(rival, bytes)).json()) as { id: string };
  expect(second.id).toBe(first.id);
  expect(theirs.id).not.toBe(first.id);
  expect((await readdir(join(world.data, 'media'))).every((name) => /^[0-9a-f]{64}$/.test(name))).toBe(true);
});

test('a picture is recognised by its bytes: a page, a script in a picture file and a vector are refused', async () => {
  const files = [
    '<html><script>alert(1)</script></html>',
    'GIF89a=1;alert(1)',
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
  ];
  for (const text of files) {
    const answer = await send(maya, Buffer.from(text));
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'no_picture' });
  }
});

test('too many pixels, an empty file, no file and unknown fields are said in words', async () => {
  const huge = await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#fff' } })
    .png()
    .toBuffer();
  const small = await picture().png().toBuffer();
  const cases: [Response, string][] = [
    [await send(maya, huge), 'too_many_pixels'],
    [await send(maya, new Uint8Array()), 'empty_file'],
    [await send(maya, null), 'no_file'],
    [await send(maya, small, { colour: 'red' }), 'invalid_input'],
    [await send(maya, small, { appId: 'not-an-id' }), 'invalid_input'],
  ];
  for (const [answer, code] of cases) {
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code, message: expect.any(String) });
  }
});

test('nobody and a stranger’s app get nowhere', async () => {
  const bytes = await picture().webp().toBuffer();
  expect((await send(null, bytes)).status).toBe(401);
  const { id: appId } = await maya.call.apps.register({ url: 'outpost.dev' });
  expect((await send(rival, bytes, { appId })).status).toBe(404);
});

test('a file is described and removed', async () => {
  const asset = (await (await send(maya, await picture().tint('red').png().toBuffer())).json()) as { id: string };
  await maya.call.assets.describe({ assetId: asset.id, altText: 'A red square' });
  await expect(rival.call.assets.remove({ assetId: asset.id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await maya.call.assets.remove({ assetId: asset.id });
  expect((await app.request(`/media/${asset.id}`, { headers: as(maya) })).status).toBe(404);
});

test('of a file that a stranger or a viewer sends, nothing is read', async () => {
  const { key } = await maya.call.keys.create({ name: 'Reader', scopes: ['read'] });
  const types = ['multipart/form-data; boundary=x', 'video/mp4'];
  const callers: [Record<string, string>, number][] = [
    [{}, 401],
    [{ authorization: `Bearer ${key}` }, 403],
  ];
  for (const [who, status] of callers)
    for (const type of types) {
      let pieces = 0;
      const body = new ReadableStream<Uint8Array>({
        pull(controller) {
          pieces += 1;
          controller.enqueue(new Uint8Array(1_000_000));
        },
      });
      const answer = await app.request('/uploads', {
        method: 'POST',
        headers: { ...who, 'content-type': type },
        body,
        duplex: 'half',
      } as RequestInit);
      expect([answer.status, pieces <= 1]).toEqual([status, true]);
    }
  expect(await readdir(join(world.data, 'incoming')).catch(() => [])).toEqual([]);
});
