import { useQuery } from '@tanstack/react-query';
import { Scale } from 'lucide-react';
import { api } from '#web/api.ts';
import { useApp } from '#web/app.tsx';
import { percent } from '#web/format.ts';
import { NotEnough } from '#web/parts/not-enough.tsx';

/** How often each theme of the strategy comes up around today: one line above the calendar, which opens. */
export function Themes() {
  const app = useApp();
  const { data } = useQuery({
    queryKey: ['calendar', 'themes', app.id],
    queryFn: () => api.calendar.themes({ appId: app.id }),
  });
  if (!data || data.themes.length < 2) return null;
  const off = data.themes.filter(({ verdict }) => verdict === 'over' || verdict === 'under').length;
  return (
    <details className="cal-fatigue" data-tone={off > 0 ? undefined : 'quiet'}>
      <summary>
        <Scale size={14} aria-hidden="true" />
        {data.missing ? 'Themes' : off > 0 ? 'Your themes are out of balance' : 'Your themes are in balance'}
        {data.next && <span className="sub">“{data.next.name}” is due next</span>}
      </summary>
      {data.missing ? (
        <NotEnough missing={[{ what: 'posts with a theme', ...data.missing }]}>
          From four weeks ago to two weeks ahead, too few posts have a theme to compare shares.
        </NotEnough>
      ) : (
        <ul>
          {data.themes.map(({ id, name, actual, wanted, posts }) => (
            <li key={id} className="num">
              {name}: {percent(actual ?? 0)} of {data.posts} posts ({posts}), the strategy wants {percent(wanted)}
            </li>
          ))}
          {data.untagged > 0 && <li className="num">{data.untagged} more have no theme.</li>}
        </ul>
      )}
    </details>
  );
}
