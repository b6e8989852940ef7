import { CircleAlert, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';

/** What went wrong, in the server's words, with a way to try again. */
export function ErrorNotice({
  error,
  title = 'That did not work',
  onRetry,
}: {
  error: unknown;
  title?: string;
  onRetry?: () => void;
}) {
  return (
    <div className="notice" data-tone="neg" role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      <div>
        <strong>{title}</strong>
        <p>{errorWords(error)}</p>
      </div>
      {onRetry && (
        <Button size="small" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Something to know, with at most one action. */
export function Notice({
  title,
  tone,
  action,
  children,
}: {
  title: string;
  tone?: 'warn' | 'neg';
  action?: ReactNode;
  children?: ReactNode;
}) {
  const Icon = tone ? TriangleAlert : Info;
  return (
    <div className="notice" data-tone={tone} role="status">
      <Icon size={16} aria-hidden="true" />
      <div>
        <strong>{title}</strong>
        {children && <p>{children}</p>}
      </div>
      {action}
    </div>
  );
}

/** The server's refusals are written for people and shown as they are; only a broken connection needs words of ours. */
export function errorWords(error: unknown): string {
  if (error instanceof TypeError && /fetch|network|load failed/i.test(error.message)) {
    return 'The server did not answer. Check that Fanfare is running and that you are online, then try again.';
  }
  if (error instanceof Error && error.message) return error.message;
  return 'Something unexpected happened. Try again; if it happens once more, the server log says why.';
}
