import { compact, percent } from '#web/format.ts';

export interface FunnelStep {
  label: string;
  value: number;
  /** What the fraction of the step before is called: `clicked through`. */
  became?: string;
}

/**
 * From many to few, one hue in falling strength. Steps of a funnel differ by orders of magnitude, so bars are drawn
 * on a logarithmic scale and the page says so; the exact fractions stand between them.
 */
export function Funnel({ steps }: { steps: FunnelStep[] }) {
  const most = Math.max(1, ...steps.map((step) => step.value));
  return (
    <div>
      <ol className="funnel">
        {steps.map((step, index) => {
          const before = steps[index - 1]?.value;
          return (
            <li key={step.label}>
              {before !== undefined && before > 0 && (
                <div className="funnel-step">
                  <small className="num">
                    {percent(step.value / before)} {step.became}
                  </small>
                </div>
              )}
              <div className="funnel-step">
                <span>{step.label}</span>
                <div className="funnel-track">
                  <i
                    style={{
                      width: `${(Math.log1p(step.value) / Math.log1p(most)) * 100}%`,
                      opacity: Math.max(0.36, 1 - index * 0.21),
                      visibility: step.value > 0 ? undefined : 'hidden',
                    }}
                  />
                </div>
                <b className="num">{compact(step.value)}</b>
              </div>
            </li>
          );
        })}
        <li className="funnel-scale">Bar lengths are logarithmic</li>
      </ol>
    </div>
  );
}
