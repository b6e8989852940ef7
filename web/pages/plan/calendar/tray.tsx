import { draggable } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Link } from '@tanstack/react-router';
import { CalendarPlus, CircleDashed, Clock, Plus } from 'lucide-react';
import { type CSSProperties, useEffect, useRef, useState } from 'react';
import type { api } from '#web/api.ts';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { Skeleton } from '#web/parts/skeleton.tsx';
import type { CalendarCard } from './cards.ts';
import type { Movable } from './moving.ts';
import { NextSlot } from './next-slot.tsx';

export type DraftPost = Awaited<ReturnType<typeof api.posts.list>>['posts'][number];

/** Beside the calendar: drafts without a day, how the week stands, and when the queue sends. */
export function Tray({
  drafts,
  week,
  slots,
  onPlace,
}: {
  /** Missing while they are loaded. */
  drafts: DraftPost[] | undefined;
  week: CalendarCard[];
  slots: Map<number, string[]>;
  onPlace: (draft: DraftPost) => void;
}) {
  const campaigns = [
    ...new Map(week.flatMap((card) => (card.campaign ? [[card.campaign.id, card.campaign] as const] : []))).values(),
  ];
  return (
    <aside className="tray" aria-label="Drafts">
      <h2>
        Drafts <span className="num">{drafts?.length ?? ''}</span>
      </h2>
      <p className="sub">
        {drafts?.length === 0
          ? 'No draft waits for a day. Write one, or let a week be drafted in Compose.'
          : 'Drag onto a day to plan it.'}
      </p>
      {!drafts && <Skeleton height={52} />}
      {drafts?.map((draft) => (
        <TrayCard key={draft.id} draft={draft} onPlace={onPlace} />
      ))}
      <Link to="/compose" className="tray-new">
        <Plus size={14} aria-hidden="true" /> New draft
      </Link>
      <NextSlot />
      {campaigns.length > 0 && (
        <section>
          <h2>This week</h2>
          <dl className="tray-week">
            {campaigns.map((campaign) => {
              const own = week.filter((card) => card.campaign?.id === campaign.id);
              const out = own.filter((card) => card.status === 'published').length;
              return (
                <div key={campaign.id}>
                  <dt className="clip">{campaign.name}</dt>
                  <dd className="num">
                    <span className="bar" aria-hidden="true">
                      <i style={{ width: `${(out / own.length) * 100}%`, background: `var(--c${campaign.colour})` }} />
                    </span>
                    {out}/{own.length}
                    <span className="hidden-text"> are out</span>
                  </dd>
                </div>
              );
            })}
          </dl>
        </section>
      )}
      <section>
        <h2>Queue times</h2>
        <p className="tray-times">
          <Clock size={14} aria-hidden="true" />
          {slotWords(slots)}
        </p>
      </section>
    </aside>
  );
}

function TrayCard({ draft, onPlace }: { draft: DraftPost; onPlace: (draft: DraftPost) => void }) {
  const frame = useRef<HTMLElement>(null);
  const [dragged, setDragged] = useState(false);
  useEffect(
    () =>
      draggable({
        element: frame.current!,
        getInitialData: () => ({ card: movableOf(draft) }),
        onDragStart: () => setDragged(true),
        onDrop: () => setDragged(false),
      }),
    [draft],
  );
  return (
    <article
      ref={frame}
      className="cal-card"
      data-status="tray"
      data-dragged={dragged || undefined}
      style={{ '--stripe': draft.campaign ? `var(--c${draft.campaign.colour})` : 'var(--ink-4)' } as CSSProperties}
    >
      <Link to="/compose/$postId" params={{ postId: draft.id }} draggable={false}>
        <span className="cal-card-head num">
          {draft.platforms.map((platform) => (
            <PlatformIcon key={platform} platform={platform} size={11} />
          ))}
          {draft.threadLength > 1 && <span>{draft.threadLength}×</span>}
          <span className="cal-word" data-tone="quiet">
            <CircleDashed size={12} aria-hidden="true" />
          </span>
        </span>
        <span className="cal-card-title">{draft.title}</span>
      </Link>
      <button
        type="button"
        className="cal-more"
        aria-label={`Plan ${draft.title}`}
        title="Choose a day"
        onClick={() => onPlace(draft)}
      >
        <CalendarPlus size={14} aria-hidden="true" />
      </button>
    </article>
  );
}

export function movableOf(draft: DraftPost): Movable {
  return { key: draft.id, postId: draft.id, title: draft.title, publicationIds: [] };
}

const names = ['', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

/** `Weekdays at 09:00 and 12:15`, or day by day where they differ. */
function slotWords(slots: Map<number, string[]>): string {
  const list = new Intl.ListFormat('en-GB');
  const times = (weekday: number) => (slots.get(weekday) ?? []).join(' ');
  const days = [1, 2, 3, 4, 5, 6, 7].filter((weekday) => times(weekday) !== '');
  if (days.length === 0) return 'None yet. Set them with the account in the settings, and free ones are shown here.';
  const same = days.every((weekday) => times(weekday) === times(days[0]!));
  if (!same) return days.map((weekday) => `${names[weekday]} at ${list.format(slots.get(weekday)!)}.`).join(' ');
  const who =
    days.join('') === '12345'
      ? 'Weekdays'
      : days.length === 7
        ? 'Every day'
        : list.format(days.map((weekday) => names[weekday]!));
  return `${who} at ${list.format(slots.get(days[0]!)!)}.`;
}
