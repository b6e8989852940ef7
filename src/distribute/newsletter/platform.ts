import { asSystem, type Inside, transaction, type World } from '#src/context.ts';
import { isReachable, NEWSLETTER, profileOf } from '#src/distribute/newsletter/lists.ts';
import { readUrlOf } from '#src/distribute/newsletter/send.ts';
import { wakeSending } from '#src/distribute/newsletter/wake.ts';
import type { Failure, Grant, Outcome, OutgoingPart, Platform, PublishedPart } from '#src/outside/platform.ts';

const LENGTH = 100_000;
const SUBJECT_LENGTH = 150;

/**
 * The mailing lists as a platform. It is no leaf: publishing writes one row for each subscriber, in one transaction and
 * once for each publication; sending them is the flow's business. An account's token is its workspace, its platform's id
 * the list.
 */
export function openNewsletter(world: World): Platform {
  const inside = <T>(grant: Grant, run: (inside: Inside) => Promise<T>) =>
    transaction(asSystem(world, grant.token, NEWSLETTER), run);
  return {
    id: NEWSLETTER,
    name: 'Newsletter',
    limits: {
      length: LENGTH,
      lengthWithLongPosts: null,
      urlLength: null,
      threads: false,
      firstReply: false,
      media: null,
      altTextLength: null,
      poll: null,
      replySettings: [],
      community: null,
      title: { length: SUBJECT_LENGTH, required: true },
      rates: [],
    },
    measureText: (text) => ({ length: text.length, valid: text.isWellFormed() }),
    comparable: (text) => text.trim(),
    priceOf: () => [],
    oauth: null,
    keys: null,
    refresh: null,
    upload: null,
    uploadState: null,
    idempotentFor: Number.POSITIVE_INFINITY,
    ownPosts: null,
    metrics: null,
    mentions: null,
    repost: null,
    remove: null,

    profile: (grant) =>
      inside(grant, async ({ tx }) => {
        const list = await tx
          .selectFrom('mailingLists')
          .select(['id', 'name'])
          .select((eb) =>
            eb
              .selectFrom('subscribers')
              .select((in_) => in_.fn.countAll<number>().as('count'))
              .whereRef('subscribers.mailingListId', '=', 'mailingLists.id')
              .where('state', '=', 'confirmed')
              .as('confirmed'),
          )
          .where('id', '=', grant.platformUserId)
          .executeTakeFirst();
        if (!list) return failed({ kind: 'reconnect', code: 'no_list', reason: 'This mailing list was removed.' });
        return { ok: true as const, value: profileOf(list, list.confirmed ?? 0) };
      }),

    publish: (grant, part) => inside(grant, (in_) => addressAll(in_, grant.platformUserId, part)),
  };
}

/** Writes the mails of one letter; a second call for the same part finds them there. */
async function addressAll(inside: Inside, listId: string, part: OutgoingPart): Promise<Outcome<PublishedPart>> {
  const { tx, workspaceId, clock, publicUrl } = inside;
  const now = clock.now();
  const found = await tx
    .selectFrom('publicationParts')
    .select(['publicationId', 'position'])
    .where('id', '=', part.idempotencyKey)
    .executeTakeFirst();
  if (!found) throw new Error('A letter is sent by its publication.');
  const { publicationId } = found;
  const published = {
    ok: true as const,
    value: { platformId: publicationId, url: readUrlOf(inside, publicationId), publishedAt: now },
  };
  const first = await tx
    .selectFrom('mailDeliveries')
    .select('createdAt')
    .where('publicationId', '=', publicationId)
    .executeTakeFirst();
  if (first) return { ...published, value: { ...published.value, publishedAt: first.createdAt } };

  const refusal = await whatIsMissing(inside, listId, found.position);
  if (refusal) return failed({ kind: 'refused', ...refusal });
  const subject = (part.title.trim() || (part.text.trim().split('\n', 1)[0] ?? '')).slice(0, SUBJECT_LENGTH);
  const written = await tx
    .insertInto('mailDeliveries')
    .columns(['workspaceId', 'subscriberId', 'publicationId', 'address', 'subject', 'createdAt', 'dueAt'])
    .expression((eb) =>
      eb
        .selectFrom('subscribers')
        .select((in_) => [
          'workspaceId',
          'id',
          in_.val(publicationId).$castTo<string>().as('publicationId'),
          'email',
          in_.val(subject).as('subject'),
          in_.val(now).as('createdAt'),
          in_.val(now).as('dueAt'),
        ])
        .where('workspaceId', '=', workspaceId)
        .where('mailingListId', '=', listId)
        .where('state', '=', 'confirmed'),
    )
    .onConflict((oc) => oc.columns(['workspaceId', 'publicationId', 'subscriberId']).doNothing())
    .returning('id')
    .execute();
  if (written.length === 0)
    return failed({
      kind: 'refused',
      code: 'nobody',
      reason: `Nobody on this list has confirmed yet. Share its address, ${publicUrl}/newsletter shows it.`,
    });
  await wakeSending(inside);
  return { ...published, said: `Addressed to ${written.length} subscribers.` };
}

async function whatIsMissing({ tx, publicUrl }: Inside, listId: string, position: number) {
  if (position > 0) return { code: 'no_threads', reason: 'A letter has one part. Put the parts together.' };
  const list = await tx.selectFrom('mailingLists').select('id').where('id', '=', listId).executeTakeFirst();
  if (!list) return { code: 'no_list', reason: 'This mailing list was removed.' };
  const mail = await tx.selectFrom('mailSettings').select('host').executeTakeFirst();
  if (!mail)
    return { code: 'no_mail_server', reason: 'No mail server is set. Set it in Settings, Mail, then try again.' };
  if (!isReachable(publicUrl))
    return {
      code: 'no_public_address',
      reason:
        'The links for unsubscribing would lead to this machine only. Start Fanfare with PUBLIC_URL set to its public address.',
    };
  return null;
}

function failed(failure: Failure): { ok: false; failure: Failure } {
  return { ok: false, failure };
}
