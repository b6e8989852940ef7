import { type Draft, draftOf, emptyDraft, isEmpty, type Post, sameWords } from './draft.ts';
import { nextOf } from './planned.ts';
import { type Rescued, rescued, rescueName } from './rescue.ts';
import type { Account } from './targets.tsx';

/** With what a composer opens: the post or nothing, what was kept from before a crash, and the accounts it goes to. */
export function beginningOf(
  post: Post | undefined,
  accounts: Account[],
  app: { id: string; url: string },
  campaignId: string | null,
  start: Date | undefined,
): { draft: Draft; kept: Rescued | undefined; accountIds: string[] } {
  const record = rescued(rescueName(post?.id, app.id));
  const usable = (ids: string[]) => ids.filter((id) => accounts.some((account) => account.id === id));
  const waiting = scheduledOn(post);
  const remembered = usable(record?.accountIds ?? []);
  const accountIds = waiting.length > 0 ? waiting : remembered.length > 0 ? remembered : firstChoice(accounts, post);
  const platform = accounts.find(({ id }) => id === accountIds[0])?.platform ?? 'x';
  const draft = post ? draftOf(post) : emptyDraft(platform, app.url, campaignId, start);
  const news = record && !record.stored && !isEmpty(record.draft) && !isStored(record.draft, draft, post);
  return { draft, accountIds, kept: news && post?.status !== 'published' ? record : undefined };
}

/** A last save may have reached the server although the page was gone before its answer. */
function isStored(kept: Draft, draft: Draft, post: Post | undefined): boolean {
  const { meantFor: meant } = kept;
  return sameWords(kept, draft) && (meant === draft.meantFor || meant === post?.proposedFor?.toISOString());
}

function scheduledOn(post: Post | undefined): string[] {
  return nextOf(post).map(({ account }) => account.id);
}

/** All connected accounts of the platforms it has words for; else of the first platform. */
function firstChoice(accounts: Account[], post: Post | undefined): string[] {
  const written = new Set(post?.variants.map((variant) => variant.platform));
  const suiting = accounts.filter((account) => written.has(account.platform));
  if (suiting.length > 0) return suiting.map(({ id }) => id);
  const first = accounts.find((account) => account.platform === 'x')?.platform ?? accounts[0]?.platform;
  return accounts.filter((account) => account.platform === first).map(({ id }) => id);
}
