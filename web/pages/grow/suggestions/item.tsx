import type { Suggestion } from '#web/pages/grow/suggestions.tsx';
import { Button } from '#web/parts/button.tsx';
import { useAccept } from './accept.ts';
import { CategoryIcon } from './category.tsx';
import { useMove } from './move.ts';
import { confidenceWords, effortWords, impactWords } from './words.ts';

/** One suggestion in the list: what, why, what it takes and brings, and the next thing to do about it. */
export function SuggestionItem({
  suggestion,
  number,
  opened,
  onOpen,
}: {
  suggestion: Suggestion;
  number: number;
  opened: boolean;
  onOpen: () => void;
}) {
  const { id, title, reasoning, minutes, own, chance, actionsAll, actionsDone, category } = suggestion;
  const takes = own?.minutes ?? minutes;
  return (
    <li id={`suggestion-${id}`} className="suggestion" data-opened={opened || undefined}>
      <div className="suggestion-head">
        <span className="idea-icon" title={category}>
          <CategoryIcon category={category} />
        </span>
        <button type="button" className="suggestion-title" aria-haspopup="dialog" onClick={onOpen}>
          <strong>
            <span className="suggestion-number num">{number}</span> {title}
          </strong>
          <span className="sub">{reasoning}</span>
        </button>
        <NextStep suggestion={suggestion} />
      </div>
      <p className="suggestion-foot sub num">
        <span>{impactWords(suggestion)}</span>
        {chance !== null && <span>{confidenceWords(chance)}</span>}
        {takes !== null && <span>{effortWords(takes)}</span>}
        {own && <span>with your estimate</span>}
        {actionsAll > 0 && (
          <span>
            {actionsDone} of {actionsAll} {actionsAll === 1 ? 'step' : 'steps'}
          </span>
        )}
      </p>
    </li>
  );
}

export function NextStep({
  suggestion: { id, state, title },
}: {
  suggestion: Pick<Suggestion, 'id' | 'state' | 'title'>;
}) {
  const accept = useAccept();
  const move = useMove(id);
  if (state === 'proposed')
    return (
      <span className="suggestion-actions">
        <Button size="small" busy={accept.isPending} onClick={() => accept.mutate(id)} aria-label={`Do it: ${title}`}>
          Do it
        </Button>
        <Button
          size="small"
          look="quiet"
          busy={move.isPending}
          onClick={() => move.mutate('dismiss')}
          aria-label={`Dismiss: ${title}`}
        >
          Dismiss
        </Button>
      </span>
    );
  if (state === 'accepted')
    return (
      <span className="suggestion-actions">
        <Button size="small" busy={move.isPending} onClick={() => move.mutate('start')} aria-label={`Start: ${title}`}>
          Start
        </Button>
        <Button
          size="small"
          look="quiet"
          busy={move.isPending}
          onClick={() => move.mutate('undoAccept')}
          aria-label={`Take back: ${title}`}
        >
          Take back
        </Button>
      </span>
    );
  if (state === 'in_progress')
    return (
      <Button size="small" busy={move.isPending} onClick={() => move.mutate('complete')} aria-label={`Done: ${title}`}>
        It is done
      </Button>
    );
  return null;
}
