import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeBucket } from '#test/fakes/s3.ts';
import { type MediaStore, openMediaStore } from './media.ts';

const folder = mkdtempSync(join(tmpdir(), 'media-'));
let fake: Awaited<ReturnType<typeof startFakeBucket>>;
beforeAll(async () => {
  fake = await startFakeBucket();
});
afterAll(async () => {
  await fake.close();
  rmSync(folder, { recursive: true, force: true });
});

const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
const name = createHash('sha256').update(bytes).digest('hex');

function incoming(): string {
  const path = join(folder, `in-${Math.random()}`);
  writeFileSync(path, bytes);
  return path;
}

describe.each([
  ['a folder', () => openMediaStore({ folder: join(folder, 'kept'), bucket: null })],
  ['a bucket', () => openMediaStore({ folder, bucket: fake.bucket })],
])('in %s', (_, open: () => MediaStore) => {
  it('a file comes back whole, in part and in pieces, and is gone when removed', async () => {
    const store = open();
    const path = incoming();
    await store.keep(name, path);
    expect(existsSync(path)).toBe(false);
    await store.keep(name, incoming());
    expect(Buffer.from(await store.read(name)).equals(bytes)).toBe(true);
    expect(Buffer.from(await store.read(name, 10, 20))).toEqual(bytes.subarray(10, 20));
    expect(Buffer.from(await store.read(name, 69_990, 80_000))).toEqual(bytes.subarray(69_990));
    const pieces: Uint8Array[] = [];
    for await (const piece of await store.stream(name)) pieces.push(piece);
    expect(Buffer.concat(pieces).equals(bytes)).toBe(true);
    await store.remove(name);
    await store.remove(name);
    await expect(store.read(name)).rejects.toThrow();
  });
});

it('says what the bucket said, and where to mend it', async () => {
  const store = openMediaStore({ folder, bucket: { ...fake.bucket, secret: 'wrong' } });
  await expect(store.keep(name, incoming())).rejects.toThrow(/signature.*MEDIA_S3 settings/s);
  expect(readdirSync(folder).some((file) => file.startsWith('in-'))).toBe(true);
});
