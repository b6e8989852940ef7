import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Grant } from '#src/outside/platform.ts';
import { timeOf } from '#src/outside/platforms/x/ids.ts';
import { x } from '#src/outside/platforms/x/index.ts';
import { outgoing } from '#test/outgoing.ts';
import { type FakeX, startFakeX } from './index.ts';

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

const { oauth } = x;
const part = (text: string, replyTo: string | null = null) => outgoing({ text, replyTo });
const longAgo = () => new Date(Date.now() - 3_600_000);

async function publish(text: string, replyTo: string | null = null) {
  const published = await x.publish(grant, part(text, replyTo));
  if (!published.ok) throw new Error(published.failure.reason);
  return published.value;
}

async function failureOf(call: ReturnType<typeof x.publish>) {
  const outcome = await call;
  if (outcome.ok) throw new Error('it went well');
  return outcome.failure;
}

describe('the fake itself', () => {
  it('is told what to do over HTTP as well, and checks itself where the document of X is', async () => {
    const control = (name: string, body: object) =>
      fetch(`${fake.url}/_control/${name}`, { method: 'POST', body: JSON.stringify(body) });
    expect((await control('failBefore', { n: 1, status: 503 })).status).toBe(200);
    expect((await control('failBefore', { n: 'x' })).status).toBe(400);
    expect(await failureOf(x.publish(grant, part('a')))).toMatchObject({ kind: 'unknown' });
    await publish('Hello');
    const listed: unknown = await (await fetch(`${fake.url}/_control/posts`)).json();
    expect(listed).toMatchObject({ result: [{ text: 'Hello' }] });
    if (!fake.checksContract) return console.warn("skipped: X's OpenAPI document is not at ../shared/data/x-api");
    const auth = { authorization: `Bearer ${grant.token}`, 'content-type': 'application/json' };
    await fetch(`${fake.url}/2/tweets`, { method: 'POST', headers: auth, body: '{"text":"b","made_for_kids":true}' });
    await fetch(`${fake.url}/2/users/me?post.feelds=id`, { headers: auth });
    expect(fake.contractProblems.splice(0)).toEqual([
      expect.stringContaining('additional properties'),
      expect.stringContaining('post.feelds is not known'),
    ]);
    const deleted = await fetch(`${fake.url}/2/tweets/${fake.posts()[0]?.id}`, { method: 'DELETE', headers: auth });
    expect(await deleted.json()).toEqual({ data: { deleted: true } });
    await fetch(`${fake.url}/2/tweets?ids=${fake.posts()[0]?.id},5&post.fields=public_metrics`, { headers: auth });
  });

  it('takes a file at once too, in a form or as base64, and adds up the pieces of the others', async () => {
    const auth = { authorization: `Bearer ${grant.token}` };
    const json = { ...auth, 'content-type': 'application/json' };
    const answered = z.object({ data: z.object({ id: z.string(), processing_info: z.unknown().optional() }) });
    const form = new FormData();
    form.append('media_category', 'tweet_image');
    form.append('media', new Blob([new Uint8Array([1, 2, 3])]), 'a.png');
    const inForm = await fetch(`${fake.url}/2/media/upload`, { method: 'POST', headers: auth, body: form });
    const { id } = answered.parse(await inForm.json()).data;
    fake.convertMedia(1_000);
    const gif = JSON.stringify({ media: Buffer.from([4, 5]).toString('base64'), media_category: 'tweet_gif' });
    const inJson = await fetch(`${fake.url}/2/media/upload`, { method: 'POST', headers: json, body: gif });
    expect(answered.parse(await inJson.json()).data.processing_info).toMatchObject({ state: 'in_progress' });
    expect(fake.media().map((one) => one.pieces.map((piece) => piece.bytes))).toEqual([[3], [2]]);
    const post = JSON.stringify({ text: '', media: { media_ids: [id] } });
    expect((await fetch(`${fake.url}/2/tweets`, { method: 'POST', headers: json, body: post })).status).toBe(201);

    const about = JSON.stringify({ media_type: 'image/png', media_category: 'tweet_image', total_bytes: 9 });
    const begun = await fetch(`${fake.url}/2/media/upload/initialize`, { method: 'POST', headers: json, body: about });
    const session = `${fake.url}/2/media/upload/${answered.parse(await begun.json()).data.id}`;
    const short = await fetch(`${session}/finalize`, { method: 'POST', headers: auth });
    expect([short.status, await short.text()]).toEqual([400, expect.stringContaining('do not add up')]);
  });

  it('asks the person where it does not approve by itself', async () => {
    fake.authorizeAs('maker', false);
    const codeChallenge = createHash('sha256').update('v').digest('base64url');
    const page = oauth.authorizeUrl(fake.app, { redirectUri: 'https://fanfare.example/', state: 's', codeChallenge });
    expect(await (await fetch(page)).text()).toContain('Authorize app');
    const form = new URLSearchParams(new URL(page).searchParams);
    form.set('decision', 'deny');
    const denied = await fetch(page, { method: 'POST', body: form, redirect: 'manual' });
    expect(denied.headers.get('location')).toBe('https://fanfare.example/?state=s&error=access_denied');
    form.set('decision', 'approve');
    form.set('as', 'friend');
    const approved = await fetch(page, { method: 'POST', body: form, redirect: 'manual' });
    const code = new URL(approved.headers.get('location') ?? '').searchParams.get('code') ?? '';
    const tokens = await oauth.exchange(fake.app, { code, codeVerifier: 'v', redirectUri: 'https://fanfare.example/' });
    const me = await x.profile({ ...grant, token: tokens.ok ? tokens.value.access : '' });
    expect(me.ok && me.value.handle).toBe('friend');
    const bad = await fetch(page.replace('S256', 'plain'));
    expect([bad.status, await bad.text()]).toEqual([400, expect.stringContaining('S256')]);
  });

  it('runs as a process of its own, and remembers what it did before it was killed', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'fake-x-'));
    const start = async () => {
      const file = fileURLToPath(import.meta.resolve('#test/fakes/x/main.ts'));
      const child = spawn(process.execPath, [file, '--port', '0', '--state', join(folder, 'x.json')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const apiUrl = String((await once(child.stdout, 'data'))[0]).trim();
      const tell = async (name: string, body: object): Promise<unknown> =>
        (await fetch(`${apiUrl}/_control/${name}`, { method: 'POST', body: JSON.stringify(body) })).json();
      return { child, apiUrl, tell };
    };
    try {
      const first = await start();
      const connected = z.object({ result: z.object({ token: z.string(), platformUserId: z.string() }) });
      const access = connected.parse(await first.tell('connect', {})).result;
      await first.tell('answerSlowly', { ms: 60_000, n: 1 });
      const waiting = x.publish({ ...access, apiUrl: first.apiUrl }, part('Into the dark'));
      for (let posts = 0; posts === 0; ) {
        const listed = await (await fetch(`${first.apiUrl}/_control/posts`)).json();
        posts = z.object({ result: z.array(z.unknown()) }).parse(listed).result.length;
      }
      first.child.kill('SIGKILL');
      expect(await waiting).toMatchObject({ ok: false, failure: { kind: 'unknown', code: 'no_answer' } });

      const second = await start();
      const own = await x.ownPosts({ ...access, apiUrl: second.apiUrl }, longAgo());
      expect(own.ok && own.value.map((post) => post.text)).toEqual(['Into the dark']);
      second.child.kill('SIGTERM');
      expect((await once(second.child, 'exit'))[0]).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('gives ids that carry their time', () => {
    const at = Date.now() - 5_000_000;
    expect(timeOf(fake.addPost({ username: 'maker', text: 'Then', at }).id).getTime()).toBe(at);
  });
});
