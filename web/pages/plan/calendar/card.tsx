import { draggable } from '@atlaskit/pragmatic-drag-and-drop/element/adapter';
import { Checkbox, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import {
  Check,
  CircleAlert,
  CircleDashed,
  CircleHelp,
  CircleSlash,
  Ellipsis,
  Eye,
  type LucideIcon,
  Send,
} from 'lucide-react';
import { type CSSProperties, type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { useHouse } from '#web/app.tsx';
import { count } from '#web/format.ts';
import { PlatformIcon } from '#web/parts/platform-icon.tsx';
import { addDays } from '#web/zone.ts';
import type { CalendarCard } from './cards.ts';
import { Marks } from './marks.tsx';

export interface CardActions {
  /** To another day at the same time of day. */
  moveTo(card: CalendarCard, day: string): void;
  askWhere(card: CalendarCard): void;
  /** To the queue's next (1) or previous (-1) time. */
  moveBySlot(card: CalendarCard, step: 1 | -1): void;
  approve(card: CalendarCard): void;
  submit(card: CalendarCard): void;
  returnToDraft(card: CalendarCard): void;
  recur(card: CalendarCard): void;
  withdraw(card: CalendarCard): void;
}

/** States that are said in a word; what is scheduled or out is told by form alone. */
const words: Partial<Record<CalendarCard['status'], [word: string, icon: LucideIcon, tone: string]>> = {
  failed: ['Failed', CircleAlert, 'neg'],
  asking: ['Decide', CircleHelp, 'warn'],
  publishing: ['Going out', Send, 'accent'],
  draft: ['Draft', CircleDashed, 'quiet'],
  in_review: ['Review', Eye, 'warn'],
  approved: ['Approved', Check, 'accent'],
  skipped: ['Skipped', CircleSlash, 'quiet'],
};
const steps: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

/** One post in the calendar. Its form is its state: raised is scheduled, dashed a draft, flat is out. */
export function CardView({
  card,
  best,
  actions,
  choice,
}: {
  card: CalendarCard;
  best: number;
  actions: CardActions;
  /** Where cards can be chosen: whether this one is, and how that changes. */
  choice?: { chosen: boolean; onChange: (chosen: boolean) => void };
}) {
  const frame = useRef<HTMLElement>(null);
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    if (!card.movable) return;
    return draggable({
      element: frame.current!,
      getInitialData: () => ({ card }),
      onDragStart: () => setDragged(true),
      onDrop: () => setDragged(false),
    });
  }, [card]);
  const typed = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (!event.altKey || step === undefined || !card.movable) return;
    event.preventDefault();
    if (event.shiftKey) actions.moveBySlot(card, step > 0 ? 1 : -1);
    else actions.moveTo(card, addDays(card.day, step));
    focusCard(card.postId);
  };
  const out = card.status === 'published';
  const target = card.status === 'draft' || card.status === 'approved' ? '/compose/$postId' : '/posts/$postId';
  const choosable = choice && card.movable;
  const [word, Icon, tone] = words[card.status] ?? [];
  return (
    <article
      ref={frame}
      className="cal-card"
      data-card={card.postId}
      data-status={card.status}
      data-dragged={dragged || undefined}
      data-choice={choosable || undefined}
      style={{ '--stripe': card.campaign ? `var(--c${card.campaign.colour})` : 'var(--ink-4)' } as CSSProperties}
    >
      {choosable && (
        <Checkbox
          className="cal-choose"
          aria-label={`Choose ${card.title}`}
          checked={choice.chosen}
          onChange={(event) => choice.onChange(event.currentTarget.checked)}
        />
      )}
      <Link
        to={target}
        params={{ postId: card.postId }}
        draggable={false}
        onKeyDown={typed}
        title={card.reason ?? card.title}
      >
        <span className="cal-card-head num">
          <time>{card.time}</time>
          {card.platforms.map((platform) => (
            <PlatformIcon key={platform} platform={platform} size={11} />
          ))}
          {card.threadLength > 1 && <span title={`Thread of ${card.threadLength}`}>{card.threadLength}×</span>}
          <Marks card={card} />
          {word && Icon && (
            <span className="cal-word" data-tone={tone}>
              <Icon size={12} aria-hidden="true" />
              {tone === 'quiet' ? <span className="hidden-text">{word}</span> : word}
            </span>
          )}
          {out && (
            <span className="cal-visits">
              {count(card.visits)}
              <span className="hidden-text"> visits</span>
            </span>
          )}
        </span>
        <span className="cal-card-title">{card.title}</span>
        {card.campaign && <span className="hidden-text">, campaign {card.campaign.name}</span>}
        {out && (
          <span className="cal-bar" aria-hidden="true">
            <i style={{ width: `${best > 0 ? Math.max(2, (card.visits / best) * 100) : 0}%` }} />
          </span>
        )}
      </Link>
      {card.movable && <CardMenu card={card} actions={actions} />}
    </article>
  );
}

function CardMenu({ card, actions }: { card: CalendarCard; actions: CardActions }) {
  const { mayApprove } = useHouse();
  const draft = card.publicationIds.length === 0;
  const review = card.status === 'in_review';
  return (
    <Menu position="bottom-end" width={200}>
      <Menu.Target>
        <button type="button" className="cal-more" aria-label={`Move or change ${card.title}`} title="Move or change">
          <Ellipsis size={14} aria-hidden="true" />
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => actions.askWhere(card)}>Move to…</Menu.Item>
        {draft && card.status !== 'approved' && mayApprove && (
          <Menu.Item onClick={() => actions.approve(card)}>Approve and schedule</Menu.Item>
        )}
        {card.status === 'draft' && !mayApprove && (
          <Menu.Item onClick={() => actions.submit(card)}>Send for review</Menu.Item>
        )}
        {review && <Menu.Item onClick={() => actions.returnToDraft(card)}>Return to draft</Menu.Item>}
        {!card.recurs && (mayApprove || !draft) && (
          <Menu.Item onClick={() => actions.recur(card)}>Let it come again…</Menu.Item>
        )}
        {!draft && <Menu.Item onClick={() => actions.withdraw(card)}>Take it back</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}

/** After the card stands in its new day. */
function focusCard(postId: string): void {
  setTimeout(() => document.querySelector<HTMLElement>(`[data-card="${postId}"] > a`)?.focus(), 50);
}
