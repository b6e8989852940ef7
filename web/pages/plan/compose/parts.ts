import { splitMarked } from '#src/plan/writing/split.ts';
import { type DraftPart, newPart } from './draft.ts';

/** A place in a thread: the part and the UTF-16 index in its text. */
export interface Caret {
  key: string;
  at: number;
}

/**
 * Puts `text` into a part. Where it holds marks (`---`, two blank lines) it becomes several parts; the caret goes along.
 * What hangs on the part (pictures, poll) stays with the first.
 */
export function written(
  parts: DraftPart[],
  key: string,
  text: string,
  caret: number,
  splits: boolean,
): { parts: DraftPart[]; caret: Caret; split: number } {
  const part = parts.find((each) => each.key === key);
  const pieces = splits ? splitMarked(text) : [];
  if (!part || pieces.length < 2) {
    return {
      parts: parts.map((each) => (each.key === key ? { ...each, text } : each)),
      caret: { key, at: caret },
      split: 0,
    };
  }
  const fresh = pieces.map((piece, index) => (index === 0 ? { ...part, text: piece.text } : newPart(piece.text)));
  const index = Math.max(
    0,
    pieces.findLastIndex((piece) => piece.start <= caret),
  );
  const at = Math.min(pieces[index]!.text.length, caret - pieces[index]!.start);
  return {
    parts: parts.flatMap((each) => (each.key === key ? fresh : [each])),
    caret: { key: fresh[index]!.key, at: Math.max(0, at) },
    split: pieces.length - 1,
  };
}

/** The part and the one before it as one; where the caret then stands. Nothing for the first part. */
export function joined(parts: DraftPart[], key: string): { parts: DraftPart[]; caret: Caret } | undefined {
  const index = parts.findIndex((part) => part.key === key);
  const before = parts[index - 1];
  const part = parts[index];
  if (!before || !part) return undefined;
  const seam = before.text !== '' && part.text !== '' ? '\n\n' : '';
  const one = {
    ...before,
    text: before.text + seam + part.text,
    media: [...before.media, ...part.media],
    poll: before.poll ?? part.poll,
  };
  return {
    parts: parts.flatMap((each, at) => (at === index ? [] : at === index - 1 ? [one] : [each])),
    caret: { key: before.key, at: before.text.length + seam.length },
  };
}

/** The parts with one of them at another place; 0 is the first. */
export function movedTo(parts: DraftPart[], key: string, to: number): DraftPart[] {
  const from = parts.findIndex((part) => part.key === key);
  const place = Math.max(0, Math.min(parts.length - 1, to));
  if (from < 0 || from === place) return parts;
  const next = [...parts];
  next.splice(place, 0, ...next.splice(from, 1));
  return next;
}

export function addedAfter(parts: DraftPart[], key: string, part: DraftPart): DraftPart[] {
  return parts.flatMap((each) => (each.key === key ? [each, part] : [each]));
}

/** Without one part; a thread always keeps one. */
export function without(parts: DraftPart[], key: string): DraftPart[] {
  const rest = parts.filter((part) => part.key !== key);
  return rest.length > 0 ? rest : [newPart()];
}

/** One part as several with these texts; what hangs on it stays with the first. */
export function cutInto(parts: DraftPart[], key: string, texts: readonly string[]): DraftPart[] {
  return parts.flatMap((part) =>
    part.key === key ? texts.map((text, index) => (index === 0 ? { ...part, text } : newPart(text))) : [part],
  );
}

/** Where two texts begin to differ and the later one stops: for putting the caret back after an undo. */
export function changedAt(before: DraftPart[], after: DraftPart[]): Caret | undefined {
  for (const part of after) {
    const was = before.find((each) => each.key === part.key);
    if (was && was.text === part.text) continue;
    if (!was) return { key: part.key, at: part.text.length };
    let end = 0;
    const most = Math.min(was.text.length, part.text.length);
    while (end < most && was.text.at(-1 - end) === part.text.at(-1 - end)) end += 1;
    return { key: part.key, at: part.text.length - end };
  }
  const last = after.at(-1);
  return last && before.length !== after.length ? { key: last.key, at: last.text.length } : undefined;
}
