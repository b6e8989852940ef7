import { Link, type LinkProps } from '@tanstack/react-router';
import type { ButtonHTMLAttributes, ReactNode } from 'react';

type Look = 'plain' | 'primary' | 'quiet' | 'danger';

interface Shared {
  look?: Look;
  size?: 'small';
  /** A key that does the same, shown inside the button on a desk. */
  hint?: string;
  children: ReactNode;
}

/** A button that does something. `busy` keeps its width, says so to screen readers and ignores further clicks. */
export function Button({
  look = 'plain',
  size,
  hint,
  busy = false,
  children,
  ...rest
}: Shared & { busy?: boolean } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button
      type="button"
      {...rest}
      className={`button ${rest.className ?? ''}`}
      data-look={look}
      data-size={size}
      aria-busy={busy || undefined}
      disabled={busy || rest.disabled}
    >
      {busy && <span className="spin" aria-hidden="true" />}
      {children}
      {hint && <Hint text={hint} />}
    </button>
  );
}

/** A link that looks like a button. Takes the router's `to`, `params` and `search`. */
export function LinkButton({ look = 'plain', size, hint, children, ...rest }: Shared & LinkProps) {
  return (
    <Link {...rest} className="button" data-look={look} data-size={size}>
      {children}
      {hint && <Hint text={hint} />}
    </Link>
  );
}

/** A square button with an icon alone; `label` is its name for screen readers and its tooltip. */
export function IconButton({
  label,
  children,
  ...rest
}: { label: string; children: ReactNode } & ButtonHTMLAttributes<HTMLButtonElement>) {
  return (
    <button type="button" title={label} aria-label={label} {...rest} className="icon-button">
      {children}
    </button>
  );
}

function Hint({ text }: { text: string }) {
  return (
    <span className="hide-on-phone" aria-hidden="true">
      <kbd>{text}</kbd>
    </span>
  );
}
