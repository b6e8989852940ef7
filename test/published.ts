import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * Published cases with known results lie beside the repository, not in it (their licences differ from ours). The text
 * of one of them, or null where they are absent: a test then skips and says so in its name.
 */
export function published(path: string): string | null {
  const file = resolve(import.meta.dirname, '..', '..', 'shared', 'data', path);
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}
