import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type ServerType, serve } from '@hono/node-server';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { runCli } from '#src/doors/cli/program.ts';
import { followAnalysis } from '#src/doors/cli/progress.ts';
import { cell, money, table } from '#src/doors/cli/show.ts';
import { httpApp } from '#src/doors/http/app.ts';
import { offered } from '#src/doors/operations.ts';
import { openTestWorld, type TestWorld } from '#test/world.ts';

let world: TestWorld;
let server: ServerType;
let url: string;

beforeAll(async () => {
  world = await openTestWorld();
  url = await new Promise<string>((resolve) => {
    server = serve({ fetch: httpApp(world.world).fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve(`http://127.0.0.1:${port}`),
    );
  });
});
afterAll(async () => {
  server?.close();
  await world?.close();
});

/** Types a command line; the environment is the server's own machine unless told otherwise. */
async function fanfare(line: string[], environment: Record<string, string> = {}, stdin = '') {
  let out = '';
  let err = '';
  const code = await runCli(line, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    width: 100,
    interactive: false,
    stdin: () => stdin,
    environment: { FANFARE_URL: url, FANFARE_DATA: world.data, ...environment },
  });
  return { code, out, err };
}

describe('on the server’s own machine', () => {
  test('nobody is there before the owner account exists, and the answer says what to do', async () => {
    const { code, err } = await fanfare(['apps', 'list']);
    expect(code).toBe(3);
    expect(err).toContain('Sign in');
    expect((await fanfare(['setup', 'status'])).code).toBe(0);
  });

  test('it acts as the owner: a key is made, and works from elsewhere within its scopes', async () => {
    await world.join('Maya Lind');
    const made = await fanfare(['keys', 'create', '--name', 'ci', '--scopes', 'read', 'write', '--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    const { key } = JSON.parse(made.out) as { key: string };
    const elsewhere = { FANFARE_KEY: key, FANFARE_DATA: '/nonexistent' };

    expect((await fanfare(['apps', 'register', 'https://quickdiff.example/'], elsewhere)).code).toBe(0);
    const list = await fanfare(['apps', 'list'], elsewhere);
    expect(list.out).toContain('quickdiff.example');
    expect(list.out.split('\n').every((line) => line.length <= 100)).toBe(true);
    const refused = await fanfare(['keys', 'list'], elsewhere);
    expect(refused).toMatchObject({ code: 3 });
    expect(refused.err).toContain('owner');
    expect((await fanfare(['apps', 'list'], { ...elsewhere, FANFARE_KEY: 'ff_unknown' })).code).toBe(3);
  });

  test('it prints a one-time link to a new password, and says whose it cannot be', async () => {
    const { email } = await world.join('Grace Forgetful');
    const made = await fanfare(['reset-password', email]);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(made.out).toMatch(/good once:\n\n {2}http:\/\/localhost:3000\/reset-password#[\w-]{30,}\n$/);
    const nobody = await fanfare(['reset-password', 'nobody@example.com']);
    expect(nobody).toMatchObject({ code: 4, err: expect.stringContaining('Nobody has an account here') });
    expect((await fanfare(['reset-password'])).code).toBe(2);
    const key = JSON.parse(
      (await fanfare(['keys', 'create', '--name', 'x', '--scopes', 'destructive', '--json'])).out,
    ).key;
    expect((await fanfare(['reset-password', email], { FANFARE_KEY: key })).code).toBe(3);
  });

  test('it acts in the workspace that is named', async () => {
    const other = await world.join('Ada Berg');
    await fanfare(['apps', 'register', 'https://ada.example', '--workspace', other.workspaceId]);
    expect((await fanfare(['apps', 'list', '--workspace', other.workspaceId])).out).toContain('ada.example');
    expect((await fanfare(['apps', 'list'])).out).not.toContain('ada.example');
    expect((await fanfare(['apps', 'list', '--workspace', 'nonsense'])).code).toBe(3);
  });

  test('the local credential is sent to this machine only, and a wrong one opens nothing', async () => {
    const wrong = await fanfare(['apps', 'list', '--key', 'fflocal_wrong']);
    expect(wrong.code).toBe(3);
    const away = await fanfare(['apps', 'list', '--url', 'http://fanfare.invalid']);
    expect(away.code).toBe(1);
    expect(away.err).toContain('npm start');
  });
});

describe('what it ends with', () => {
  test('each kind of refusal has its own exit code', async () => {
    expect((await fanfare(['apps', 'get', '00000000-0000-4000-8000-000000000000'])).code).toBe(4);
    expect((await fanfare(['apps', 'register', 'https://quickdiff.example'])).code).toBe(5);
    const wrong = await fanfare(['apps', 'get', 'not-an-id']);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('--app-id');
    expect((await fanfare(['apps', 'get'])).err).toContain('Missing: --app-id');
    expect((await fanfare(['apps', 'fly'])).code).toBe(2);
    expect((await fanfare(['nothing'])).code).toBe(2);
    const flag = await fanfare(['apps', 'list', '--colour', 'red']);
    expect([flag.code, flag.err]).toEqual([2, expect.stringContaining('--colour')]);
    const key = await fanfare(['apps', 'list', '--key', 'ff_wrong']);
    expect([key.code, key.err]).toEqual([3, expect.stringContaining('API key')]);
    expect((await fanfare(['apps', 'list', '--url', 'http://127.0.0.1:1'])).code).toBe(1);
  });

  test('the whole input may come as JSON, from a file or from standard input, with flags on top', async () => {
    const { apps } = JSON.parse((await fanfare(['apps', 'list', '--json'])).out) as { apps: { id: string }[] };
    const appId = apps[0]!.id;
    const file = join(world.data, 'input.json');
    await writeFile(file, JSON.stringify({ appId, tagline: 'From a file', stage: 'beta' }));
    expect((await fanfare(['apps', 'update', '--input', `@${file}`, '--stage', 'launched'])).code).toBe(0);
    const stdin = JSON.stringify({ brandColours: ['#112233'] });
    expect((await fanfare(['apps', 'update', appId, '--input', '-'], {}, stdin)).code).toBe(0);
    const app = await fanfare(['apps', 'get', appId]);
    expect(app.out).toMatch(/Tagline\s+From a file/);
    expect(app.out).toMatch(/Stage\s+launched/);
    expect(app.out).toContain('#112233');
    expect((await fanfare(['apps', 'update', appId, '--tagline', 'null'])).code).toBe(0);
    expect((await fanfare(['apps', 'update', appId, '--input', '{'])).code).toBe(2);
    expect((await fanfare(['apps', 'update', appId, '--input', '@/nonexistent'])).code).toBe(2);
  });

  test('help is for people: stages, summaries, required flags, exit codes', async () => {
    const whole = await fanfare(['--help']);
    expect(whole).toMatchObject({ code: 0, err: '' });
    expect(whole.out).toContain('Understand');
    expect(whole.out).toContain('Exit codes');
    const one = await fanfare(['keys', 'create', '--help']);
    expect(one.out).toContain('Make an API key. It is shown once.');
    expect(one.out).toMatch(/--scopes <text\.\.\.>.*required/);
  });
});

describe('as a process of its own', () => {
  const environment = () => ({ ...(process.env as Record<string, string>), FANFARE_DATA: world.data });

  test('it finds the running server by the lock in the data folder', async () => {
    const lock = join(world.data, 'fanfare.lock');
    await writeFile(lock, JSON.stringify({ url }));
    const { FANFARE_URL: _, ...rest } = environment() as Record<string, string | undefined>;
    const command = ['bin/fanfare.js', 'workspaces', 'current', '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, command, { env: rest as Record<string, string> });
    expect(JSON.parse(stdout)).toMatchObject({ name: 'Maya Lind’s workspace' });
    await rm(lock);
  });

  test('fanfare mcp offers the operations over standard input and output', async () => {
    const client = new Client({ name: 'test', version: '1' });
    const args = ['bin/fanfare.js', 'mcp', '--url', url];
    await client.connect(new StdioClientTransport({ command: process.execPath, args, env: environment() }));
    const { tools } = await client.listTools();
    expect(tools.find((tool) => tool.name === 'apps_list')).toMatchObject({ annotations: { readOnlyHint: true } });
    const answer = await client.callTool({ name: 'apps_list', arguments: {} });
    expect(JSON.stringify(answer.structuredContent)).toContain('quickdiff.example');
    const unknown = await client.callTool({
      name: 'apps_get',
      arguments: { appId: '00000000-0000-4000-8000-000000000000' },
    });
    expect(unknown).toMatchObject({ isError: true });
    await client.close();
  });
});

describe('long work', () => {
  test('an analysis is followed step by step, each said once, until it has ended', async () => {
    const get = offered().find((one) => one.name === 'analyses.get')!;
    const shape = z.toJSONSchema(get.output, { unrepresentable: 'any' }) as { properties: Record<string, unknown> };
    expect(Object.keys(shape.properties)).toEqual(expect.arrayContaining(['state', 'failure', 'steps']));
    const step = (name: string, state: string, message?: string) => ({ name, state, message });
    const answers = [
      { state: 'waiting', failure: null, steps: [step('Home page', 'waiting'), step('Reading', 'waiting')] },
      { state: 'running', steps: [step('Home page', 'running'), step('Reading', 'waiting')] },
      { state: 'running', steps: [step('Home page', 'done', '3 pages'), step('Reading', 'running')] },
      { state: 'done', steps: [step('Home page', 'done', '3 pages'), step('Reading', 'done')] },
    ];
    const said: string[] = [];
    const call = async () => ({ ok: true as const, value: answers.length > 1 ? answers.shift() : answers[0] });
    const teller = { line: (text: string) => said.push(text), interactive: false };
    const outcome = await followAnalysis({ url, call }, get, '00000000-0000-4000-8000-000000000000', teller, 1);
    expect(outcome.ok).toBe(true);
    expect(said).toEqual(['… Home page', '✓ Home page: 3 pages', '… Reading', '✓ Reading']);
  });

  test('a failed analysis is a fault, with its reason', async () => {
    const get = offered().find((one) => one.name === 'analyses.get')!;
    const call = async () => ({
      ok: true as const,
      value: { state: 'failed', failure: { message: 'The page did not answer.' }, steps: [] },
    });
    const outcome = await followAnalysis({ url, call }, get, 'x', { line: () => {}, interactive: false }, 1);
    expect(outcome).toMatchObject({ ok: false, message: 'The page did not answer.' });
  });
});

describe('what it prints', () => {
  const now = new Date('2026-11-22T09:00:00Z');

  test('money keeps every digit', () => {
    expect(money({ minor: '123456789012345678', currency: 'EUR' })).toBe('1,234,567,890,123,456.78 EUR');
    expect(money({ minor: '-5', currency: 'USD' })).toBe('-0.05 USD');
    expect(money({ minor: '1500', currency: 'JPY' })).toBe('1,500 JPY');
  });

  test('a wide table fits; what is left out is named; ids stay whole', () => {
    const id = '6f9619ff-8b86-4d01-b42d-00c04fc964ff';
    const rows = [
      { id, text: 'x'.repeat(300), other: '日本語'.repeat(30), count: 12, more: 'y'.repeat(80), last: 'z'.repeat(40) },
    ];
    const text = table(rows, { width: 80, now });
    expect(text).toContain(id);
    expect(text).toContain('…');
    const bare = text.split('\n').slice(0, 2);
    expect(bare.every((line) => line.length <= 80)).toBe(true);
    expect(table(rows, { width: 50, now })).toMatch(/Not shown: .*last/);
  });

  test('control characters of others do not reach the terminal', () => {
    expect(cell('a\u001b[31mred\u0007', { now })).toBe('a[31mred');
  });
});
