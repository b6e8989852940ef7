import { type KeyboardEvent, type PointerEvent, useEffect, useRef, useState } from 'react';
import type { Suggestion } from '#web/pages/grow/suggestions.tsx';
import { Button } from '#web/parts/button.tsx';
import { useEstimate } from './move.ts';
import { apart } from './places.ts';
import { floor, hoursAt, type Scale, scaleOf, ticksOf, worthAt, xOf, yOf } from './scale.ts';
import { amountWords, effortWords, impactOf } from './words.ts';

type Place = { minutes: number; impact: number };
const waitMs = 700;

/**
 * Effort against impact: a point for each suggestion where it is expected, a bar for its 90 % interval. Where several meet,
 * the later ones stand beside their place with a line to it. A point can be dragged, or moved with the arrow keys, to one's
 * own estimate; what is not measured stands below the line.
 */
export function Matrix({
  suggestions,
  chosen,
  onChoose,
  onOpen,
}: {
  suggestions: Suggestion[];
  chosen: string | undefined;
  /** `moved`: by dragging it, so that one's eyes are on it. */
  onChoose: (id: string, moved: boolean) => void;
  onOpen: (id: string) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<{ id: string; x: number; y: number; moved: boolean } | null>(null);
  const waiting = useRef<{ one: Suggestion; place: Place; timer: ReturnType<typeof setTimeout> } | null>(null);
  const dragged = useRef(false);
  const [near, setNear] = useState<string>();
  const [moving, setMoving] = useState<Record<string, Place>>({});
  const estimate = useEstimate();
  const scale = scaleOf(suggestions);

  const placeOf = (one: Suggestion): Place => {
    const impact = impactOf(one);
    return (
      moving[one.id] ?? {
        minutes: one.own?.minutes ?? one.minutes ?? 60,
        impact: one.own?.impact ?? impact?.mean ?? one.impact,
      }
    );
  };
  const keep = (one: Suggestion, { minutes, impact }: Place) =>
    estimate.mutate(
      {
        suggestionId: one.id,
        minutes: Math.max(1, Math.round(minutes)),
        impact: isMeasured(one, scale) ? impact : null,
      },
      { onSettled: () => setMoving(({ [one.id]: _, ...rest }) => rest) },
    );
  /** Keeps what the arrow keys moved last, at once. */
  const settle = () => {
    const last = waiting.current;
    waiting.current = null;
    if (!last) return;
    clearTimeout(last.timer);
    keep(last.one, last.place);
  };
  const leave = useRef(settle);
  leave.current = settle;
  useEffect(() => () => leave.current(), []);
  const at = (event: PointerEvent, one: Suggestion): Place => {
    const { left, top, width, height } = box.current!.getBoundingClientRect();
    const minutes = hoursAt((event.clientX - left) / width) * 60;
    return isMeasured(one, scale)
      ? { minutes, impact: worthAt(scale, (event.clientY - top) / height) }
      : { minutes, impact: placeOf(one).impact };
  };
  const press = (event: PointerEvent<HTMLButtonElement>, one: Suggestion) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    drag.current = { id: one.id, x: event.clientX, y: event.clientY, moved: false };
  };
  const pull = (event: PointerEvent, one: Suggestion) => {
    const held = drag.current;
    if (held?.id !== one.id) return;
    // A finger trembles: what moves less than this is a tap.
    if (!held.moved && Math.hypot(event.clientX - held.x, event.clientY - held.y) < 6) return;
    held.moved = true;
    setMoving((now) => ({ ...now, [one.id]: at(event, one) }));
  };
  const release = (event: PointerEvent, one: Suggestion) => {
    const held = drag.current;
    drag.current = null;
    dragged.current = held?.moved ?? false;
    if (!held?.moved) return;
    keep(one, at(event, one));
    onChoose(one.id, true);
  };
  const pressKey = (event: KeyboardEvent, one: Suggestion) => {
    const step = stepOf(event.key, scale, isMeasured(one, scale));
    if (!step) return;
    event.preventDefault();
    const next = step(placeOf(one));
    setMoving((now) => ({ ...now, [one.id]: next }));
    if (waiting.current?.one.id === one.id) clearTimeout(waiting.current.timer);
    else settle();
    waiting.current = { one, place: next, timer: setTimeout(() => leave.current(), waitMs) };
  };
  const selected = suggestions.find(({ id }) => id === chosen);
  const words = (one: Suggestion) => {
    const { minutes, impact } = placeOf(one);
    const unit = impactOf(one)?.unit;
    const brings = unit
      ? `${amountWords(impact, unit, impactOf(one)?.currency ?? null)}${unit === 'money' ? '' : ' signups'} a month`
      : 'impact not measured';
    return `${effortWords(Math.max(1, Math.round(minutes)))}, ${brings}`;
  };
  const points = suggestions.map((one) => {
    const { minutes, impact } = placeOf(one);
    const row = !isMeasured(one, scale);
    return { id: one.id, x: xOf(minutes / 60), y: row ? 0.96 : yOf(scale, impact), row };
  });
  const still = points.filter(({ id }) => !moving[id]);
  const drawn = new Map(apart(still, floor).map((point, index) => [still[index]?.id, point]));
  // The one being moved stays under the finger.
  const shown = points.map((point) => ({ at: point, drawn: drawn.get(point.id) ?? point }));
  const isOtherUnit = suggestions.some((one) => impactOf(one) !== null && !isMeasured(one, scale));
  return (
    <div className="matrix">
      <div className="matrix-box" ref={box}>
        <svg className="matrix-lines" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
          {ticksOf(scale).map(({ y, zero }) => (
            <line key={y} x1="0" x2="100" y1={y * 100} y2={y * 100} data-zero={zero || undefined} />
          ))}
          {suggestions.map((one, index) => {
            const impact = isMeasured(one, scale) ? impactOf(one) : null;
            if (!impact) return null;
            const x = (points[index]?.x ?? 0) * 100;
            return (
              <line
                key={one.id}
                className="matrix-interval"
                data-chosen={one.id === chosen || one.id === near || undefined}
                x1={x}
                x2={x}
                y1={yOf(scale, impact.high) * 100}
                y2={yOf(scale, impact.low) * 100}
              />
            );
          })}
          {shown.map(({ at: from, drawn: to }) =>
            from.row || (from.x === to.x && from.y === to.y) ? null : (
              <line
                key={from.id}
                className="matrix-leader"
                data-chosen={from.id === chosen || from.id === near || undefined}
                x1={from.x * 100}
                y1={from.y * 100}
                x2={to.x * 100}
                y2={to.y * 100}
              />
            ),
          )}
        </svg>
        {ticksOf(scale).map(({ y, words: label }) => (
          <span key={y} className="matrix-tick sub num" style={{ top: `${y * 100}%` }} aria-hidden="true">
            {label}
          </span>
        ))}
        <ol aria-label="Suggestions by effort and impact">
          {suggestions.map((one, index) => {
            const { x = 0, y = 0 } = shown[index]?.drawn ?? {};
            return (
              <li key={one.id} style={{ left: `${x * 100}%`, top: `${y * 100}%` }}>
                <button
                  type="button"
                  className="num"
                  aria-pressed={one.id === chosen}
                  data-own={one.own ? true : undefined}
                  aria-label={`${index + 1}: ${one.title}, ${words(one)}${one.own ? ', your estimate' : ''}`}
                  aria-keyshortcuts="ArrowLeft ArrowRight ArrowUp ArrowDown"
                  title={`${one.title}: ${words(one)}`}
                  onPointerDown={(event) => press(event, one)}
                  onPointerMove={(event) => pull(event, one)}
                  onPointerUp={(event) => release(event, one)}
                  onPointerCancel={() => {
                    drag.current = null;
                    setMoving(({ [one.id]: _, ...rest }) => rest);
                  }}
                  onClick={() => {
                    // A click follows a drag by mouse and not one by finger.
                    if (!dragged.current) onChoose(one.id, false);
                    dragged.current = false;
                  }}
                  onKeyDown={(event) => pressKey(event, one)}
                  onPointerEnter={() => setNear(one.id)}
                  onPointerLeave={() => setNear(undefined)}
                  onFocus={() => setNear(one.id)}
                  onBlur={() => {
                    setNear(undefined);
                    settle();
                  }}
                >
                  {index + 1}
                </button>
              </li>
            );
          })}
        </ol>
        <span className="matrix-unmeasured sub">
          {isOtherUnit ? `Not measured, or not in ${scale.unit}` : 'Not measured'}
        </span>
      </div>
      <span className="matrix-x sub" aria-hidden="true">
        {[0.25, 1, 4, 16].map((hour) => (
          <span key={hour} style={{ left: `${xOf(hour) * 100}%` }}>
            {effortWords(hour * 60)}
          </span>
        ))}
      </span>
      <p className="sub">
        {scale.unit === 'money' ? 'Money' : 'Signups'} a month against hours of work. The bar is the 90% interval. Drag
        a point, or use the arrow keys, to set your own estimate.
      </p>
      {selected && (
        <div className="matrix-chosen">
          <button type="button" className="suggestion-link" aria-haspopup="dialog" onClick={() => onOpen(selected.id)}>
            {suggestions.indexOf(selected) + 1} {selected.title}
          </button>
          <p className="sub num">
            {selected.own && 'Your estimate: '}
            {words(selected)}
            {selected.own?.byName && `, by ${selected.own.byName}`}.
          </p>
          {selected.own && (
            <Button
              size="small"
              look="quiet"
              busy={estimate.isPending}
              onClick={() => estimate.mutate({ suggestionId: selected.id, minutes: null, impact: null })}
            >
              Back to the computed one
            </Button>
          )}
        </div>
      )}
    </div>
  );
}

function isMeasured(one: Suggestion, scale: Scale): boolean {
  return impactOf(one)?.unit === scale.unit;
}

/** Left and right by a quarter of the hours, up and down by a thirtieth of the axis. */
function stepOf(key: string, scale: Scale, isVertical: boolean): ((place: Place) => Place) | null {
  if (key === 'ArrowLeft') return ({ minutes, impact }) => ({ minutes: Math.max(5, minutes / 1.25), impact });
  if (key === 'ArrowRight') return ({ minutes, impact }) => ({ minutes: Math.min(2400, minutes * 1.25), impact });
  if (!isVertical || (key !== 'ArrowUp' && key !== 'ArrowDown')) return null;
  const by = key === 'ArrowUp' ? -1 / 30 : 1 / 30;
  return ({ minutes, impact }) => ({ minutes, impact: worthAt(scale, yOf(scale, impact) + by) });
}
