/**
 * 10,000 publications due within one minute over 200 accounts, published by the program's own loop to a pretend platform
 * that answers after 200 ms. Prints how late they went out beside what X's limits allow, and throws when one went out
 * twice, never, or before an earlier one of its account.
 *
 *     node bench/publishing.ts --publications 2000 --answer 200
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createRouterClient } from '@orpc/server';
import { catalog } from '#src/catalog.ts';
import { readConfig } from '#src/config.ts';
import { shared, type World } from '#src/context.ts';
import { startEmbedded } from '#src/db/embedded.ts';
import { migrate, SERVER_ROLE } from '#src/db/migrate.ts';
import { publishLoop } from '#src/distribute/publications.ts';
import type { Platform } from '#src/outside/platform.ts';
import { x } from '#src/outside/platforms/x/index.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { openWorld } from '#src/world.ts';

const ACCOUNTS = 200;
const WORKSPACES = 40;
const MINUTE = 60_000;

/** One call of the pretend platform. Moments are those of the bench's clock, in milliseconds. */
type Out = { account: string; number: number; arrivedAt: number };

/** Runs the bench on a database of its own. `answer` is how long the platform takes, in milliseconds. */
export async function publishing({ publications = 10_000, answer = 200 } = {}): Promise<void> {
  const data = await mkdtemp(join(tmpdir(), 'fanfare-bench-'));
  const server = await startEmbedded({ data });
  try {
    await migrate(server.connection('fanfare_owner'));
    let ahead = 0;
    const clock = { now: () => new Date(Date.now() + ahead) };
    const out: Out[] = [];
    const world = await openWorld(
      {
        config: readConfig({ LOG_LEVEL: 'silent' }),
        data,
        publicUrl: 'http://localhost:3000',
        server: server.connection(SERVER_ROLE),
      },
      {
        clock,
        platforms: new Map([
          [x.id, x],
          ['sandbox', pretend(answer, (one) => out.push({ ...one, arrivedAt: clock.now().getTime() }))],
        ]),
      },
    );
    const each = Math.round(publications / ACCOUNTS);
    const begin = Math.ceil((Date.now() + 3_600_000) / MINUTE) * MINUTE;
    const dueAt = (number: number) => begin + Math.floor((number * MINUTE) / each);
    for (let n = 0; n < WORKSPACES; n += 1) await fill(world, n, each, dueAt);

    ahead = begin - Date.now();
    const ending = new AbortController();
    const loop = publishLoop(world, ending.signal);
    while (out.length < each * ACCOUNTS) await wait(50);
    // Who sends twice has time to do it.
    await wait(2 * answer + 1_000);
    ending.abort();
    await loop;
    await world.close();
    report(out, each, dueAt, answer);
  } finally {
    await server.stop();
    await rm(data, { recursive: true, force: true });
  }
}

/** Takes everything, as X counts and prices it. The account's name stands in its token, the post's number in its text. */
function pretend(answer: number, note: (out: { account: string; number: number }) => void): Platform {
  let created = 0;
  return {
    ...x,
    id: 'sandbox',
    oauth: null,
    profile: async ({ token }) => ({
      ok: true,
      value: {
        platformUserId: token,
        handle: token,
        name: token,
        avatarUrl: null,
        followers: 0,
        following: 0,
        posts: 0,
        longPosts: false,
      },
    }),
    publish: async ({ token }, { text }) => {
      note({ account: token, number: Number(/\d+/.exec(text)?.[0]) });
      await wait(answer);
      created += 1;
      return { ok: true, value: { platformId: String(created), url: 'https://x.example/', publishedAt: new Date() } };
    },
  };
}

/** A workspace with its accounts, and every post on each of them. */
async function fill(world: World, n: number, posts: number, dueAt: (number: number) => number): Promise<void> {
  const user = await shared(world, (tx) =>
    tx
      .insertInto('users')
      .values({ name: 'Bench', email: `bench${n}@example.com` })
      .returning('id')
      .executeTakeFirstOrThrow(),
  );
  const workspaceId = await createWorkspace(world, { name: 'Bench', userId: user.id });
  const who = { kind: 'user', id: user.id, name: 'Bench', role: 'owner' } as const;
  const caller = { world, who, workspaceId, address: null, requestId: 'bench' };
  const call = createRouterClient(catalog, { context: caller });
  const { id: appId } = await call.apps.register({ url: `https://bench${n}.example` });
  const accountIds: string[] = [];
  for (let one = 0; one < ACCOUNTS / WORKSPACES; one += 1) {
    const { id: accountId } = await call.accounts.connectSandbox({ handle: `a${n}_${one}` });
    await call.accounts.setPolicy({ accountId, missedPolicy: 'publish', missedAfterMinutes: 525_600 });
    accountIds.push(accountId);
  }
  const write = async (number: number) => {
    const { id: postId } = await call.posts.create({
      appId,
      variants: [{ platform: 'x', parts: [{ text: `Post ${number} of the launch week, with a word of its own` }] }],
    });
    const at = new Date(dueAt(number)).toISOString();
    await call.posts.schedule({ postId, accountIds, at, evenIfSimilar: true });
  };
  for (let from = 0; from < posts; from += 5)
    await Promise.all(Array.from({ length: Math.min(5, posts - from) }, (_, one) => write(from + one)));
}

function report(out: Out[], each: number, dueAt: (number: number) => number, answer: number): void {
  const accounts = Map.groupBy(out, (one) => one.account);
  if (accounts.size !== ACCOUNTS) throw new Error(`${accounts.size} accounts published, not ${ACCOUNTS}.`);
  for (const [account, those] of accounts)
    if (those.length !== each || those.some((one, at) => one.number !== at))
      throw new Error(`@${account} published ${those.map((one) => one.number).join(', ')}.`);
  const late = out.map((one) => one.arrivedAt - dueAt(one.number)).sort((a, b) => a - b);
  const at = (share: number) => `${((late[Math.ceil(late.length * share) - 1] ?? 0) / 1000).toFixed(1)} s`;
  const first = out.reduce((least, one) => Math.min(least, one.arrivedAt), Number.POSITIVE_INFINITY);
  const last = out.reduce((most, one) => Math.max(most, one.arrivedAt), 0);
  const perSecond = Math.round((out.length / (last - first)) * 1000);
  const allowed = x.limits.rates.map(({ posts, minutes }) => `${posts} in ${minutes} min`).join(', ');
  const count = out.length.toLocaleString('en');
  console.log(
    `publish: ${count} due in a minute, ${ACCOUNTS} accounts, each once and in order`.padEnd(68),
    `${perSecond} /s`,
  );
  console.log(`  late by p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)}`);
  console.log(
    `  limit: X allows ${allowed} to an account (here ${each}); one call after the other, ${Math.floor(MINUTE / answer)} a minute`,
  );
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { publications: { type: 'string' }, answer: { type: 'string' } } });
  await publishing({
    ...(values.publications ? { publications: Number(values.publications) } : {}),
    ...(values.answer ? { answer: Number(values.answer) } : {}),
  });
}
