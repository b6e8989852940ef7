import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { holdDataFolder } from './hold.ts';

let data: string;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'fanfare hold '));
});

afterEach(async () => {
  await rm(data, { recursive: true, force: true });
});

const killedWhileHolding = `
  import { holdDataFolder } from ${JSON.stringify(new URL('hold.ts', import.meta.url).href)};
  await holdDataFolder(process.argv[1], 'http://localhost:1');
  process.kill(process.pid, 'SIGKILL');`;

test('the second is told who holds the folder, until the first lets go', async () => {
  const hold = await holdDataFolder(data, 'http://localhost:0');
  await hold.update('http://localhost:3000');
  await expect(holdDataFolder(data, 'http://localhost:4000')).rejects.toThrow(
    new RegExp(
      `^The data folder ${data} is in use by Fanfare \\(process ${process.pid}, http://localhost:3000, started \\d\\d:\\d\\d\\)\\. ` +
        'Stop it first, or choose another folder with FANFARE_DATA\\.$',
    ),
  );
  await hold.release();
  const next = await holdDataFolder(data, 'http://localhost:4000');
  await hold.release();
  await expect(holdDataFolder(data, 'http://localhost:5000')).rejects.toThrow('http://localhost:4000');
  await next.release();
  expect(await readdir(data)).toEqual([]);
});

test('of ten that want the folder exactly one gets it, also when a dead one had it', async () => {
  const dead = spawnSync(process.execPath, ['--input-type=module', '-e', killedWhileHolding, data]);
  expect(dead.signal).toBe('SIGKILL');
  expect(await readdir(data)).toEqual(['fanfare.lock']);
  for (const _ of ['after a dead holder', 'after a clean end']) {
    const tries = await Promise.allSettled(
      Array.from({ length: 10 }, () => holdDataFolder(data, 'http://localhost:2')),
    );
    const won = tries.filter((attempt) => attempt.status === 'fulfilled');
    expect(won).toHaveLength(1);
    await won[0]!.value.release();
  }
});

test.runIf(process.platform === 'linux')('a later process with the same id is not taken for the holder', async () => {
  const hold = await holdDataFolder(data, 'http://localhost:3000');
  const lock = JSON.parse(await readFile(join(data, 'fanfare.lock'), 'utf8'));
  await hold.release();
  await writeFile(join(data, 'fanfare.lock'), JSON.stringify({ ...lock, birth: '1' }));
  await (await holdDataFolder(data, 'http://localhost:3000')).release();
  await writeFile(join(data, 'fanfare.lock'), '');
  await (await holdDataFolder(data, 'http://localhost:3000')).release();
});

test('a holder in another container is known by its touching the lock', async () => {
  const hold = await holdDataFolder(data, 'http://localhost:3000');
  const lock = JSON.parse(await readFile(join(data, 'fanfare.lock'), 'utf8'));
  await writeFile(join(data, 'fanfare.lock'), JSON.stringify({ ...lock, machine: 'elsewhere', pid: 999999 }));
  await expect(holdDataFolder(data, 'http://localhost:3000')).rejects.toThrow('process 999999');
  await hold.release();
});
