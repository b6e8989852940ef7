/**
 * Load from a process of its own, so that what it costs is not counted as ours: requests as text over keep-alive
 * connections, each sent when the one before was answered. Started by `drive`; prints one line of JSON.
 */
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';

/** Replaced by a new id in each request; of the same length. */
export const ID = '00000000-0000-0000-0000-000000000000';

/** Replaced by an address nobody had before, the same for the requests of one visit. */
export const ADDRESS = '250.250.250.250';

export type Load = {
  port: number;
  connections: number;
  /** Before the measuring starts, and for how long it lasts. */
  warmUp: number;
  seconds: number;
  /** Whole requests, sent in turn. */
  requests: string[];
  /** So many requests in a row are one visit, over one connection. */
  visit?: number;
  /** The status every answer must have. */
  expected: number;
};

/** `answered`: in all, also while it warmed up. */
export type Driven = { perSecond: number; p50: number; p99: number; max: number; answered: number };

/** Runs the load against a server on this machine and returns how many a second and how long they took (ms). */
export async function drive(load: Load): Promise<Driven> {
  const child = spawn(process.execPath, [import.meta.filename], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(JSON.stringify(load));
  let said = '';
  child.stdout.on('data', (data) => {
    said += data;
  });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error('The load ended with a fault.');
  return JSON.parse(said) as Driven;
}

if (process.argv[1] === import.meta.filename) {
  let told = '';
  for await (const part of process.stdin) told += part;
  console.log(JSON.stringify(await run(JSON.parse(told) as Load)));
  process.exit(0);
}

async function run({ port, connections, warmUp, seconds, requests, visit = 1, expected }: Load): Promise<Driven> {
  const begin = performance.now() + warmUp * 1000;
  const end = begin + seconds * 1000;
  const times: number[] = [];
  const pieces = requests.map((text) => text.split(ADDRESS).map((part) => part.split(ID)));
  let visits = 0;
  let answered = 0;
  const status = `HTTP/1.1 ${expected}`;
  await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise<void>((resolve, reject) => {
          const socket = connect(port, '127.0.0.1');
          socket.setNoDelay(true);
          socket.setEncoding('latin1');
          let answer = '';
          let sent = 0;
          let number = 0;
          let step = 0;
          let address = '';
          const send = () => {
            if (step++ % visit === 0) {
              number = visits++;
              address = `${1 + (number >>> 24)}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
            }
            const parts = pieces[(number * visit + ((step - 1) % visit)) % pieces.length] as string[][];
            const text = parts.map((half) => (half.length === 1 ? (half[0] as string) : half.join(randomUUID())));
            sent = performance.now();
            socket.write(text.length === 1 ? (text[0] as string) : text.join(address));
          };
          socket.on('connect', send);
          socket.on('error', reject);
          socket.on('data', (data: string) => {
            answer += data;
            const head = answer.indexOf('\r\n\r\n');
            if (head === -1) return;
            const length = Number(/content-length: (\d+)/i.exec(answer)?.[1] ?? 0);
            if (answer.length < head + 4 + length) return;
            if (!answer.startsWith(status)) return reject(new Error(`Not ${expected}: ${answer.slice(0, 300)}`));
            answer = '';
            const now = performance.now();
            answered++;
            if (now > begin) times.push(now - sent);
            if (now > end) {
              socket.destroy();
              resolve();
            } else send();
          });
        }),
    ),
  );
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
  return { perSecond: times.length / seconds, p50: at(0.5), p99: at(0.99), max: times.at(-1) ?? 0, answered };
}
