/**
 * Browser events over keep-alive connections, each answered when it is committed with all that follows from it, beside
 * the cheapest server that reads the same JSON, and a bare commit. Server and load are processes of their own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import pg from 'pg';
import { ADDRESS, type Driven, drive, ID } from './load.ts';

const APPS = 40;
const CONNECTIONS = 64;
const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
];
const REFERRERS = [
  '',
  'https://t.co/',
  'https://www.google.com/',
  'https://news.ycombinator.com/',
  'https://chatgpt.com/',
];
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'America/Sao_Paulo'];

export async function intake({ seconds = 8 }: { seconds?: number } = {}): Promise<void> {
  const bare = await served('bare', ({ port, keys }) => drive(loadOn(port, seconds, keys, CONNECTIONS)));
  const [many, one, commit, memory, lost, spent] = await served('ours', async (house) => {
    const { port, keys, stored } = house;
    const before = await stored();
    const idle = await house.cpu();
    const many = await drive(loadOn(port, seconds, keys, CONNECTIONS));
    const busy = await house.cpu();
    const used = await house.memory();
    const lost = many.answered - ((await stored()) - before);
    const each = (from: number, until: number) => Math.round(((until - from) / many.answered) * 1e6);
    const spent = { node: each(idle.node, busy.node), postgres: each(idle.pg, busy.pg) };
    return [many, await drive(loadOn(port, 4, keys, 1)), await house.commit(), used, lost, spent] as const;
  });
  line(`limit: Hono, the same JSON, nothing stored, ${CONNECTIONS} connections`, bare);
  line(`intake: ${APPS} apps, answered after the commit, ${CONNECTIONS} connections`, many);
  console.log(`  ${(many.perSecond / bare.perSecond).toFixed(2)} of the limit (target 0.40), p99 target 25 ms`);
  console.log(`  acknowledged and not stored: ${lost}; memory of the server: ${memory} MB (target 300)`);
  console.log(`  processor time of an event: node ${spent.node} µs, PostgreSQL ${spent.postgres} µs`);
  line('limit: one row, one commit, 1 connection', commit);
  line('intake: 1 connection', one);
  console.log(`  ${(one.p50 / commit.p50).toFixed(1)} bare commits (target 3)`);
}

function line(name: string, { perSecond, p50, p99 }: Omit<Driven, 'max' | 'answered'>): void {
  const figure = Math.round(perSecond).toLocaleString('en').padStart(8);
  console.log(`${name.padEnd(68)} ${figure} /s   p50 ${p50.toFixed(2)} ms   p99 ${p99.toFixed(1)} ms`);
}

/** Visits of three events each, of people nobody has seen before. */
function loadOn(port: number, seconds: number, keys: string[], connections: number) {
  const requests = Array.from({ length: 3000 }, (_, visit) => {
    const agent = AGENTS[visit % AGENTS.length];
    // Few apps have most of the visitors.
    const app = keys[Math.floor(keys.length ** (((visit * 7919) % 3000) / 3000)) - 1] ?? keys[0];
    return [0, 1, 2].map((step) => {
      const body = JSON.stringify({
        app,
        id: ID,
        kind: step === 2 && visit % 3 === 0 ? 'outbound' : 'pageview',
        url: `https://bench.example/${['', 'pricing', 'docs/getting-started', 'blog/first-hundred-users'][(visit + step) % 4]}`,
        referrer: step === 0 ? REFERRERS[visit % REFERRERS.length] : 'https://bench.example/',
        props: step === 2 && visit % 3 === 0 ? { to: 'https://elsewhere.example/' } : {},
        width: 1280,
        zone: ZONES[visit % ZONES.length],
      });
      return (
        `POST /e HTTP/1.1\r\nhost: localhost:${port}\r\nuser-agent: ${agent}\r\nx-forwarded-for: ${ADDRESS}\r\n` +
        `accept: */*\r\naccept-language: en-GB,en;q=0.9\r\norigin: https://bench.example\r\nreferer: https://bench.example/\r\n` +
        `content-type: text/plain\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
      );
    });
  }).flat();
  return { port, connections, warmUp: 3, seconds, requests, visit: 3, expected: 202 };
}

type Served = {
  port: number;
  keys: string[];
  memory(): Promise<number>;
  stored(): Promise<number>;
  commit(): Promise<Driven>;
  /** Seconds of processor time the server and its database have taken so far. */
  cpu(): Promise<{ node: number; pg: number }>;
};

/** Starts this file as a server, measures, and has it end. */
async function served<T>(role: 'bare' | 'ours', measure: (house: Served) => Promise<T>): Promise<T> {
  // As bin/fanfare.js has it.
  const heap = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
  const child = spawn(process.execPath, [...heap, import.meta.filename, role], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (question: string) => {
    child.stdin.write(`${question}\n`);
    return JSON.parse((await lines.next()).value as string);
  };
  try {
    const { port, keys } = await ask('where');
    const asked = {
      memory: () => ask('memory'),
      stored: () => ask('stored'),
      commit: () => ask('commit'),
      cpu: () => ask('cpu'),
    };
    return await measure({ port, keys, ...asked });
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

if (process.argv[1] === import.meta.filename) {
  const [role] = process.argv.slice(2);
  if (role === 'bare') await serveBare();
  else if (role === 'ours') await serveOurs();
  else await intake();
}

async function serveBare(): Promise<void> {
  const app = new Hono();
  app.post('/e', async (request) => request.json({ stored: (await request.req.json()).id !== undefined }, 202));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await answer({ where: async () => ({ port, keys: ['abcdefghij'] }) });
  process.exit(0);
}

async function serveOurs(): Promise<void> {
  const { openHouse } = await import('./house.ts');
  const house = await openHouse({ TRUSTED_PROXIES: '1' });
  const keys: string[] = [];
  for (let index = 0; index < APPS; index++) {
    const { id: appId } = await house.call.apps.register({ url: `https://app-${index}.example` });
    await house.call.tracking.set({ appId, hosts: ['bench.example'] });
    await house.call.goals.create({ appId, name: 'Read the docs', pathPattern: '/manual/*' });
    keys.push((await house.call.tracking.get({ appId })).publicKey);
  }
  const owner = new pg.Client(house.owner);
  await owner.connect();
  await owner.query('create table bare (id uuid, at timestamptz)');
  await answer({
    where: async () => ({ port: house.port, keys }),
    memory: async () => Math.round(process.memoryUsage.rss() / 1024 / 1024),
    stored: async () => Number((await owner.query('select count(*) from events')).rows[0].count),
    commit: () => commits(owner),
    cpu: async () => {
      const { readFileSync, readdirSync } = await import('node:fs');
      const { user, system } = process.cpuUsage();
      const me = (
        await owner.query(
          'select pg_backend_pid() as pid, (select xact_commit from pg_stat_database where datname = current_database()) as commits',
        )
      ).rows[0];
      const stat = (pid: string | number) =>
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /, '')
          .split(' ');
      const master = stat(me.pid)[1];
      let pgTicks = 0;
      for (const pid of readdirSync('/proc'))
        if (/^\d+$/.test(pid))
          try {
            const f = stat(pid);
            if (f[1] === master || pid === master) pgTicks += Number(f[11]) + Number(f[12]);
          } catch {}
      return { node: (user + system) / 1e6, pg: pgTicks / 100, commits: Number(me.commits) };
    },
  });
  await owner.end();
  await house.close();
  process.exit(0);
}

/** One row, one commit, one after the other. */
async function commits(client: pg.Client): Promise<Driven> {
  const times: number[] = [];
  const end = performance.now() + 3000;
  while (performance.now() < end) {
    const begun = performance.now();
    await client.query({ name: 'bare', text: 'insert into bare values (gen_random_uuid(), now())' });
    times.push(performance.now() - begun);
  }
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(times.length * share)] ?? 0;
  return { perSecond: times.length / 3, p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? 0, answered: times.length };
}

/** Answers questions on the standard input, a line each, until it ends. */
async function answer(answers: Record<string, () => Promise<unknown>>): Promise<void> {
  for await (const question of createInterface(process.stdin)) console.log(JSON.stringify(await answers[question]?.()));
}
