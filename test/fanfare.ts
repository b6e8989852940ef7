import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

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
      if (output.includes('Fanfare is at')) return;
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
 * believes to be at, as behind a proxy.
 */
export class Browser {
  readonly url: string;
  readonly publicUrl: string;
  private cookies = new Map<string, string>();

  constructor(url: string, publicUrl = url) {
    this.url = url;
    this.publicUrl = publicUrl;
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
    return address.replace(this.publicUrl, this.url);
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
