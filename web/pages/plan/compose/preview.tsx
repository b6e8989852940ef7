import { useMemo } from 'react';
import { day } from '#web/format.ts';
import { BlueskyPreview } from '#web/parts/bluesky-preview.tsx';
import { LinkedInPreview } from '#web/parts/linkedin-preview.tsx';
import { PlainPreview } from '#web/parts/plain-preview.tsx';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import type { PreviewPart } from '#web/parts/preview-parts.tsx';
import { XPreview } from '#web/parts/x-preview.tsx';
import { type Draft, LINK, type Post, wordsOf } from './draft.ts';
import type { PlatformInfo } from './measure.ts';
import type { Account } from './targets.tsx';
import { mediaAddress } from './uploads.ts';

/** How it will look, for one of the platforms it goes to. */
export function PreviewColumn({
  draft,
  calledByItself,
  platforms,
  shown,
  account,
  appName,
  workspaceId,
  at,
  zone,
  sample,
  onShow,
}: {
  draft: Draft;
  /** Its title where it has none of its own. */
  calledByItself: string;
  platforms: PlatformInfo[];
  shown: string;
  account: Account | undefined;
  appName: string;
  workspaceId: string | undefined;
  at: Date | undefined;
  zone: string;
  sample: string;
  onShow: (platform: string) => void;
}) {
  const body = wordsOf(draft, shown);
  const host = draft.linkUrl && URL.canParse(draft.linkUrl) ? new URL(draft.linkUrl).host : undefined;
  const info = platforms.find(({ id }) => id === shown);
  const polls = Boolean(info?.limits.poll);
  const parts = useMemo(
    () =>
      body.parts.map(
        ({ key, text, media, poll }): PreviewPart => ({
          id: key,
          text: text.replaceAll(LINK, sample),
          media: media.map(({ assetId, altText, kind }) => ({
            url: mediaAddress(workspaceId, assetId),
            alt: altText ?? '',
            kind,
          })),
          poll: polls ? poll : null,
          card: host && text.includes(LINK) ? { host, title: appName } : null,
        }),
      ),
    [body, sample, workspaceId, host, appName, polls],
  );
  const reply = body.firstReply.trim().replaceAll(LINK, sample);
  const withReply = reply ? [...parts, { id: 'reply', text: reply }] : parts;
  const author = {
    name: account?.name ?? 'You',
    handle: account?.handle ?? 'you',
    avatarUrl: account?.avatarUrl ?? null,
    verified: account?.longPosts ?? false,
  };
  const when = day(at ?? new Date(), zone);
  return (
    <aside className="composer-preview" aria-label="Preview">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this switches a view. */}
      <div className="preview-tabs" role="group" aria-label="Platform">
        {platforms.map(({ id, name }) => (
          <button key={id} type="button" aria-pressed={id === shown} onClick={() => onShow(id)}>
            <PlatformIcon platform={id} size={14} decorative />
            {name}
          </button>
        ))}
      </div>
      {shown === 'linkedin' ? (
        <LinkedInPreview author={author} part={oneOf(parts)} reply={reply || undefined} when={when} />
      ) : shown === 'bluesky' ? (
        <BlueskyPreview author={author} parts={withReply} when={when} />
      ) : shown === 'x' || shown === 'sandbox' ? (
        <XPreview author={author} parts={withReply} when={when} />
      ) : (
        <PlainPreview
          platform={shown}
          author={author}
          title={info?.limits.title ? body.title || draft.title || calledByItself : undefined}
          parts={withReply}
          when={when}
        />
      )}
      {shown === 'sandbox' && <p className="sub">Drawn as X would; the sandbox only pretends.</p>}
      {shown !== 'x' && shown !== 'sandbox' && shown !== 'linkedin' && shown !== 'bluesky' && (
        <p className="sub">In plain form; {platformName(shown)} may set it differently.</p>
      )}
    </aside>
  );
}

/** A thread as one post, for a platform without threads; the checks say that it has to become one. */
function oneOf(parts: PreviewPart[]): PreviewPart {
  const [first = { id: 'none', text: '' }] = parts;
  const text = parts.map((part) => part.text).join('\n\n');
  return { ...first, text, media: parts.flatMap((part) => part.media ?? []) };
}

/** The address that stands for a tracked link until there is one. */
export function sampleOf(post: Post | undefined): string {
  return post?.linkSample ?? `${location.origin}/l/xxxxxxx`;
}
