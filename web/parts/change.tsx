import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react';
import { percent } from '#web/format.ts';

/** How much something has changed, as an arrow and a part of what was before. `good`: which direction is good news. */
export function Change({ change, good = 'up' }: { change: number; good?: 'up' | 'down' | 'neither' }) {
  const Icon = change > 0 ? ArrowUpRight : change < 0 ? ArrowDownRight : Minus;
  const tone = change === 0 || good === 'neither' ? '' : change > 0 === (good === 'up') ? 'up' : 'down';
  return (
    <span className={`change num ${tone}`}>
      <Icon size={12} aria-hidden="true" />
      <span className="hidden-text">{change > 0 ? 'up ' : change < 0 ? 'down ' : ''}</span>
      {percent(Math.abs(change) < 1 ? Math.abs(change) : Math.round(Math.abs(change) * 100) / 100)}
    </span>
  );
}
