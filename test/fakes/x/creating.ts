/** X's rules for a new post. */
import { z } from 'zod';
import { charge } from './ledger.ts';
import { stateOfMedia } from './media.ts';
import { forbidden, invalid } from './problems.ts';
import { type FakePost, nextId, type State, type User } from './state.ts';
import { lengthOf, showPost } from './wire.ts';

export const createBody = z
  .object({
    text: z.string().default(''),
    reply: z.object({ in_reply_to_tweet_id: z.string() }).optional(),
    media: z.object({ media_ids: z.array(z.string()).min(1).max(4) }).optional(),
    poll: z
      .object({
        options: z.array(z.string().min(1).max(25)).min(2).max(4),
        duration_minutes: z.number().int().min(5).max(10_080),
      })
      .optional(),
    reply_settings: z.enum(['following', 'mentionedUsers', 'subscribers', 'verified']).optional(),
    community_id: z.string().optional(),
    quote_tweet_id: z.string().optional(),
  })
  .transform((body) => ({
    text: body.text,
    replyTo: body.reply?.in_reply_to_tweet_id ?? null,
    more: {
      mediaIds: body.media?.media_ids ?? [],
      poll: body.poll ? { options: body.poll.options, minutes: body.poll.duration_minutes } : null,
      replySettings: body.reply_settings ?? null,
      communityId: body.community_id ?? null,
      quoteOf: body.quote_tweet_id ?? null,
    },
  }));

type More = Partial<Pick<FakePost, 'mediaIds' | 'poll' | 'replySettings' | 'communityId' | 'quoteOf'>> & {
  /** Written on X itself, where everybody may answer everybody. */
  byHand?: true;
};

const DUPLICATE_WITHIN = 86_400_000;

/** Creates a post by X's rules; throws a `Problem` where X refuses. */
export function createPost(
  state: State,
  user: User,
  raw: string,
  replyTo: string | null,
  now: number,
  more: More = {},
): FakePost {
  const { mediaIds = [], poll = null, replySettings = null, communityId = null, quoteOf = null } = more;
  const text = raw.normalize('NFC').trim();
  if (text === '' && mediaIds.length === 0) throw invalid('text', 'The text is empty.');
  const most = user.subscriptionType === 'None' ? 280 : 25_000;
  if (lengthOf(text) > most) throw forbidden('You are not permitted to perform this action.');
  if (poll && mediaIds.length > 0) throw invalid('poll', 'media and poll cannot both be given.');
  checkMedia(state, user, mediaIds, now);
  const community = state.communities.find((one) => one.id === communityId);
  // How X words this is not known.
  if (communityId !== null && !community?.members.includes(user.id))
    throw forbidden('You are not permitted to perform this action.');
  const parent = state.posts.find((post) => post.id === replyTo && !post.deleted);
  if (replyTo !== null && !parent)
    throw forbidden('You attempted to reply to a Tweet that is deleted or not visible to you.');
  const summoned = parent !== undefined && parent.userId !== user.id;
  if (summoned && !more.byHand && !new RegExp(`@${user.username}\\b`, 'i').test(parent.text))
    throw forbidden('You can only reply to or quote posts where you are mentioned or are the author.');
  if (
    !state.allowDuplicates &&
    state.posts.some(
      (post) =>
        post.userId === user.id &&
        post.text === text &&
        post.mediaIds.join() === mediaIds.join() &&
        !post.deleted &&
        Math.abs(now - post.at) < DUPLICATE_WITHIN,
    )
  )
    throw forbidden('You are not allowed to create a Tweet with duplicate content.');
  const post: FakePost = {
    id: nextId(state, now),
    userId: user.id,
    text,
    replyTo,
    quoteOf,
    repostOf: null,
    mediaIds,
    poll,
    replySettings,
    communityId,
    at: now,
    deleted: false,
    metrics: {
      impressions: 0,
      likes: 0,
      replies: 0,
      reposts: 0,
      quotes: 0,
      bookmarks: 0,
      linkClicks: 0,
      profileClicks: 0,
    },
  };
  state.posts.push(post);
  const entities = showPost(state, { ...post, mediaIds: [] }, new Set(['entities'])).entities as { urls: unknown[] };
  charge(state, now, user, entities.urls.length > 0 ? 'post_with_url' : summoned ? 'summoned_reply' : 'post');
  return post;
}

/** Up to four pictures, or one GIF, or one video; each of one's own, finished and not expired. */
function checkMedia(state: State, user: User, mediaIds: string[], now: number): void {
  const files = mediaIds.flatMap((id) => state.media.find((one) => one.id === id && one.userId === user.id) ?? []);
  if (files.length < mediaIds.length || files.some((one) => stateOfMedia(one, now) !== 'succeeded'))
    throw invalid('media.media_ids', 'Your media IDs are invalid.', mediaIds);
  if (files.length > 1 && files.some((one) => one.category !== 'tweet_image'))
    throw invalid('media.media_ids', 'Your media IDs are invalid.', mediaIds);
}
