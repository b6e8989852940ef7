import { CopyButton, CopyStatus, useCopying } from './copy.tsx';

/** A line to take away: a script tag, a key, a link. `label` says what it is: `tracker script`. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const copying = useCopying(value);
  return (
    <div>
      <div className="copy-field">
        <input readOnly value={value} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
        <CopyButton label={`Copy ${label}`} copying={copying} />
      </div>
      <CopyStatus copying={copying} />
    </div>
  );
}
