import type { Inside } from '#src/context.ts';
import { unpaidParts } from '#src/distribute/publications/parts.ts';
import { pauseWithNotice } from '#src/distribute/publications/pauses.ts';
import { HELD, inTime, release, type Work } from '#src/distribute/publications/work.ts';
import { monthOf, priceOf, pricesOf, spentThisMonth } from '#src/distribute/spend.ts';

/** Whether the next part has to wait for money or for the platform's pace; the work is handed back then. */
export async function isOverLimit(inside: Inside, work: Work): Promise<boolean> {
  return (await isOverBudget(inside, work)) || (await isOverRate(inside, work));
}

/** The budget has to hold for all that is left of the publication: no thread ends midway because of money. */
async function isOverBudget(inside: Inside, work: Work): Promise<boolean> {
  const { account, adapter, claimed } = work;
  const budget = account.monthlyBudgetMicros;
  if (budget === null) return false;
  const prices = await pricesOf(inside, adapter.id);
  const price = (await unpaidParts(inside, claimed.publicationId, account.id))
    .flatMap((part) => adapter.priceOf(part))
    .reduce((sum, cost) => sum + priceOf(prices, cost).micros, 0);
  const spent = await spentThisMonth(inside, account.id);
  if (price === 0 || spent + price <= budget) return false;
  const reason = `The monthly budget of ${dollars(budget)} would be exceeded: ${dollars(spent)} is spent, and the next post costs ${dollars(price)}. Raise the budget and resume, or wait for the next month.`;
  await pauseWithNotice(inside, account.id, {
    kind: 'budget_reached',
    title: `The budget of @${account.handle} is used up`,
    reason,
    until: monthOf(inside.clock.now(), 1),
  });
  await release(inside, work, inTime(inside, HELD), reason);
  return true;
}

/** The platform's pace: when a window is full, the next part goes as soon as the oldest has left it. */
async function isOverRate(inside: Inside, work: Work): Promise<boolean> {
  const { account, adapter } = work;
  const { rates } = adapter.limits;
  // Mostly fewer were sent in the longest window than the smallest number: then none is full.
  const fewest = Math.min(...rates.map(({ posts }) => posts));
  const longest = Math.max(...rates.map(({ minutes }) => minutes));
  if (rates.length > 1 && !(await sentBefore(inside, account.id, fewest, longest))) return false;
  let until = 0;
  let reason = '';
  for (const { posts, minutes } of rates) {
    const sentAt = await sentBefore(inside, account.id, posts, minutes);
    const free = (sentAt?.getTime() ?? 0) + minutes * 60_000;
    if (!sentAt || free <= until) continue;
    until = free;
    reason = `${adapter.name} takes ${posts} posts in ${inWords(minutes)} from one account, and @${account.handle} has sent as many. It goes on by itself.`;
  }
  if (until === 0) return false;
  await release(inside, work, new Date(until), reason);
  return true;
}

/** When the account sent its so-manieth newest post, if that was within so many minutes. */
async function sentBefore(inside: Inside, accountId: string, posts: number, minutes: number): Promise<Date | null> {
  const row = await inside.tx
    .selectFrom('attempts')
    .innerJoin('publicationParts', 'publicationParts.id', 'attempts.publicationPartId')
    .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
    .select('attempts.sentAt')
    .where('publications.accountId', '=', accountId)
    .where('attempts.sentAt', '>', new Date(inside.clock.now().getTime() - minutes * 60_000))
    .orderBy('attempts.sentAt', 'desc')
    .offset(posts - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.sentAt ?? null;
}

function inWords(minutes: number): string {
  if (minutes % 1440 === 0) return minutes === 1440 ? 'a day' : `${minutes / 1440} days`;
  if (minutes % 60 === 0) return minutes === 60 ? 'an hour' : `${minutes / 60} hours`;
  return minutes === 1 ? 'a minute' : `${minutes} minutes`;
}

function dollars(micros: number): string {
  return `$${(micros / 1_000_000).toFixed(2)}`;
}
