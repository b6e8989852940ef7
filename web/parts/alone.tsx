import type { ReactNode } from 'react';
import { useTitle } from './page.tsx';

/** A page without the frame: one calm column. */
export function Alone({ title, intro, children }: { title: string; intro?: string; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="alone">
      <main>
        <div className="brand">
          <img src="/favicon.svg" alt="" width={26} height={26} />
          Fanfare
        </div>
        <h1>{title}</h1>
        <p>{intro}</p>
        {children}
      </main>
    </div>
  );
}
