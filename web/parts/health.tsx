import { CircleAlert, Pause, Play } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

export type HealthTone = 'pos' | 'warn' | 'neg';

/** How publishing is, as a small line that opens more: a dot, a sentence, what comes next. */
export function HealthLine({
  tone,
  title,
  sub,
  onOpen,
}: {
  tone: HealthTone;
  title: string;
  sub: string;
  onOpen: () => void;
}) {
  return (
    <button type="button" className="health" data-tone={tone} onClick={onOpen} aria-haspopup="dialog">
      <i aria-hidden="true" />
      <span>
        {title}
        <span className="sub num">{sub}</span>
      </span>
    </button>
  );
}

/** Across the top of every page: publishing is held, or nothing is published at all. */
export function HealthBanner({
  tone,
  title,
  action,
  children,
}: {
  tone: 'warn' | 'neg';
  title: string;
  action?: ReactNode;
  children?: ReactNode;
}) {
  const Icon = tone === 'neg' ? CircleAlert : Pause;
  return (
    <div className="health-banner" data-tone={tone} role={tone === 'neg' ? 'alert' : 'status'}>
      <Icon size={15} aria-hidden="true" />
      <p>
        <strong>{title}</strong> {children}
      </p>
      {action}
    </div>
  );
}

/** Goes on with what was held. */
export function ResumeButton({ busy, onResume }: { busy: boolean; onResume: () => void }) {
  return (
    <Button size="small" busy={busy} onClick={onResume}>
      <Play size={12} aria-hidden="true" />
      Resume
    </Button>
  );
}
