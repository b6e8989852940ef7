const radius = 9;
const round = 2 * Math.PI * radius;

/**
 * How full a post is, as on X: a ring that fills, a number for the last twenty, a red negative number beyond.
 * `used` and `limit` are in the platform's own counting.
 */
export function RingCounter({ used, limit }: { used: number; limit: number }) {
  const left = limit - used;
  const tone = left < 0 ? 'over' : left <= 20 ? 'warn' : undefined;
  const words = left < 0 ? `${-left} over the limit of ${limit}` : `${left} of ${limit} left`;
  return (
    <span className="ring num" data-tone={tone} role="img" aria-label={words} title={words}>
      {left >= 0 && (
        <svg viewBox="0 0 26 26" aria-hidden="true">
          <circle className="ring-track" cx="13" cy="13" r={radius} fill="none" strokeWidth="2" />
          <circle
            className="ring-used"
            cx="13"
            cy="13"
            r={radius}
            fill="none"
            strokeWidth="2"
            strokeLinecap="round"
            strokeDasharray={`${Math.min(1, used / limit) * round} ${round}`}
            visibility={used > 0 ? undefined : 'hidden'}
          />
        </svg>
      )}
      {left <= 20 && <span aria-hidden="true">{left}</span>}
    </span>
  );
}
