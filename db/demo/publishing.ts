import { transaction, type World } from '#src/context.ts';
import { linkOf } from '#src/distribute/links.ts';
import { publishDue } from '#src/distribute/publications.ts';
import { collectAccounts, collectMetrics } from '#src/measure/metrics.ts';
import type { Platform } from '#src/outside/platform.ts';
import { openSandbox } from '#src/outside/platforms/sandbox/index.ts';
import { answer } from './answering.ts';
import { audienceOf } from './audience.ts';
import { addPicture } from './picture.ts';
import type { Planned } from './plan.ts';
import { type DemoPost, late, posts, type Upcoming, upcoming, weekly } from './posts.ts';
import type { Story } from './story.ts';

/** A post that is out: `link` is the code of its tracked link, null when it has none. */
export type LivePost = { post: DemoPost; link: string | null; publishedAt: Date };

const HOUR = 3_600_000;

/** The sandbox as it was: it follows the story's clock, and its people like what they liked. */
export function pastSandbox(folder: string, clock: World['clock']): Platform {
  const planned = posts.flatMap((post) =>
    post.parts.map((text, part) => ({ post, begins: beginningOf(text), audience: audienceOf(post, part) })),
  );
  const find = (text: string) => planned.find(({ begins }) => text.startsWith(begins));
  const sandbox = openSandbox(
    folder,
    () => clock.now(),
    (text) => find(text)?.audience,
  );
  return {
    ...sandbox,
    async publish(grant, part) {
      if (find(part.text)?.post.mishap !== 'refused') return sandbox.publish(grant, part);
      const reason = 'The platform took this post for advertising and refused it. Write it with fewer promises.';
      return { ok: false, failure: { kind: 'refused', code: 'spam', reason } };
    },
  };
}

/** She plans a week ahead. */
const AHEAD = 8;

/**
 * A day at her desk: writes, approves and schedules what is to go out in a week (on the first day all until then), and
 * publishes what is due. Returns what is out.
 */
export function openDesk(story: Story, planned: Planned) {
  const waiting = new Map<DemoPost, string>();
  const plan = async (post: DemoPost, ago: number) => {
    const dueAt = story.momentOf(post.ago, post.at);
    const written = story.momentOf(ago, '08:10');
    waiting.set(
      post,
      await planPost(story, planned, post, dueAt, new Date(Math.min(written.getTime(), dueAt.getTime()))),
    );
  };

  return async (ago: number): Promise<LivePost[]> => {
    const until = ago - AHEAD;
    for (const post of [...posts, late])
      if (post.ago === until || (ago === story.days && post.ago < ago && post.ago > until)) await plan(post, ago);
    const live: LivePost[] = [];
    for (const post of posts.filter((one) => one.ago === ago)) {
      const postId = waiting.get(post);
      if (!postId) continue;
      const dueAt = story.momentOf(post.ago, post.at);
      story.at(dueAt);
      await publishDue(story.world);
      if (post.mishap) continue;
      const link = await transaction(story.context, (inside) => linkOf(inside, postId, planned.accountId));
      live.push({ post, link, publishedAt: dueAt });
    }
    if (ago === late.ago) await missOne(story);
    return live;
  };
}

/** A look at the numbers at the end of a day; of fresh posts also earlier, as the hourly line of the flow would. */
export async function lookAtNumbers(story: Story, ago: number, fresh: readonly LivePost[]): Promise<void> {
  const end = ago === 0 ? story.now : story.momentOf(ago, '23:20');
  for (const { publishedAt } of ago <= 35 ? fresh : [])
    for (const hours of [0.5, 1, 2, 4, 7]) {
      const at = new Date(publishedAt.getTime() + hours * HOUR);
      if (at >= end) continue;
      story.at(at);
      await collectMetrics(story.context);
    }
  story.at(end);
  if (ago <= 95 || ago % 4 === 0) await collectMetrics(story.context);
  await collectAccounts(story.context);
  await answer(story, ago);
}

/** What lies ahead, planned before the launch: scheduled posts, and drafts that wait for a day. */
export async function planAhead(story: Story, planned: Planned): Promise<void> {
  const written = story.context.clock.now();
  for (const post of upcoming) {
    if (post.state === 'draft') {
      await write(story, planned, post, null);
      continue;
    }
    const wished = story.momentOf(-post.in, post.at);
    const soon = new Date(story.now.getTime() + 2 * HOUR);
    const at = wished > soon ? wished : soon;
    await planPost(story, planned, post, at, written);
  }
  story.at(written);
  await story.call.calendar.recur({
    postId: await write(story, planned, weekly, null),
    accountIds: [planned.accountId],
    weekdays: [weekly.weekday],
    atTime: weekly.at,
    startsOn: story.dayOf(-1),
  });
}

/** It is due while nothing runs; hours later the account's rule is to ask. */
async function missOne(story: Story): Promise<void> {
  const opened = story.momentOf(late.ago, late.at).getTime() + 3 * HOUR;
  story.at(new Date(Math.min(opened, story.now.getTime())));
  await publishDue(story.world);
}

/** What is written of a post, whenever it goes out. */
type Words = Pick<DemoPost, 'campaign' | 'kind' | 'parts' | 'picture' | 'evergreen'> & Pick<Upcoming, 'poll'>;

async function planPost(story: Story, planned: Planned, post: Words, dueAt: Date, writtenAt: Date): Promise<string> {
  story.at(writtenAt);
  const id = await write(story, planned, post, dueAt);
  await story.call.posts.approve({ postId: id });
  await story.call.posts.schedule({ postId: id, accountIds: [planned.accountId], at: dueAt.toISOString() });
  return id;
}

async function write(story: Story, planned: Planned, post: Words, proposedFor: Date | null): Promise<string> {
  const { call, chance } = story;
  const { appId, campaigns } = planned;
  const media = post.picture ? [await addPicture(story, appId, post.picture)] : [];
  const { id } = await call.posts.create({
    appId,
    title: titleOf(post),
    campaignId: post.campaign === null ? null : campaigns[post.campaign],
    kind: post.kind,
    proposedFor: proposedFor?.toISOString() ?? null,
    minutesSpent: Math.round(chance.between(10, 30) * post.parts.length),
    ...(post.evergreen === undefined ? {} : { evergreen: true, coolDownDays: post.evergreen }),
    variants: [
      {
        platform: 'sandbox',
        parts: post.parts.map((text, at) => ({
          text,
          ...(at === 0 ? { media } : {}),
          ...(at === post.parts.length - 1 && post.poll ? { poll: post.poll } : {}),
        })),
      },
    ],
  });
  return id;
}

function titleOf({ parts: [text = ''] }: Pick<DemoPost, 'parts'>): string {
  const [line = ''] = text.replace('{{link}}', '').split('\n');
  return line.trim().replace(/:$/, '');
}

/** The words before the link, by which a text is known again. */
function beginningOf(text: string): string {
  return text.slice(0, text.includes('{{link}}') ? text.indexOf('{{link}}') : undefined);
}
