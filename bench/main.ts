import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { catalog } from '#src/catalog.ts';
import { readConfig } from '#src/config.ts';
import { asSystem, type Context, shared, type World } from '#src/context.ts';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate, SERVER_ROLE } from '#src/db/migrate.ts';
import { createLink, openRedirects } from '#src/distribute/links.ts';
import { openIntake } from '#src/measure/events/intake.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { openWorld } from '#src/world.ts';
import { publishing } from './publishing.ts';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0';
const AT_ONCE = 64;
const SECONDS = 3;

const data = await mkdtemp(join(tmpdir(), 'fanfare-bench-'));
const server = await startEmbedded({ data });
try {
  await migrate(server.connection('fanfare_owner'));
  const world = await openWorld({
    config: readConfig({ LOG_LEVEL: 'silent' }),
    data,
    publicUrl: 'http://localhost:3000',
    server: server.connection(SERVER_ROLE),
  });
  const { context, appId, publicKey, call } = await aWorkspace(world);
  await commits(world, context);
  await intake(world, publicKey);
  await redirects(world, context, appId);
  await home(call, appId, world);
  await world.close();
} finally {
  await server.stop();
  await rm(data, { recursive: true, force: true });
}
await publishing();

/** The limit of everything that commits: one row, one transaction, eight connections. */
async function commits(world: World, context: Context): Promise<void> {
  await measure('limit: one small transaction each, 8 at a time', 8, () =>
    world.db.transaction({ workspaceId: context.workspaceId }, (tx) =>
      tx
        .insertInto('consents')
        .values({ workspaceId: context.workspaceId, person: 'p', purpose: 'bench', granted: true, source: 'bench' })
        .execute(),
    ),
  );
}

async function intake(world: World, app: string): Promise<void> {
  const { receive } = openIntake(world);
  let visitor = 0;
  await measure(`intake: browser events, ${AT_ONCE} at a time, answered after the commit`, AT_ONCE, async () => {
    visitor = (visitor + 1) % 5000;
    const body = {
      app,
      id: crypto.randomUUID(),
      kind: 'pageview',
      url: `https://bench.example/page-${visitor % 40}`,
      referrer: 'https://t.co/',
      props: {},
    };
    const address = `203.0.${visitor >> 8}.${visitor & 255}`;
    const answer = await receive({ body, address, userAgent: FIREFOX, doNotTrack: false, privacyControl: false });
    if (answer.outcome !== 'stored') throw new Error(`Not stored: ${JSON.stringify(answer)}`);
  });
}

async function redirects(world: World, context: Context, appId: string): Promise<void> {
  const { code } = await createLink(context, { appId, destination: 'https://bench.example/', utmSource: 'bench' });
  await measure(`limit: one row by its primary key, ${AT_ONCE} at a time`, AT_ONCE, () =>
    world.db.pool.query('select link_id from link_codes where code = $1', [code]),
  );
  const redirects = openRedirects(world, async () => () => null);
  const follower = {
    agentClass: 'human',
    agentName: null,
    referrerHost: 't.co',
    country: null,
    visitor: null,
  } as const;
  await measure(
    `redirect: links followed, ${AT_ONCE} at a time, answered after the click is stored`,
    AT_ONCE,
    async () => {
      const followed = await redirects.follow({ code, domain: null }, follower);
      if (followed.kind !== 'found') throw new Error('The link was not found.');
    },
  );
}

async function home(call: Awaited<ReturnType<typeof aWorkspace>>['call'], appId: string, world: World): Promise<void> {
  await measure('limit: select one row, 1 at a time', 1, () =>
    shared(world, (tx) => tx.selectFrom('users').select('id').limit(1).execute()),
  );
  await measure('home: 30 days, all of it, 1 at a time', 1, () => call.dashboards.home({ appId, range: '30d' }));
}

/** Runs `once` by `parallel` loops for some seconds and prints how many a second and how long the slowest took. */
async function measure(name: string, parallel: number, once: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  const end = performance.now() + SECONDS * 1000;
  const loop = async () => {
    while (performance.now() < end) {
      const begun = performance.now();
      await once();
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: parallel }, loop));
  times.sort((a, b) => a - b);
  const at = (share: number) => (times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0).toFixed(1);
  const perSecond = Math.round(times.length / SECONDS).toLocaleString('en');
  console.log(`${name.padEnd(68)} ${perSecond.padStart(8)} /s   p50 ${at(0.5)} ms   p99 ${at(0.99)} ms`);
}

async function aWorkspace(world: World) {
  const user = await shared(world, (tx) =>
    tx
      .insertInto('users')
      .values({ name: 'Bench', email: 'bench@example.com' })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  const workspaceId = await createWorkspace(world, { name: 'Bench', userId: user.id });
  const who = { kind: 'user', id: user.id, name: 'Bench', role: 'owner' } as const;
  const caller = { world, who, workspaceId, address: null, requestId: 'bench' };
  const call = createRouterClient(catalog, { context: caller });
  const { id: appId } = await call.apps.register({ url: 'https://bench.example' });
  const { publicKey } = await call.tracking.get({ appId });
  return { context: { ...asSystem(world, workspaceId, 'bench'), who }, appId, publicKey, call };
}
