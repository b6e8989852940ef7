import { type Context, type Inside, transaction } from '#src/context.ts';
import { audit } from '#src/people/audit.ts';
import { factsForWriting } from '#src/plan/knowledge.ts';
import { findUnsupportedNumbers } from '#src/plan/writing/index.ts';
import { notFound, refuse } from '#src/refusal.ts';
import { mayApprove } from './approval.ts';
import { lockPost } from './state.ts';
import type { WrittenPart } from './words.ts';

/** What a text asserts and the fact it rests on, before it has a place. */
export type Assertion = {
  platform?: string;
  part: number;
  text: string;
  factId: string | null;
  /** Without a fact: why it is flagged. */
  unsupportedReason?: string | null;
};

/** Says what a claim rests on: links it to a fact, or to another one than before. */
export async function linkClaim(
  context: Context,
  wanted: { postId: string; claimId: string; factId: string },
): Promise<void> {
  await transaction(context, async (inside) => {
    const post = await lockPost(inside, wanted.postId);
    const before = await claimOf(inside, post.id, wanted.claimId);
    const fact = await inside.tx
      .selectFrom('facts')
      .select('id')
      .where('id', '=', wanted.factId)
      .where('appId', '=', post.appId)
      .where('state', '<>', 'retired')
      .executeTakeFirst();
    if (!fact) throw notFound('fact of this app');
    if (before.factId === fact.id) return;
    if (before.factId !== null) await assertMayMove(inside, post);
    await inside.tx
      .updateTable('claims')
      .set({ factId: fact.id, unsupportedReason: null })
      .where('id', '=', before.id)
      .execute();
    await audit(inside, {
      operation: 'posts.supportClaim',
      subject: post.id,
      before: { factId: before.factId },
      after: { ...wanted },
    });
  });
}

/** Takes a claim off the fact it was linked to. It stays as one that nothing supports, for whoever reads the post. */
export async function unlinkClaim(context: Context, wanted: { postId: string; claimId: string }): Promise<void> {
  await transaction(context, async (inside) => {
    const post = await lockPost(inside, wanted.postId);
    const claim = await claimOf(inside, post.id, wanted.claimId);
    if (claim.factId === null) return;
    await assertMayMove(inside, post);
    await inside.tx
      .updateTable('claims')
      .set({ factId: null, unsupportedReason: `“${claim.text}” was taken off the fact it was linked to.` })
      .where('id', '=', claim.id)
      .execute();
    await audit(inside, {
      operation: 'posts.unlinkClaim',
      subject: post.id,
      before: { ...wanted, factId: claim.factId },
    });
  });
}

/** What an owner approved rests on what it rested on then: a fact that becomes false has to find it. */
async function assertMayMove(inside: Inside, post: { status: string; source: string }): Promise<void> {
  if ((post.status === 'approved' || post.status === 'scheduled') && !(await mayApprove(inside, post)))
    throw refuse(
      'forbidden',
      'needs_review',
      'An owner approved this post with this evidence. Return it to draft to change that, then send it for review again.',
    );
}

async function claimOf({ tx }: Inside, postId: string, claimId: string) {
  const claim = await tx
    .selectFrom('claims')
    .innerJoin('parts', 'parts.id', 'claims.partId')
    .innerJoin('postVariants', 'postVariants.id', 'parts.variantId')
    .select(['claims.id', 'claims.text', 'claims.factId'])
    .where('claims.id', '=', claimId)
    .where('postVariants.postId', '=', postId)
    .executeTakeFirst();
  if (!claim) throw notFound('claim');
  return claim;
}

/** What the claims of a post rest on today, to be placed again after an edit. */
export async function assertionsOf({ tx }: Inside, postId: string): Promise<Assertion[]> {
  const rows = await tx
    .selectFrom('claims')
    .innerJoin('parts', 'parts.id', 'claims.partId')
    .innerJoin('postVariants', 'postVariants.id', 'parts.variantId')
    .select(['postVariants.platform', 'parts.position as part', 'claims.text', 'claims.factId'])
    .select('claims.unsupportedReason')
    .where('postVariants.postId', '=', postId)
    .orderBy('parts.position')
    .orderBy('claims.startsAt')
    .execute();
  // Numbers without a fact are looked for anew: by now a fact may say so.
  return rows.filter((row) => row.factId || (row.unsupportedReason && !isNumber(row.text)));
}

/**
 * Places assertions in the words as they stand now: kept when their text still stands (looked for in their own part
 * first), dropped otherwise. Then every number that no fact supports and no placed claim covers is flagged.
 */
export async function placeClaims(
  inside: Inside,
  appId: string,
  written: readonly WrittenPart[],
  assertions: readonly Assertion[],
): Promise<void> {
  const { tx, workspaceId } = inside;
  const facts = await factsForWriting(inside, appId);
  const known = await ownFacts(inside, appId, assertions);
  const rows: {
    partId: string;
    startsAt: number;
    endsAt: number;
    text: string;
    factId: string | null;
    unsupportedReason: string | null;
  }[] = [];
  for (const platform of new Set(written.map((part) => part.platform))) {
    const parts = written.filter((part) => part.platform === platform);
    const own = assertions.filter((one) => !one.platform || one.platform === platform);
    // A variant made from another one keeps what its words rest on.
    for (const assertion of own.length > 0 ? own : assertions) {
      const factId = assertion.factId && known.has(assertion.factId) ? assertion.factId : null;
      const unsupportedReason = factId ? null : (assertion.unsupportedReason ?? null);
      if (!factId && !unsupportedReason) continue;
      const place = placeOf(assertion, parts, rows);
      if (place) rows.push({ ...place, text: assertion.text, factId, unsupportedReason });
    }
    for (const part of parts)
      for (const number of findUnsupportedNumbers(part.text, facts)) {
        const endsAt = number.index + number.text.length;
        const covered = rows.some(
          (row) => row.partId === part.id && row.startsAt <= number.index && row.endsAt >= endsAt,
        );
        if (!covered)
          rows.push({
            partId: part.id,
            startsAt: number.index,
            endsAt,
            text: number.text,
            factId: null,
            unsupportedReason: number.reason,
          });
      }
  }
  if (rows.length > 0)
    await tx
      .insertInto('claims')
      .values(rows.map((row) => ({ workspaceId, ...row })))
      .execute();
}

/** Those of the app's facts that are named; retired ones too, so that an edit does not hide what became false. */
async function ownFacts({ tx }: Inside, appId: string, assertions: readonly Assertion[]): Promise<Set<string>> {
  const named = [...new Set(assertions.flatMap(({ factId }) => factId ?? []))];
  if (named.length === 0) return new Set();
  const rows = await tx.selectFrom('facts').select('id').where('appId', '=', appId).where('id', 'in', named).execute();
  return new Set(rows.map((row) => row.id));
}

function isNumber(text: string): boolean {
  return findUnsupportedNumbers(text, []).some((number) => number.text === text);
}

function placeOf(
  assertion: Assertion,
  parts: readonly WrittenPart[],
  taken: readonly { partId: string; startsAt: number; endsAt: number }[],
): { partId: string; startsAt: number; endsAt: number } | null {
  if (assertion.text === '') return null;
  const order = [...parts].sort(
    (a, b) => Math.abs(a.position - assertion.part) - Math.abs(b.position - assertion.part) || a.position - b.position,
  );
  for (const part of order)
    for (let at = part.text.indexOf(assertion.text); at >= 0; at = part.text.indexOf(assertion.text, at + 1)) {
      const endsAt = at + assertion.text.length;
      const free = !taken.some((row) => row.partId === part.id && row.startsAt < endsAt && row.endsAt > at);
      if (free) return { partId: part.id, startsAt: at, endsAt };
    }
  return null;
}
