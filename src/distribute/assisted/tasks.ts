import { record } from '#src/activity.ts';
import { actorName, type Context, type Inside, transaction } from '#src/context.ts';
import { type ComposePage, composePages, pageOf } from '#src/distribute/assisted/pages.ts';
import { accountFor, linkFor, postFor, putInPlan, waitingOn } from '#src/distribute/assisted/plan.ts';
import { type Draft, draftOf, finish, platformsInWords } from '#src/distribute/assisted/words.ts';
import { withdraw } from '#src/distribute/publications/schedule.ts';
import { followPost } from '#src/distribute/publications/waiting.ts';
import { enqueue } from '#src/jobs.ts';
import { audit } from '#src/people/audit.ts';
import { notify, settleNotice } from '#src/people/notices.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { appOf } from '#src/understand/apps.ts';

export type NewTask = {
  appId: string;
  platform: string;
  dueAt: Date;
  title: string;
  /** Left out, the words of the post. `{{link}}` is where its link goes. */
  text?: string | undefined;
  /** The page it is about; left out, the post's link, else the app's address. */
  url?: string | undefined;
  postId?: string | undefined;
  launchStepId?: string | undefined;
  /** The connected account it is expected on; left out, the only one there is on the platform. */
  accountId?: string | undefined;
};

/** The line of the flow that tells of due tasks; each task also sets it off at its own moment. */
export const REMIND = 'remind of posts to send by hand';

/**
 * Notes a post that a person sends by hand at a moment, with the page on which it is done and a tracked link of its own.
 * Where an account of the platform is connected it becomes a post like any other, so that it is measured like one.
 *
 * @throws Refusal when the platform has no such page, or when the post would go out there by itself as well
 */
export async function createTask(context: Context, wanted: NewTask): Promise<{ id: string; composeUrl: string }> {
  return transaction(context, async (inside) => {
    const { tx, workspaceId, clock } = inside;
    const page = pageOrRefuse(wanted.platform);
    const app = await appOf(inside, wanted.appId);
    await assertOwn(inside, wanted);
    const account = await accountFor(inside, wanted.platform, wanted.accountId);
    const draft: Draft =
      wanted.postId && wanted.text === undefined
        ? await draftOf(inside, wanted.postId, wanted.platform)
        : { title: wanted.title, parts: wanted.text?.trim() ? [wanted.text] : [], community: null };
    const postId = wanted.postId ?? (account ? await postFor(inside, wanted, draft) : null);
    if (postId) await putInPlan(inside, postId, wanted.platform);
    const link = await linkFor(inside, page, { ...wanted, postId, appUrl: app.url });
    const words = finish(page, draft, { url: link.url, server: account?.serverUrl || null });
    const row = await tx
      .insertInto('assistedTasks')
      .values({
        workspaceId,
        appId: app.id,
        postId,
        launchStepId: wanted.launchStepId ?? null,
        accountId: account?.id ?? null,
        platform: wanted.platform,
        dueAt: wanted.dueAt,
        ...words,
        url: link.url,
        linkId: link.id,
        ownWords: wanted.text !== undefined || wanted.postId === undefined,
        createdAt: clock.now(),
        createdBy: actorName(inside.who),
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    await remindAt(inside, row.id, wanted.dueAt);
    await audit(inside, {
      operation: 'assisted.create',
      subject: row.id,
      after: { platform: wanted.platform, dueAt: wanted.dueAt, postId },
    });
    await record(inside, 'assisted.created', { subjectId: row.id });
    return { id: row.id, composeUrl: words.composeUrl };
  });
}

/**
 * Notes a post to be sent by hand on a platform instead of by the engine. `instead` takes back what is scheduled of it on
 * the accounts there. A draft is approved by this, as by scheduling.
 */
export async function createFromPost(
  context: Context,
  wanted: {
    postId: string;
    platform: string;
    dueAt: Date;
    accountId?: string | undefined;
    instead?: boolean | undefined;
  },
): Promise<{ id: string; composeUrl: string }> {
  return transaction(context, async (inside) => {
    const post = await inside.tx
      .selectFrom('posts')
      .select(['appId', 'title', 'linkUrl'])
      .where('id', '=', wanted.postId)
      .executeTakeFirst();
    if (!post) throw notFound('post');
    if (wanted.instead)
      for (const { id } of await waitingOn(inside, wanted.postId, wanted.platform)) await withdraw(inside, id);
    const { postId, platform, dueAt, accountId } = wanted;
    return createTask(inside, { appId: post.appId, title: post.title, postId, platform, dueAt, accountId });
  });
}

/** The reaction to `post.changed` and `post.withdrawn`: open tasks take the new words, or are left out. */
export async function followChange(context: Context, postId: string): Promise<void> {
  await transaction(context, async (inside) => {
    const { tx } = inside;
    const post = await tx.selectFrom('posts').select(['status']).where('id', '=', postId).executeTakeFirst();
    if (!post) return;
    const tasks = await tx
      .selectFrom('assistedTasks')
      .leftJoin('accounts', 'accounts.id', 'assistedTasks.accountId')
      .select(['assistedTasks.id', 'assistedTasks.platform', 'url', 'ownWords', 'serverUrl'])
      .where('postId', '=', postId)
      .where('state', 'in', ['waiting', 'notified'])
      .forUpdate('assistedTasks')
      .execute();
    for (const task of tasks) {
      const page = pageOf(task.platform);
      if (post.status === 'withdrawn') await leaveOut(inside, task.id, 'The post was withdrawn.');
      else if (page && !task.ownWords) {
        const draft = await draftOf(inside, postId, task.platform);
        const words = finish(page, draft, { url: task.url, server: task.serverUrl || null });
        await tx.updateTable('assistedTasks').set(words).where('id', '=', task.id).execute();
      }
    }
  });
}

/** At each task's moment, and every hour: tells of the tasks that are due. Each is told once. */
export async function remindOfTasks(context: Context): Promise<void> {
  await transaction(context, async (inside) => {
    const due = await inside.tx
      .updateTable('assistedTasks')
      .set({ state: 'notified' })
      .where('state', '=', 'waiting')
      .where('dueAt', '<=', inside.clock.now())
      .returning(['id', 'platform', 'title'])
      .execute();
    for (const task of due)
      await notify(inside, {
        kind: 'assisted_due',
        title: `Time to post on ${composePages[task.platform]?.name ?? task.platform}`,
        body: `${task.title ? `“${task.title}”. ` : ''}The text is ready: open the page, send it, and paste its address.`,
        path: '/by-hand',
        dedupe: noticeOf(task.id),
      });
  });
}

/** Moves an open task to another moment; it is told of again. */
export async function moveTask(context: Context, taskId: string, dueAt: Date): Promise<void> {
  await transaction(context, async (inside) => {
    const task = await inside.tx
      .updateTable('assistedTasks')
      .set({ dueAt, state: 'waiting', looks: 0, lookedAt: null })
      .where('id', '=', taskId)
      .where('state', 'in', ['waiting', 'notified'])
      .returning('id')
      .executeTakeFirst();
    if (!task) throw notFound('open task');
    await settleNotice(inside, noticeOf(taskId));
    await remindAt(inside, taskId, dueAt);
    await audit(inside, { operation: 'assisted.move', subject: taskId, after: { dueAt } });
  });
}

/** A person leaves it out. */
export async function skipTask(context: Context, taskId: string): Promise<void> {
  await transaction(context, (inside) => leaveOut(inside, taskId, null));
}

export function noticeOf(taskId: string): string {
  return `assisted:${taskId}`;
}

async function leaveOut(inside: Inside, taskId: string, why: string | null): Promise<void> {
  const row = await inside.tx
    .updateTable('assistedTasks')
    .set({ state: 'skipped', doneAt: inside.clock.now() })
    .where('id', '=', taskId)
    .where('state', 'in', ['waiting', 'notified'])
    .returning('postId')
    .executeTakeFirst();
  if (!row) throw notFound('open task');
  await settleNotice(inside, noticeOf(taskId));
  if (row.postId) await followPost(inside, row.postId);
  await audit(inside, { operation: 'assisted.skip', subject: taskId, after: { why } });
  await record(inside, 'assisted.skipped', { subjectId: taskId });
}

/** The clock's own line, run once more at the moment itself, so that nobody is told an hour late. */
async function remindAt(inside: Inside, taskId: string, dueAt: Date): Promise<void> {
  const { workspaceId } = inside;
  await enqueue(
    inside,
    'clock',
    { workspaceId, reaction: REMIND },
    { runAt: dueAt, key: `${workspaceId}:assisted:${taskId}` },
  );
}

function pageOrRefuse(platform: string): ComposePage {
  const page = pageOf(platform);
  if (page) return page;
  throw refuse(
    'invalid',
    'platform_unknown',
    `There is no page for "${platform}". Choose one of: ${platformsInWords()}.`,
  );
}

async function assertOwn({ tx }: Inside, wanted: NewTask): Promise<void> {
  if (wanted.postId) {
    const post = await tx
      .selectFrom('posts')
      .select('id')
      .where('id', '=', wanted.postId)
      .where('appId', '=', wanted.appId)
      .executeTakeFirst();
    if (!post) throw notFound('post of this app');
  }
  if (wanted.launchStepId) {
    const step = await tx
      .selectFrom('launchSteps')
      .select('id')
      .where('id', '=', wanted.launchStepId)
      .executeTakeFirst();
    if (!step) throw notFound('launch step');
  }
}
