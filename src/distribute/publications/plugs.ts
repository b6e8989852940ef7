import { record } from '#src/activity.ts';
import type { Inside } from '#src/context.ts';
import { accountOf } from '#src/distribute/accounts/status.ts';
import { type Content, linkFor, tagsOf } from '#src/distribute/content.ts';
import { queue, unqueue } from '#src/distribute/publications/due.ts';
import { assertFits } from '#src/distribute/publications/fits.ts';
import { freezePart } from '#src/distribute/publications/freeze.ts';
import { lockPublication } from '#src/distribute/publications/waiting.ts';
import { audit } from '#src/people/audit.ts';
import { notify } from '#src/people/notices.ts';
import { LINK } from '#src/plan/posts.ts';
import { refuse } from '#src/refusal.ts';

/**
 * Puts a further part under a publication that is out: a plug. It goes out by the same engine, exactly once, and fails
 * without harm to the post. One for each publication: asked again it returns false and does nothing. `{{link}}` in the
 * text becomes the post's tracked link.
 *
 * @throws Refusal when the post is not out, or the platform would not take the text or a reply of one's own
 */
export async function addPart(inside: Inside, publicationId: string, text: string): Promise<boolean> {
  const { tx, clock } = inside;
  const publication = await lockPublication(inside, publicationId);
  const parts = await tx
    .selectFrom('publicationParts')
    .select(['position', 'origin'])
    .where('publicationId', '=', publicationId)
    .execute();
  if (parts.some((part) => part.origin === 'plug')) return false;
  if (publication.state !== 'published')
    throw refuse('conflict', 'not_published', 'Something can be put under a post once it is out, not before.');
  const account = await accountOf(inside, publication.accountId);
  const url = text.includes(LINK) ? await linkFor(inside, publication.postId, publicationId, account) : '';
  const part = { text: text.replaceAll(LINK, url), media: [], poll: null };
  assertFits(inside, account, asReply(part.text), true);
  const position = Math.max(...parts.map((one) => one.position)) + 1;
  await freezePart(inside, publicationId, position, { ...part, origin: 'plug' }, null);
  await tx
    .updateTable('publications')
    .set({ state: 'publishing', stateReason: null })
    .where('id', '=', publicationId)
    .execute();
  await queue(inside, { id: publicationId, accountId: account.id, dueAt: clock.now() });
  await audit(inside, { operation: 'publications.addPart', subject: publicationId });
  await record(inside, 'publication.plugged', { subjectId: publicationId, detail: { postId: publication.postId } });
  return true;
}

/**
 * Ends a plug that cannot go out, or that a person takes back; the post under which it stood is out as before. False
 * when the publication waits for something else.
 */
export async function takeBackPlug(
  inside: Inside,
  publicationId: string,
  why: { reason: string; tell: boolean },
): Promise<boolean> {
  const { tx } = inside;
  const plug = await tx
    .updateTable('publicationParts')
    .set({ state: 'dropped' })
    .where('publicationId', '=', publicationId)
    .where('origin', '=', 'plug')
    .where('state', '<>', 'confirmed')
    .returning('id')
    .executeTakeFirst();
  if (!plug) return false;
  const stateReason = `The reply that was to follow is not out. ${why.reason}`;
  const { postId } = await tx
    .updateTable('publications')
    .set({ state: 'published', stateReason })
    .where('id', '=', publicationId)
    .returning('postId')
    .executeTakeFirstOrThrow();
  await unqueue(inside, publicationId);
  if (why.tell)
    await notify(inside, {
      kind: 'plug_failed',
      title: 'A reply under your post could not be published',
      body: stateReason,
      path: `/posts/${postId}`,
      dedupe: `plug:${publicationId}`,
    });
  return true;
}

function asReply(text: string): Content {
  return {
    parts: [
      { text: '-', media: [], poll: null, origin: 'part' },
      { text, media: [], poll: null, origin: 'first_reply' },
    ],
    title: '',
    tags: tagsOf([text]),
    canonicalUrl: null,
    community: null,
    replySettings: null,
  };
}
