import { BlueskyPreview } from './bluesky-preview.tsx';
import { LinkedInPreview } from './linkedin-preview.tsx';
import { PlainPreview } from './plain-preview.tsx';
import { platformName } from './platform-icon.tsx';
import type { PreviewAuthor, PreviewPart } from './preview-parts.tsx';
import { XPreview } from './x-preview.tsx';

/** A post as a platform will draw it, in plain form where its look is not drawn, which it then says. */
export function PlatformPreview({
  platform,
  author,
  parts,
  reply,
  title,
  when,
}: {
  platform: string;
  author: PreviewAuthor;
  parts: PreviewPart[];
  /** What is said below it at once. */
  reply?: string | undefined;
  /** Where the platform has a headline. */
  title?: string | undefined;
  when: string;
}) {
  const withReply = reply ? [...parts, { id: 'reply', text: reply }] : parts;
  if (platform === 'linkedin')
    return <LinkedInPreview author={author} part={oneOf(parts)} reply={reply || undefined} when={when} />;
  if (platform === 'bluesky') return <BlueskyPreview author={author} parts={withReply} when={when} />;
  if (platform === 'x' || platform === 'sandbox')
    return (
      <>
        <XPreview author={author} parts={withReply} when={when} />
        {platform === 'sandbox' && <p className="sub">Drawn as X would; the sandbox only pretends.</p>}
      </>
    );
  return (
    <>
      <PlainPreview platform={platform} author={author} title={title} parts={withReply} when={when} />
      <p className="sub">In plain form; {platformName(platform)} may set it differently.</p>
    </>
  );
}

/** A thread as one post, for a platform without threads; the checks say that it has to become one. */
function oneOf(parts: PreviewPart[]): PreviewPart {
  const [first = { id: 'none', text: '' }] = parts;
  const text = parts.map((part) => part.text).join('\n\n');
  return { ...first, text, media: parts.flatMap((part) => part.media ?? []) };
}
