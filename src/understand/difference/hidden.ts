/** What is put out of sight when words are compared. */

import { fold } from '#src/understand/reading/tree.ts';
import type { Lines } from './lines.ts';
import { keyOf, mask, trialsIn } from './mask.ts';
import { type NoiseKind, plain } from './noise.ts';
import type { Saying, Shape } from './shape.ts';

/** Remembers what was put out of sight, and makes sayings. */
export class Hidden {
  readonly #noise: Map<NoiseKind, Set<string>>;

  constructor(noise: Lines['noise']) {
    this.#noise = noise;
  }

  saying(words: string, where: string, counts: boolean, shown = words): Saying {
    const { text, hid } = mask(trialsIn(words).rest, counts);
    for (const kind of hid) this.#noise.set(kind, (this.#noise.get(kind) ?? new Set()).add(plain(words)));
    return { text: fold(shown), key: keyOf(text), where };
  }

  list(): Shape['noise'] {
    return Object.fromEntries(
      [...this.#noise].map(([kind, texts]) => [kind, [...texts].slice(0, 300).map((text) => text.slice(0, 200))]),
    );
  }
}
