import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ChevronDown } from 'lucide-react';
import { api } from '#web/api.ts';
import { counted, money } from '#web/format.ts';
import type { Suggestion } from '#web/pages/grow/suggestions.tsx';
import { Button } from '#web/parts/button.tsx';
import { errorWords } from '#web/parts/error-notice.tsx';
import { ImpactBars } from '#web/parts/impact-bars.tsx';
import { tell } from '#web/tell.ts';
import { useAccept } from './accept.ts';
import { CategoryIcon, impactLevel } from './category.tsx';
import { SuggestionDetail } from './detail.tsx';

/** One suggestion: what, why, how much it takes, and the next thing to do about it; opened, everything behind it. */
export function SuggestionItem({
  suggestion,
  number,
  opened,
  onToggle,
}: {
  suggestion: Suggestion;
  number: number;
  opened: boolean;
  onToggle: () => void;
}) {
  const { id, title, reasoning, minutes, impact, actionsAll, actionsDone } = suggestion;
  return (
    <li id={`suggestion-${id}`} className="suggestion" data-opened={opened || undefined}>
      <div className="suggestion-head">
        <span className="idea-icon" title={suggestion.category}>
          <CategoryIcon category={suggestion.category} />
        </span>
        <button type="button" className="suggestion-title" aria-expanded={opened} onClick={onToggle}>
          <strong>
            <span className="suggestion-number num">{number}</span> {title}
          </strong>
          <span className="sub">{reasoning}</span>
        </button>
        <span className="idea-meta num">
          <ImpactBars level={impactLevel(impact)} />
          {minutes !== null && `${minutes} min`}
        </span>
        <NextStep suggestion={suggestion} />
      </div>
      <div className="suggestion-foot sub num">
        <span>{returnWords(suggestion)}</span>
        <button type="button" className="suggestion-more" onClick={onToggle} tabIndex={-1} aria-hidden="true">
          {actionsAll > 0 && `${actionsDone} of ${counted(actionsAll, 'step')}`}
          <ChevronDown size={14} />
        </button>
      </div>
      {opened && <SuggestionDetail suggestionId={id} />}
    </li>
  );
}

function NextStep({ suggestion: { id, state, title } }: { suggestion: Suggestion }) {
  const queries = useQueryClient();
  const accept = useAccept();
  const move = useMutation({
    mutationFn: (run: () => Promise<unknown>) => run(),
    onError: (error) => void tell({ color: 'red', title: 'That did not work', message: errorWords(error) }),
    onSettled: () => queries.invalidateQueries(),
  });
  const suggestionId = id;
  if (state === 'proposed') {
    return (
      <span className="suggestion-actions">
        <Button size="small" busy={accept.isPending} onClick={() => accept.mutate(id)} aria-label={`Do it: ${title}`}>
          Do it
        </Button>
        <Button
          size="small"
          look="quiet"
          busy={move.isPending}
          onClick={() => move.mutate(() => api.suggestions.dismiss({ suggestionId }))}
          aria-label={`Dismiss: ${title}`}
        >
          Dismiss
        </Button>
      </span>
    );
  }
  if (state === 'accepted') {
    return (
      <Button
        size="small"
        busy={move.isPending}
        onClick={() => move.mutate(() => api.suggestions.start({ suggestionId }))}
        aria-label={`Start: ${title}`}
      >
        Start
      </Button>
    );
  }
  if (state === 'in_progress') {
    return (
      <Button
        size="small"
        busy={move.isPending}
        onClick={() => move.mutate(() => api.suggestions.complete({ suggestionId }))}
        aria-label={`Done: ${title}`}
      >
        It is done
      </Button>
    );
  }
  return null;
}

/** What it is expected to return, as an interval, or that nobody can say. */
export function returnWords({
  returnLowMinor,
  returnHighMinor,
  currency,
  returnReason,
  timeFrameDays,
}: Suggestion): string {
  if (returnLowMinor === null || returnHighMinor === null || currency === null) {
    const reason = returnReason?.replace(/^not enough data[:.]?\s*/i, '');
    return `Not enough data to say what it returns.${reason ? ` ${reason[0]?.toUpperCase()}${reason.slice(1)}` : ''}`;
  }
  const span = `${money(returnLowMinor, currency, { whole: true })} to ${money(returnHighMinor, currency, { whole: true })}`;
  return `Expected to return ${span}${timeFrameDays === null ? '' : ` within ${counted(timeFrameDays, 'day')}`}.`;
}
