import { Globe } from 'lucide-react';

/** Names the zone whose days and hours a page shows. */
export function ZoneNote({ zone }: { zone: string }) {
  return (
    <p className="zone-note sub">
      <Globe size={12} aria-hidden="true" /> Days and hours by {zone.replaceAll('_', ' ')}
    </p>
  );
}
