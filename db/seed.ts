import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { asSystem, shared, transaction, type World } from '#src/context.ts';
import { openDatabase } from '#src/db/client.ts';
import { drain } from '#src/doors/worker.ts';
import { openSignIn } from '#src/people/sign-in.ts';
import { createWorkspace } from '#src/people/workspaces.ts';
import { experiment } from './demo/experiments.ts';
import { closeBooks, decide, isLearningDay, learn, report, settle } from './demo/learning.ts';
import { openPayments } from './demo/payments.ts';
import { begin, planOfDay } from './demo/plan.ts';
import { type LivePost, lookAtNumbers, openDesk, pastSandbox, planAhead } from './demo/publishing.ts';
import { openReach } from './demo/reach.ts';
import { openRoutine } from './demo/routine.ts';
import { beginStory, type Story, ZONE } from './demo/story.ts';
import { openVisits } from './demo/visits.ts';

export { demoWeb } from './demo/site.ts';

const LOGIN = { name: 'Maya Lind', email: 'maya@driftlog.example', password: 'build-in-public' };
/** So many days before the end she plans what lies ahead of it. */
const PLANS = 9;
/** A story that ended so long ago is told anew, in milliseconds. */
const STALE = 2 * 86_400_000;

/**
 * Tells one indie hacker's story with the product's own operations: a year of an app, on the sandbox platform, without a
 * key and without a network, up to the moment of the world's clock. Does nothing when it was told within two days; what
 * is older or broke off is thrown away and told anew. The world is a demo's, its web `demoWeb`.
 *
 * @param owner the database's owner: the queue is theirs
 * @param options.days how far back the story begins, 365 by default
 */
export async function seed(
  world: World,
  owner: pg.ClientConfig,
  say: (text: string) => void,
  options: { days?: number } = {},
): Promise<{ email: string; password: string }> {
  const login = { email: LOGIN.email, password: LOGIN.password };
  if (await isTold(world)) return login;
  const userId = await signUp(world);
  // Signing up made a workspace, too.
  await throwAway(world, owner);
  const workspaceId = await createWorkspace(world, { name: 'Driftlog', userId, timeZone: ZONE, demo: true });
  const db = openDatabase({ ...world.db.pool.options, options: UNHURRIED }, world.db.options);
  try {
    await tell({ ...world, db }, owner, { userId, workspaceId }, say, options.days ?? 365);
  } finally {
    await db.end();
  }
  await writeFile(markOf(world), workspaceId);
  return login;
}

/** Nothing waits for the disk: what a crash takes is told anew. */
const UNHURRIED = '-c synchronous_commit=off';

async function tell(
  world: World,
  owner: pg.ClientConfig,
  maya: { userId: string; workspaceId: string },
  say: (text: string) => void,
  days: number,
): Promise<void> {
  const began = performance.now();
  say('Telling the demo’s story, once: a year of an app, its posts, its visitors, its customers.');
  const story = beginStory(world, maya, days, pastSandbox);
  const react = () => drain(story.world, { ...owner, options: UNHURRIED }, 4);
  const planned = await begin(story, react);
  const publish = openDesk(story, planned);
  const visits = openVisits(story, planned);
  const payments = await openPayments(story, planned);
  const reach = openReach(story, planned);
  const routine = openRoutine(story, planned, reach.guests);
  let live: LivePost[] = [];
  for (let ago = days; ago >= 0; ago--) {
    story.at(story.momentOf(ago, '08:00'));
    await reach.day(ago);
    await planOfDay(story, planned, ago, react);
    await routine.day(ago);
    const fresh = await publish(ago);
    live = [...live, ...fresh].filter(({ post }) => post.ago - ago < 4);
    payments.expect(await visits.day(ago, live, reach.guests));
    await lookAtNumbers(story, ago, fresh);
    await routine.rules(ago, live);
    if (ago === PLANS) await planAhead(story, planned);
    if (ago % 30 === 0 || isLearningDay(ago)) {
      await visits.flush();
      await lookBack(story, planned, payments, ago, react);
    }
    if (ago % 30 === 0 && ago > 0) say(`  ${story.dayOf(ago)}`);
  }
  story.at(story.now);
  await routine.end();
  await closeBooks(story);
  await experiment(story, planned);
  await report(story, planned);
  await react();
  say(`Told in ${Math.round((performance.now() - began) / 1000)} s.`);
}

async function lookBack(
  story: Story,
  planned: Parameters<typeof learn>[1],
  payments: Awaited<ReturnType<typeof openPayments>>,
  ago: number,
  react: () => Promise<void>,
): Promise<void> {
  await payments.until(ago === 0 ? story.now : story.momentOf(ago, '23:30'));
  await react();
  await settle(story, planned);
  await learn(story, planned, ago);
  await decide(story, planned, ago);
}

/** Maya's account, as she would make it herself. */
async function signUp(world: World): Promise<string> {
  const known = await shared(world, (tx) =>
    tx.selectFrom('users').select('id').where('email', '=', LOGIN.email).executeTakeFirst(),
  );
  if (known) return known.id;
  const { user } = await openSignIn(world).api.signUpEmail({ body: LOGIN });
  return user.id;
}

/** Whether the story was told to its end, and not long ago. */
async function isTold(world: World): Promise<boolean> {
  const workspaceId = await readFile(markOf(world), 'utf8').catch(() => null);
  if (workspaceId === null) return false;
  const newest = await transaction(asSystem(world, workspaceId, 'demo'), ({ tx }) =>
    tx
      .selectFrom('trafficHours')
      .select((eb) => eb.fn.max('hour').as('hour'))
      .executeTakeFirst(),
  );
  return newest?.hour != null && world.clock.now().getTime() - newest.hour.getTime() < STALE;
}

/** Stands beside the database when the story was told to its end. */
function markOf(world: World): string {
  return join(world.data, 'told');
}

/** No operation removes a workspace with all that ever happened in it. In a demo's database there is nothing else. */
async function throwAway(world: World, owner: pg.ClientConfig): Promise<void> {
  if (!world.demo) throw new Error('The story is for a demo: its database is emptied before it is told.');
  const client = new pg.Client(owner);
  await client.connect();
  try {
    await client.query('truncate workspaces cascade');
  } finally {
    await client.end();
  }
  await rm(markOf(world), { force: true });
  await rm(join(world.data, 'sandbox'), { recursive: true, force: true });
}
