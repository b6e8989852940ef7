import { plainUrl } from '#web/pages/distribute/links/queries.ts';

type Known = {
  url: string | null;
  submitUrl: string | null;
  sources: { url: string; seen: string | null }[];
  customs: string[];
  limits: string[];
  launch: { days: number; name: string }[];
};

/** How one behaves at a place: what is usual, what the limits are, and where it says so itself. */
export function Manners({ place }: { place: Known }) {
  return (
    <div className="manners">
      <h4>Usual there</h4>
      <ul>
        {place.customs.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <h4>Limits</h4>
      <ul>
        {place.limits.map((words) => (
          <li key={words}>{words}</li>
        ))}
      </ul>
      <p className="sub">
        {place.submitUrl && (
          <>
            Submit at <Out url={place.submitUrl} />.{' '}
          </>
        )}
        {place.sources.map(({ url, seen }) => (
          <span key={url}>
            {seen ? 'Compared in ' : 'Not compared yet with '}
            {seen && `${monthWords(seen)} with `}
            <Out url={url} />.{' '}
          </span>
        ))}
      </p>
    </div>
  );
}

function Out({ url }: { url: string }) {
  return (
    <a href={url} target="_blank" rel="noreferrer" className="manners-out">
      {plainUrl(url)}
    </a>
  );
}

function monthWords(month: string): string {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString('en-GB', {
    month: 'long',
    year: 'numeric',
    timeZone: 'UTC',
  });
}
