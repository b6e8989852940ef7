import { useMemo, useState } from 'react';
import { flushSync } from 'react-dom';
import { counted } from '#web/format.ts';
import { ALL, type Body, type Draft, type DraftPart, fork, newPart, withBody, wordsOf } from './draft.ts';
import { addedAfter, type Caret, cutInto, joined, movedTo, without, written } from './parts.ts';
import type { PartActions } from './writing.ts';

type Change = (how: (draft: Draft) => Draft, about?: string) => void;

/**
 * What one can do with the parts shown under `tab`: the words for all, or those of a platform, which become its own with
 * the first change while others of `chosen` go on taking those for all. `said` is for people who listen to the page.
 */
export function useThread(change: Change, tab: string, chosen: readonly string[], threads: boolean) {
  const [said, setSaid] = useState('');
  const actions = useMemo<PartActions>(() => {
    const edit = (how: (parts: DraftPart[]) => DraftPart[], about?: string) =>
      change((draft) => {
        const own = asOwn(draft, tab, chosen);
        return withBody(own, tab, (body) => ({ ...body, parts: how(body.parts) }));
      }, about);
    const editPart = (key: string, how: (part: DraftPart) => DraftPart, about?: string) =>
      edit((parts) => parts.map((part) => (part.key === key ? how(part) : part)), about);
    /** Changes the order or number of parts and puts the caret where it belongs then. */
    const restructure = (
      how: (parts: DraftPart[]) => { parts: DraftPart[]; caret?: Caret; says?: string } | undefined,
    ) => {
      let outcome: ReturnType<typeof how>;
      flushSync(() =>
        edit((parts) => {
          outcome = how(parts);
          return outcome?.parts ?? parts;
        }),
      );
      if (outcome?.caret) focusPart(outcome.caret);
      if (outcome?.says) setSaid(outcome.says);
    };
    const arrived = (parts: DraftPart[], key: string) => {
      const index = parts.findIndex((part) => part.key === key);
      return { parts, caret: end(parts[index]), says: `Post ${index + 1} of ${parts.length}` };
    };
    return {
      write(key, text, caret) {
        // A mark is always a line of its own: most keystrokes need no second look.
        if (!threads || !/---[ \t]*\n|\n[ \t]*\n[ \t]*\n/.test(text))
          return editPart(key, (part) => ({ ...part, text }), `text:${tab}:${key}`);
        restructure((parts) => {
          const { split, ...rest } = written(parts, key, text, caret, true);
          return { ...rest, says: split > 0 ? `Split into ${counted(split + 1, 'post')}` : '' };
        });
      },
      addAfter: (key) =>
        restructure((parts) => {
          const part = newPart();
          return { parts: addedAfter(parts, key, part), caret: { key: part.key, at: 0 } };
        }),
      joinBefore: (key) =>
        restructure((parts) => {
          const one = joined(parts, key);
          return one && { ...one, says: 'Joined with the post before' };
        }),
      move: (key, step) =>
        restructure((parts) => arrived(movedTo(parts, key, parts.findIndex((part) => part.key === key) + step), key)),
      place: (key, beside, after) =>
        restructure((parts) => {
          const rest = parts.filter((part) => part.key !== key);
          const to = rest.findIndex((part) => part.key === beside) + (after ? 1 : 0);
          return arrived(movedTo(parts, key, to), key);
        }),
      remove: (key) =>
        restructure((parts) => {
          const index = parts.findIndex((part) => part.key === key);
          const rest = without(parts, key);
          return { parts: rest, caret: end(rest[Math.max(0, index - 1)]), says: 'Removed' };
        }),
      cut: (key, texts) =>
        restructure((parts) => {
          const next = cutInto(parts, key, texts);
          return { parts: next, caret: { key, at: 0 }, says: `Split into ${counted(texts.length, 'post')}` };
        }),
      setMedia: (key, how) => editPart(key, (part) => ({ ...part, media: how(part.media) })),
      setPoll: (key, poll) => editPart(key, (part) => ({ ...part, poll }), poll ? `poll:${tab}:${key}` : undefined),
      announce: setSaid,
    };
  }, [change, chosen, tab, threads]);
  return { actions, said };
}

/** Whether a change under this tab makes the words the platform's own: while another platform still takes those for all. */
export function becomesOwn(draft: Draft, tab: string, chosen: readonly string[]): boolean {
  return tab !== ALL && !draft.own[tab] && chosen.some((platform) => platform !== tab && !draft.own[platform]);
}

/** The draft with other settings for the words under a tab. */
export function withWords(draft: Draft, tab: string, chosen: readonly string[], set: Partial<Body>): Draft {
  return withBody(asOwn(draft, tab, chosen), tab, (body) => ({ ...body, ...set }));
}

function asOwn(draft: Draft, tab: string, chosen: readonly string[]): Draft {
  return becomesOwn(draft, tab, chosen) ? fork(draft, tab, true, chosen) : draft;
}

function end(part: DraftPart | undefined): Caret | undefined {
  return part && { key: part.key, at: part.text.length };
}

/** What is typed next goes there, so it is not put off to a later moment. */
export function focusPart({ key, at }: Caret): void {
  const field = document.querySelector<HTMLTextAreaElement>(`[data-part="${key}"] textarea`);
  field?.focus();
  field?.setSelectionRange(at, at);
  field?.scrollIntoView({ block: 'nearest' });
}

export function focusEnd(draft: Draft, tab: string, key: string): void {
  const part = wordsOf(draft, tab).parts.find((each) => each.key === key);
  focusPart({ key, at: part?.text.length ?? 0 });
}
