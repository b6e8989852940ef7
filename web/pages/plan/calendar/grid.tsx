import { dropTargetForElements } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { counted, weekday } from '#web/format.ts';
import { instantIn, weekdayOf } from '#web/zone.ts';
import { type CardActions, CardView } from './card.tsx';
import type { CalendarCard } from './cards.ts';

const names = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whole weeks as a grid. Days gone by lie on the page's ground with what they brought; days to come on a card's. */
export function CalendarGrid({
  days,
  month,
  today,
  zone,
  cards,
  slots,
  actions,
}: {
  days: string[];
  /** The month in question, `2026-11`; others are fainter. Nothing in the view of one week. */
  month: string | undefined;
  today: string;
  zone: string;
  cards: CalendarCard[];
  /** Queue times by weekday, Monday is 1. */
  slots: Map<number, string[]>;
  actions: CardActions;
}) {
  const best = Math.max(0, ...cards.map((card) => card.visits));
  return (
    <div className="cal-grid" data-weeks={days.length / 7}>
      <div className="cal-names" aria-hidden="true">
        {names.map((name) => (
          <span key={name}>{name}</span>
        ))}
      </div>
      <ol className="cal-days">
        {days.map((day) => (
          <Day
            key={day}
            day={day}
            today={today}
            zone={zone}
            faint={month !== undefined && !day.startsWith(month)}
            cards={cards.filter((card) => card.day === day)}
            best={best}
            slot={slots.get(weekdayOf(day))?.[0]}
            actions={actions}
          />
        ))}
      </ol>
    </div>
  );
}

function Day({
  day,
  today,
  zone,
  faint,
  cards,
  best,
  slot,
  actions,
}: {
  day: string;
  today: string;
  zone: string;
  faint: boolean;
  cards: CalendarCard[];
  best: number;
  slot: string | undefined;
  actions: CardActions;
}) {
  const cell = useRef<HTMLLIElement>(null);
  const [over, setOver] = useState(false);
  useEffect(
    () =>
      dropTargetForElements({
        element: cell.current!,
        canDrop: () => day >= today,
        getData: () => ({ day }),
        onDragEnter: () => setOver(true),
        onDragLeave: () => setOver(false),
        onDrop: () => setOver(false),
      }),
    [day, today],
  );
  const visits = cards.reduce((sum, card) => sum + card.visits, 0);
  const free = slot && cards.length === 0 && day > today ? slot : undefined;
  return (
    <li
      ref={cell}
      className="cal-day"
      data-past={day < today || undefined}
      data-faint={faint || undefined}
      data-over={over || undefined}
      aria-label={weekday(day, 'UTC')}
    >
      <div className="cal-day-head num">
        <span className="cal-number" data-today={day === today || undefined} aria-hidden="true">
          {Number(day.slice(8))}
        </span>
        {day === today && <span>Today</span>}
        {cards.length > 1 && visits > 0 && <span className="cal-sum">{counted(visits, 'visit')}</span>}
      </div>
      {cards.map((card) => (
        <CardView key={card.key} card={card} best={best} actions={actions} />
      ))}
      {free && <FreeSlot day={day} time={free} zone={zone} />}
    </li>
  );
}

/** A queue time nothing stands in yet. */
export function FreeSlot({
  day,
  time,
  zone,
  long = false,
}: {
  day: string;
  time: string;
  zone: string;
  long?: boolean;
}) {
  const search = { at: instantIn(day, time, zone).toISOString() } as never;
  return (
    <Link to="/compose" search={search} className="cal-free num">
      <Plus size={13} aria-hidden="true" />
      {time}
      <span className={long ? undefined : 'hidden-text'}> is free{long ? '' : ', write a post'}</span>
    </Link>
  );
}
