import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './button.tsx';

export type Copying = { state: 'idle' | 'copied' | 'refused'; copy: () => Promise<void> };

/** Takes a text along; says for two seconds that it was done. */
export function useCopying(text: string): Copying {
  const [state, setState] = useState<Copying['state']>('idle');
  useEffect(() => {
    if (state !== 'copied') return;
    const timer = setTimeout(() => setState('idle'), 2000);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  return { state, copy };
}

export function CopyButton({ label, copying: { state, copy } }: { label: string; copying: Copying }) {
  return (
    <IconButton label={label} onClick={copy}>
      {state === 'copied' ? <Check size={15} className="up" /> : <Copy size={15} />}
    </IconButton>
  );
}

export function CopyStatus({ copying: { state } }: { copying: Copying }) {
  return (
    <span role="status" className={state === 'refused' ? 'sub down' : 'hidden-text'}>
      {state === 'copied' && 'Copied'}
      {state === 'refused' && 'The browser does not allow copying here. Select the text and copy it by hand.'}
    </span>
  );
}
