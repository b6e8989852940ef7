import { useMemo } from 'react';
import { day } from '#web/format.ts';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { PlatformPreview } from '#web/parts/platform-preview.tsx';
import type { PreviewPart } from '#web/parts/preview-parts.tsx';
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
      <PlatformPreview
        platform={shown}
        author={author}
        parts={parts}
        reply={reply}
        title={info?.limits.title ? body.title || draft.title || calledByItself : undefined}
        when={when}
      />
    </aside>
  );
}

/** The address that stands for a tracked link until there is one. */
export function sampleOf(post: Post | undefined): string {
  return post?.linkSample ?? `${location.origin}/l/xxxxxxx`;
}
