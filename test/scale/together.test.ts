import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { joinOthers } from '#src/db/scale/together.ts';
import { openMediaStore } from '#src/outside/media.ts';
import { createDatabase, urlOf } from '#test/database.ts';

test('who keeps pictures elsewhere than the others is refused in words, until those are gone', async () => {
  const database = await createDatabase();
  const url = urlOf(database.owner);
  const folders = await Promise.all(['one', 'other'].map((name) => mkdtemp(join(tmpdir(), name))));
  const placeIn = (folder: string) => openMediaStore({ folder: join(folder, 'media'), bucket: null }).place();
  const [here, same, there] = await Promise.all([folders[0]!, folders[0]!, folders[1]!].map(placeIn));
  expect(same).toBe(here);

  const web = await joinOthers(url, 'web', here!);
  const worker = await joinOthers(url, 'worker', same!);
  await expect(joinOthers(url, 'worker', there!)).rejects.toThrow(
    /another place than one that runs already \(fanfare w/,
  );
  await Promise.all([web.leave(), worker.leave()]);
  const alone = await joinOthers(url, 'worker', there!);
  await alone.leave();

  const bucket = { url: 'https://s3.example/b', region: 'r', keyId: 'k', secret: 's' };
  expect(await openMediaStore({ folder: '', bucket }).place()).toBe('bucket https://s3.example/b');
  await database.drop();
});
