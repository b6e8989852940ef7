import type { api } from '#web/api.ts';

export type Post = Awaited<ReturnType<typeof api.posts.get>>;
export type Claim = Post['variants'][number]['parts'][number]['claims'][number];
type ShownPart = Post['variants'][number]['parts'][number];

export interface DraftPart {
  /** Stays with the part while it is edited and moved. */
  key: string;
  text: string;
  media: ShownPart['media'];
  poll: ShownPart['poll'];
}

export interface DraftVariant {
  platform: string;
  parts: DraftPart[];
  firstReply: string | null;
  replySettings: Post['variants'][number]['replySettings'];
  community: string | null;
  longPost: boolean;
}

/** What the composer holds while one writes. */
export interface Draft {
  title: string;
  campaignId: string | null;
  linkUrl: string | null;
  variants: DraftVariant[];
}

export const LINK = '{{link}}';

let made = 0;

export function newPart(text = ''): DraftPart {
  made += 1;
  return { key: `part-${made}`, text, media: [], poll: null };
}

export function emptyDraft(platform: string, linkUrl: string, campaignId: string | null): Draft {
  const own = { platform, parts: [newPart()], firstReply: null, replySettings: null, community: null, longPost: false };
  return { title: '', campaignId, linkUrl, variants: [own] };
}

export function draftOf(post: Post): Draft {
  return {
    title: named(post) ? post.title : '',
    campaignId: post.campaign?.id ?? null,
    linkUrl: post.linkUrl,
    variants: post.variants.map((variant) => ({
      platform: variant.platform,
      firstReply: variant.firstReply,
      replySettings: variant.replySettings,
      community: variant.community,
      longPost: variant.longPost,
      parts: variant.parts.map(({ text, media, poll }) => ({ ...newPart(text), media, poll })),
    })),
  };
}

/** What the server takes: positions are the order of the list. */
export function inputOf(draft: Draft) {
  return {
    ...titleOf(draft),
    campaignId: draft.campaignId,
    linkUrl: draft.linkUrl,
    variants: draft.variants.map(({ parts, ...variant }) => ({
      ...variant,
      parts: parts.map(({ text, media, poll }) => ({
        text,
        media: media.map(({ assetId, altText }) => ({ assetId, altText })),
        poll,
      })),
    })),
  };
}

/** The first line that says something, without the place of the link and the colon that led to it. */
function firstLine(text: string): string {
  const lines = text.replaceAll(LINK, '').split('\n');
  return (lines.find((line) => line.trim() !== '') ?? '').trim().replace(/\s*:$/, '');
}

/** What a post without a title is called: as the server does it, at most 120 characters. */
export function calledByItself({ variants }: { variants: { parts: { text: string }[] }[] }): string {
  const line = firstLine(variants[0]?.parts[0]?.text ?? '');
  return line.length <= 120 ? line : `${line.slice(0, 119).replace(/\s+\S*$/, '')}…`;
}

/** Whether somebody gave it a title of its own; one that was taken from the text goes on following the text. */
function named(post: Post): boolean {
  return post.title !== calledByItself(post) && post.title !== 'Untitled post';
}

function titleOf(draft: Draft): { title?: string } {
  const title = draft.title.trim() || calledByItself(draft);
  return title ? { title } : {};
}

/** Whether nothing has been written: such a draft is not stored. */
export function isEmpty(draft: Draft): boolean {
  return draft.variants.every((variant) =>
    variant.parts.every((part) => part.text.trim() === '' && !part.media.length),
  );
}

/** The parts with one of them replaced, moved by a step, or removed; the list always keeps one part. */
export function withText(parts: DraftPart[], key: string, text: string): DraftPart[] {
  return parts.map((part) => (part.key === key ? { ...part, text } : part));
}

export function moved(parts: DraftPart[], key: string, step: -1 | 1): DraftPart[] {
  const from = parts.findIndex((part) => part.key === key);
  const to = from + step;
  if (from < 0 || to < 0 || to >= parts.length) return parts;
  const next = [...parts];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}

export function without(parts: DraftPart[], key: string): DraftPart[] {
  const rest = parts.filter((part) => part.key !== key);
  return rest.length > 0 ? rest : [newPart()];
}
