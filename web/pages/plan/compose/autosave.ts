import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '#web/api.ts';
import { postQuery } from '#web/queries.ts';
import { reasonOf } from '#web/refusal.ts';
import { type Draft, draftOf, inputOf, isEmpty, type Post } from './draft.ts';

/** Typing pauses for so long before it is stored, in milliseconds. */
const PAUSE = 700;

export type Saving =
  | { at: 'new' | 'saved' | 'waiting' | 'saving' }
  /** Somebody, or another window, stored a newer text. */
  | { at: 'conflict' }
  | { at: 'refused'; error: unknown };

/**
 * A draft that stores itself while one writes. Saves follow each other, never cross; the text on the screen is never
 * replaced by an answer. `onCreated` tells the id once the first words were stored.
 */
export function useAutosave(start: {
  appId: string;
  draft: Draft;
  post?: Post | undefined;
  onCreated(id: string): void;
}) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState(start.draft);
  const [id, setId] = useState(start.post?.id);
  const [saving, setSaving] = useState<Saving>({ at: start.post ? 'saved' : 'new' });
  const known = useRef({ id: start.post?.id, version: start.post?.version ?? 0 });
  const latest = useRef(start.draft);
  const pending = useRef(false);
  const running = useRef<Promise<void>>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const { appId, onCreated } = start;

  const store = useCallback(async () => {
    pending.current = false;
    const now = latest.current;
    setSaving({ at: 'saving' });
    try {
      if (known.current.id) {
        const { version } = await api.posts.update({
          postId: known.current.id,
          version: known.current.version,
          ...inputOf(now),
        });
        known.current.version = version;
      } else {
        const made = await api.posts.create({ appId, ...inputOf(now) });
        known.current = made;
        setId(made.id);
        onCreated(made.id);
      }
      setSaving({ at: pending.current ? 'waiting' : 'saved' });
      await queries.invalidateQueries({ queryKey: ['posts'] });
    } catch (error) {
      setSaving(reasonOf(error) === 'post_changed' ? { at: 'conflict' } : { at: 'refused', error });
    }
  }, [appId, onCreated, queries]);

  /** Stores what is not stored yet, now. Answers the id, or nothing when there was nothing to store or it was refused. */
  const flush = useCallback(async (): Promise<string | undefined> => {
    clearTimeout(timer.current);
    while (pending.current || running.current) {
      running.current ??= store().finally(() => {
        running.current = undefined;
      });
      await running.current;
    }
    return known.current.id;
  }, [store]);

  const change = useCallback(
    (how: (draft: Draft) => Draft) => {
      const next = how(latest.current);
      latest.current = next;
      setDraft(next);
      if (!known.current.id && isEmpty(next)) return;
      pending.current = true;
      setSaving((now) => (now.at === 'conflict' ? now : { at: 'waiting' }));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), PAUSE);
    },
    [flush],
  );

  /** After a conflict: stores this text over the newer one. */
  const keepMine = useCallback(async () => {
    if (!known.current.id) return;
    const theirs = await queries.fetchQuery({ ...postQuery(known.current.id), staleTime: 0 });
    known.current.version = theirs.version;
    pending.current = true;
    await flush();
  }, [flush, queries]);

  /** After a conflict: shows the newer text and forgets this one. */
  const takeTheirs = useCallback(async () => {
    if (!known.current.id) return;
    const theirs = await queries.fetchQuery({ ...postQuery(known.current.id), staleTime: 0 });
    known.current.version = theirs.version;
    pending.current = false;
    latest.current = draftOf(theirs);
    setDraft(latest.current);
    setSaving({ at: 'saved' });
  }, [queries]);

  useEffect(() => {
    const leave = () => void (document.visibilityState === 'hidden' && flush());
    const warn = (event: BeforeUnloadEvent) => {
      if (pending.current || running.current) event.preventDefault();
    };
    document.addEventListener('visibilitychange', leave);
    window.addEventListener('beforeunload', warn);
    return () => {
      document.removeEventListener('visibilitychange', leave);
      window.removeEventListener('beforeunload', warn);
      void flush();
    };
  }, [flush]);

  return { id, draft, change, saving, flush, keepMine, takeTheirs };
}
