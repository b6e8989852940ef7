import { BadgeCheck, Bookmark, ChartNoAxesColumn, Heart, MessageCircle, Repeat2 } from 'lucide-react';
import { Avatar } from './avatar.tsx';
import { PreviewAttachments, type PreviewAuthor, type PreviewPart, PreviewText } from './preview-parts.tsx';

export type XAuthor = PreviewAuthor;
export type XPart = PreviewPart;

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
            <PreviewText className="xv-text" text={part.text} link={shownLink} />
            <PreviewAttachments part={part} />
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

/** A link as X draws it: no scheme, no www, at most 27 characters. */
function shownLink(link: string): string {
  const bare = link.replace(/^https?:\/\/(www\.)?/i, '');
  return bare.length > 27 ? `${bare.slice(0, 26)}…` : bare;
}
