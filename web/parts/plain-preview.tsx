import { Avatar } from './avatar.tsx';
import { platformName } from './platform-icon.tsx';
import { PreviewAttachments, type PreviewAuthor, type PreviewPart, PreviewText } from './preview-parts.tsx';

/** A post in its plain parts, for platforms whose look is not drawn: headline, texts, what hangs on them. */
export function PlainPreview({
  platform,
  author,
  title,
  parts,
  when,
}: {
  platform: string;
  author: PreviewAuthor;
  /** Where the platform has a headline. */
  title?: string | undefined;
  parts: PreviewPart[];
  when: string;
}) {
  return (
    <section className="pv" aria-label={`Preview on ${platformName(platform)}`}>
      {title && <h2 className="pv-title">{title}</h2>}
      {parts.map((part, index) => (
        <article className="xv-post" key={part.id}>
          <div className="xv-side">
            <Avatar name={author.name} url={author.avatarUrl} size={32} />
            {index < parts.length - 1 && <span className="pv-line" />}
          </div>
          <div className="pv-plain">
            <div className="pv-head">
              <strong>{author.name}</strong>
              <span>{when}</span>
            </div>
            <PreviewText className="pv-text" text={part.text} />
            <PreviewAttachments part={part} />
          </div>
        </article>
      ))}
    </section>
  );
}
