import { combine } from '@atlaskit/pragmatic-drag-and-drop/combine';
import { draggable, dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Claim, DraftPart } from './draft.ts';
import { PartEditor } from './part-editor.tsx';
import { useWriting } from './writing.ts';

/** The posts of a thread in their order, which dragging and Alt with the arrow keys change. */
export function Thread({ parts, claims, said }: { parts: DraftPart[]; claims: readonly Claim[][]; said: string }) {
  const { readOnly, threads, actions } = useWriting();
  return (
    <>
      <ol className="thread">
        {parts.map((part, index) => (
          <Row key={part.key} part={part} index={index} of={parts.length} claims={claims[index] ?? noClaims} />
        ))}
      </ol>
      <p className="hidden-text" role="status">
        {said}
      </p>
      {!readOnly && threads && (
        <button type="button" className="add-part" onClick={() => actions.addAfter(parts.at(-1)!.key)}>
          <Plus size={15} aria-hidden="true" />
          Add to the thread
          <span className="hide-on-phone" aria-hidden="true">
            <kbd>Alt ⏎</kbd>
          </span>
        </button>
      )}
    </>
  );
}

const noClaims: Claim[] = [];

function Row({ part, index, of, claims }: { part: DraftPart; index: number; of: number; claims: readonly Claim[] }) {
  const { actions, readOnly } = useWriting();
  const row = useRef<HTMLLIElement>(null);
  const grip = useRef<HTMLButtonElement>(null);
  const [dragged, setDragged] = useState(false);
  const [dropAt, setDropAt] = useState<'before' | 'after'>();
  const alone = of === 1 || readOnly;
  useEffect(() => {
    const element = row.current!;
    if (alone || !grip.current) return;
    const sideOf = (clientY: number) => {
      const { top, height } = element.getBoundingClientRect();
      return clientY > top + height / 2 ? 'after' : 'before';
    };
    return combine(
      draggable({
        element,
        dragHandle: grip.current,
        getInitialData: () => ({ partKey: part.key }),
        onDragStart: () => setDragged(true),
        onDrop: () => setDragged(false),
      }),
      dropTargetForElements({
        element,
        canDrop: ({ source }) => typeof source.data.partKey === 'string' && source.data.partKey !== part.key,
        onDrag: ({ location }) => setDropAt(sideOf(location.current.input.clientY)),
        onDragLeave: () => setDropAt(undefined),
        onDrop: ({ source, location }) => {
          setDropAt(undefined);
          actions.place(String(source.data.partKey), part.key, sideOf(location.current.input.clientY) === 'after');
        },
      }),
    );
  }, [actions, alone, part.key]);
  return (
    <li ref={row} className="part" data-part={part.key} data-dragged={dragged || undefined} data-drop={dropAt}>
      <PartEditor part={part} index={index} of={of} claims={claims} grip={grip} />
    </li>
  );
}
