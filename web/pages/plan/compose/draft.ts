import type { api } from '#web/api.ts';

export type Post = Awaited<ReturnType<typeof api.posts.get>>;
export type Claim = Post['variants'][number]['parts'][number]['claims'][number];
type ShownVariant = Post['variants'][number];
export type Poll = NonNullable<ShownVariant['parts'][number]['poll']>;
export type DraftMedia = ShownVariant['parts'][number]['media'][number];
export type ReplySettings = ShownVariant['replySettings'];

export interface DraftPart {
  /** Stays with the part while it is edited and moved. */
  key: string;
  text: string;
  media: DraftMedia[];
  poll: Poll | null;
}

/** The words of a post, for all platforms or for one. */
export interface Body {
  parts: DraftPart[];
  /** A headline where the platform has one; empty = the post's own title. */
  title: string;
  firstReply: string;
  replySettings: ReplySettings;
  community: string;
  longPost: boolean;
}

/** What the composer holds while one writes. */
export interface Draft {
  title: string;
  campaignId: string | null;
  linkUrl: string | null;
  /** The moment that was chosen here, as ISO 8601; left out while none was: then the post keeps the one it had. */
  meantFor?: string;
  /** Whether it goes out again where a queue time would stay empty, and after how many days at the earliest. */
  evergreen?: boolean;
  coolDownDays?: number;
  /** The platform under which the words for all are stored, one without words of its own; empty = none takes them. */
  home: string;
  /** Said everywhere but on platforms in `own`. */
  base: Body;
  own: Record<string, Body>;
}

export const LINK = '{{link}}';
/** The name under which the words for all platforms are shown and edited. */
export const ALL = 'all';
const NOWHERE = '';

let made = 0;

export function newPart(text = ''): DraftPart {
  made += 1;
  return { key: `part-${made}`, text, media: [], poll: null };
}

function emptyBody(): Body {
  return { parts: [newPart()], title: '', firstReply: '', replySettings: null, community: '', longPost: false };
}

export function emptyDraft(platform: string, linkUrl: string, campaignId: string | null, start?: Date): Draft {
  const meant = start ? { meantFor: start.toISOString() } : {};
  return { title: '', campaignId, linkUrl, ...meant, home: platform, base: emptyBody(), own: {} };
}

export function draftOf(post: Post): Draft {
  const [first, ...others] = post.variants;
  return {
    title: named(post) ? post.title : '',
    campaignId: post.campaign?.id ?? null,
    linkUrl: post.linkUrl,
    evergreen: post.evergreen,
    coolDownDays: post.coolDownDays,
    home: first?.platform ?? 'x',
    base: first ? bodyOf(first) : emptyBody(),
    own: Object.fromEntries(others.map((variant) => [variant.platform, bodyOf(variant)])),
  };
}

function bodyOf(variant: ShownVariant): Body {
  return {
    parts: variant.parts.map(({ text, media, poll }) => ({ ...newPart(text), media, poll })),
    title: variant.title ?? '',
    firstReply: variant.firstReply ?? '',
    replySettings: variant.replySettings,
    community: variant.community ?? '',
    longPost: variant.longPost,
  };
}

/** What the server takes: the words for all come first, platforms without words of their own follow them. */
export function inputOf(draft: Draft) {
  const bodies = Object.entries(draft.own);
  if (draft.home !== NOWHERE) bodies.unshift([draft.home, draft.base]);
  return {
    ...titleOf(draft),
    campaignId: draft.campaignId,
    linkUrl: draft.linkUrl,
    evergreen: draft.evergreen,
    coolDownDays: draft.coolDownDays,
    proposedFor: draft.meantFor,
    variants: bodies.map(([platform, { parts, title, firstReply, community, ...rest }]) => ({
      platform,
      ...rest,
      title: title.trim() || null,
      firstReply: firstReply.trim() || null,
      community: community.trim() || null,
      parts: parts.map(({ text, media, poll }) => ({
        text,
        media: media.map(({ assetId, altText }) => ({ assetId, altText })),
        poll: storable(poll),
      })),
    })),
  };
}

/** Whether two say the same, whatever moment was chosen for them. */
export function sameWords(one: Draft, other: Draft): boolean {
  const of = (draft: Draft) => JSON.stringify({ ...inputOf(draft), proposedFor: undefined });
  return of(one) === of(other);
}

/** A poll is stored once it has two answers; until then it stays on the page. */
export function storable(poll: Poll | null): Poll | null {
  const options = poll?.options.map((option) => option.trim()).filter(Boolean) ?? [];
  return poll && options.length >= 2 ? { minutes: poll.minutes, options } : null;
}

/** The words shown on a platform, or those for all. */
export function wordsOf(draft: Draft, platform: string): Body {
  return draft.own[platform] ?? draft.base;
}

export function withBody(draft: Draft, platform: string, how: (body: Body) => Body): Draft {
  const own = draft.own[platform];
  if (own) return { ...draft, own: { ...draft.own, [platform]: how(own) } };
  return { ...draft, base: how(draft.base) };
}

/**
 * Gives a platform words of its own, beginning with those for all; in one piece where it has no threads. The parts keep
 * their keys, so that typing goes on in the same field. The words for
 * all move to another of the `chosen` platforms if they were stored under this one.
 */
export function fork(draft: Draft, platform: string, threads: boolean, chosen: readonly string[]): Draft {
  const parts = threads ? draft.base.parts : [joinedInto(draft.base)];
  const own = { ...draft.own, [platform]: { ...draft.base, parts } };
  return rehomed({ ...draft, own }, chosen);
}

/** Lets a platform take the words for all again. */
export function inheriting(draft: Draft, platform: string, chosen: readonly string[]): Draft {
  const { [platform]: _, ...own } = draft.own;
  return rehomed({ ...draft, own }, chosen);
}

function joinedInto({ parts }: Body): DraftPart {
  if (parts.length === 1) return parts[0]!;
  const text = parts.map((part) => part.text).join('\n\n');
  return { ...newPart(text), media: parts.flatMap((part) => part.media), poll: parts[0]!.poll };
}

/**
 * Stores the words for all under a platform that is chosen and takes them. Where all that are chosen have their own, those
 * for all are kept on the page only: a platform nobody posts to shall not hold up the post.
 */
export function rehomed(draft: Draft, chosen: readonly string[]): Draft {
  const free = chosen.filter((platform) => !draft.own[platform]);
  if (chosen.length === 0 || free.includes(draft.home)) return draft;
  return { ...draft, home: free[0] ?? NOWHERE };
}

/** The first line that says something, without the place of the link and the colon that led to it. */
function firstLine(text: string): string {
  const lines = text.replaceAll(LINK, '').split('\n');
  return (lines.find((line) => line.trim() !== '') ?? '').trim().replace(/\s*:$/, '');
}

/** What a post without a title is called: as the server does it, at most 120 characters. */
export function calledByItself(text: string): string {
  const line = firstLine(text);
  return line.length <= 120 ? line : `${line.slice(0, 119).replace(/\s+\S*$/, '')}…`;
}

/** Whether somebody gave it a title of its own; one that was taken from the text goes on following the text. */
function named(post: Post): boolean {
  return post.title !== calledByItself(post.variants[0]?.parts[0]?.text ?? '') && post.title !== 'Untitled post';
}

function titleOf(draft: Draft): { title?: string } {
  const title = draft.title.trim() || calledByItself(draft.base.parts[0]?.text ?? '');
  return title ? { title } : {};
}

/** Whether nothing has been written: such a draft is not stored. */
export function isEmpty(draft: Draft): boolean {
  return [draft.base, ...Object.values(draft.own)].every((body) =>
    body.parts.every((part) => part.text.trim() === '' && part.media.length === 0 && !part.poll),
  );
}
