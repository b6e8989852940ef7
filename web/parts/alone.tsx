import type { ReactNode } from 'react';
import { useWords } from '#web/words.ts';
import { useTitle } from './page.tsx';

/** A page without the frame: one calm column. `spoken`: its words come from the catalogue; otherwise they are English. */
export function Alone({
  title,
  intro,
  spoken = false,
  children,
}: {
  title: string;
  intro?: string;
  spoken?: boolean;
  children: ReactNode;
}) {
  const { language } = useWords();
  useTitle(title);
  return (
    <div className="alone">
      <main lang={spoken || language === 'en' ? undefined : 'en'}>
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
