import { NativeSelect, TextInput } from '@mantine/core';
import { Plus, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Button, IconButton } from '#web/parts/button.tsx';
import type { DraftPart, Poll } from './draft.ts';
import type { PlatformInfo } from './measure.ts';
import { useWriting } from './writing.ts';

/** What the server keeps of a poll at most, whatever platforms take. */
const MOST_OPTIONS = 4;
const LENGTHS: [minutes: number, words: string][] = [
  [60, '1 hour'],
  [360, '6 hours'],
  [720, '12 hours'],
  [1440, '1 day'],
  [4320, '3 days'],
  [10_080, '7 days'],
];

export const newPoll: Poll = { minutes: 1440, options: ['', ''] };

/** Whoever begins a poll, or adds an answer, goes on writing there. */
function focusEmpty(group: HTMLElement | null): void {
  const fields = group?.querySelectorAll('input') ?? [];
  [...fields].find(({ value, readOnly }) => value === '' && !readOnly)?.focus();
}

/** What all of the platforms with polls take; nothing when none has them. */
export function pollLimits(platforms: readonly PlatformInfo[]) {
  const all = platforms.flatMap(({ limits }) => (limits.poll ? [limits.poll] : []));
  if (all.length === 0) return undefined;
  return {
    options: Math.min(MOST_OPTIONS, ...all.map((one) => one.options)),
    optionLength: Math.min(25, ...all.map((one) => one.optionLength)),
    least: Math.max(...all.map((one) => one.minutes[0])),
    most: Math.min(...all.map((one) => one.minutes[1])),
  };
}

/** Two to four answers and how long it is open. */
export function PollEditor({ part, poll }: { part: DraftPart; poll: Poll }) {
  const { platforms, readOnly, actions } = useWriting();
  const frame = useRef<HTMLDivElement>(null);
  const [begun] = useState(poll === newPoll);
  useEffect(() => {
    if (begun) focusEmpty(frame.current);
  }, [begun]);
  const limits = pollLimits(platforms) ?? { options: MOST_OPTIONS, optionLength: 25, least: 5, most: 10_080 };
  const set = (next: Partial<Poll>) => actions.setPoll(part.key, { ...poll, ...next });
  const lengths = LENGTHS.filter(
    ([minutes]) => minutes === poll.minutes || (minutes >= limits.least && minutes <= limits.most),
  );
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset brings a form's frame, this is a part of a text.
    <div className="poll-editor" role="group" aria-label="Poll" ref={frame}>
      {poll.options.map((option, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: answers have no name but their place.
        <div key={index} className="poll-option">
          <TextInput
            aria-label={`Answer ${index + 1}`}
            placeholder={`Answer ${index + 1}`}
            value={option}
            readOnly={readOnly}
            maxLength={limits.optionLength}
            rightSection={<span className="sub num">{limits.optionLength - [...option].length}</span>}
            onChange={(event) => {
              const { value } = event.currentTarget;
              set({ options: poll.options.map((each, at) => (at === index ? value : each)) });
            }}
          />
          {!readOnly && poll.options.length > 2 && (
            <IconButton
              label={`Remove answer ${index + 1}`}
              onClick={() => set({ options: poll.options.filter((_, at) => at !== index) })}
            >
              <X size={15} />
            </IconButton>
          )}
        </div>
      ))}
      {!readOnly && (
        <div className="poll-foot">
          {poll.options.length < limits.options && (
            <Button
              size="small"
              look="quiet"
              onClick={() => {
                flushSync(() => set({ options: [...poll.options, ''] }));
                focusEmpty(frame.current);
              }}
            >
              <Plus size={14} aria-hidden="true" />
              Add an answer
            </Button>
          )}
          <NativeSelect
            aria-label="How long the poll is open"
            size="xs"
            value={String(poll.minutes)}
            data={lengths.map(([minutes, words]) => ({ value: String(minutes), label: words }))}
            onChange={(event) => set({ minutes: Number(event.currentTarget.value) })}
          />
          <Button size="small" look="quiet" onClick={() => actions.setPoll(part.key, null)}>
            Remove the poll
          </Button>
        </div>
      )}
    </div>
  );
}
