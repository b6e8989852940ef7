import { Scissors } from 'lucide-react';
import { useState } from 'react';
import { splitSmart } from '#src/plan/writing/split.ts';
import { counted } from '#web/format.ts';
import { Button } from '#web/parts/button.tsx';
import type { DraftPart } from './draft.ts';
import { type Fill, fillsOf } from './measure.ts';
import { useWriting } from './writing.ts';

/** Under a part that is too long: how much, and a split that fits everywhere it goes. */
export function OverLimit({ part, fills }: { part: DraftPart; fills: Fill[] }) {
  const { platforms, sample, longPost, threads, actions } = useWriting();
  const [numbered, setNumbered] = useState(false);
  const over = fills.filter(({ used, limit }) => used > limit);
  if (over.length === 0 || !threads) return null;
  const [first] = over;
  const split = () =>
    actions.cut(
      part.key,
      splitSmart(part.text, {
        fits: (text) => fillsOf(text, platforms, sample, longPost).every(({ used, limit }) => used <= limit),
        numbered,
      }),
    );
  return (
    <div className="over-limit">
      <Button size="small" onClick={split}>
        <Scissors size={13} aria-hidden="true" />
        Split smartly
      </Button>
      <label>
        <input type="checkbox" checked={numbered} onChange={(event) => setNumbered(event.currentTarget.checked)} />
        Number the parts
      </label>
      <span className="sub">
        {counted(first!.used - first!.limit, 'character')} too long for {over.map(({ name }) => name).join(', ')}
      </span>
    </div>
  );
}
