import { Share2 } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from '#web/parts/button.tsx';
import type { Settings } from './settings.ts';

const ShareDialog = lazy(() => import('./share-dialog.tsx').then((file) => ({ default: file.ShareDialog })));

/** A link for people without an account, to exactly what the page shows now and nothing else. */
export function ShareButton({ current, label }: { current: Settings; label: string }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setOpen(true)} className="slim-button">
        <Share2 size={15} aria-hidden="true" />
        <span>Share</span>
      </Button>
      {open && (
        <Suspense fallback={null}>
          <ShareDialog current={current} label={label} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
