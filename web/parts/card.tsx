import { type ReactNode, useId } from 'react';

/** A bordered region with a heading, a quiet second word and one action at the right. */
export function Card({
  title,
  sub,
  action,
  padded = false,
  children,
}: {
  title?: ReactNode;
  sub?: ReactNode;
  action?: ReactNode;
  /** Whether the content gets the card's own padding; tables and lists bring theirs. */
  padded?: boolean;
  children?: ReactNode;
}) {
  const id = useId();
  return (
    <section className="card" aria-labelledby={title ? id : undefined}>
      {title && (
        <header className="card-head">
          <h2 id={id}>{title}</h2>
          {sub && <span>{sub}</span>}
          {action && <div className="card-head-action">{action}</div>}
        </header>
      )}
      {padded ? <div className="card-body">{children}</div> : children}
    </section>
  );
}
