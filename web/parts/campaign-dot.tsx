import type { CSSProperties } from 'react';

/** A campaign by its colour, one of six, and always its name. */
export function CampaignDot({ colour, name }: { colour: number; name: string }) {
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 6, minWidth: 0 }}>
      <span className="dot" style={{ '--dot': `var(--c${(((colour % 6) + 6) % 6) + 1})` } as CSSProperties} />
      <span className="clip">{name}</span>
    </span>
  );
}
