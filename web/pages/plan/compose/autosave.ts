import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { api } from '#web/api.ts';
import { postQuery } from '#web/queries.ts';
import { reasonOf } from '#web/refusal.ts';
import { type Draft, draftOf, inputOf, isEmpty, type Post, sameWords } from './draft.ts';
import { beginning, type History, redone, stepped, undone } from './history.ts';
import { forget, type Rescued, rescue, rescueName } from './rescue.ts';

/** Typing pauses for so long before it is stored, in milliseconds. */
const PAUSE = 700;

export type Saving =
  | { at: 'new' | 'saved' | 'waiting' | 'saving' }
  /** Somebody, or another window, stored a newer text: it stands in `theirs` once it has come. */
  | { at: 'conflict'; theirs?: Post }
  | { at: 'refused'; error: unknown };

/** What a composer begins with: a post or nothing, and what was kept from before a crash. */
export interface Start {
  appId: string;
  draft: Draft;
  post?: Post | undefined;
  kept?: Rescued | undefined;
  onCreated(id: string): void;
}

/**
 * A draft that stores itself while one writes, with what can be taken back. Saves follow each other, never cross; the
 * text on the screen is never replaced by an answer. Each change is kept in the browser at once and for as long as the
 * server does not have it. `onCreated` tells the id once the first words were stored.
 */
export function useAutosave(start: Start, accountIds: string[]) {
  const { appId, onCreated, kept } = start;
  const queries = useQueryClient();
  const [history, setHistory] = useState<History<Draft>>(() => beginning(kept?.draft ?? start.draft));
  const [id, setId] = useState(start.post?.id);
  const [saving, setSaving] = useState<Saving>({ at: kept ? 'waiting' : start.post ? 'saved' : 'new' });
  const known = useRef({ id: start.post?.id, version: kept?.version ?? start.post?.version ?? 0 });
  /** What this browser may have sent without hearing of it. */
  const unheard = useRef(kept?.draft);
  const latest = useRef(history);
  const accounts = useRef(accountIds);
  accounts.current = accountIds;
  const pending = useRef(false);
  const refused = useRef(false);
  const running = useRef<Promise<void>>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const keep = useCallback(
    (stored: boolean) => {
      const { version, id: post } = known.current;
      const draft = latest.current.now;
      rescue(rescueName(post, appId), { version, draft, accountIds: accounts.current, at: Date.now(), stored });
    },
    [appId],
  );

  const store = useCallback(async () => {
    pending.current = false;
    refused.current = false;
    const { now } = latest.current;
    setSaving({ at: 'saving' });
    try {
      if (known.current.id) {
        const { id: postId, version } = known.current;
        known.current = {
          ...known.current,
          version: (await api.posts.update({ postId, version, ...inputOf(now) })).version,
        };
      } else {
        const made = await api.posts.create({ appId, ...inputOf(now) });
        known.current = made;
        forget(rescueName(undefined, appId));
        setId(made.id);
        onCreated(made.id);
      }
      keep(!pending.current);
      setSaving({ at: pending.current ? 'waiting' : 'saved' });
      await queries.invalidateQueries({ queryKey: ['posts'] });
    } catch (error) {
      keep(false);
      refused.current = reasonOf(error) !== 'post_changed';
      if (refused.current) {
        unheard.current = now;
        return setSaving({ at: 'refused', error });
      }
      const theirs = await queries.fetchQuery({ ...postQuery(known.current.id!), staleTime: 0 }).catch(() => undefined);
      if (theirs && [unheard.current, now].some((own) => own && sameWords(own, draftOf(theirs)))) {
        // Nobody else wrote: it is what was sent from here, and only the answer was lost.
        unheard.current = undefined;
        known.current = { ...known.current, version: theirs.version };
        pending.current = true;
        return;
      }
      setSaving(theirs ? { at: 'conflict', theirs } : { at: 'conflict' });
    }
  }, [appId, keep, onCreated, queries]);

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

  const take = useCallback(
    (next: History<Draft>) => {
      if (next.now === latest.current.now) return;
      latest.current = next;
      setHistory(next);
      if (!known.current.id && isEmpty(next.now)) return forget(rescueName(undefined, appId));
      pending.current = true;
      keep(false);
      setSaving((before) => (before.at === 'conflict' ? before : { at: 'waiting' }));
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), PAUSE);
    },
    [appId, flush, keep],
  );

  const change = useCallback(
    (how: (draft: Draft) => Draft, about?: string) =>
      take(stepped(latest.current, how(latest.current.now), performance.now(), about)),
    [take],
  );
  const undo = useCallback(() => take(undone(latest.current)), [take]);
  const redo = useCallback(() => take(redone(latest.current)), [take]);

  /** Stores it again, after a refusal or what was kept from before a crash. */
  const again = useCallback(async () => {
    pending.current = true;
    await flush();
  }, [flush]);

  /** After a conflict: stores this text over the newer one. */
  const keepMine = useCallback(async () => {
    if (!known.current.id) return;
    const theirs = await queries.fetchQuery({ ...postQuery(known.current.id), staleTime: 0 });
    known.current.version = theirs.version;
    await again();
  }, [again, queries]);

  /** After a conflict: shows the newer text. This one can be had back by taking a step back. */
  const takeTheirs = useCallback(async () => {
    if (!known.current.id) return;
    const theirs = await queries.fetchQuery({ ...postQuery(known.current.id), staleTime: 0 });
    known.current.version = theirs.version;
    pending.current = false;
    latest.current = stepped(latest.current, draftOf(theirs), performance.now());
    setHistory(latest.current);
    keep(true);
    setSaving({ at: 'saved' });
  }, [keep, queries]);

  /** Forgets what was kept from before a crash, for what the server has. */
  const dropKept = useCallback(() => {
    known.current.version = start.post?.version ?? 0;
    pending.current = false;
    latest.current = beginning(start.draft);
    setHistory(latest.current);
    forget(rescueName(known.current.id, appId));
    setSaving({ at: start.post ? 'saved' : 'new' });
  }, [appId, start]);

  useEffect(() => {
    const leave = () => void (document.visibilityState === 'hidden' && flush());
    const online = () => void (refused.current && again());
    const warn = (event: BeforeUnloadEvent) => {
      if (pending.current || running.current) event.preventDefault();
    };
    document.addEventListener('visibilitychange', leave);
    window.addEventListener('online', online);
    window.addEventListener('beforeunload', warn);
    return () => {
      document.removeEventListener('visibilitychange', leave);
      window.removeEventListener('online', online);
      window.removeEventListener('beforeunload', warn);
      void flush();
    };
  }, [again, flush]);

  const current = useCallback(() => latest.current.now, []);
  return {
    id,
    draft: history.now,
    history,
    current,
    change,
    undo,
    redo,
    saving,
    flush,
    again,
    keepMine,
    takeTheirs,
    dropKept,
  };
}
