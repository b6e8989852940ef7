import { createContext, use } from 'react';
import type { DraftMedia, Poll } from './draft.ts';
import type { PlatformInfo } from './measure.ts';

export interface PartActions {
  /** `caret` is where it stands in `text`; marks in the text split the part. */
  write(key: string, text: string, caret: number): void;
  addAfter(key: string): void;
  joinBefore(key: string): void;
  move(key: string, step: -1 | 1): void;
  /** Puts a part before or after another one, as it was dropped. */
  place(key: string, beside: string, after: boolean): void;
  remove(key: string): void;
  cut(key: string, texts: string[]): void;
  setMedia(key: string, how: (media: DraftMedia[]) => DraftMedia[]): void;
  setPoll(key: string, poll: Poll | null): void;
  /** Says it to people who listen to the page. */
  announce(words: string): void;
}

/** What every part of the thread needs to know of the post it stands in. */
export interface Writing {
  appId: string;
  workspaceId: string | undefined;
  /** Where these words go. */
  platforms: PlatformInfo[];
  longPost: boolean;
  /** What stands for the tracked link until there is one. */
  sample: string;
  author: { name: string; avatarUrl: string | null };
  postId: string | undefined;
  readOnly: boolean;
  /** Whether a part may become several: one of the platforms has threads. */
  threads: boolean;
  actions: PartActions;
}

export const WritingContext = createContext<Writing | undefined>(undefined);

export function useWriting(): Writing {
  const writing = use(WritingContext);
  if (!writing) throw new Error('A part of a thread needs the composer around it.');
  return writing;
}
