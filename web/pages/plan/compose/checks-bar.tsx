import { Check, CircleAlert, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import type { ComposeCheck } from './checks.ts';

/** The checks in one line at the foot; choosing one leads to its post. */
export function ChecksBar({
  checks,
  onGo,
  children,
}: {
  checks: ComposeCheck[];
  onGo: (at: { part: string; tab: string }) => void;
  children?: ReactNode;
}) {
  return (
    <section className="checks" aria-label="Checks">
      <ul>
        {checks.map(({ id, tone, text, detail, at }) => {
          const Icon = tone === 'pos' ? Check : tone === 'neg' ? CircleAlert : TriangleAlert;
          const content = (
            <>
              <Icon size={14} aria-hidden="true" />
              {text}
              {detail && <span className="hidden-text">: {detail}</span>}
            </>
          );
          return (
            <li key={id} data-tone={tone} title={detail}>
              {at ? (
                <button type="button" onClick={() => onGo(at)}>
                  {content}
                </button>
              ) : (
                <span>{content}</span>
              )}
            </li>
          );
        })}
      </ul>
      {children}
    </section>
  );
}
