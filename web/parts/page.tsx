import { type ReactNode, useEffect } from 'react';

/** The frame of a page: one heading, a sentence under it, actions at the right. Also names the browser's tab. */
export function Page({
  title,
  intro,
  actions,
  children,
}: {
  title: string;
  intro?: ReactNode;
  actions?: ReactNode;
  children?: ReactNode;
}) {
  useTitle(title);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{title}</h1>
          {intro && <p>{intro}</p>}
        </div>
        {actions && <div className="page-head-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** Names the browser's tab for as long as the component is on the page. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Fanfare`;
  }, [title]);
}
