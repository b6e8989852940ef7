/** A part as POST /2/tweets takes it (CreatePostsRequest of the OpenAPI document 2.167). */
import type { Failure, OutgoingPart, ReplySettings } from '#src/outside/platform.ts';
import { countText } from './count.ts';
import { LIMITS } from './limits.ts';

/**
 * The body. Who may answer and where it stands are said of the first part only: the parts after it belong to its
 * conversation. `share_with_followers` is left out: by X's document it is about posts for paying subscribers, so a post
 * into a community is seen in that community.
 */
export function bodyOf(part: OutgoingPart): Record<string, unknown> {
  const community = part.community === null ? null : communityIdOf(part.community);
  const first = part.replyTo === null;
  return {
    text: part.text,
    ...(first ? {} : { reply: { in_reply_to_tweet_id: part.replyTo } }),
    ...(part.media.length > 0 ? { media: { media_ids: part.media.map((one) => one.uploadedId) } } : {}),
    ...(part.poll ? { poll: { options: part.poll.options, duration_minutes: part.poll.minutes } } : {}),
    ...(first && part.replySettings ? REPLY_SETTINGS[part.replySettings] : {}),
    ...(first && community ? { community_id: community } : {}),
  };
}

/** Why X would not take this part, or null. Lengths of texts are not judged here: how long one may be, X knows best. */
export function whyUnfit(part: OutgoingPart): { code: string; reason: string } | null {
  return mediaProblem(part) ?? pollProblem(part) ?? communityProblem(part);
}

/** X's “not permitted” seldom says what; these are the things of the part that need a right of their own. */
export function whyRefused(failure: Failure, part: OutgoingPart): Failure {
  if (failure.kind !== 'refused' || failure.code !== 'forbidden') return failure;
  const first = part.replyTo === null;
  const hints = [
    countText(part.text).length > LIMITS.length ? `Posts over ${LIMITS.length} characters need X Premium.` : '',
    first && part.community !== null ? 'To post into a community, the account has to be a member of it.' : '',
    first && (part.replySettings === 'subscribers' || part.replySettings === 'verified')
      ? 'Not every account may limit who answers in this way.'
      : '',
  ].filter(Boolean);
  return { ...failure, reason: [failure.reason, ...hints].join(' ') };
}

/** Everyone may answer where nothing is said. */
const REPLY_SETTINGS: Record<ReplySettings, { reply_settings?: string }> = {
  everyone: {},
  following: { reply_settings: 'following' },
  mentioned: { reply_settings: 'mentionedUsers' },
  subscribers: { reply_settings: 'subscribers' },
  verified: { reply_settings: 'verified' },
};

/** The number, given as such or in the community's address. */
function communityIdOf(given: string): string | null {
  return (
    /^(?:https?:\/\/(?:www\.)?(?:x|twitter)\.com\/i\/communities\/)?(\d{1,19})\/?$/i.exec(given.trim())?.[1] ?? null
  );
}

function communityProblem({ community }: OutgoingPart) {
  if (community === null || communityIdOf(community)) return null;
  const reason = 'A community of X is named by its number: the digits at the end of its address on x.com.';
  return { code: 'community_unknown', reason };
}

function pollProblem({ poll, media }: OutgoingPart) {
  if (!poll) return null;
  if (media.length > 0)
    return { code: 'media_and_poll', reason: 'A post on X has media or a poll, not both. Take one of them out.' };
  const { options, optionLength, minutes } = LIMITS.poll;
  if (poll.options.length < 2 || poll.options.length > options)
    return {
      code: 'poll_options',
      reason: `A poll on X has 2 to ${options} options, this one has ${poll.options.length}.`,
    };
  const odd = poll.options.find((option) => option.trim() === '' || [...option].length > optionLength);
  if (odd !== undefined)
    return {
      code: 'poll_options',
      reason: `An option of a poll on X has 1 to ${optionLength} characters; “${odd}” does not.`,
    };
  const [least, most] = minutes;
  if (poll.minutes < least || poll.minutes > most)
    return { code: 'poll_time', reason: `A poll on X is open from ${least} minutes to ${most / 1_440} days.` };
  return null;
}

function mediaProblem({ media }: OutgoingPart) {
  if (media.length === 0) return null;
  const count = (kind: string) => media.filter((one) => one.kind === kind).length;
  const { images } = LIMITS.media;
  if (media.length > (count('image') === media.length ? images : 1))
    return {
      code: 'media_mix',
      reason: `A post on X has up to ${images} pictures, or one GIF, or one video. Move the others to another part.`,
    };
  if (media.some((one) => one.uploadedId === null))
    return { code: 'media_missing', reason: 'A file of this post was not uploaded to X yet.' };
  return null;
}
