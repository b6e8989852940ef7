/**
 * Tracked links followed by 64 keep-alive connections, each answered when its click is committed, beside the cheapest
 * redirect this machine can give. Server and load are processes of their own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { type Driven, drive } from './load.ts';

const AGENTS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  'Twitterbot/1.0',
];
const CONNECTIONS = 64;

/** `role` is set in the child that serves; see `served`. */
export async function redirect({ seconds = 5 }: { seconds?: number } = {}): Promise<void> {
  const bare = await served('bare', (port) => drive(loadOn(port, seconds, ['x'])));
  const ours = await served('ours', (port, codes) => drive(loadOn(port, seconds, codes)));
  line('limit: bare node:http 302', bare);
  line('redirect: 1,000 links, each answered after its click is committed', ours);
  console.log(`  ${(ours.perSecond / bare.perSecond).toFixed(2)} of the limit (target 0.30), p99 target 15 ms`);
}

function line(name: string, { perSecond, p50, p99 }: Driven): void {
  const figure = Math.round(perSecond).toLocaleString('en').padStart(8);
  console.log(`${name.padEnd(68)} ${figure} /s   p50 ${p50.toFixed(1)} ms   p99 ${p99.toFixed(1)} ms`);
}

function loadOn(port: number, seconds: number, codes: string[]) {
  const requests = Array.from({ length: 20_000 }, (_, index) => {
    // Few links are followed often, most seldom.
    const code = codes[Math.floor(codes.length ** (((index * 7919) % 20_000) / 20_000)) - 1] ?? codes[0];
    const address = `203.${index % 199}.${(index >> 8) % 256}.${index % 256}`;
    return (
      `GET /l/${code} HTTP/1.1\r\nhost: localhost:${port}\r\nuser-agent: ${AGENTS[index % AGENTS.length]}\r\n` +
      `x-forwarded-for: ${address}\r\nreferer: https://t.co/\r\naccept: text/html\r\n\r\n`
    );
  });
  return { port, connections: CONNECTIONS, warmUp: 2, seconds, requests, expected: 302 };
}

/** Starts this file as a server, measures, and has it end. */
async function served<T>(role: 'bare' | 'ours', measure: (port: number, codes: string[]) => Promise<T>): Promise<T> {
  const child = spawn(process.execPath, [import.meta.filename, role], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [text] = await once(createInterface(child.stdout), 'line');
    const { port, codes } = JSON.parse(text as string) as { port: number; codes: string[] };
    return await measure(port, codes);
  } finally {
    child.stdin.end();
    await once(child, 'exit');
  }
}

if (process.argv[1] === import.meta.filename) {
  const [role] = process.argv.slice(2);
  if (role === 'bare') await serveBare();
  else if (role === 'ours') await serveOurs();
  else await redirect();
}

async function serveBare(): Promise<void> {
  const server = createServer((_, response) => {
    response.writeHead(302, { location: 'https://bench.example/' });
    response.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  await untilEnd((server.address() as AddressInfo).port, []);
  process.exit(0);
}

async function serveOurs(): Promise<void> {
  const { openHouse } = await import('./house.ts');
  const house = await openHouse({ TRUSTED_PROXIES: '1' });
  const { createLink } = await import('#src/distribute/links.ts');
  const codes: string[] = [];
  for (let index = 0; index < 1000; index++) {
    const destination = `https://bench.example/page-${index}`;
    codes.push((await createLink(house.context, { appId: house.appId, destination, utmSource: 'x' })).code);
  }
  await untilEnd(house.port, codes);
  await house.close();
  process.exit(0);
}

async function untilEnd(port: number, codes: string[]): Promise<void> {
  console.log(JSON.stringify({ port, codes }));
  for await (const _ of process.stdin);
}
