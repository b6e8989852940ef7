import { HoverCard } from '@mantine/core';
import { count } from '#web/format.ts';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { RingCounter } from '#web/parts/ring-counter.tsx';
import type { Fill } from './measure.ts';

/** How full a part is where there is least room; where it goes to several platforms, each of them on hovering or focus. */
export function Counter({ fills }: { fills: Fill[] }) {
  const [first] = fills;
  if (!first) return null;
  const ring = <RingCounter used={first.used} limit={first.limit} />;
  if (fills.length === 1) return <span className="part-count">{ring}</span>;
  return (
    <HoverCard position="top-end" width={220} shadow="none" withinPortal>
      <HoverCard.Target>
        <button type="button" className="part-count" aria-label={`How long it is, fullest on ${first.name}`}>
          {ring}
        </button>
      </HoverCard.Target>
      <HoverCard.Dropdown p={12}>
        <ul className="fills num">
          {fills.map(({ platform, name, used, limit }) => (
            <li key={platform} data-tone={used > limit ? 'neg' : undefined}>
              <PlatformIcon platform={platform} size={13} decorative />
              <span>{name}</span>
              <span>
                {count(used)} / {count(limit)}
              </span>
            </li>
          ))}
        </ul>
      </HoverCard.Dropdown>
    </HoverCard>
  );
}
