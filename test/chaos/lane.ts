import { setTimeout as wait } from 'node:timers/promises';
import type { Round } from '#test/chaos/plan.ts';
import type { XElsewhere } from '#test/chaos/processes.ts';
import { connectX, draft } from '#test/connected.ts';
import type { FakePost } from '#test/fakes/x/state.ts';
import type { Person, TestWorld } from '#test/world.ts';

/** A round that is not over after this time is lost, in milliseconds of the machine. */
const PATIENCE = 180_000;

type Receipt = Awaited<ReturnType<Person['call']['publications']['get']>>;
type Counts = Record<'connectedAgain' | 'triedAgain' | 'adopted' | 'sentAgain', number>;

/** A workspace with one account on an X of its own. Its rounds are played one after the other, beside other lanes. */
export type Lane = Awaited<ReturnType<typeof openLane>>;

export async function openLane(world: TestWorld, x: XElsewhere, counts: Counts) {
  const maya = await world.join();
  const planned: string[] = [];
  const { clientId, apiUrl, authorizeUrl } = x.app;
  await maya.call.accounts.setDeveloperApp({ platform: 'x', clientId, apiUrl, authorizeUrl });
  const accountId = await connect();
  await maya.call.accounts.setPolicy({ accountId, missedPolicy: 'publish', missedAfterMinutes: 525_600 });

  return {
    /** Writes the post and prepares its X; returns what begins the round. */
    async prepare(number: number, round: Round) {
      const parts = Array.from(
        { length: round.parts },
        (_, at) => `Round ${number}, part ${at + 1} of ${round.parts} 🚀`,
      );
      const words = round.firstReply ? [...parts, `Round ${number}, and a first reply`] : parts;
      planned.push(...words);
      // X refuses the same text twice; only where it does not would a second call show.
      await x.tell('allowDuplicates', { on: !round.duplicate });
      await x.tell('lagTimeline', { ms: round.lag });
      if (round.duplicate) await x.tell('addPost', { username: 'maker', text: words[0] });
      for (const { name, ...given } of round.faults) await x.tell(name, given);
      const more = round.firstReply ? { firstReply: words.at(-1) ?? '' } : {};
      const postId = await draft(maya, parts, more);
      return async () => {
        const posted = { postId, accountIds: [accountId], evenIfSimilar: true };
        const { publications } = await maya.call.posts.publishNow(posted);
        return { publicationId: publications[0]?.publicationId ?? '', words, round };
      };
    },

    /** Waits for the end of a round; returns what is wrong then. */
    async finish({ publicationId, words, round }: { publicationId: string; words: string[]; round: Round }) {
      const [, receipt] = await Promise.all([revoke(round.revoked), untilOver(publicationId)]);
      if (typeof receipt === 'string') return [receipt];
      const attempts = receipt.texts.flatMap((text) => text.attempts);
      counts.adopted += attempts.filter((attempt) => attempt.adopted).length;
      counts.sentAgain += receipt.texts.filter(({ attempts: of }) => of.filter((one) => one.sentAt).length > 1).length;
      return differences(words, receipt, await x.posts());
    },

    /** What stands there and what should, of all rounds. */
    async result() {
      return { planned, out: (await x.posts()).map((post) => post.text) };
    },
  };

  /** A code lives for half a second on this clock. */
  async function connect(): Promise<string> {
    for (let tries = 1; ; tries += 1)
      try {
        return await connectX(world, maya, x);
      } catch (error) {
        if (tries === 20) throw error;
      }
  }

  async function revoke(moment: number | null): Promise<void> {
    if (moment === null) return;
    await wait(moment);
    // X may be dead at this moment: then nobody can take anything away.
    await x.tell('revoke', { username: 'maker' }).catch(() => undefined);
  }

  /**
   * Does what a person would do meanwhile: connects the account again, tries again what failed. X and the database may be
   * away: then it is asked again later.
   */
  async function untilOver(publicationId: string): Promise<Receipt | string> {
    const end = performance.now() + PATIENCE;
    let last: unknown = 'nothing was answered';
    while (performance.now() < end) {
      try {
        const receipt = await maya.call.publications.get({ publicationId });
        if (receipt.state === 'published') return receipt;
        last = `the ledger says ${receipt.state}: ${receipt.reason}`;
        if (receipt.state === 'failed') {
          await maya.call.publications.retry({ publicationId });
          counts.triedAgain += 1;
        }
        if (receipt.account.status === 'reconnect') {
          await connect();
          counts.connectedAgain += 1;
        }
      } catch (error) {
        last = error;
      }
      await wait(100);
    }
    return `not over after ${PATIENCE / 1000} s: ${last}`;
  }
}

/** What differs between the words, what stands on X and what our ledger says. */
function differences(words: string[], receipt: Receipt, posts: FakePost[]): string[] {
  const found: string[] = [];
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
