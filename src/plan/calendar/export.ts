import type { z } from 'zod';
import type { Context } from '#src/context.ts';
import { type Inside, transaction } from '#src/context.ts';
import { readVariants } from '#src/plan/posts/read.ts';
import { type CsvRow, joinParts, writeCsv } from './csv.ts';
import { cellsOf } from './moments.ts';
import { calendarRange, type rangeInput } from './range.ts';

/** What the calendar shows between two moments as a table that can be imported again: a row for each time on each account. */
export async function exportCsv(
  context: Context,
  input: z.output<typeof rangeInput>,
): Promise<{ csv: string; rows: number }> {
  return transaction(context, async (inside) => {
    const { items, timeZone } = await calendarRange(inside, input);
    const rows: CsvRow[] = [];
    const posts = new Map<string, { number: number; accounts: Set<string>; words: Words }>();
    for (const item of items) {
      let post = posts.get(item.postId);
      const on = item.account?.id ?? '';
      // A second time on the same account is a post of its own when it is read back: a post goes out once.
      if (!post || post.accounts.has(on)) {
        post = { number: posts.size + rows.length + 1, accounts: new Set(), words: await wordsOf(inside, item.postId) };
        posts.set(item.postId, post);
      }
      post.accounts.add(on);
      for (const platform of item.account ? [item.account.platform] : item.platforms) {
        const variant = post.words.variants.find((one) => one.platform === platform) ?? post.words.variants[0];
        if (!variant) continue;
        const media = variant.parts.flatMap((part) => part.media.map((one) => ({ ...one, part: part.position + 1 })));
        rows.push({
          post: String(post.number),
          ...cellsOf(item.at, timeZone),
          platform,
          account: item.account?.handle ?? '',
          title: item.title,
          text: joinParts(variant.parts.map((part) => part.text)),
          link: post.words.linkUrl ?? '',
          campaign: item.campaign?.name ?? '',
          tags: '',
          media: media.map((one) => (one.part === 1 ? one.assetId : `${one.part} ${one.assetId}`)).join('\n'),
          alt_texts: media.map((one) => (one.altText ?? '').replaceAll(/\s+/g, ' ')).join('\n'),
          status: item.status,
        });
      }
    }
    return { csv: writeCsv(rows), rows: rows.length };
  });
}

type Words = { linkUrl: string | null; variants: Awaited<ReturnType<typeof readVariants>> };

async function wordsOf(inside: Inside, postId: string): Promise<Words> {
  const { linkUrl } = await inside.tx
    .selectFrom('posts')
    .select('linkUrl')
    .where('id', '=', postId)
    .executeTakeFirstOrThrow();
  return { linkUrl, variants: await readVariants(inside, postId) };
}
