import { type Body, type Draft, newPart } from './draft.ts';

/** What one has typed, kept in the browser until the server has it, so that a crash or a lost network loses nothing. */
export interface Rescued {
  /** The version it was based on; 0 = the post is not stored yet. */
  version: number;
  draft: Draft;
  accountIds: string[];
  /** When it was kept, in milliseconds since 1970. */
  at: number;
  /** Whether the server has these words; then only the accounts are news. */
  stored: boolean;
}

const PREFIX = 'fanfare-compose:';
const KEPT_FOR = 30 * 86_400_000;

/** The name of what is kept for a post, or for a new one of an app. */
export function rescueName(post: string | undefined, appId: string): string {
  return `${PREFIX}${post ?? `new:${appId}`}`;
}

/** Keeps it now. A full or forbidden storage costs the safety net, not the writing. */
export function rescue(name: string, kept: Rescued): void {
  try {
    localStorage.setItem(name, JSON.stringify(kept));
  } catch {
    forget(name);
  }
}

export function forget(name: string): void {
  try {
    localStorage.removeItem(name);
  } catch {
    // A storage that cannot be opened holds nothing to forget.
  }
}

/** What was kept, its parts under fresh keys; nothing when there is none, or it is no draft of this program's kind. */
export function rescued(name: string): Rescued | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(name) ?? 'null') as Rescued | null;
    if (!kept?.draft?.base?.parts?.length || Date.now() - kept.at > KEPT_FOR) return undefined;
    const own = Object.entries(kept.draft.own).map(([platform, body]) => [platform, refreshed(body)]);
    return { ...kept, draft: { ...kept.draft, base: refreshed(kept.draft.base), own: Object.fromEntries(own) } };
  } catch {
    return undefined;
  }
}

function refreshed(body: Body): Body {
  return { ...body, parts: body.parts.map((part) => ({ ...part, key: newPart().key })) };
}
