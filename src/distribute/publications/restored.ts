import { record } from '#src/activity.ts';
import { asSystem, type Context, type Inside, shared, transaction, type World } from '#src/context.ts';
import { holdLetters } from '#src/distribute/newsletter/restored.ts';
import { unqueue } from '#src/distribute/publications/due.ts';
import { takeBackPlug } from '#src/distribute/publications/plugs.ts';
import { fail } from '#src/distribute/publications/take-up.ts';
import { followPost } from '#src/distribute/publications/waiting.ts';
import { answerRestore, type Restore, unansweredRestores } from '#src/people/backups/restored.ts';
import { notify } from '#src/people/notices.ts';

/** What a restore held back, over all workspaces. */
export type Held = { publications: number; letters: number };

/**
 * To be called before publishing begins. What was waiting when a backup was made may have gone out before the backup was
 * restored, and the rows do not know: everything that was due by now, or midway, waits for a person (`asking`,
 * publications.decide), who has been told. A call that was under way then is one whose outcome is unknown, and that nobody
 * can look up any more: a person says what became of it (publications.settle). Safe to run twice, also at once. Returns what was held, null when nothing was restored.
 */
export async function holdRestored(world: World): Promise<Held | null> {
  const restores = await unansweredRestores(world);
  const last = restores.at(-1);
  if (!last) return null;
  const all: Held = { publications: 0, letters: 0 };
  const workspaces = await shared(world, (tx) => tx.selectFrom('workspaces').select('id').execute());
  for (const { id } of workspaces) {
    const held = await holdOne(asSystem(world, id, 'a restore'), last);
    all.publications += held.publications;
    all.letters += held.letters;
  }
  for (const { id } of restores) await answerRestore(world, id);
  return all;
}

function holdOne(context: Context, restore: Restore): Promise<Held> {
  return transaction(context, async (inside) => {
    const { tx, clock } = inside;
    const made = `${restore.madeAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
    const waiting = await tx
      .selectFrom('publications')
      .select(['id', 'postId', 'accountId'])
      .where((eb) =>
        eb.or([
          eb('state', '=', 'publishing'),
          eb.and([eb('state', '=', 'scheduled'), eb('dueAt', '<=', clock.now())]),
        ]),
      )
      .forUpdate()
      .execute();
    for (const { id, postId, accountId } of waiting) {
      const reason = `It was waiting when the backup of ${made} was made, which was restored since, and may be out already. Look on the platform, then say here what is to become of it.`;
      // Under a post that is out: the post stays out, and only what was to follow is left out.
      if (await takeBackPlug(inside, id, { reason, tell: true })) continue;
      if (await leaveInDoubt(inside, { publicationId: id, accountId }, reason)) continue;
      await tx.updateTable('publications').set({ state: 'asking', stateReason: reason }).where('id', '=', id).execute();
      await unqueue(inside, id);
      await followPost(inside, postId);
      await record(inside, 'publication.missed', { subjectId: id, detail: { postId } });
    }
    const letters = await holdLetters(inside, restore.madeAt);
    await notify(inside, {
      kind: 'restored',
      title: `Fanfare was restored from the backup of ${made}`,
      body: `${inWords(waiting.length, letters)} What was done after the backup is not here: look through the calendar before the next post is due.`,
      path: '/calendar',
      dedupe: `restored:${restore.id}`,
    });
    return { publications: waiting.length, letters };
  });
}

/** Where a call was under way: it may have created the part, so it is never sent again before a person has looked. */
async function leaveInDoubt(
  inside: Inside,
  { publicationId, accountId }: { publicationId: string; accountId: string },
  reason: string,
): Promise<boolean> {
  const open = await inside.tx
    .updateTable('attempts')
    .set({ phase: 'unknown', failure: 'unknown' })
    .where('phase', 'in', ['sent', 'unknown'])
    .where('publicationPartId', 'in', (eb) =>
      eb.selectFrom('publicationParts').select('id').where('publicationId', '=', publicationId),
    )
    .returning('id')
    .execute();
  if (open.length === 0) return false;
  const { workspaceId, clock } = inside;
  await fail(inside, { publicationId, workspaceId, accountId, leaseUntil: clock.now() }, reason);
  return true;
}

function inWords(posts: number, letters: number): string {
  if (posts + letters === 0) return 'Nothing was waiting to go out.';
  const waiting =
    posts === 1
      ? 'One post that was due may be out already, so it waits for your yes.'
      : `${posts} posts that were due may be out already, so they wait for your yes.`;
  const mails = letters === 1 ? 'One letter is not sent again.' : `${letters} letters are not sent again.`;
  return [posts > 0 ? waiting : '', letters > 0 ? mails : ''].filter(Boolean).join(' ');
}
