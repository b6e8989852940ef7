import {
  type ClipboardEvent,
  type KeyboardEvent,
  type Ref,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from 'react';
import { useApp } from '#web/app.tsx';
import type { Claim, DraftPart } from './draft.ts';
import { cutAt, type Fill } from './measure.ts';
import { runsOf } from './runs.ts';
import { filesOf } from './uploads.ts';
import { type Choice, useChoices, VariableList } from './variables.tsx';
import { useWriting } from './writing.ts';

export interface FieldHandle {
  /** Puts text where the caret stands, with a space before it if a word ends there. */
  insert(text: string): void;
}

/** The text of a part: a plain field over a mirror that shows what becomes clickable, what goes over, what is claimed. */
export function PartField({
  ref,
  part,
  name,
  first,
  of,
  claims,
  fill,
  onFiles,
}: {
  ref: Ref<FieldHandle>;
  part: DraftPart;
  name: string;
  first: boolean;
  of: number;
  claims: readonly Claim[];
  /** Where there is least room. */
  fill: Fill | undefined;
  onFiles: (files: File[]) => void;
}) {
  const { readOnly, sample, actions } = useWriting();
  const app = useApp();
  const field = useRef<HTMLTextAreaElement>(null);
  const listId = useId();
  const [asked, setAsked] = useState<{ from: number; wanted: string }>();
  const [active, setActive] = useState(0);
  const choices = useChoices(app, asked?.wanted);

  const put = (from: number, to: number, text: string) => {
    const { value } = field.current!;
    const caret = from + text.length;
    actions.write(part.key, value.slice(0, from) + text + value.slice(to), caret);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(caret, caret);
      look();
    });
  };
  /** Whether the caret stands in a `{{` that is not closed. */
  const look = () => {
    const { value, selectionStart, selectionEnd } = field.current!;
    const open = selectionStart === selectionEnd ? /\{\{([^{}\n]{0,40})$/.exec(value.slice(0, selectionStart)) : null;
    setAsked(open && !readOnly ? { from: open.index, wanted: open[1]! } : undefined);
    if (open?.[1] !== asked?.wanted) setActive(0);
  };
  const pick = (choice: Choice) => {
    if (!asked) return;
    put(asked.from, field.current!.selectionStart, choice.insert);
    setAsked(undefined);
  };
  useImperativeHandle(ref, () => ({
    insert: (text) => {
      const { selectionStart, selectionEnd, value } = field.current!;
      const before = value.slice(0, selectionStart);
      put(selectionStart, selectionEnd, (before === '' || /\s$/.test(before) ? '' : ' ') + text);
    },
  }));

  const typed = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (readOnly || event.nativeEvent.isComposing) return;
    if (asked && listKey(event)) return;
    const { selectionStart, selectionEnd } = event.currentTarget;
    if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
      event.preventDefault();
      actions.move(part.key, event.key === 'ArrowUp' ? -1 : 1);
    } else if (event.altKey && event.key === 'Enter') {
      event.preventDefault();
      actions.addAfter(part.key);
    } else if (event.key === 'Backspace' && selectionStart === 0 && selectionEnd === 0 && of > 1) {
      if (first && part.text !== '') return;
      event.preventDefault();
      if (first) actions.remove(part.key);
      else actions.joinBefore(part.key);
    }
  };
  const listKey = (event: KeyboardEvent): boolean => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const chosen = choices[active];
    if (step && !event.altKey) setActive((now) => (now + step + choices.length) % Math.max(1, choices.length));
    else if ((event.key === 'Enter' || event.key === 'Tab') && chosen) pick(chosen);
    else if (event.key === 'Escape') setAsked(undefined);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  };
  const pasted = (event: ClipboardEvent) => {
    const files = filesOf(event.clipboardData);
    if (files.length === 0 || readOnly) return;
    event.preventDefault();
    onFiles(files);
  };

  return (
    <div className="part-field">
      <Mirror text={part.text} claims={claims} fill={fill} sample={sample} />
      <textarea
        ref={field}
        aria-label={name}
        aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+Enter"
        aria-autocomplete="list"
        aria-controls={asked ? listId : undefined}
        aria-activedescendant={asked && choices[active] ? `${listId}-${choices[active].id}` : undefined}
        placeholder={first ? 'What do you want to say?' : 'Add to the thread'}
        value={part.text}
        readOnly={readOnly}
        rows={1}
        spellCheck
        onChange={(event) => {
          actions.write(part.key, event.target.value, event.target.selectionStart);
          if (field.current) look();
        }}
        onSelect={look}
        onBlur={() => setAsked(undefined)}
        onKeyDown={typed}
        onPaste={pasted}
      />
      {asked && <VariableList id={listId} choices={choices} active={active} onPick={pick} />}
    </div>
  );
}

function Mirror({
  text,
  claims,
  fill,
  sample,
}: {
  text: string;
  claims: readonly Claim[];
  fill: Fill | undefined;
  sample: string;
}) {
  const cut = fill ? cutAt(text, fill.platform, fill.limit, sample) : text.length;
  // Pieces never move on their own: their order in the text is what they are.
  const runs = useMemo(
    () => runsOf(text, claims, cut).map((run, index) => ({ ...run, key: index })),
    [text, claims, cut],
  );
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
