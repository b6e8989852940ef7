import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServerType } from '@hono/node-server';
import { startFakeX } from '#test/fakes/x/index.ts';
import { Browser, type Fanfare, startFanfare } from '#test/fanfare.ts';
import { landingPage, PUBLIC_URL, type Told } from '#test/story/steps.ts';

/** Where the story is told: what is outside, and the processes of Fanfare by name. */
export type Stage = { told: Told; processes: ReadonlyMap<string, Fanfare>; data: string; close(): Promise<void> };

/**
 * Starts the outside (the app's site, X) and one process of Fanfare for each of `run`, by name: `all`, or `web…` and
 * `worker…`. All have one data folder, and what `environment` says besides.
 */
export async function openStage(run: readonly string[], environment: Record<string, string> = {}): Promise<Stage> {
  const data = await mkdtemp(join(tmpdir(), 'fanfare story '));
  const site: ServerType = await landingPage();
  const { port } = site.address() as { port: number };
  const x = await startFakeX({});
  const processes = new Map<string, Fanfare>();
  const stage: Stage = {
    told: { x, appUrl: `http://127.0.0.1:${port}/` } as Told,
    processes,
    data,
    async close() {
      await Promise.all([...processes.values()].map((one) => one.stop()));
      await x.close();
      site.close();
      await rm(data, { recursive: true, force: true });
    },
  };
  const start = async (name: string) => {
    const RUN = name.replace(/[^a-z].*/, '');
    const outside = {
      WEB_ALLOW: `127.0.0.1:${port}`,
      X_API_URL: x.app.apiUrl,
      X_AUTHORIZE_URL: x.app.authorizeUrl,
      PUBLIC_URL,
    };
    processes.set(name, await startFanfare({ data, environment: { ...outside, ...environment, RUN } }));
  };
  const ended = await Promise.allSettled(run.map(start));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) {
    await stage.close();
    throw failed.reason;
  }
  const doors = run.filter((name) => !name.startsWith('worker')).map((name) => processes.get(name)!.url);
  stage.told.browser = new Browser(doors, PUBLIC_URL);
  return stage;
}
