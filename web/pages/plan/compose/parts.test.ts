import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draftOf, emptyDraft, fork, inheriting, inputOf, newPart, rehomed, withBody, wordsOf } from './draft.ts';
import { changedAt, cutInto, joined, movedTo, without, written } from './parts.ts';

const thread = (...texts: string[]) => texts.map((text) => newPart(text));
const texts = (parts: { text: string }[]) => parts.map((part) => part.text);

describe('the parts of a thread', () => {
  test('a mark splits, the caret goes along, and Backspace at the start joins them again', () => {
    const parts = thread('before', 'One');
    const key = parts[1]!.key;
    const split = written(parts, key, 'One\n---\nTwo', 11, true);
    expect(texts(split.parts)).toEqual(['before', 'One', 'Two']);
    expect(split.caret).toEqual({ key: split.parts[2]!.key, at: 3 });
    const one = joined(split.parts, split.parts[2]!.key)!;
    expect(texts(one.parts)).toEqual(['before', 'One\n\nTwo']);
    expect(one.caret).toEqual({ key, at: 5 });
    expect(joined(parts, parts[0]!.key)).toBeUndefined();
    expect(texts(written(parts, key, 'One\n---\nTwo', 11, false).parts)).toEqual(['before', 'One\n---\nTwo']);
  });

  test('what hangs on a part stays with the first of those it becomes', () => {
    const poll = { minutes: 60, options: ['a', 'b'] };
    const parts = [{ ...newPart('One'), poll }];
    expect(written(parts, parts[0]!.key, 'a\n---\nb', 7, true).parts.map((part) => part.poll)).toEqual([poll, null]);
    expect(cutInto(parts, parts[0]!.key, ['a', 'b', 'c']).map((part) => part.poll)).toEqual([poll, null, null]);
  });

  test('moving keeps every part and changes one place', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), fc.nat(8), fc.integer({ min: -2, max: 12 }), (count, from, to) => {
        const parts = thread(...Array.from({ length: count }, (_, index) => String(index)));
        const moved = movedTo(parts, parts[from % count]!.key, to);
        expect(texts(moved).toSorted()).toEqual(texts(parts));
        expect(moved[Math.max(0, Math.min(count - 1, to))]).toBe(parts[from % count]);
      }),
    );
  });

  test('a thread always keeps one part', () => {
    const [part] = thread('One');
    expect(texts(without([part!], part!.key))).toEqual(['']);
  });

  test('after an undo the caret stands where the text changed', () => {
    const before = thread('One', 'Two and three');
    const after = [before[0]!, { ...before[1]!, text: 'Two and three hundred' }];
    expect(changedAt(before, after)).toEqual({ key: before[1]!.key, at: 21 });
    expect(changedAt(after, before)).toEqual({ key: before[1]!.key, at: 13 });
    expect(changedAt(before, before)).toBeUndefined();
  });
});

describe('words for all and words of one platform', () => {
  const chosen = ['x', 'bluesky', 'linkedin'];
  const start = withBody(emptyDraft('x', 'https://outpost.dev', null), 'all', (body) => ({
    ...body,
    parts: thread('One', 'Two'),
  }));

  test('a platform begins with those for all, and takes them again when it gives up its own', () => {
    const own = withBody(fork(start, 'bluesky', true, chosen), 'bluesky', (body) => ({
      ...body,
      parts: thread('Sky'),
    }));
    expect(texts(wordsOf(own, 'x').parts)).toEqual(['One', 'Two']);
    expect(texts(wordsOf(own, 'bluesky').parts)).toEqual(['Sky']);
    expect(inputOf(own).variants.map(({ platform }) => platform)).toEqual(['x', 'bluesky']);
    expect(inheriting(own, 'bluesky', chosen)).toMatchObject({ home: 'x', own: {} });
  });

  test('where there are no threads they begin in one piece', () => {
    expect(texts(wordsOf(fork(start, 'linkedin', false, chosen), 'linkedin').parts)).toEqual(['One\n\nTwo']);
  });

  test('those for all move to a platform that takes them, and are not stored while none does', () => {
    const moved = fork(start, 'x', true, chosen);
    expect(inputOf(moved).variants.map(({ platform }) => platform)).toEqual(['bluesky', 'x']);
    const alone = rehomed(moved, ['x']);
    expect(inputOf(alone).variants.map(({ platform }) => platform)).toEqual(['x']);
    expect(texts(rehomed(alone, ['x', 'linkedin']).base.parts)).toEqual(['One', 'Two']);
  });

  test('what was stored opens as it was', () => {
    const variants = inputOf(fork(start, 'bluesky', true, chosen)).variants;
    const post = { title: 'Untitled post', campaign: null, linkUrl: null, variants } as unknown as Parameters<
      typeof draftOf
    >[0];
    const opened = draftOf(post);
    expect(opened).toMatchObject({ home: 'x', title: '' });
    expect(inputOf(opened).variants).toEqual(variants);
  });
});
