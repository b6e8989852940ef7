import { Globe } from 'lucide-react';
import { highlight } from '#src/outside/platforms/x/count.ts';

export interface PreviewAuthor {
  name: string;
  /** Without the @. */
  handle: string;
  avatarUrl?: string | null;
  verified?: boolean;
}

export interface PreviewPart {
  id: string;
  text: string;
  media?: { url: string; alt: string; kind?: string }[];
  poll?: { options: string[]; minutes: number } | null;
  /** What a platform makes of the first link where nothing else hangs on the post. */
  card?: { host: string; title: string } | null;
}

/** A text with what a platform makes clickable; `link` writes an address as it is shown there. */
export function PreviewText({
  text,
  className,
  link = (address) => address,
}: {
  text: string;
  className: string;
  link?: (address: string) => string;
}) {
  if (text.trim() === '') {
    return (
      <p className={className}>
        <em>Nothing written yet</em>
      </p>
    );
  }
  // Pieces never move on their own: their order in the text is what they are.
  const pieces = highlight(text).map((piece, index) => ({ ...piece, key: index }));
  return (
    <p className={className}>
      {pieces.map((piece) => {
        if (piece.kind === 'text') return piece.text;
        if (piece.kind === 'variable') return <mark key={piece.key}>{piece.text}</mark>;
        return <b key={piece.key}>{piece.kind === 'url' ? link(piece.text) : piece.text}</b>;
      })}
    </p>
  );
}

/** What hangs on a post: up to four pictures in a grid, a poll, or the card of its link. */
export function PreviewAttachments({ part }: { part: PreviewPart }) {
  const { media = [], poll, card } = part;
  if (media.length > 0) {
    return (
      <div className="xv-media" data-count={Math.min(4, media.length)}>
        {media
          .slice(0, 4)
          .map((one) =>
            one.kind === 'video' ? (
              <video key={one.url} src={one.url} muted preload="metadata" aria-label={one.alt || 'Video'} />
            ) : (
              <img key={one.url} src={one.url} alt={one.alt} />
            ),
          )}
      </div>
    );
  }
  if (poll) {
    const options = poll.options.map((option, index) => ({ option, key: index }));
    return (
      <div className="pv-poll">
        {options.map(({ option, key }) => (
          <span key={key}>{option || `Answer ${key + 1}`}</span>
        ))}
        <small>0 votes · {openFor(poll.minutes)} left</small>
      </div>
    );
  }
  if (card) {
    return (
      <div className="pv-card">
        <small>
          <Globe size={12} aria-hidden="true" /> {card.host}
        </small>
        <strong>{card.title}</strong>
      </div>
    );
  }
  return null;
}

function openFor(minutes: number): string {
  if (minutes < 120) return `${minutes} minutes`;
  return minutes < 2880 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1440)} days`;
}
