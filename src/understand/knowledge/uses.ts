import type { Inside } from '#src/context.ts';

/** Where a fact is used: posts whose claims rest on it, the current strategy where it says so, audiences it describes. */
export async function usesOf({ tx }: Inside, fact: { id: string; appId: string; statement: string }) {
  const posts = await tx
    .selectFrom('claims')
    .innerJoin('parts', 'parts.id', 'claims.partId')
    .innerJoin('postVariants', 'postVariants.id', 'parts.variantId')
    .innerJoin('posts', 'posts.id', 'postVariants.postId')
    .select(['posts.id', 'posts.title', 'posts.status', 'posts.createdAt'])
    .distinct()
    .where('claims.factId', '=', fact.id)
    .orderBy('posts.createdAt', 'desc')
    .orderBy('posts.id')
    .limit(100)
    .execute();
  const items = await tx
    .selectFrom('strategyItems')
    .innerJoin('strategies', 'strategies.id', 'strategyItems.strategyId')
    .select(['strategyItems.id', 'strategyItems.kind', 'strategyItems.statement', 'strategyItems.reasoning'])
    .select(['strategies.id as strategyId', 'strategies.version'])
    .where('strategies.appId', '=', fact.appId)
    .where('strategies.state', 'in', ['current', 'proposed'])
    .orderBy('strategies.version', 'desc')
    .orderBy('strategyItems.position')
    .execute();
  const audiences = await tx
    .selectFrom('audienceTraits')
    .innerJoin('audiences', 'audiences.id', 'audienceTraits.audienceId')
    .select(['audiences.id', 'audiences.name'])
    .distinct()
    .where('audienceTraits.factId', '=', fact.id)
    .where('audiences.state', '<>', 'retired')
    .orderBy('audiences.name')
    .execute();
  const words = plain(fact.statement);
  return {
    posts: posts.map(({ createdAt: _, ...post }) => post),
    // A strategy keeps its own words: it rests on a fact where it repeats the fact's.
    strategyItems: items
      .filter(({ statement, reasoning }) => words !== '' && plain(`${statement} ${reasoning}`).includes(words))
      .map(({ reasoning: _, ...item }) => item),
    audiences,
  };
}

function plain(text: string): string {
  return (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).join(' ');
}
