import { BadgeCheck } from 'lucide-react';
import { percent } from '#web/format.ts';

/** Where a fact comes from: the words on the page, the page, and how sure the analysis is. */
export function EvidenceQuote({
  quote,
  page,
  confidence,
  confirmed = false,
}: {
  quote: string;
  page?: { title: string; url: string };
  /** 0 to 1. Left out once a person has confirmed the fact. */
  confidence?: number;
  confirmed?: boolean;
}) {
  return (
    <figure className="evidence">
      <blockquote>“{quote}”</blockquote>
      <figcaption>
        {page && (
          <a href={page.url} target="_blank" rel="noreferrer">
            {page.title}
          </a>
        )}
        {confirmed ? (
          <span className="confidence up">
            <BadgeCheck size={13} aria-hidden="true" />
            Confirmed by you
          </span>
        ) : (
          confidence !== undefined && (
            <span className="confidence num">
              <span className="bar" data-tone={confidence < 0.5 ? 'warn' : undefined}>
                <i style={{ width: `${confidence * 100}%` }} />
              </span>
              {percent(Math.round(confidence * 100) / 100)} sure
            </span>
          )
        )}
      </figcaption>
    </figure>
  );
}
