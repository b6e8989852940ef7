import type { Post } from './draft.ts';

/** `keep`: what waits already stays at its moment, only what is new goes out at this one. */
export type When = { at: Date; keep?: boolean } | 'slot' | 'now';
/** Where and when a post already waits to go out: on each account the next time. */
export type Waiting = { id: string; accountId: string; dueAt: Date };

/** What waits of a post: on each account the next time it goes out, however often it comes again after that. */
export function nextOf(post: Post | undefined): Post['publications'] {
  const waiting = post?.publications.filter(({ state }) => state === 'scheduled' || state === 'asking') ?? [];
  waiting.sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime());
  return waiting.filter(({ account }, at) => waiting.findIndex((each) => each.account.id === account.id) === at);
}

/** The moment it is meant for, if that is still ahead. */
export function meantFor(post: Post | undefined): Date | undefined {
  const due = nextOf(post).find(({ state }) => state === 'scheduled')?.dueAt ?? post?.proposedFor;
  return due && due.getTime() > Date.now() ? due : undefined;
}

/** Whether sending it would change anything of what is planned. */
export function changesThePlan({
  accountIds,
  waiting,
  when,
}: {
  accountIds: readonly string[];
  waiting: readonly Waiting[];
  when: When;
}): boolean {
  const same = waiting.length === accountIds.length && waiting.every((each) => accountIds.includes(each.accountId));
  return !same || waiting.some(({ dueAt }) => !isAt(when, dueAt));
}

/** Whether what is due at this moment stays there. */
export function isAt(when: When, moment: Date): boolean {
  return typeof when === 'object' && (when.keep || when.at.getTime() === moment.getTime());
}
