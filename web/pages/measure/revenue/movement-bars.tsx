import { money } from '#web/format.ts';
import type { Figures, MovementKind, Period } from './queries.ts';
import { movementWords, periodWords } from './words.ts';

const rising: MovementKind[] = ['new', 'expansion', 'reactivation'];
const falling: MovementKind[] = ['contraction', 'churn'];

export function amountOf(period: Pick<Period, `${MovementKind}Minor`>, kind: MovementKind): number {
  return Number(period[`${kind}Minor`]);
}

/** What came above the line and what went below it, a column for each slot of time. */
export function MovementBars({ figures, onPick }: { figures: Figures; onPick: (period: Period) => void }) {
  const { periods, currency, grain } = figures;
  const sum = (period: Period, kinds: MovementKind[]) =>
    kinds.reduce((total, kind) => total + Math.abs(amountOf(period, kind)), 0);
  const up = Math.max(1, ...periods.map((period) => sum(period, rising)));
  const down = Math.max(0, ...periods.map((period) => sum(period, falling)));
  const share = (amount: number) => `${(Math.abs(amount) / (up + down)) * 100}%`;
  const top = `${(up / (up + down)) * 100}%`;
  return (
    <figure className="movement-bars">
      <div className="legend" aria-hidden="true">
        {[...rising, ...falling].map((kind) => (
          <span key={kind}>
            <i data-movement={kind} />
            {movementWords[kind]}
          </span>
        ))}
      </div>
      <div className="movement-columns">
        {periods.map((period) => {
          const words = [...rising, ...falling]
            .filter((kind) => amountOf(period, kind) !== 0)
            .map((kind) => `${movementWords[kind]} ${money(amountOf(period, kind), currency)}`)
            .join(', ');
          const label = `${periodWords(period.period, grain)}: ${words || 'no movement'}`;
          return (
            <button type="button" key={period.period} title={label} aria-label={label} onClick={() => onPick(period)}>
              <span className="movement-up" style={{ height: top }}>
                {rising.toReversed().map((kind) => (
                  <i key={kind} data-movement={kind} style={{ height: scaled(amountOf(period, kind), up) }} />
                ))}
              </span>
              <span className="movement-down" style={{ height: share(down) }}>
                {falling.map((kind) => (
                  <i key={kind} data-movement={kind} style={{ height: scaled(amountOf(period, kind), down) }} />
                ))}
              </span>
            </button>
          );
        })}
      </div>
    </figure>
  );
}

function scaled(amount: number, of: number): string {
  return of === 0 ? '0' : `${(Math.abs(amount) / of) * 100}%`;
}
