import { useEffect } from 'react';
import { flushSync } from 'react-dom';
import { type Draft, wordsOf } from './draft.ts';
import { changedAt } from './parts.ts';
import { focusPart } from './use-thread.ts';

/** ⌘⏎ schedules; ⌘Z takes back what was changed anywhere in the post, ⇧⌘Z does it again. */
export function useComposeKeys(
  draft: { undo(): void; redo(): void; current(): Draft },
  tab: string,
  schedule: () => void,
): { undo(): void; redo(): void } {
  const step = (how: () => void) => {
    const before = wordsOf(draft.current(), tab);
    flushSync(how);
    const caret = changedAt(before.parts, wordsOf(draft.current(), tab).parts);
    if (caret) focusPart(caret);
  };
  const undo = () => step(draft.undo);
  const redo = () => step(draft.redo);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.metaKey || event.ctrlKey) || event.altKey || document.querySelector('[role="dialog"]')) return;
      const key = event.key.toLowerCase();
      const inside = event.target === document.body || (event.target as Element).closest?.('.composer');
      if (key === 'enter') {
        event.preventDefault();
        schedule();
      } else if (inside && (key === 'z' || (key === 'y' && event.ctrlKey))) {
        event.preventDefault();
        if (key === 'y' || event.shiftKey) redo();
        else undo();
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  });
  return { undo, redo };
}
