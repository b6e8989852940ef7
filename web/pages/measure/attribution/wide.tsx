import type { CSSProperties, ReactNode } from 'react';

/** A table with more columns than a small screen holds: it scrolls sideways, also by keys. `least` in pixels. */
export function Wide({ label, least, children }: { label: string; least: number; children: ReactNode }) {
  return (
    <section
      className="wide-table"
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: without it nobody could scroll it by keys.
      tabIndex={0}
      style={{ '--least': `${least}px` } as CSSProperties}
    >
      {children}
    </section>
  );
}
