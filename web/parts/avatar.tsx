import { useState } from 'react';

/** A face, or the first letter of a name, also where the picture does not come. Decorative: the name must stand beside it. */
export function Avatar({ name, url, size = 26 }: { name: string; url?: string | null; size?: number }) {
  const [missing, setMissing] = useState<string>();
  const shown = url && url !== missing ? url : undefined;
  return (
    <span className="avatar" aria-hidden="true" style={{ width: size, height: size, fontSize: size * 0.42 }}>
      {shown ? <img src={shown} alt="" onError={() => setMissing(shown)} /> : (name.trim()[0] ?? '?').toUpperCase()}
    </span>
  );
}
