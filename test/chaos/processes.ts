import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { HouseSettings } from '#test/chaos/house.ts';
import type { Settings } from '#test/chaos/publisher.ts';
import type { Pace } from '#test/clock.ts';
import type { XAt } from '#test/connected.ts';
import type { FakePost } from '#test/fakes/x/state.ts';

/** A process that can be killed; what it said first is known. */
export type Running = { said: string; kill(): Promise<void>; go(): void; ended: Promise<unknown> };

/** What the machine allows a process: megabytes of memory for its objects, bytes of any one file. */
export type Limits = { memory?: number; file?: number };

const living = new Set<ChildProcess>();

/** Kills what is left; for the end of a run. */
export function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** Starts a publisher and waits until it says that it stands still (`stopAt`) or is ready; then `go` lets it publish. */
export function startPublisher(settings: Settings, limits?: Limits): Promise<Running> {
  return start(join(import.meta.dirname, 'publisher.ts'), [JSON.stringify(settings)], limits);
}

/** Starts the doors of a house; it says its port. */
export function startHouse(settings: HouseSettings, limits?: Limits): Promise<Running> {
  return start(join(import.meta.dirname, 'house.ts'), [JSON.stringify(settings)], limits);
}

/** A fake X that does not live in this process. */
export type XElsewhere = XAt & {
  /** Tells it what to do (test/fakes/x/control.ts). */
  tell(name: string, given: Record<string, unknown>): Promise<void>;
  /** The posts of `maker` that stand there, oldest first. */
  posts(): Promise<FakePost[]>;
};

/** Several fakes in one process that keep their state in files: killed and started again they go on. */
export type XProcess = { all: readonly XElsewhere[]; kill(): Promise<void>; start(): Promise<void> };

export async function startXProcess(stateFile: string, pace: Pace, count: number): Promise<XProcess> {
  const program = join(import.meta.dirname, '..', 'fakes', 'x', 'main.ts');
  const flags = ['--state', stateFile, '--origin', String(pace.origin), '--factor', String(pace.factor)];
  let running = await start(program, [...flags, '--ports', Array(count).fill(0).join(',')]);
  const urls = running.said.split(' ');
  return {
    all: urls.map(xAt),
    kill: () => running.kill(),
    start: async () => {
      running = await start(program, [...flags, '--ports', urls.map((url) => new URL(url).port).join(',')]);
    },
  };
}

function xAt(url: string): XElsewhere {
  const ask = async (path: string, init?: RequestInit) => {
    let answer: Response | null = null;
    // It may be killed while it is asked, and is back soon; told twice it only fails once more.
    for (let tries = 0; answer === null; tries++) {
      const request = fetch(`${url}/_control/${path}`, { ...init, headers: { connection: 'close' } });
      answer = await request.catch((error: unknown) => {
        if (tries === 40) throw error;
        return null;
      });
      if (answer === null) await wait(250);
    }
    if (!answer.ok) throw new Error(`The fake X refused ${path}: ${await answer.text()}`);
    return ((await answer.json()) as { result: unknown }).result;
  };
  return {
    url,
    app: {
      clientId: 'fake-client',
      clientSecret: 'fake-secret',
      apiUrl: url,
      authorizeUrl: `${url}/i/oauth2/authorize`,
    },
    tell: async (name, given) => {
      await ask(name, { method: 'POST', body: JSON.stringify(given) });
    },
    posts: async () => (await ask('posts?username=maker')) as FakePost[],
  };
}

async function start(program: string, given: string[], { memory, file }: Limits = {}): Promise<Running> {
  const command = [process.execPath, ...(memory ? [`--max-old-space-size=${memory}`] : []), program, ...given];
  // The shell counts in 512 bytes. Nobody needs what is left of a process that was meant to die.
  const limit = `ulimit -c 0; ${file ? `ulimit -f ${file / 512}; ` : ''}exec "$0" "$@"`;
  const child = spawn('/bin/sh', ['-c', limit, ...command], {
    stdio: ['pipe', 'pipe', memory ? 'ignore' : 'inherit'],
    // Halves the time until it is ready.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'fanfare-compile-cache') },
  });
  living.add(child);
  // A write to one that was killed meanwhile.
  child.stdin.on('error', () => undefined);
  const gone = once(child, 'exit').then(() => {
    living.delete(child);
    return null;
  });
  const said = await Promise.race([once(child.stdout, 'data') as Promise<[Buffer]>, gone]);
  if (!said) throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode} before it said anything.`);
  return {
    said: String(said[0]).trim(),
    ended: gone,
    go: () => void child.stdin.write('go\n'),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
