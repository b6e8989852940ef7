import type { z } from 'zod';
import type { Inside } from '#src/context.ts';
import type { Row, shownConversation } from '#src/distribute/inbox/show.ts';
import { priceOf, pricesOf } from '#src/distribute/spend.ts';
import type { Platform } from '#src/outside/platform.ts';

/** How far back a conversation is followed. */
const DEPTH = 20;

/** What the item answers, and what that answered, as far as it was said to us or by us; oldest first. */
export async function saidBefore({ tx }: Inside, accountId: string, replyTo: string | null) {
  const said: z.input<typeof shownConversation>['conversation'] = [];
  for (let parent = replyTo; parent !== null && said.length < DEPTH; ) {
    const ours = await tx
      .selectFrom('publicationParts')
      .innerJoin('publications', 'publications.id', 'publicationParts.publicationId')
      .innerJoin('accounts', 'accounts.id', 'publications.accountId')
      .select(['publicationParts.text', 'platformUrl', 'publicationParts.publishedAt', 'handle', 'name'])
      .select(['publicationParts.position', 'publicationId', 'publications.replyTo'])
      .where('publications.accountId', '=', accountId)
      .where('platformId', '=', parent)
      .executeTakeFirst();
    if (ours) {
      const { handle, name, text, platformUrl, publishedAt } = ours;
      said.push({ from: 'us', handle, name, text, url: platformUrl, at: publishedAt });
      parent = ours.position === 0 ? ours.replyTo : null;
      continue;
    }
    const theirs = await tx
      .selectFrom('inboxItems')
      .leftJoin('contacts', 'contacts.id', 'inboxItems.contactId')
      .select(['text', 'url', 'receivedAt', 'replyTo', 'handle', 'name'])
      .where('accountId', '=', accountId)
      .where('platformId', '=', parent)
      .executeTakeFirst();
    if (!theirs) break;
    const { handle, name, text, url, receivedAt } = theirs;
    said.push({ from: 'them', handle: handle ?? '', name, text, url, at: receivedAt });
    parent = theirs.replyTo;
  }
  return said.reverse();
}

/** Whether an answer can be given from here, what it may hold and what it costs. */
export async function replyTo(inside: Inside, row: Row): Promise<z.input<typeof shownConversation>['reply']> {
  const platform = inside.platforms.get(row.platform);
  if (!platform)
    return {
      refusal: 'This platform is not known here.',
      limit: 0,
      plainMicros: 0,
      withLinkMicros: 0,
      byHandUrl: null,
    };
  const prices = await pricesOf(inside, platform.id);
  const cost = (text: string) =>
    platform
      .priceOf({ text, describedMedia: 0, answersOther: true })
      .reduce((sum, one) => sum + priceOf(prices, one).micros, 0);
  const { lengthWithLongPosts, length } = platform.limits;
  return {
    refusal: refusalOf(row, platform),
    limit: (row.longPosts && lengthWithLongPosts) || length,
    plainMicros: cost('Thank you'),
    withLinkMicros: cost('https://example.com/'),
    byHandUrl:
      platform.id === 'x' ? `https://x.com/intent/post?in_reply_to=${encodeURIComponent(row.platformId)}` : null,
  };
}

function refusalOf(row: Row, { name }: Platform): string | null {
  if (row.kind === 'message') return `A direct message is answered on ${name}. Open it there.`;
  if (row.accountStatus === 'removed') return `@${row.accountHandle} is disconnected. Connect it again to answer.`;
  if (row.accountStatus === 'reconnect')
    return `@${row.accountHandle} has to be connected again before it can answer. ${row.statusReason ?? ''}`.trim();
  return null;
}
