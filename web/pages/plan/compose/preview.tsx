import { useMemo } from 'react';
import { day } from '#web/format.ts';
import { PlatformIcon, platformName } from '#web/parts/platform-icon.tsx';
import { XPreview } from '#web/parts/x-preview.tsx';
import type { DraftVariant, Post } from './draft.ts';
import type { Account } from './targets.tsx';

/** How it will look, for one of the platforms it goes to. */
export function PreviewColumn({
  variants,
  platforms,
  shown,
  account,
  fallbackName,
  at,
  zone,
  sample,
  onShow,
}: {
  variants: DraftVariant[];
  platforms: string[];
  shown: string;
  account: Account | undefined;
  fallbackName: string;
  at: Date | undefined;
  zone: string;
  sample: string;
  onShow: (platform: string) => void;
}) {
  const variant = variants.find((each) => each.platform === shown) ?? variants[0];
  const parts = useMemo(
    () =>
      [...(variant?.parts ?? []), ...(variant?.firstReply ? [{ key: 'reply', text: variant.firstReply }] : [])].map(
        (part) => ({
          id: part.key,
          text: part.text.replaceAll('{{link}}', sample),
        }),
      ),
    [variant, sample],
  );
  return (
    <aside className="composer-preview" aria-label="Preview">
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this switches a view. */}
      <div className="preview-tabs" role="group" aria-label="Platform">
        {platforms.map((platform) => (
          <button key={platform} type="button" aria-pressed={platform === shown} onClick={() => onShow(platform)}>
            <PlatformIcon platform={platform} size={14} decorative />
            {platformName(platform)}
          </button>
        ))}
      </div>
      <XPreview
        author={{
          name: account?.name ?? fallbackName,
          handle: account?.handle ?? 'you',
          avatarUrl: account?.avatarUrl ?? null,
        }}
        parts={parts}
        when={day(at ?? new Date(), zone)}
      />
      {shown !== 'x' && <p className="sub">Drawn as X would; {platformName(shown)} may set it differently.</p>}
    </aside>
  );
}

/** The address that stands for a tracked link until there is one. */
export function sampleOf(post: Post | undefined): string {
  return post?.linkSample ?? `${location.origin}/l/xxxxxxx`;
}
