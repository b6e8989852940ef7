import { BadgeCheck, Bookmark, ChartNoAxesColumn, Heart, MessageCircle, Repeat2 } from 'lucide-react';
import { highlight } from '#src/outside/platforms/x/count.ts';
import { Avatar } from './avatar.tsx';

export interface XAuthor {
  name: string;
  /** Without the @. */
  handle: string;
  avatarUrl?: string | null;
  verified?: boolean;
}

export interface XPart {
  id: string;
  text: string;
  media?: { url: string; alt: string }[];
}

/** A post or a thread as X will draw it. `when` is already written as X would: `24 Nov`. */
export function XPreview({ author, parts, when }: { author: XAuthor; parts: XPart[]; when: string }) {
  return (
    <section className="xv" aria-label="Preview on X">
      {parts.map((part, index) => (
        <article className="xv-post" key={part.id}>
          <div className="xv-side">
            <Avatar name={author.name} url={author.avatarUrl} size={40} />
            {index < parts.length - 1 && <span className="xv-line" />}
          </div>
          <div>
            <div className="xv-head">
              <strong>{author.name}</strong>
              {author.verified && (
                <BadgeCheck size={18} fill="currentColor" stroke="var(--x-bg)" aria-label="verified" role="img" />
              )}
              <span>
                @{author.handle} · {when}
              </span>
            </div>
            <XText text={part.text} />
            {part.media && part.media.length > 0 && (
              <div className="xv-media" data-count={Math.min(4, part.media.length)}>
                {part.media.slice(0, 4).map((image) => (
                  <img key={image.url} src={image.url} alt={image.alt} />
                ))}
              </div>
            )}
            <div className="xv-actions" aria-hidden="true">
              {[MessageCircle, Repeat2, Heart, ChartNoAxesColumn, Bookmark].map((Icon) => (
                <Icon key={Icon.displayName} size={18} strokeWidth={1.6} />
              ))}
            </div>
          </div>
        </article>
      ))}
    </section>
  );
}

function XText({ text }: { text: string }) {
  if (text.trim() === '') {
    return (
      <p className="xv-text">
        <em>Nothing written yet</em>
      </p>
    );
  }
  // Pieces never move on their own: their order in the text is what they are.
  const pieces = highlight(text).map((piece, index) => ({ ...piece, key: index }));
  return (
    <p className="xv-text">
      {pieces.map((piece) => {
        if (piece.kind === 'text') return piece.text;
        if (piece.kind === 'variable') return <mark key={piece.key}>{piece.text}</mark>;
        return <b key={piece.key}>{piece.kind === 'url' ? shownLink(piece.text) : piece.text}</b>;
      })}
    </p>
  );
}

/** A link as X draws it: no scheme, no www, at most 27 characters. */
function shownLink(link: string): string {
  const bare = link.replace(/^https?:\/\/(www\.)?/i, '');
  return bare.length > 27 ? `${bare.slice(0, 26)}…` : bare;
}
