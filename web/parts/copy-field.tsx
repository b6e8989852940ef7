import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './button.tsx';

/** A line to take away: a script tag, a key, a link. `label` says what it is: `tracker script`. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle');
  useEffect(() => {
    if (state !== 'copied') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    navigator.clipboard.writeText(value).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  return (
    <div>
      <div className="copy-field">
        <input readOnly value={value} aria-label={label} onFocus={(event) => event.currentTarget.select()} />
        <IconButton label={`Copy ${label}`} onClick={copy}>
          {state === 'copied' ? <Check size={15} className="up" /> : <Copy size={15} />}
        </IconButton>
      </div>
      <span role="status" className={state === 'refused' ? 'sub down' : 'hidden-text'}>
        {state === 'copied' && 'Copied'}
        {state === 'refused' && 'The browser does not allow copying here. Select the text and copy it by hand.'}
      </span>
    </div>
  );
}
