import { Check, Circle, X } from 'lucide-react';
import type { ReactNode } from 'react';

export interface Step {
  id: string;
  title: string;
  /** What it found, what it waits for, or why it failed. */
  note?: ReactNode;
  state: 'waiting' | 'now' | 'done' | 'failed';
  action?: ReactNode;
}

/**
 * The way to a goal, step by step. With `live`, the step of now is shown as work under way and changes are read aloud;
 * `children` show below what comes of it meanwhile.
 */
export function StepProgress({
  title,
  steps,
  live = false,
  children,
}: {
  title: string;
  steps: Step[];
  live?: boolean;
  children?: ReactNode;
}) {
  const done = steps.filter((step) => step.state === 'done').length;
  return (
    <section className="card" aria-label={title}>
      <div className="steps-head">
        <h2>{title}</h2>
        <span className="sub num" aria-live={live ? 'polite' : undefined}>
          {done} of {steps.length}
        </span>
      </div>
      <span className="bar">
        <i style={{ width: `${(done / Math.max(1, steps.length)) * 100}%` }} />
      </span>
      <ol className="steps">
        {steps.map((step) => (
          <li
            key={step.id}
            className="step"
            data-state={step.state}
            aria-current={step.state === 'now' ? 'step' : undefined}
          >
            <span className="step-mark">
              <Mark state={step.state} live={live} />
            </span>
            <div className="step-text">
              <span>{step.title}</span>
              {step.note && <small>{step.note}</small>}
            </div>
            {step.action}
          </li>
        ))}
      </ol>
      {children}
    </section>
  );
}

function Mark({ state, live }: { state: Step['state']; live: boolean }) {
  if (state === 'done') return <Check size={13} role="img" aria-label="Done" strokeWidth={2.25} />;
  if (state === 'failed') return <X size={13} role="img" aria-label="Failed" strokeWidth={2.25} />;
  if (state === 'now' && live) return <span className="spin" role="img" aria-label="Working" />;
  return <Circle size={12} aria-hidden="true" />;
}
