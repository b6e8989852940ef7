import { useEffect } from 'react';

/**
 * What a key does: a single letter (`c`), a letter after G (`g c`, with Shift `g C`), or `?`. Keys typed into a field, or with a
 * modifier, or while a dialog is open never count. ⌘K belongs to the palette, which listens for itself.
 */
export type Keys = Record<string, () => void>;

const storageName = 'fanfare-single-keys';
/** How long G waits for its letter, in milliseconds. */
const patience = 1200;

/** Single-key shortcuts can be switched off, for people who speak to their computer (WCAG 2.1.4). */
export function singleKeysOn(): boolean {
  return localStorage.getItem(storageName) !== 'off';
}

export function switchSingleKeys(on: boolean): void {
  localStorage.setItem(storageName, on ? 'on' : 'off');
}

/** The word for the command key on this machine: `⌘` or `Ctrl`. */
export function commandKey(): string {
  return /Mac|iPhone|iPad/.test(navigator.platform) ? '⌘' : 'Ctrl ';
}

/** Listens for as long as the component is on the page. */
export function useKeys(keys: Keys): void {
  useEffect(() => {
    let leader: { key: string; at: number } | undefined;
    const listen = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      if (isTyping(event.target) || document.querySelector('[role="dialog"]') || !singleKeysOn()) return;
      // Shift asks for the capital; Caps Lock does not.
      const key = event.shiftKey ? event.key : event.key.toLowerCase();
      const led = leader && event.timeStamp - leader.at < patience ? `${leader.key} ${key}` : undefined;
      leader = undefined;
      const action = (led && keys[led]) ?? keys[key];
      if (action) {
        event.preventDefault();
        action();
      } else if (key === 'g') {
        leader = { key, at: event.timeStamp };
      }
    };
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, [keys]);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select, [role="textbox"], [role="combobox"]'))
  );
}
