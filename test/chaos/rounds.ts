import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { type Running, startPublisher, startXProcess } from '#test/chaos/processes.ts';
import { fastClock } from '#test/clock.ts';
import { configFor, connectX, draft } from '#test/connected.ts';
import type { TestDatabase } from '#test/database.ts';
import type { FakePost } from '#test/fakes/x/state.ts';
import { openTestWorld, type Person } from '#test/world.ts';

/** So much faster than the machine's is the clock of all processes: a lease of 60 s lasts one. */
const FACTOR = 60;
/** A round that is not over after this time is lost, in milliseconds of the machine. */
const PATIENCE = 120_000;

const target = fc.constantFrom('create', 'create', 'read', 'any');
const fault = fc.oneof(
  fc.record({ name: fc.constant('loseAnswers'), n: fc.integer({ min: 1, max: 3 }), target }),
  fc.record({
    name: fc.constant('answerSlowly'),
    n: fc.integer({ min: 1, max: 4 }),
    ms: fc.integer({ min: 20, max: 900 }),
    target,
  }),
  fc.record({
    name: fc.constant('rateLimit'),
    n: fc.integer({ min: 1, max: 2 }),
    resetSeconds: fc.integer({ min: 10, max: 120 }),
    target,
  }),
  fc.record({
    name: fc.constant('failBefore'),
    n: fc.integer({ min: 1, max: 3 }),
    status: fc.constantFrom(500, 503),
    target,
  }),
  fc.record({
    name: fc.constant('failAfter'),
    n: fc.integer({ min: 1, max: 3 }),
    status: fc.constantFrom(502, 503),
    target,
  }),
);

/** What happens in one round; moments in milliseconds of the machine. */
export const plan = fc.record({
  parts: fc.integer({ min: 1, max: 4 }),
  faults: fc.array(fault, { maxLength: 3 }),
  /** The first part stands there already, by hand: X answers 403, duplicate content. */
  duplicate: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
  /** The publisher is killed so long after the post is due, and each next one so long after it is ready. */
  deaths: fc.array(fc.oneof(fc.integer({ min: 0, max: 250 }), fc.integer({ min: 0, max: 2500 })), {
    minLength: 1,
    maxLength: 3,
  }),
  /** X itself is killed then, and comes back. */
  xDies: fc.integer({ min: 0, max: 3000 }).map((moment) => (moment < 500 ? moment : null)),
});
export type Round = typeof plan extends fc.Arbitrary<infer T> ? T : never;

type Receipt = Awaited<ReturnType<Person['call']['publications']['get']>>;

/** The database, the fake X and one author with one account; rounds are played one after the other. */
export async function openArena(folder: string, database: TestDatabase) {
  const pace = { origin: Date.now(), factor: FACTOR };
  await mkdir(join(folder, 'x'));
  const x = await startXProcess(join(folder, 'x', 'state.json'), pace);
  const world = await openTestWorld({
    config: configFor(x),
    overrides: { clock: fastClock(pace) },
    database,
  });
  const maya = await world.join();
  const counts = { killed: 0, xKilled: 0, connectedAgain: 0, triedAgain: 0, adopted: 0, sentAgain: 0 };
  const planned: string[] = [];
  let accountId = await connect();
  await maya.call.accounts.setPolicy({ accountId, missedPolicy: 'publish', missedAfterMinutes: 525_600 });
  let wrong = 0;
  let publisher: Running = await publishing();

  return {
    /** Plays a round; returns what was wrong in the end. */
    async play(number: number, round: Round): Promise<string[]> {
      const found = await playRound(number, round);
      wrong += found.length;
      return found;
    },
    /** Counts what stands on the fake, of all rounds. */
    async close() {
      await publisher.kill();
      const out = (await x.posts()).map((post) => post.text);
      await world.close();
      await x.kill();
      return {
        posts: out.length,
        duplicates: out.length - new Set(out).size,
        lost: planned.filter((text) => !out.includes(text)).length,
        wrong,
        events: `publishers killed ${counts.killed}, X killed ${counts.xKilled}, posts adopted ${counts.adopted}, parts sent again ${counts.sentAgain}, failed and tried again ${counts.triedAgain}, account connected again ${counts.connectedAgain}`,
      };
    },
  };

  function publishing(): Promise<Running> {
    return startPublisher({ server: database.server, data: world.data, config: configFor(x), pace });
  }

  /** A code lives for half a second on this clock. */
  async function connect(): Promise<string> {
    for (let tries = 1; ; tries += 1)
      try {
        return await connectX(world, maya, x);
      } catch (error) {
        if (tries === 20) throw error;
      }
  }

  async function playRound(number: number, round: Round): Promise<string[]> {
    const words = Array.from(
      { length: round.parts },
      (_, at) => `Round ${number}, part ${at + 1} of ${round.parts} 🚀`,
    );
    planned.push(...words);
    // X refuses the same text twice; only where it does not would a second call show.
    await x.tell('allowDuplicates', { on: !round.duplicate });
    if (round.duplicate) await x.tell('addPost', { username: 'maker', text: words[0] });
    for (const { name, ...given } of round.faults) await x.tell(name, given);
    const postId = await draft(maya, words);
    const { publications } = await maya.call.posts.publishNow({ postId, accountIds: [accountId], evenIfSimilar: true });
    const publicationId = publications[0]?.publicationId ?? '';
    await Promise.all([killPublishers(round.deaths), round.xDies === null ? null : killX(round.xDies)]);
    const receipt = await untilOver(publicationId);
    const attempts = receipt.texts.flatMap((text) => text.attempts);
    counts.adopted += attempts.filter((attempt) => attempt.adopted).length;
    counts.sentAgain += receipt.texts.filter((text) => text.attempts.filter(({ sentAt }) => sentAt).length > 1).length;
    return differences(words, receipt, await x.posts());
  }

  async function killPublishers(deaths: number[]): Promise<void> {
    for (const moment of deaths) {
      await wait(moment);
      await publisher.kill();
      counts.killed += 1;
      publisher = await publishing();
    }
  }

  async function killX(moment: number): Promise<void> {
    await wait(moment);
    await x.kill();
    counts.xKilled += 1;
    await x.start();
  }

  /**
   * Does what a person would do meanwhile: connects the account again, tries again what failed. The adapter dates tokens
   * by the machine's clock, so on this one they soon need renewing at every call, and a death within a renewal costs the
   * grant: far more often than in life.
   */
  async function untilOver(publicationId: string): Promise<Receipt> {
    const end = performance.now() + PATIENCE;
    for (;;) {
      const receipt = await maya.call.publications.get({ publicationId });
      if (receipt.state === 'published' || performance.now() > end) return receipt;
      if (receipt.state === 'failed') {
        counts.triedAgain += 1;
        await maya.call.publications.retry({ publicationId });
      }
      if (receipt.account.status === 'reconnect') {
        counts.connectedAgain += 1;
        accountId = await connect();
      }
      await wait(50);
    }
  }
}

/** What differs between the words, what stands on X and what our ledger says. */
function differences(words: string[], receipt: Receipt, posts: FakePost[]): string[] {
  const found: string[] = [];
  if (receipt.state !== 'published') found.push(`the ledger says ${receipt.state}: ${receipt.reason}`);
  if (receipt.texts.length !== words.length) found.push(`the ledger has ${receipt.texts.length} parts`);
  let parent: string | null = null;
  for (const [at, text] of words.entries()) {
    const [post, ...more] = posts.filter((one) => one.text === text);
    const part = receipt.texts[at];
    if (more.length > 0) found.push(`part ${at + 1} stands there ${more.length + 1} times`);
    if (!post) {
      found.push(`part ${at + 1} is not there`);
      continue;
    }
    if (post.replyTo !== parent) found.push(`part ${at + 1} stands under ${post.replyTo}, not ${parent}`);
    if (part?.text !== text || part.state !== 'confirmed' || part.platformId !== post.id)
      found.push(`the ledger says of part ${at + 1}: ${part?.state}, ${part?.platformId}; it is ${post.id}`);
    const phases = part?.attempts.map((attempt) => attempt.phase) ?? [];
    if (
      phases.filter((phase) => phase === 'confirmed').length !== 1 ||
      phases.some((phase) => /sent|unknown/.test(phase))
    )
      found.push(`the receipts of part ${at + 1} are ${phases.join(', ')}`);
    parent = post.id;
  }
  return found;
}
