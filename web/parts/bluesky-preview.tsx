import { Ellipsis, Heart, MessageSquare, Repeat2 } from 'lucide-react';
import { Avatar } from './avatar.tsx';
import { PreviewAttachments, type PreviewAuthor, type PreviewPart, PreviewText } from './preview-parts.tsx';

/** A post or a thread as Bluesky will draw it. */
export function BlueskyPreview({ author, parts, when }: { author: PreviewAuthor; parts: PreviewPart[]; when: string }) {
  return (
    <section className="pv" data-platform="bluesky" aria-label="Preview on Bluesky">
      {parts.map((part, index) => (
        <article className="xv-post" key={part.id}>
          <div className="xv-side">
            <Avatar name={author.name} url={author.avatarUrl} size={42} />
            {index < parts.length - 1 && <span className="pv-line" />}
          </div>
          <div>
            <div className="pv-head">
              <strong>{author.name}</strong>
              <span>
                @{author.handle} · {when}
              </span>
            </div>
            <PreviewText className="pv-text" text={part.text} link={shownLink} />
            <PreviewAttachments part={part} />
            <div className="pv-actions" aria-hidden="true">
              {[MessageSquare, Repeat2, Heart, Ellipsis].map((Icon) => (
                <Icon key={Icon.displayName} size={17} strokeWidth={1.7} />
              ))}
            </div>
          </div>
        </article>
      ))}
    </section>
  );
}

/** A link as Bluesky's own app writes it: the host and the beginning of the path. */
function shownLink(link: string): string {
  if (!URL.canParse(link)) return link;
  const { host, pathname, search } = new URL(link);
  const path = (pathname === '/' ? '' : pathname) + search;
  return host + (path.length > 15 ? `${path.slice(0, 13)}...` : path);
}
