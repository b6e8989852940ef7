import type { OpenGrant } from '#src/distribute/accounts/grants.ts';
import { noteProfile } from '#src/distribute/accounts/status.ts';
import { chargeAttempt } from '#src/distribute/publications/confirm.ts';
import { isLong } from '#src/distribute/publications/fits.ts';
import type { Part } from '#src/distribute/publications/parts.ts';
import { settleFailure, settleReconnect } from '#src/distribute/publications/settle.ts';
import { fenced, type Work } from '#src/distribute/publications/work.ts';
import type { Outcome, Profile } from '#src/outside/platform.ts';

/** What the platform said about the account is believed for so long, in milliseconds: a subscription can end. */
const BELIEVED = 24 * 3_600_000;

/**
 * Whether a part longer than usual may go out: the account is asked about again when that was long ago. False when it
 * may not, or when it is not known now; that is written already.
 */
export async function mayBeLong(
  work: Work,
  part: Part,
  attemptId: string,
  grant: Extract<OpenGrant, { ok: true }>,
): Promise<boolean> {
  const { adapter, account, context } = work;
  if (!isLong(adapter, part.text)) return true;
  const readAt = account.profileReadAt?.getTime() ?? 0;
  if (context.clock.now().getTime() - readAt < BELIEVED) return true;
  const read = await adapter.profile(grant.grant).catch((error: unknown): Outcome<Profile> => {
    context.log.error({ err: error, platform: adapter.id }, 'An adapter threw while reading a profile');
    return { ok: false, failure: { kind: 'unknown', reason: 'Reading the profile ended in a fault on our side.' } };
  });
  if (!read.ok && read.failure.kind === 'reconnect') {
    await settleReconnect(work, attemptId, grant, read);
    return false;
  }
  return fenced(work, async (inside) => {
    if (!read.ok) {
      await settleFailure(inside, work, part, attemptId, read);
      return false;
    }
    if (read.cost) await chargeAttempt(inside, work, attemptId, read.cost);
    await noteProfile(inside, account.id, read.value);
    work.account = { ...account, longPosts: read.value.longPosts, profileReadAt: inside.clock.now() };
    if (read.value.longPosts) return true;
    const reason = `@${account.handle} may not publish long posts on ${adapter.name} any more, and this one is longer than ${adapter.limits.length} characters. Shorten it or split it, or subscribe again.`;
    await settleFailure(inside, work, part, attemptId, { failure: { kind: 'refused', code: 'long_posts', reason } });
    return false;
  });
}
