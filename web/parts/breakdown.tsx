import '#web/styles/measure.css';
import type { QueryKey } from '@tanstack/react-query';
import { type CSSProperties, type KeyboardEvent, lazy, type ReactNode, Suspense, useState } from 'react';
import { count, percent } from '#web/format.ts';
import { Change } from './change.tsx';

export interface BreakdownRow {
  key: string;
  /** What it is called, in words; also what a search looks in. */
  name: string;
  value: number;
  /** Of the whole, as a fraction. */
  share?: number | null;
  /** Against the period before, as a fraction; null when there was nothing before, left out when nothing is compared. */
  change?: number | null;
  /** A flag, a platform's mark. */
  icon?: ReactNode;
  /** A second, quieter word after the name. */
  note?: ReactNode;
  /** Other figures of the row, as many as `columns` names, already written out. */
  more?: string[];
}

export interface BreakdownProps {
  /** What is ranked: `Countries`. */
  label: string;
  /** The heads of the columns: what a row is, what its bar measures, and those of `more`. */
  head: string;
  measure: string;
  columns?: string[];
  rows: BreakdownRow[];
  format?: (value: number) => string;
  good?: 'up' | 'down' | 'neither';
  /** Which rows the page is narrowed to now. */
  isPicked?: (key: string) => boolean;
  /** A click on a row, meant to narrow the page to it. Without it the rows only stand there. */
  onPick?: (row: BreakdownRow) => void;
  /** How many rows stand in the card; the others are in the drawer. */
  shown?: number;
  /** Where all rows come from when they are more than `rows`: asked with what was typed into the search. `columns` are those of `more` there. */
  all?: { key: QueryKey; load: (search: string) => Promise<BreakdownRow[]>; columns?: string[] };
  empty?: ReactNode;
}

const BreakdownDrawer = lazy(() =>
  import('./breakdown-drawer.tsx').then((file) => ({ default: file.BreakdownDrawer })),
);

/** Ranked rows with a soft bar behind each. A click narrows the page; arrow keys walk; the rest is in a drawer with a search. */
export function Breakdown(props: BreakdownProps) {
  const { label, rows, shown = 8, all, empty = 'Nothing in this range.' } = props;
  const [open, setOpen] = useState(false);
  if (rows.length === 0) return <div className="table-empty breakdown-empty">{empty}</div>;
  return (
    <>
      <BreakdownRows {...props} rows={rows.slice(0, shown)} />
      {(rows.length > shown || all) && (
        <div className="breakdown-foot">
          <button type="button" className="breakdown-all" onClick={() => setOpen(true)}>
            Show all<span className="hidden-text"> of {label}</span>
          </button>
        </div>
      )}
      {open && (
        <Suspense fallback={null}>
          <BreakdownDrawer {...props} onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}

/** The rows alone, all of them. */
export function BreakdownRows({
  label,
  head,
  measure,
  columns = [],
  rows,
  format = count,
  good = 'up',
  isPicked = () => false,
  onPick,
}: BreakdownProps) {
  const most = Math.max(1, ...rows.map(({ value }) => value));
  const shares = rows.some(({ share }) => share !== undefined);
  const changes = rows.some(({ change }) => change !== undefined);
  const columnsStyle = { '--columns': columns.length + Number(shares) + Number(changes) } as CSSProperties;
  return (
    <div className="breakdown" style={columnsStyle}>
      <div className="breakdown-head" aria-hidden="true">
        <span>{head}</span>
        {columns.map((each) => (
          <span key={each} className="hide-on-phone">
            {each}
          </span>
        ))}
        <span>{measure}</span>
        {shares && <span className="breakdown-share">Share</span>}
        {changes && <span className="hide-on-phone">Change</span>}
      </div>
      <ol aria-label={label} onKeyDown={walk}>
        {rows.map((row) => {
          const content = (
            <>
              <i className="breakdown-bar" style={{ '--part': row.value / most } as CSSProperties} />
              <span className="breakdown-name">
                {row.icon}
                <span className="clip" title={row.name}>
                  {row.name}
                </span>
                {row.note && <small className="clip">{row.note}</small>}
              </span>
              {columns.map((each, index) => (
                <span key={each} className="num hide-on-phone breakdown-quiet">
                  {row.more?.[index]}
                  <span className="hidden-text"> {each}, </span>
                </span>
              ))}
              <b className="num">
                {format(row.value)}
                <span className="hidden-text"> {measure}</span>
              </b>
              {shares && (
                <span className="num breakdown-quiet breakdown-share">
                  {row.share == null ? '' : percent(row.share)}
                </span>
              )}
              {changes && (
                <span className="num hide-on-phone breakdown-quiet">
                  {row.change == null ? 'new' : <Change change={row.change} good={good} />}
                </span>
              )}
            </>
          );
          return (
            <li key={row.key}>
              {onPick ? (
                <button
                  type="button"
                  className="breakdown-row"
                  aria-pressed={isPicked(row.key)}
                  onClick={() => onPick(row)}
                >
                  {content}
                </button>
              ) : (
                <div className="breakdown-row">{content}</div>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

/** Up and down go from row to row, as in a list of files; Home and End to its ends. */
function walk(event: KeyboardEvent<HTMLOListElement>): void {
  const rows = [...event.currentTarget.querySelectorAll<HTMLButtonElement>('button.breakdown-row')];
  const at = rows.indexOf(document.activeElement as HTMLButtonElement);
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: rows.length - 1 }[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  rows[Math.max(0, Math.min(rows.length - 1, to))]?.focus();
}
