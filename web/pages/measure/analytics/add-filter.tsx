import { ListFilter } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { Button } from '#web/parts/button.tsx';
import type { Question } from './queries.ts';

const FilterDialog = lazy(() => import('./filter-dialog.tsx').then((file) => ({ default: file.FilterDialog })));

/** Adds a filter no row offers: several values, all but one, or a part of a name. */
export function AddFilter({ question }: { question: Question }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button className="slim-button" onClick={() => setOpen(true)}>
        <ListFilter size={15} aria-hidden="true" />
        <span>Filter</span>
      </Button>
      {open && (
        <Suspense fallback={null}>
          <FilterDialog question={question} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
