import { ArrowDown, ArrowUp, Link2, Trash2 } from 'lucide-react';
import { type KeyboardEvent, memo, useRef } from 'react';
import { Avatar } from '#web/parts/avatar.tsx';
import { IconButton } from '#web/parts/button.tsx';
import { RingCounter } from '#web/parts/ring-counter.tsx';
import { Claims } from './claims.tsx';
import { type Claim, type DraftPart, LINK } from './draft.ts';
import { counted, runsOf } from './runs.ts';

export interface PartActions {
  write(key: string, text: string): void;
  addAfter(key: string): void;
  move(key: string, step: -1 | 1): void;
  remove(key: string): void;
}

/** One post of a thread: a plain field over a mirror that shows what X will make of it. */
export const PartEditor = memo(function PartEditor({
  part,
  index,
  of,
  author,
  claims,
  postId,
  limit,
  sample,
  readOnly,
  actions,
}: {
  part: DraftPart;
  index: number;
  of: number;
  author: { name: string; avatarUrl?: string | null };
  claims: readonly Claim[];
  /** Whose claims these are, once it is stored. */
  postId: string | undefined;
  limit: number;
  sample: string;
  readOnly: boolean;
  actions: PartActions;
}) {
  const field = useRef<HTMLTextAreaElement>(null);
  const name = of === 1 ? 'Post' : `Post ${index + 1} of ${of}`;
  const typed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (readOnly) return;
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      actions.move(part.key, event.key === 'ArrowUp' ? -1 : 1);
    } else if (event.altKey && event.key === 'Enter') {
      event.preventDefault();
      actions.addAfter(part.key);
    } else if (event.key === 'Backspace' && part.text === '' && of > 1) {
      event.preventDefault();
      actions.remove(part.key);
    }
  };
  const insertLink = () => {
    const element = field.current!;
    const { selectionStart, selectionEnd, value } = element;
    const before = value.slice(0, selectionStart);
    const space = before === '' || /\s$/.test(before) ? '' : ' ';
    actions.write(part.key, before + space + LINK + value.slice(selectionEnd));
    const caret = selectionStart + space.length + LINK.length;
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(caret, caret);
    });
  };
  return (
    <li className="part" data-part={part.key}>
      <div className="part-side">
        <Avatar name={author.name} url={author.avatarUrl} size={40} />
        {index < of - 1 && <span className="part-line" />}
      </div>
      <div className="part-main">
        <div className="part-field">
          <Mirror text={part.text} claims={claims} sample={sample} />
          <textarea
            ref={field}
            aria-label={name}
            aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+Enter"
            placeholder={index === 0 ? 'What do you want to say?' : 'Add to the thread'}
            value={part.text}
            readOnly={readOnly}
            rows={1}
            spellCheck
            onChange={(event) => actions.write(part.key, event.target.value)}
            onKeyDown={typed}
          />
        </div>
        <Claims text={part.text} claims={claims} postId={readOnly ? undefined : postId} />
        <div className="part-tools">
          {!readOnly && (
            <>
              <IconButton label="Insert the tracked link" onClick={insertLink}>
                <Link2 size={16} strokeWidth={1.75} />
              </IconButton>
              <IconButton label={`Move ${name} up`} disabled={index === 0} onClick={() => actions.move(part.key, -1)}>
                <ArrowUp size={16} strokeWidth={1.75} />
              </IconButton>
              <IconButton
                label={`Move ${name} down`}
                disabled={index === of - 1}
                onClick={() => actions.move(part.key, 1)}
              >
                <ArrowDown size={16} strokeWidth={1.75} />
              </IconButton>
            </>
          )}
          <span className="part-count">
            <RingCounter used={counted(part.text, sample).length} limit={limit} />
          </span>
          {!readOnly && (
            <IconButton
              label={`Remove ${name}`}
              disabled={of === 1 && part.text === ''}
              onClick={() => actions.remove(part.key)}
            >
              <Trash2 size={16} strokeWidth={1.75} />
            </IconButton>
          )}
        </div>
      </div>
    </li>
  );
});

function Mirror({ text, claims, sample }: { text: string; claims: readonly Claim[]; sample: string }) {
  // Pieces never move on their own: their order in the text is what they are.
  const runs = runsOf(text, claims, sample).map((run, index) => ({ ...run, key: index }));
  return (
    <div className="part-mirror" aria-hidden="true">
      {runs.map((run) => (
        <span key={run.key} data-kind={run.kind} data-over={run.over || undefined} data-claim={run.claim}>
          {run.text}
        </span>
      ))}
      {/* A line break at the very end has no height of its own. */}
      {'\u200b'}
    </div>
  );
}
