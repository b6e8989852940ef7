import type { CSSProperties } from 'react';
import { Change } from './change.tsx';

export interface Kpi {
  id: string;
  label: string;
  /** Already written out: `7,318`, `$1,240`. */
  value: string;
  /** Against the period before, as a fraction; null when there is nothing to compare with. */
  change?: number | null;
  /** Stands in the place of the change: what a figure waits for. */
  note?: string;
  /** Which direction is good news. */
  good?: 'up' | 'down';
}

/** Key figures in one row; choosing one is meant to change the chart below. Without `onChoose` they only stand there. */
export function KpiStrip({
  items,
  chosen,
  onChoose,
  against = 'vs previous',
}: {
  items: Kpi[];
  chosen: string;
  onChoose?: (id: string) => void;
  /** What the changes are measured against, beside each. */
  against?: string;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this is a row of switches.
    <div
      className="kpis"
      data-many={items.length > 5 || undefined}
      role="group"
      data-still={!onChoose || undefined}
      aria-label="Key figures"
      style={{ '--kpis': items.length } as CSSProperties}
    >
      {items.map((item) => {
        const content = (
          <>
            <span className="kpi-label">{item.label}</span>
            <strong className="num">{item.value}</strong>
            {item.note ? (
              <span className="kpi-change">
                <i>{item.note}</i>
              </span>
            ) : (
              <Against change={item.change} good={item.good ?? 'up'} against={against} />
            )}
          </>
        );
        return onChoose ? (
          <button
            type="button"
            className="kpi"
            key={item.id}
            aria-pressed={item.id === chosen}
            onClick={() => onChoose(item.id)}
          >
            {content}
          </button>
        ) : (
          <div className="kpi" key={item.id} data-still>
            {content}
          </div>
        );
      })}
    </div>
  );
}

function Against({
  change,
  good,
  against,
}: {
  change: number | null | undefined;
  good: 'up' | 'down';
  against: string;
}) {
  if (change === undefined) return <span className="kpi-change" />;
  return (
    <span className="kpi-change num">
      {change === null ? (
        <i>nothing before</i>
      ) : (
        <>
          <Change change={change} good={good} />
          <i>{against}</i>
        </>
      )}
    </span>
  );
}
