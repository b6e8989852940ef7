import { Repeat, Sprout, TriangleAlert } from 'lucide-react';
import type { CalendarCard, Warning } from './cards.ts';

/** Small signs on a card: it comes again, it fills a slot that would have stayed empty, its readers may tire of it. */
export function Marks({ card }: { card: CalendarCard }) {
  return (
    <>
      {card.recurs && (
        <span className="cal-mark" title="Comes again">
          <Repeat size={11} aria-hidden="true" />
          <span className="hidden-text">, comes again</span>
        </span>
      )}
      {card.evergreen && (
        <span className="cal-mark" title={card.status === 'draft' ? 'Evergreen' : 'Evergreen, fills an empty slot'}>
          <Sprout size={11} aria-hidden="true" />
          <span className="hidden-text">, evergreen</span>
        </span>
      )}
      {card.warnings.length > 0 && (
        <span className="cal-mark" data-tone="warn" title={card.warnings.join('\n')}>
          <TriangleAlert size={11} aria-hidden="true" />
          <span className="hidden-text">, {card.warnings.join(' ')}</span>
        </span>
      )}
    </>
  );
}

/** What would tire readers in the weeks shown: one line above them, which opens. */
export function Fatigue({ warnings }: { warnings: readonly Warning[] }) {
  const messages = [...new Set(warnings.map((one) => one.message))];
  if (messages.length === 0) return null;
  return (
    <details className="cal-fatigue">
      <summary>
        <TriangleAlert size={14} aria-hidden="true" />
        {messages.length === 1
          ? 'Your readers may tire of one thing here'
          : `Your readers may tire of ${messages.length} things here`}
      </summary>
      <ul>
        {messages.map((message) => (
          <li key={message}>{message}</li>
        ))}
      </ul>
    </details>
  );
}
