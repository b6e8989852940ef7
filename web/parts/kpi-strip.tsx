import { ArrowDownRight, ArrowUpRight, Minus } from 'lucide-react';
import type { CSSProperties } from 'react';
import { percent } from '#web/format.ts';

export interface Kpi {
  id: string;
  label: string;
  /** Already written out: `7,318`, `$1,240`. */
  value: string;
  /** Against the period before, as a fraction; null when there is nothing to compare with. */
  change?: number | null;
  /** Which direction is good news. */
  good?: 'up' | 'down';
}

/** Key figures in one row; choosing one is meant to change the chart below. */
export function KpiStrip({
  items,
  chosen,
  onChoose,
}: {
  items: Kpi[];
  chosen: string;
  onChoose: (id: string) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this is a row of switches.
    <div className="kpis" role="group" aria-label="Key figures" style={{ '--kpis': items.length } as CSSProperties}>
      {items.map((item) => (
        <button
          type="button"
          className="kpi"
          key={item.id}
          aria-pressed={item.id === chosen}
          onClick={() => onChoose(item.id)}
        >
          <span className="kpi-label">{item.label}</span>
          <strong className="num">{item.value}</strong>
          <Change change={item.change} good={item.good ?? 'up'} />
        </button>
      ))}
    </div>
  );
}

function Change({ change, good }: { change: number | null | undefined; good: 'up' | 'down' }) {
  if (change === undefined) return <span className="kpi-change" />;
  if (change === null) {
    return (
      <span className="kpi-change">
        <i>nothing before</i>
      </span>
    );
  }
  const Icon = change > 0 ? ArrowUpRight : change < 0 ? ArrowDownRight : Minus;
  const tone = change === 0 ? '' : change > 0 === (good === 'up') ? 'up' : 'down';
  return (
    <span className="kpi-change num">
      <span className={tone}>
        <Icon size={12} aria-hidden="true" style={{ display: 'inline', marginRight: 3, verticalAlign: -1 }} />
        <span className="hidden-text">{change > 0 ? 'up ' : change < 0 ? 'down ' : ''}</span>
        {percent(Math.abs(change))}
      </span>
      <i>vs previous</i>
    </span>
  );
}
