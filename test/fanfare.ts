import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { ClientConfig } from 'pg';

/** The real program in a process of its own, as `npm start` runs it. */
export type Fanfare = {
  url: string;
  /** Everything it printed since the last start. */
  printed(): string;
  /** SIGKILL, as a power cut for the process; the database it started lives on and is adopted at the next start. */
  kill(): Promise<void>;
  /** Starts again on the same data folder and port. */
  start(): Promise<void>;
  /** SIGTERM; returns the exit code. */
  stop(): Promise<number | null>;
};

/** Starts Fanfare on a data folder and a free port. `environment` is added to its own. */
export async function startFanfare(options: {
  data: string;
  environment?: Record<string, string>;
  command?: 'start' | 'demo';
}): Promise<Fanfare> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  let child: ChildProcess | undefined;
  let output = '';

  const start = async () => {
    output = '';
    const mine = spawn(process.execPath, ['bin/fanfare.js', options.command ?? 'start'], {
      env: {
        ...process.env,
        LOG_LEVEL: 'warn',
        ...options.environment,
        FANFARE_DATA: options.data,
        PORT: String(port),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = mine;
    const keep = (text: Buffer) => {
      output += text.toString();
    };
    mine.stdout?.on('data', keep);
    mine.stderr?.on('data', keep);
    for (let waited = 0; waited < 60_000; waited += 50) {
      if (/Fanfare (is at|works in the background)/.test(output)) return;
      if (mine.exitCode !== null)
        throw new Error(`Fanfare ended with ${mine.exitCode} instead of starting.\n${output}`);
      await pause(50);
    }
    throw new Error(`Fanfare did not start within a minute.\n${output}`);
  };
  const end = async (signal: NodeJS.Signals) => {
    const running = child;
    child = undefined;
    if (!running || running.exitCode !== null) return running?.exitCode ?? null;
    running.kill(signal);
    const [code] = (await once(running, 'exit')) as [number | null];
    return code;
  };

  await start();
  return {
    url,
    printed: () => output,
    start,
    kill: async () => {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}

/** The address of a test's database, as DATABASE_URL names one. */
export function addressOf({ host, port, database, user, password }: ClientConfig): string {
  const who = password ? `${user}:${password}` : user;
  return `postgres://${who}@/${database}?host=${encodeURIComponent(host ?? '')}&port=${port}`;
}

/** A port nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * A browser's worth of HTTP: keeps cookies, speaks JSON, throws the server's words. `publicUrl` is the address it
 * believes to be at, as behind a proxy. With several servers behind it each request goes to the next one.
 */
export class Browser {
  readonly urls: readonly string[];
  readonly publicUrl: string;
  /** What was said when something was refused or failed. */
  readonly refusals: string[] = [];
  private cookies = new Map<string, string>();
  private out = new Set<string>();
  private turn = 0;

  constructor(url: string | readonly string[], publicUrl = [url].flat()[0]!) {
    this.urls = [url].flat();
    this.publicUrl = publicUrl;
  }

  /** Takes a server that is down out of the round, or back in. */
  use(url: string, up: boolean): void {
    if (up) this.out.delete(url);
    else this.out.add(url);
  }

  async request(method: string, path: string, body?: unknown): Promise<Response> {
    const answer = await fetch(this.reach(new URL(path, this.publicUrl).href), {
      method,
      redirect: 'manual',
      headers: {
        cookie: [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        origin: this.publicUrl,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split(/=(.*)/s) as [string, string];
      this.cookies.set(name, value);
    }
    if (answer.status >= 400) this.refusals.push(`${method} ${path}: ${await answer.clone().text()}`);
    return answer;
  }

  /** A call of the API as a JSON answer; `path` below /api/v1. */
  async call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.request(method, `/api/v1${path}`, body);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as T;
  }

  /** A public address as it is reached behind the proxy. */
  reach(address: string): string {
    const up = this.urls.filter((url) => !this.out.has(url));
    return address.replace(this.publicUrl, up[this.turn++ % up.length]!);
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  }
}

/** Asks until the answer is there; fails with `what` after `seconds`. */
export async function until<T>(
  what: string,
  ask: () => Promise<T | undefined | null | false>,
  seconds = 30,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`Waited ${seconds} s for ${what}.`);
    await pause(100);
  }
}
