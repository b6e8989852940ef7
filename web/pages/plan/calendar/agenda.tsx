import { type CSSProperties, useEffect } from 'react';
import { counted, day as dayWords } from '#web/format.ts';
import { weekdayOf } from '#web/zone.ts';
import { type CardActions, CardView } from './card.tsx';
import type { CalendarCard } from './cards.ts';
import { FreeSlot } from './grid.tsx';

const long = new Intl.DateTimeFormat('en-GB', { weekday: 'long', timeZone: 'UTC' });

/** Day by day under each other; days without anything are left out unless a queue time is free. */
export function Agenda({
  days,
  today,
  zone,
  cards,
  slots,
  empty,
  actions,
  chosen,
  onChoose,
}: {
  days: string[];
  today: string;
  zone: string;
  cards: CalendarCard[];
  slots: Map<number, string[]>;
  empty: string;
  actions: CardActions;
  /** The keys of the chosen cards; left out where nothing can be chosen. */
  chosen?: ReadonlySet<string>;
  onChoose?: (key: string, chosen: boolean) => void;
}) {
  const best = Math.max(0, ...cards.map((card) => card.visits));
  const [first] = days;
  const past = first !== undefined && first < today && days.includes(today);
  // What is behind stands above: one looks at today first.
  useEffect(() => {
    if (past) document.getElementById(`day-${today}`)?.scrollIntoView({ block: 'start' });
  }, [past, today]);
  const shown = days
    .map((day) => ({
      day,
      own: cards.filter((card) => card.day === day),
      slot: day > today ? slots.get(weekdayOf(day))?.[0] : undefined,
    }))
    .filter(({ day, own, slot }) => own.length > 0 || slot || day === today);
  if (cards.length === 0 && shown.every(({ slot }) => !slot)) return <p className="table-empty">{empty}</p>;
  return (
    <ol className="agenda">
      {shown.map(({ day, own, slot }) => (
        <li key={day} id={`day-${day}`}>
          <h2>
            {day === today ? 'Today' : long.format(new Date(day))} <span className="num">{dayWords(day, 'UTC')}</span>
          </h2>
          {own.map((card) => (
            <CardView
              key={card.key}
              card={card}
              best={best}
              actions={actions}
              {...(chosen && onChoose
                ? { choice: { chosen: chosen.has(card.key), onChange: (on: boolean) => onChoose(card.key, on) } }
                : {})}
            />
          ))}
          {own.length === 0 && slot && <FreeSlot day={day} time={slot} zone={zone} long />}
          {own.length === 0 && !slot && <p className="sub">Nothing today.</p>}
        </li>
      ))}
    </ol>
  );
}

/** A phone's week: seven days with a dot for each post; choosing one leads to it below. */
export function WeekStrip({
  days,
  chosen,
  cards,
  onChoose,
}: {
  days: string[];
  chosen: string;
  cards: CalendarCard[];
  onChoose: (day: string) => void;
}) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is a form's, this jumps to a day.
    <div className="week-strip" role="group" aria-label="Days">
      {days.map((day) => {
        const own = cards.filter((card) => card.day === day);
        return (
          <button key={day} type="button" aria-pressed={day === chosen} onClick={() => onChoose(day)}>
            <span className="hidden-text">
              {long.format(new Date(day))} {dayWords(day, 'UTC')}, {counted(own.length, 'post')}
            </span>
            <small aria-hidden="true">{long.format(new Date(day))[0]}</small>
            <b className="num" aria-hidden="true">
              {Number(day.slice(8))}
            </b>
            <span className="week-dots" aria-hidden="true">
              {own.slice(0, 3).map((card) => (
                <i
                  key={card.key}
                  style={
                    { background: card.campaign ? `var(--c${card.campaign.colour})` : 'var(--ink-4)' } as CSSProperties
                  }
                />
              ))}
            </span>
          </button>
        );
      })}
    </div>
  );
}
