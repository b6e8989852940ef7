import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Grant } from '#src/outside/platform.ts';
import { platforms } from '#src/outside/platforms/index.ts';
import { openWeb } from '#src/outside/web.ts';
import { outgoing } from '#test/outgoing.ts';
import { addPastPost, metricsAt, openSandbox, type Sandbox } from './index.ts';

let folder: string;
let sandbox: Sandbox;
const grant: Grant = { token: 'Ada', platformUserId: '', apiUrl: '' };
const part = (text: string, replyTo: string | null = null) => outgoing({ text, replyTo });
const longAgo = new Date(0);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-'));
  sandbox = openSandbox(join(folder, 'made when needed'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function texts(platform = sandbox): Promise<string[]> {
  const own = await platform.ownPosts(grant, longAgo);
  return own.ok ? own.value.map((post) => post.text) : [];
}

it('publishes a thread, remembers it, and shows each account its own', async () => {
  const first = await sandbox.publish(grant, part('First 👨‍👩‍👧‍👦'));
  if (!first.ok) throw new Error(first.failure.reason);
  expect(first.value.url).toBe(`sandbox:/posts/${first.value.platformId}`);
  expect(await sandbox.publish(grant, part('Second', first.value.platformId))).toMatchObject({ ok: true });
  expect(await sandbox.publish({ ...grant, token: 'Bob' }, part('First 👨‍👩‍👧‍👦'))).toMatchObject({ ok: true });

  const again = openSandbox(join(folder, 'made when needed'));
  const own = await again.ownPosts(grant, longAgo);
  expect(own.ok && own.value.find((post) => post.text === 'Second')?.replyTo).toBe(first.value.platformId);
  expect((await texts(again)).length).toBe(2);
  expect(await again.ownPosts(grant, new Date(Date.now() + 60_000))).toEqual({ ok: true, value: [] });
  const profile = await sandbox.profile(grant);
  expect(profile).toMatchObject({ ok: true, value: { handle: 'ada', posts: 2 } });
});

it('refuses the same text within ten minutes, and what it cannot publish', async () => {
  expect((await sandbox.publish(grant, part('Hello'))).ok).toBe(true);
  expect(await sandbox.publish(grant, part(' Hello '))).toMatchObject({
    failure: { kind: 'unknown', code: 'duplicate' },
  });
  await addPastPost(join(folder, 'made when needed'), grant, {
    text: 'Hello',
    replyTo: null,
    publishedAt: new Date(Date.now() - 700_000),
  });
  expect(await texts()).toEqual(['Hello', 'Hello']);
  expect(await sandbox.publish(grant, part('  '))).toMatchObject({ failure: { kind: 'refused', code: 'empty' } });
  expect(await sandbox.publish(grant, part('日'.repeat(141)))).toMatchObject({
    failure: { kind: 'refused', code: 'too_long' },
  });
  expect(await sandbox.publish(grant, part('Hi', '12'))).toMatchObject({
    failure: { kind: 'refused', code: 'reply_not_allowed' },
  });
});

it('counts one when many publish the same at the same moment', async () => {
  const many = Array.from({ length: 12 }, () => openSandbox(folder).publish(grant, part('At once')));
  const outcomes = await Promise.all(many);
  expect(outcomes.filter((one) => one.ok).length).toBe(1);
  expect(await texts(openSandbox(folder))).toEqual(['At once']);
});

it('keeps what a killed process was told, and half a line harms nothing', async () => {
  const program = `
    import { openSandbox } from '#src/outside/platforms/sandbox/index.ts';
    const told = await openSandbox(${JSON.stringify(folder)}).publish(${JSON.stringify(grant)}, ${JSON.stringify(part('Before the end'))});
    console.log(told.ok);
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  expect(String((await once(child.stdout, 'data'))[0]).trim()).toBe('true');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const file = join(folder, 'posts.jsonl');
  appendFileSync(file, '{"id":"1","userId":');
  const later = openSandbox(folder);
  expect((await later.publish(grant, part('After'))).ok).toBe(true);
  expect((await texts(later)).toSorted()).toEqual(['After', 'Before the end']);
  expect(readFileSync(file, 'utf8').split('\n').length).toBe(4);
});

it('has an audience that grows and never shrinks, the same for all who look', async () => {
  const publishedAt = new Date(Date.now() - 30 * 86_400_000);
  const ids: string[] = [];
  for (let n = 0; n < 40; n += 1)
    ids.push((await addPastPost(folder, grant, { text: `Post ${n}`, replyTo: null, publishedAt })).platformId);
  const hours = [0, 1, 3, 12, 24, 72, 720];
  for (const id of ids) {
    const over = hours.map((hour) => metricsAt(id, new Date(publishedAt.getTime() + hour * 3_600_000)));
    expect(over[0]).toMatchObject({ impressions: 0, likes: 0, linkClicks: 0 });
    for (const key of ['impressions', 'likes', 'reposts', 'linkClicks', 'follows'] as const)
      for (let at = 1; at < over.length; at += 1)
        expect(over[at]?.[key]).toBeGreaterThanOrEqual(over[at - 1]?.[key] ?? 0);
    expect(over.at(-1)?.likes ?? 0).toBeLessThanOrEqual(over.at(-1)?.impressions ?? 0);
  }
  const reach = ids.map((id) => metricsAt(id, new Date()).impressions ?? 0).toSorted((a, b) => a - b);
  expect(reach[20]).toBeGreaterThan(300);
  expect(reach[20]).toBeLessThan(2700);
  const told = await openSandbox(folder).metrics(grant, [ids[0] ?? '', '5']);
  expect(told.ok && told.value.map((one) => one.platformId)).toEqual([ids[0]]);
  const profile = await openSandbox(folder).profile(grant);
  expect(profile.ok && profile.value.followers).toBeGreaterThan(120);
});

it('has people who write under posts, the same for all who look, and who can be answered', async () => {
  const publishedAt = new Date(Date.now() - 3 * 86_400_000);
  const ids: string[] = [];
  for (let n = 0; n < 30; n += 1)
    ids.push((await addPastPost(folder, grant, { text: `Post ${n}`, replyTo: null, publishedAt })).platformId);
  sandbox = openSandbox(folder);
  const all = await sandbox.mentions(grant, null);
  if (!all.ok) throw new Error(all.failure.reason);
  expect(all.value.length).toBeGreaterThan(8);
  expect(await openSandbox(folder).mentions(grant, null)).toEqual(all);
  const times = all.value.map((one) => one.receivedAt.getTime());
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  for (const { replyTo, author } of all.value) {
    expect(replyTo === null || ids.includes(replyTo)).toBe(true);
    expect(author.name).toContain('(pretend)');
  }
  const [first, second] = all.value;
  expect(await sandbox.mentions(grant, first?.platformId ?? '')).toEqual({ ok: true, value: all.value.slice(1) });
  expect(await sandbox.mentions({ ...grant, token: 'Bob' }, null)).toEqual({ ok: true, value: [] });
  const early = openSandbox(folder, () => new Date((second?.receivedAt.getTime() ?? 0) - 1));
  expect(await early.mentions(grant, null)).toEqual({ ok: true, value: [first] });
  expect(await sandbox.publish(grant, part('Two days', first?.platformId))).toMatchObject({ ok: true });
  expect(await sandbox.mentions(grant, null)).toEqual(all);
});

it('stands in the registry beside X', async () => {
  const web = openWeb({ allow: [], userAgent: 'Fanfare/test' });
  const all = platforms({ sandboxFolder: folder, web, allow: [] });
  await web.close();
  expect([...all.keys()]).toEqual(expect.arrayContaining(['x', 'sandbox']));
  expect(all.get('sandbox')?.measureText('see fanfare.dev')).toMatchObject({ length: 27, valid: true });
});
