import { record } from '#src/activity.ts';
import { type Context, type Inside, transaction } from '#src/context.ts';
import { isPostOn, pageOf } from '#src/distribute/assisted/pages.ts';
import { noticeOf } from '#src/distribute/assisted/tasks.ts';
import { attachLink } from '#src/distribute/links.ts';
import { adopt, type FoundPart } from '#src/distribute/publications/adopt.ts';
import { audit } from '#src/people/audit.ts';
import { settleNotice } from '#src/people/notices.ts';
import { isOutOfPlan, markPost } from '#src/plan/posts.ts';
import { notFound, refuse } from '#src/refusal.ts';

/** An open task, locked. */
export type OpenTask = Awaited<ReturnType<typeof lockOpen>>;

export async function lockOpen({ tx }: Inside, taskId: string) {
  const task = await tx
    .selectFrom('assistedTasks')
    .selectAll()
    .where('id', '=', taskId)
    .where('state', 'in', ['waiting', 'notified'])
    .forUpdate()
    .executeTakeFirst();
  if (!task) throw notFound('open task');
  return task;
}

/**
 * A person sent it, and gives its address so that it can be measured; without one only its link counts.
 *
 * @throws Refusal when the address is not one of a post on that platform
 */
export async function finishByHand(context: Context, taskId: string, url: string | null): Promise<void> {
  await transaction(context, async (inside) => {
    const task = await lockOpen(inside, taskId);
    if (url === null) return endTask(inside, task, { url, by: 'person', account: null, parts: [] });
    const page = pageOf(task.platform);
    if (page && !isPostOn(page, url))
      throw refuse(
        'invalid',
        'not_a_post',
        `This is not the address of a post on ${page.name}. Open the post there and copy its address.`,
      );
    const account = await accountBehind(inside, task, url);
    const platformId = account ? account.platformId : null;
    const now = inside.clock.now();
    const part =
      platformId === null
        ? []
        : [{ text: task.parts[0] ?? task.text, platformId, url, publishedAt: task.dueAt < now ? task.dueAt : now }];
    await endTask(inside, task, { url, by: 'person', account: account?.id ?? null, parts: part });
  });
}

/** Ends a task whose post is out, and takes it up as a publication when it is on a connected account. */
export async function endTask(
  inside: Inside,
  task: OpenTask,
  found: { url: string | null; by: 'search' | 'person'; account: string | null; parts: readonly FoundPart[] },
): Promise<void> {
  const { url, by, account, parts } = found;
  const [first, ...rest] = parts;
  const how = by === 'search' ? 'Sent by hand, and found on the account.' : 'Sent by hand, with its address.';
  let publicationId: string | null = null;
  if (first && account && task.postId) {
    publicationId = await adopt(inside, { postId: task.postId, accountId: account, parts: [first, ...rest], how });
    if (task.linkId) await attachLink(inside, task.linkId, publicationId);
  } else if (task.postId) await markOut(inside, task.postId);
  await inside.tx
    .updateTable('assistedTasks')
    .set({
      state: 'done',
      foundUrl: url,
      foundBy: url === null ? null : by,
      doneAt: inside.clock.now(),
      publicationId,
      ...(account ? { accountId: account } : {}),
    })
    .where('id', '=', task.id)
    .execute();
  await settleNotice(inside, noticeOf(task.id));
  await audit(inside, { operation: 'assisted.done', subject: task.id, after: { url, by } });
  await record(inside, 'assisted.done', { subjectId: task.id, detail: { platform: task.platform } });
}

/** The account whose post this is, with the post's id there; null when none of ours is named in the address. */
async function accountBehind({ tx, platforms }: Inside, task: OpenTask, url: string) {
  const adapter = platforms.get(task.platform);
  if (!adapter) return null;
  const accounts = await tx
    .selectFrom('accounts')
    .select(['id', 'handle', 'platformUserId', 'serverUrl'])
    .where('platform', '=', task.platform)
    .where('status', '<>', 'removed')
    .execute();
  const page = new URL(url);
  const names = readable(page.pathname)
    .toLowerCase()
    .split('/')
    .map((name) => name.replace(/^@/, ''));
  // On X an address can leave out whose post it is: /i/web/status/1.
  const nameless = names.includes('i') && names.includes('status');
  const found =
    accounts.find(({ handle, platformUserId, serverUrl }) => {
      const [user = '', ...host] = handle.toLowerCase().split('@');
      const here =
        adapter.oauth?.apps !== 'registered' || serverUrl.includes(`//${page.host}`) || host.includes(page.host);
      return here && (names.includes(user) || names.includes(platformUserId.toLowerCase()));
    }) ?? (nameless && accounts.length === 1 ? accounts[0] : undefined);
  const platformId = adapter.idOfUrl ? adapter.idOfUrl(url) : null;
  return found && platformId !== null ? { id: found.id, platformId } : null;
}

/** A path with its escapes resolved; as it is when they are broken. */
function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Where nothing can be taken up: the post is out all the same, unless the engine has yet to send it elsewhere. */
async function markOut(inside: Inside, postId: string): Promise<void> {
  const { status } = await inside.tx
    .selectFrom('posts')
    .select('status')
    .where('id', '=', postId)
    .executeTakeFirstOrThrow();
  if (isOutOfPlan(status)) return;
  const waiting = await inside.tx
    .selectFrom('publications')
    .select('id')
    .where('postId', '=', postId)
    .where('state', 'in', ['scheduled', 'publishing', 'asking'])
    .executeTakeFirst();
  if (!waiting) await markPost(inside, postId, 'published');
}
