/** How the fake shows a post: shortened links, escapes, and the vocabulary of before or after August 2026. */
import twitter from 'twitter-text';
import type { FakePost, State, User } from './state.ts';

const OLD_NAMES = new Map([
  ['referenced_posts', 'referenced_tweets'],
  ['repost_count', 'retweet_count'],
  ['post_count', 'tweet_count'],
  ['edit_history_post_ids', 'edit_history_tweet_ids'],
  ['note_post', 'note_tweet'],
  ['posts', 'tweets'],
]);

/** The weighted length, with each emoji of today made one that the library knows. */
export function lengthOf(text: string): number {
  return twitter.parseTweet(text.replace(/\p{RGI_Emoji}/gv, '\u{1F600}')).weightedLength;
}

/** A post with the fields asked for, in the new vocabulary. */
export function showPost(state: State, post: FakePost, fields: Set<string>): Record<string, unknown> {
  const long = lengthOf(post.text) > 280;
  const full = withMedia(state, post, shorten(post.text, post.id));
  const shown = long ? shorten(`${[...post.text].slice(0, 270).join('')}…`, post.id) : full;
  const references = [
    { type: 'replied_to', id: post.replyTo },
    { type: 'quoted', id: post.quoteOf },
    { type: 'retweeted', id: post.repostOf },
  ].filter(({ id }) => id !== null);
  const all: Record<string, unknown> = {
    author_id: post.userId,
    conversation_id: rootOf(state, post).id,
    created_at: new Date(post.at).toISOString(),
    entities: { urls: shown.urls },
    note_post: long ? { text: full.text, entities: { urls: full.urls } } : undefined,
    public_metrics: {
      repost_count: post.metrics.reposts,
      reply_count: post.metrics.replies,
      like_count: post.metrics.likes,
      quote_count: post.metrics.quotes,
      bookmark_count: post.metrics.bookmarks,
      impression_count: post.metrics.impressions,
    },
    non_public_metrics: {
      impression_count: post.metrics.impressions,
      url_link_clicks: post.metrics.linkClicks,
      user_profile_clicks: post.metrics.profileClicks,
    },
    community_id: post.communityId ?? undefined,
    referenced_posts: references.length > 0 ? references : undefined,
  };
  const asked = Object.entries(all).filter(([name, value]) => fields.has(name) && value !== undefined);
  return { id: post.id, text: shown.text, edit_history_post_ids: [post.id], ...Object.fromEntries(asked) };
}

/** A user with the fields asked for, in the new vocabulary. */
export function showUser(state: State, user: User, fields: Set<string>): Record<string, unknown> {
  const all: Record<string, unknown> = {
    profile_image_url: `https://pbs.twimg.com/profile_images/${user.id}/normal.jpg`,
    subscription_type: user.subscriptionType,
    verified_type: user.subscriptionType === 'None' ? 'none' : 'blue',
    public_metrics: {
      followers_count: user.followers,
      following_count: user.following,
      post_count: state.posts.filter((post) => post.userId === user.id && !post.deleted).length,
      listed_count: 0,
    },
  };
  const asked = Object.entries(all).filter(([name]) => fields.has(name));
  return { id: user.id, username: user.username, name: user.name, ...Object.fromEntries(asked) };
}

/** The same answer with the names of before 2026-08-07. */
export function inOldNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOldNames);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [OLD_NAMES.get(name) ?? name, inOldNames(one)]));
}

/** The name of a field or parameter in the other vocabulary, from old to new. */
export function newNameOf(name: string): string {
  if (name === 'tweet.fields') return 'post.fields';
  for (const [now, then] of OLD_NAMES) if (then === name) return now;
  return name;
}

type Shortened = { text: string; urls: Record<string, unknown>[] };

function shorten(text: string, postId: string): Shortened {
  const urls: Record<string, unknown>[] = [];
  let shown = '';
  let at = 0;
  for (const { url, indices } of twitter.extractUrlsWithIndices(text)) {
    shown += escaped(text.slice(at, indices[0]));
    at = indices[0] + url.length;
    const short = `https://t.co/${(BigInt(postId) * 31n + BigInt(urls.length)).toString(36).slice(-10)}`;
    const start = [...shown].length;
    urls.push({
      start,
      end: start + short.length,
      url: short,
      expanded_url: /^https?:/i.test(url) ? url : `http://${url}`,
      display_url: url.replace(/^https?:\/\//i, '').slice(0, 30),
    });
    shown += short;
  }
  return { text: shown + escaped(text.slice(at)), urls };
}

/** X appends one link for all pictures of a post. */
function withMedia(state: State, post: FakePost, { text, urls }: Shortened): Shortened {
  const first = state.media.find((one) => one.id === post.mediaIds[0]);
  if (!first) return { text, urls };
  const short = `https://t.co/m${BigInt(first.id).toString(36).slice(-9)}`;
  const start = [...text].length + (text === '' ? 0 : 1);
  return {
    text: `${text} ${short}`.trim(),
    urls: [
      ...urls,
      {
        start,
        end: start + short.length,
        url: short,
        expanded_url: `https://x.com/i/status/${post.id}/photo/1`,
        display_url: `pic.x.com/${short.slice(-10)}`,
        media_key: `3_${first.id}`,
      },
    ],
  };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function rootOf(state: State, post: FakePost): FakePost {
  const parent = state.posts.find((one) => one.id === post.replyTo);
  return parent ? rootOf(state, parent) : post;
}
