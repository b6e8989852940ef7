import '#web/styles/measure.css';
import type { ReactNode } from 'react';
import { count } from '#web/format.ts';

/** What a figure still waits for: `12 of 30 purchases`. */
export interface Missing {
  what: string;
  have: number;
  need: number;
}

/** Stands where a figure would be a guess: says what is missing instead. `inline` for the inside of a table or a line. */
export function NotEnough({
  missing = [],
  inline = false,
  children,
}: {
  missing?: Missing[];
  inline?: boolean;
  children?: ReactNode;
}) {
  const words = missing.map(({ what, have, need }) => `${count(have)} of ${count(need)} ${what}`);
  if (inline) {
    return (
      <span className="sub" title={words.join(', ')}>
        Not enough data<span className="hidden-text">{words.length > 0 && `: ${words.join(', ')}`}</span>
      </span>
    );
  }
  return (
    <div className="not-enough">
      <strong>Not enough data</strong>
      {children && <p>{children}</p>}
      {missing.length > 0 && (
        <ul>
          {missing.map(({ what, have, need }, index) => (
            <li key={what}>
              <span className="num">{words[index]}</span>
              <span className="bar" aria-hidden="true">
                <i style={{ width: `${Math.min(1, have / Math.max(1, need)) * 100}%` }} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
