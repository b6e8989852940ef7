import { api } from '#web/api.ts';
import { isAt, type Waiting, type When } from './planned.ts';

interface Sending {
  postId: string;
  accountIds: readonly string[];
  waiting: readonly Waiting[];
  when: When;
  /** Said by the author: it may read like an earlier post. */
  even: boolean;
}

/**
 * Plans a post on exactly these accounts: where it waits already it is moved, where it does not it is scheduled, and where
 * it is no longer wanted it is taken back. What may be refused comes first, so that a refusal leaves the plan as it was.
 * Answers when it goes out.
 */
export async function plan({ postId, accountIds, waiting, when, even }: Sending): Promise<Date[]> {
  const kept = waiting.filter((each) => accountIds.includes(each.accountId));
  const added = accountIds.filter((id) => !kept.some((each) => each.accountId === id));
  const moments: Date[] = [];
  if (added.length > 0) {
    const base = { postId, accountIds: added, ...(even ? { evenIfSimilar: true } : {}) };
    const { publications } = await (when === 'now'
      ? api.posts.publishNow(base)
      : api.posts.schedule({ ...base, ...momentOf(when) }));
    moments.push(...publications.map(({ dueAt }) => dueAt));
  }
  for (const { id: publicationId, dueAt } of kept) {
    if (isAt(when, dueAt)) moments.push(dueAt);
    else if (when === 'now') moments.push((await api.publications.publishNow({ publicationId })).dueAt);
    else moments.push((await api.publications.reschedule({ publicationId, ...momentOf(when) })).dueAt);
  }
  for (const { id: publicationId, accountId } of waiting)
    if (!accountIds.includes(accountId)) await api.publications.withdraw({ publicationId });
  return moments;
}

function momentOf(when: Exclude<When, 'now'>) {
  return when === 'slot' ? { nextSlot: true as const } : { at: when.at.toISOString() };
}
