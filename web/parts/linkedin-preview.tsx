import { Globe, MessageSquareText, Repeat2, Send, ThumbsUp } from 'lucide-react';
import { useState } from 'react';
import { Avatar } from './avatar.tsx';
import { PreviewAttachments, type PreviewAuthor, type PreviewPart, PreviewText } from './preview-parts.tsx';

/** So much of a text LinkedIn shows before “see more”: about 210 characters or three lines, whichever comes first. */
const FOLD = 210;
const FOLD_LINES = 3;

/** A post as LinkedIn will draw it, folded as in the feed; `reply` is the first comment. */
export function LinkedInPreview({
  author,
  part,
  reply,
  when,
}: {
  author: PreviewAuthor;
  part: PreviewPart;
  reply?: string | undefined;
  when: string;
}) {
  const [open, setOpen] = useState(false);
  const cut = foldOf(part.text);
  const folded = !open && cut < part.text.length;
  return (
    <section className="pv" data-platform="linkedin" aria-label="Preview on LinkedIn">
      <article>
        <div className="lv-head">
          <Avatar name={author.name} url={author.avatarUrl} size={48} />
          <div>
            <strong>{author.name}</strong>
            <span>{author.handle}</span>
            <span>
              {when} · <Globe size={12} aria-hidden="true" />
            </span>
          </div>
        </div>
        <div className="lv-text">
          <PreviewText className="pv-text" text={folded ? part.text.slice(0, cut).trimEnd() : part.text} />
          {folded && (
            <button type="button" onClick={() => setOpen(true)}>
              …see more
            </button>
          )}
        </div>
        <PreviewAttachments part={part} />
        <div className="lv-actions" aria-hidden="true">
          {actions.map(([word, Icon]) => (
            <span key={word}>
              <Icon size={18} strokeWidth={1.7} />
              {word}
            </span>
          ))}
        </div>
        {reply && (
          <div className="lv-reply">
            <Avatar name={author.name} url={author.avatarUrl} size={32} />
            <div>
              <strong>{author.name}</strong>
              <PreviewText className="pv-text" text={reply} />
            </div>
          </div>
        )}
      </article>
    </section>
  );
}

const actions = [
  ['Like', ThumbsUp],
  ['Comment', MessageSquareText],
  ['Repost', Repeat2],
  ['Send', Send],
] as const;

/** Where the text is folded; its length where it is not. */
function foldOf(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    lines += 1;
    if (lines === FOLD_LINES) return Math.min(at, cutBefore(text));
  }
  return cutBefore(text);
}

function cutBefore(text: string): number {
  if (text.length <= FOLD) return text.length;
  const space = text.lastIndexOf(' ', FOLD);
  return space > FOLD / 2 ? space : FOLD;
}
