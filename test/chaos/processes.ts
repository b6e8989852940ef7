import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Settings } from '#test/chaos/publisher.ts';
import type { Pace } from '#test/clock.ts';
import type { XAt } from '#test/connected.ts';
import type { FakePost } from '#test/fakes/x/state.ts';

/** A process that can be killed; what it said first is known. */
export type Running = { said: string; kill(): Promise<void> };

const living = new Set<ChildProcess>();

/** Kills what is left; for the end of a run. */
export function killAll(): void {
  for (const child of living) child.kill('SIGKILL');
}

/** Starts a publisher and waits until it says that it stands still (`stopAt`) or is ready. */
export function startPublisher(settings: Settings): Promise<Running> {
  return start(join(import.meta.dirname, 'publisher.ts'), [JSON.stringify(settings)]);
}

/** The fake X as a process of its own that keeps its state in a file: killed and started again it goes on. */
export type XProcess = XAt & {
  /** Tells it what to do (test/fakes/x/control.ts). */
  tell(name: string, given: Record<string, unknown>): Promise<void>;
  /** The posts of `maker` that stand there, oldest first. */
  posts(): Promise<FakePost[]>;
  kill(): Promise<void>;
  start(): Promise<void>;
};

export async function startXProcess(stateFile: string, pace: Pace): Promise<XProcess> {
  const program = join(import.meta.dirname, '..', 'fakes', 'x', 'main.ts');
  const flags = ['--state', stateFile, '--origin', String(pace.origin), '--factor', String(pace.factor)];
  let running = await start(program, [...flags, '--port', '0']);
  const url = running.said;
  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}/_control/${path}`, { ...init, headers: { connection: 'close' } });
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
    kill: () => running.kill(),
    start: async () => {
      running = await start(program, [...flags, '--port', new URL(url).port]);
    },
  };
}

async function start(program: string, given: string[]): Promise<Running> {
  const child = spawn(process.execPath, [program, ...given], { stdio: ['ignore', 'pipe', 'inherit'] });
  living.add(child);
  const gone = once(child, 'exit').then(() => {
    living.delete(child);
    return null;
  });
  const said = await Promise.race([once(child.stdout, 'data') as Promise<[Buffer]>, gone]);
  if (!said) throw new Error(`${program} ended with ${child.exitCode ?? child.signalCode} before it said anything.`);
  return {
    said: String(said[0]).trim(),
    kill: async () => {
      child.kill('SIGKILL');
      await gone;
    },
  };
}
